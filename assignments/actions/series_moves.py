"""New times for several sessions at once (R16): shown one by one, proposed as one, answered as one.

Two experts kept together get the same new times: what does not suit one of them stays as it is for both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments import messages, texts
from assignments.actions.announcing import by_order
from assignments.actions.common import act
from assignments.actions.conditions import ZERO, Conditions
from assignments.actions.free import check_expert, check_future, check_present, check_times
from assignments.actions.moves import check_open, may_propose, new_conditions, propose
from assignments.actions.people import unit_side
from assignments.actions.second import lock_experts
from assignments.actions.series import Scope, SeenOther, covered, seal_of
from assignments.models import Move, Session
from assignments.rules import RuleError, minutes
from experts.models import Expert
from experts.readers import who_is_asked
from feetables.rules import FeeError, choose
from office.errors import Conflict, Refused
from office.formats import local
from office.inputs import InputError, span
from office.models import User
from office.outbox import post
from office.workdays import local_date


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
        return seal_of((one.session.pk, one.starts_at, one.ends_at, one.fee) for one in self.proposed)


def preview_moves(
    sessions: Sequence[Session], shift: Shift, *, at: datetime, by_expert: bool, days_off: bool = False
) -> Moving:
    """Each session at its new time: what cannot be moved stays, what falls on a day off only with ``days_off``.

    ``sessions`` may be of two experts kept together; ``by_expert``: the first of them proposes. A fixed number of
    queries an expert, whatever the number of sessions.
    """
    tried: list[NewTime] = []
    for number, of_one in enumerate(by_order(sessions)):
        tried += _tried_of_one(of_one, shift, at=at, by_expert=by_expert and number == 0)
    hindered = {(one.session.starts_at, one.session.ends_at) for one in tried if one.problem}
    tried = [
        replace(one, problem=_("It does not suit the other expert, so it stays for both."))
        if not one.problem and (one.session.starts_at, one.session.ends_at) in hindered
        else one
        for one in tried
    ]
    stay = [one for one in tried if one.problem or (one.day_off and not days_off)]
    return Moving([one for one in tried if one not in stay], stay)


def _tried_of_one(sessions: Sequence[Session], shift: Shift, *, at: datetime, by_expert: bool) -> list[NewTime]:
    """The sessions of one expert."""
    tried = [_tried(one, shift) for one in sessions]
    good = [one for one in tried if not one.problem]
    expert = good[0].session.expert if good else None
    if expert is None:
        return tried
    conditions = Conditions()
    conditions.read_policies(one.starts_at for one in good)
    common = _common_problem(expert, good, sessions)
    away = [] if by_expert else list(expert.absences.during([(one.starts_at, one.ends_at) for one in good]))
    busy = _busy(expert, good, sessions)
    checked = []
    for new in tried:
        one = replace(new, day_off=not new.problem and conditions.is_day_off(new.starts_at))
        problem = one.problem or common
        if not problem and any(start < one.ends_at and one.starts_at < end for start, end in busy):
            problem = _("The expert has another session then.")
        if not problem and any(absence.touches(one.starts_at, one.ends_at) for absence in away):
            problem = _("The expert is away then.")
        checked.append(one if problem == one.problem and problem else _priced(one, problem, conditions, at))
    return checked


def _tried(session: Session, shift: Shift) -> NewTime:
    try:
        starts_at, ends_at = shift.of(session)
    except InputError:
        return NewTime(session, session.starts_at, session.ends_at, _("There is no such time on that day."))
    return NewTime(session, starts_at, ends_at)


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

    Of two experts kept together both are asked. ``seen``: the seal of what the person saw. Raises SeenOther when it is
    something else by now, Refused, Conflict. Returns the moves of this order first.
    """
    by_expert = may_propose(session, by, cancel_if_declined=cancel_if_declined, reason=reason)
    if session.expert_id is None:
        raise Refused(_("The session has not been agreed."))
    experts = lock_experts([one.expert_id for one in both_covered(session, scope, at=at)])
    sessions = both_covered(session, scope, at=at, locked=True)
    found = preview_moves(sessions, shift, at=at, by_expert=by_expert, days_off=days_off)
    if not found.proposed:
        raise Refused(_("None of the sessions can be moved so."))
    if found.seal != seen:
        raise SeenOther(_("The new times are others than the page showed before. Check and confirm."))
    made: list[Move] = []
    for of_one in by_order([one.session for one in found.proposed]):
        numbers = {one.pk for one in of_one}
        new = [one for one in found.proposed if one.session.pk in numbers]
        own = of_one[0].order_id == session.order_id
        expert = experts[of_one[0].expert_id or 0]
        made += _ask_one(
            new, expert, by=by, at=at, by_expert=by_expert and own,
            cancel_if_declined=cancel_if_declined, reason=reason,
        )  # fmt: skip
    return made


def both_covered(session: Session, scope: Scope, *, at: datetime, locked: bool = False) -> list[Session]:
    """What the scope means, of this order first and then of the other expert's; no others than at the same times."""
    rows = covered(session, scope, at=at, locked=locked, both=True)
    own = [one for one in rows if one.order_id == session.order_id]
    times = {(one.starts_at, one.ends_at) for one in own}
    return own + [one for one in rows if one not in own and (one.starts_at, one.ends_at) in times]


def _ask_one(
    new: Sequence[NewTime],
    expert: Expert,
    *,
    by: User,
    at: datetime,
    by_expert: bool,
    cancel_if_declined: bool,
    reason: str,
) -> list[Move]:
    """The proposal to (or by) one expert."""
    times = [(one.starts_at, one.ends_at) for one in new]
    check_times(times)
    check_expert(expert, new[0].session.kind, times, besides=[one.session for one in new])
    if not by_expert:
        check_present(expert, times)
    made = []
    for one in new:
        choose(one.session.price_terms, minutes(one.starts_at, one.ends_at))
        made.append(
            propose(
                one.session, one.starts_at, one.ends_at, by=by, at=at, by_expert=by_expert,
                cancel_if_declined=cancel_if_declined, reason=reason,
            )
        )  # fmt: skip
    order = new[0].session.order
    people = [*unit_side(order, at)] if by_expert else [who_is_asked(expert)]
    for person in people:
        post(
            messages.MOVES_PROPOSED, person, about=made[0], at=at, move=made[0], order=order, moves=made,
            count=len(made),
        )  # fmt: skip
    return made
