"""How often an acceptance and a cancellation ask the database: they are pressed at once by many (docs/performance.md).

Counted from the request to the answer, session and user among them; BEGIN, COMMIT and savepoints are not counted.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments import actions
from assignments.models import Process
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order

pytestmark = pytest.mark.django_db

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]

ACCEPTANCE = 19
CANCELLATION = 11
#: A further time of the same order: it is stored with its own price.
EACH_TIME = 1


@pytest.fixture(autouse=True)
def today(db: None, clock: Clock) -> None:
    make_fee_table()
    clock(NOW)


def times(how_many: int) -> Sequence[tuple[Any, Any]]:
    return [(WED_10 + timedelta(weeks=n), WED_10 + timedelta(weeks=n) + HOUR) for n in range(how_many)]


def statements(client: Client, address: str, form: dict[str, str]) -> list[str]:
    with CaptureQueriesContext(connection) as caught:
        answer = client.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    sql = [one["sql"] for one in caught.captured_queries]
    return [one for one in sql if not one.startswith(("SAVEPOINT", "RELEASE"))]


def told() -> set[tuple[str, str]]:
    """Who has been told what; the sending of it is no part of the request."""
    return {(one.kind, one.recipient.first_name) for one in OutboxMessage.objects.all() if one.recipient}


@pytest.fixture(autouse=True)
def sent_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production: messages are left to a worker."""
    from office import tasks  # noqa: PLC0415 - the tasks of the ground floor

    monkeypatch.setattr(tasks.send_message, "delay", lambda *_args: None)
    monkeypatch.setattr(tasks.send_messages, "delay", lambda *_args: None)


@pytest.mark.parametrize("how_many", [1, 3])
def test_an_acceptance(cast: Cast, client_for: SignIn, how_many: int) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=times(how_many))
    offer = make_offer(order, cast.expert)
    found = statements(client_for(cast.expert_user), reverse("assignments:offer_accept", args=[offer.pk]), {})
    assert len(found) == ACCEPTANCE + 1 + EACH_TIME * (how_many - 1)  # one more: whether the expert is away
    assert set(order.sessions.values_list("state", flat=True)) == {"agreed"}
    assert Process.objects.get().order == order
    assert told() == {("offer_accepted", "Anna"), ("offer_accepted", "Nora")}
    steps = ["offer.accept", "order.agree", *["session.agree"] * how_many]
    assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True)) == steps


def test_an_acceptance_though_away_asks_once_less(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=times(1))
    offer = make_offer(order, cast.expert)
    address = reverse("assignments:offer_accept", args=[offer.pk])
    assert len(statements(client_for(cast.expert_user), address, {"though_away": "on"})) == ACCEPTANCE


def test_a_cancellation(cast: Cast, client_for: SignIn) -> None:
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    Process.objects.create(order=session.order)
    address = reverse("assignments:session_mark", args=[session.pk, "orderer_cancelled"])
    found = statements(client_for(cast.orderer), address, {"expected_total": "0.00"})
    assert len(found) == CANCELLATION
    session.refresh_from_db()
    assert (session.state, session.outcome) == ("closed", "cancelled_in_time")
    assert told() == {("session_cancelled", "Eva")}
    assert LogEntry.objects.filter(kind="session.close").count() == 1


def test_a_second_click_of_either_does_nothing_more(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=times(1))
    offer = make_offer(order, cast.expert)
    expert, orderer = client_for(cast.expert_user), client_for(cast.orderer)
    accept = reverse("assignments:offer_accept", args=[offer.pk])
    mark = reverse("assignments:session_mark", args=[order.sessions.get().pk, "orderer_cancelled"])
    for address, client in ((accept, expert), (accept, expert), (mark, orderer), (mark, orderer)):
        client.post(address, {"expected_total": "0.00"})
    kinds = list(LogEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["offer.accept", "order.agree", "session.agree", "session.close"]
    assert OutboxMessage.objects.count() == 3


def test_who_may_not_see_them_finds_nothing(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=times(1))
    offer = make_offer(order, cast.expert)
    accept = reverse("assignments:offer_accept", args=[offer.pk])
    assert client_for(cast.second_expert_user).post(accept).status_code == 404
    assert client_for(cast.stranger).post(accept).status_code == 403
    actions.say_yes(offer, by=cast.expert_user, at=NOW)
    mark = reverse("assignments:session_mark", args=[order.sessions.get().pk, "orderer_cancelled"])
    assert client_for(cast.stranger).post(mark, {"expected_total": "0.00"}).status_code == 404
    assert client_for(cast.second_expert_user).post(mark).status_code == 404
