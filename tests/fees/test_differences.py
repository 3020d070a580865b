"""Difference lines when a fee table is approved after its start (R17, M5 of the lessons)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.actions import decide_fee, record_outcome
from assignments.actions.repriced import take_new_price
from assignments.models import Session
from assignments.rules import Event
from fees.actions import correct, drop_correction, make_run
from fees.actions.differences import _reason, make_differences, note_looked, take_new_prices
from fees.differences import Difference, of_agreed, of_lines
from fees.models import Correction, RunLine
from fees.todo import tables_after_their_start
from feetables import actions as tables
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis, Terms, price
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from office.todo import Ask
from office.together import ask_together
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    example_items,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_unit,
    make_user,
)
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved, closed
from tests.fees.test_runs import both
from tests.worked_tables import Row, amount, cases

SignIn = Callable[[User], Client]
DECIDED = at(2026, 11, 20, 9)
NEXT = at(2026, 12, 10, 9)
#: The new table's amounts that are others than those of the example table.
RAISED = {"YKS": "52.00", "VO": "27.00", "KM": "0.50"}


def new_items(**amounts: str) -> list[dict[str, Any]]:
    changed = RAISED | amounts
    return [item | {"amount": Decimal(changed.get(item["code"], item["amount"]))} for item in example_items()]


def retroactive(by: User, *, day: date = date(2026, 10, 1), **amounts: str) -> FeeTable:
    """A table from October on that is approved in November; the one before ends the day before."""
    table = make_fee_table(
        valid_from=day,
        approved=False,
        decided_by="",
        decided_on=None,
        items=new_items(**amounts),
        name="Taulukko 10/2026",
    )
    tables.approve(table, decided_by="Aluehallitus", decided_on=date(2026, 11, 19), by=by, at=DECIDED)
    return table


def paid_october(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(24))
    make_closed_session(at(2026, 10, 8, 10), at(2026, 10, 8, 13), "walk_in", expert=cast.expert, unit=cast.unit)
    make_closed_session(
        at(2026, 10, 9, 10), expert=cast.expert, unit=cast.unit, event=Event.ORDERER_CANCELLED,
        received_at=at(2026, 10, 5, 8),
    )  # fmt: skip
    closed(cast.expert, cast.named, cast.coordinator)


def told(table: FeeTable) -> list[tuple[str, str, str, str]]:
    return [
        (one.line.fee_code, str(one.old), str(one.new and one.new.amount), str(one.difference))
        for one in of_lines(table)
    ]


def all_of(table: FeeTable) -> dict[int, Decimal]:
    return {one.line.pk: one.difference for one in of_lines(table)}


def test_each_paid_line_shows_old_new_and_difference_and_nothing_is_made(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    assert told(table) == [
        ("YKS", "50.00", "52.00", "2.00"),
        ("KM", "13.20", "12.00", "-1.20"),
        ("VO", "78.78", "81.00", "2.22"),
    ]
    assert Correction.objects.count() == 0
    first = next(of_lines(table))
    assert first.words == "€52.00 a meeting, whatever its length."


@cases("differences")
def test_the_differences_of_the_worked_table(row: Row) -> None:
    by_hand = amount(row["corrected by hand"]) if row["corrected by hand"] else Decimal("0.00")
    new = price(Terms(code="X", basis=Basis.PER_MEETING, amount=amount(row["by the new table"]), income_type="336"), 60)
    one = Difference(RunLine(amount=amount(row["paid"])), by_hand, bool(by_hand), new)
    wanted = Decimal(0) if row["difference line"] == "none" else amount(row["difference line"].replace("−", "-"))
    assert one.difference == wanted
    assert one.ticked == (wanted > 0 and not by_hand)


def test_difference_lines_ride_on_the_next_run_with_payee_unit_and_item(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    made = make_differences(table, all_of(table), by=cast.coordinator, at=DECIDED)
    assert [(str(one.amount), one.reason) for one in made] == [
        ("2.00", "Taulukko 10/2026: 50,00\u00a0€ → 52,00\u00a0€"),
        ("-1.20", "Taulukko 10/2026: 13,20\u00a0€ → 12,00\u00a0€"),
        ("2.22", "Taulukko 10/2026: 78,78\u00a0€ → 81,00\u00a0€"),
    ]
    run = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    lines = run.lines.order_by("position").values_list("kind", "corrects__fee_code", "expert", "unit", "amount")
    assert list(lines) == [
        ("correction", "YKS", cast.expert.pk, cast.unit.pk, Decimal("2.00")),
        ("correction", "KM", cast.expert.pk, cast.unit.pk, Decimal("-1.20")),
        ("correction", "VO", cast.expert.pk, cast.unit.pk, Decimal("2.22")),
    ]
    assert (str(run.fees), str(run.travel)) == ("4.22", "-1.20")
    assert LogEntry.objects.get(kind="feetable.differences").facts == {"count": 3, "total": "3.02"}
    assert LogEntry.objects.filter(kind="correction.make").count() == 3


def test_doing_it_twice_makes_nothing_twice(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    shown = all_of(table)
    assert len(make_differences(table, shown, by=cast.coordinator, at=DECIDED)) == 3
    assert make_differences(table, shown, by=cast.coordinator, at=DECIDED) == []
    assert told(table) == []
    make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert make_differences(table, shown, by=cast.coordinator, at=NEXT) == []
    assert (told(table), Correction.objects.count()) == ([], 3)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_makes_them() -> None:
    unit, expert, coordinator = make_unit("Y01"), make_expert(), make_user(roles=[Role.COORDINATOR])
    named = make_user(roles=[(Role.UNIT_CONTACT, unit)])
    make_fee_table()
    make_closed_session(at(2026, 10, 7, 10), expert=expert, unit=unit)
    approved(expert, named)
    make_run(OCTOBER, by=coordinator, at=CLOSED, documents=False)
    table = retroactive(coordinator)
    shown = all_of(table)

    def make() -> None:
        make_differences(FeeTable.objects.get(pk=table.pk), shown, by=coordinator, at=DECIDED)

    with ThreadPoolExecutor(2) as threads:
        assert both(threads, make, make) == ["done", "done"]
    assert [str(amount) for amount in Correction.objects.values_list("amount", flat=True)] == ["2.00"]


def test_a_part_corrected_by_hand_is_told_and_only_the_rest_is_made(cast: Cast) -> None:
    paid_october(cast)
    line = RunLine.objects.get(fee_code="YKS", amount=50)
    by_hand = correct(line, Decimal("1.50"), by=cast.coordinator, at=CLOSED, reason="Ennakkoa uudesta taulukosta")
    table = retroactive(cast.coordinator)
    one = next(of_lines(table))
    assert (one.by_hand, str(one.old), str(one.difference), one.ticked) == (True, "51.50", "0.50", False)
    make_differences(table, {line.pk: Decimal("0.50")}, by=cast.coordinator, at=DECIDED)
    drop_correction(by_hand, by=cast.coordinator, at=DECIDED)
    assert line.pk not in all_of(table)


def test_corrected_by_hand_meanwhile_is_a_conflict(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    shown = all_of(table)
    line = RunLine.objects.get(fee_code="YKS", amount=50)
    correct(line, Decimal(1), by=cast.coordinator, at=DECIDED, reason="Sovittu")
    with pytest.raises(Conflict):
        make_differences(table, shown, by=cast.coordinator, at=DECIDED)
    assert Correction.objects.count() == 1


def test_a_difference_that_was_taken_back_can_be_made_again(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    [first, *_others] = make_differences(table, all_of(table), by=cast.coordinator, at=DECIDED)
    drop_correction(first, by=cast.coordinator, at=DECIDED)
    assert told(table) == [("YKS", "50.00", "52.00", "2.00")]
    assert len(make_differences(table, all_of(table), by=cast.coordinator, at=DECIDED)) == 1


def test_only_work_on_the_days_of_the_table_differs(cast: Cast) -> None:
    make_fee_table()
    for day in (7, 14):
        make_closed_session(at(2026, 10, day, 10), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    table = retroactive(cast.coordinator, day=date(2026, 10, 14))
    assert [str(one.line.starts_at.date()) for one in of_lines(table)] == ["2026-10-14"]


def test_what_no_table_changes(cast: Cast) -> None:
    """A fee decided by the coordinator, one that was declined, and an agreed amount that both ranges hold."""
    make_fee_table()
    decided = make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    decide_fee(decided, Decimal("10.00"), "Sovittu", by=cast.coordinator, at=at(2026, 10, 8, 9))
    make_closed_session(at(2026, 10, 8, 10), expert=cast.expert, unit=cast.unit, fee_declined=True)
    make_closed_session(at(2026, 10, 9, 10), None, "lecture", expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    assert told(retroactive(cast.coordinator, LUE="150.00")) == []


def test_what_the_table_cannot_count_is_told_with_its_reason(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 10, 9, 10), None, "lecture", expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    table = retroactive(cast.coordinator, LUE="350.00")
    [one] = of_lines(table)
    assert (one.new, str(one.difference)) == (None, "0.00")
    assert one.words == "The agreed amount must be between €350.00 and €600.00."
    with pytest.raises(Conflict):
        make_differences(table, {one.line.pk: Decimal(1)}, by=cast.coordinator, at=DECIDED)


def test_nobody_makes_them_for_themselves_nor_without_the_role_nor_of_a_draft(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    shown = all_of(table)
    own = make_user(roles=[Role.COORDINATOR])
    cast.expert.user = own
    cast.expert.save()
    for by in (own, cast.finance, cast.named):
        with pytest.raises(Refused):
            make_differences(table, shown, by=by, at=DECIDED)
    draft = make_fee_table(valid_from=date(2026, 10, 5), approved=False, decided_by="", decided_on=None)
    with pytest.raises(Refused):
        make_differences(draft, shown, by=cast.coordinator, at=DECIDED)
    assert Correction.objects.count() == 0


# --- agreed, not paid ------------------------------------------------------------------------------------------------


def test_an_agreed_price_stays_until_the_coordinator_chooses(cast: Cast) -> None:
    make_fee_table()
    ahead = make_agreed_session(at(2026, 12, 2, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(10))
    table = retroactive(cast.coordinator)
    [one] = of_agreed(table)
    assert (str(one.old), str(one.new), one.locked) == ("55.50", "57.00", False)
    assert take_new_prices(table, {ahead.pk: one.new}, by=cast.coordinator, at=DECIDED) == 1
    ahead.refresh_from_db()
    assert (str(ahead.fee), str(ahead.agreed_fee), str(ahead.travel_fee)) == ("52.00", "52.00", "5.00")
    assert (ahead.fee_item, ahead.price_terms[0].amount) == (table.items.get(code="YKS"), Decimal("52.00"))
    assert LogEntry.objects.get(kind="session.new_price").facts == {"was": "55.50", "now": "57.00"}
    assert list(of_agreed(table)) == []
    assert take_new_prices(table, {ahead.pk: one.new}, by=cast.coordinator, at=DECIDED) == 0
    record_outcome(ahead, Event.HELD, by=cast.expert_user, at=at(2026, 12, 2, 12))
    ahead.refresh_from_db()
    assert (str(ahead.fee), str(ahead.travel_fee)) == ("52.00", "5.00")


def test_a_session_with_its_outcome_keeps_it_and_takes_the_new_price(cast: Cast) -> None:
    make_fee_table()
    session = make_closed_session(
        at(2026, 11, 4, 10), at(2026, 11, 4, 13), "walk_in", expert=cast.expert, unit=cast.unit,
        done=(at(2026, 11, 4, 10), at(2026, 11, 4, 13, 10)),
    )  # fmt: skip
    table = retroactive(cast.coordinator)
    [one] = of_agreed(table)
    take_new_prices(table, {session.pk: one.new}, by=cast.coordinator, at=DECIDED)
    session.refresh_from_db()
    assert (session.outcome, str(session.fee), str(session.agreed_fee)) == ("held", "87.75", "81.00")


def test_a_row_of_an_approved_list_is_locked_and_differs_once_it_is_paid(cast: Cast) -> None:
    make_fee_table()
    session = make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named)
    table = retroactive(cast.coordinator)
    [one] = of_agreed(table)
    assert one.locked
    with pytest.raises(Refused):
        take_new_prices(table, {session.pk: one.new}, by=cast.coordinator, at=DECIDED)
    make_run(OCTOBER, by=cast.coordinator, at=DECIDED)
    assert (list(of_agreed(table)), told(table)) == ([], [("YKS", "50.00", "52.00", "2.00")])


def test_a_price_shown_before_something_changed_is_a_conflict(cast: Cast) -> None:
    make_fee_table()
    session = make_agreed_session(at(2026, 12, 2, 10), expert=cast.expert, unit=cast.unit)
    retroactive(cast.coordinator)
    with pytest.raises(Conflict):
        take_new_price(session, by=cast.coordinator, at=DECIDED, expected=Decimal("50.00"))
    session.refresh_from_db()
    assert str(session.fee) == "50.00"


def test_the_price_is_that_of_the_day_whatever_comes_between(cast: Cast) -> None:
    """M5: a table between order, agreement and work: what was agreed is paid, the difference is visible."""
    make_fee_table()
    session = make_agreed_session(at(2026, 11, 25, 10), expert=cast.expert, unit=cast.unit)
    table = retroactive(cast.coordinator)
    record_outcome(session, Event.HELD, by=cast.expert_user, at=at(2026, 11, 25, 12))
    session.refresh_from_db()
    assert str(session.fee) == "50.00"
    assert [(str(one.old), str(one.new)) for one in of_agreed(table)] == [("50.00", "52.00")]


# --- the pages -------------------------------------------------------------------------------------------------------


def questions(user: User, moment: Any) -> list[str]:
    asks = [ask for ask in tables_after_their_start(user, moment) if isinstance(ask, Ask)]
    return [
        todo.sentence
        for ask, rows in zip(asks, ask_together([a.rows for a in asks]), strict=True)
        for todo in ask.tell(rows)
    ]


def test_the_first_page_asks_until_somebody_has_looked(cast: Cast) -> None:
    paid_october(cast)
    assert questions(cast.coordinator, DECIDED) == []
    table = retroactive(cast.coordinator)
    assert questions(cast.coordinator, DECIDED) == [
        "“Taulukko 10/2026” was approved after its start: look at the differences."
    ]
    assert questions(cast.named, DECIDED) == []
    note_looked(table, by=cast.coordinator, at=DECIDED)
    note_looked(table, by=cast.coordinator, at=DECIDED)
    assert LogEntry.objects.filter(kind="feetable.looked").count() == 1
    assert questions(cast.coordinator, DECIDED) == []


def test_the_page_shows_before_it_makes(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    clock(DECIDED)
    coordinator = client_for(cast.coordinator)
    where = reverse("fees:differences", args=[table.pk])
    page = coordinator.get(where)
    assert (page.context["lines"], str(page.context["plus"]), str(page.context["minus"])) == (3, "4.22", "-1.20")
    ticked = [f"{one.line.pk}:{one.difference}" for one in page.context["page_obj"] if one.ticked]
    for made in (2, 0):
        answer = coordinator.post(reverse("fees:differences_make", args=[table.pk]), {"line": ticked}, follow=True)
        [message] = answer.context["messages"]
        assert str(message) == (
            "2 difference lines wait for the next payment run."
            if made
            else "Nothing new: these lines are made already."
        )
    assert [str(one.amount) for one in Correction.objects.order_by("pk")] == ["2.00", "2.22"]
    assert coordinator.post(reverse("fees:differences_make", args=[table.pk]), {"line": ["x:1"]}).status_code == 404


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_max_num_queries: Any, count: int
) -> None:
    make_fee_table()
    for hour in range(count):
        make_closed_session(at(2026, 10, 1 + hour % 28, 8 + hour // 28 * 2), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    for day in range(count):
        make_agreed_session(at(2026, 12, 1 + day % 28, 8 + day // 28 * 2), expert=cast.expert, unit=cast.unit)
    table = retroactive(cast.coordinator)
    clock(DECIDED)
    coordinator = client_for(cast.coordinator)
    with django_assert_max_num_queries(10):
        page = coordinator.get(reverse("fees:differences", args=[table.pk]))
    assert (page.context["lines"], page.context["agreed_count"]) == (count, count)


def test_an_item_only_for_the_trained_is_not_needed_to_count(cast: Cast) -> None:
    """The table may ask for a training nobody has: then nothing can be counted, and it is said."""
    paid_october(cast)
    table = make_fee_table(
        valid_from=date(2026, 10, 1), approved=False, decided_by="", decided_on=None,
        items=[item | ({"training": "speaker"} if item["code"] == "YKS" else {}) for item in new_items()],
    )  # fmt: skip
    reasons = {one.words for one in of_lines(table) if one.why_not}
    assert reasons == {"The table has no item for this work."}
    assert FeeItem.objects.filter(table=table, training="speaker").count() == 1
    assert Session.objects.filter(fee_item__table=table).count() == 0


def test_the_first_page_asks_also_when_the_table_has_a_last_day(cast: Cast) -> None:
    paid_october(cast)
    table = make_fee_table(
        valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 31), approved=False, decided_by="", decided_on=None,
        items=new_items(), name="Taulukko 10/2026",
    )  # fmt: skip
    tables.approve(table, decided_by="Aluehallitus", decided_on=date(2026, 11, 19), by=cast.coordinator, at=DECIDED)
    asked = questions(cast.coordinator, DECIDED)
    assert asked == ["“Taulukko 10/2026” was approved after its start: look at the differences."]


def test_work_after_the_last_day_of_a_table_asks_nothing(cast: Cast) -> None:
    paid_october(cast)
    table = make_fee_table(
        valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 6), approved=False, decided_by="", decided_on=None,
        items=new_items(),
    )  # fmt: skip
    tables.approve(table, decided_by="Aluehallitus", decided_on=date(2026, 11, 19), by=cast.coordinator, at=DECIDED)
    assert questions(cast.coordinator, DECIDED) == []


def test_who_has_agreed_is_told_of_the_new_price_once(cast: Cast) -> None:
    """The expert and the orderer, each one message of all their times."""
    make_fee_table()
    for day in (1, 2):
        make_agreed_session(at(2026, 12, day, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    table = retroactive(cast.coordinator)
    shown = {one.session.pk: one.new for one in of_agreed(table)}
    for _twice in range(2):
        take_new_prices(table, shown, by=cast.coordinator, at=DECIDED)
    told_ = OutboxMessage.objects.filter(kind="new_prices")
    assert {message.recipient for message in told_} == {cast.expert_user, cast.orderer}
    assert len(told_) == 2
    body = told_.get(recipient=cast.expert_user).body.replace("\N{NO-BREAK SPACE}", " ")
    assert "2 agreed times have a new price, because the fee table “Taulukko 10/2026” was approved" in body
    assert body.count("€50.00 → €52.00") == 2


def test_an_expert_without_an_account_is_told_by_hand_and_nobody_when_nothing_changes(cast: Cast) -> None:
    make_fee_table()
    silent = make_expert(first_name="Ida", last_name="Silent", email="", user=None)
    make_agreed_session(at(2026, 12, 1, 10), expert=silent, unit=cast.unit, orderer=cast.orderer)
    table = retroactive(cast.coordinator)
    take_new_prices(table, {}, by=cast.coordinator, at=DECIDED)
    assert not OutboxMessage.objects.filter(kind="new_prices").exists()
    shown = {one.session.pk: one.new for one in of_agreed(table)}
    take_new_prices(table, shown, by=cast.coordinator, at=DECIDED)
    states = set(OutboxMessage.objects.filter(kind="new_prices").values_list("name", "state"))
    assert states == {("Ida Silent", "by_hand"), ("", "waiting")}


def test_the_page_goes_through_all_agreed_sessions(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """More than a page of them: the second page of the second list, the first list stays where it is."""
    make_fee_table()
    for n in range(103):
        make_agreed_session(at(2026, 12, 1 + n // 8, 7 + n % 8 * 2), expert=cast.expert, unit=cast.unit)
    table = retroactive(cast.coordinator)
    clock(DECIDED)
    coordinator = client_for(cast.coordinator)
    where = reverse("fees:differences", args=[table.pk])
    assert len(coordinator.get(where).context["agreed"]) == 100
    page = coordinator.get(where, {"agreed": 2})
    assert len(page.context["agreed"]) == 3
    assert '<a rel="prev" href="?agreed=1">' in page.content.decode()


def test_a_difference_line_says_the_table_in_the_language_of_its_expert(cast: Cast) -> None:
    paid_october(cast)
    table = retroactive(cast.coordinator)
    FeeTable.objects.filter(pk=table.pk).update(name_sv="Tabellen 10/2026")
    table.refresh_from_db()
    found = {one.line.fee_code: one for one in of_lines(table)}
    for language, said in (
        ("sv", "Tabellen 10/2026: 50,00 € → 52,00 €"),
        ("fi", "Taulukko 10/2026: 50,00 € → 52,00 €"),
    ):
        found["YKS"].line.expert_language = language
        assert _reason(table, found["YKS"]).replace("\N{NO-BREAK SPACE}", " ") == said
