"""Working days, holidays and the days of the month. The tables are those of docs/fee-rules.md."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from office import workdays
from office.workdays import HELSINKI
from tests.worked_tables import Row, cases, day, month

DATES = st.dates(date(2020, 1, 1), date(2040, 12, 31))


# --- holidays --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle() -> Any:
    """Another's list of Finnish holidays: the thirteen and the two eves."""
    holidays = pytest.importorskip("holidays")
    return holidays.country_holidays("FI", years=range(2020, 2041))


@pytest.mark.parametrize("year", range(2020, 2041))
def test_the_thirteen_and_the_eves_as_others_count_them(year: int, oracle: Any) -> None:
    ours = workdays.public_holidays(year) | {
        workdays.christmas_eve(year),
        workdays.midsummer_eve(year),
    }
    assert sorted(ours) == sorted(day for day in oracle if day.year == year)


@pytest.mark.parametrize("year", range(2020, 2041))
def test_thirteen_a_year(year: int) -> None:
    assert len(workdays.public_holidays(year)) == 13


@pytest.mark.parametrize(
    "easter",
    [
        date(1818, 3, 22),
        date(1943, 4, 25),
        date(1954, 4, 18),
        date(2024, 3, 31),
        date(2038, 4, 25),
        date(2285, 3, 22),
    ],
    ids=str,
)
def test_easter_early_and_late(easter: date) -> None:
    assert workdays.easter_sunday(easter.year) == easter


def test_easter_of_fourteen_centuries_as_others_count_it() -> None:
    easter = pytest.importorskip("dateutil.easter").easter
    assert [year for year in range(1600, 3000) if workdays.easter_sunday(year) != easter(year)] == []


@pytest.mark.parametrize(
    ("when", "working"),
    [
        pytest.param(date(2025, 12, 31), True, id="New Year's Eve"),
        pytest.param(date(2026, 4, 2), True, id="Maundy Thursday"),
        pytest.param(date(2026, 4, 3), False, id="Good Friday"),
        pytest.param(date(2026, 4, 6), False, id="Easter Monday"),
        pytest.param(date(2026, 4, 30), True, id="May Day Eve"),
        pytest.param(date(2026, 5, 1), False, id="May Day"),
        pytest.param(date(2026, 5, 14), False, id="Ascension Day"),
        pytest.param(date(2026, 5, 15), True, id="bridge day"),
        pytest.param(date(2026, 6, 18), True, id="Thursday before Midsummer"),
        pytest.param(date(2026, 6, 19), False, id="Midsummer Eve"),
        pytest.param(date(2026, 12, 23), True, id="23 December"),
        pytest.param(date(2026, 12, 24), False, id="Christmas Eve"),
        pytest.param(date(2026, 10, 31), False, id="Saturday"),
        pytest.param(date(2026, 11, 1), False, id="Sunday"),
        pytest.param(date(2026, 11, 2), True, id="Monday"),
    ],
)
def test_working_days(when: date, *, working: bool) -> None:
    assert workdays.is_working_day(when) is working


def test_the_office_closes_days_of_its_own() -> None:
    closing = {date(2026, 12, 31), date(2026, 12, 30)}
    assert not workdays.is_working_day(date(2026, 12, 31), closing_days=closing)
    assert workdays.previous_working_day(date(2027, 1, 2), closing_days=closing) == date(2026, 12, 29)
    assert workdays.next_working_day(date(2026, 12, 29), closing_days=closing) == date(2027, 1, 4)


@given(DATES)
def test_the_previous_working_day_is_the_nearest_before(when: date) -> None:
    found = workdays.previous_working_day(when)
    between = [found + timedelta(days=step) for step in range(1, (when - found).days)]
    assert found < when
    assert workdays.is_working_day(found)
    assert [day for day in between if workdays.is_working_day(day)] == []


@given(DATES)
def test_next_after_previous_comes_back_to_a_working_day(when: date) -> None:
    later = workdays.next_working_day(when)
    assert later > when
    assert workdays.previous_working_day(later) <= when
    assert workdays.next_working_day(workdays.previous_working_day(later)) == later


# --- days of the month -----------------------------------------------------------------------------------------------


@cases("months")
def test_list_reminder_and_pay_day(row: Row) -> None:
    worked = month(row["work of"])
    assert workdays.list_due_day(worked) == day(row["list at the latest"])
    assert workdays.list_reminder_day(worked) == day(row["reminder"])
    assert workdays.pay_day(worked) == day(row["paid"])


