"""D13: what people type as a time is understood or refused, never ignored or guessed."""

from datetime import UTC, date, datetime, time

import pytest

from office.inputs import InputError, done_span, parse_time, span


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("9", time(9)),
        ("09", time(9)),
        ("9.00", time(9)),
        ("9:00", time(9)),
        ("9,00", time(9)),
        ("09:00", time(9)),
        ("900", time(9)),
        ("0900", time(9)),
        ("930", time(9, 30)),
        ("9.30", time(9, 30)),
        ("1415", time(14, 15)),
        ("klo 9.30", time(9, 30)),
        ("kl. 9.30", time(9, 30)),
        (" 9.30 ", time(9, 30)),
        ("9,5", time(9, 30)),
        ("9,0", time(9)),
        ("0", time(0)),
        ("0.00", time(0)),
        ("23.59", time(23, 59)),
    ],
)
def test_times_people_type(typed: str, meant: time) -> None:
    assert parse_time(typed) == meant


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("24.00", "time_24"),
        ("24", "time_24"),
        ("2400", "time_24"),
        ("9,3", "time_minutes"),
        ("9.5", "time_minutes"),
        ("9:5", "time_minutes"),
        ("25", "time_none"),
        ("9.60", "time_none"),
        ("", "time"),
        ("noon", "time"),
        ("9.30.00", "time"),
        ("-9", "time"),
        ("12345", "time"),
    ],
)
def test_times_that_are_refused(typed: str, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_time(typed)
    assert refusal.value.code == code


@pytest.mark.parametrize("typed", ["24.00", "24", "2400", "24,0"])
def test_an_end_at_24_is_midnight(typed: str) -> None:
    assert parse_time(typed, end=True) == time(0)
    assert span(date(2026, 10, 5), time(21), time(0))[1] == datetime(2026, 10, 5, 21, tzinfo=UTC)


def test_nothing_ends_after_24() -> None:
    with pytest.raises(InputError, match="time_24"):
        parse_time("24.30", end=True)


def test_an_evening_that_ends_after_midnight_ends_on_the_next_day() -> None:
    assert span(date(2026, 10, 5), time(18), time(0, 30)) == (
        datetime(2026, 10, 5, 15, tzinfo=UTC),
        datetime(2026, 10, 5, 21, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("day", "start", "end", "code"),
    [
        (date(2026, 10, 5), time(14), time(13), "too_long"),
        (date(2026, 10, 5), time(14), time(14), "end_same"),
        (date(2026, 3, 29), time(3, 30), time(5), "skipped"),
    ],
)
def test_spans_that_are_refused(day: date, start: time, end: time, code: str) -> None:
    with pytest.raises(InputError) as refusal:
        span(day, start, end)
    assert refusal.value.code == code


# Lesson T7.
@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 28), 4), (date(2026, 10, 24), 6)], ids=["spring", "autumn"])
def test_a_night_when_the_clock_changes_has_the_hours_that_pass(day: date, hours: int) -> None:
    starts_at, ends_at = span(day, time(23), time(4))
    assert (ends_at - starts_at).total_seconds() == hours * 3600


def test_what_was_done_of_a_night_lies_after_midnight_when_typed_so() -> None:
    night = span(date(2026, 10, 7), time(22), time(2))
    assert done_span(night, time(0, 30), time(2)) == span(date(2026, 10, 8), time(0, 30), time(2))
    assert done_span(night, time(21, 30), time(1)) == span(date(2026, 10, 7), time(21, 30), time(1))
    morning = span(date(2026, 10, 7), time(10), time(12))
    assert done_span(morning, time(8), time(9)) == span(date(2026, 10, 7), time(8), time(9))
