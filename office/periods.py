"""How long something is kept: months counted from the day on which it ended. Pure; days are days in Finland.

What ended on a day is kept through the same day ``months`` later (the last day of a shorter month) and is over its time
on the day after. The database counts in the same way (``retention_over`` in office.migrations).
"""

from calendar import monthrange
from datetime import date, timedelta

DAY = timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day some months on (or back); the last day of the month where it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def kept_until(ended: date, months: int) -> date:
    """The last day on which it is kept."""
    return add_months(ended, months)


def border(today: date, months: int) -> date:
    """What ended before this day is over its time today: the first day that is still kept."""
    day = add_months(today, -months)
    while kept_until(day, months) < today:  # 28 February ends a short year's month: a day or two are made up
        day += DAY
    return day
