"""Every shape of a fee table: the same cent whatever the order, splitting and repeating; words in each language.

Lessons M1 (an exact quarter stays), M2 (units × price is the fee), M3 (each line is rounded by itself), M4 (no cent
between one count and the next) for all shapes at once.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from assignments.texts import describe_price
from feetables.rules import Basis, Price, Terms, declined, price, receipt, round_cents, share, total, travel
from office.formats import money

#: Every basis and every way of being a share, by what it says.
SHAPES: dict[str, Terms] = {
    "hour by the minute": Terms("H1", Basis.PER_HOUR, Decimal("26.25"), "336"),
    "hour in quarters": Terms("H2", Basis.PER_HOUR, Decimal("26.26"), "336", step_minutes=15),
    "hour in halves with a minimum": Terms(
        "H3", Basis.PER_HOUR, Decimal("30.01"), "336", step_minutes=30, minimum_minutes=100
    ),
    "meeting": Terms("M", Basis.PER_MEETING, Decimal("50.00"), "336"),
    "event": Terms("E", Basis.PER_EVENT, Decimal("300.00"), "336"),
    "range": Terms("R", Basis.PER_EVENT, Decimal("100.00"), "214", amount_max=Decimal("600.00")),
    "bracket": Terms("B", Basis.BY_DURATION, Decimal("110.00"), "336", over_minutes=0, up_to_minutes=24 * 60),
    "half day": Terms("D", Basis.BY_DURATION, Decimal("1031.40"), "336", over_minutes=0),
    "month": Terms("K", Basis.PER_MONTH, Decimal("100.00"), "336"),
    "share of a base amount": Terms(
        "S", Basis.PER_MEETING, share(Decimal(57300), Decimal("0.9"), whole=True), "336", percent=Decimal("0.9"),
        base="price-base", base_amount=Decimal(57300), whole=True,
    ),
    "share by the hour": Terms(
        "T", Basis.PER_HOUR, share(Decimal("333.33"), Decimal("7.77")), "336", percent=Decimal("7.77"), base="own",
        base_amount=Decimal("333.33"), step_minutes=15,
    ),
    "kilometre": Terms("KM", Basis.PER_KM, Decimal("0.55"), "311"),
    "kilometre by the maximum": Terms(
        "KM6", Basis.PER_KM, Decimal("0.33"), "311", percent=Decimal(60), base="km", base_amount=Decimal("0.55")
    ),
    "receipt": Terms("L", Basis.PER_KM, Decimal("0.55"), "311"),
    "declined": Terms("V", Basis.PER_HOUR, Decimal("25.00"), "336"),
}  # fmt: skip


class Deed(NamedTuple):
    """A piece of work: by which shape, how much (minutes, or tenths of a kilometre), in which unit and month."""

    shape: str
    much: int
    unit: int
    month: int


DEEDS = st.lists(
    st.builds(Deed, st.sampled_from(sorted(SHAPES)), st.integers(1, 600), st.integers(1, 3), st.integers(1, 12)),
    max_size=25,
)


def line(deed: Deed) -> Price:
    terms = SHAPES[deed.shape]
    if deed.shape == "receipt":
        return receipt(terms, Decimal(deed.much) / 10)
    if terms.basis is Basis.PER_KM:
        return travel(terms, Decimal(deed.much) / 10)
    agreed = Decimal(100 + deed.much % 500) if terms.amount_max else None
    priced = price(terms, deed.much, agreed)
    return declined(priced) if deed.shape == "declined" else priced


def together(deeds: list[Deed]) -> Decimal:
    return total(line(deed).amount for deed in deeds)


@settings(deadline=None)  # many sums; the machine may be busy
@given(DEEDS, st.randoms(use_true_random=False))
def test_order_units_months_and_repeating_never_change_a_cent(deeds: list[Deed], chance: Callable[..., None]) -> None:
    """M3 and M4: a total is the sum of its lines however they lie."""
    whole = together(deeds)
    shuffled = list(deeds)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    assert together(shuffled) == whole == together(deeds)
    for by in ("unit", "month", "shape"):
        parts: dict[object, list[Deed]] = defaultdict(list)
        for deed in shuffled:
            parts[getattr(deed, by)].append(deed)
        assert total(together(part) for part in parts.values()) == whole


@settings(deadline=None)
@given(st.builds(Deed, st.sampled_from(sorted(SHAPES)), st.integers(1, 600), st.just(1), st.just(1)))
def test_what_is_frozen_counts_to_the_same_cent(deed: Deed) -> None:
    """M1, M2, M4: units × unit price, rounded once, is the amount; so it is when it comes back from the database."""
    priced = line(deed)
    assert Price.from_json(priced.to_json()) == priced
    assert round_cents(priced.units * priced.unit_price) == priced.amount
    terms = SHAPES[deed.shape]
    assert Terms.from_json(terms.to_json()) == terms
    if terms.step_minutes > 1 and deed.much % terms.step_minutes == 0:
        assert priced.minutes_paid == max(deed.much, terms.minimum_minutes)


@pytest.mark.parametrize("shape", SHAPES)
def test_each_line_explains_itself_in_each_language(shape: str) -> None:
    """Rule, units, price, minimum and rounding in words; the price is in them, and no language is another one's."""
    priced = line(Deed(shape, 50, 1, 1))
    told = {}
    for language in ("fi", "sv", "en"):
        with translation.override(language):
            told[language] = describe_price(priced.to_json())
            shown = priced.amount if shape in {"receipt", "range"} else SHAPES[shape].amount
            assert money(shown, language) in told[language]
    assert len(set(told.values())) == (2 if shape == "kilometre" else 3), told  # 5 km × 0,55 € is so in both
    facts = {code for code, _params in priced.explanation}
    if priced.minimum_applied:
        assert "minimum" in facts
    if priced.step_applied:
        assert "step" in facts
    if SHAPES[shape].percent is not None:
        assert "share" in facts
