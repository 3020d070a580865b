"""What is over its time goes, to the day, with a report; what is not stays, whoever asks the database."""

from datetime import date, time, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from assignments.models import Order, Session
from desk.models import RemovalReport, RetentionRun
from desk.periods import months_of, set_months
from desk.retention import carry_out, due
from experts.models import Absence, Contract, Expert, ReadLog
from fees.actions import correct
from fees.models import HourList, HourRow, PaymentRun, RunDocument, RunLine
from fees.rules import can_go
from office.errors import Refused
from office.models import LogEntry, OutboxMessage, RetentionPeriod
from office.periods import add_months, border, kept_until
from office.rights import CLASSES, clear
from office.workdays import at_wall_clock, local_date
from tests.conftest import Cast, Clock
from tests.desk.years_ago import contract_of, paid_month
from tests.factories import at, make_order

#: October 2014 was paid on Friday 28 November 2014 (the last day was a Sunday).
OCTOBER = date(2014, 10, 1)
LAST_DAY = at(2024, 11, 28, 9)
DAY_AFTER = at(2024, 11, 29, 0, 1)


# --- the days, without a database -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "months", "last"),
    [
        (date(2014, 11, 28), 120, date(2024, 11, 28)),
        (date(2016, 2, 29), 120, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 5, 5), 0, date(2024, 5, 5)),
    ],
)
def test_the_last_day_on_which_something_is_kept(ended: date, months: int, last: date) -> None:
    assert kept_until(ended, months) == last
    assert ended >= border(last, months)
    assert ended < border(last + timedelta(days=1), months)


def test_every_day_of_eight_years_the_border_and_the_last_day_agree() -> None:
    today = date(2024, 2, 27)
    while today < date(2032, 3, 3):
        for months in (0, 1, 12, 120):
            first_kept = border(today, months)
            assert kept_until(first_kept, months) >= today
            assert kept_until(first_kept - timedelta(days=1), months) < today
        today += timedelta(days=1)


def test_months_go_back_over_new_year() -> None:
    assert add_months(date(2026, 1, 15), -13) == date(2024, 12, 15)


@pytest.mark.parametrize(
    ("over", "corrected", "going"),
    [
        ({1, 2}, set(), {1, 2}),
        ({1, 2}, {(1, 2)}, {1, 2}),
        ({1, 2}, {(1, 3)}, {2}),
        ({1, 2, 3}, {(1, 2), (2, 3), (3, 4)}, set()),
        ({1}, {(1, 0)}, set()),
    ],
    ids=["free", "both old", "a younger one corrects", "a chain", "a correction waits"],
)
def test_a_run_waits_for_the_one_that_corrects_it(
    over: set[int], corrected: set[tuple[int, int]], going: set[int]
) -> None:
    assert can_go(over, corrected) == going


# --- fees: ten years after they were paid ---------------------------------------------------------------------------


def test_a_paid_month_stays_through_its_last_day_and_goes_on_the_next(cast: Cast) -> None:
    run = paid_month(cast, OCTOBER)
    assert run.pay_date == date(2014, 11, 28)
    carry_out(by=None, at=LAST_DAY)
    assert PaymentRun.objects.filter(pk=run.pk).exists()
    assert RunLine.objects.count() == 1
    carry_out(by=None, at=DAY_AFTER)
    left = [model.objects.count() for model in (PaymentRun, RunLine, RunDocument, HourList, HourRow, Session)]
    assert left == [0, 0, 0, 0, 0, 0]
    report = RemovalReport.objects.get(record_class="fees")
    assert (report.removed, report.oldest, report.border) == (1, date(2014, 11, 28), date(2014, 11, 29))
    assert report.tables["fees.RunLine"] == 1
    assert report.tables["assignments.Session"] == 1


