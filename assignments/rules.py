"""Cancelling, what happened to a session and what it pays (R11-R16, R23, R24).

Pure: no Django, no clock, no translated text. Moments are aware and come back in UTC; 15:00 is the wall clock in
Helsinki.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum

from feetables.rules import (
    Basis,
    Price,
    Terms,
    Unit,
    choose,
    declined,
    nothing,
    price,
    receipt,
    total,
    travel,
)
from office.kinds import TaskType as TaskType
from office.workdays import (
    HELSINKI,
    at_wall_clock,
    local_date,
    previous_working_day,
    to_utc,
)

FREE_UNTIL_CLOCK = time(15, 0)
CENT = Decimal("0.01")


class RuleError(ValueError):
    """What cannot be, e.g. nobody came to an individual meeting. `code` tells why; words are made at the edge."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = {name: str(value) for name, value in params.items()}


class CancellationBasis(StrEnum):
    """R11: from which day the free-cancellation limit is counted."""

    PREVIOUS_WORKING_DAY = "previous_working_day"
    PREVIOUS_CALENDAR_DAY = "previous_calendar_day"


class Event(StrEnum):
    """What happened to an agreed session, as people tell it."""

    HELD = "held"
    ORDERER_CANCELLED = "orderer_cancelled"
    MOVED = "moved"
    NO_SHOW = "no_show"
    NOBODY_CAME = "nobody_came"
    GROUP_ENDED = "group_ended"
    EXPERT_ILL = "expert_ill"
    EXPERT_CANCELLED = "expert_cancelled"
    SHORTENED = "shortened"


class Outcome(StrEnum):
    """How a session ended, as it is stored. A shortening in time is a changed agreement, no outcome."""

    HELD = "held"
    CANCELLED_IN_TIME = "cancelled_in_time"
    CANCELLED_LATE = "cancelled_late"
    MOVED = "moved"
    NO_SHOW = "no_show"
    NOBODY_CAME = "nobody_came"
    GROUP_ENDED = "group_ended"
    EXPERT_ILL = "expert_ill"
    EXPERT_CANCELLED = "expert_cancelled"
    SHORTENED_LATE = "shortened_late"


class Pays(StrEnum):
    """Which hours the fee is counted from."""

    NOTHING = "nothing"
    AGREED = "agreed"
    DONE = "done"


class TravelPaid(StrEnum):
    """Which travel is paid: none, the journey agreed and made, or costs that are not refunded, against a receipt."""

    NONE = "none"
    MADE = "made"
    RECEIPTS = "receipts"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from what happened. `rule` is the rule or the source, `reason` a code to be worded."""

    outcome: Outcome
    pays: Pays
    travel: TravelPaid
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a session pays: the fee line, the travel line if there is one, and their sum in euros."""

    fee: Price
    travel: Price | None
    total: Decimal


# --- the free-cancellation limit -------------------------------------------------------------------------------------


def cancellation_deadline(
    starts_at: datetime,
    *,
    basis: CancellationBasis = CancellationBasis.PREVIOUS_WORKING_DAY,
    at_time: time = FREE_UNTIL_CLOCK,
    closing_days: Collection[date] = (),
) -> datetime:
    """R11-R13: until when, that moment included, a session that begins at `starts_at` is cancelled free of charge.

    Aware in, UTC out. `at_time` is wall-clock time in Helsinki; the days are those of the Finnish calendar. ValueError
    for a naive moment.
    """
    day = local_date(starts_at)
    if basis is CancellationBasis.PREVIOUS_CALENDAR_DAY:
        return at_wall_clock(day - timedelta(days=1), at_time)
    return at_wall_clock(previous_working_day(day, closing_days=closing_days), at_time)


def is_free(received_at: datetime, free_until: datetime) -> bool:
    """R11, R14: whether a cancellation received at that moment is free of charge; the limit itself still is."""
    return to_utc(received_at) <= to_utc(free_until)


# --- what happened ---------------------------------------------------------------------------------------------------

# S1 and S0 are the county's service description and introduction package, see docs/fee-rules.md.
HELD = Verdict(Outcome.HELD, Pays.DONE, TravelPaid.MADE, "S1 6.2", "held")
CANCELLED_IN_TIME = Verdict(Outcome.CANCELLED_IN_TIME, Pays.NOTHING, TravelPaid.NONE, "R11", "cancelled_in_time")
CANCELLED_LATE = Verdict(Outcome.CANCELLED_LATE, Pays.AGREED, TravelPaid.RECEIPTS, "R11", "cancelled_late")
MOVED = Verdict(Outcome.MOVED, Pays.NOTHING, TravelPaid.NONE, "R16", "moved")
NO_SHOW = Verdict(Outcome.NO_SHOW, Pays.AGREED, TravelPaid.MADE, "S1 6.2", "no_show")
NOBODY_CAME = Verdict(Outcome.NOBODY_CAME, Pays.AGREED, TravelPaid.MADE, "S1 6.2", "nobody_came")
GROUP_ENDED = Verdict(Outcome.GROUP_ENDED, Pays.NOTHING, TravelPaid.NONE, "S1 6.2", "group_ended")
EXPERT_ILL = Verdict(Outcome.EXPERT_ILL, Pays.NOTHING, TravelPaid.NONE, "S1 6.2", "expert_ill")
EXPERT_CANCELLED = Verdict(
    Outcome.EXPERT_CANCELLED,
    Pays.NOTHING,
    TravelPaid.NONE,
    "cautious",
    "expert_cancelled",
)
SHORTENED_LATE = Verdict(Outcome.SHORTENED_LATE, Pays.AGREED, TravelPaid.MADE, "R11", "shortened_late")