@cases("reports")
def test_the_payment_is_reported_in_five_days(row: Row) -> None:
    assert workdays.reporting_deadline(day(row["paid"])) == day(row["reported by"])


@pytest.mark.parametrize(
    ("worked", "last"),
    [
        (date(2025, 12, 1), date(2026, 1, 31)),
        (date(2026, 4, 1), date(2026, 5, 31)),
        (date(2027, 1, 1), date(2027, 2, 28)),
    ],
    ids=str,
)
def test_pay_day_as_it_falls(worked: date, last: date) -> None:
    assert workdays.pay_day(worked, adjust=False) == last


def test_another_due_day_and_closing_days() -> None:
    assert workdays.list_due_day(date(2026, 10, 1), due_day=5) == date(2026, 11, 5)
    assert workdays.list_reminder_day(date(2026, 10, 1), due_day=5) == date(2026, 11, 5)
    closed = {date(2026, 11, 9), date(2026, 11, 6)}
    assert workdays.list_reminder_day(date(2026, 10, 1), closing_days=closed) == date(2026, 11, 5)


@given(DATES)
def test_the_days_of_a_month_come_in_order(when: date) -> None:
    worked = when.replace(day=1)
    assert worked < workdays.list_reminder_day(worked) <= workdays.list_due_day(worked) < workdays.pay_day(worked)
    assert workdays.is_working_day(workdays.pay_day(worked))
    assert workdays.pay_day(worked).month == workdays.next_month(worked).month
    assert workdays.is_working_day(workdays.reporting_deadline(workdays.pay_day(worked)))


# --- moments and the wall clock --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "worked"),
    [
        pytest.param(
            datetime(2026, 6, 30, 20, 59, tzinfo=UTC),
            date(2026, 6, 1),
            id="23:59 on 30 June",
        ),
        pytest.param(
            datetime(2026, 6, 30, 21, 0, tzinfo=UTC),
            date(2026, 7, 1),
            id="00:00 on 1 July",
        ),
        pytest.param(
            datetime(2026, 6, 30, 23, 59, tzinfo=UTC),
            date(2026, 7, 1),
            id="02:59 on 1 July",
        ),
        pytest.param(
            datetime(2026, 12, 31, 21, 59, tzinfo=UTC),
            date(2026, 12, 1),
            id="23:59 on New Year's Eve",
        ),
        pytest.param(
            datetime(2026, 12, 31, 22, 0, tzinfo=UTC),
            date(2027, 1, 1),
            id="00:00 on New Year's Day",
        ),
        pytest.param(
            datetime(2027, 1, 1, 0, 30, tzinfo=HELSINKI),
            date(2027, 1, 1),
            id="told in local time",
        ),
    ],
)
def test_work_after_midnight_on_the_first_belongs_to_the_new_month(moment: datetime, worked: date) -> None:
    assert workdays.month_of(moment) == worked


@pytest.mark.parametrize(
    ("when", "clock", "utc"),
    [
        pytest.param(
            date(2026, 1, 15),
            time(15),
            datetime(2026, 1, 15, 13, tzinfo=UTC),
            id="winter",
        ),
        pytest.param(
            date(2026, 7, 15),
            time(15),
            datetime(2026, 7, 15, 12, tzinfo=UTC),
            id="summer",
        ),
        pytest.param(
            date(2026, 10, 25),
            time(3, 30),
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            id="the first of two",
        ),
        pytest.param(
            date(2026, 3, 29),
            time(2, 59),
            datetime(2026, 3, 29, 0, 59, tzinfo=UTC),
            id="before the skip",
        ),
        pytest.param(
            date(2026, 3, 29),
            time(4),
            datetime(2026, 3, 29, 1, tzinfo=UTC),
            id="after the skip",
        ),
    ],
)
def test_wall_clock(when: date, clock: time, utc: datetime) -> None:
    assert workdays.at_wall_clock(when, clock) == utc


@pytest.mark.parametrize("clock", [time(3, 0), time(3, 30), time(3, 59)], ids=str)
def test_a_time_skipped_in_spring_does_not_exist(clock: time) -> None:
    with pytest.raises(ValueError, match="never show"):
        workdays.at_wall_clock(date(2026, 3, 29), clock)


@pytest.mark.parametrize(
    "ask",
    [workdays.to_utc, workdays.local_date, workdays.month_of],
    ids=lambda ask: ask.__name__,
)
def test_a_moment_without_a_zone_is_refused(ask: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 1, 1, 12))  # noqa: DTZ001 -- a naive moment is what is tested
