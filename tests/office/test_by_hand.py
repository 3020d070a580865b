"""What is to be told by telephone or post is asked again whether it still holds."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from assignments import actions
from assignments.models import Offer
from experts.models import Expert
from office import outbox
from office.by_hand import EVERY, close_overtaken
from office.choices import MessageState
from office.models import LogEntry, OutboxMessage
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table, make_offer, make_order

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 10)


@pytest.fixture
def true() -> Iterator[dict[str, bool]]:
    """A kind that holds as long as the test says so."""
    said = {"holds": True}
    outbox.kind("account_made_test", "Test", still_true=lambda _message: said["holds"])
    yield said
    del outbox.KINDS["account_made_test"]


def by_hand(cast: Cast, kind: str = "account_made_test", **changes: Any) -> OutboxMessage:
    said: dict[str, Any] = {
        "name": "Eva Expert", "kind": kind, "language": "en", "subject": "s", "body": "b", "about_type": "office.user",
        "about_id": cast.named.pk, "once": f"{kind}{OutboxMessage.objects.count()}", "created_at": NOW, "due_at": NOW,
        "state": MessageState.BY_HAND,
    }  # fmt: skip
    return OutboxMessage.objects.create(**said | changes)


def state(message: OutboxMessage) -> str:
    return OutboxMessage.objects.values_list("state", flat=True).get(pk=message.pk)


def test_what_holds_stays_and_what_does_not_is_closed_with_a_mark(
    cast: Cast, true: dict[str, bool], client_for: Callable[..., Any]
) -> None:
    message = by_hand(cast)
    assert close_overtaken(at=NOW) == 0
    assert state(message) == MessageState.BY_HAND
    true["holds"] = False
    assert close_overtaken(at=NOW + EVERY) == 1
    assert state(message) == MessageState.DROPPED
    entry = LogEntry.objects.of(message).get()
    assert (entry.actor, entry.kind, entry.from_state, entry.to_state) == (
        None, "outboxmessage.overtaken", "by_hand", "dropped",
    )  # fmt: skip
    page = client_for(cast.coordinator).get(f"/units/messages/{message.pk}/").content.decode()
    assert "The program: no longer needed: it was not true any more" in page
    assert close_overtaken(at=NOW + 2 * EVERY) == 0


def test_asked_every_five_minutes_also_after_a_clock_that_ran_ahead(cast: Cast, true: dict[str, bool]) -> None:
    close_overtaken(at=NOW + timedelta(days=1))  # the clock was wrong
    message = by_hand(cast)
    true["holds"] = False
    assert close_overtaken(at=NOW) == 1
    again = by_hand(cast)
    assert close_overtaken(at=NOW + EVERY - timedelta(seconds=1)) == 0
    assert (state(message), state(again)) == (MessageState.DROPPED, MessageState.BY_HAND)
    assert close_overtaken(at=NOW + EVERY) == 1


def test_who_has_left_is_not_telephoned(cast: Cast, true: dict[str, bool]) -> None:
    assert true["holds"]
    message = by_hand(cast, name="", recipient=cast.named)
    cast.named.is_active = False
    cast.named.save()
    assert close_overtaken(at=NOW) == 1
    assert state(message) == MessageState.DROPPED


def test_a_question_that_fails_closes_nothing_and_holds_up_no_other(cast: Cast, true: dict[str, bool]) -> None:
    def fail(_message: OutboxMessage) -> bool:
        raise RuntimeError

    outbox.kind("aaa_fails", "Test", still_true=fail)
    try:
        fails, other = by_hand(cast, "aaa_fails"), by_hand(cast)
        true["holds"] = False
        assert close_overtaken(at=NOW) == 1
        assert (state(fails), state(other)) == (MessageState.BY_HAND, MessageState.DROPPED)
    finally:
        del outbox.KINDS["aaa_fails"]


def test_an_offer_that_the_coordinator_has_answered_need_not_be_told(cast: Cast, clock: Clock) -> None:
    """An expert without account or address is told of an offer by telephone; answered meanwhile, the task is gone."""
    clock(NOW)
    make_fee_table(valid_to=None)
    Expert.objects.filter(pk=cast.expert.pk).update(user=None, email="")
    times = [(at(2026, 10, 20, 10), at(2026, 10, 20, 11))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="offered", expert=cast.expert, times=times)
    offer = make_offer(order, cast.expert, sent_at=NOW, answer_by=at(2026, 10, 9, 15))
    message = by_hand(cast, "offer", about_type="assignments.offer", about_id=offer.pk)
    call_command("tick")
    assert state(message) == MessageState.BY_HAND
    actions.decline(Offer.objects.get(pk=offer.pk), by=cast.coordinator, at=NOW)
    clock(NOW + EVERY)
    call_command("tick")
    assert state(message) == MessageState.DROPPED