# Event: (verdict in time or at any time, verdict after the limit). None: not an outcome then.
VERDICTS: dict[Event, tuple[Verdict | None, Verdict]] = {
    Event.HELD: (HELD, HELD),
    Event.ORDERER_CANCELLED: (CANCELLED_IN_TIME, CANCELLED_LATE),
    Event.MOVED: (MOVED, MOVED),
    Event.NO_SHOW: (NO_SHOW, NO_SHOW),
    Event.NOBODY_CAME: (NOBODY_CAME, NOBODY_CAME),
    Event.GROUP_ENDED: (GROUP_ENDED, GROUP_ENDED),
    Event.EXPERT_ILL: (EXPERT_ILL, EXPERT_ILL),
    Event.EXPERT_CANCELLED: (EXPERT_CANCELLED, EXPERT_CANCELLED),
    Event.SHORTENED: (None, SHORTENED_LATE),
}

BY_OUTCOME: dict[Outcome, Verdict] = {
    verdict.outcome: verdict for pair in VERDICTS.values() for verdict in pair if verdict is not None
}

# Events for which the moment they were told decides.
TIMED = frozenset(event for event, (in_time, late) in VERDICTS.items() if in_time != late)

# Events that only some kinds of work can have; the others are for all.
ONLY_FOR: dict[Event, frozenset[TaskType]] = {
    Event.NOBODY_CAME: frozenset(
        {
            TaskType.GROUP,
            TaskType.LECTURE,
            TaskType.APPOINTMENT,
            TaskType.WALK_IN,
            TaskType.MEETING,
        }
    ),
    Event.GROUP_ENDED: frozenset({TaskType.GROUP}),
}


def possible_events(task_type: TaskType) -> tuple[Event, ...]:
    """What can happen to a session of this kind of work, in the order of the table."""
    return tuple(event for event in Event if task_type in ONLY_FOR.get(event, frozenset(TaskType)))


def outcome_verdict(
    event: Event,
    *,
    task_type: TaskType,
    received_at: datetime | None = None,
    free_until: datetime,
) -> Verdict:
    """The outcome table: what follows when `event` happens to a session of `task_type`.

    `free_until` is the limit stored on the session (R13), `received_at` when a cancellation or shortening was received
    (R14). Raises RuleError "event_not_for_task", "received_at_missing", "shortened_in_time" (change the agreement
    instead).
    """
    if event not in possible_events(task_type):
        raise RuleError("event_not_for_task", event=event.value, task_type=task_type.value)
    in_time, late = VERDICTS[event]
    if event not in TIMED:
        return late
    if received_at is None:
        raise RuleError("received_at_missing", event=event.value)
    if not is_free(received_at, free_until):
        return late
    if in_time is None:
        raise RuleError("shortened_in_time")
    return in_time


# --- what it pays ----------------------------------------------------------------------------------------------------


def _fee(
    verdict: Verdict,
    items: Sequence[Terms],
    agreed_minutes: int,
    done_minutes: int | None,
    agreed_amount: Decimal | None,
) -> Price:
    if verdict.pays is Pays.NOTHING:
        return nothing(choose(items, agreed_minutes), verdict.reason)
    if verdict.pays is Pays.DONE and done_minutes is None:
        raise RuleError("done_minutes_missing")
    minutes_priced = done_minutes if verdict.pays is Pays.DONE and done_minutes is not None else agreed_minutes
    terms = choose(items, minutes_priced)
    if terms.basis is Basis.PER_MONTH:  # the month is a line of its own, however many sessions there are
        return replace(nothing(terms, "by_month"), explanation=(("by_month", {"unit_price": str(terms.amount)}),))
    return price(terms, minutes_priced, agreed_amount)