def test_the_day_is_the_day_in_helsinki(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    carry_out(by=None, at=at(2024, 11, 28, 23, 59))  # 21:59 UTC
    assert PaymentRun.objects.count() == 1
    carry_out(by=None, at=at(2024, 11, 29, 0, 0))  # 22:00 UTC of the 28th
    assert PaymentRun.objects.count() == 0


def test_totals_of_what_remains_are_what_they_were(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    young = paid_month(cast, date(2015, 3, 1))
    carry_out(by=None, at=DAY_AFTER)
    [stayed] = PaymentRun.objects.all()
    assert (stayed.pk, stayed.total, stayed.lines_hash) == (young.pk, young.total, young.lines_hash)
    assert stayed.lines.aggregate(sum=Sum("amount"))["sum"] == young.total
    assert Session.objects.count() == 1


def test_a_run_that_a_younger_one_corrects_stays_with_it(cast: Cast) -> None:
    old = paid_month(cast, OCTOBER)
    correct(old.lines.get(), Decimal("-5.00"), by=cast.coordinator, at=at(2015, 3, 2, 9), reason="too long")
    carry_out(by=None, at=DAY_AFTER)
    assert PaymentRun.objects.count() == 1, "a correction waits for the next payment"
    young = paid_month(cast, date(2015, 3, 1))
    assert young.lines.filter(kind="correction").count() == 1
    carry_out(by=None, at=DAY_AFTER)
    assert PaymentRun.objects.count() == 2
    carry_out(by=None, at=at(2025, 5, 2, 9))
    assert PaymentRun.objects.count() == 0
    assert not RemovalReport.objects.exclude(problem="").exists()


def test_an_unpaid_run_never_goes(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    unpaid = paid_month(cast, date(2014, 11, 1), paid=False)
    carry_out(by=None, at=at(2025, 6, 1, 9))
    assert list(PaymentRun.objects.values_list("pk", flat=True)) == [unpaid.pk]
    assert RunLine.objects.count() == 1


# --- the database guards -------------------------------------------------------------------------------------------

FROZEN = r"append_only|never_changed"
GUARDED = ["fees_runline", "fees_rundocument", "fees_hourrow", "fees_hourlist", "fees_paymentrun", "office_logentry"]


def delete(table: str, *, mark: str | None = None) -> int:
    """A plain DELETE by somebody at the database, with or without the mark of the job."""
    with transaction.atomic(), connection.cursor() as cursor:
        if mark is not None:
            cursor.execute("SELECT set_config('erfa.retention', %s, TRUE)", [mark])
        cursor.execute(f"DELETE FROM {table}")  # noqa: S608 - names of the list above
        count: int = cursor.rowcount
        transaction.set_rollback(True)
    return count


@pytest.mark.parametrize("table", GUARDED)
def test_sql_removes_no_frozen_row_without_the_mark(cast: Cast, table: str) -> None:
    paid_month(cast, OCTOBER)
    with pytest.raises(IntegrityError, match=FROZEN):
        delete(table)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("mark", ["2024-11-28", ""], ids=["a day too early", "an empty mark"])
def test_sql_removes_no_young_row_under_the_mark(cast: Cast, table: str, mark: str) -> None:
    paid_month(cast, date(2024, 10, 1))
    with pytest.raises(IntegrityError, match=FROZEN):
        delete(table, mark=mark)


@pytest.mark.parametrize("table", GUARDED)
def test_a_mark_of_a_day_to_come_counts_as_today(cast: Cast, table: str) -> None:
    paid_month(cast, date(2026, 3, 1))
    with pytest.raises(IntegrityError, match=FROZEN):
        delete(table, mark="2099-01-01")


def test_sql_removes_an_old_document_under_the_mark(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    assert delete("fees_rundocument", mark="2024-11-29") == 1
    with pytest.raises(IntegrityError):
        delete("fees_rundocument", mark="2024-11-28")


def test_the_mark_is_gone_after_the_job(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    carry_out(by=None, at=LAST_DAY)
    with pytest.raises(IntegrityError):
        delete("fees_rundocument")


@pytest.mark.parametrize("table", ["desk_retentionrun", "desk_removalreport"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_reports_are_never_changed(cast: Cast, table: str, sql: str) -> None:
    paid_month(cast, OCTOBER)
    carry_out(by=None, at=DAY_AFTER)
    with pytest.raises(IntegrityError, match="never_changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


def test_a_decided_period_holds_in_the_database_too(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    set_months(CLASSES["fees"], 132, by=cast.coordinator, at=LAST_DAY)
    with pytest.raises(IntegrityError):
        delete("fees_rundocument", mark="2025-11-28")
    carry_out(by=None, at=at(2025, 11, 28, 9))
    assert PaymentRun.objects.count() == 1
    carry_out(by=None, at=at(2025, 11, 29, 9))
    assert PaymentRun.objects.count() == 0


# --- contracts, orders and the rest --------------------------------------------------------------------------------


def test_a_contract_goes_ten_years_after_its_end_when_no_session_leans_on_it(cast: Cast) -> None:
    old = contract_of(cast.second_expert, 2014)
    carry_out(by=None, at=at(2024, 12, 31, 23))
    assert Contract.objects.filter(pk=old.pk).exists()
    with pytest.raises(IntegrityError, match="contract_is_kept"), transaction.atomic():
        Contract.objects.filter(pk=old.pk).delete()
    carry_out(by=None, at=at(2025, 1, 1, 0))
    assert not Contract.objects.filter(pk=old.pk).exists()


def test_a_contract_waits_for_its_sessions(cast: Cast) -> None:
    paid_month(cast, date(2014, 12, 1))  # paid on 30 January 2015
    carry_out(by=None, at=at(2025, 1, 15, 9))
    assert Contract.objects.filter(valid_from__year=2014).exists()
    carry_out(by=None, at=at(2025, 2, 2, 9))
    assert not Contract.objects.filter(valid_from__year=2014).exists()
    assert not RemovalReport.objects.exclude(problem="").exists()


def test_an_order_that_led_to_nothing_goes_after_two_years(cast: Cast) -> None:
    lost = make_order(unit=cast.unit, orderer=cast.orderer, state="cancelled", created_at=at(2022, 5, 10, 9))
    carry_out(by=None, at=at(2024, 5, 10, 23))
    assert Order.objects.filter(pk=lost.pk).exists()
    carry_out(by=None, at=at(2024, 5, 11, 0))
    assert not Order.objects.filter(pk=lost.pk).exists()


def test_an_order_with_a_paid_session_stays_as_long_as_the_fee(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    carry_out(by=None, at=LAST_DAY)
    assert Order.objects.count() == 1
    carry_out(by=None, at=DAY_AFTER)
    assert Order.objects.count() == 0


def test_looks_messages_absences_and_history_by_their_own_periods(cast: Cast) -> None:
    expert = cast.expert
    look = ReadLog.objects.create(at=at(2019, 6, 1, 23, 30), reader=cast.coordinator, expert=expert, what="page")
    Absence.objects.create(expert=expert, first_day=date(2023, 1, 1), last_day=date(2023, 6, 1))
    day = at(2022, 6, 1)
    OutboxMessage.objects.create(
        recipient=cast.expert_user, kind="offer", language="en", subject="s", body="b", about_type="experts.expert",
        about_id=expert.pk, once="x", state="sent", sent_at=day, created_at=day, due_at=day,
    )  # fmt: skip
    LogEntry.objects.create(at=at(2014, 6, 1), kind="expert.add", object_type="experts.expert", object_id=expert.pk)
    carry_out(by=None, at=at(2024, 6, 1, 12))
    assert not RemovalReport.objects.exists()
    carry_out(by=None, at=at(2024, 6, 2, 0))
    removed = dict(RemovalReport.objects.values_list("record_class", "removed"))
    assert removed == {"read_log": 1, "messages": 1, "absences": 1, "history": 1}
    assert not ReadLog.objects.filter(pk=look.pk).exists()


# --- dry run, twice, problems --------------------------------------------------------------------------------------


def test_a_dry_run_changes_nothing_and_tells_what_would_go(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    before = [model.objects.count() for model in (PaymentRun, RunLine, Session, Contract, LogEntry, RetentionRun)]
    found = {one.found.code: one for one in due(at=DAY_AFTER)}
    assert (found["fees"].rows, found["fees"].oldest) == (1, date(2014, 11, 28))
    assert found["contracts"].rows == 0
    after = [model.objects.count() for model in (PaymentRun, RunLine, Session, Contract, LogEntry, RetentionRun)]
    assert after == before


def test_what_the_dry_run_tells_is_what_goes(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    make_order(unit=cast.unit, orderer=cast.orderer, state="cancelled", created_at=at(2020, 5, 10, 9))
    told = {one.found.code: one.rows for one in due(at=DAY_AFTER) if one.rows}
    carry_out(by=None, at=DAY_AFTER)
    gone = dict(RemovalReport.objects.values_list("record_class", "removed"))
    assert gone["fees"] == told["fees"] == 1
    assert gone["orders"] == told["orders"] + 1, "the order of the paid session became free by the same run"


def test_a_second_time_finds_nothing_more(cast: Cast) -> None:
    paid_month(cast, OCTOBER)
    carry_out(by=None, at=DAY_AFTER)
    count = RemovalReport.objects.count()
    run = carry_out(by=None, at=DAY_AFTER)
    assert RemovalReport.objects.count() == count
    assert not run.removals.exists()


def test_a_class_that_cannot_go_is_told_and_the_others_go(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    paid_month(cast, OCTOBER)
    Absence.objects.create(expert=cast.expert, first_day=date(2014, 1, 1), last_day=date(2014, 1, 2))
    monkeypatch.setattr(CLASSES["fees"], "remove", lambda _ids: clear(Expert.objects.all()))
    run = carry_out(by=None, at=DAY_AFTER)
    told = {one.record_class: (one.removed, bool(one.problem)) for one in run.removals.all()}
    assert told["fees"] == (0, True)
    assert told["absences"] == (1, False)
    assert PaymentRun.objects.count() == 1


def test_the_command_tells_and_does(cast: Cast, clock: Clock) -> None:
    paid_month(cast, OCTOBER)
    clock(DAY_AFTER)
    out = StringIO()
    call_command("retention", "--dry-run", stdout=out)
    assert "Hour lists, fees and statements (10 years): 1 would go, the oldest of 2014-11-28" in out.getvalue()
    assert PaymentRun.objects.count() == 1
    out = StringIO()
    call_command("retention", stdout=out)
    assert "Hour lists, fees and statements: 1 removed, the oldest of 2014-11-28" in out.getvalue()
    out = StringIO()
    call_command("retention", stdout=out)
    assert out.getvalue() == "Nothing is over its time.\n"


def test_the_clock_of_the_night_does_it(cast: Cast, clock: Clock) -> None:
    """Once a night from half past three on, however often, late or doubled the ticks are."""
    from desk.tasks import carry_out_retention  # noqa: PLC0415

    def nights() -> int:
        return RetentionRun.objects.filter(by=None).count()

    paid_month(cast, OCTOBER)
    night = at_wall_clock(local_date(DAY_AFTER), time(3, 30))
    clock(night - timedelta(seconds=1))
    carry_out_retention()
    assert (nights(), PaymentRun.objects.count()) == (0, 1)
    clock(night + timedelta(hours=9))  # the machine was off at night
    carry_out_retention()
    carry_out_retention()  # the tick came twice
    call_command("tick")
    assert (nights(), PaymentRun.objects.count()) == (1, 0)
    clock(night + timedelta(days=1, minutes=1))
    call_command("tick")
    assert nights() == 2
    clock(night + timedelta(days=400))  # the machine's clock was wrong for a while
    call_command("tick")
    clock(night + timedelta(days=2, minutes=1))
    call_command("tick")
    call_command("tick")
    assert nights() == 4


# --- periods -------------------------------------------------------------------------------------------------------


def test_a_period_is_never_shorter_than_the_law_demands(cast: Cast) -> None:
    with pytest.raises(Refused, match="at least 84 months"):
        set_months(CLASSES["fees"], 83, by=cast.coordinator, at=DAY_AFTER)
    assert months_of()["fees"] == 120


def test_only_the_coordinator_sets_a_period(cast: Cast) -> None:
    for person in (cast.finance, cast.named, cast.expert_user):
        with pytest.raises(Refused, match="You may not do this"):
            set_months(CLASSES["messages"], 12, by=person, at=DAY_AFTER)
        with pytest.raises(Refused, match="You may not do this"):
            carry_out(by=person, at=DAY_AFTER)
    assert not RetentionPeriod.objects.exists()


def test_the_same_period_twice_is_one_row_of_history(cast: Cast) -> None:
    for _time in range(2):
        set_months(CLASSES["messages"], 12, by=cast.coordinator, at=DAY_AFTER)
    assert LogEntry.objects.filter(kind="retentionperiod.set").count() == 1


def test_a_class_without_a_period_gets_none(cast: Cast) -> None:
    with pytest.raises(Refused, match="no period"):
        set_months(CLASSES["account"], 12, by=cast.coordinator, at=DAY_AFTER)
