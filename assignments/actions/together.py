"""Several new times proposed at once, answered at once: all or none (R16)."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.common import act, acts_as, check_times
from assignments.actions.moves import answering, give_up, proposer_side, proposers, refuse_move, take_up
from assignments.actions.outcomes import announce
from assignments.models import Move, Session
from assignments.states import MOVE, MoveState
from experts.models import Expert
from office.actions import move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post


def together(move_: Move) -> QuerySet[Move]:
    """The moves that were proposed with this one: of the same order, by the same person, at the same moment."""
    return (
        Move.objects.filter(
            session__order=move_.session.order_id, proposed_by=move_.proposed_by_id, proposed_at=move_.proposed_at
        )
        .select_related("session__order__unit", "session__order__orderer", "session__expert__user", "proposed_by")
        .order_by("starts_at", "pk")
    )


def _waiting(move_: Move, expected: int) -> list[Move]:
    """The ones that wait: as many as the person saw, else Conflict. Each step swaps its state, so none is taken twice;
    the locks come in the order of all other actions (expert, session, move).
    """
    found = list(together(move_).filter(state=MoveState.WAITING))
    if not found or len(found) != expected:
        raise Conflict(_("The proposal has changed meanwhile. Look at the page again."))
    return found


def _all(moves: list[Move], by: User) -> list[tuple[Move, Session, Expert]]:
    return [(one, *answering(one, by)) for one in moves]


def _tell(first: Move, session: Session, at: datetime, count: int) -> None:
    for person in proposer_side(first, session, at):
        post(
            messages.MOVES_ANSWERED, person, about=first, at=at, once="answered", move=first, order=session.order,
            count=count,
        )  # fmt: skip


@act
def accept_moves(move_: Move, *, expected: int, by: User, at: datetime) -> list[Session]:
    """Yes to every new time of the proposal: all old times close, all new ones are agreed, or nothing is changed.

    ``expected``: how many the person saw. Raises Refused and Conflict. Returns the new sessions.
    """
    answered = _all(_waiting(move_, expected), by)
    check_times((one.starts_at, one.ends_at) for one, _old, _expert in answered)
    for one, old, expert in answered:  # first all old times fall free: a new one may stand where another was
        give_up(one, old, expert, by=by, at=at)
    new = [take_up(one, old, expert, by=by, at=at) for one, old, expert in answered]
    _tell(answered[0][0], new[0], at, len(new))
    return new


@act
def decline_moves(move_: Move, *, expected: int, by: User, at: datetime) -> list[Session]:
    """No to all: each session stays, or is cancelled as of the proposal when the proposal said so (R16)."""
    answered = _all(_waiting(move_, expected), by)
    cancelled = [session for one, session, expert in answered if refuse_move(one, session, expert, by=by, at=at)]
    if cancelled and Role.EXPERT not in acts_as(by, cancelled[0].unit_id, cancelled[0].expert):
        announce(cancelled[0], by=by, at=at, count=len(cancelled))
    _tell(answered[0][0], answered[0][1], at, len(answered))
    return [session for _one, session, _expert in answered]


@act
def withdraw_moves(move_: Move, *, expected: int, by: User, at: datetime) -> int:
    """The proposing side takes all of an unanswered proposal back. Returns how many."""
    session = move_.session
    if not acts_as(by, session.unit_id, session.expert) & proposers(move_):
        raise Refused(_("You may not do this."))
    moves = _waiting(move_, expected)
    for one in moves:
        move(one, MOVE["withdraw"], by=by, at=at, unit_id=session.unit_id, answered_at=at)
    return len(moves)
