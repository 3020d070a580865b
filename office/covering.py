"""On which days a unit's named employee is away and nobody stands in. Pure: days in Helsinki, no clock, no database."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Duty:
    """Somebody is named employee or deputy of a unit from a day through a last one (None: no end), and is away."""

    unit: int
    person: int
    first: date
    last: date | None
    away: frozenset[tuple[date, date]] = frozenset()  # first and last day, both included

    def holds(self, day: date) -> bool:
        return self.first <= day and (self.last is None or day <= self.last)

    def is_away(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.away)


@dataclass(frozen=True)
class Gap:
    """From a working day through another one nobody is there."""

    unit: int
    first: date
    last: date

    @property
    def is_one_day(self) -> bool:
        return self.first == self.last


def gaps(duties: Iterable[Duty], first: date, end: date, works: Callable[[date], bool]) -> list[Gap]:
    """Gaps within [first, end) by unit and day: working days on which all who are named are away.

    Days on which nobody is named are no gap: that a unit has nobody is told elsewhere. Days off neither make a gap
    nor part one.
    """
    found = []
    for unit, group in groupby(sorted(duties, key=lambda one: one.unit), key=lambda one: one.unit):
        there = list(group)
        begun: date | None = None
        last = first
        for day in _days(_earliest(there, first), min(end, _latest(there))):
            if not works(day):
                continue
            on_duty = [one for one in there if one.holds(day)]
            if on_duty and all(one.is_away(day) for one in on_duty):
                begun, last = begun or day, day
            elif begun:
                found.append(Gap(unit, begun, last))
                begun = None
        if begun:
            found.append(Gap(unit, begun, last))
    return found


def _earliest(duties: list[Duty], first: date) -> date:
    return max(first, min((away[0] for one in duties for away in one.away), default=date.max))


def _latest(duties: list[Duty]) -> date:
    """The day after the last absence."""
    return max((away[1] for one in duties for away in one.away), default=date.min) + DAY


def _days(first: date, end: date) -> Iterable[date]:
    return (first + number * DAY for number in range(max((end - first).days, 0)))
