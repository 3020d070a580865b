"""How messages leave: claimed with skip locked, handed to the mail server one after the other, and marked at once.

What can be known is exact. A message is claimed by one worker (compare-and-swap), noted as *handed over* right before
the mail server gets it, and as sent right after its answer. So whatever dies between two notes leaves behind either a
message that has certainly not left, or one that has perhaps (``perhaps_sent``): that one is sent again with the same
``Message-ID`` and marked. Nothing waits for a worker that is gone longer than ``CLAIM_EXPIRES``.

The mail server's own word decides what comes next: "not now" (4xx, no answer) is tried again with growing pauses and
given up after ``MAX_ATTEMPTS``; "never" (5xx about this reader or text) has failed at once; a server that cannot be
reached is not the message's fault and counts as no attempt.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPSenderRefused
from time import monotonic, sleep
from typing import Any

from django.core.mail import get_connection
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q

from office import outbox, sms
from office.choices import MESSAGE_UNDERWAY, Channel, MessageState
from office.models import Heartbeat, OutboxMessage

logger = logging.getLogger("erfa.messages")

#: A message claimed longer ago than this belongs to a worker that died; longer than one message can take.
CLAIM_EXPIRES = timedelta(minutes=5)
MAX_ATTEMPTS = 10
#: Minutes before the second, third, … attempt; the last one for all that follow. Five hours altogether.
PAUSES = (2, 4, 8, 16, 32, 60)
#: When the mail server cannot be reached, or breaks every line.
AWAY = timedelta(minutes=1)
LOST_LINES = 3
#: As many are claimed at once.
BATCH = 50
#: So many seconds an answer of many at once (is it still true?) holds for each of them.
FRESH = 5.0
#: A round ends after so many seconds; what is left is for the next one.
ROUND = 50.0
#: Seconds between tries to write down what has happened, when the database has cut the connection; less than a claim.
DATABASE_PAUSES = (0.0, 0.2, 1.0, 3.0, 5.0, 10.0, 20.0, 30.0)


class _Watch:
    """The moment by the worker's own stopwatch, in whole seconds: a clock that is changed meanwhile changes nothing."""

    def __init__(self, at: datetime) -> None:
        self._at, self._begun = at, monotonic()

    @property
    def seconds(self) -> float:
        return monotonic() - self._begun

    @property
    def now(self) -> datetime:
        return self._at + timedelta(seconds=int(self.seconds))


def claim(message_id: int, *, at: datetime) -> OutboxMessage | None:
    """Takes a due message for sending; only one worker gets it."""
    return next(iter(_claim(Q(pk=message_id), at=at)), None)


def send(message_id: int, *, at: datetime) -> bool:
    """Sends one message if it is still waiting, still true and its recipient still active. True when it left."""
    return send_these([message_id], at=at) == 1


def send_these(ids: Sequence[int], *, at: datetime) -> int:
    """Sends those of the messages that wait and are due, over one connection. Tells how many left."""
    return _send(Q(pk__in=ids), at=at)


