"""Closing a month, paying it, correcting it (R19, R20, R23)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext

from assignments.rules import Event
from experts.models import TaxCard
from fees import preview
from fees import run as building
from fees.actions import (
    approve,
    correct,
    drop_correction,
    make_run,
    mark_paid,
    preview_run,
    send_month,
)
from fees.models import Correction, HourList, PaymentRun, RunLine
from fees.run import COLUMNS, stored_hash
from fees.run_sums import sums_of_run
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, Policy
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    example_items,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_unit,
    make_user,
)
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, approved, closed, paid, sent

NEXT = at(2026, 12, 10, 9)


def held(cast: Cast, day: int = 7, hour: int = 10, **more: Any) -> Any:
    return make_closed_session(at(2026, 10, day, hour), **({"expert": cast.expert, "unit": cast.unit} | more))


def refusal(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.message)


# --- the run ---------------------------------------------------------------------------------------------------------


def test_a_month_is_closed_into_a_numbered_run(cast: Cast) -> None:
    held(cast, 7, travel_km=Decimal(10))
    held(cast, 8, event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 5, 8))
    list_ = approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert (run.number, run.month, run.pay_date, run.state) == (1, OCTOBER, date(2026, 11, 30), "made")
    assert (run.lists, run.rows, run.experts) == (1, 2, 1)
    assert (run.fees, run.travel, run.total) == (Decimal("50.00"), Decimal("5.50"), Decimal("55.50"))
    assert list(run.lines.values_list("position", "kind", "outcome", "amount", "income_type")) == [
        (1, "fee", "held", Decimal("50.00"), "336"),
        (2, "travel", "held", Decimal("5.50"), "311"),
        (3, "fee", "cancelled_in_time", Decimal("0.00"), "336"),
    ]
    list_.refresh_from_db()
    assert (list_.state, list_.run) == ("in_payment", run)
    entry = LogEntry.objects.get(kind="hourlist.take_to_run")
    assert (entry.object_id, entry.actor, entry.facts) == (list_.pk, cast.coordinator, {"rows": 2, "total": "55.50"})
    assert LogEntry.objects.get(kind="paymentrun.make").facts["total"] == "55.50"


def test_a_line_keeps_everything_that_a_document_prints(cast: Cast) -> None:
    session = held(cast, 12, event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 12, 8), orderer=cast.orderer)
    closed(cast.expert, cast.named, cast.coordinator)
    line = RunLine.objects.get()
    assert (line.expert_name, line.expert_language, line.payroll_number) == (
        "Eva Expert",
        "en",
        cast.expert.payroll_number,
    )
    assert (line.unit_code, line.unit_name_fi, line.unit_name_sv, line.cost_centre) == (
        "Y01",
        "Loviisan mielenterveystoimisto",
        "Lovisa mentalvårdsbyrå",
        cast.unit.cost_centre,
    )
    assert (line.orderer_name, line.approver_name) == (str(session.order.orderer), "Nora Named")
    assert (line.outcome, line.rule, line.free_until, line.received_at) == (
        "cancelled_late",
        "R11",
        at(2026, 10, 9, 15),
        at(2026, 10, 12, 8),
    )
    assert (line.fee_code, line.fee_name_fi, line.fee_name_sv) == ("YKS", "Yksilötapaaminen", "Individuell träff")
    assert line.fee_table == "Palkkiotaulukko 2026, Aluehallitus 12.12.2025 § 12, EX/12/2026"
    assert (line.units, line.unit_name, line.unit_price, line.amount) == (
        Decimal(1),
        "meeting",
        Decimal(50),
        Decimal(50),
    )
    assert line.price == session.price


def test_the_bracket_that_fitted_names_the_line(cast: Cast) -> None:
    """Agreed for two hours, done three: another item of the same table."""
    start = at(2026, 10, 7, 9)
    held(cast, 7, 9, kind="development", ends_at=at(2026, 10, 7, 11), done=(start, at(2026, 10, 7, 12)))
    closed(cast.expert, cast.named, cast.coordinator)
    line = RunLine.objects.get()
    names = {item["code"]: item["name_fi"] for item in example_items()}
    assert (line.fee_code, line.fee_name_fi) == ("KEH2", names["KEH2"])


def test_the_columns_of_a_line_are_those_of_the_table() -> None:
    columns = [str(field.column) for field in RunLine._meta.local_concrete_fields]
    assert sorted(columns) == sorted(["id", "run_id", *COLUMNS])


def test_names_sort_as_in_finland(cast: Cast) -> None:
    for last_name in ("Östman", "Zetterberg", "Ääri", "Aalto", "Åberg"):
        expert = make_expert(first_name="Kim", last_name=last_name)
        held(cast, 7, expert=expert)
        approved(expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    names = ["Kim Aalto", "Kim Zetterberg", "Kim Åberg", "Kim Ääri", "Kim Östman"]
    assert list(run.lines.values_list("expert_name", flat=True)) == names


def test_the_sums_are_the_sums_of_the_lines(cast: Cast) -> None:
    held(cast, 7, travel_km=Decimal(10))
    held(cast, 8, unit=cast.other_unit, kind="lecture", agreed_amount=Decimal("333.33"))
    for list_ in send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED):
        approve([list_], by=cast.named if list_.unit == cast.unit else cast.other_named, at=CHECKED)
    preview = preview_run(OCTOBER, at=CLOSED)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    sums = sums_of_run(run)
    assert sums == preview.sums
    assert run.total == preview.total == run.lines.aggregate(sum=Sum("amount"))["sum"] == Decimal("388.83")
    assert [(unit.code, unit.fees, unit.travel, unit.total) for unit in sums.units] == [
        ("Y01", Decimal("50.00"), Decimal("5.50"), Decimal("55.50")),
        ("Y02", Decimal("333.33"), Decimal("0.00"), Decimal("333.33")),
    ]
    assert sums.income_types == (
        ("214", Decimal("333.33")), ("311", Decimal("5.50")), ("336", Decimal("50.00")),
    )  # fmt: skip
    assert dict(sums.cost_centres) == {
        cast.unit.cost_centre: Decimal("55.50"),
        cast.other_unit.cost_centre: Decimal("333.33"),
    }


def test_the_hash_is_that_of_the_stored_lines(cast: Cast) -> None:
    held(cast, 7, travel_km=Decimal("10.5"))
    held(cast, 8, event=Event.EXPERT_ILL, received_at=at(2026, 10, 8, 8))
    run = closed(cast.expert, cast.named, cast.coordinator)
    assert len(run.lines_hash) == 64
    assert stored_hash(run.pk) == run.lines_hash


def test_the_hash_tells_a_changed_cent(cast: Cast) -> None:
    """Somebody who is master of the database can switch the triggers off, but not find the same hash again."""
    held(cast, 7)
    run = closed(cast.expert, cast.named, cast.coordinator)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE fees_runline DISABLE TRIGGER USER")
        cursor.execute("UPDATE fees_runline SET amount = amount + 0.01")
        cursor.execute("ALTER TABLE fees_runline ENABLE TRIGGER USER")
    assert stored_hash(run.pk) != run.lines_hash


def test_a_month_closes_once(cast: Cast) -> None:
    held(cast, 7)
    closed(cast.expert, cast.named, cast.coordinator)
    with pytest.raises(Refused) as error:
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert refusal(error) == "10/2026 has been closed already: payment run 1."
    assert PaymentRun.objects.count() == 1


def test_a_month_that_is_not_over_is_not_closed(cast: Cast) -> None:
    held(cast, 7)
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=at(2026, 10, 20))
    approve([list_], by=cast.named, at=at(2026, 10, 21))
    with pytest.raises(Refused) as error:
        make_run(OCTOBER, by=cast.coordinator, at=at(2026, 10, 31, 23, 59))
    assert refusal(error) == "10/2026 is not over yet."
    assert make_run(OCTOBER, by=cast.coordinator, at=at(2026, 11, 1, 0)).number == 1


def test_a_month_without_approved_lists_is_not_closed(cast: Cast) -> None:
    held(cast, 7)
    sent(cast.expert)
    with pytest.raises(Refused) as error:
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert refusal(error) == "Nothing has been approved for payment."
    assert not PaymentRun.objects.exists()


@pytest.mark.parametrize("who", ["named", "finance", "orderer", "expert_user", "supervisor"])
def test_only_the_coordinator_closes(cast: Cast, who: str) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    with pytest.raises(Refused):
        make_run(OCTOBER, by=getattr(cast, who), at=CLOSED)


def test_a_failed_run_leaves_no_gap_and_no_trace(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    held(cast, 7)
    list_ = approved(cast.expert, cast.named)
    with monkeypatch.context() as broken:
        broken.setattr(building, "store", lambda *_args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    list_.refresh_from_db()
    assert (list_.state, PaymentRun.objects.count(), RunLine.objects.count()) == ("approved", 0, 0)
    assert make_run(OCTOBER, by=cast.coordinator, at=CLOSED).number == 1


def test_lines_that_are_not_what_was_approved_stop_the_run(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """M16: each euro has one source row."""
    held(cast, 7)
    held(cast, 8)
    approved(cast.expert, cast.named)
    monkeypatch.setattr(building, "SOURCE", building.SOURCE + f" AND s.starts_at < '{at(2026, 10, 8, 0)}'")
    with pytest.raises(RuntimeError, match=r"1 rows, 50\.00 € stored; 2 rows, 100\.00 € approved"):
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert not PaymentRun.objects.exists()


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param({"expected_lists": 2, "expected_total": Decimal("50.00")}, id="lists"),
        pytest.param({"expected_lists": 1, "expected_total": Decimal("50.01")}, id="euros"),
    ],
)
def test_another_sum_than_was_shown_closes_nothing(cast: Cast, expected: Any) -> None:
    held(cast, 7)
    list_ = approved(cast.expert, cast.named)
    with pytest.raises(Conflict) as error:
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED, **expected)
    assert refusal(error) == "Lists have been approved or taken back since you opened the page. Look again."
    list_.refresh_from_db()
    assert (list_.state, PaymentRun.objects.count(), RunLine.objects.count()) == ("approved", 0, 0)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED, expected_lists=1, expected_total=Decimal("50.00"))
    assert run.number == 1


def test_a_fee_that_is_not_what_its_price_says_is_not_paid(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    session = held(cast, 7)
    type(session).objects.filter(pk=session.pk).update(fee=Decimal("60.00"))
    approved(cast.expert, cast.named)
    with pytest.raises(Refused, match="no fee item or price"):
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    monkeypatch.setattr(preview, "rows_that_stop", lambda _lists: [])
    with pytest.raises(ValueError, match=r"fee 60\.00 is not what its outcome and price say"):
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)


def test_a_late_list_rolls_into_the_next_payment(cast: Cast) -> None:
    """R19."""
    held(cast, 7)
    held(cast, 7, 14, expert=cast.second_expert)
    late = sent(cast.second_expert)
    first = closed(cast.expert, cast.named, cast.coordinator)
    approve([late], by=cast.named, at=at(2026, 12, 1))
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert [(run.number, run.month, run.lists) for run in (first, second)] == [(1, OCTOBER, 1), (2, NOVEMBER, 1)]
    assert second.pay_date == date(2026, 12, 31)
    late.refresh_from_db()
    assert (late.month, late.run) == (OCTOBER, second)


@pytest.mark.parametrize(
    ("month", "moves", "paid"),
    [
        pytest.param(date(2026, 12, 1), True, date(2027, 1, 29), id="31 January 2027 is a Sunday"),
        pytest.param(date(2026, 12, 1), False, date(2027, 1, 31), id="the setting keeps the last day"),
        pytest.param(date(2026, 10, 1), True, date(2026, 11, 30), id="an ordinary Monday"),
    ],
)
def test_the_pay_day(cast: Cast, month: date, *, moves: bool, paid: date) -> None:
    """R20: December's work is paid on the last of January."""
    Policy.objects.create(valid_from=date(2026, 1, 1), pay_day_moves=moves)
    make_closed_session(at(2026, month.month, 7, 10), expert=cast.expert, unit=cast.unit)
    [list_] = send_month(cast.expert, month, by=cast.expert_user, at=at(2027, 1, 4))
    approve([list_], by=cast.named, at=at(2027, 1, 5))
    assert make_run(month, by=cast.coordinator, at=at(2027, 1, 11)).pay_date == paid


