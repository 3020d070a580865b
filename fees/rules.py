"""Months and kinds of income. Pure: no Django, no clock, no translated text."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from decimal import Decimal

from office.workdays import at_wall_clock, next_month

#: R22: income types that are wages for tax; 336 is non-wage compensation; travel (311) needs no tax card.
WAGE_TYPES = frozenset({"210", "214"})
NON_WAGE_TYPES = frozenset({"336"})
#: Meals, kilometres, daily allowances and other costs, whether taxed or not: no fees, whatever line they stand on.
COST_TYPES = frozenset({"303", "311", "331", "353", "357"})


def first_of(month: date) -> date:
    """The first day of the month that holds the day: what lists and runs call their month."""
    return date(month.year, month.month, 1)


def month_span(month: date) -> tuple[datetime, datetime]:
    """The month in Helsinki as a half-open interval in UTC (L6, T8)."""
    first = first_of(month)
    return at_wall_clock(first, time(0)), at_wall_clock(next_month(first), time(0))


def month_before(month: date) -> date:
    """The first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)


def year_before(month: date) -> date:
    """The first day of the month twelve months before."""
    return date(month.year - 1, month.month, 1)


#: A payment of no more than this is never asked about.
UNUSUAL_FLOOR = Decimal(200)


def unusual(amount: Decimal, months: Sequence[Decimal]) -> bool:
    """Whether somebody must look at a person's sum before it is paid.

    More than twice the highest payment of the last twelve months, and more than 200 €. Without any payment in them
    there is nothing to compare with: then nobody is asked.
    """
    return bool(months) and amount > UNUSUAL_FLOOR and amount > 2 * max(months)


def can_go(over: Collection[int], corrected: Collection[tuple[int, int]]) -> set[int]:
    """Of the payment runs that are over their time those that no staying run corrects.

    ``corrected``: pairs (a run, the run that corrects a line of it); a run that is not in ``over`` stays.
    """
    going = set(over)
    while held := {run for run, by in corrected if run in going and by not in going}:
        going -= held
    return going
