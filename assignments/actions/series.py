"""Changing several sessions of an order at once: this one, this and the following, or all still ahead.

What it costs is counted here again when it is done; if that is not what the person saw, nothing is changed (T1). Each
session keeps its own limit (R13). All in one transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assignments import messages, texts
from assignments.actions.common import (
    ZERO,
    Conditions,
    act,
    acts_as,
    check_expert,
    check_future,
    check_present,
    check_times,
    lock_expert,
    must_be,
    no_codes,
    unit_side,
)
from assignments.actions.moves import check_open, may_propose, new_conditions, propose
from assignments.actions.outcomes import EVENT_ROLES, Facts, announce, close, examine
from assignments.models import Move, Session
from assignments.rules import Event, Outcome, RuleError, minutes
from assignments.states import SessionState
from experts.models import Expert
from feetables.rules import FeeError, choose
from office.actions import log
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.formats import local
from office.inputs import InputError, span
from office.models import User
from office.outbox import post
from office.workdays import is_working_day, local_date

#: What can be said of several sessions that are still ahead.
EVENTS = (Event.ORDERER_CANCELLED, Event.EXPERT_CANCELLED, Event.EXPERT_ILL)


class Scope(StrEnum):
    """How many of the order's agreed sessions."""

    ONE = "one"
    FOLLOWING = "following"
    AHEAD = "ahead"


class SeenOther(Conflict):
    """What would happen is no longer what the person saw (T1): nothing is changed, look at it again."""


def covered(session: Session, scope: Scope, *, at: datetime, locked: bool = False) -> list[Session]:
    """The agreed sessions of the order that have not begun and that the scope means, in order of time."""
    rows = Session.objects.filter(order=session.order_id, state=SessionState.AGREED, starts_at__gt=at)
    if scope is Scope.ONE:
        rows = rows.filter(pk=session.pk)
    elif scope is Scope.FOLLOWING:
        rows = rows.filter(starts_at__gte=session.starts_at)
    rows = rows.select_related("order__unit", "order__orderer", "unit", "expert__user", "fee_item")
    rows = rows.prefetch_related(Prefetch("moves", Move.objects.select_related("proposed_by"))).order_by(
        "starts_at", "pk"
    )
    return list(rows.select_for_update(of=("self",)) if locked else rows)


def _seal(facts: Iterable[object]) -> str:
    """A short mark of what the page showed, to be sent back."""
    return sha256("|".join(map(str, facts)).encode()).hexdigest()[:16]


# --- cancelling ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One session and what would follow."""

    session: Session
    facts: Facts

    @property
    def late(self) -> bool:
        return self.facts.verdict.outcome == Outcome.CANCELLED_LATE

    @property
    def total(self) -> Decimal:
        return self.facts.consequence.total

    @property
    def words(self) -> str:
        return texts.describe_consequence(self.facts.verdict, self.facts.consequence)


@dataclass(frozen=True)
class Cancelling:
    """How many sessions, and what it costs: the same on the page and when it is done."""

    parts: Sequence[Part]

    @property
    def count(self) -> int:
        return len(self.parts)

    @property
    def late(self) -> int:
        return sum(part.late for part in self.parts)

    @property
    def total(self) -> Decimal:
        return sum((part.total for part in self.parts), ZERO)

    @property
    def seal(self) -> str:
        return _seal((part.session.pk, part.facts.verdict.outcome, part.total) for part in self.parts)

    @property
    def words(self) -> str:
        """How many, how many late, and the sum."""
        told = ngettext("%(count)s session", "%(count)s sessions", self.count) % {"count": self.count}
        if not self.late:
            return _("%(sessions)s, nothing is paid") % {"sessions": told}
        return _("%(sessions)s, %(late)s of them after the limit: %(total)s is paid") % {
            "sessions": told, "late": self.late, "total": texts.money(self.total),
        }  # fmt: skip


def preview_cancel(
    sessions: Sequence[Session], event: Event, *, at: datetime, received_at: datetime | None = None
) -> Cancelling:
    """What cancelling these would pay at ``at``; changes nothing. Raises Refused and RuleError."""
    return Cancelling([Part(one, examine(one, event, at=at, received_at=received_at)) for one in sessions])


