"""Messages leave once, after commit, in the reader's language, and only while they are true."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from smtplib import SMTPServerDisconnected
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction

from office import outbox, sending
from office.choices import MessageState
from office.models import OutboxMessage, Unit, User
from tests.conftest import Clock
from tests.factories import at, make_unit, make_user

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)

TEXT = """{% autoescape off %}{% get_current_language as language %}News of {{ about.code }} ({{ language }})
Hello {{ recipient.first_name }}, {{ thing }}

{{ site }} {{ county }}
{% endautoescape %}"""


class Refusing(BaseEmailBackend):
    """A mail server that hangs up."""

    def send_messages(self, email_messages: Any) -> int:  # noqa: ARG002 - Django's signature
        raise SMTPServerDisconnected("gone")


@pytest.fixture
def kind(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> outbox.Kind:
    """A kind of message of our own; ``STILL_TRUE`` may be changed by a test."""
    (tmp_path / "emails").mkdir()
    (tmp_path / "emails" / "unit_news.txt").write_text(TEXT)
    templates = deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [tmp_path, *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    monkeypatch.setattr(outbox, "KINDS", dict(outbox.KINDS))
    clock(NOW)
    return outbox.kind("unit_news", "News", still_true=lambda message: Unit.objects.get(pk=message.about_id).is_active)


def posted(kind: outbox.Kind, recipient: User | outbox.Outsider | None = None, **context: Any) -> OutboxMessage:
    context = {"thing": "come & see", **context}
    context["about"] = context.get("about") or make_unit("Y77")
    message = outbox.post(kind, recipient or make_user("eva@example.org", first_name="Eva"), at=NOW, **context)
    assert message is not None
    return message


def state(message: OutboxMessage) -> str:
    return OutboxMessage.objects.values_list("state", flat=True).get(pk=message.pk)


# --- with the fact, after commit -------------------------------------------------------------------------------------


def test_sent_after_commit_and_not_before(
    kind: outbox.Kind, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        message = posted(kind)
        assert (state(message), mail.outbox) == (MessageState.WAITING, [])
    assert state(message) == MessageState.SENT
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["eva@example.org"], "News of Y77 (en)")
    assert sent.body.startswith("Hello Eva, come & see\n\nhttp://localhost:8000 Wellbeing services county")
    assert sent.extra_headers["Content-Language"] == "en"
    assert OutboxMessage.objects.get().sent_at == NOW


@pytest.mark.django_db(transaction=True)
def test_a_rollback_sends_nothing_and_leaves_no_row(kind: outbox.Kind) -> None:
    class ChangedMindError(Exception):
        pass

    def act() -> None:
        with transaction.atomic():
            posted(kind)
            raise ChangedMindError

    with pytest.raises(ChangedMindError):
        act()
    assert (mail.outbox, OutboxMessage.objects.count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_a_commit_sends(kind: outbox.Kind) -> None:
    with transaction.atomic():
        message = posted(kind)
    assert (state(message), len(mail.outbox)) == (MessageState.SENT, 1)


# --- to whom, in which language --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_in_the_language_of_the_recipient_not_of_who_acted(kind: outbox.Kind, language: str) -> None:
    message = posted(kind, make_user(language=language))
    assert (message.language, message.subject) == (language, f"News of Y77 ({language})")


def test_no_message_to_an_inactive_person_or_to_nobody(kind: outbox.Kind) -> None:
    unit = make_unit()
    assert outbox.post(kind, make_user(is_active=False), about=unit, at=NOW) is None
    assert outbox.post(kind, None, about=unit, at=NOW) is None
    assert OutboxMessage.objects.count() == 0


def test_a_person_without_address_becomes_a_task_by_hand(
    kind: outbox.Kind, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    user = make_user()
    User.objects.filter(pk=user.pk).update(email="")
    with django_capture_on_commit_callbacks(execute=True):
        message = posted(kind, User.objects.get(pk=user.pk))
    assert (state(message), mail.outbox) == (MessageState.BY_HAND, [])


def test_a_person_without_an_account_is_written_to_by_name_and_address(
    kind: outbox.Kind, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        by_mail = posted(kind, outbox.Outsider("Ylva Ny", "ylva@example.org", "sv"))
        by_hand = posted(kind, outbox.Outsider("Yrjö Uusi", "", "fi"), about=make_unit("Y78"))
    assert (state(by_mail), state(by_hand)) == (MessageState.SENT, MessageState.BY_HAND)
    assert [(sent.to, sent.subject) for sent in mail.outbox] == [(["ylva@example.org"], "News of Y77 (sv)")]
    assert (by_hand.to_name, by_hand.to_address, by_hand.recipient) == ("Yrjö Uusi", "", None)


def test_a_message_has_an_account_or_a_name_never_both(kind: outbox.Kind) -> None:
    message = posted(kind)
    for changes in ({"name": "Ylva Ny"}, {"recipient": None}):
        with pytest.raises(IntegrityError, match="message_names_one_reader"), transaction.atomic():
            OutboxMessage.objects.filter(pk=message.pk).update(**changes)


def test_a_name_with_markup_stays_text_and_no_header_is_added(kind: outbox.Kind) -> None:
    """P11. The text part of a mail is not HTML: nothing is escaped, nothing becomes a header."""
    user = make_user(first_name="<b>Eva</b>\r\nBcc: x@example.org")
    unit = make_unit("Y\r\nBcc: x@x.org")
    message = posted(kind, user, about=unit)
    assert message.subject == "News of Y"
    assert "<b>Eva</b>" in message.body


# --- once ------------------------------------------------------------------------------------------------------------


# Lesson R7.
def test_the_same_fact_is_told_once(kind: outbox.Kind, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    user, unit = make_user(), make_unit()
    with django_capture_on_commit_callbacks(execute=True):
        first = posted(kind, user, about=unit, once="october")
        again = posted(kind, user, about=unit, once="october")
        other = posted(kind, user, about=unit, once="november")
    assert first.pk == again.pk != other.pk
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_mail(kind: outbox.Kind) -> None:
    message = posted_without_sending(kind)
    start = Barrier(2)

    def work(_worker: int) -> bool:
        try:
            start.wait()
            return sending.send(message.pk, at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        results = list(workers.map(work, range(2)))
    assert sorted(results) == [False, True]
    assert (len(mail.outbox), state(message)) == (1, MessageState.SENT)


def posted_without_sending(kind: outbox.Kind) -> OutboxMessage:
    """As when the task was lost between commit and worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("office.tasks.send_message.delay", lambda _pk: None)
        return posted(kind)