def send_waiting(*, at: datetime) -> int:
    """Sends what is due and was not sent on commit (a lost task, a dead worker, a mail server that was away)."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name="clock", at=at)], update_conflicts=True, unique_fields=["name"], update_fields=["at"]
    )
    return _send(Q(), at=at)


# --- claiming --------------------------------------------------------------------------------------------------------


def due(at: datetime) -> Q:
    """Messages that may be claimed: due and not put off, or claimed by a worker that has died."""
    waits = Q(state=MessageState.WAITING, due_at__lte=at) & (Q(retry_at=None) | Q(retry_at__lte=at))
    return waits | Q(state=MessageState.SENDING, claimed_at__lt=at - CLAIM_EXPIRES)


def _claim(which: Q, *, at: datetime) -> list[OutboxMessage]:
    """Up to ``BATCH`` messages, locked ones passed over. What a dead worker had handed over has perhaps been sent."""
    with transaction.atomic():
        free = OutboxMessage.objects.filter(due(at), which).select_for_update(skip_locked=True, of=("self",))
        rows = list(free.select_related("recipient").order_by("id")[:BATCH])
        if not rows:
            return []
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=MessageState.SENDING,
            claimed_at=at,
            attempts=F("attempts") + 1,
            perhaps_sent=Q(perhaps_sent=True) | Q(handed_at__isnull=False),
            handed_at=None,
        )
    for row in rows:
        row.perhaps_sent = row.perhaps_sent or row.handed_at is not None
        row.state, row.claimed_at, row.handed_at = MessageState.SENDING, at, None
        row.attempts += 1
    return rows


# --- sending ---------------------------------------------------------------------------------------------------------


def _send(which: Q, *, at: datetime) -> int:
    watch, count = _Watch(at), 0
    line = _Line()
    try:
        while watch.seconds < ROUND and (claimed := _claim(which, at=watch.now)):
            known, asked = _asked_together(claimed), watch.seconds
            count += _send_batch(claimed, line, watch, {pk: (holds, asked) for pk, holds in known.items()})
            if line.is_away:
                break
    finally:
        line.close()
    return count


def _asked_together(messages: Sequence[OutboxMessage]) -> dict[int, bool]:
    """Which of the messages still hold, for the kinds that are asked of many at once."""
    known: dict[int, bool] = {}
    for name in {message.kind for message in messages}:
        what, rows = outbox.KINDS.get(name), [message for message in messages if message.kind == name]
        if what is None or what.still_true_of is None or len(rows) == 1:
            continue
        try:
            holding = set(what.still_true_of(rows))
        except Exception:
            logger.exception("the question of many messages failed: %s", name)  # each is asked by itself
        else:
            known |= {row.pk: row.pk in holding for row in rows}
    return known


#: The answers of a question about many: whether it holds, and by the stopwatch when it was asked.
_Known = dict[int, tuple[bool, float]]


@dataclass
class _Ready:
    """A message that is composed. ``since``: when it was asked whether it still holds."""

    message: OutboxMessage
    mail: "outbox.Mail | sms.Text"
    since: float
    is_noted: bool = False  # as handed over

    @property
    def is_text(self) -> bool:
        return isinstance(self.mail, sms.Text)


def _send_batch(claimed: Sequence[OutboxMessage], line: "_Line", watch: _Watch, known: _Known) -> int:
    """Claimed messages on their way, one after the other; how many left. What is wrong with one holds up no other (N2).

    The next one is composed before a mail is handed over. So when its answer has come, both are noted in one
    statement, this one as sent and the next one as handed over: one commit a message, and no longer in doubt than
    by two.
    """
    count, todo = 0, deque(claimed)
    ready: _Ready | None = None
    while ready or todo:
        ready = ready or _prepared(todo.popleft(), line, watch, known)
        if ready is None or not (ready.is_noted or _noted(ready, line, watch)):
            ready = None
            continue
        one, ready = ready, None
        if not one.is_text and todo and todo[0].channel == Channel.EMAIL:
            ready = _prepared(todo.popleft(), line, watch, known)
        has_left = _handed_over(one, line, watch)
        if has_left and ready and watch.seconds < ROUND and watch.seconds - ready.since < FRESH:
            sent, ready.is_noted = _note_both(one.message, ready.message, watch)
            count += sent
            ready = ready if ready.is_noted else None  # it took so long that another worker has it
            continue
        if has_left:
            count += _mark(one.message, state=MessageState.SENT, sent_at=watch.now, error="", handed_at=None)
        if ready:
            todo.appendleft(ready.message)  # composed and asked anew
            ready = None
    return count


def _prepared(message: OutboxMessage, line: "_Line", watch: _Watch, known: _Known) -> _Ready | None:
    """The message composed; None when it does not leave now, which is written down."""
    if (line.is_away and message.channel == Channel.EMAIL) or watch.seconds >= ROUND:
        _give_back(message, line, watch)
        return None
    holds, since = known.get(message.pk, (None, watch.seconds))
    if watch.seconds - since >= FRESH:
        holds, since = None, watch.seconds
    mail = _composed(message, watch, holds=holds)
    return None if mail is None else _Ready(message, mail, since)


def _noted(one: _Ready, line: "_Line", watch: _Watch) -> bool:
    """Notes that it is handed over, when there is somebody to take it."""
    if not one.is_text and not line.open():
        _give_back(one.message, line, watch)
        return False
    return _mark(one.message, claimed_at=watch.now, handed_at=watch.now)  # else another worker has it by now


def _handed_over(one: _Ready, line: "_Line", watch: _Watch) -> bool:
    """Whether it was taken; what went wrong is written down."""
    try:
        if isinstance(one.mail, sms.Text):
            one.mail.send()
        else:
            line.hand_over(one.mail)
    except Exception as error:  # noqa: BLE001 - what the server says, or a message that cannot be written as a mail
        in_doubt = isinstance(error, sms.UnansweredError) if one.is_text else line.lost(error)
        _failed(one.message, error, watch, is_final=_is_final(error), in_doubt=in_doubt)
        return False
    return True


def _composed(message: OutboxMessage, watch: _Watch, *, holds: bool | None) -> "outbox.Mail | sms.Text | None":
    """The message as it leaves; None when it does not, which is written down."""
    if message.attempts > MAX_ATTEMPTS:  # it takes its workers along
        _mark(message, state=MessageState.FAILED, error=message.error or "no worker came back")
        return None
    try:
        mail = outbox.as_mail(message, holds=holds)
    except Exception as error:  # a question or a file that fails: a fault of ours
        logger.exception("message %s could not be composed", message.pk)
        _failed(message, error, watch, is_final=False)
        return None
    if isinstance(mail, outbox.Mail | sms.Text):
        return mail
    _mark(message, state=mail)
    return None


def _is_final(error: Exception) -> bool:
    """Whether the server will never take it: 5xx about this reader or this text, or an address nobody can write."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _said in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return error.smtp_code >= 500
    return isinstance(error, ValueError)


