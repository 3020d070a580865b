"""What is to be told by telephone or post is asked again like what is sent: it is closed when it holds no longer."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from office.actions import log
from office.choices import MessageState
from office.models import Heartbeat, OutboxMessage
from office.outbox import KINDS

logger = logging.getLogger("erfa.messages")

#: The clock asks so often; between two rounds nobody telephones for nothing for long.
EVERY = timedelta(minutes=5)
NAME = "by_hand"


def close_overtaken(*, at: datetime) -> int:
    """Closes messages to tell by hand that are no longer true or whose reader has left; tells how many.

    Harmless as often as one likes; asked once in ``EVERY``. The history says that the program has closed it.
    """
    beat = Heartbeat.objects.filter(name=NAME).first()
    if beat is not None and at - EVERY < beat.at <= at:
        return 0
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=NAME, at=at)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )
    waiting = OutboxMessage.objects.filter(state=MessageState.BY_HAND).select_related("recipient").order_by("id")
    kinds: dict[str, list[OutboxMessage]] = {}
    for message in waiting:
        kinds.setdefault(message.kind, []).append(message)
    return sum(_close(message, at) for name, rows in kinds.items() for message in _overtaken(name, rows))


def _overtaken(name: str, rows: Sequence[OutboxMessage]) -> list[OutboxMessage]:
    """Those that hold no longer. A question that fails closes nothing and holds up no other kind (N2)."""
    kind = KINDS.get(name)
    gone = [message for message in rows if message.recipient is not None and not message.recipient.is_active]
    asked = [message for message in rows if message not in gone]
    try:
        if kind and kind.still_true_of:
            holding = set(kind.still_true_of(asked))
        else:
            ask = kind.still_true if kind else None
            holding = {message.pk for message in asked if ask is None or ask(message)}
    except Exception:
        logger.exception("whether messages by hand still hold could not be asked: %s", name)
        return gone
    return gone + [message for message in asked if message.pk not in holding]


def _close(message: OutboxMessage, at: datetime) -> bool:
    with transaction.atomic():
        mine = OutboxMessage.objects.filter(pk=message.pk, state=MessageState.BY_HAND)
        if not mine.update(state=MessageState.DROPPED, secret=""):
            return False  # the coordinator has just told it
        log(
            "outboxmessage.overtaken", message, by=None, at=at, from_state=MessageState.BY_HAND,
            to_state=MessageState.DROPPED,
        )  # fmt: skip
    return True
