"""The fee engine. The tables are those of docs/fee-rules.md."""

import json
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feetables.rules import (
    Basis,
    FeeError,
    Price,
    Terms,
    Unit,
    bracket_faults,
    choose,
    declined,
    hours,
    nothing,
    percentage,
    price,
    raised,
    receipt,
    round_cents,
    total,
    travel,
)
from tests.worked_tables import Row, amount, cases, duration, euros, items

CENTS = st.decimals(min_value=0, max_value=2000, places=2)
MINUTES = st.integers(min_value=1, max_value=24 * 60)
HOURLY = st.builds(
    Terms,
    code=st.just("H"),
    basis=st.just(Basis.PER_HOUR),
    amount=CENTS,
    income_type=st.just("336"),
    minimum_minutes=st.sampled_from([0, 60, 100, 120]),
    step_minutes=st.sampled_from([0, 1, 15, 30]),
)
BRACKETS = [items()[code] for code in ("KEH1", "KEH2", "KEH3")]


def terms(**changes: Any) -> Terms:
    return Terms(
        **{
            "code": "X",
            "basis": Basis.PER_HOUR,
            "amount": Decimal("25.00"),
            "income_type": "336",
            **changes,
        }
    )


# --- the bookkeeper's tables -----------------------------------------------------------------------------------------


@cases("lines")
def test_lines(row: Row) -> None:
    minutes = duration(row["done"])
    assert minutes is not None
    line = price(items()[row["item"]], minutes, euros(row["agreed amount"]))
    if line.unit is Unit.HOUR:
        assert (line.minutes_paid, line.units) == (
            duration(row["paid"]),
            hours(line.minutes_paid),
        )
    else:
        assert (line.minutes_paid, line.units) == (minutes, Decimal(row["paid"]))
    assert line.minutes_done == minutes
    assert (line.unit_price, line.amount) == (
        amount(row["unit price"]),
        amount(row["amount"]),
    )
    assert (line.code, line.income_type) == (
        row["item"],
        items()[row["item"]].income_type,
    )


@cases("refused")
def test_what_cannot_be_priced(row: Row) -> None:
    with pytest.raises(FeeError) as refused:
        price(
            items()[row["item"]],
            duration(row["done"]) or 0,
            euros(row["agreed amount"]),
        )
    assert refused.value.code == row["reason"]


@cases("journeys")
def test_journeys(row: Row) -> None:
    line = travel(items()[row["item"]], amount(row["km"]))
    assert (line.units, line.unit, line.amount) == (
        amount(row["km"]),
        Unit.KM,
        amount(row["amount"]),
    )


@cases("raises")
def test_raises(row: Row) -> None:
    assert raised(amount(row["amount"]), amount(row["per cent"])) == amount(row["raised"])


@cases("shares")
def test_shares_of_a_base_amount(row: Row) -> None:
    assert percentage(amount(row["base amount"]), amount(row["per cent"])) == amount(row["share"])


def test_a_share_in_whole_crowns() -> None:
    assert percentage(Decimal(57300), Decimal("1.8"), to=Decimal(1)) == Decimal(1031)


# --- what a line explains --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "minutes", "agreed", "facts", "minimum", "step"),
    [
        ("VO", 45, None, ["per_hour", "minimum"], True, False),
        ("VO", 120, None, ["per_hour"], False, False),
        ("VO", 121, None, ["per_hour", "step", "rounded"], False, True),
        ("ODD", 80, None, ["per_hour", "minimum"], True, False),
        ("RYH", 45, None, ["per_hour"], False, False),
        ("MIN", 65, None, ["per_hour", "rounded"], False, False),
        ("YKS", 60, None, ["per_meeting"], False, False),
        ("LUE", 90, "250.00", ["per_event"], False, False),
        ("KEH2", 150, None, ["bracket"], False, False),
        ("TUKI", 0, None, ["per_month"], False, False),
    ],
)
def test_facts(
    item: str,
    minutes: int,
    agreed: str | None,
    facts: list[str],
    *,
    minimum: bool,
    step: bool,
) -> None:
    line = price(items()[item], minutes, None if agreed is None else Decimal(agreed))
    assert [code for code, _ in line.explanation] == facts
    assert (line.minimum_applied, line.step_applied) == (minimum, step)


