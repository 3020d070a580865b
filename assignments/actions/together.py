"""Answers to proposed times (R16): one, or several that were proposed at once. All or none.

Two experts kept together are asked for the same times: the first yes is kept, and with the second one both move in one
transaction; a no of either ends the proposal for both. Locks: experts by their number, sessions, moves.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.announcing import announce
from assignments.actions.common import act
from assignments.actions.free import check_times
from assignments.actions.moves import (
    answering,
    give_up,
    locked,
    proposer_side,
    proposers,
    refuse_move,
    take_up,
)
from assignments.actions.outcomes import close, examine
from assignments.actions.people import acts_as
from assignments.actions.second import lock_experts
from assignments.models import Move, Session
from assignments.pairs import of_other
from assignments.rules import Event
from assignments.states import MOVE, OPEN_MOVES, MoveState
from experts.models import Expert
from experts.readers import who_hears
from office.actions import move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import Outsider, post


def together(move_: Move) -> QuerySet[Move]:
    """The moves that were proposed with this one: of the same order, by the same person, at the same moment."""
    return (
        Move.objects.filter(
            session__order=move_.session.order_id, proposed_by=move_.proposed_by_id, proposed_at=move_.proposed_at
        )
        .select_related(
            "session__order__unit", "session__order__orderer", "session__order__companion", "session__order__lead",
            "session__expert__user", "proposed_by",
        )
        .order_by("starts_at", "pk")
    )  # fmt: skip


def other_answer(move_: Move) -> str:
    """What the other one of two experts has said to it: the state of their part; "" when one expert is asked."""
    answers = set(of_other(move_).values_list("state", flat=True))
    return "" if not answers else str(MoveState.WAITING if MoveState.WAITING in answers else MoveState.SUITS)


def _waiting(move_: Move, expected: int | None) -> list[Move]:
    """The ones that wait: as many as the person saw, else Conflict. Each step swaps its state: once only."""
    found = list(together(move_).filter(state=MoveState.WAITING, **_only(move_, expected)))
    if not found or len(found) != (expected or 1):
        raise Conflict(_("The proposal has changed meanwhile. Look at the page again."))
    return found


def _only(move_: Move, expected: int | None) -> dict[str, int]:
    return {"pk": move_.pk} if expected is None else {}


def _beside(move_: Move, expected: int | None) -> list[Move]:
    """The other expert's part of the proposal, of the same time when one time is answered."""
    rows = of_other(move_)
    return list(rows.filter(session__starts_at=move_.session.starts_at) if expected is None else rows)


def _lock(move_: Move) -> None:
    """Both experts, so that two answers at the same moment come one after the other."""
    lock_experts([move_.session.expert_id, *of_other(move_).values_list("session__expert", flat=True)])


def _tell(
    move_: Move, session: Session, at: datetime, count: int | None, people: Sequence[User | Outsider | None]
) -> None:
    """``count``: how many were answered together; None: one time by itself."""
    said: dict[str, Any] = {"session": session} if count is None else {"count": count}
    what = messages.MOVE_ANSWERED if count is None else messages.MOVES_ANSWERED
    for person in people:
        post(what, person, about=move_, at=at, once="answered", move=move_, order=session.order, **said)


@act
def accept_moves(move_: Move, *, expected: int | None, by: User, at: datetime) -> list[Session]:
    """Yes to every new time of the proposal: all old times close, all new ones are agreed, or nothing is changed.

    ``expected``: how many the person saw; None: this one only. Of two experts the first yes only waits for the
    other's: the sessions are returned as they are. Raises Refused and Conflict. Returns the new sessions.
    """
    _lock(move_)
    mine = _waiting(move_, expected)
    answered = [(one, *answering(one, by)) for one in mine]
    others = _beside(move_, expected)
    if any(one.state == MoveState.WAITING for one in others):
        for one, session, _expert in answered:
            move(one, MOVE["suit"], by=by, at=at, unit_id=session.unit_id, answered_at=at)
        return [session for _one, session, _expert in answered]
    beside = [(one, *locked(one)) for one in others]
    for part in (answered, beside):
        check_times((one.starts_at, one.ends_at) for one, _old, _expert in part)
    for one, old, expert in answered + beside:  # first all old times fall free: a new one may stand where another was
        give_up(one, old, expert, by=by, at=at)
    new = _taken(answered, by=by, at=at)
    with_new = _taken(beside, by=by, at=at)
    _tell(mine[0], new[0], at, expected, proposer_side(mine[0], new[0], at))
    if with_new:
        heard = {person.pk for person in proposer_side(mine[0], new[0], at) if person}
        second = with_new[0].expert
        if second is not None and second.user_id not in heard:
            _tell(others[0], with_new[0], at, expected, [who_hears(second)])
    return new


