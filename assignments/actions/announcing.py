"""Who hears that agreed sessions will not be held, or will after all: each person once for one act."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from assignments import messages
from assignments.actions.people import acts_as, unit_side
from assignments.models import Session
from experts.models import Expert
from experts.readers import who_hears
from experts.shown import Stage, shown_name
from office.choices import ORDERERS, Role
from office.models import User
from office.outbox import Kind, Outsider, post


def announce(
    sessions: Sequence[Session],
    *,
    by: User,
    at: datetime,
    experts: Sequence[Expert] = (),
    told: set[int] | None = None,
    what: Kind = messages.SESSION_CANCELLED,
) -> None:
    """Tells the other side (both, when the coordinator acts) that agreed sessions will not be held, or are held.

    ``sessions``: of one order, so of one expert. ``experts``: both, when it holds for both of two. ``told``: ids of
    those who have heard by the other expert's message already; whoever hears now is added.
    """
    session = sessions[0]
    of_one = [session.expert] if session.expert else []
    names = [shown_name(one, Stage.AFTER) for one in experts or of_one]
    parts = acts_as(by, session.unit_id, session.expert)
    people: list[User | Outsider | None] = []
    if Role.EXPERT not in parts and session.expert is not None:
        people.append(who_hears(session.expert))
    own = people[0] if people else None
    if not parts & ORDERERS:
        people += unit_side(session.order, at)
    heard = set() if told is None else told
    for person in people:
        if isinstance(person, User) and person.pk in heard:
            continue
        post(
            what, person, about=session, at=at, session=session, order=session.order, sessions=sessions,
            count=len(sessions), pair=len(experts) > 1 and person != own,
            names=[] if person == own else names,
        )  # fmt: skip
        if isinstance(person, User):
            heard.add(person.pk)


def announce_each(
    groups: Sequence[Sequence[Session]], *, by: User, at: datetime, what: Kind = messages.SESSION_CANCELLED
) -> None:
    """Each expert hears of the own sessions; whoever hears of both experts' gets one message (N8).

    A group holds the sessions of one order, so of one expert.
    """
    told: set[int] = set()
    experts = [group[0].expert for group in groups if group[0].expert is not None]
    for group in groups:
        announce(group, by=by, at=at, experts=experts, told=told, what=what)


def by_order(sessions: Iterable[Session]) -> list[list[Session]]:
    """The sessions of each order, so of each expert."""
    found: dict[int, list[Session]] = {}
    for one in sessions:
        found.setdefault(one.order_id, []).append(one)
    return list(found.values())