@pytest.mark.parametrize("experts", [1, 30])
def test_a_run_asks_as_often_for_thirty_as_for_one(cast: Cast, experts: int) -> None:
    for _number in range(experts):
        expert = make_expert()
        held(cast, 7, expert=expert)
        approved(expert, cast.named)
    _roles = cast.coordinator.holdings
    with CaptureQueriesContext(connection) as queries:
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert len(queries) == 40


# --- two at once -----------------------------------------------------------------------------------------------------


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def both(threads: ThreadPoolExecutor, *acts: Any) -> list[str]:
    """Does the acts at the same moment, each on a connection of its own; says how each ended."""
    barrier = Barrier(len(acts))

    def run(act: Any) -> str:
        barrier.wait(5)
        try:
            act()
        except (Refused, Conflict) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    return sorted(threads.map(run, acts))


@pytest.mark.django_db(transaction=True)
def test_of_two_closes_at_once_one_wins(threads: ThreadPoolExecutor) -> None:
    """R5 of the lessons."""
    unit = make_unit("Y01")
    expert, coordinator = make_expert(), make_user(roles=[Role.COORDINATOR])
    named = make_user(roles=[(Role.UNIT_CONTACT, unit)])
    make_closed_session(expert=expert, unit=unit)
    approved(expert, named)

    def close() -> None:
        make_run(OCTOBER, by=coordinator, at=CLOSED, documents=False)

    assert both(threads, close, close) == ["Refused", "done"]
    assert list(PaymentRun.objects.values_list("number", "rows")) == [(1, 1)]
    assert RunLine.objects.count() == 1


