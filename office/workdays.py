"""Working days, public holidays and the dates that follow from them (R11, R12, R19, R20).

Pure: no clock, no database. Dates are calendar dates in Finland; a `month` is always the first day of the month in
which the work was done. `closing_days` are the office's own closing days, on top of the law's.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

HELSINKI = ZoneInfo("Europe/Helsinki")

SATURDAY = 5
DAY = timedelta(days=1)


def easter_sunday(year: int) -> date:
    """Easter Sunday of the western church (the Gregorian computus)."""
    golden = year % 19
    century, in_century = divmod(year, 100)
    leap_centuries, rest_of_centuries = divmod(century, 4)
    moon_shift = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leap_centuries - moon_shift + 15) % 30
    leap_years, rest_of_years = divmod(in_century, 4)
    to_sunday = (32 + 2 * rest_of_centuries + 2 * leap_years - epact - rest_of_years) % 7
    correction = (golden + 11 * epact + 22 * to_sunday) // 451
    month, day = divmod(epact + to_sunday - 7 * correction + 114, 31)
    return date(year, month, day + 1)


def _saturday_from(day: date) -> date:
    return day + DAY * ((SATURDAY - day.weekday()) % 7)


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The thirteen public holidays of Finland in `year`. The two eves are not among them: see `is_working_day`."""
    easter = easter_sunday(year)
    return frozenset(
        {
            date(year, 1, 1),  # New Year's Day
            date(year, 1, 6),  # Epiphany
            easter - 2 * DAY,  # Good Friday
            easter,
            easter + DAY,  # Easter Monday
            date(year, 5, 1),  # May Day
            easter + 39 * DAY,  # Ascension Day
            easter + 49 * DAY,  # Whit Sunday
            _saturday_from(date(year, 6, 20)),  # Midsummer Day
            _saturday_from(date(year, 10, 31)),  # All Saints' Day
            date(year, 12, 6),  # Independence Day
            date(year, 12, 25),
            date(year, 12, 26),
        }
    )


def christmas_eve(year: int) -> date:
    return date(year, 12, 24)


def midsummer_eve(year: int) -> date:
    return _saturday_from(date(year, 6, 20)) - DAY


def is_working_day(day: date, *, closing_days: Collection[date] = ()) -> bool:
    """R12: Monday to Friday, no public holiday, neither of the two eves, nor the office's own closing day."""
    return (
        day.weekday() < SATURDAY
        and day not in public_holidays(day.year)
        and day not in (christmas_eve(day.year), midsummer_eve(day.year))
        and day not in closing_days
    )


def previous_working_day(day: date, *, closing_days: Collection[date] = ()) -> date:
    """The last working day strictly before `day` (R12)."""
    day -= DAY
    while not is_working_day(day, closing_days=closing_days):
        day -= DAY
    return day


def next_working_day(day: date, *, closing_days: Collection[date] = ()) -> date:
    """The first working day strictly after `day` (R12)."""
    day += DAY
    while not is_working_day(day, closing_days=closing_days):
        day += DAY
    return day


def next_month(month: date) -> date:
    """The first day of the month after the one that holds `month`."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def list_due_day(month: date, *, due_day: int = 9) -> date:
    """R19: the hour list of `month` reaches the unit at the latest on this day, day off or not."""
    return next_month(month).replace(day=due_day)


def list_reminder_day(month: date, *, due_day: int = 9, closing_days: Collection[date] = ()) -> date:
    """The day to remind of the list: the due day, or the working day before when the due day is a day off."""
    due = list_due_day(month, due_day=due_day)
    return (
        due if is_working_day(due, closing_days=closing_days) else previous_working_day(due, closing_days=closing_days)
    )


def pay_day(month: date, *, adjust: bool = True) -> date:
    """R20: work of `month` is paid on the last day of the following month.

    With `adjust` a day on which banks are closed becomes the banking day before it. The office's own closing days do
    not close the banks.
    """
    last = next_month(next_month(month)) - DAY
    return previous_working_day(last) if adjust and not is_working_day(last) else last


def reporting_deadline(paid_on: date) -> date:
    """The day by which the payroll house reports a payment: five calendar days, moved to the next weekday if off."""
    fifth = paid_on + 5 * DAY
    return fifth if is_working_day(fifth) else next_working_day(fifth)


def to_utc(moment: datetime) -> datetime:
    """`moment` in UTC. Raises ValueError for a naive one.

    Two datetimes of the same zone are compared by wall clock in Python, so compare and subtract in UTC only.
    """
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC)


def local_date(moment: datetime) -> date:
    """The calendar date in Helsinki of an aware `moment`."""
    return to_utc(moment).astimezone(HELSINKI).date()


def month_of(moment: datetime) -> date:
    """The first day of the month in Helsinki to which an aware `moment` belongs."""
    return local_date(moment).replace(day=1)


def at_wall_clock(day: date, clock: time) -> datetime:
    """The moment, in UTC, when clocks in Helsinki show `clock` on `day`.

    An hour that comes twice in the autumn is the first one. ValueError for a time skipped in the spring.
    """
    local = datetime.combine(day, clock.replace(tzinfo=None), tzinfo=HELSINKI)
    moment = local.astimezone(UTC)
    if moment.astimezone(HELSINKI).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValueError(f"clocks in Helsinki never show {clock:%H:%M} on {day.isoformat()}")
    return moment
