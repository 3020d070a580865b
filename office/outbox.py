"""The only way out: a message row in the transaction of the fact, sent after commit.

A kind of message is registered with its template (``emails/<kind>.txt``: the first line is the subject) and, where time
can overtake it, with a question asked at the moment of sending: is it still true?
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models, transaction
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office import sms
from office.actions import log
from office.choices import Channel, MessageState
from office.errors import Conflict
from office.models import OutboxMessage, User
from office.outbox_html import as_html
from office.outbox_links import filled
from office.outbox_text import Outsider as Outsider
from office.outbox_text import Texts, compose, in_force
from office.stored import put_once

#: As many messages to one task, where many are written at once.
TO_A_TASK = 50

Mail = EmailMultiAlternatives
#: A file that goes with a message: its name, content and media type.
Attachment = tuple[str, bytes, str]


@dataclass(frozen=True)
class Kind:
    """A message that the program can send. ``attach`` makes its files when it is sent, from what is true then.

    ``still_true_of`` asks of many at once what ``still_true`` asks of one, and gives the ids of those that hold.
    ``by_sms`` tells of the record whether it is so urgent, when it is written, that it goes as a text message too.
    ``to`` and ``when`` tell the coordinator who gets it and after what; a reminder tells them itself.
    """

    name: str
    description: str | Promise
    still_true: Callable[[OutboxMessage], bool] | None = None
    attach: Callable[[OutboxMessage], list[Attachment]] | None = None
    to: str | Promise = ""
    when: str | Promise = ""
    by_sms: Callable[[Any, datetime], bool] | None = None
    still_true_of: Callable[[Sequence[OutboxMessage]], Iterable[int]] | None = None


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    description: str | Promise,
    *,
    still_true: Callable[[OutboxMessage], bool] | None = None,
    attach: Callable[[OutboxMessage], list[Attachment]] | None = None,
    to: str | Promise = "",
    when: str | Promise = "",
    by_sms: Callable[[Any, datetime], bool] | None = None,
    still_true_of: Callable[[Sequence[OutboxMessage]], Iterable[int]] | None = None,
) -> Kind:
    """Registers a kind of message; each app does this in its ``messages.py``."""
    KINDS[name] = Kind(name, description, still_true, attach, to, when, by_sms, still_true_of)
    return KINDS[name]


def post(
    what: Kind,
    recipient: User | Outsider | None,
    *,
    about: models.Model,
    at: datetime,
    once: str = "",
    secret: str = "",
    **context: Any,
) -> OutboxMessage | None:
    """Writes a message in the recipient's language and has it sent after commit.

    ``once`` tells two messages of a kind about the same record apart (default: the moment). Subjects hold nothing
    sensitive. A person who is inactive or missing gets none (N3); one without an address becomes a task by hand.
    An ``Outsider`` is named on the message itself; whoever removes the record it is about removes the message too.
    ``secret`` is the path of a link that acts for the reader: ``{{ own_link }}`` in the template, filled in at sending.
    """
    return next(iter(post_each(what, [recipient], about=about, at=at, once=once, secret=secret, **context)), None)


def post_each(
    what: Kind,
    recipients: Iterable[User | Outsider | None],
    *,
    about: models.Model,
    at: datetime,
    once: str = "",
    secret: str = "",
    **context: Any,
) -> list[OutboxMessage]:
    """``post`` to several at once: one query for the words, one statement for all messages, one task.

    What was told before stays as it is; whoever sends asks the row, not the task.
    """
    readers = [one for one in recipients if one is not None and not (isinstance(one, User) and not one.is_active)]
    if not readers:
        return []
    texts, messages = in_force(what.name), dict[str, OutboxMessage]()
    said: dict[str, tuple[str, str]] = {}
    for reader in readers:
        message = written(what, reader, about=about, at=at, once=once, secret=secret, texts=texts, said=said, **context)
        if message is not None:
            messages.setdefault(message.once, message)
            if what.by_sms and isinstance(reader, User) and what.by_sms(about, at):
                beside = sms.beside(what.name, message, reader, about=about, at=at, **context)
                if beside:
                    messages.setdefault(beside.once, beside)
    return _put(list(messages.values()))


def _put(messages: list[OutboxMessage]) -> list[OutboxMessage]:
    """Into the outbox; one that is there already stays as it is, and is sent if it still waits."""
    put_once(messages, "once")
    _send_after_commit([one.pk for one in messages if one.state == MessageState.WAITING])
    return messages


def written(
    what: Kind,
    recipient: User | Outsider | None,
    *,
    about: models.Model,
    at: datetime,
    once: str = "",
    secret: str = "",
    texts: Texts | None = None,
    said: dict[str, tuple[str, str]] | None = None,
    **context: Any,
) -> OutboxMessage | None:
    """The message as ``post`` would write it, not saved. None for nobody and for a person who is inactive (N3).

    ``texts``: the coordinator's words in force (``in_force()``), for whoever writes many; otherwise they are looked up.
    ``said``: for whoever writes the very same to several (``compose``).
    """
    account = recipient if isinstance(recipient, User) else None
    outsider = recipient if isinstance(recipient, Outsider) else None
    if recipient is None or (account and not account.is_active):
        return None
    wording = (in_force(what.name) if texts is None else texts).get((what.name, recipient.language), {})
    subject, body = compose(what.name, recipient, about=about, wording=wording, said=said, **context)
    whom = account.pk if account else "-"
    return OutboxMessage(
        once=f"{what.name}:{about._meta.label_lower}:{about.pk}:{whom}:{once or at.isoformat()}",
        recipient=account,
        name=outsider.name[:160] if outsider else "",
        address=outsider.email if outsider else "",
        kind=what.name,
        language=recipient.language,
        subject=subject,
        body=body,
        secret=secret if recipient.email else "",
        about_type=about._meta.label_lower,
        about_id=about.pk,
        state=MessageState.WAITING if recipient.email else MessageState.BY_HAND,
        created_at=at,
        due_at=at,
    )


def post_many(messages: Sequence[OutboxMessage]) -> int:
    """Posts many that were ``written``, in two queries; what was told before stays as it is. Tells how many are new."""
    told = set(OutboxMessage.objects.filter(once__in=[one.once for one in messages]).values_list("once", flat=True))
    new = list({one.once: one for one in messages if one.once not in told}.values())
    with transaction.atomic():
        made = OutboxMessage.objects.bulk_create(new)
        _send_after_commit(
            [one.pk for one in made if one.state == MessageState.WAITING and one.due_at <= one.created_at]
        )
    return len(made)


def _send_after_commit(ids: Sequence[int]) -> None:
    from office.tasks import send_message, send_messages  # noqa: PLC0415 - tasks import this module

    if len(ids) == 1:
        transaction.on_commit(partial(send_message.delay, ids[0]))
        return
    for first in range(0, len(ids), TO_A_TASK):
        transaction.on_commit(partial(send_messages.delay, list(ids[first : first + TO_A_TASK])))


def as_mail(message: OutboxMessage, *, holds: bool | None = None) -> "Mail | sms.Text | MessageState":
    """The message as it leaves now, or the state it ends in: no longer true or wanted, nowhere to send it.

    ``holds``: whether it is still true, if that has just been asked of many.
    """
    what = KINDS.get(message.kind)
    gone = message.recipient is not None and not message.recipient.is_active
    if holds is None:
        holds = what is None or what.still_true is None or what.still_true(message)
    if gone or not holds:
        return MessageState.DROPPED
    if message.channel == Channel.SMS:
        return sms.as_text(message, message_id(message))
    if not message.to_address:
        return MessageState.BY_HAND
    text = filled(message)
    mail = Mail(
        message.subject,
        text,
        to=[message.to_address],
        headers={
            "Message-ID": message_id(message),
            "Content-Language": message.language,
            "X-Erfa-Message": str(message.pk),
        },
    )
    mail.attach_alternative(as_html(message.subject, text, message.language), "text/html")
    if what and what.attach:
        with translation.override(message.language):
            for filename, content, mimetype in what.attach(message):
                mail.attach(filename, content, mimetype)
    return mail


def message_id(message: OutboxMessage) -> str:
    """The same for the same text however often it is sent, so that whoever gets it twice can tell."""
    text = f"{message.pk} {message.created_at.isoformat()} {message.subject}\n{message.body}"
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{message.pk}.{sha256(text.encode()).hexdigest()[:24]}@{domain}>"


def put_back(message: OutboxMessage, *, by: User, at: datetime) -> None:
    """A failed message waits again, with new attempts. Conflict when it has left or waits already."""
    from office.tasks import send_message  # noqa: PLC0415 - tasks import this module

    with transaction.atomic():
        taken = OutboxMessage.objects.filter(pk=message.pk, state=MessageState.FAILED).update(
            state=MessageState.WAITING, due_at=at, retry_at=None, attempts=0, error=""
        )
        if not taken:
            raise Conflict(_("Only a message that failed is sent again."))
        log("outboxmessage.resend", message, by=by, at=at)
        transaction.on_commit(partial(send_message.delay, message.pk))