# Lesson R5.
@pytest.mark.django_db(transaction=True)
def test_a_month_sent_twice_at_once_makes_one_list(threads: ThreadPoolExecutor) -> None:
    unit, expert = make_unit("Y01"), make_expert()
    make_closed_session(expert=expert, unit=unit)

    def send() -> None:
        sent(expert)

    assert both(threads, send, send) == ["Conflict", "done"]
    assert list(HourList.objects.values_list("state", flat=True)) == ["at_unit"]


@pytest.mark.django_db(transaction=True)
def test_of_an_approval_and_a_changed_outcome_at_once_neither_is_lost(threads: ThreadPoolExecutor) -> None:
    """Either the change comes first and the approval tells it, or the approval does and the database refuses."""
    unit, expert = make_unit("Y01"), make_expert()
    named = make_user(roles=[(Role.UNIT_CONTACT, unit)])
    session = make_closed_session(expert=expert, unit=unit)
    list_ = sent(expert)

    def change() -> None:
        try:
            type(session).objects.filter(pk=session.pk).update(fee=Decimal("60.00"))
        except IntegrityError as error:
            raise Refused(str(error)) from None

    def check() -> None:
        approve([list_], by=named, at=CHECKED, expected_count=1, expected_total=Decimal("50.00"))

    ended = both(threads, change, check)
    session.refresh_from_db()
    list_.refresh_from_db()
    assert (ended, session.fee, list_.state) in [
        (["Conflict", "done"], Decimal("60.00"), "at_unit"),
        (["Refused", "done"], Decimal("50.00"), "approved"),
    ]


