"""Sent and the next one handed over are one note: half the commits, and no message longer in doubt than by two."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from office import sending
from office.models import OutboxMessage
from office.sending import send_waiting
from office.smtp import Backend
from tests.factories import at
from tests.faults.mailserver import MailServer
from tests.faults.messages import counted, perhaps, states, write

NOW = at(2026, 10, 5, 9)
ALL = {"lost": 0, "once": 6, "doubled and marked": 0, "doubled and not marked": 0}


class Died(BaseException):
    """The worker is gone: nothing that it would have written is written."""


def letters_before(monkeypatch: pytest.MonkeyPatch, number: int, act: Any) -> None:
    """Does something when that letter is about to be handed over."""
    send, seen = Backend.send_messages, [0]

    def watched(self: Backend, mails: list[EmailMessage]) -> int:
        seen[0] += 1
        if seen[0] == number:
            act()
        return int(send(self, mails))

    monkeypatch.setattr(Backend, "send_messages", watched)


def test_one_statement_a_message(server: MailServer) -> None:
    write(100, at=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert send_waiting(at=NOW) == 100
    told = [one["sql"] for one in queries if one["sql"].lstrip().startswith("UPDATE")]
    assert len(told) <= 100 + 2 * 3  # first and last of each batch, and its claim
    assert counted(server)["once"] == 100


def test_a_worker_that_dies_after_the_note_leaves_one_in_doubt(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die() -> None:
        raise Died

    write(6, at=NOW)
    with monkeypatch.context() as patch:
        letters_before(patch, 3, die)
        with pytest.raises(Died):
            send_waiting(at=NOW)
    assert (states(), len(server.letters)) == ({"sent": 2, "sending": 4}, 2)
    assert OutboxMessage.objects.filter(state="sending", handed_at__isnull=False).count() == 1
    assert send_waiting(at=NOW + timedelta(minutes=6)) == 4
    assert (states(), counted(server)) == ({"sent": 6}, ALL)
    assert len(perhaps()) == 1


def test_one_that_fails_notes_nothing_of_the_next(server: MailServer) -> None:
    write(6, at=NOW)
    server.faults.refused = {"fault2@example.org"}
    assert send_waiting(at=NOW) == 5
    assert (states(), perhaps()) == ({"sent": 5, "failed": 1}, set())
    assert len(server.letters) == 5


def test_a_slow_server_has_the_next_one_asked_anew(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked longer ago than its answer holds is composed and asked again before it goes."""
    asked: list[int] = []
    compose = sending._composed
    monkeypatch.setattr(sending, "FRESH", 0.0)

    def composed(message: OutboxMessage, *rest: Any, **known: Any) -> Any:
        asked.append(message.pk)
        return compose(message, *rest, **known)

    monkeypatch.setattr(sending, "_composed", composed)
    write(6, at=NOW)
    assert send_waiting(at=NOW) == 6
    assert (counted(server), perhaps()) == (ALL, set())
    assert len(asked) == 6 + 5


def test_what_another_worker_has_taken_meanwhile_is_left_to_it(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the second is handed over the third is claimed anew by somebody: this worker does not send it."""
    messages = write(6, at=NOW)
    third = OutboxMessage.objects.filter(pk=messages[2].pk)
    letters_before(monkeypatch, 2, lambda: third.update(claimed_at=NOW + timedelta(minutes=7)))
    assert send_waiting(at=NOW) == 5
    assert states() == {"sent": 5, "sending": 1}
    assert (len(server.letters), third.get().handed_at) == (5, None)