def test_facts_carry_the_numbers_to_be_told() -> None:
    assert price(items()["VO"], 121).explanation == (
        ("per_hour", {"minutes": "121", "paid": "135", "unit_price": "26.26"}),
        ("step", {"step": "15", "from": "121", "to": "135"}),
        ("rounded", {"exact": "59.0850", "to": "59.09"}),
    )
    assert price(items()["VO"], 45).explanation[1] == ("minimum", {"minimum": "120"})
    assert price(items()["KEH3"], 300).explanation == (
        ("bracket", {"minutes": "300", "unit_price": "220.00", "over": "240", "up_to": ""}),
    )


def test_a_declined_fee_shows_zero_and_what_it_would_have_been() -> None:
    line = declined(price(items()["YKS"], 60))
    assert (line.units, line.unit_price, line.amount) == (
        Decimal(1),
        Decimal("0.00"),
        Decimal("0.00"),
    )
    assert line.explanation[-1] == ("declined", {"instead_of": "50.00"})


def test_nothing_keeps_item_and_reason() -> None:
    line = nothing(items()["LUE"], "expert_ill")
    assert (line.code, line.units, line.amount) == ("LUE", Decimal(0), Decimal("0.00"))
    assert line.explanation == (("expert_ill", {}),)


def test_receipt() -> None:
    line = receipt(items()["KM"], Decimal("17.4"))
    assert (line.unit, line.units, line.income_type) == (
        Unit.RECEIPT,
        Decimal(1),
        "311",
    )
    assert (line.unit_price, line.amount) == (Decimal("17.40"), Decimal("17.40"))


# --- choosing the item -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "code"),
    [
        (1, "KEH1"),
        (120, "KEH1"),
        (121, "KEH2"),
        (240, "KEH2"),
        (241, "KEH3"),
        (1440, "KEH3"),
    ],
)
def test_brackets(minutes: int, code: str) -> None:
    assert choose(BRACKETS, minutes).code == code


@pytest.mark.parametrize(
    ("given_items", "minutes", "reason"),
    [
        pytest.param([], 60, "no_item", id="no item at all"),
        pytest.param(BRACKETS[1:], 120, "no_item", id="too short for the brackets"),
        pytest.param(BRACKETS[:2], 241, "no_item", id="too long for the brackets"),
        pytest.param([*BRACKETS, items()["KEH1"]], 60, "ambiguous", id="the same bracket twice"),
        pytest.param(
            [items()["RYH"], items()["YKS"]],
            60,
            "ambiguous",
            id="two items for one kind of work",
        ),
    ],
)
def test_no_item_or_several(given_items: list[Terms], minutes: int, reason: str) -> None:
    with pytest.raises(FeeError) as refused:
        choose(given_items, minutes)
    assert refused.value.code == reason


def bracket(over: int | None, up_to: int | None) -> Terms:
    return terms(
        code=f"{over}-{up_to}",
        basis=Basis.BY_DURATION,
        over_minutes=over,
        up_to_minutes=up_to,
    )


@pytest.mark.parametrize(
    ("given_items", "faults"),
    [
        pytest.param(BRACKETS, (), id="whole"),
        pytest.param([items()["RYH"]], (), id="no brackets"),
        pytest.param([bracket(None, 240), bracket(240, None)], (), id="open at both ends"),
        pytest.param(BRACKETS[1:], ("starts_late",), id="short work has no item"),
        pytest.param(BRACKETS[:2], ("ends_early",), id="long work has no item"),
        pytest.param([BRACKETS[0], BRACKETS[2]], ("gap",), id="gap"),
        pytest.param([bracket(0, 180), bracket(120, None)], ("overlap",), id="overlap"),
        pytest.param(
            [bracket(0, None), bracket(120, None)],
            ("overlap",),
            id="two without an end",
        ),
        pytest.param(
            [bracket(60, 120), bracket(180, 240)],
            ("starts_late", "gap", "ends_early"),
            id="many",
        ),
    ],
)
def test_faults_of_brackets(given_items: list[Terms], faults: tuple[str, ...]) -> None:
    assert bracket_faults(given_items) == faults


