"""What is paid beside the sessions of a list: by the month, costs beside a fee (Satakunta's shapes)."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from assignments import texts
from assignments.actions import record_outcome
from assignments.models import Session
from assignments.rules import Event
from fees import preview
from fees.actions import approve, make_documents, make_run, return_list, send_month, take_back
from fees.actions.differences import make_differences
from fees.actions.requests import ask_correction
from fees.board import month_lists
from fees.check import lists_to_check
from fees.differences import of_lines
from fees.models import BesideLine, HourList, RunLine
from fees.month import month_of_expert
from fees.run import stored_hash
from fees.simulation import simulate
from feetables import actions as tables
from feetables.models import FeeItem, FeeTable
from office.errors import Refused
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_closed_session, make_fee_table
from tests.factories.feetables import items_of
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, SENT, approved, sent
from tests.fees.test_documents import said
from tests.worked_tables import Row, cases

LATER = at(2026, 12, 3, 9)


@pytest.fixture
def satakunta(db: None) -> FeeTable:
    return make_fee_table(items=items_of("satakunta_2023"))


def held(cast: Cast, day: int, kind: str = "individual", **more: Any) -> Session:
    return make_closed_session(at(2026, 10, day, 10), None, kind, **({"expert": cast.expert, "unit": cast.unit} | more))


def told(list_: HourList) -> list[tuple[str, str]]:
    return [(line.code, str(line.amount)) for line in BesideLine.objects.filter(hour_list=list_).order_by("code")]


def test_a_month_is_one_line_however_many_sessions(cast: Cast, satakunta: FeeTable) -> None:
    for day in (7, 8, 14):
        assert str(held(cast, day).fee) == "0.00"
    list_ = sent(cast.expert)
    assert told(list_) == [("TUKI", "100.00"), ("TUKIK", "36.00")]
    line = BesideLine.objects.get(code="TUKI")
    assert line.session.starts_at == at(2026, 10, 7, 10)
    assert texts.describe_price(line.price) == (
        "€100.00 a month. For 10/2026, once for the unit however many sessions."
    )
    assert texts.describe_price(Session.objects.earliest("pk").price) == (
        "Paid by the month: €100.00 on a line of its own."
    )


HAPPENED: dict[str, dict[str, Any]] = {
    "held": {},
    "ill": {"event": Event.EXPERT_ILL, "received_at": at(2026, 10, 1, 9)},
    "in time": {"event": Event.ORDERER_CANCELLED, "received_at": at(2026, 10, 1, 9)},
    "late": {"event": Event.ORDERER_CANCELLED, "received_at": at(2026, 10, 8, 9)},
}


@cases("lines beside")
def test_the_lines_of_the_worked_table(cast: Cast, satakunta: FeeTable, row: Row) -> None:
    for what, _space, day in (part.rpartition(" ") for part in row["October"].split(", ")):
        held(cast, int(day), row["kind of work"], fee_declined=bool(row["fee declined"]), **HAPPENED[what])
    lines = [f"{code} {amount}".replace(".", ",") for code, amount in told(sent(cast.expert))]
    assert lines == ([] if row["lines"] == "none" else row["lines"].split("; "))


def test_each_expert_and_unit_has_its_own_month(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    held(cast, 8, unit=cast.other_unit)
    lists = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert [told(list_) for list_ in lists] == [[("TUKI", "100.00"), ("TUKIK", "36.00")]] * 2


def test_costs_beside_an_hourly_fee_and_beside_each_occasion(cast: Cast, satakunta: FeeTable) -> None:
    for day in (7, 8):
        held(cast, day, "pair")
        make_closed_session(at(2026, 10, day, 14), None, "appointment", expert=cast.expert, unit=cast.unit)
    assert told(sent(cast.expert)) == [("AMMK", "52.00"), ("VALVK", "10.00"), ("VALVK", "10.00")]


def test_what_was_cancelled_in_time_earns_nothing_and_a_late_one_does(cast: Cast, satakunta: FeeTable) -> None:
    cancelled: dict[str, Any] = {"event": Event.ORDERER_CANCELLED}
    held(cast, 7, **cancelled, received_at=at(2026, 10, 5, 9))
    list_ = sent(cast.expert)
    assert told(list_) == []
    take_back(list_, by=cast.expert_user, at=SENT)
    held(cast, 8, **cancelled, received_at=at(2026, 10, 8, 9))
    assert told(sent(cast.expert)) == [("TUKI", "100.00"), ("TUKIK", "36.00")]


def test_a_declined_fee_leaves_the_costs(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7, fee_declined=True)
    assert told(sent(cast.expert)) == [("TUKIK", "36.00")]


def test_a_late_session_earns_its_month_no_second_time(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    held(cast, 20)
    make_closed_session(at(2026, 11, 4, 10), expert=cast.expert, unit=cast.unit)
    list_ = sent(cast.expert, NOVEMBER, moment=LATER)
    assert list_.rows.count() == 2
    assert list(BesideLine.objects.filter(hour_list=list_).values_list("once", flat=True).order_by("once")) == [
        f"month:{cast.expert.pk}:{cast.unit.pk}:2026-11:TUKI",
        f"month:{cast.expert.pk}:{cast.unit.pk}:2026-11:TUKIK",
    ]


def test_sending_again_makes_nothing_twice(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    for _time in range(3):
        list_ = sent(cast.expert)
        take_back(list_, by=cast.expert_user, at=SENT)
    assert told(list_) == [("TUKI", "100.00"), ("TUKIK", "36.00")]


def test_preparation_is_a_row_of_its_own_and_earns_nothing_beside(cast: Cast) -> None:
    items = [
        item | ({"purpose": "preparation"} if item["code"] == "AMM" else {}) for item in items_of("satakunta_2023")
    ]
    make_fee_table(items=[*items, items[2] | {"code": "TYO", "purpose": "session"}])
    prepared = held(cast, 7, "pair")
    Session.objects.filter(pk=prepared.pk).update(fee_item=FeeItem.objects.get(code="AMM"))
    list_ = sent(cast.expert)
    assert told(list_) == []
    take_back(list_, by=cast.expert_user, at=SENT)
    held(cast, 8, "pair")
    assert told(sent(cast.expert)) == [("AMMK", "52.00")]


def test_every_sum_of_the_list_holds_them(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7, travel_km=Decimal(10))
    list_ = sent(cast.expert)
    assert str(list_.state) == "at_unit"
    [line] = month_lists(OCTOBER, at=CHECKED)
    [to_check] = lists_to_check(cast.named)
    month = month_of_expert(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED)
    sums = [(line.fees, line.travel), (to_check.fees, to_check.travel), (month.fees, month.travel)]
    assert [(str(fees), str(travel)) for fees, travel in sums] == [("136.00", "3.30")] * 3
    approve([list_], by=cast.named, at=CHECKED, expected_count=1, expected_total=Decimal("139.30"))


def test_a_run_pays_them_as_lines_of_their_own(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7, travel_km=Decimal(10))
    held(cast, 8)
    approved(cast.expert, cast.named)
    shown = preview.preview_run(OCTOBER, at=CLOSED)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert (shown.rows, shown.total, run.rows, run.total) == (2, Decimal("139.30"), 2, Decimal("139.30"))
    lines = run.lines.filter(session__isnull=True).order_by("position")
    assert [(line.fee_code, str(line.amount), line.income_type, str(line.units), line.unit_name) for line in lines] == [
        ("TUKI", "100.00", "336", "1.00000000", "month"),
        ("TUKIK", "36.00", "311", "1.00000000", "month"),
    ]
    assert (lines[0].expert, lines[0].unit, lines[0].fee_name_fi) == (cast.expert, cast.unit, "Tukihenkilö")
    assert [line.position for line in run.lines.order_by("position")] == [1, 2, 3, 4, 5]
    assert run.lines_hash == stored_hash(run.pk)
    assert RunLine.objects.filter(kind="fee", session__isnull=True, run=run).count() == 2


def test_documents_print_them(cast: Cast, satakunta: FeeTable, tmp_path: Path) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    make_documents(run)
    payroll = bytes(run.documents.get(kind="csv").content).decode("utf-8-sig")
    rows = [line.split(";") for line in payroll.splitlines()[1:]]
    assert [(row[7], row[16], row[18]) for row in rows] == [
        ("TUKI", "kuukausi", "0,00"), ("TUKI", "kuukausi", "100,00"), ("TUKIK", "kuukausi", "36,00"),
    ]  # fmt: skip
    [statement] = run.documents.filter(kind="statement")
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(statement.content))
    text = said(path)
    assert [word for word in ("100.00", "36.00", "136.00") if word not in text] == []


def test_an_outcome_changed_at_the_unit_asks_for_a_return(cast: Cast, satakunta: FeeTable) -> None:
    session = make_agreed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    record_outcome(session, Event.HELD, by=cast.expert_user, at=at(2026, 10, 7, 12))
    list_ = sent(cast.expert)
    Session.objects.filter(pk=session.pk).update(outcome="expert_ill", done_starts_at=None, done_ends_at=None)
    with pytest.raises(Refused) as refused:
        approve([list_], by=cast.named, at=CHECKED)
    assert (
        str(refused.value.message) == "An outcome was changed after the list was sent. Return the list to the expert."
    )
    return_list(list_, by=cast.named, at=CHECKED, reason="Sairaus")
    assert told(sent(cast.expert, moment=CHECKED)) == []


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE fees_besideline SET amount = 1",
        "DELETE FROM fees_besideline",
        """INSERT INTO fees_besideline (hour_list_id, session_id, item_id, code, amount, price, once)
        SELECT hour_list_id, session_id, item_id, code, amount, price, 'other' FROM fees_besideline LIMIT 1""",
    ],
    ids=["changed", "away", "one more"],
)
def test_they_are_locked_with_the_list(cast: Cast, satakunta: FeeTable, sql: str) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    with pytest.raises(IntegrityError, match="locked_beside_is_never_changed"), transaction.atomic():
        connection.cursor().execute(sql)


def test_the_pages_tell_them_and_why(cast: Cast, satakunta: FeeTable, client_for: Any, clock: Clock) -> None:
    held(cast, 7)
    list_ = sent(cast.expert)
    clock(CHECKED)
    named: Client = client_for(cast.named)
    page = named.get(reverse("fees:hour_list", args=[list_.pk]))
    assert [line.code for line in page.context["checked"].beside] == ["TUKI", "TUKIK"]
    assert "For 10/2026, once for the unit however many sessions." in page.content.decode()
    own: Client = client_for(cast.expert_user)
    text = own.get(reverse("fees:my_month_of", args=["2026-10"])).content.decode()
    assert "€136.00" in text
    assert date(2026, 10, 1) == list_.month


def test_a_month_in_payment_asks_ten_questions_at_most(
    cast: Cast, satakunta: FeeTable, clock: Clock, django_assert_max_num_queries: Any
) -> None:
    """With lines beside the sessions, a request and a statement on the page."""
    clock(LATER)
    session = held(cast, 7)
    approved(cast.expert, cast.named)
    make_documents(make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False))
    ask_correction(session, "An hour more", by=cast.expert_user, at=CLOSED)
    client = Client()
    client.force_login(cast.expert_user)
    with django_assert_max_num_queries(10):
        shown = client.get(reverse("fees:my_month_of", args=["2026-10"])).content.decode()
    assert "An hour more" in shown


# --- counted by another table ----------------------------------------------------------------------------------------


def _satakunta(**amounts: str) -> list[dict[str, Any]]:
    return [
        item | {"amount": Decimal(amounts.get(item["code"], item["amount"]))} for item in items_of("satakunta_2023")
    ]


def test_the_simulation_counts_the_month_and_the_costs_beside(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    held(cast, 8)
    held(cast, 9, "appointment")
    sent(cast.expert)
    held(cast, 14, expert=cast.second_expert)  # on no list yet: neither old nor new
    draft = make_fee_table(
        valid_from=date(2027, 1, 1), approved=False, decided_by="", decided_on=None,
        items=_satakunta(TUKI="110.00", TUKIK="40.00", VALVK="12.00"),
    )  # fmt: skip
    found = simulate(draft, date(2026, 10, 1), date(2026, 10, 31))
    beside = [
        (row.code, str(row.sum.old), str(row.sum.new)) for row in found.items if row.code in {"TUKI", "TUKIK", "VALVK"}
    ]
    assert ("TUKIK", "36.00", "40.00") in beside
    assert ("VALVK", "10.00", "12.00") in beside
    assert str(found.total.difference) == "16.00"  # 10 for the month, 4 and 2 for costs


def test_the_table_that_paid_would_have_cost_the_same_beside_the_sessions(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    held(cast, 9, "appointment")
    sent(cast.expert)
    found = simulate(satakunta, date(2026, 10, 1), date(2026, 10, 31))
    assert (str(found.total.difference), found.uncounted) == ("0.00", [])


def test_a_table_that_pays_costs_where_none_were_paid_costs_more(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    held(cast, 8)
    sent(cast.expert)
    more = items_of("satakunta_2023")[1] | {"code": "PUH", "amount": Decimal("6.00")}
    draft = make_fee_table(
        valid_from=date(2027, 1, 1), approved=False, decided_by="", decided_on=None, items=[*_satakunta(), more]
    )
    found = simulate(draft, date(2026, 10, 1), date(2026, 10, 31))
    assert str(found.total.difference) == "6.00"


def test_month_lines_have_their_difference_lines(cast: Cast, satakunta: FeeTable) -> None:
    """Once for the month, with payee, unit and posting of the paid line; made once."""
    held(cast, 7)
    held(cast, 9, "appointment")
    approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    late = make_fee_table(
        valid_from=date(2026, 10, 1), approved=False, decided_by="", decided_on=None, name="Taulukko 10/2026",
        items=_satakunta(TUKI="110.00", VALVK="9.00"),
    )  # fmt: skip
    tables.approve(late, decided_by="Aluehallitus", decided_on=date(2026, 11, 9), by=cast.coordinator, at=CLOSED)
    found = list(of_lines(late))
    assert [(one.line.fee_code, str(one.old), str(one.new and one.new.amount), one.ticked) for one in found] == [
        ("TUKI", "100.00", "110.00", True),
        ("VALVK", "10.00", "9.00", False),
    ]
    shown = {one.line.pk: one.difference for one in found}
    for made in (2, 0):
        assert len(make_differences(late, shown, by=cast.coordinator, at=LATER)) == made
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10))
    lines = second.lines.values_list("kind", "fee_code", "amount", "expert", "unit", "corrects__run")
    assert list(lines) == [
        ("correction", "TUKI", Decimal("10.00"), cast.expert.pk, cast.unit.pk, run.pk),
        ("correction", "VALVK", Decimal("-1.00"), cast.expert.pk, cast.unit.pk, run.pk),
    ]
    assert list(of_lines(late)) == []


def test_a_month_line_that_the_table_does_not_know_is_told(cast: Cast, satakunta: FeeTable) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    items = [item for item in _satakunta() if item["code"] != "TUKIK"]
    draft = make_fee_table(valid_from=date(2026, 10, 1), approved=False, decided_by="", decided_on=None, items=items)
    [one] = of_lines(draft)
    assert (one.line.fee_code, one.new, one.words) == ("TUKIK", None, "The table has no item for this work.")