@act
def cancel_series(
    session: Session,
    scope: Scope,
    event: Event = Event.ORDERER_CANCELLED,
    *,
    seen: str,
    by: User,
    at: datetime,
    received_at: datetime | None = None,
    told_by: str = "",
) -> Cancelling:
    """Cancels every session that the scope means. ``seen``: the seal of what the person saw.

    Raises SeenOther when it is another number or sum by now (T1), Refused; nothing is changed then.
    """
    if event not in EVENTS:
        raise Refused(_("This cannot be said of several sessions at once."))
    must_be(by, EVENT_ROLES[event], session.unit_id, session.expert)
    sessions = covered(session, scope, at=at, locked=True)
    if not sessions:
        raise Conflict(_("There are no agreed sessions ahead any more. Look at the page again."))
    found = Cancelling(
        [Part(one, examine(one, event, at=at, received_at=received_at, told_by=told_by)) for one in sessions]
    )
    if found.seal != seen:
        raise SeenOther(
            _("This is something else than the page showed before. Now: %(words)s. Check and confirm.")
            % {"words": found.words}
        )
    for part in found.parts:
        close(part.session, part.facts, by=by, at=at)
    announce(sessions[0], by=by, at=at, count=len(sessions))
    return found


# --- another place ---------------------------------------------------------------------------------------------------


@act
def change_place(session: Session, scope: Scope, place: str, *, seen: int, by: User, at: datetime) -> int:
    """Another place for the sessions; the expert is told. Fee and agreed travel stay. Returns how many were changed.

    ``seen``: how many the person saw. Raises SeenOther, Refused.
    """
    must_be(by, ORDERERS | {Role.COORDINATOR}, session.unit_id)
    no_codes(place)
    if not place.strip():
        raise Refused(_("Write the place."))
    sessions = covered(session, scope, at=at, locked=True)
    if len(sessions) != seen or not sessions:
        raise SeenOther(_("The number of sessions has changed meanwhile. Check and confirm."))
    changed = [one for one in sessions if one.place != place.strip()]
    for one in changed:
        was, one.place = one.place, place.strip()
        one.save(update_fields=["place"])
        log("session.place", one, by=by, at=at, was=was, place=one.place)
    if changed and changed[0].expert is not None:
        post(
            messages.PLACE_CHANGED, changed[0].expert.user, about=changed[0], at=at, session=changed[0],
            order=changed[0].order, count=len(changed),
        )  # fmt: skip
    return len(changed)


# --- moving ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shift:
    """A new weekday (0 is Monday; in the same week) and a new time of day, wall clock in Helsinki; None: as it is."""

    weekday: int | None = None
    start: time | None = None
    end: time | None = None

    def of(self, session: Session) -> tuple[datetime, datetime]:
        """The new time in UTC. Raises InputError for a time that the clock skips."""
        day = local_date(session.starts_at)
        if self.weekday is not None:
            day += timedelta(days=self.weekday - day.weekday())
        starts, ends = local(session.starts_at).time(), local(session.ends_at).time()
        return span(day, self.start or starts, self.end or ends)


@dataclass(frozen=True)
class NewTime:
    """One session at its new time: limit and fee there, or why it cannot be."""

    session: Session
    starts_at: datetime
    ends_at: datetime
    problem: str = ""
    day_off: bool = False
    free_until: datetime | None = None
    fee: Decimal = ZERO


@dataclass(frozen=True)
class Moving:
    """What would be proposed, and what stays as it is."""

    proposed: Sequence[NewTime]
    stay: Sequence[NewTime]

    @property
    def seal(self) -> str:
        return _seal((one.session.pk, one.starts_at, one.ends_at, one.fee) for one in self.proposed)


def preview_moves(
    sessions: Sequence[Session], shift: Shift, *, at: datetime, by_expert: bool, days_off: bool = False
) -> Moving:
    """Each session at its new time: what cannot be moved stays, what falls on a day off only with ``days_off``.

    A fixed number of queries, whatever the number of sessions.
    """
    tried = [_tried(one, shift) for one in sessions]
    good = [one for one in tried if not one.problem]
    if good and (expert := good[0].session.expert) is not None:
        conditions = Conditions()
        conditions.read_policies(one.starts_at for one in good)
        common = _common_problem(expert, good, sessions)
        away = [] if by_expert else list(expert.absences.during([(one.starts_at, one.ends_at) for one in good]))
        busy = _busy(expert, good, sessions)
        checked = []
        for one in tried:
            problem = one.problem or common
            if not problem and any(start < one.ends_at and one.starts_at < end for start, end in busy):
                problem = _("The expert has another session then.")
            if not problem and any(absence.touches(one.starts_at, one.ends_at) for absence in away):
                problem = _("The expert is away then.")
            checked.append(one if problem == one.problem and problem else _priced(one, problem, conditions, at))
        tried = checked
    stay = [one for one in tried if one.problem or (one.day_off and not days_off)]
    return Moving([one for one in tried if one not in stay], stay)


