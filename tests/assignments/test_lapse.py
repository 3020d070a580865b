"""Yeses to "who can?" that nobody uses: released when the order is settled, and when nobody chooses in time."""

from datetime import date, timedelta

import pytest

from assignments import actions
from assignments.actions.lapse import lapse
from assignments.find import Wanted, find
from assignments.models import Offer, Order
from assignments.todo import orders
from office.errors import Conflict, Refused
from office.models import ClosingDay, OutboxMessage
from office.todo import Todo
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert, make_fee_table
from tests.stories.reader import Person

NOW = at(2026, 9, 14, 9)  # a Monday
TIMES = [(at(2026, 10, 7, 10), at(2026, 10, 7, 11))]
HOUR = timedelta(hours=1)
CHOOSE_BY = at(2026, 9, 17, 16)  # the third working day after the last answer


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def asked(cast: Cast) -> Order:
    """Both have been asked and can."""
    order = actions.save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind="meeting", task="Planning", place="Room 2", times=TIMES
    )
    both = [cast.expert, cast.second_expert]
    actions.choose_whom(order, by=cast.orderer, at=NOW, asking="who_can", experts=both)
    actions.submit(order, by=cast.orderer, at=NOW)
    actions.confirm(order, by=cast.named, at=NOW)
    for offer in Offer.objects.select_related("order__unit", "order__orderer", "expert__user").order_by("pk"):
        assert offer.expert.user is not None
        actions.can(offer, by=offer.expert.user, at=NOW + HOUR)
    return Order.objects.get(pk=order.pk)


def is_free(cast: Cast) -> bool:
    return find(cast.coordinator, Wanted(times=TIMES), at=NOW).filter(pk=cast.second_expert.pk).exists()


def test_released_when_somebody_is_chosen(cast: Cast) -> None:
    asked(cast)
    assert not is_free(cast)
    actions.choose(Offer.objects.select_related("order").get(expert=cast.expert), by=cast.orderer, at=NOW + 2 * HOUR)
    assert is_free(cast)
    assert Offer.objects.get(expert=cast.second_expert).state == "not_chosen"


def test_released_when_the_order_is_cancelled_or_taken_back(cast: Cast) -> None:
    order = asked(cast)
    actions.withdraw_asking(order, by=cast.orderer, at=NOW + 2 * HOUR)
    assert is_free(cast)
    actions.cancel_order(order, by=cast.orderer, at=NOW + 3 * HOUR)
    assert set(Offer.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_nobody_chooses_in_time(cast: Cast) -> None:
    order = asked(cast)
    assert actions.lapse_due(at=CHOOSE_BY) == 0  # the moment itself still counts
    with pytest.raises(Refused, match="still time"):
        lapse(order, at=CHOOSE_BY)
    assert actions.lapse_due(at=CHOOSE_BY + timedelta(minutes=1)) == 1
    order.refresh_from_db()
    assert order.state == "looking"
    assert set(Offer.objects.values_list("state", "ended_because")) == {("expired", "lapsed")}
    assert is_free(cast)
    told = OutboxMessage.objects.filter(kind="offer_lapsed").values_list("recipient", flat=True)
    assert set(told) == {cast.expert_user.pk, cast.second_expert_user.pk}
    told = OutboxMessage.objects.filter(kind="nobody_chosen").values_list("recipient", flat=True)
    assert set(told) == {cast.orderer.pk, cast.named.pk}
    assert actions.lapse_due(at=CHOOSE_BY + HOUR) == 0
    with pytest.raises(Conflict):
        lapse(order, at=CHOOSE_BY + HOUR)


def test_nothing_lapses_while_somebody_may_still_answer(cast: Cast) -> None:
    order = asked(cast)
    third = make_expert(first_name="Greta")
    Offer.objects.create(order=order, expert=third, many=True, sent_at=NOW, answer_by=TIMES[0][0])
    assert actions.lapse_due(at=CHOOSE_BY + HOUR) == 0


def test_the_first_page_tells_until_when_to_choose(cast: Cast, clock: Clock) -> None:
    order = asked(cast)
    clock(NOW + 2 * HOUR)
    anna = Person(cast.orderer).open("/")
    assert "Somebody can take your order" in anna.sees
    anna.follow("Choose").follow("Choose one of those who can")
    assert "Choose by Thu 17 Sep 2026 at 16:00" in anna.sees.replace("\u00a0", " ")
    clock(CHOOSE_BY + HOUR)
    actions.lapse_due(at=CHOOSE_BY + HOUR)
    offer = Offer.objects.get(expert=cast.expert)
    assert "Nobody was chosen in time" in Person(cast.expert_user).open(f"/orders/offers/{offer.pk}/").sees
    assert order.pk == offer.order_id


def test_a_closing_day_of_the_office_is_no_day_to_choose_in(cast: Cast) -> None:
    """The first page and the clock tell the same moment."""
    ClosingDay.objects.create(day=date(2026, 9, 16), reason="Everybody at a training")
    order = asked(cast)
    with pytest.raises(Refused):
        lapse(order, at=CHOOSE_BY + HOUR)
    [todo] = [one for one in orders(cast.orderer, NOW + 2 * HOUR) if isinstance(one, Todo) and one.verb == "Choose"]
    assert todo.due == CHOOSE_BY + timedelta(days=1)
    lapse(order, at=CHOOSE_BY + timedelta(days=1, minutes=1))
    assert Order.objects.get(pk=order.pk).state == "looking"
