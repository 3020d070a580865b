"""The page of messages: all for the coordinator, the own ones for everybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def make_message(recipient: User, *, state: str = "waiting", subject: str = "You have an offer", **fields: Any) -> Any:
    number = OutboxMessage.objects.count()
    values = {
        "kind": "account_made",
        "language": "en",
        "body": "Hello!\n\n<b>https://erfa.example.org/</b>",
        "about_type": "office.user",
        "about_id": recipient.pk,
        "once": f"test {number}",
        "created_at": NOW,
        "due_at": NOW,
        "sent_at": NOW if state == "sent" else None,
    } | fields
    return OutboxMessage.objects.create(recipient=recipient, subject=subject, state=state, **values)


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_everybody_else_sees_own_messages_only(cast: Cast, client_for: SignIn, who: str) -> None:
    user = getattr(cast, who)
    own, foreign = make_message(user), make_message(cast.stranger)
    client = client_for(user)
    assert client.get(reverse("office:outbox")).status_code == 403
    assert client.get(reverse("office:message", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("office:send_again", args=[own.pk])).status_code == 403
    page = client.get(reverse("office:my_messages"))
    assert [row.pk for row in page.context["page_obj"]] == [own.pk]
    assert client.get(reverse("office:message", args=[own.pk])).status_code == 200


def test_filters_by_person_subject_and_state(coordinator: Client, cast: Cast) -> None:
    wanted = make_message(cast.expert_user, state="failed", subject="Your contract is in force")
    make_message(cast.expert_user, subject="Your contract is in force")
    make_message(cast.named, state="failed")
    page = coordinator.get(reverse("office:outbox"), {"q": "eva contract", "state": "failed"})
    assert [row.pk for row in page.context["page_obj"]] == [wanted.pk]
    assert page.context["failed"] == 2


def test_a_message_to_somebody_without_an_account(coordinator: Client, cast: Cast) -> None:
    make_message(cast.expert_user)
    shown = OutboxMessage.objects.filter(recipient=cast.expert_user).get()
    OutboxMessage.objects.filter(pk=shown.pk).update(recipient=None, name="Ylva Ny", address="ylva@example.org")
    page = coordinator.get(reverse("office:outbox"), {"q": "ylva"})
    assert [row.to_name for row in page.context["page_obj"]] == ["Ylva Ny"]
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    assert b"Ylva Ny (ylva@example.org)" in page.content


def test_a_message_is_shown_as_text(coordinator: Client, cast: Cast) -> None:
    shown = make_message(cast.expert_user)
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    assert b"&lt;b&gt;https://erfa.example.org/&lt;/b&gt;" in page.content


def test_a_failed_message_is_sent_again(
    coordinator: Client, cast: Cast, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    failed = make_message(cast.expert_user, state="failed", attempts=5, error="TimeoutError")
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("office:send_again", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.state, failed.sent_at, failed.error) == ("sent", NOW, "")
    assert [mail.to for mail in mailoutbox] == [["eva@example.org"]]
    assert [e.kind for e in LogEntry.objects.all()] == ["outboxmessage.resend"]


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "dropped", "by_hand"])
def test_only_what_failed_is_sent_again(coordinator: Client, cast: Cast, mailoutbox: Any, state: str) -> None:
    message = make_message(cast.expert_user, state=state)
    page = coordinator.get(reverse("office:message", args=[message.pk]))
    assert page.context["may_resend"] is False
    coordinator.post(reverse("office:send_again", args=[message.pk]))
    message.refresh_from_db()
    assert (message.state, mailoutbox) == (state, [])


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    coordinator: Client, client_for: SignIn, cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        shown = make_message(cast.expert_user)
    eva = client_for(cast.expert_user)
    for client, name, args in [
        (coordinator, "outbox", []),
        (coordinator, "message", [shown.pk]),
        (eva, "my_messages", []),
    ]:
        with django_assert_max_num_queries(10):
            assert client.get(reverse(f"office:{name}", args=args)).status_code == 200
