"""Text messages: only what is urgent, only to whoever has agreed, short, with nothing sensitive, by the same outbox."""

import logging
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assignments.actions import record_outcome
from assignments.messages import OFFER_REMINDER, SESSION_CANCELLED
from office import outbox_actions, sending, sms
from office.choices import MessageState
from office.errors import Refused
from office.models import OutboxMessage, SmsConsent, User
from office.outbox import message_id, post
from office.sms_consent import current, give, mobile, withdraw
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 6, 9)
PAGE = reverse("office:my_sms")


class Gateway:
    """Keeps what it gets; ``trouble`` is raised instead, once."""

    taken: list[tuple[str, str, str]] = []
    trouble: Exception | None = None

    def send(self, number: str, text: str, *, kind: str, reference: str) -> None:  # noqa: ARG002 - the interface
        trouble, Gateway.trouble = Gateway.trouble, None
        if trouble:
            raise trouble
        Gateway.taken.append((number, text, reference))


@pytest.fixture(autouse=True)
def _on(settings: Any, clock: Clock) -> None:
    settings.SMS_GATEWAY = "tests.office.test_sms.Gateway"
    Gateway.taken, Gateway.trouble = [], None
    clock(NOW)


@pytest.fixture
def told(cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> Callable[..., OutboxMessage | None]:
    """The unit cancels a session of Eva's that begins so many hours from now; the text message of it, if any."""

    def cancel(hours: int = 5, *, send: bool = True) -> OutboxMessage | None:
        session = make_agreed_session(NOW + timedelta(hours=hours), expert=cast.expert, unit=cast.unit)
        with django_capture_on_commit_callbacks(execute=send):
            record_outcome(session, "orderer_cancelled", by=cast.orderer, at=NOW)
        return OutboxMessage.objects.filter(channel="sms", about_id=session.pk).first()

    return cancel


# --- who gets one ----------------------------------------------------------------------------------------------------


def test_beside_the_mail_to_whoever_has_agreed(cast: Cast, told: Callable[..., OutboxMessage]) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    message = told()
    assert (message.state, message.recipient) == (MessageState.SENT, cast.expert_user)
    assert Gateway.taken == [("+358401234567", message.body, message_id(message))]
    assert [sent.to for sent in mail.outbox] == [["eva@example.org"]]


def test_nobody_who_has_not_agreed_or_has_withdrawn(cast: Cast, told: Callable[..., OutboxMessage | None]) -> None:
    assert told() is None
    give(cast.expert_user, "040 123 4567", at=NOW)
    withdraw(cast.expert_user, at=NOW)
    assert told(6) is None
    assert (Gateway.taken, len(mail.outbox)) == ([], 2)


def test_off_unless_there_is_a_gateway(cast: Cast, told: Callable[..., OutboxMessage | None], settings: Any) -> None:
    settings.SMS_GATEWAY = ""
    give(cast.expert_user, "040 123 4567", at=NOW)
    assert (told(), Gateway.taken, len(mail.outbox)) == (None, [], 1)


@pytest.mark.parametrize(("hours", "goes"), [(1, True), (24, True), (25, False), (48, False)])
def test_only_when_it_is_within_a_day(cast: Cast, told: Callable[..., Any], hours: int, goes: bool) -> None:  # noqa: FBT001
    give(cast.expert_user, "040 123 4567", at=NOW)
    assert (told(hours) is not None, len(mail.outbox)) == (goes, 1)


def test_which_kinds() -> None:
    from office.outbox import KINDS  # noqa: PLC0415 - all have been registered

    assert {kind.name for kind in KINDS.values() if kind.by_sms} == {
        "session_cancelled", "move_answered", "moves_answered", "offer_reminder",
    }  # fmt: skip


# --- what it says ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
@pytest.mark.parametrize("kind", ["session_cancelled", "move_answered", "moves_answered", "offer_reminder"])
def test_short_plain_and_without_names(cast: Cast, settings: Any, language: str, kind: str) -> None:
    """160 signs of the alphabet of text messages, with the address of a real office."""

    class About:
        starts_at = answer_by = at(2026, 12, 23, 10, 30)
        session: Any = None

    About.session = About
    settings.SITE_URL = "https://kokemus.itauusimaa.example.fi"
    give(cast.expert_user, "040 123 4567", at=NOW)
    cast.expert_user.language = language
    base = OutboxMessage(once="x", subject="s", about_type="t", about_id=1)
    about: Any = About()
    message = sms.beside(kind, base, cast.expert_user, about=about, at=NOW)
    assert message is not None
    assert len(message.body) <= 160
    assert message.body.endswith(settings.SITE_URL)  # nothing was cut
    assert "23" in message.body
    assert [sign for sign in message.body if not (sign.isascii() or sign in "åäöÅÄÖ")] == []
    assert [word for word in ("Eva", "Expert", "Loviisa", "Lovisa") if word in message.body] == []


def test_the_log_gateway_tells_no_number_and_no_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "erfa.sms"):
        sms.LogGateway().send("+358401234567", "secret words", kind="offer_reminder", reference="r")
    assert [record.getMessage() for record in caplog.records] == ["text message offer_reminder, r"]


# --- the same guarantees ---------------------------------------------------------------------------------------------


def test_withdrawn_before_it_leaves(cast: Cast, told: Callable[..., OutboxMessage]) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    message = told(send=False)
    withdraw(cast.expert_user, at=NOW)
    assert sending.send(message.pk, at=NOW) is False
    assert OutboxMessage.objects.get(pk=message.pk).state == MessageState.DROPPED


