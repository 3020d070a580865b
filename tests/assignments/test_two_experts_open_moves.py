"""Two experts kept together, and a new time for both still waits when something else is said of their sessions."""

from datetime import timedelta

import pytest

from assignments import actions
from assignments.actions.series import Scope, covered, preview_cancel
from assignments.models import Move, Order, Session
from assignments.rules import Event
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table

NOW = at(2026, 9, 14, 9)
WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)
SAID = pytest.mark.parametrize("said", ["nothing", "yes"])


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def proposed(cast: Cast, *, said: str) -> Session:
    """The first expert's next session; a new time for both of it has been proposed."""
    first, second = (
        make_agreed_session(WED_10, kind="group", expert=expert, unit=cast.unit, orderer=cast.orderer, agreed_at=NOW)
        for expert in (cast.expert, cast.second_expert)
    )
    for one in (first, second):
        make_agreed_session(WED_10 + WEEK, kind="group", order=one.order, agreed_at=NOW)
    Order.objects.filter(pk=first.order_id).update(companion=second.order_id)
    actions.propose_move(read(first.pk), WED_10 + HOUR, WED_10 + 2 * HOUR, by=cast.orderer, at=NOW)
    assert Move.objects.filter(state="waiting").count() == 2
    if said == "yes":
        own = Move.objects.select_related("session__order", "session__expert__user").get(session=first.pk)
        actions.accept_move(own, by=cast.expert_user, at=NOW)
    return read(first.pk)


def read(pk: int) -> Session:
    rows = Session.objects.select_related(
        "order__unit", "order__orderer", "order__companion", "order__lead", "unit", "expert__user"
    )
    return rows.get(pk=pk)


def outcomes() -> set[str]:
    return set(Session.objects.values_list("outcome", flat=True))


@SAID
def test_all_are_cancelled_for_both(cast: Cast, said: str) -> None:
    session = proposed(cast, said=said)
    found = preview_cancel(covered(session, Scope.AHEAD, at=NOW, both=True), Event.ORDERER_CANCELLED, at=NOW)
    actions.cancel_series(session, Scope.AHEAD, seen=found.seal, by=cast.orderer, at=NOW, both=True)
    assert outcomes() == {"cancelled_in_time"}
    assert set(Move.objects.values_list("state", flat=True)) == {"withdrawn"}


@SAID
def test_one_is_cancelled_for_both(cast: Cast, said: str) -> None:
    session = proposed(cast, said=said)
    actions.record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=NOW, both=True)
    assert outcomes() == {"cancelled_in_time", ""}
    assert set(Move.objects.values_list("state", flat=True)) == {"withdrawn"}


@SAID
def test_the_group_ends(cast: Cast, said: str) -> None:
    session = proposed(cast, said=said)
    actions.record_outcome(session, Event.GROUP_ENDED, by=cast.orderer, at=NOW, change_reason="Too few come")
    assert outcomes() == {"group_ended"}
    assert set(Move.objects.values_list("state", flat=True)) == {"withdrawn"}