def _tried(session: Session, shift: Shift) -> NewTime:
    try:
        starts_at, ends_at = shift.of(session)
    except InputError:
        return NewTime(session, session.starts_at, session.ends_at, _("There is no such time on that day."))
    return NewTime(session, starts_at, ends_at, day_off=not is_working_day(local_date(starts_at)))


def _common_problem(expert: Expert, new: Sequence[NewTime], sessions: Sequence[Session]) -> str:
    """What holds for all: no contract or training, two of the new times over each other."""
    times = [(one.starts_at, one.ends_at) for one in new]
    try:
        check_times(times)
        check_expert(expert, new[0].session.kind, times, besides=sessions)
    except Refused as error:
        # another session of the expert is told beside its own time
        return "" if _busy(expert, new, sessions) else str(error.message)
    return ""


def _busy(expert: Expert, new: Sequence[NewTime], sessions: Sequence[Session]) -> list[tuple[datetime, datetime]]:
    first, last = min(one.starts_at for one in new), max(one.ends_at for one in new)
    taken = Session.objects.taking_time().filter(expert=expert).overlapping(first, last)
    found = taken.exclude(pk__in=[one.pk for one in sessions]).values_list("starts_at", "ends_at")
    return [(start, end) for start, end in found if any(start < one.ends_at and one.starts_at < end for one in new)]


def _priced(one: NewTime, problem: str, conditions: Conditions, at: datetime) -> NewTime:
    """With its limit and fee, or with why not."""
    if not problem:
        try:
            check_open(one.session, one.starts_at, one.ends_at, at)
            check_future([(one.starts_at, one.ends_at)], at)
            new = new_conditions(one.session, one.starts_at, one.ends_at, conditions)
        except (RuleError, FeeError) as error:
            problem = texts.describe_refusal(error)
        except (Refused, Conflict) as error:
            problem = str(error.message)
        else:
            return NewTime(
                one.session, one.starts_at, one.ends_at, "", one.day_off, new["free_until"], new["agreed_fee"]
            )
    return NewTime(one.session, one.starts_at, one.ends_at, problem, one.day_off)


@act
def move_series(
    session: Session,
    scope: Scope,
    shift: Shift,
    *,
    seen: str,
    by: User,
    at: datetime,
    days_off: bool = False,
    cancel_if_declined: bool = False,
    reason: str = "",
) -> list[Move]:
    """Proposes a new time for each, as one proposal: the other side accepts all or declines all (R16).

    ``seen``: the seal of what the person saw. Raises SeenOther when it is something else by now, Refused, Conflict.
    """
    by_expert = may_propose(session, by, cancel_if_declined=cancel_if_declined, reason=reason)
    if session.expert_id is None:
        raise Refused(_("The session has not been agreed."))
    expert = lock_expert(session.expert_id)
    sessions = covered(session, scope, at=at, locked=True)
    found = preview_moves(sessions, shift, at=at, by_expert=by_expert, days_off=days_off)
    if not found.proposed:
        raise Refused(_("None of the sessions can be moved so."))
    if found.seal != seen:
        raise SeenOther(_("The new times are others than the page showed before. Check and confirm."))
    times = [(one.starts_at, one.ends_at) for one in found.proposed]
    check_times(times)
    check_expert(expert, session.kind, times, besides=[one.session for one in found.proposed])
    if not by_expert:
        check_present(expert, times)
    made = []
    for one in found.proposed:
        choose(one.session.price_terms, minutes(one.starts_at, one.ends_at))
        made.append(
            propose(
                one.session, one.starts_at, one.ends_at, by=by, at=at, by_expert=by_expert,
                cancel_if_declined=cancel_if_declined, reason=reason,
            )
        )  # fmt: skip
    order = found.proposed[0].session.order
    people: list[User | None] = [*unit_side(order, at)] if by_expert else [expert.user]
    for person in people:
        post(
            messages.MOVES_PROPOSED, person, about=made[0], at=at, move=made[0], order=order, moves=made,
            count=len(made),
        )  # fmt: skip
    return made


def parts_in(session: Session, user: User) -> set[Role]:
    """The parts of the person, for the pages."""
    return acts_as(user, session.unit_id, session.expert)