# --- items that cannot be --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": ""}, "code"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"amount": Decimal("25.001")}, "amount"),
        ({"amount": Decimal("NaN")}, "amount"),
        ({"basis": Basis.PER_EVENT, "amount_max": Decimal("30.001")}, "amount_max"),
        (
            {"basis": Basis.PER_EVENT, "amount_max": Decimal("24.99")},
            "amount_max_below_amount",
        ),
        ({"amount_max": Decimal("30.00")}, "amount_max_only_per_event"),
        ({"minimum_minutes": -1}, "negative_minutes"),
        ({"step_minutes": -15}, "negative_minutes"),
        ({"basis": Basis.PER_MEETING, "minimum_minutes": 60}, "minutes_only_per_hour"),
        ({"basis": Basis.PER_KM, "step_minutes": 15}, "minutes_only_per_hour"),
        ({"over_minutes": 60}, "bracket_only_by_duration"),
        ({"basis": Basis.BY_DURATION}, "bracket_missing"),
        (
            {"basis": Basis.BY_DURATION, "over_minutes": 120, "up_to_minutes": 120},
            "bracket_empty",
        ),
        (
            {"basis": Basis.BY_DURATION, "over_minutes": -1, "up_to_minutes": 120},
            "bracket_empty",
        ),
        ({"income_type": ""}, "income_type"),
        ({"income_type": "33"}, "income_type"),
        ({"income_type": "³³⁶"}, "income_type"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(f"{name}={item}" for name, item in value.items()),
)
def test_items_that_cannot_be(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(FeeError) as refused:
        terms(**changes)
    assert refused.value.code == reason


@pytest.mark.parametrize("km", ["-1", "1.005", "NaN", "Infinity"])
def test_kilometres_that_cannot_be(km: str) -> None:
    with pytest.raises(FeeError) as refused:
        travel(items()["KM"], Decimal(km))
    assert refused.value.code == "km"


def test_travel_is_priced_by_a_travel_item() -> None:
    with pytest.raises(FeeError) as refused:
        travel(items()["RYH"], Decimal(10))
    assert refused.value.code == "not_travel_item"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"basis": Basis.PER_EVENT, "amount_max": Decimal("25.00")}, id="a range of one amount"),
        pytest.param({"basis": Basis.PER_MEETING, "step_minutes": 1}, id="by the minute says nothing"),
        pytest.param({"amount": Decimal("0.00")}, id="an item that pays nothing"),
        pytest.param({"amount": Decimal("25.0000")}, id="more zeros than cents"),
    ],
)
def test_items_that_can_be(changes: dict[str, Any]) -> None:
    assert Terms.from_json(terms(**changes).to_json()) == terms(**changes)


def test_a_plain_item_has_no_minimum_and_no_step() -> None:
    assert (terms().minimum_minutes, terms().step_minutes) == (0, 0)
    assert price(terms(), 1).amount == Decimal("0.42")


def test_two_minutes_is_a_step_too() -> None:
    assert price(terms(step_minutes=2), 61).minutes_paid == 62


def test_a_journey_has_no_minutes() -> None:
    line = travel(items()["KM"], Decimal(24))
    assert (line.minutes_done, line.minutes_paid) == (0, 0)


def test_a_bracket_open_below_begins_at_zero() -> None:
    assert price(items()["HALFDAY"], 60).explanation == (
        ("bracket", {"minutes": "60", "unit_price": "1031.40", "over": "0", "up_to": "240"}),
    )


# --- freezing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", list(items().values()), ids=list(items()))
def test_frozen_terms_come_back_the_same(item: Terms) -> None:
    assert Terms.from_json(json.loads(json.dumps(item.to_json()))) == item


def test_terms_as_stored() -> None:
    assert items()["LUE"].to_json() == {
        "code": "LUE",
        "basis": "per_event",
        "amount": "100.00",
        "income_type": "214",
        "amount_max": "600.00",
        "minimum_minutes": 0,
        "step_minutes": 0,
        "over_minutes": None,
        "up_to_minutes": None,
    }


