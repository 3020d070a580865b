"""Who may say what of a session: each event tried by each person, once for all (R11, R16, S1 6.2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from assignments import actions
from assignments.models import Session
from assignments.rules import Event
from office.errors import Refused
from office.models import User
from tests.conftest import Cast
from tests.factories import at, make_agreed_session, make_fee_table

pytestmark = pytest.mark.django_db
START = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
UNIT = {"orderer", "named", "deputy", "coordinator"}
EVERYBODY = ["orderer", "named", "deputy", "coordinator", "expert_user", "second_expert_user", "stranger"]
EVERYBODY += ["other_named", "finance", "supervisor"]
#: Who may say it; what it needs besides. Nobody says "moved": the two sides agree on it.
MAY: dict[Event, tuple[set[str], dict[str, Any]]] = {
    Event.HELD: (UNIT | {"expert_user"}, {}),
    Event.ORDERER_CANCELLED: (UNIT, {}),
    Event.MOVED: (set(), {}),
    Event.NO_SHOW: (UNIT | {"expert_user"}, {}),
    Event.NOBODY_CAME: (UNIT | {"expert_user"}, {}),
    Event.GROUP_ENDED: (UNIT, {"change_reason": "Agreed beforehand"}),
    Event.EXPERT_ILL: (UNIT | {"expert_user"}, {}),
    Event.EXPERT_CANCELLED: ({"expert_user", "coordinator"}, {}),
    Event.SHORTENED: (UNIT, {"done": (START, START + HOUR / 2), "received_at": START - HOUR}),
}
AFTERWARDS = {Event.HELD, Event.NO_SHOW, Event.NOBODY_CAME, Event.SHORTENED}


@pytest.fixture
def session(cast: Cast) -> Session:
    make_fee_table()
    return make_agreed_session(START, kind="group", unit=cast.unit, orderer=cast.orderer, expert=cast.expert)


def said_by(by: User, session: Session, event: Event, said: dict[str, Any]) -> str:
    """What comes of it: the state, or the refusal. It is taken back at once."""
    moment = START + 2 * HOUR if event in AFTERWARDS else START - HOUR
    with transaction.atomic():
        try:
            found: str = actions.record_outcome(session, event, by=by, at=moment, **said).state
        except Refused as refusal:
            found = str(refusal.message)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("event", Event)
def test_each_event_is_said_by_those_who_may_and_by_nobody_else(cast: Cast, session: Session, event: Event) -> None:
    may, said = MAY[event]
    found = {who: said_by(getattr(cast, who), session, event, said) for who in EVERYBODY}
    assert found == {who: "closed" if who in may else "You may not do this." for who in EVERYBODY}
