"""What happened to an agreed session: cancelled, held, nobody came (R11-R16). The only place that prices an outcome."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.announcing import announce_each, by_order
from assignments.actions.common import act, no_codes
from assignments.actions.conditions import stored
from assignments.actions.people import acts_as
from assignments.actions.processes import follow
from assignments.actions.waiting import open_move, open_moves, read_moves
from assignments.models import Move, Session
from assignments.pairs import at_the_same_time, of_other
from assignments.rules import (
    VERDICTS,
    Consequence,
    Event,
    Outcome,
    Pays,
    RuleError,
    TravelPaid,
    Verdict,
    consequence,
    minutes,
    outcome_verdict,
    possible_events,
)
from assignments.states import MOVE, OPEN_MOVES, SESSION, SessionState
from feetables.rules import FeeError
from office.actions import move
from office.asked_once import Question
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import User
from office.workdays import local_date

COORDINATOR = {Role.COORDINATOR}
EXPERT = {Role.EXPERT}

#: Who may mark what. MOVED is marked by moving only.
EVENT_ROLES: dict[Event, frozenset[str]] = {
    Event.HELD: ORDERERS | EXPERT | COORDINATOR,
    Event.ORDERER_CANCELLED: ORDERERS | COORDINATOR,
    Event.NO_SHOW: ORDERERS | EXPERT | COORDINATOR,
    Event.NOBODY_CAME: ORDERERS | EXPERT | COORDINATOR,
    Event.GROUP_ENDED: ORDERERS | COORDINATOR,
    Event.SHORTENED: ORDERERS | COORDINATOR,
    Event.EXPERT_ILL: ORDERERS | EXPERT | COORDINATOR,
    Event.EXPERT_CANCELLED: frozenset(EXPERT | COORDINATOR),
}

#: What can be said only once the session has begun.
ONLY_BEGUN = frozenset({Event.HELD, Event.NO_SHOW, Event.NOBODY_CAME, Event.SHORTENED})
#: What is told by somebody at a moment, which is kept (R14).
TOLD = frozenset(
    {Event.ORDERER_CANCELLED, Event.GROUP_ENDED, Event.EXPERT_ILL, Event.EXPERT_CANCELLED, Event.SHORTENED}
)
#: What the other side hears of at once.
ANNOUNCED = frozenset({Event.ORDERER_CANCELLED, Event.GROUP_ENDED, Event.EXPERT_ILL, Event.EXPERT_CANCELLED})

#: What the unit may say at once of the sessions of two experts kept together; the end of a group is always both's.
FOR_BOTH = frozenset({Event.ORDERER_CANCELLED, Event.NOBODY_CAME, Event.SHORTENED})

EVENT_OF: dict[str, Event] = {
    str(verdict.outcome): event for event, pair in VERDICTS.items() for verdict in pair if verdict is not None
}


class Changed(Conflict):
    """What it would pay is no longer what the person saw (T1). Nothing is changed; ``consequence`` is the new truth."""

    def __init__(self, verdict: Verdict, result: Consequence, total: Decimal | None = None) -> None:
        words = texts.describe_consequence(verdict, result)
        self.total = result.total if total is None else total
        if self.total != result.total:  # of two experts kept together
            words += " " + _("In all %(total)s is paid.") % {"total": texts.money(self.total)}
        super().__init__(
            _("This pays something else than the page showed before. Now: %(words)s Check and confirm.")
            % {"words": words}
        )
        self.verdict = verdict
        self.consequence = result


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that can be said of a session now, and what would follow."""

    event: Event
    verdict: Verdict
    consequence: Consequence

    @property
    def total(self) -> Decimal:
        return self.consequence.total

    @property
    def words(self) -> str:
        """The consequence in words, in the active language."""
        return texts.describe_consequence(self.verdict, self.consequence)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a session, checked: the fields that the outcome stores and the prices are counted from."""

    verdict: Verdict
    consequence: Consequence
    fields: dict[str, Any]


def _received(session: Session, event: Event, at: datetime, received_at: datetime | None) -> datetime | None:
    """R14: when it was told; now, unless an earlier moment is given (by telephone), and a refused move counts from its
    proposal when it said so (R16).
    """
    if event not in TOLD:
        return None
    if received_at is None:
        proposed = open_move(session) if event is Event.ORDERER_CANCELLED else None
        return proposed.proposed_at if proposed and proposed.cancel_if_declined else at
    if received_at > at:
        raise Refused(_("The moment when it was told cannot be in the future."))
    if session.agreed_at is not None and received_at < session.agreed_at:
        raise Refused(
            _("It cannot have been told before the session was agreed (%(agreed)s).")
            % {"agreed": texts.moment(session.agreed_at)}
        )
    return received_at


def _done(
    session: Session, event: Event, done: tuple[datetime, datetime] | None, change_reason: str, at: datetime
) -> tuple[datetime, datetime] | None:
    """The times really worked, in UTC."""
    agreed = (session.starts_at, session.ends_at)
    if event is Event.HELD:
        done = done or agreed
        if done != agreed and not change_reason.strip():
            raise Refused(_("Say why the times changed."))
    elif event is Event.SHORTENED:
        if done is None:
            raise Refused(_("Give the times that were left."))
        if minutes(*done) >= minutes(*agreed):
            raise Refused(_("That is not shorter than what was agreed."))
    elif done is not None:
        raise Refused(_("Times are written only for a session that was held."))
    if done is None:
        return None
    minutes(*done)
    over_midnight = agreed[0] <= done[0] < agreed[1]
    if local_date(done[0]) != local_date(agreed[0]) and not over_midnight:
        raise Refused(
            _("The session was agreed for %(day)s. A session on another day is agreed apart.")
            % {"day": texts.day(agreed[0])}
        )
    if done != agreed and done[1] > max(at, agreed[1]):
        raise Refused(_("The times are in the future."))
    return done


def _km(session: Session, verdict: Verdict, done_km: Decimal | None) -> Decimal | None:
    """The kilometres travelled: as agreed unless another number (also 0) is given; none when no journey is paid."""
    if verdict.travel is not TravelPaid.MADE:
        return None
    if done_km is None:
        return session.travel_km
    if done_km and not session.travel_km:
        raise RuleError("travel_not_agreed")
    return done_km


def examine(
    session: Session,
    event: Event,
    *,
    at: datetime,
    received_at: datetime | None = None,
    done: tuple[datetime, datetime] | None = None,
    change_reason: str = "",
    time_used_for: str = "",
    told_by: str = "",
    done_km: Decimal | None = None,
    receipts: Decimal | None = None,
) -> Facts:
    """What would follow at ``at`` if this were said of the session; changes nothing. Raises Refused and RuleError."""
    no_codes(change_reason, time_used_for, told_by)
    begun = at >= session.starts_at
    if event in ONLY_BEGUN and not begun:
        raise Refused(_("The session has not begun yet."))
    received = _received(session, event, at, received_at)
    if event is Event.GROUP_ENDED and received is not None and received >= session.starts_at:
        raise Refused(_("A session that has begun is held; mark the end on the first session after it."))
    if session.free_until is None:  # pragma: no cover - an agreed session has one (agreed_session_is_frozen)
        raise Refused(_("The session has not been agreed."))
    verdict = outcome_verdict(
        event, task_type=TaskType(session.kind), received_at=received, free_until=session.free_until
    )
    times = _done(session, event, done, change_reason, at)
    km = _km(session, verdict, done_km)
    result = consequence(
        verdict,
        terms=session.price_terms,
        agreed_minutes=minutes(session.starts_at, session.ends_at),
        done_minutes=minutes(*times) if times and verdict.pays is Pays.DONE else None,
        agreed_amount=session.agreed_amount,
        fee_declined=session.fee_declined,
        travel_terms=session.frozen_travel_terms,
        travel_km_agreed=session.travel_km,
        travel_km_made=km,
        receipts=receipts,
        travel_cap=session.travel_cap,
    )
    fields = {
        "outcome": str(verdict.outcome),
        "rule": verdict.rule,
        "done_starts_at": times[0] if times else None,
        "done_ends_at": times[1] if times else None,
        "change_reason": change_reason.strip(),
        "time_used_for": time_used_for.strip(),
        "received_at": received,
        "told_by": told_by.strip() if received else "",
        "done_km": km,
        "receipts": receipts,
    }
    return Facts(verdict, result, fields | stored(result))


def options(session: Session, *, at: datetime, by: User | None = None, only: str = "") -> list[Option]:
    """What can be said of an agreed session now (by this person), each with what it would pay. ``only``: one event."""
    if session.state != SessionState.AGREED:
        return []
    parts = None if by is None else acts_as(by, session.unit_id, session.expert)
    found = []
    for event in possible_events(TaskType(session.kind)):
        roles = EVENT_ROLES.get(event)
        if (only and event != only) or roles is None or (parts is not None and not parts & roles):
            continue
        try:
            facts = examine(session, event, at=at, done=_shorter(session, event))
        except (Refused, RuleError, FeeError):  # cannot be said now; why is told when it is tried
            continue
        found.append(Option(event, facts.verdict, facts.consequence))
    return found


def _shorter(session: Session, event: Event) -> tuple[datetime, datetime] | None:
    """Any shorter time: after the limit it pays the same, whatever was left."""
    middle = session.starts_at + (session.ends_at - session.starts_at) / 2
    return (session.starts_at, middle.replace(second=0, microsecond=0)) if event is Event.SHORTENED else None


def close(
    session: Session,
    facts: Facts,
    *,
    by: User,
    at: datetime,
    recorded_by: User | None = None,
    stead: User | None = None,
) -> Session:
    """Stores the outcome on an agreed session; a move that still waits falls away. For actions only."""
    told = {
        "outcome": facts.fields["outcome"],
        "fee": str(facts.fields["fee"]),
        "travel_fee": str(facts.fields["travel_fee"]),
        "received_at": facts.fields["received_at"].isoformat() if facts.fields["received_at"] else None,
    }
    why = facts.fields["change_reason"] if facts.verdict.outcome is Outcome.GROUP_ENDED else ""
    move(
        session, SESSION["close"], by=by, at=at, unit_id=session.unit_id, on_behalf_of=stead, facts=told,
        reason=why, recorded_at=at, recorded_by=recorded_by or by, **facts.fields,
    )  # fmt: skip
    for waiting in _waiting_yet(session):
        with_other = of_other(waiting).filter(session__starts_at=session.starts_at)  # agreed by both or by nobody
        for one in [waiting, *with_other]:
            move(one, MOVE["withdraw"], by=by, at=at, unit_id=session.unit_id, answered_at=at)
    follow(session, by=by, at=at)
    return session


def _waiting_yet(session: Session) -> list[Move]:
    """The moves that still wait: those of two experts fall away with the first one's session, also if read before."""
    known = open_moves(session)
    if not known:
        return []
    yet = set(Move.objects.filter(pk__in=[one.pk for one in known], state__in=OPEN_MOVES).values_list("pk", flat=True))
    return [one for one in known if one.pk in yet]