# --- the look before closing -----------------------------------------------------------------------------------------


def test_looking_changes_nothing(cast: Cast) -> None:
    """M10."""
    held(cast, 7)
    list_ = approved(cast.expert, cast.named)
    entries = LogEntry.objects.count()
    preview_run(OCTOBER, at=CLOSED)
    list_.refresh_from_db()
    assert (list_.state, PaymentRun.objects.count(), LogEntry.objects.count()) == ("approved", 0, entries)


def test_the_look_says_what_waits_and_what_is_missing(cast: Cast) -> None:
    held(cast, 7)
    held(cast, 8, kind="lecture")
    approved(cast.expert, cast.named)
    TaxCard.objects.create(expert=cast.expert, year=2026, kind="wage", delivered_on=date(2026, 1, 15))
    paperless = make_expert(first_name="Paula", last_name="Paperless", payroll_number=None)
    held(cast, 9, expert=paperless)
    approved(paperless, cast.named)
    held(cast, 10, expert=cast.second_expert)
    sent(cast.second_expert)
    preview = preview_run(OCTOBER, at=CLOSED)
    assert (preview.lists, preview.rows, preview.experts, preview.total) == (2, 3, 2, Decimal("400.00"))
    assert [(notice.expert, notice.text) for notice in preview.warnings] == [
        ("Eva Expert", "no tax card of 2026 for non-wage compensation"),
        ("Paula Paperless", "no payroll number"),
        ("Paula Paperless", "no tax card of 2026 for non-wage compensation"),
    ]
    assert [(row.state, row.label, row.lists) for row in preview.not_approved] == [("at_unit", "At the unit", 1)]
    assert preview.stops == ()


