"""What the coordinator does with a message before it leaves. Each act is one step by compare-and-swap.

A worker claims a message in the same way, so one of the two is first: a message that is being sent is neither held nor
edited (Conflict). The same act of the same person twice changes nothing and says nothing.
"""

from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from django.db import models, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.actions import move
from office.choices import Channel, MessageState
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from office.outbox_links import stored
from office.outbox_states import MESSAGE
from office.sms import LONGEST


class By(models.TextChoices):
    """How somebody was told by hand."""

    TELEPHONE = "telephone", _("By telephone")
    POST = "post", _("By post")


def hold(message: OutboxMessage, *, by: User, at: datetime) -> None:
    """Keeps a message that waits, also for the daily one, from leaving until it is released, then by itself.

    Conflict when it is being sent or has left.
    """
    _take("hold", message, by=by, at=at)


def release(message: OutboxMessage, *, by: User, at: datetime) -> None:
    """A held message leaves now, or at the time it was due when that is still ahead. Conflict when it is not held."""
    with transaction.atomic():
        if _take("release", message, by=by, at=at, due_at=max(message.due_at, at), retry_at=None, attempts=0, error=""):
            _send_after_commit(message)


def discard(message: OutboxMessage, reason: str, *, by: User, at: datetime) -> None:
    """The message is not needed. Refused without a reason, Conflict when it is being sent or has left."""
    if not reason.strip():
        raise Refused(_("Write why the message is not needed."))
    _take("discard", message, by=by, at=at, reason=reason.strip(), secret="")


def tell(message: OutboxMessage, how: str, *, by: User, at: datetime) -> None:
    """The person was told by telephone or post. Conflict when it is no longer to be told by hand."""
    if how not in By.values:
        raise Refused(_("Choose how the person was told."))
    _take("tell", message, by=by, at=at, facts={"how": how}, secret="")


def edit(message: OutboxMessage, subject: str, body: str, *, seen: str, by: User, at: datetime) -> None:
    """Another text before sending; the message is held until it is released.

    ``seen`` is the mark of the text that was edited (``mark_of``). The log keeps who and when, never a text.
    Refused without a subject or text, and without the reader's own link where there is one. Conflict when the message
    is being sent, has left, or somebody else has edited.
    """
    subject, body = " ".join(subject.split()), body.replace("\r\n", "\n").strip()
    if not subject or not body:
        raise Refused(_("A message needs a subject and a text."))
    if message.channel == Channel.SMS and len(body) > LONGEST:
        numbers = {"most": LONGEST, "signs": len(body)}
        raise Refused(_("A text message has at most %(most)s signs; this one has %(signs)s.") % numbers)
    with transaction.atomic():
        now = OutboxMessage.objects.select_for_update().get(pk=message.pk)  # waits for a worker or another editor
        body = stored(body, now)
        if (now.subject, now.body) == (subject, body) and mark_of(now) != seen:
            return  # the second click of the same change
        if mark_of(now) != seen:
            raise Conflict(_("Somebody else has edited the text meanwhile. Look at the message again."))
        due = at if now.state == MessageState.FAILED else now.due_at
        changes: dict[str, Any] = {"subject": subject[:200], "body": body, "due_at": due, "retry_at": None}
        changes |= {"attempts": 0, "error": ""}
        _move("edit", message, by=by, at=at, **changes)


def mark_of(message: OutboxMessage) -> str:
    """Tells one text of a message from another."""
    return sha256(f"{message.subject}\n{message.body}".encode()).hexdigest()[:16]


def may_be(name: str, message: OutboxMessage) -> bool:
    """Whether the state of the message allows the step."""
    return message.state in MESSAGE[name].sources


_TOO_LATE: dict[str, str | Promise] = {
    MessageState.SENDING: _("The message is being sent at this moment. Nothing was changed."),
    MessageState.SENT: _("The message has left. Nothing was changed."),
    MessageState.DROPPED: _("The message is no longer needed. Nothing was changed."),
    MessageState.TOLD: _("The person has been told. Nothing was changed."),
}


def _take(
    name: str,
    message: OutboxMessage,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    facts: dict[str, str] | None = None,
    **changes: Any,
) -> bool:
    """One step; False when the same person has just taken it."""
    if _taken_already(name, message, by):
        return False
    _move(name, message, by=by, at=at, reason=reason, facts=facts, **changes)
    return True


def _move(
    name: str,
    message: OutboxMessage,
    *,
    by: User,
    at: datetime,
    reason: str = "",
    facts: dict[str, str] | None = None,
    **changes: Any,
) -> None:
    try:
        move(message, MESSAGE[name], by=by, at=at, reason=reason, facts=facts, **changes)
    except Conflict as conflict:
        now = OutboxMessage.objects.filter(pk=message.pk).values_list("state", flat=True).first()
        raise Conflict(_TOO_LATE.get(now or "", conflict.message)) from conflict


def _taken_already(name: str, message: OutboxMessage, by: User) -> bool:
    state = OutboxMessage.objects.filter(pk=message.pk).values_list("state", flat=True).first()
    last = LogEntry.objects.filter(object_type="office.outboxmessage", object_id=message.pk).order_by("-id").first()
    step = MESSAGE[name]
    return state == step.target and last is not None and (last.kind, last.actor_id) == (f"outboxmessage.{name}", by.pk)


def _send_after_commit(message: OutboxMessage) -> None:
    from office.tasks import send_message  # noqa: PLC0415 - tasks import office.outbox

    transaction.on_commit(partial(send_message.delay, message.pk))