def _travel(
    verdict: Verdict,
    terms: Terms | None,
    km_agreed: Decimal | None,
    km_made: Decimal | None,
    *,
    receipts: Decimal | None,
    cap: Decimal | None,
) -> Price | None:
    by_ticket = verdict.travel is TravelPaid.MADE and cap is not None
    if receipts is not None and verdict.travel is not TravelPaid.RECEIPTS and not by_ticket:
        raise RuleError("receipts_not_payable", outcome=verdict.outcome.value)
    if receipts is not None:
        if terms is None:
            raise RuleError("travel_not_agreed")
        shown = receipt(terms, receipts)
        if cap is None or receipts <= cap:
            return shown
        fact = ("receipt_capped", {"made": str(receipts), "agreed": str(cap)})
        return replace(receipt(terms, cap), explanation=(*shown.explanation, fact))
    if verdict.travel is not TravelPaid.MADE or terms is None or not km_agreed or not km_made:
        return None
    made = travel(terms, min(km_made, km_agreed))
    if km_made <= km_agreed:
        return made
    capped = ("km_capped", {"made": str(km_made), "agreed": str(km_agreed)})
    return replace(made, explanation=(*made.explanation, capped))


def consequence(
    verdict: Verdict,
    *,
    terms: Terms | Sequence[Terms],
    agreed_minutes: int,
    done_minutes: int | None = None,
    agreed_amount: Decimal | None = None,
    fee_declined: bool = False,
    travel_terms: Terms | None = None,
    travel_km_agreed: Decimal | None = None,
    travel_km_made: Decimal | None = None,
    receipts: Decimal | None = None,
    travel_cap: Decimal | None = None,
) -> Consequence:
    """What a session pays by its verdict and the terms frozen when it was agreed (R4).

    `terms` is one item, or all duration brackets of the kind of work: the work done may fall in another than the work
    agreed. Travel needs an agreement and a journey; more kilometres than agreed are not paid. `receipts` in euros:
    after a late cancellation, and for tickets, which are paid up to `travel_cap`. A declined fee (R24) does not decline
    travel. Raises RuleError and FeeError.
    """
    items = (terms,) if isinstance(terms, Terms) else tuple(terms)
    fee = _fee(verdict, items, agreed_minutes, done_minutes, agreed_amount)
    if fee_declined:
        fee = declined(fee)
    journey = _travel(verdict, travel_terms, travel_km_agreed, travel_km_made, receipts=receipts, cap=travel_cap)
    lines = [fee] if journey is None else [fee, journey]
    return Consequence(fee=fee, travel=journey, total=total(line.amount for line in lines))


def decided(by_rule: Price, amount: Decimal, reason: str) -> Price:
    """The fee line when the coordinator decides another sum (also 0,00 €) than the rule: one piece at that price.

    The explanation keeps what the rule says, then both sums and the reason. Raises RuleError "decided_amount" (below
    zero or not in whole cents), "decided_same", "decided_why".
    """
    if amount < 0 or amount != amount.quantize(CENT):
        raise RuleError("decided_amount")
    if amount == by_rule.amount:
        raise RuleError("decided_same", amount=amount)
    if not reason.strip():
        raise RuleError("decided_why")
    fact = ("decided", {"rule": str(by_rule.amount), "decided": str(amount.quantize(CENT)), "reason": reason.strip()})
    return replace(
        by_rule,
        units=Decimal(1),
        unit=Unit.EVENT,
        unit_price=amount.quantize(CENT),
        amount=amount.quantize(CENT),
        minimum_applied=False,
        step_applied=False,
        explanation=(*by_rule.explanation, fact),
    )


# --- time ------------------------------------------------------------------------------------------------------------


def minutes(starts_at: datetime, ends_at: datetime) -> int:
    """Whole minutes that really pass, also over a night when the clock changes.

    ValueError for a naive moment; RuleError "ends_before_start", "not_whole_minutes".
    """
    elapsed = to_utc(ends_at) - to_utc(starts_at)
    if elapsed <= timedelta(0):
        raise RuleError("ends_before_start")
    whole, rest = divmod(elapsed, timedelta(minutes=1))
    if rest:
        raise RuleError("not_whole_minutes")
    return whole


def overlap(
    first_starts: datetime,
    first_ends: datetime,
    then_starts: datetime,
    then_ends: datetime,
) -> bool:
    """Whether two times share a moment. Half-open: 9-10 and 10-11 do not."""
    return to_utc(first_starts) < to_utc(then_ends) and to_utc(then_starts) < to_utc(first_ends)


def weekly_dates(
    starts_at: datetime, ends_at: datetime, count: int, *, weeks: int = 1
) -> tuple[tuple[datetime, datetime], ...]:
    """`count` times, every `weeks` weeks, at the same wall-clock time in Helsinki as the first (R9); in UTC.

    ValueError for a naive moment or when a time falls in the hour skipped in spring.
    """
    minutes(starts_at, ends_at)
    first_start, first_end = (to_utc(moment).astimezone(HELSINKI) for moment in (starts_at, ends_at))
    return tuple(
        (
            at_wall_clock(first_start.date() + step, first_start.time()),
            at_wall_clock(first_end.date() + step, first_end.time()),
        )
        for step in (timedelta(weeks=weeks * number) for number in range(count))
    )