def test_the_tax_card_is_that_of_the_year_of_the_payment(cast: Cast) -> None:
    """R21: December's work is paid in January, by the new year's card."""
    TaxCard.objects.create(expert=cast.expert, year=2026, delivered_on=date(2026, 1, 15))
    make_closed_session(at(2026, 12, 7, 10), expert=cast.expert, unit=cast.unit)
    [list_] = send_month(cast.expert, date(2026, 12, 1), by=cast.expert_user, at=at(2027, 1, 4))
    approve([list_], by=cast.named, at=at(2027, 1, 5))
    preview = preview_run(date(2026, 12, 1), at=at(2027, 1, 11))
    assert [notice.text for notice in preview.warnings] == ["no tax card of 2027 for non-wage compensation"]


def test_the_look_says_why_a_month_cannot_be_closed(cast: Cast) -> None:
    assert preview_run(OCTOBER, at=CLOSED).stops == ("Nothing has been approved for payment.",)
    held(cast, 7)
    closed(cast.expert, cast.named, cast.coordinator)
    assert preview_run(OCTOBER, at=CLOSED).stops == (
        "10/2026 has been closed already: payment run 1.",
        "Nothing has been approved for payment.",
    )


# --- paying ----------------------------------------------------------------------------------------------------------


def test_finance_pays_and_each_expert_is_told_once(
    cast: Cast, clock: Clock, django_capture_on_commit_callbacks: Any
) -> None:
    """N8: one message for each expert, however many rows and units."""
    clock(NEXT)
    held(cast, 7, travel_km=Decimal(10))
    held(cast, 8)
    held(cast, 9, unit=cast.other_unit)
    for list_ in send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED):
        approve([list_], by=cast.named if list_.unit == cast.unit else cast.other_named, at=CHECKED)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        paid(run, cast.finance, NEXT)
    run.refresh_from_db()
    assert (run.state, run.paid_at, run.paid_by) == ("paid", NEXT, cast.finance)
    assert set(HourList.objects.values_list("state", flat=True)) == {"paid"}
    assert LogEntry.objects.filter(kind="hourlist.pay").count() == 2
    [message] = mail.outbox
    assert (message.to, message.subject) == ([cast.expert_user.email], "Your fees are paid on Mon 30 Nov 2026")
    assert "together €155.50 before tax" in message.body
    assert "are paid on Mon 30 Nov 2026." in message.body.replace("\N{NO-BREAK SPACE}", " ")


