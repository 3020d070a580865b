"""Every shape of a fee table as data: tables of other counties, shares of base amounts, rates by year, conditions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from assignments import texts
from assignments.actions.conditions import Conditions
from feetables import actions
from feetables.choice import for_work
from feetables.dated import on_day
from feetables.models import DatedAmount, FeeItem, FeeTable
from feetables.rules import Basis, FeeError, Price, Terms, price, round_cents, share, total, travel
from feetables.texts import item_words
from office.errors import Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table, make_order
from tests.factories.feetables import dated, items_of, known_maxima, make_draft
from tests.worked_tables import Row, amount, cases, day, duration, euros

NOW = at(2026, 12, 1, 9)
TABLES = ("kokoa_2018", "satakunta_2023", "jonkoping_2024")


def drafted(name: str, by: User) -> FeeTable:
    """The sheet as a draft that a coordinator has written item by item."""
    dated("price-base", date(2024, 1, 1), "57300")
    table = FeeTable.objects.create(name=name, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    for fields in items_of(name):
        actions.save_item(FeeItem(table=table, **fields), by=by, at=NOW)
    return table


@cases("tables of others")
def test_tables_of_others(cast: Cast, row: Row) -> None:
    item = drafted(row["table"], cast.coordinator).items.get(code=row["item"])
    minutes = duration(row["done"])
    assert minutes is not None
    assert price(item.terms, minutes, euros(row["agreed amount"])).amount == amount(row["amount"])


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_others_can_be_approved(cast: Cast, name: str) -> None:
    table = drafted(name, cast.coordinator)
    actions.approve(table, decided_by="Aluehallitus", decided_on=date(2023, 12, 1), by=cast.coordinator, at=NOW)
    assert (table.state, actions.faults(table)) == ("approved", [])


@cases("rates by year")
def test_the_rate_of_the_day(db: None, row: Row) -> None:
    known_maxima()
    table = make_draft(
        {"code": "KM", "purpose": "travel", "basis": "per_km", "amount": 1, "percent": Decimal(row["per cent"]),
         "base": "km", "base_amount": 1},
        day=date(2024, 1, 1),
    )  # fmt: skip
    terms = on_day(table.items.all(), day(row["day"]))[0].terms
    line = travel(terms, amount(row["km"]))
    assert (line.unit_price, line.amount) == (amount(row["rate"]), amount(row["amount"]))
    assert texts.describe_price(Price.from_json(line.to_json()).to_json()).endswith(
        f"€{terms.amount} is {row['per cent']} % of the tax-free maximum: kilometre €{terms.base_amount}."
    )


def test_a_base_amount_that_is_not_known_is_refused_in_words(cast: Cast) -> None:
    known_maxima()
    table = FeeTable.objects.create(name="Vanha", valid_from=date(2023, 1, 1))
    item = FeeItem(
        table=table, code="KM", name_fi="Matka", name_sv="Resa", purpose="travel", basis="per_km", income_type="311",
        percent=Decimal(100), base="km",
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        actions.save_item(item, by=cast.coordinator, at=NOW)
    assert str(refused.value.message) == (
        "The amount “tax-free maximum: kilometre” is not known on 1.1.2023. Enter it first."
    )
    assert table.items.count() == 0


# --- conditions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    code: str
    company: str
    way: str
    training: str = ""


def written(text: str) -> list[Item]:
    """`A; B two; BR two remote`."""
    found = []
    for code, *asked in (part.split() for part in text.split("; ")):
        company = next((word for word in asked if word in {"alone", "two"}), "")
        found.append(Item(code, company, "remote" if "remote" in asked else ""))
    return found


@cases("conditions")
def test_the_item_of_the_work(row: Row) -> None:
    asked = {"two": row["experts"] == "two", "remote": row["way"] == "remotely"}
    if row["item"] == "ambiguous":
        with pytest.raises(FeeError) as refused:
            for_work(written(row["items"]), **asked)
        assert (refused.value.code, refused.value.params) == ("ambiguous", {"codes": "B, R"})
        return
    assert [item.code for item in for_work(written(row["items"]), **asked)] == (
        [] if row["item"] == "none" else [row["item"]]
    )


def test_the_order_decides_the_item(cast: Cast) -> None:
    item = {"code": "RYH", "name_fi": "a", "name_sv": "a", "basis": "per_hour", "amount": 25, "income_type": "336"}
    item |= {"kinds": ["group"]}
    make_fee_table(
        items=[item, item | {"code": "ETA", "amount": 20, "way": "remote"}, item | {"code": "PARI", "company": "two"}]
    )
    here = make_order(unit=cast.unit, orderer=cast.orderer, kind="group")
    remote = make_order(unit=cast.unit, orderer=cast.orderer, kind="group", remote=True)
    second = make_order(unit=cast.unit, orderer=cast.orderer, kind="group")
    lead = make_order(unit=cast.unit, orderer=cast.orderer, kind="group", companion=second)
    conditions = Conditions()
    found = [conditions.all_session_items(date(2026, 10, 7), order) for order in (here, remote, lead, second)]
    assert [[one.code for one in own] for own in found] == [["RYH"], ["ETA"], ["PARI"], ["PARI"]]


def test_conditions_that_fit_equally_well_are_not_approved(cast: Cast) -> None:
    table = make_draft(
        {"code": "A", "basis": "per_hour", "amount": 25},
        {"code": "B", "basis": "per_hour", "amount": 30, "company": "two"},
        {"code": "R", "basis": "per_hour", "amount": 20, "way": "remote"},
    )
    assert actions.faults(table) == [
        "Group leading: two items with different conditions fit the same work equally well"
    ]


# --- what holds for every share --------------------------------------------------------------------------------------

BASE = st.decimals(min_value=1, max_value=100_000, places=2)
PERCENT = st.decimals(min_value=Decimal("0.001"), max_value=200, places=3)


def share_terms(base: Decimal, percent: Decimal, basis: Basis) -> Terms:
    over = 0 if basis is Basis.BY_DURATION else None
    return Terms(
        code="S", basis=basis, amount=share(base, percent), income_type="336", percent=percent, base="price-base",
        base_amount=base, over_minutes=over,
    )  # fmt: skip


@given(BASE, PERCENT, st.sampled_from([Basis.PER_HOUR, Basis.PER_MEETING, Basis.BY_DURATION]), st.integers(1, 1440))
def test_a_share_is_rounded_once_and_freezes(base: Decimal, percent: Decimal, basis: Basis, minutes: int) -> None:
    terms = share_terms(base, percent, basis)
    line = price(Terms.from_json(terms.to_json()), minutes)
    assert line == price(terms, minutes)
    assert terms.amount == round_cents(base * percent / 100)
    assert line.explanation[-1][0] == "share"


@settings(deadline=None)  # many sums; the machine may be busy
@given(st.lists(st.tuples(BASE, PERCENT, st.integers(1, 600)), max_size=8), st.integers(0, 8))
def test_splitting_order_and_repeating_never_change_a_cent(work: list[tuple[Decimal, Decimal, int]], cut: int) -> None:
    lines = [price(share_terms(base, percent, Basis.PER_HOUR), minutes).amount for base, percent, minutes in work]
    again = [price(share_terms(base, percent, Basis.PER_HOUR), minutes).amount for base, percent, minutes in work]
    assert total(lines) == total(reversed(again)) == total([total(lines[:cut]), total(lines[cut:])])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"percent": Decimal(0), "base": "km", "base_amount": Decimal(1)}, "share_incomplete"),
        ({"percent": Decimal("NaN"), "base": "km", "base_amount": Decimal(1)}, "share_incomplete"),
        ({"percent": Decimal(1), "base": "", "base_amount": Decimal(1)}, "share_incomplete"),
        ({"percent": Decimal(1), "base": "km"}, "share_incomplete"),
        ({"percent": Decimal(1), "base": "km", "base_amount": Decimal("1.001")}, "base_amount"),
        ({"percent": Decimal(1), "base": "km", "base_amount": Decimal(1)}, "share_amount"),
        ({"base": "km"}, "share_without_percent"),
        ({"whole": True}, "share_without_percent"),
        (
            {"basis": Basis.PER_EVENT, "amount_max": Decimal(30), "percent": Decimal(1), "base": "km",
             "base_amount": Decimal(2500)},
            "share_is_no_range",
        ),
    ],
    ids=str,
)  # fmt: skip
def test_shares_that_cannot_be(changes: dict[str, object], reason: str) -> None:
    fields = {"code": "X", "basis": Basis.PER_HOUR, "amount": Decimal(25), "income_type": "336"} | changes
    with pytest.raises(FeeError) as refused:
        Terms(**fields)  # type: ignore[arg-type]
    assert refused.value.code == reason


# --- on the screen ---------------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(cast: Cast, clock: Clock, client_for: object) -> Client:
    clock(NOW)
    return client_for(cast.coordinator)  # type: ignore[operator,no-any-return]


ITEM = {
    "code": "UUSI",
    "name_fi": "Uusi",
    "name_sv": "Ny",
    "income_type": "336",
    "purpose": "session",
    "kinds": "group",
}


@pytest.mark.parametrize(
    ("basis", "asked"),
    [
        ("per_hour", {"amount", "step_minutes", "minimum_minutes", "training", "company", "way"}),
        ("per_meeting", {"amount", "limit", "training", "company", "way"}),
        ("per_event", {"amount", "amount_max", "training", "company", "way"}),
        ("by_duration", {"amount", "over_minutes", "up_to_minutes", "limit", "training", "company", "way"}),
        ("per_month", {"amount", "training", "company", "way"}),
        ("per_km", {"amount"}),
    ],
)
def test_the_form_asks_only_what_the_way_of_counting_needs(coordinator: Client, basis: str, asked: set[str]) -> None:
    where = reverse("feetables:item_new", args=[make_draft().pk])
    always = {"code", "name_fi", "name_sv", "purpose", "kinds", "basis", "income_type", "posting", "note"}
    assert set(coordinator.get(where, {"basis": basis}).context["form"].fields) == always | asked
    share_asked = (asked - {"amount", "amount_max"}) | {"percent", "base", "whole"}
    share_form = coordinator.get(where, {"basis": basis, "share": "1"}).context["form"]
    assert set(share_form.fields) == always | share_asked


def test_the_way_of_counting_is_chosen_first(coordinator: Client) -> None:
    page = coordinator.get(reverse("feetables:item_new", args=[make_draft().pk]))
    assert [key.value for key, _name, _example in page.context["shapes"]] == [
        "per_hour", "per_meeting", "per_event", "by_duration", "per_month", "per_km",
    ]  # fmt: skip


def test_an_example_is_counted_before_anything_is_saved(coordinator: Client) -> None:
    table = make_draft()
    form = ITEM | {"basis": "per_hour", "amount": "26,26", "step_minutes": "15", "minimum_minutes": "120", "count": "1"}
    page = coordinator.post(reverse("feetables:item_new", args=[table.pk]), form)
    shown = [(one.work.replace("\u00a0", " "), str(one.amount)) for one in page.context["examples"]]
    assert shown == [("45 min", "52.52"), ("1 h 50 min", "52.52"), ("3 h 1 min", "85.35")]
    assert table.items.count() == 0


def test_a_share_is_worked_out_when_the_item_is_saved(coordinator: Client) -> None:
    known_maxima()
    table = make_draft(day=date(2026, 1, 1))
    form = ITEM | {"basis": "per_km", "share": "1", "purpose": "travel", "percent": "60", "base": "km", "kinds": []}
    assert coordinator.post(reverse("feetables:item_new", args=[table.pk]), form).status_code == 302
    item = table.items.get()
    assert (item.amount, item.base_amount) == (Decimal("0.33"), Decimal("0.55"))
    assert item_words(item, "en") == "€0.33 a kilometre; 60 % of the tax-free maximum: kilometre (€0.55)"


def test_counted_otherwise_forgets_what_is_no_longer_asked(coordinator: Client) -> None:
    table = make_draft({"code": "UUSI", "basis": "per_hour", "amount": 25, "minimum_minutes": 120, "step_minutes": 15})
    item = table.items.get()
    form = ITEM | {"basis": "per_meeting", "amount": "50"}
    assert coordinator.post(reverse("feetables:item_edit", args=[item.pk]), form).status_code == 302
    item.refresh_from_db()
    assert (item.basis, str(item.amount), item.minimum_minutes, item.step_minutes) == ("per_meeting", "50.00", 0, 0)


def test_more_than_the_tax_free_maximum_is_warned_of(coordinator: Client) -> None:
    known_maxima()
    table = make_draft(
        {"code": "KM", "purpose": "travel", "basis": "per_km", "amount": Decimal("0.57")}, day=date(2024, 6, 1)
    )
    page = coordinator.get(reverse("feetables:table", args=[table.pk]))
    assert [(item.code, row.valid_from) for item, _name, row in page.context["above"]] == [("KM", date(2026, 1, 1))]
    FeeTable.objects.update(valid_to=date(2025, 12, 31))
    page = coordinator.get(reverse("feetables:table", args=[table.pk]))
    assert page.context["above"] == []


def test_amounts_are_added_and_put_right_with_history(coordinator: Client) -> None:
    known_maxima()
    form = {"code": "km", "valid_from": "1.1.2027", "amount": "0,56", "source": "Verohallinto"}
    for given_amount in ("0,56", "0,57"):
        answer = coordinator.post(reverse("feetables:amounts"), form | {"amount": given_amount})
        assert answer.status_code == 302
    assert str(DatedAmount.objects.get(code="km", valid_from=date(2027, 1, 1)).amount) == "0.57"
    log = LogEntry.objects.filter(kind="feetable.amount").order_by("pk").values_list("facts", flat=True)
    assert [(facts["old"], facts["amount"]) for facts in log] == [("", "0.56"), ("0.56", "0.57")]


def test_finance_reads_the_amounts_and_changes_none(cast: Cast, client_for: object) -> None:
    finance: Client = client_for(cast.finance)  # type: ignore[operator]
    assert finance.get(reverse("feetables:amounts")).context["form"] is None
    before = DatedAmount.objects.count()
    finance.post(reverse("feetables:amounts"), {"code": "km", "valid_from": "1.1.2027", "amount": "9"})
    assert DatedAmount.objects.count() == before