@given(HOURLY, MINUTES)
def test_frozen_prices_come_back_the_same(item: Terms, minutes: int) -> None:
    line = price(item, minutes)
    assert Price.from_json(json.loads(json.dumps(line.to_json()))) == line
    assert Price.from_json(json.loads(json.dumps(declined(line).to_json()))) == declined(line)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"code": "X"},
        {**terms().to_json(), "basis": "per_year"},
        {**terms().to_json(), "colour": "red"},
    ],
)
def test_stored_terms_that_cannot_be_read(stored: dict[str, Any]) -> None:
    with pytest.raises(FeeError) as refused:
        Terms.from_json(stored)
    assert refused.value.code == "stored_terms"


def test_a_stored_amount_that_is_no_number() -> None:
    with pytest.raises(FeeError) as refused:
        Terms.from_json({**terms().to_json(), "amount": "lots"})
    assert refused.value.code == "not_a_number"


@pytest.mark.parametrize("stored", [{}, {**price(terms(), 60).to_json(), "unit": "mile"}])
def test_stored_prices_that_cannot_be_read(stored: dict[str, Any]) -> None:
    with pytest.raises(FeeError) as refused:
        Price.from_json(stored)
    assert refused.value.code == "stored_price"


# --- what holds for every line ---------------------------------------------------------------------------------------


@given(HOURLY, MINUTES)
def test_units_times_unit_price_is_the_amount(item: Terms, minutes: int) -> None:
    """M2: minutes only; shown hours × shown rate = shown fee."""
    line = price(item, minutes)
    assert round_cents(line.units * line.unit_price) == line.amount


@given(HOURLY, MINUTES)
def test_paid_minutes_cover_the_work_by_less_than_a_step(item: Terms, minutes: int) -> None:
    line = price(item, minutes)
    assert line.minutes_paid >= max(minutes, item.minimum_minutes)
    assert line.minutes_paid < max(minutes + max(item.step_minutes, 1), item.minimum_minutes + 1)


@given(HOURLY, MINUTES, MINUTES)
def test_more_work_never_pays_less(item: Terms, one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert price(item, less).amount <= price(item, more).amount


@given(HOURLY, st.integers(min_value=1, max_value=96))
def test_an_exact_step_stays(item: Terms, steps: int) -> None:
    """M1: an exact quarter of an hour never becomes the next."""
    minutes = steps * max(item.step_minutes, 1)
    assert price(item, minutes).minutes_paid == max(minutes, item.minimum_minutes)


@given(st.lists(CENTS, max_size=12), st.integers(min_value=0, max_value=12))
def test_splitting_and_order_never_change_a_sum(amounts: list[Decimal], cut: int) -> None:
    """M4."""
    assert total(amounts) == total([total(amounts[:cut]), total(amounts[cut:])]) == total(reversed(amounts))


def test_a_sum_of_nothing_is_zero_cents() -> None:
    assert str(total([])) == "0.00"


def test_three_short_meetings_are_three_lines_each_with_its_own_quarters() -> None:
    """M3: rounding is for each row, not for the day."""
    day = [price(items()["RYH"], 20) for _ in range(3)]
    assert [line.amount for line in day] == [Decimal("12.50")] * 3
    assert total(line.amount for line in day) == Decimal("37.50")
    assert price(items()["RYH"], 60).amount == Decimal("25.00")


def test_the_order_of_lines_changes_nothing() -> None:
    lines = [
        price(items()["MIN"], 65),
        price(items()["MIN2"], 50),
        price(items()["VO"], 121),
    ]
    assert {total(line.amount for line in order) for order in permutations(lines)} == {Decimal("108.05")}


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("6.565", "6.57"),
        ("6.5649", "6.56"),
        ("-6.565", "-6.57"),
        ("0.005", "0.01"),
        ("2.675", "2.68"),
    ],
)
def test_half_a_cent_goes_up(exact: str, rounded: str) -> None:
    """M4: everywhere the same way, never to the even cent."""
    assert str(round_cents(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (60, "1.00"),
        (105, "1.75"),
        (600, "10.00"),
        (3, "0.05"),
        (65, "1.08333334"),
        (20, "0.33333334"),
    ],
)
def test_hours(minutes: int, shown: str) -> None:
    assert str(hours(minutes)) == shown
