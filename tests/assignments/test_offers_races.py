"""Two at once over a question to several, in real threads: one wins, and nothing is left half done."""

from datetime import timedelta

import pytest

from assignments import actions
from assignments.models import Offer, Order, Session
from experts.models import Expert
from office.models import LogEntry, OutboxMessage
from tests.assignments.test_races import DONE, at_once, fresh
from tests.conftest import Cast
from tests.factories import at, make_fee_table, make_order

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def fee_table(transactional_db: None) -> None:
    make_fee_table()


def asked(cast: Cast, asking: str) -> Order:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[(WED_10, WED_10 + HOUR)])
    experts = [cast.expert, cast.second_expert]
    return actions.ask_several(order, experts, asking=asking, by=cast.coordinator, at=NOW, answer_days=2)


def offer_to(expert: Expert) -> Offer:
    return Offer.objects.select_related("order__unit", "order__orderer", "expert__user").get(expert=expert)


def both_can(cast: Cast) -> None:
    for expert in (cast.expert, cast.second_expert):
        assert expert.user is not None
        actions.say_yes(offer_to(expert), by=expert.user, at=NOW)


def test_two_choose_at_once(cast: Cast) -> None:
    order = asked(cast, "who_can")
    both_can(cast)
    results = at_once(
        lambda: actions.choose(offer_to(cast.expert), by=fresh(cast.orderer), at=NOW),
        lambda: actions.choose(offer_to(cast.second_expert), by=fresh(cast.named), at=NOW),
    )
    assert sorted(results) == ["Conflict", DONE]
    order.refresh_from_db()
    session = Session.objects.get()
    assert (order.state, session.state, session.expert_id) == ("agreed", "agreed", order.expert_id)
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["accepted", "not_chosen"]
    assert OutboxMessage.objects.filter(kind="offer_chosen").count() == 1
    assert OutboxMessage.objects.filter(kind="offer_not_chosen").count() == 1


def test_choosing_and_cancelling_at_once(cast: Cast) -> None:
    order = asked(cast, "who_can")
    both_can(cast)
    results = at_once(
        lambda: actions.choose(offer_to(cast.expert), by=fresh(cast.orderer), at=NOW),
        lambda: actions.cancel_order(Order.objects.get(), by=fresh(cast.named), at=NOW),
    )
    assert results.count(DONE) == 1
    order.refresh_from_db()
    assert (order.state, Session.objects.get().state) in {("agreed", "agreed"), ("cancelled", "dropped")}


def test_the_clock_and_the_answer_at_the_same_moment(cast: Cast) -> None:
    """The yes comes in the last second, the clock a second later: the one who is first wins."""
    order = asked(cast, "in_turn")
    offer = offer_to(cast.expert)
    at_once(
        lambda: actions.accept(offer_to(cast.expert), by=fresh(cast.expert_user), at=offer.answer_by),
        lambda: actions.expire(offer_to(cast.expert), at=offer.answer_by + timedelta(seconds=1)),
    )
    order.refresh_from_db()
    states = tuple(Offer.objects.order_by("turn").values_list("state", flat=True))
    assert (order.state, states) in {("agreed", ("accepted", "not_chosen")), ("offered", ("expired", "waiting"))}
    assert Session.objects.filter(state="agreed").count() == (order.state == "agreed")


def test_two_clocks_at_once_ask_the_next_once(cast: Cast) -> None:
    asked(cast, "in_turn")
    late = offer_to(cast.expert).answer_by + timedelta(seconds=1)
    assert at_once(lambda: actions.expire_due(at=late), lambda: actions.expire_due(at=late)) == [DONE, DONE]
    assert LogEntry.objects.filter(kind="offer.expire").count() == 1
    assert OutboxMessage.objects.filter(kind="offer", recipient=cast.second_expert_user).count() == 1


def test_the_last_two_say_no_at_once(cast: Cast) -> None:
    """Of many: whoever is the last sends the order to the coordinator, once."""
    order = asked(cast, "who_can")
    results = at_once(
        lambda: actions.decline(offer_to(cast.expert), by=fresh(cast.expert_user), at=NOW),
        lambda: actions.decline(offer_to(cast.second_expert), by=fresh(cast.second_expert_user), at=NOW),
    )
    assert results == [DONE, DONE]
    order.refresh_from_db()
    assert order.state == "looking"
    assert LogEntry.objects.filter(kind="order.look_again").count() == 1