_LOCKED = Question(
    lambda pk: (
        Session.objects.select_for_update(of=("self",)).select_related("order__unit", "expert__user").filter(pk=pk)
    ),
    pk=int,
)


def _locked(session: Session, *, both: bool) -> tuple[Session, Session | None]:
    """The session, and the other expert's of the same time when both are meant: locked by their number."""
    beside = at_the_same_time(session) if both else None
    numbers = sorted({session.pk, *([beside.pk] if beside else [])})
    found = {pk: one for pk in numbers if (one := _LOCKED.one(pk=pk)) is not None}
    for one in found.values():
        read_moves(one)
    other = found.get(beside.pk) if beside else None
    return found[session.pk], other if other and other.state == SessionState.AGREED else None


def ended_with(session: Session) -> QuerySet[Session]:
    """The agreed sessions that end with this one when the group ends: those after it, also a second expert's."""
    group = Q(order=session.order_id) | Q(order__lead=session.order_id) | Q(order__companion=session.order_id)
    after = Session.objects.filter(group, state=SessionState.AGREED, starts_at__gte=session.starts_at)
    return after.exclude(pk=session.pk).select_related("order__unit", "order__orderer", "expert__user")


@act
def record_outcome(
    session: Session,
    event: str,
    *,
    by: User,
    at: datetime,
    received_at: datetime | None = None,
    done: tuple[datetime, datetime] | None = None,
    change_reason: str = "",
    time_used_for: str = "",
    told_by: str = "",
    done_km: Decimal | None = None,
    receipts: Decimal | None = None,
    expected_total: Decimal | None = None,
    both: bool = False,
    announced: bool = True,
) -> Session:
    """Marks what happened and stores what it pays.

    ``both``: also the other expert's session of the same time (FOR_BOTH); ``expected_total`` is then of both together.

    ``announced``: whether the other side is told now; whoever closes several tells of them together.

    ``received_at``: when a cancellation was told, if earlier than now (R14); ``told_by``: by whom, by telephone.
    ``done``: the times worked, if not as agreed (with ``change_reason``). ``done_km``: None is as agreed, 0 is no
    journey. ``receipts``: euros, after a late cancellation. ``expected_total``: fee and travel in euros that the person
    saw; another by now is Changed (T1). The end of a group needs its reason (``change_reason``) and closes this and all
    later sessions, also those of its second expert. Raises Refused, Conflict; nothing is changed then.
    """
    what = Event(event)
    roles = EVENT_ROLES.get(what, frozenset())
    parts = acts_as(by, session.unit_id, session.expert) & roles
    if not parts or (both and parts <= EXPERT):  # an expert speaks for no other one
        raise Refused(_("You may not do this."))
    session, beside = _locked(session, both=both)
    if session.state != SessionState.AGREED:
        raise Conflict(_("The session has been marked already. Look at the page again."))
    if both and (what not in FOR_BOTH or beside is None):
        raise Conflict(_("The other expert's session has changed meanwhile. Look at the page again."))
    facts = examine(
        session, what, at=at, received_at=received_at, done=done, change_reason=change_reason,
        time_used_for=time_used_for, told_by=told_by, done_km=done_km, receipts=receipts,
    )  # fmt: skip
    if what is Event.GROUP_ENDED and not change_reason.strip():
        raise Refused(_("Say why the group ends: a reason agreed beforehand, or a compelling one."))
    others = [] if beside is None else [beside]
    others += ended_with(session) if what is Event.GROUP_ENDED else []
    said: dict[str, Any] = {"received_at": received_at, "change_reason": change_reason, "told_by": told_by}
    if both:
        said |= {"done": done, "time_used_for": time_used_for}
    abouts = [(session, facts), *((one, examine(one, what, at=at, **said)) for one in others)]
    total = sum((about.consequence.total for _one, about in abouts), Decimal(0))
    if expected_total is not None and expected_total != total:
        raise Changed(facts.verdict, facts.consequence, total=total)
    for one, about in abouts:
        close(one, about, by=by, at=at)
    ended = [one for one, _about in abouts]
    if announced and what in ANNOUNCED:
        announce_each(by_order(ended), by=by, at=at)
    return session