def _failed(message: OutboxMessage, error: Exception, watch: _Watch, *, is_final: bool, in_doubt: bool = False) -> None:
    """Tried again later, or given up."""
    pause = PAUSES[min(message.attempts, len(PAUSES)) - 1]
    _mark(
        message,
        state=MessageState.FAILED if is_final or message.attempts >= MAX_ATTEMPTS else MessageState.WAITING,
        retry_at=watch.now + timedelta(minutes=pause),
        error=_told(error),
        handed_at=None,
        perhaps_sent=message.perhaps_sent or in_doubt,
    )


def _give_back(message: OutboxMessage, line: "_Line", watch: _Watch) -> None:
    """Not tried: no attempt counts."""
    later = {"retry_at": watch.now + AWAY, "error": line.trouble} if line.is_away else {}
    _mark(message, state=MessageState.WAITING, attempts=message.attempts - 1, **later)


def _told(error: Exception) -> str:
    """The error by its type and the server's number; its words may name people."""
    codes = [error.smtp_code] if isinstance(error, SMTPDataError | SMTPSenderRefused) else []
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _said in error.recipients.values()]
    return " ".join([type(error).__name__, *map(str, codes)])


def _mark(message: OutboxMessage, **changes: Any) -> bool:
    """Writes what has happened, if the claim is still ours; through a connection that is cut meanwhile, too."""
    if changes.get("state", MessageState.SENDING) not in MESSAGE_UNDERWAY:
        changes["secret"] = ""
    mine = OutboxMessage.objects.filter(pk=message.pk, state=MessageState.SENDING, claimed_at=message.claimed_at)
    if not _surely(lambda: mine.update(**changes)):
        return False
    for name, value in changes.items():
        setattr(message, name, value)
    return True


#: One statement: the first row as sent, the second as handed over, each if its claim is still ours.
BOTH = """
UPDATE office_outboxmessage SET
    state = CASE WHEN id = %(sent)s THEN 'sent' ELSE state END,
    sent_at = CASE WHEN id = %(sent)s THEN %(now)s ELSE sent_at END,
    error = CASE WHEN id = %(sent)s THEN '' ELSE error END,
    secret = CASE WHEN id = %(sent)s THEN '' ELSE secret END,
    handed_at = CASE WHEN id = %(sent)s THEN NULL ELSE %(now)s END,
    claimed_at = CASE WHEN id = %(sent)s THEN claimed_at ELSE %(now)s END
WHERE state = 'sending'
    AND ((id = %(sent)s AND claimed_at = %(sent_claim)s) OR (id = %(next)s AND claimed_at = %(next_claim)s))
RETURNING id
"""


def _note_both(sent: OutboxMessage, following: OutboxMessage, watch: _Watch) -> tuple[bool, bool]:
    """What ``_mark`` notes of each, in one commit: whether the one is noted as sent, the other as handed over."""
    now = watch.now
    told: dict[str, Any] = {
        "now": now,
        "sent": sent.pk,
        "sent_claim": sent.claimed_at,
        "next": following.pk,
        "next_claim": following.claimed_at,
    }
    done: set[int] = set()

    def write() -> int:
        with connection.cursor() as cursor:
            cursor.execute(BOTH, told)
            done.update(pk for (pk,) in cursor.fetchall())
        return len(done)

    _surely(write)
    if following.pk in done:
        following.claimed_at, following.handed_at = now, now
    return sent.pk in done, following.pk in done


def _surely(write: Callable[[], int]) -> int:
    for pause in DATABASE_PAUSES:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if connection.in_atomic_block:
                raise
            connection.close()
            sleep(pause)
    return write()


class _Line:
    """One connection to the mail server for many messages; opened anew when it is lost."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._is_open = False
        self._lost = 0
        self.is_away = False
        self.trouble = ""

    def open(self) -> bool:
        """Whether the server can be reached."""
        if not self._is_open:
            try:
                self._backend.open()
            except (OSError, ValueError) as error:
                self.is_away, self.trouble = True, _told(error)
                logger.warning("the mail server cannot be reached: %s", self.trouble)
                self.close()
                return False
            self._is_open = True
        return True

    def hand_over(self, mail: "outbox.Mail") -> None:
        """Raises what the server or the line says."""
        self._backend.send_messages([mail])
        self._lost = 0

    def lost(self, error: Exception) -> bool:
        """Whether the message may have arrived all the same. A line on which the server answered goes on."""
        in_doubt = bool(getattr(self._backend, "in_doubt", False))
        answered = isinstance(error, SMTPRecipientsRefused | SMTPDataError | ValueError)
        if not answered or "421" in _told(error):
            self._lost += 1
            self.is_away, self.trouble = self._lost >= LOST_LINES, _told(error)
            self.close()
        return in_doubt

    def close(self) -> None:
        try:
            self._backend.close()
        except (OSError, SMTPException) as error:
            logger.info("the mail server hung up: %s", type(error).__name__)
        self._is_open = False