def test_a_second_payment_is_refused(cast: Cast) -> None:
    """M8."""
    held(cast, 7)
    run = closed(cast.expert, cast.named, cast.coordinator)
    paid(run, cast.finance, NEXT)
    with pytest.raises(Conflict):
        mark_paid(PaymentRun.objects.get(), by=cast.finance, at=NEXT)
    assert LogEntry.objects.filter(kind="paymentrun.pay").count() == 1


def test_only_finance_marks_paid(cast: Cast) -> None:
    held(cast, 7)
    run = closed(cast.expert, cast.named, cast.coordinator)
    with pytest.raises(Refused):
        mark_paid(run, by=cast.coordinator, at=NEXT)


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_is_a_line_of_the_next_run_for_the_same_payee_and_unit(cast: Cast) -> None:
    """R23, M17; L2: the line that it corrects stays as it is."""
    held(cast, 7, travel_km=Decimal(10))
    first = closed(cast.expert, cast.named, cast.coordinator)
    fee, travel = first.lines.all()
    correct(fee, Decimal("-20.00"), by=cast.coordinator, at=NEXT, reason="Was an hour shorter")
    correct(travel, Decimal("1.10"), by=cast.coordinator, at=NEXT, reason="Twelve kilometres")
    make_closed_session(at(2026, 11, 3, 10), expert=cast.second_expert, unit=cast.other_unit)
    [list_] = send_month(cast.second_expert, NOVEMBER, by=cast.second_expert_user, at=at(2026, 12, 1))
    approve([list_], by=cast.other_named, at=at(2026, 12, 2))
    preview = preview_run(NOVEMBER, at=NEXT)
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert (preview.corrections, preview.corrected, preview.total) == (2, Decimal("-18.90"), second.total)
    assert (second.fees, second.travel, second.rows, second.experts) == (Decimal("30.00"), Decimal("1.10"), 1, 2)
    assert list(
        second.lines.filter(kind="correction").values_list("corrects", "expert", "unit_code", "amount", "reason")
    ) == [
        (fee.pk, cast.expert.pk, "Y01", Decimal("-20.00"), "Was an hour shorter"),
        (travel.pk, cast.expert.pk, "Y01", Decimal("1.10"), "Twelve kilometres"),
    ]
    assert list(Correction.objects.values_list("line__position", flat=True)) == [2, 3]
    assert stored_hash(second.pk) == second.lines_hash
    assert ("311", Decimal("1.10")) in sums_of_run(second).income_types
    assert list(first.lines.values_list("amount", flat=True)) == [Decimal("50.00"), Decimal("5.50")]
    assert any(notice.text == "the sum is below zero" for notice in preview.warnings)


def test_a_correction_alone_makes_a_run(cast: Cast) -> None:
    held(cast, 7)
    first = closed(cast.expert, cast.named, cast.coordinator)
    correct(first.lines.get(), Decimal("5.00"), by=cast.coordinator, at=NEXT, reason="Was longer")
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert (second.lists, second.rows, second.total) == (0, 0, Decimal("5.00"))
    with pytest.raises(Refused):
        make_run(date(2026, 12, 1), by=cast.coordinator, at=at(2027, 1, 11))


@pytest.mark.parametrize(
    ("amount", "reason", "words"),
    [
        pytest.param("0.00", "x", "Write an amount of euros and cents that is not zero.", id="zero"),
        pytest.param("0.005", "x", "Write an amount of euros and cents that is not zero.", id="half a cent"),
        pytest.param("NaN", "x", "Write an amount of euros and cents that is not zero.", id="no number"),
        pytest.param("-50.01", "x", "More than the line has paid cannot be taken back.", id="more than was paid"),
        pytest.param("1.00", " ", "Write why the line is corrected.", id="no reason"),
    ],
)
def test_a_correction_that_is_refused(cast: Cast, amount: str, reason: str, words: str) -> None:
    held(cast, 7)
    run = closed(cast.expert, cast.named, cast.coordinator)
    with pytest.raises(Refused) as error:
        correct(run.lines.get(), Decimal(amount), by=cast.coordinator, at=NEXT, reason=reason)
    assert refusal(error) == words
    assert not Correction.objects.exists()


