"""A unit's year in columns, its forecast and its warning level (docs/budget.md). Pure: no Django, no clock, no words.

Euros by month of the work. A session goes from offered to agreed, reported, approved and used, and stands in exactly
one of the columns; the forecast adds to them only what they do not hold yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import IntEnum

CENT = Decimal("0.01")
ZERO = Decimal("0.00")

#: From so many months that are over on, they tell how the rest of the year will go.
ENOUGH = 3


class Level(IntEnum):
    """How the forecast stands to the budget. The order is that of the worry."""

    UNSET = 0
    BELOW = 1
    NEAR = 2
    OVER = 3


@dataclass(frozen=True, slots=True)
class Columns:
    """Euros, each in one column. ``offered`` is no promise yet: nobody has said yes."""

    used: Decimal = ZERO
    approved: Decimal = ZERO
    reported: Decimal = ZERO
    agreed: Decimal = ZERO
    offered: Decimal = ZERO

    @property
    def committed(self) -> Decimal:
        """What is used or promised: all but what is only offered."""
        return self.used + self.approved + self.reported + self.agreed

    def __add__(self, other: "Columns") -> "Columns":
        return Columns(
            self.used + other.used,
            self.approved + other.approved,
            self.reported + other.reported,
            self.agreed + other.agreed,
            self.offered + other.offered,
        )


def total(columns: Iterable[Columns]) -> Columns:
    """All together."""
    return sum(columns, Columns())


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the year. ``expected``: what it will probably cost beyond what is promised already."""

    first: date
    columns: Columns
    expected: Decimal
    is_over: bool

    @property
    def forecast(self) -> Decimal:
        return self.columns.committed + self.expected


@dataclass(frozen=True, slots=True)
class Forecast:
    """The year month by month. ``average`` of the ``behind`` months that are over; None: too few of them to tell."""

    months: tuple[Month, ...]
    behind: int
    average: Decimal | None
    columns: Columns = field(default_factory=Columns)

    @property
    def expected(self) -> Decimal:
        return sum((month.expected for month in self.months), ZERO)

    @property
    def total(self) -> Decimal:
        """The forecast of the year: the sum of its months."""
        return self.columns.committed + self.expected


def forecast(year: int, months: Sequence[Columns], today: date) -> Forecast:
    """The forecast of a year, from its twelve months.

    Each month that is not over counts what is promised for it, or the average of the months that are over where that
    is more. The months before the first euro of the year do not count into the average, and with fewer than three
    months that are over there is none: then only what is promised counts. The average is rounded half up to a cent.
    """
    firsts = [date(year, number, 1) for number in range(1, 13)]
    this_month = date(today.year, today.month, 1)
    over = [first < this_month for first in firsts]
    euros = [columns.committed for columns, is_over in zip(months, over, strict=True) if is_over]
    begun = next((place for place, amount in enumerate(euros) if amount), len(euros))
    behind = euros[begun:]
    average = None
    if len(behind) >= ENOUGH:
        average = max(ZERO, (sum(behind, ZERO) / len(behind)).quantize(CENT, ROUND_HALF_UP))
    made = tuple(
        Month(first, columns, ZERO if is_over or average is None else max(ZERO, average - columns.committed), is_over)
        for first, columns, is_over in zip(firsts, months, over, strict=True)
    )
    return Forecast(made, len(behind), average, total(months))


def share(amount: Decimal, budget: Decimal | None) -> Decimal | None:
    """The amount in per cent of the budget, to a tenth; None without a budget, or with one of nothing."""
    if not budget:
        return None
    return (amount * 100 / budget).quantize(Decimal("0.1"), ROUND_HALF_UP)


def level(amount: Decimal, budget: Decimal | None, *, near: int, over: int) -> Level:
    """The warning level of a forecast: exactly at a level is not above it. ``near`` and ``over`` in per cent."""
    if budget is None:
        return Level.UNSET
    if amount * 100 > budget * over:
        return Level.OVER
    if amount * 100 > budget * near:
        return Level.NEAR
    return Level.BELOW


# --- the chart -------------------------------------------------------------------------------------------------------

#: How the columns lie beside one another in a bar, from the left.
PARTS = ("used", "approved", "reported", "agreed", "expected")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: ``x`` and ``width`` in units of the drawing."""

    name: str
    amount: Decimal
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A month as a bar."""

    month: Month
    pieces: tuple[Piece, ...]

    @property
    def end(self) -> int:
        """Where the bar ends."""
        return max((piece.x + piece.width for piece in self.pieces), default=0)


def bars(months: Sequence[Month], room: int, mark: Decimal | None = None) -> tuple[list[Bar], int | None]:
    """Each month as a bar of at most ``room`` units, and where ``mark`` stands; None: there is no mark.

    A part of less than nothing (a correction) is not drawn: the table beside the bars tells it.
    """
    drawn = [[(name, max(ZERO, _part(month, name))) for name in PARTS] for month in months]
    most = max([sum((amount for _name, amount in parts), ZERO) for parts in drawn] + [mark or ZERO])
    if not most:
        return [Bar(month, ()) for month in months], None
    found = []
    for month, parts in zip(months, drawn, strict=True):
        pieces, before = [], ZERO
        for name, amount in parts:
            x, end = _at(before, most, room), _at(before + amount, most, room)
            if end > x:
                pieces.append(Piece(name, amount, x, end - x))
            before += amount
        found.append(Bar(month, tuple(pieces)))
    return found, None if mark is None else _at(mark, most, room)


def _at(amount: Decimal, most: Decimal, room: int) -> int:
    return int((amount * room / most).quantize(Decimal(1), ROUND_HALF_UP))


def _part(month: Month, name: str) -> Decimal:
    amount: Decimal = month.expected if name == "expected" else getattr(month.columns, name)
    return amount
