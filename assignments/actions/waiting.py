"""The moves of a session that wait for an answer."""

from assignments.models import Move, Session
from assignments.states import OPEN_MOVES
from office.asked_once import Question


def open_move(session: Session) -> Move | None:
    """The move of the session that waits for an answer."""
    return next(iter(open_moves(session)), None)


_OPEN_MOVES = Question(
    lambda session: Move.objects.filter(session=session, state__in=OPEN_MOVES).order_by("-pk"), session=int
)


def read_moves(session: Session) -> None:
    """Reads the moves that wait, for whatever asks for them afterwards (one query)."""
    waiting = _OPEN_MOVES(session=session.pk)
    for one in waiting:
        one.session = session
    session.waiting_moves = waiting


def open_moves(session: Session) -> list[Move]:
    """The moves of the session that wait: as read, or of those that were fetched with it."""
    known = session.waiting_moves
    return [one for one in (session.moves.all() if known is None else known) if one.state in OPEN_MOVES]