def test_corrections_together_take_back_no_more_than_was_paid(cast: Cast) -> None:
    held(cast, 7)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    correct(line, Decimal("-30.00"), by=cast.coordinator, at=NEXT, reason="x")
    with pytest.raises(Refused):
        correct(line, Decimal("-20.01"), by=cast.coordinator, at=NEXT, reason="x")
    correct(line, Decimal("-20.00"), by=cast.coordinator, at=NEXT, reason="x")


def test_a_correction_of_a_correction_goes_to_the_line_itself(cast: Cast) -> None:
    held(cast, 7)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    correct(line, Decimal("5.00"), by=cast.coordinator, at=NEXT, reason="x")
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    with pytest.raises(Refused) as error:
        correct(second.lines.get(), Decimal("-5.00"), by=cast.coordinator, at=NEXT, reason="x")
    assert refusal(error) == "Correct the line itself, not its correction."
    correct(line, Decimal("-5.00"), by=cast.coordinator, at=NEXT, reason="x")


@pytest.mark.parametrize("who", ["finance", "named", "expert_user"])
def test_only_the_coordinator_corrects(cast: Cast, who: str) -> None:
    held(cast, 7)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    with pytest.raises(Refused):
        correct(line, Decimal("5.00"), by=getattr(cast, who), at=NEXT, reason="x")


def test_a_correction_is_dropped_until_a_run_takes_it(cast: Cast) -> None:
    held(cast, 7)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    mistaken = correct(line, Decimal("5.00"), by=cast.coordinator, at=NEXT, reason="x")
    drop_correction(mistaken, by=cast.coordinator, at=NEXT)
    assert not Correction.objects.exists()
    taken = correct(line, Decimal("5.00"), by=cast.coordinator, at=NEXT, reason="x")
    make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    with pytest.raises(Conflict):
        drop_correction(taken, by=cast.coordinator, at=NEXT)


def test_a_plus_that_a_minus_counts_on_is_not_taken_back(cast: Cast) -> None:
    """50,00 paid, 30,00 more, 70,00 less: without the plus more than the line has paid would be taken back."""
    held(cast, 7)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    plus = correct(line, Decimal(30), by=cast.coordinator, at=NEXT, reason="Longer")
    minus = correct(line, Decimal(-70), by=cast.coordinator, at=NEXT, reason="Mostly another unit")
    with pytest.raises(Refused, match="Take the minus back first"):
        drop_correction(plus, by=cast.coordinator, at=NEXT)
    drop_correction(minus, by=cast.coordinator, at=NEXT)
    drop_correction(plus, by=cast.coordinator, at=NEXT)
    assert not Correction.objects.exists()


def test_a_session_without_a_fee_item_is_named_by_its_code(cast: Cast) -> None:
    session = held(cast, 7)
    type(session).objects.filter(pk=session.pk).update(fee_item=None)
    run = closed(cast.expert, cast.named, cast.coordinator)
    assert list(run.lines.values_list("fee_code", "fee_name_fi", "fee_table")) == [("YKS", "YKS", "")]


def test_a_new_fee_table_does_not_touch_what_was_agreed(cast: Cast) -> None:
    """M5: raised between the work and the run."""
    held(cast, 7)
    make_fee_table(valid_from=date(2027, 1, 1), approved=False, name="Raised")
    run = closed(cast.expert, cast.named, cast.coordinator)
    assert run.lines.get().fee_table.startswith("Palkkiotaulukko 2026")


def test_finance_is_told_that_a_run_waits(cast: Cast) -> None:
    held(cast)
    approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    message = OutboxMessage.objects.get(kind="run_made")
    assert (message.recipient, message.about_id) == (cast.finance, run.pk)
    assert message.subject == "Payment run 1 is ready, pay day Mon 30 Nov 2026"
