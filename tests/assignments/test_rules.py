"""Cancelling, outcomes and what a session pays. The tables are those of docs/fee-rules.md."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assignments.rules import (
    BY_OUTCOME,
    ONLY_FOR,
    VERDICTS,
    CancellationBasis,
    Event,
    Outcome,
    Pays,
    RuleError,
    TravelPaid,
    Verdict,
    cancellation_deadline,
    consequence,
    is_free,
    minutes,
    outcome_verdict,
    overlap,
    possible_events,
    weekly_dates,
)
from feetables.rules import FeeError, Terms, round_cents, total
from office.kinds import TaskType
from office.workdays import HELSINKI, at_wall_clock, is_working_day
from tests.worked_tables import Row, amount, cases, day, duration, euros, items, table

SECOND = timedelta(seconds=1)
STARTS_AT = at_wall_clock(date(2026, 10, 15), time(13))
FREE_UNTIL = at_wall_clock(date(2026, 10, 14), time(15))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- as Hypothesis asks


def told(text: str) -> datetime | None:
    if not text:
        return None
    numbers, clock = text.split()
    hour, minute, second = map(int, clock.split(":"))
    return at_wall_clock(day(numbers), time(hour, minute, second))


# --- the free-cancellation limit -------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock", [time(0, 0), time(9, 0), time(15, 0), time(23, 59)], ids=str)
@cases("deadlines")
def test_deadlines(row: Row, clock: time) -> None:
    """R11, R12, T2, T6: Mondays, Easter, May Day, Midsummer, Christmas; over both changes of the clock."""
    deadline = cancellation_deadline(at_wall_clock(day(row["session"]), clock))
    assert deadline == at_wall_clock(day(row["free until 15:00 on"]), time(15))
    assert f"{deadline:%H:%M} {deadline.tzinfo}" == f"{row['in UTC']} UTC"


@cases("calendar days")
def test_deadlines_by_calendar_day(row: Row) -> None:
    deadline = cancellation_deadline(
        at_wall_clock(day(row["session"]), time(9)),
        basis=CancellationBasis.PREVIOUS_CALENDAR_DAY,
    )
    assert deadline == at_wall_clock(day(row["free until 15:00 on"]), time(15))


def test_another_clock_and_closing_days() -> None:
    deadline = cancellation_deadline(STARTS_AT, at_time=time(12, 30), closing_days={date(2026, 10, 14)})
    assert deadline == at_wall_clock(date(2026, 10, 13), time(12, 30))


def test_the_start_may_be_told_in_any_zone() -> None:
    late_in_kiritimati = STARTS_AT.astimezone(ZoneInfo("Pacific/Kiritimati"))
    assert cancellation_deadline(late_in_kiritimati) == FREE_UNTIL


def test_half_past_midnight_in_helsinki_is_that_day_though_utc_says_the_day_before() -> None:
    starts_at = datetime(2026, 10, 13, 21, 30, tzinfo=UTC)  # Wed 14.10.2026 at 00:30
    assert cancellation_deadline(starts_at) == at_wall_clock(date(2026, 10, 13), time(15))


@given(MOMENTS)
def test_the_deadline_is_at_15_on_a_working_day_before_the_session(
    starts_at: datetime,
) -> None:
    deadline = cancellation_deadline(starts_at)
    local = deadline.astimezone(HELSINKI)
    assert deadline < starts_at
    assert local.time() == time(15)
    assert is_working_day(local.date())
    assert local.date() < starts_at.astimezone(HELSINKI).date()


@pytest.mark.parametrize("year", range(2024, 2031))
def test_every_day_of_the_year_has_such_a_deadline(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days)]
    deadlines = {when: cancellation_deadline(at_wall_clock(when, time(9))).astimezone(HELSINKI) for when in days}
    wrong = [
        when
        for when, limit in deadlines.items()
        if limit.date() >= when or limit.time() != time(15) or not is_working_day(limit.date())
    ]
    assert wrong == []
    assert sorted(deadlines.values()) == list(deadlines.values())


@given(MOMENTS)
def test_the_working_day_limit_is_never_after_the_calendar_day_limit(
    starts_at: datetime,
) -> None:
    by_calendar = cancellation_deadline(starts_at, basis=CancellationBasis.PREVIOUS_CALENDAR_DAY)
    assert cancellation_deadline(starts_at) <= by_calendar < starts_at


# Lesson T4.
@pytest.mark.parametrize(
    ("received_at", "free"),
    [
        pytest.param(FREE_UNTIL - SECOND, True, id="a second before"),
        pytest.param(FREE_UNTIL, True, id="at the limit"),
        pytest.param(
            FREE_UNTIL + timedelta(microseconds=1),
            False,
            id="the smallest moment after",
        ),
        pytest.param(FREE_UNTIL + SECOND, False, id="a second after"),
        pytest.param(STARTS_AT + timedelta(days=1), False, id="after the session"),
    ],
)
def test_the_limit_itself_is_free(received_at: datetime, *, free: bool) -> None:
    assert is_free(received_at, FREE_UNTIL) is free


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 10, 25, 3, 30, tzinfo=HELSINKI)
    second = first.replace(fold=1)
    assert is_free(first, second)
    assert not is_free(second, first)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(cancellation_deadline, id="deadline"),
        pytest.param(lambda naive: is_free(naive, FREE_UNTIL), id="received"),
        pytest.param(lambda naive: is_free(FREE_UNTIL, naive), id="limit"),
        pytest.param(lambda naive: minutes(naive, FREE_UNTIL), id="minutes"),
        pytest.param(lambda naive: overlap(naive, STARTS_AT, FREE_UNTIL, STARTS_AT), id="overlap"),
        pytest.param(lambda naive: weekly_dates(naive, STARTS_AT, 2), id="series"),
    ],
)
def test_a_moment_without_a_zone_is_refused(ask: Any) -> None:
    with pytest.raises(ValueError, match="time zone"):
        ask(datetime(2026, 10, 14, 9))  # noqa: DTZ001 -- a naive moment is what is tested


# --- the outcome table -----------------------------------------------------------------------------------------------

WHEN = {"": None, "in time": FREE_UNTIL, "late": FREE_UNTIL + SECOND}


@cases("outcomes")
def test_outcomes(row: Row) -> None:
    verdict = outcome_verdict(
        Event(row["event"]),
        task_type=TaskType.GROUP,
        received_at=WHEN[row["told"]],
        free_until=FREE_UNTIL,
    )
    assert verdict == Verdict(
        Outcome(row["outcome"]),
        Pays(row["pays"]),
        TravelPaid(row["travel"]),
        row["rule"],
        row["outcome"],
    )


def test_the_table_tells_every_outcome_once() -> None:
    assert sorted(row["outcome"] for row in table("outcomes")) == sorted(Outcome)
    assert set(VERDICTS) == set(Event)
    assert set(BY_OUTCOME) == set(Outcome)


@cases("only for")
def test_kinds_of_work_an_event_is_for(row: Row) -> None:
    kinds = {TaskType(kind) for kind in row["kinds of work"].split(", ")}
    assert {kind for kind in TaskType if Event(row["event"]) in possible_events(kind)} == kinds


def test_other_events_are_for_all() -> None:
    told_apart = {Event(row["event"]) for row in table("only for")}
    assert set(ONLY_FOR) == told_apart
    assert [
        (event, kind) for kind in TaskType for event in set(Event) - told_apart if event not in possible_events(kind)
    ] == []


@cases("sessions refused")
def test_what_cannot_have_happened(row: Row) -> None:
    with pytest.raises(RuleError) as refused:
        outcome_verdict(
            Event(row["event"]),
            task_type=TaskType(row["kind"]),
            received_at=told(row["told"]),
            free_until=FREE_UNTIL,
        )
    assert refused.value.code == row["reason"]


@pytest.mark.parametrize("event", [Event.MOVED, Event.HELD, Event.EXPERT_ILL])
@pytest.mark.parametrize(
    "received_at",
    [None, FREE_UNTIL, FREE_UNTIL + SECOND],
    ids=["not told", "in time", "late"],
)
def test_the_moment_decides_nothing_for_other_events(event: Event, received_at: datetime | None) -> None:
    verdict = outcome_verdict(event, task_type=TaskType.PAIR, received_at=received_at, free_until=FREE_UNTIL)
    assert verdict.outcome.value == event.value


# --- what a session pays ---------------------------------------------------------------------------------------------


def frozen(item: str) -> list[Terms]:
    return [terms for code, terms in items().items() if code == item or (item == "KEH" and code.startswith("KEH"))]


@cases("sessions")
def test_whole_sessions(row: Row) -> None:
    verdict = outcome_verdict(
        Event(row["event"]),
        task_type=TaskType(row["kind"]),
        received_at=told(row["told"]),
        free_until=cancellation_deadline(STARTS_AT),
    )
    pays = consequence(
        verdict,
        terms=frozen(row["item"]),
        agreed_minutes=duration(row["agreed"]) or 0,
        done_minutes=duration(row["done"]),
        agreed_amount=euros(row["agreed amount"]),
        fee_declined=row["declined"] == "yes",
        travel_terms=items()["KM"],
        travel_km_agreed=euros(row["km agreed"]),
        travel_km_made=euros(row["km made"]),
        receipts=euros(row["receipts"]),
    )
    assert pays.fee.amount == amount(row["fee"])
    assert (None if pays.travel is None else pays.travel.amount) == euros(row["travel"])
    assert pays.total == amount(row["total"])


@cases("tickets")
def test_tickets_are_paid_up_to_the_cap(row: Row) -> None:
    """Travel by public transport, agreed with a cap; the explanation tells when the cap was met."""
    moments = {"late": FREE_UNTIL + SECOND, "in time": FREE_UNTIL, "": None}
    verdict = outcome_verdict(
        Event(row["event"]),
        task_type=TaskType.INDIVIDUAL,
        received_at=moments[row["told"]],
        free_until=FREE_UNTIL,
    )
    cap, receipts = amount(row["cap"]), euros(row["receipts"])
    pays = consequence(
        verdict,
        terms=items()["YKS"],
        agreed_minutes=60,
        done_minutes=60,
        travel_terms=items()["KM"],
        receipts=receipts,
        travel_cap=cap,
    )
    paid = pays.travel.amount if pays.travel else Decimal("0.00")
    assert paid == amount(row["travel"])
    capped = [code for code, _params in pays.travel.explanation] if pays.travel else []
    assert ("receipt_capped" in capped) == (receipts is not None and receipts > cap)


def test_tickets_in_parts_of_a_cent_are_refused_also_above_the_cap() -> None:
    with pytest.raises(FeeError, match="receipt"):
        consequence(
            BY_OUTCOME[Outcome.HELD], terms=items()["YKS"], agreed_minutes=60, done_minutes=60,
            travel_terms=items()["KM"], receipts=Decimal("30.005"), travel_cap=Decimal(20),
        )  # fmt: skip


def test_every_event_is_in_the_worked_sessions() -> None:
    assert {row["event"] for row in table("sessions")} == set(Event)


def test_one_item_may_be_given_as_it_is() -> None:
    pays = consequence(
        BY_OUTCOME[Outcome.HELD],
        terms=items()["YKS"],
        agreed_minutes=60,
        done_minutes=60,
    )
    assert (pays.fee.amount, pays.travel) == (Decimal("50.00"), None)


def test_kilometres_over_the_agreed_are_told() -> None:
    pays = consequence(
        BY_OUTCOME[Outcome.HELD],
        terms=items()["YKS"],
        agreed_minutes=60,
        done_minutes=60,
        travel_terms=items()["KM"],
        travel_km_agreed=Decimal(24),
        travel_km_made=Decimal(60),
    )
    assert pays.travel is not None
    assert pays.travel.explanation[-1] == ("km_capped", {"made": "60", "agreed": "24"})


def test_exactly_the_agreed_kilometres_are_nothing_to_tell() -> None:
    pays = consequence(
        BY_OUTCOME[Outcome.HELD],
        terms=items()["YKS"],
        agreed_minutes=60,
        done_minutes=60,
        travel_terms=items()["KM"],
        travel_km_agreed=Decimal(24),
        travel_km_made=Decimal(24),
    )
    assert pays.travel is not None
    assert [code for code, _ in pays.travel.explanation] == ["per_km"]


@pytest.mark.parametrize(
    ("outcome", "extra", "reason"),
    [
        pytest.param(Outcome.HELD, {}, "done_minutes_missing", id="held without hours"),
        pytest.param(
            Outcome.HELD,
            {"done_minutes": 60, "receipts": Decimal(9)},
            "receipts_not_payable",
            id="receipts when held",
        ),
        pytest.param(
            Outcome.CANCELLED_IN_TIME,
            {"receipts": Decimal(9)},
            "receipts_not_payable",
            id="receipts when in time",
        ),
        pytest.param(
            Outcome.CANCELLED_LATE,
            {"receipts": Decimal(9)},
            "travel_not_agreed",
            id="travel was not agreed",
        ),
    ],
)
def test_what_cannot_be_paid(outcome: Outcome, extra: dict[str, Any], reason: str) -> None:
    with pytest.raises(RuleError) as refused:
        consequence(BY_OUTCOME[outcome], terms=items()["YKS"], agreed_minutes=60, **extra)
    assert refused.value.code == reason


KM = st.none() | st.decimals(min_value=0, max_value=400, places=1)
SESSIONS = st.fixed_dictionaries(
    {
        "terms": st.sampled_from(
            [*(frozen(code) for code in ("YKS", "VO", "RYH", "MIN", "MIN2", "KEH", "FIX", "KOK"))]
        ),
        "agreed_minutes": st.integers(min_value=1, max_value=600),
        "done_minutes": st.integers(min_value=1, max_value=600),
        "fee_declined": st.booleans(),
        "travel_terms": st.none() | st.just(items()["KM"]),
        "travel_km_agreed": KM,
        "travel_km_made": KM,
    }
)


@given(SESSIONS, st.sampled_from(list(Outcome)))
def test_a_session_pays_the_sum_of_its_lines(session: dict[str, Any], outcome: Outcome) -> None:
    pays = consequence(BY_OUTCOME[outcome], **session)
    lines = [pays.fee] if pays.travel is None else [pays.fee, pays.travel]
    assert pays.total == total(line.amount for line in lines)
    assert [round_cents(line.units * line.unit_price) for line in lines] == [line.amount for line in lines]


@given(SESSIONS)
def test_a_late_cancellation_never_pays_less_than_one_in_time(
    session: dict[str, Any],
) -> None:
    in_time = consequence(BY_OUTCOME[Outcome.CANCELLED_IN_TIME], **session)
    late = consequence(BY_OUTCOME[Outcome.CANCELLED_LATE], **session)
    assert in_time.total == 0
    assert late.total >= in_time.total


@given(SESSIONS)
def test_shortening_late_saves_nothing(session: dict[str, Any]) -> None:
    agreed = session["agreed_minutes"]
    shortened = consequence(
        BY_OUTCOME[Outcome.SHORTENED_LATE],
        **{**session, "done_minutes": max(agreed - 60, 1)},
    )
    held_as_agreed = consequence(BY_OUTCOME[Outcome.HELD], **{**session, "done_minutes": agreed})
    assert shortened == held_as_agreed


@given(
    SESSIONS,
    st.sampled_from([outcome for outcome in Outcome if BY_OUTCOME[outcome].pays is Pays.NOTHING]),
)
def test_what_pays_nothing_pays_nothing(session: dict[str, Any], outcome: Outcome) -> None:
    pays = consequence(BY_OUTCOME[outcome], **session)
    assert (pays.fee.amount, pays.travel, pays.total) == (
        Decimal("0.00"),
        None,
        Decimal("0.00"),
    )


# --- time ------------------------------------------------------------------------------------------------------------


def local(day_: date, hour: int, minute: int = 0, *, fold: int = 0) -> datetime:
    return datetime(day_.year, day_.month, day_.day, hour, minute, tzinfo=HELSINKI, fold=fold)


SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "passed"),
    [
        pytest.param(
            local(date(2026, 10, 15), 13),
            local(date(2026, 10, 15), 13, 45),
            45,
            id="13:00-13:45",
        ),
        pytest.param(
            local(SPRING, 2, 30),
            local(SPRING, 4, 30),
            60,
            id="02:30-04:30 in spring is an hour",
        ),
        pytest.param(
            local(AUTUMN, 2, 30),
            local(AUTUMN, 4, 30),
            180,
            id="02:30-04:30 in autumn is three hours",
        ),
        pytest.param(
            local(AUTUMN, 3, 30),
            local(AUTUMN, 3, 30, fold=1),
            60,
            id="from half past three to half past three",
        ),
        pytest.param(
            local(date(2026, 10, 15), 22),
            local(date(2026, 10, 16), 0, 30),
            150,
            id="over midnight",
        ),
        pytest.param(
            local(date(2026, 10, 31), 23),
            local(date(2026, 11, 1), 1),
            120,
            id="over the end of a month",
        ),
    ],
)
def test_minutes_that_really_pass(starts_at: datetime, ends_at: datetime, passed: int) -> None:
    """T7: also on the two nights when the clock changes."""
    assert minutes(starts_at, ends_at) == passed


@pytest.mark.parametrize(
    ("ends_at", "reason"),
    [
        pytest.param(STARTS_AT, "ends_before_start", id="no time at all"),
        pytest.param(STARTS_AT - timedelta(hours=1), "ends_before_start", id="backwards"),
        pytest.param(
            STARTS_AT + timedelta(minutes=45, seconds=30),
            "not_whole_minutes",
            id="seconds",
        ),
    ],
)
def test_times_that_cannot_be(ends_at: datetime, reason: str) -> None:
    with pytest.raises(RuleError) as refused:
        minutes(STARTS_AT, ends_at)
    assert refused.value.code == reason


@pytest.mark.parametrize(
    ("first", "then", "clash"),
    [
        pytest.param((9, 10), (10, 11), False, id="one after the other"),
        pytest.param((10, 11), (9, 10), False, id="one before the other"),
        pytest.param((9, 11), (10, 12), True, id="partly"),
        pytest.param((9, 12), (10, 11), True, id="inside"),
        pytest.param((10, 11), (9, 12), True, id="around"),
        pytest.param((9, 10), (9, 10), True, id="the same"),
        pytest.param((9, 10), (12, 13), False, id="apart"),
    ],
)
def test_overlap(first: tuple[int, int], then: tuple[int, int], *, clash: bool) -> None:
    """T11: half-open; partly, inside, around and the same all clash."""
    when = date(2026, 10, 15)
    moments = [local(when, hour) for hour in (*first, *then)]
    assert overlap(moments[0], moments[1], moments[2], moments[3]) is clash


def test_the_two_half_past_threes_of_autumn_do_not_clash() -> None:
    three, four = local(AUTUMN, 3), local(AUTUMN, 4)
    again = three.replace(fold=1)
    assert not overlap(three, again, again, four)


@pytest.mark.parametrize(
    ("first", "days"),
    [
        pytest.param(date(2026, 3, 23), ["23.3.", "30.3.", "6.4."], id="summer time begins"),
        pytest.param(date(2026, 10, 19), ["19.10.", "26.10.", "2.11."], id="summer time ends"),
        pytest.param(date(2026, 3, 22), ["22.3.", "29.3.", "5.4."], id="on the Sunday itself"),
        pytest.param(date(2026, 12, 24), ["24.12.", "31.12.", "7.1."], id="over New Year"),
    ],
)
def test_a_weekly_group_keeps_its_time_on_the_wall(first: date, days: list[str]) -> None:
    series = weekly_dates(local(first, 17), local(first, 18, 30), 3)
    shown = [(starts.astimezone(HELSINKI), ends.astimezone(HELSINKI)) for starts, ends in series]
    assert [f"{starts.day}.{starts.month}." for starts, _ in shown] == days
    assert {f"{starts:%H:%M}-{ends:%H:%M}" for starts, ends in shown} == {"17:00-18:30"}
    assert [minutes(starts, ends) for starts, ends in series] == [90, 90, 90]
    assert {starts.tzinfo for starts, _ in series} == {UTC}


def test_a_series_every_other_week() -> None:
    series = weekly_dates(STARTS_AT, STARTS_AT + timedelta(hours=1), 3, weeks=2)
    assert [starts.astimezone(HELSINKI).date() for starts, _ in series] == [
        date(2026, 10, 15),
        date(2026, 10, 29),
        date(2026, 11, 12),
    ]


# Lesson T6.
def test_a_series_has_a_deadline_for_each_session() -> None:
    series = weekly_dates(local(date(2026, 3, 23), 9), local(date(2026, 3, 23), 10), 3)
    limits = [cancellation_deadline(starts).astimezone(HELSINKI) for starts, _ in series]
    assert [f"{limit:%d.%m. %H:%M}" for limit in limits] == [
        "20.03. 15:00",
        "27.03. 15:00",
        "02.04. 15:00",
    ]


def test_a_series_into_the_hour_skipped_in_spring_is_refused() -> None:
    with pytest.raises(ValueError, match="never show"):
        weekly_dates(local(date(2026, 3, 22), 3, 15), local(date(2026, 3, 22), 4), 2)
