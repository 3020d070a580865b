"""Text messages: a second way out beside e-mail, for what is urgent, to whoever has agreed to it.

Off unless the office names a gateway (setting ``SMS_GATEWAY``). A text message is a row of the outbox like any other:
written with the fact, claimed, asked whether it is still true, tried again, marked. The text is a template of its own
(``sms/<kind>.txt``): what has happened and when, no name, no place, no topic, at most 160 signs.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.db import models
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.module_loading import import_string

from office.choices import Channel, MessageState
from office.models import OutboxMessage, SmsConsent, User

logger = logging.getLogger("erfa.sms")

#: One text message; longer ones are sent as several.
LONGEST = 160
#: What is not in the alphabet of text messages would make them 70 signs long.
PLAIN = str.maketrans({"\xa0": " ", "\u202f": " ", "–": "-", "—": "-", "’": "'", "”": '"'})


class NotTakenError(ValueError):
    """The gateway will never take it: a number that does not exist."""


class UnansweredError(OSError):
    """The gateway had the message and did not say whether it took it."""


class Gateway(Protocol):
    """Whoever passes them on. Raises ``NotTakenError``, ``UnansweredError``, or another ``OSError``: not now."""

    def send(self, number: str, text: str, *, kind: str, reference: str) -> None:
        """``number`` as +358…; ``reference`` is the same for the same message however often it is sent."""


class LogGateway:
    """Sends nothing: writes to the log that something would have been sent. No number, no text."""

    def send(self, number: str, text: str, *, kind: str, reference: str) -> None:  # noqa: ARG002 - the interface
        logger.info("text message %s, %s", kind, reference.partition("@")[0].lstrip("<"))


@dataclass(frozen=True)
class Text:
    """A text message as it leaves."""

    number: str
    text: str
    kind: str
    reference: str

    def send(self) -> None:
        gateway: Gateway = import_string(settings.SMS_GATEWAY)()
        gateway.send(self.number, self.text, kind=self.kind, reference=self.reference)


def is_on() -> bool:
    """Whether the office sends text messages at all."""
    return bool(settings.SMS_GATEWAY)


def beside(
    kind: str, message: OutboxMessage, person: User, *, about: models.Model, at: datetime, **context: Any
) -> OutboxMessage | None:
    """The text message that goes beside an e-mail of the kind; not saved. None for whoever has not agreed."""
    if not is_on() or not SmsConsent.objects.filter(user=person, withdrawn_at=None).exists():
        return None
    with translation.override(person.language):
        text = render_to_string(f"sms/{kind}.txt", context | {"about": about, "site": settings.SITE_URL})
    return OutboxMessage(
        once=f"{message.once}:sms",
        channel=Channel.SMS,
        recipient=person,
        kind=kind,
        language=person.language,
        subject=message.subject,
        body=" ".join(text.translate(PLAIN).split())[:LONGEST],
        about_type=message.about_type,
        about_id=message.about_id,
        state=MessageState.WAITING,
        created_at=at,
        due_at=at,
    )


def as_text(message: OutboxMessage, reference: str) -> Text | MessageState:
    """The message as it leaves now; dropped when the person has withdrawn the consent."""
    number = message.to_address
    if not number or not is_on():
        return MessageState.DROPPED
    return Text(number, message.body, message.kind, reference)
