"""Two experts kept together, and two people at once: both or neither; nobody waits for somebody who waits for them."""

from typing import Any

import pytest

from assignments import actions
from assignments.models import Move, Offer, Order, Session
from office.models import OutboxMessage, User
from tests.assignments.test_races import DONE, at_once, fresh
from tests.assignments.test_two_experts import NEW, NOW, agreed, asked, lacking, move_of, moves, states, written
from tests.conftest import Cast
from tests.factories import make_expert, make_fee_table

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def fee_table(transactional_db: None) -> None:
    make_fee_table()


def offer_of(expert: Any) -> Offer:
    return Offer.objects.select_related("order__unit", "order__orderer", "expert__user").get(expert=expert)


def test_both_experts_accept_at_once(cast: Cast) -> None:
    asked(cast)
    first, second = offer_of(cast.expert), offer_of(cast.second_expert)
    results = at_once(
        lambda: actions.accept(first, by=fresh(cast.expert_user), at=NOW),
        lambda: actions.accept(second, by=fresh(cast.second_expert_user), at=NOW),
    )
    assert results == [DONE, DONE]
    assert set(Order.objects.values_list("state", flat=True)) == {"agreed"}


def test_both_say_yes_to_a_new_time_at_once(cast: Cast) -> None:
    """Whoever comes second does it for both; never for one, never twice."""
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    one, two = move_of(cast.expert), move_of(cast.second_expert)
    results = at_once(
        lambda: actions.accept_move(one, by=fresh(cast.expert_user), at=NOW),
        lambda: actions.accept_move(two, by=fresh(cast.second_expert_user), at=NOW),
    )
    assert results == [DONE, DONE]
    assert set(Move.objects.values_list("state", flat=True)) == {"accepted"}
    assert Session.objects.filter(state="agreed", starts_at=NEW[0]).count() == 2


def test_a_yes_and_a_no_at_once(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    one, two = move_of(cast.expert), move_of(cast.second_expert)
    at_once(
        lambda: actions.accept_move(one, by=fresh(cast.expert_user), at=NOW),
        lambda: actions.decline_move(two, by=fresh(cast.second_expert_user), at=NOW),
    )
    assert moves() == moves("suits") == moves("accepted") == []
    assert {*states(cast.expert), *states(cast.second_expert)} == {("agreed", "")}


def test_a_yes_while_the_unit_cancels_for_both(cast: Cast) -> None:
    mine, theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    actions.accept_move(move_of(cast.expert), by=cast.expert_user, at=NOW)
    last = move_of(cast.second_expert)
    results = at_once(
        lambda: actions.accept_move(last, by=fresh(cast.second_expert_user), at=NOW),
        lambda: actions.record_outcome(theirs[0], "orderer_cancelled", by=fresh(cast.orderer), at=NOW, both=True),
    )
    assert sorted(results) == ["Conflict", DONE]
    assert states(cast.expert) == states(cast.second_expert)


@pytest.mark.parametrize("other", ["orderer", "named"])
def test_the_same_time_is_cancelled_for_both_from_two_pages_at_once(cast: Cast, other: str) -> None:
    """One from the first expert's session, one from the second's: once, and each expert hears it once."""
    mine, theirs = agreed(cast)
    by: User = getattr(cast, other)
    results = at_once(
        lambda: actions.record_outcome(mine[0], "orderer_cancelled", by=fresh(cast.orderer), at=NOW, both=True),
        lambda: actions.record_outcome(theirs[0], "orderer_cancelled", by=fresh(by), at=NOW, both=True),
    )
    assert sorted(results) == ["Conflict", DONE]
    assert states(cast.expert) == states(cast.second_expert)
    assert OutboxMessage.objects.filter(kind="session_cancelled").count() == 2


def test_two_decide_about_the_missing_expert_at_once(cast: Cast) -> None:
    missing, there = lacking(cast)
    third = make_expert(first_name="Greta", last_name="Guide")
    results = at_once(
        lambda: actions.ask_another(missing, third, by=fresh(cast.orderer), at=NOW),
        lambda: actions.go_on_with_one(there, co_leader="Nina Nurse", by=fresh(cast.named), at=NOW),
    )
    assert sorted(results) == ["Conflict", DONE]
    missing.refresh_from_db()
    assert missing.state in {"offered", "cancelled"}
    assert (missing.state == "offered") == Offer.objects.filter(expert=third, state="waiting").exists()


def test_confirmed_twice_at_once(cast: Cast) -> None:
    """R6 of the lessons: two people take the same thing; one does it, the other is told."""

    order = written(cast)
    actions.submit(order, by=cast.orderer, at=NOW)
    second = Order.objects.get(lead=order)
    results = at_once(
        lambda: actions.confirm(Order.objects.get(pk=order.pk), by=fresh(cast.named), at=NOW),
        lambda: actions.confirm(Order.objects.get(pk=second.pk), by=fresh(cast.deputy), at=NOW),
    )
    assert sorted(results) == ["Conflict", DONE]
    assert Offer.objects.filter(state="waiting").count() == 2