def test_the_tick_sends_what_was_not_sent_on_commit(kind: outbox.Kind) -> None:
    message = posted_without_sending(kind)
    assert sending.send_waiting(at=NOW) == 1
    assert sending.send_waiting(at=NOW) == 0
    assert (state(message), len(mail.outbox)) == (MessageState.SENT, 1)


@pytest.mark.parametrize(
    ("minutes", "taken"), [pytest.param(5, 0, id="still at it"), pytest.param(6, 1, id="the worker died")]
)
def test_a_message_of_a_dead_worker_is_taken_again(kind: outbox.Kind, minutes: int, taken: int) -> None:
    message = posted_without_sending(kind)
    assert sending.claim(message.pk, at=NOW) is not None
    assert sending.send_waiting(at=NOW + timedelta(minutes=minutes)) == taken


# --- still true ------------------------------------------------------------------------------------------------------


# Lesson N9.
def test_dropped_when_it_is_no_longer_true(kind: outbox.Kind) -> None:
    message = posted_without_sending(kind)
    Unit.objects.filter(pk=message.about_id).update(is_active=False)
    assert sending.send(message.pk, at=NOW) is False
    assert (state(message), mail.outbox) == (MessageState.DROPPED, [])


def test_dropped_when_the_person_has_left_meanwhile(kind: outbox.Kind) -> None:
    message = posted_without_sending(kind)
    User.objects.filter(messages=message).update(is_active=False)
    assert sending.send(message.pk, at=NOW) is False
    assert (state(message), mail.outbox) == (MessageState.DROPPED, [])


# --- a mail server that is away --------------------------------------------------------------------------------------


def test_tried_again_later_and_later_then_given_up(kind: outbox.Kind, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.office.test_outbox.Refusing"
    message = posted_without_sending(kind)
    moment, seen = NOW, []
    for _attempt in range(sending.MAX_ATTEMPTS):
        assert sending.send(message.pk, at=moment) is False
        message.refresh_from_db()
        assert message.retry_at is not None
        seen.append((message.attempts, message.state, message.retry_at - moment, message.error))
        moment = message.retry_at
    waits = [timedelta(minutes=minutes) for minutes in (2, 4, 8, 16, 32, 60, 60, 60, 60, 60)]
    states = [MessageState.WAITING] * 9 + [MessageState.FAILED]
    assert seen == [
        (number, told, wait, "SMTPServerDisconnected")
        for number, (told, wait) in enumerate(zip(states, waits, strict=True), start=1)
    ]
    assert sending.send_waiting(at=moment + timedelta(days=1)) == 0


def test_an_address_that_cannot_be_written_stops_nobody_else(kind: outbox.Kind) -> None:
    bad = posted_without_sending(kind)
    User.objects.filter(messages=bad).update(email="eva\n@example.org")
    good = outbox.post(kind, make_user(), about=make_unit(), at=NOW, thing="fine")
    assert sending.send_waiting(at=NOW) == 1
    assert good is not None
    bad.refresh_from_db()
    assert (state(good), bad.state, bad.error) == (MessageState.SENT, MessageState.FAILED, "BadHeaderError")


def test_not_tried_before_it_is_due_again_then_sent(kind: outbox.Kind, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.office.test_outbox.Refusing"
    message = posted_without_sending(kind)
    sending.send(message.pk, at=NOW)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert sending.send_waiting(at=NOW + timedelta(minutes=1)) == 0
    assert sending.send_waiting(at=NOW + timedelta(minutes=2)) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error) == (MessageState.SENT, 2, "")


# --- who reads the log of messages (P10) -----------------------------------------------------------------------------


# Lesson P10.
def test_messages_are_seen_by_their_reader_and_the_coordinator(kind: outbox.Kind) -> None:
    mine, yours = posted(kind, make_user(), about=make_unit()), posted(kind, make_user(), about=make_unit())
    coordinator = make_user(roles=["coordinator"])
    assert set(OutboxMessage.objects.visible_to(coordinator)) == {mine, yours}
    assert mine.recipient
    assert list(OutboxMessage.objects.visible_to(mine.recipient)) == [mine]