@pytest.mark.parametrize(
    ("trouble", "state", "perhaps"),
    [
        (ConnectionRefusedError(), MessageState.WAITING, False),
        (sms.UnansweredError(), MessageState.WAITING, True),
        (sms.NotTakenError(), MessageState.FAILED, False),
    ],
)
def test_a_gateway_in_trouble(
    cast: Cast,
    told: Callable[..., OutboxMessage],
    trouble: Exception,
    state: str,
    perhaps: bool,  # noqa: FBT001
) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    Gateway.trouble = trouble
    message = told()
    assert (message.state, message.perhaps_sent, message.error) == (state, perhaps, type(trouble).__name__)
    if state == MessageState.WAITING:
        assert sending.send_waiting(at=NOW + timedelta(minutes=2)) == 1
        assert [reference for _number, _text, reference in Gateway.taken] == [message_id(message)]


def test_a_mail_server_that_is_away_holds_up_no_text_message(
    cast: Cast, told: Callable[..., OutboxMessage], settings: Any
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "office.smtp.Backend", "127.0.0.1", 1
    give(cast.expert_user, "040 123 4567", at=NOW)
    message = told(send=False)
    assert sending.send_waiting(at=NOW) == 1
    message.refresh_from_db()
    states = set(OutboxMessage.objects.values_list("channel", "state"))
    assert states == {("sms", "sent"), ("email", "waiting")}


def test_once(cast: Cast) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    session = make_agreed_session(NOW + timedelta(hours=5), expert=cast.expert, unit=cast.unit)
    for _time in range(2):
        post(
            SESSION_CANCELLED, cast.expert_user, about=session, at=NOW, once="x", session=session,
            order=session.order, count=1,
        )  # fmt: skip
    assert OutboxMessage.objects.filter(channel="sms").count() == 1
    assert OFFER_REMINDER.by_sms is not None


def test_an_edited_text_stays_short(cast: Cast, told: Callable[..., OutboxMessage]) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    message = told(send=False)
    seen = outbox_actions.mark_of(message)
    with pytest.raises(Refused, match="at most 160 signs; this one has 161"):
        outbox_actions.edit(message, "s", "x" * 161, seen=seen, by=cast.coordinator, at=NOW)


# --- consent ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("040 123 4567", "+358401234567"),
        ("0401234567", "+358401234567"),
        ("+358 40 123 4567", "+358401234567"),
        ("+358 (0)40 123 4567", "+358401234567"),
        ("00358 50-123456", "+35850123456"),
        ("0457 123 4567", "+3584571234567"),
    ],
)
def test_numbers(typed: str, kept: str) -> None:
    assert mobile(typed) == kept


@pytest.mark.parametrize(
    "typed", ["09 123 4567", "019 560 1234", "+46 70 123 4567", "040", "040 12x 4567", "112", "040" + "1" * 12]
)
def test_no_numbers(cast: Cast, typed: str) -> None:
    with pytest.raises(ValueError, match=re.escape(typed)):
        mobile(typed)
    with pytest.raises(Refused, match="Finnish mobile number"):
        give(cast.expert_user, typed, at=NOW)


def test_the_database_refuses_two_numbers_and_foreign_ones(cast: Cast) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    for number, name in [("+358401234568", "one_sms_consent"), ("+46701234567", "sms_goes_to_a_finnish_mobile")]:
        user = cast.expert_user if name.startswith("one") else cast.named
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            SmsConsent.objects.create(user=user, number=number, given_at=NOW)


def test_the_page(cast: Cast, client_for: Callable[[User], Client]) -> None:
    """Yes with a number, another number, no; the history stays. Nobody else is touched."""
    client = client_for(cast.expert_user)
    give(cast.named, "050 1234567", at=NOW)
    page = client.post(PAGE, {"number": "12345", "give": "1"})
    assert (page.status_code, page.context["form"].errors["number"]) == (
        200, ["Write a Finnish mobile number, for example 040 123 4567."],
    )  # fmt: skip
    for number in ("040 123 4567", "040 123 4567", "0457 765 4321"):
        assert client.post(PAGE, {"number": number, "give": "1"}).status_code == 302
    found = current(cast.expert_user)
    assert found is not None
    assert found.number == "+3584577654321"
    for _time in range(2):
        assert client.post(PAGE, {"withdraw": "1"}).status_code == 302
    assert current(cast.expert_user) is None
    history = SmsConsent.objects.filter(user=cast.expert_user)
    assert [(one.number, one.withdrawn_at) for one in history] == [("+3584577654321", NOW), ("+358401234567", NOW)]
    assert current(cast.named) is not None
    assert "0501234567" not in client.get(PAGE).content.decode().replace(" ", "")


def test_the_page_while_it_is_off(cast: Cast, client_for: Callable[[User], Client], settings: Any) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    settings.SMS_GATEWAY = ""
    client = client_for(cast.expert_user)
    assert "does not send text messages" in client.get(PAGE).content.decode()
    client.post(PAGE, {"number": "0457 765 4321", "give": "1"})
    assert getattr(current(cast.expert_user), "number", "") == "+358401234567"
    client.post(PAGE, {"withdraw": "1"})
    assert current(cast.expert_user) is None


def test_the_coordinator_sees_which_messages_are_text_messages(
    cast: Cast, told: Callable[..., OutboxMessage], client_for: Callable[[User], Client]
) -> None:
    give(cast.expert_user, "040 123 4567", at=NOW)
    message = told()
    client = client_for(cast.coordinator)
    with translation.override("en"):
        assert "Text message" in client.get(reverse("office:outbox")).content.decode()
        page = client.get(reverse("office:message", args=[message.pk])).content.decode()
    assert "Text message" in page
    assert "+358401234567" in page
    assert [word for word in ("erfa.ics", reverse("office:message_mail", args=[message.pk])) if word in page] == []