def _taken(parts: Sequence[tuple[Move, Session, Expert]], *, by: User, at: datetime) -> list[Session]:
    return [take_up(one, old, expert, by=by, at=at) for one, old, expert in parts]


@act
def decline_moves(move_: Move, *, expected: int | None, by: User, at: datetime) -> list[Session]:
    """No to all: each session stays, or is cancelled as of the proposal when the proposal said so (R16).

    Of two experts the no of one ends it for both. Returns the sessions of the one who answered.
    """
    _lock(move_)
    answered = [(one, *answering(one, by)) for one in _waiting(move_, expected)]
    others = _beside(move_, expected)
    beside = [(one, *locked(one)) for one in others]
    cancelled = [session for one, session, expert in answered if refuse_move(one, session, expert, by=by, at=at)]
    heard: set[int] = set()
    experts = [expert for _one, _session, expert in answered[:1] + beside[:1]]
    if cancelled and Role.EXPERT not in acts_as(by, cancelled[0].unit_id, cancelled[0].expert):
        announce(cancelled, by=by, at=at, experts=experts, told=heard)
    first, session = answered[0][0], answered[0][1]
    _tell(first, session, at, expected, proposer_side(first, session, at))
    ended = [old for one, old, _expert in beside if _fall_away(one, old, by=by, at=at)]
    if beside:
        one, old, expert = beside[0]
        if ended:
            announce(ended, by=by, at=at, experts=experts, told=heard)
        elif expert.user_id != first.proposed_by_id:
            _tell(one, old, at, expected, [who_hears(expert)])
    return [session for _one, session, _expert in answered]


def _fall_away(one: Move, session: Session, *, by: User, at: datetime) -> bool:
    """The other expert's part of a proposal that has got a no; whether the session was cancelled by it."""
    move(one, MOVE["withdraw"], by=by, at=at, unit_id=session.unit_id, answered_at=at)
    if not one.cancel_if_declined:
        return False
    facts = examine(session, Event.ORDERER_CANCELLED, at=at, received_at=one.proposed_at)
    close(session, facts, by=by, at=at, recorded_by=one.proposed_by, stead=one.proposed_by)
    return True


@act
def withdraw_moves(move_: Move, *, expected: int | None, by: User, at: datetime) -> int:
    """The proposing side takes all of an unanswered proposal back, of two experts from both. Returns how many."""
    session = move_.session
    if not acts_as(by, session.unit_id, session.expert) & proposers(move_) and by.pk != move_.proposed_by_id:
        raise Refused(_("You may not do this."))
    mine = list(together(move_).filter(state__in=OPEN_MOVES, **_only(move_, expected)))
    if not mine or len(mine) != (expected or 1):
        raise Conflict(_("The proposal has changed meanwhile. Look at the page again."))
    for one in [*mine, *_beside(move_, expected)]:
        move(one, MOVE["withdraw"], by=by, at=at, unit_id=session.unit_id, answered_at=at)
    return len(mine)


# --- one time ---------------------------------------------------------------------------------------------------------


def accept_move(move_: Move, *, by: User, at: datetime) -> Session:
    """The other side's yes: the old time closes and pays nothing, the new one is a session of its own (R16).

    The new session keeps the frozen terms and has its own limit. Returns it; of two experts the first yes changes
    nothing yet, and the session is returned as it is. Raises Refused and Conflict.
    """
    return _answer_one(move_, accept_moves(move_, expected=None, by=by, at=at))


def decline_move(move_: Move, *, by: User, at: datetime) -> Session:
    """The other side's no: the session stays, or is cancelled as of the proposal when the proposal said so (R16)."""
    return _answer_one(move_, decline_moves(move_, expected=None, by=by, at=at))


def withdraw_move(move_: Move, *, by: User, at: datetime) -> Move:
    """The proposing side takes an unanswered proposal back."""
    withdraw_moves(move_, expected=None, by=by, at=at)
    move_.refresh_from_db()
    return move_


def _answer_one(move_: Move, sessions: Sequence[Session]) -> Session:
    move_.refresh_from_db()
    return sessions[0]
