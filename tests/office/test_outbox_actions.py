"""What the coordinator does with a message before it leaves, and who is first when a worker comes then."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from office import outbox_actions as actions
from office import sending
from office.choices import MessageState as State
from office.errors import Conflict, Refused, RuleError
from office.models import Heartbeat, LogEntry, OutboxMessage, User
from office.outbox_states import MESSAGE
from tests.conftest import Cast
from tests.factories import at, make_user
from tests.office.test_views_outbox import make_message

NOW = at(2026, 10, 5, 9)
LATER = NOW + timedelta(minutes=5)

STEPS: dict[str, Callable[[OutboxMessage, User], None]] = {
    "hold": lambda message, by: actions.hold(message, by=by, at=NOW),
    "release": lambda message, by: actions.release(message, by=by, at=NOW),
    "discard": lambda message, by: actions.discard(message, "Told in the corridor", by=by, at=NOW),
    "tell": lambda message, by: actions.tell(message, "telephone", by=by, at=NOW),
    "edit": lambda message, by: actions.edit(
        message, "Other words", "Hello again!", seen=actions.mark_of(message), by=by, at=NOW
    ),
}


def fresh(message: OutboxMessage) -> OutboxMessage:
    return OutboxMessage.objects.get(pk=message.pk)


def log_of(message: OutboxMessage) -> list[tuple[str, int | None, str, str, str]]:
    rows = LogEntry.objects.filter(object_type="office.outboxmessage", object_id=message.pk).order_by("id")
    return [(row.kind, row.actor_id, row.from_state, row.to_state, row.reason) for row in rows]


@pytest.mark.parametrize("state", State.values)
@pytest.mark.parametrize("name", STEPS)
def test_a_step_is_taken_from_its_states_only(cast: Cast, name: str, state: str) -> None:
    message = make_message(cast.expert_user, state=state)
    if state in MESSAGE[name].sources:
        STEPS[name](message, cast.coordinator)
        assert (fresh(message).state, len(log_of(message))) == (MESSAGE[name].target, 1)
        return
    with pytest.raises(Conflict):
        STEPS[name](message, cast.coordinator)
    after = fresh(message)
    assert (after.state, after.subject, after.body) == (state, message.subject, message.body)
    assert log_of(message) == []


@pytest.mark.parametrize("name", STEPS)
def test_nobody_but_the_coordinator(cast: Cast, name: str) -> None:
    state = min(MESSAGE[name].sources)
    message = make_message(cast.expert_user, state=state)
    for who in (cast.expert_user, cast.named, cast.finance, cast.supervisor):
        with pytest.raises(Refused):
            STEPS[name](message, who)
    assert (fresh(message).state, log_of(message)) == (state, [])


@pytest.mark.parametrize("name", STEPS)
def test_a_second_click_changes_nothing(cast: Cast, name: str) -> None:
    """The browser sends the same form twice, with the page as it was before the first."""
    message = make_message(cast.expert_user, state=min(MESSAGE[name].sources))
    old = fresh(message)
    STEPS[name](message, cast.coordinator)
    STEPS[name](old, cast.coordinator)
    assert (fresh(message).state, len(log_of(message))) == (MESSAGE[name].target, 1)


def test_two_coordinators_hear_who_was_first(cast: Cast) -> None:
    other = make_user(roles=["coordinator"])
    message = make_message(cast.expert_user, state="by_hand")
    actions.tell(message, "post", by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict) as caught:
        actions.tell(message, "telephone", by=other, at=NOW)
    assert str(caught.value.message) == "The person has been told. Nothing was changed."
    [entry] = LogEntry.objects.all()
    assert (entry.actor, entry.facts) == (cast.coordinator, {"how": "post"})


def test_what_is_held_does_not_leave_until_it_is_released(
    cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any, clock: Any
) -> None:
    message = make_message(cast.expert_user)
    actions.hold(message, by=cast.coordinator, at=NOW)
    assert (sending.send_waiting(at=LATER), sending.send(message.pk, at=LATER), len(mailoutbox)) == (0, False, 0)
    clock(LATER)
    with django_capture_on_commit_callbacks(execute=True):
        actions.release(fresh(message), by=cast.coordinator, at=LATER)
    after = fresh(message)
    assert (after.state, after.sent_at, len(mailoutbox)) == (State.SENT, LATER, 1)


def test_a_released_message_keeps_a_time_that_is_still_ahead(
    cast: Cast, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any, clock: Any
) -> None:
    clock(NOW)
    tomorrow = NOW + timedelta(days=1)
    message = make_message(cast.expert_user, due_at=tomorrow)
    actions.hold(message, by=cast.coordinator, at=NOW)
    with django_capture_on_commit_callbacks(execute=True):
        actions.release(fresh(message), by=cast.coordinator, at=NOW)
    assert (fresh(message).state, fresh(message).due_at, mailoutbox) == (State.WAITING, tomorrow, [])
    assert sending.send_waiting(at=tomorrow) == 1


def test_an_edited_text_leaves_and_the_log_tells_no_text(cast: Cast, mailoutbox: list[Any]) -> None:
    message = make_message(cast.expert_user, state="failed", attempts=5, error="TimeoutError")
    seen = actions.mark_of(message)
    actions.edit(message, " New\r\nsubject ", "Hello!\r\n\r\nAnother text.", seen=seen, by=cast.coordinator, at=NOW)
    after = fresh(message)
    assert (after.state, after.subject, after.body) == (State.HELD, "New subject", "Hello!\n\nAnother text.")
    assert (after.attempts, after.error) == (0, "")
    actions.release(after, by=cast.coordinator, at=LATER)
    assert sending.send_waiting(at=LATER) == 1
    assert [(mail.subject, mail.body) for mail in mailoutbox] == [("New subject", "Hello!\n\nAnother text.")]
    edited = LogEntry.objects.get(kind="outboxmessage.edit")
    assert (edited.actor, edited.reason, edited.facts) == (cast.coordinator, "", {})


def test_two_who_edit_the_same_text_do_not_overwrite_each_other(cast: Cast) -> None:
    other = make_user(roles=["coordinator"])
    message = make_message(cast.expert_user, state="on_hold")
    seen = actions.mark_of(message)
    actions.edit(message, "First", "Text", seen=seen, by=cast.coordinator, at=NOW)
    with pytest.raises(Conflict) as caught:
        actions.edit(message, "Second", "Text", seen=seen, by=other, at=NOW)
    assert str(caught.value.message) == "Somebody else has edited the text meanwhile. Look at the message again."
    assert fresh(message).subject == "First"


@pytest.mark.parametrize(("subject", "body"), [("", "Text"), ("Subject", " \n "), (" \n", "Text")])
def test_a_message_needs_a_subject_and_a_text(cast: Cast, subject: str, body: str) -> None:
    message = make_message(cast.expert_user)
    with pytest.raises(Refused):
        actions.edit(message, subject, body, seen=actions.mark_of(message), by=cast.coordinator, at=NOW)
    assert (fresh(message).state, fresh(message).subject) == (State.WAITING, message.subject)


def test_nothing_is_discarded_without_a_reason(cast: Cast) -> None:
    message = make_message(cast.expert_user)
    with pytest.raises(Refused):
        actions.discard(message, "  ", by=cast.coordinator, at=NOW)
    actions.discard(message, " Told in the corridor ", by=cast.coordinator, at=NOW)
    assert log_of(message) == [
        ("outboxmessage.discard", cast.coordinator.pk, "waiting", "dropped", "Told in the corridor")
    ]
    assert sending.send_waiting(at=LATER) == 0


def test_an_unknown_way_of_telling_is_refused(cast: Cast) -> None:
    message = make_message(cast.expert_user, state="by_hand")
    with pytest.raises(Refused):
        actions.tell(message, "pigeon", by=cast.coordinator, at=NOW)
    assert fresh(message).state == State.BY_HAND


@pytest.mark.parametrize("name", ["hold", "edit", "discard"])
def test_what_a_worker_has_claimed_is_told_so(cast: Cast, name: str) -> None:
    message = make_message(cast.expert_user)
    assert sending.claim(message.pk, at=NOW) is not None
    with pytest.raises(Conflict) as caught:
        STEPS[name](message, cast.coordinator)
    assert str(caught.value.message) == "The message is being sent at this moment. Nothing was changed."


def test_an_address_that_has_gone_becomes_a_task_by_hand(cast: Cast, mailoutbox: list[Any]) -> None:
    message = make_message(cast.expert_user)
    User.objects.filter(pk=cast.expert_user.pk).update(email="")
    assert sending.send_waiting(at=NOW) == 0
    assert (fresh(message).state, mailoutbox) == (State.BY_HAND, [])


def test_the_clock_leaves_a_trace(db: None) -> None:
    sending.send_waiting(at=NOW)
    sending.send_waiting(at=LATER)
    assert list(Heartbeat.objects.values_list("name", "at")) == [("clock", LATER)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_and_the_coordinator_at_the_same_moment() -> None:
    """One of the two is first: held and not sent, or being sent and not held. Never both."""
    coordinator, reader = make_user(roles=["coordinator"]), make_user()
    for _turn in range(5):
        message = make_message(reader)
        start = Barrier(2)

        def hold(message: OutboxMessage = message, start: Barrier = start) -> bool:
            try:
                start.wait()
                actions.hold(message, by=User.objects.get(pk=coordinator.pk), at=NOW)
            except RuleError:
                return False
            finally:
                connection.close()
            return True

        def claim(message: OutboxMessage = message, start: Barrier = start) -> bool:
            try:
                start.wait()
                return sending.claim(message.pk, at=NOW) is not None
            finally:
                connection.close()

        with ThreadPoolExecutor(2) as pool:
            was_held, was_claimed = [done.result() for done in (pool.submit(hold), pool.submit(claim))]
        assert {was_held, was_claimed} == {True, False}
        assert fresh(message).state == (State.HELD if was_held else State.SENDING)
