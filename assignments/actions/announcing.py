"""Who hears that agreed sessions will not be held, or will after all: each person once for one act."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assignments import messages
from assignments.actions.people import acts_as, unit_side
from assignments.models import Session
from office.choices import ORDERERS, Role
from office.models import User
from office.outbox import Kind, post


def announce(
    session: Session,
    *,
    by: User,
    at: datetime,
    count: int = 1,
    pair: bool = False,
    told: set[int] | None = None,
    what: Kind = messages.SESSION_CANCELLED,
) -> None:
    """Tells the other side (both, when the coordinator acts) that an agreed session will not be held, or is held.

    ``pair``: it holds for both experts of two. ``told``: ids of those who have heard by the other expert's message
    already; whoever hears now is added.
    """
    parts = acts_as(by, session.unit_id, session.expert)
    people: list[User | None] = []
    if Role.EXPERT not in parts and session.expert is not None:
        people.append(session.expert.user)
    own = people[0].pk if people and people[0] else 0
    if not parts & ORDERERS:
        people += unit_side(session.order, at)
    heard = set() if told is None else told
    for person in people:
        if person is not None and person.pk in heard:
            continue
        post(
            what, person, about=session, at=at, session=session, order=session.order,
            count=count, pair=pair and (person is None or person.pk != own),
        )  # fmt: skip
        if person is not None:
            heard.add(person.pk)


def announce_each(
    groups: Sequence[Sequence[Session]], *, by: User, at: datetime, what: Kind = messages.SESSION_CANCELLED
) -> None:
    """Each expert hears of the own sessions; whoever hears of both experts' gets one message (N8).

    A group holds the sessions of one order, so of one expert.
    """
    told: set[int] = set()
    for group in groups:
        announce(group[0], by=by, at=at, count=len(group), pair=len(groups) > 1, told=told, what=what)


def by_order(sessions: Iterable[Session]) -> list[list[Session]]:
    """The sessions of each order, so of each expert."""
    found: dict[int, list[Session]] = {}
    for one in sessions:
        found.setdefault(one.order_id, []).append(one)
    return list(found.values())
