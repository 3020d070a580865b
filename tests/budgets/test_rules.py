"""The forecast and the warning levels: the worked tables of docs/budget.md, and what holds whatever the figures."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.rules import PARTS, Columns, Level, bars, forecast, level, share, total
from tests.worked_tables import TEXT, Row, amount, cases, day, euros

BUDGET = TEXT.with_name("budget.md")
NONE = Columns()


def months_of(text: str) -> list[Columns]:
    """``1: 300, 2: 500`` as agreed euros of the year's months; cents after a comma without a space."""
    found = [NONE] * 12
    for part in filter(None, text.split(", ")):
        number, _, sum_ = part.partition(": ")
        found[int(number) - 1] = Columns(agreed=amount(sum_).quantize(Decimal("0.01")))
    return found


@cases("forecast", BUDGET)
def test_the_forecast_as_written(row: Row) -> None:
    told = forecast(2026, months_of(row["euros by month"]), day(row["on"]))
    assert (told.average, told.expected, told.total) == (
        euros(row["average"]),
        amount(row["still expected"]),
        amount(row["forecast"]),
    )


@cases("levels", BUDGET)
def test_the_levels_as_written(row: Row) -> None:
    found = level(amount(row["forecast"]), euros(row["budget"]), near=int(row["near"]), over=int(row["over"]))
    assert found.name.lower() == row["level"]


CENTS = st.integers(-5_000, 500_000).map(lambda cents: Decimal(cents) / 100)
EUROS = st.integers(0, 500_000).map(lambda cents: Decimal(cents) / 100)
COLUMNS = st.builds(Columns, CENTS, EUROS, EUROS, EUROS, EUROS)
YEAR = st.lists(COLUMNS, min_size=12, max_size=12)
DAYS = st.dates(date(2025, 12, 1), date(2027, 1, 31))


@given(YEAR, DAYS)
def test_no_euro_is_counted_twice(months: list[Columns], today: date) -> None:
    """The forecast is what is promised and what is expected besides, the same added by months; never less."""
    told = forecast(2026, months, today)
    assert told.total == sum(month.forecast for month in told.months) == told.columns.committed + told.expected
    assert told.expected >= 0
    assert told.columns == total(months)


@given(YEAR, DAYS)
def test_a_month_that_is_over_costs_what_it_cost(months: list[Columns], today: date) -> None:
    told = forecast(2026, months, today)
    for month, columns in zip(told.months, months, strict=True):
        if month.is_over:
            assert month.forecast == columns.committed
        else:
            assert month.forecast == max(columns.committed, columns.committed if told.average is None else told.average)


@given(YEAR, DAYS, st.integers(0, 11), EUROS)
def test_what_is_only_asked_is_in_no_forecast(months: list[Columns], today: date, place: int, more: Decimal) -> None:
    asked = [*months[:place], months[place] + Columns(offered=more), *months[place + 1 :]]
    assert forecast(2026, asked, today).total == forecast(2026, months, today).total


@given(YEAR, DAYS, st.integers(0, 11))
def test_the_way_to_payment_changes_no_forecast(months: list[Columns], today: date, place: int) -> None:
    """From agreed to reported, approved and used: the same euros in another column."""
    old = months[place]
    moved = Columns(used=old.committed, offered=old.offered)
    paid = [*months[:place], moved, *months[place + 1 :]]
    assert forecast(2026, paid, today).total == forecast(2026, months, today).total


@given(YEAR, st.dates(date(2026, 4, 1), date(2026, 12, 31)), EUROS)
def test_what_is_agreed_ahead_within_the_average_changes_nothing(
    months: list[Columns], today: date, more: Decimal
) -> None:
    """Agreeing what was expected anyway does not raise the forecast; agreeing more raises it by no more than that."""
    before = forecast(2026, months, today)
    place = today.month - 1
    after = forecast(2026, [*months[:place], months[place] + Columns(agreed=more), *months[place + 1 :]], today)
    room = before.months[place].expected
    assert after.total - before.total == max(Decimal(0), more - room)


@given(YEAR)
def test_the_order_of_the_units_changes_no_sum(months: list[Columns]) -> None:
    assert total(months) == total(months[::-1])


@given(EUROS, EUROS)
def test_a_higher_forecast_is_no_better_level(forecast_: Decimal, budget: Decimal) -> None:
    found = level(forecast_, budget, near=90, over=100)
    assert found <= level(forecast_ + 1, budget, near=90, over=100)
    assert (found is Level.OVER) == (forecast_ > budget)


@pytest.mark.parametrize(
    ("amount_", "budget", "told"),
    [("964.50", "1000", "96.5"), ("1", "3", "33.3"), ("5", "0", None), ("5", None, None)],
)
def test_the_share(amount_: str, budget: str | None, told: str | None) -> None:
    found = share(Decimal(amount_), None if budget is None else Decimal(budget))
    assert found == (None if told is None else Decimal(told))


@given(YEAR, DAYS, st.none() | EUROS)
def test_the_bars_fit_and_lie_side_by_side(months: list[Columns], today: date, mark: Decimal | None) -> None:
    told = forecast(2026, months, today)
    drawn, stands = bars(told.months, 190, mark)
    assert len(drawn) == 12
    assert stands is None or 0 <= stands <= 190
    for bar in drawn:
        before = 0
        assert [piece.name for piece in bar.pieces] == [
            name for name in PARTS if name in {piece.name for piece in bar.pieces}
        ]
        for piece in bar.pieces:
            assert piece.x == before
            assert piece.width > 0
            before = piece.x + piece.width
        assert before == bar.end <= 190


def test_a_year_without_a_euro_has_no_bars() -> None:
    drawn, stands = bars(forecast(2026, [NONE] * 12, date(2026, 5, 1)).months, 190)
    assert (stands, [bar.end for bar in drawn]) == (None, [0] * 12)
