"""Faults of the mail server, with a real one on a local address; the moment is passed, so pauses take no time."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier
from time import sleep
from typing import Any

import pytest
from django.db import connection

from office import sending
from office.health import oldest_unsent
from office.models import OutboxMessage
from office.sending import send_waiting
from tests.factories import at
from tests.faults.mailserver import MailServer
from tests.faults.messages import counted, perhaps, states, write

NOW = at(2026, 10, 5, 9)
MINUTE = timedelta(minutes=1)
GOOD = {"lost": 0, "doubled and marked": 0, "doubled and not marked": 0}


def test_many_messages_over_one_connection(server: MailServer) -> None:
    write(120, at=NOW)
    assert send_waiting(at=NOW) == 120
    assert (states(), counted(server)) == ({"sent": 120}, GOOD | {"once": 120})
    assert server.conversations == 1


def test_refused_for_ever(server: MailServer) -> None:
    """5xx about a reader: failed at once, on the page; the others go on over the same connection."""
    write(5, at=NOW)
    server.faults.refused = {"fault1@example.org", "fault3@example.org"}
    assert send_waiting(at=NOW) == 3
    assert (states(), server.conversations) == ({"sent": 3, "failed": 2}, 1)
    failed = OutboxMessage.objects.filter(state="failed")
    assert {(one.error, one.attempts, one.perhaps_sent) for one in failed} == {("SMTPRecipientsRefused 550", 1, False)}


def test_a_text_that_is_refused(server: MailServer) -> None:
    write(2, at=NOW)
    server.faults.refuses_text = True
    assert send_waiting(at=NOW) == 0
    assert states() == {"failed": 2}
    assert {one.error for one in OutboxMessage.objects.all()} == {"SMTPDataError 554"}


def test_greylisted(server: MailServer) -> None:
    """4xx: not now. Tried again after two minutes, then sent; exactly once."""
    write(20, at=NOW)
    server.faults.greylist = 0.3
    assert send_waiting(at=NOW) == 0
    assert (states(), perhaps()) == ({"waiting": 20}, set())
    assert send_waiting(at=NOW + MINUTE) == 0  # the pause is not over
    sleep(0.3)
    assert send_waiting(at=NOW + 2 * MINUTE) == 20
    assert counted(server) == GOOD | {"once": 20}


def test_put_off_again_and_again_then_given_up(server: MailServer) -> None:
    """Not late for the health check meanwhile: the program has done what it can."""
    [one] = write(1, at=NOW)
    server.faults.greylist = 1000
    moments, now = [NOW], NOW
    while OutboxMessage.objects.get().state == "waiting":
        assert (oldest_unsent(at=now) or now) == now
        send_waiting(at=now)
        assert OutboxMessage.objects.get().retry_at is not None
        now = OutboxMessage.objects.get().retry_at or now
        moments.append(now)
    pauses = [(after - before) // MINUTE for before, after in pairwise(moments)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60, 60, 60]
    one.refresh_from_db()
    assert (one.state, one.attempts, one.error, server.letters) == ("failed", 10, "SMTPRecipientsRefused 451", [])


def test_busy(server: MailServer) -> None:
    """421 ends the line; the message is put off, the next one gets a new line."""
    write(3, at=NOW)
    server.faults.busy = 1
    assert send_waiting(at=NOW) == 2
    assert send_waiting(at=NOW + 2 * MINUTE) == 1
    assert counted(server) == GOOD | {"once": 3}


def test_away_and_back(server: MailServer) -> None:
    """A server that cannot be reached is no message's fault: no attempt counts, however long; all is late meanwhile."""
    write(70, at=NOW)
    server.stop()
    for minute in range(0, 600, 60):
        assert send_waiting(at=NOW + minute * MINUTE) == 0
    assert states() == {"waiting": 70}
    assert {one.attempts for one in OutboxMessage.objects.all()} == {0}
    assert {one.error for one in OutboxMessage.objects.exclude(retry_at=None)} == {"ConnectionRefusedError"}
    assert oldest_unsent(at=NOW + 600 * MINUTE) == NOW
    server.start()
    assert send_waiting(at=NOW + 601 * MINUTE) == 70
    assert counted(server) == GOOD | {"once": 70}


def test_the_line_is_cut_at_data(server: MailServer) -> None:
    """The server had not read the text, but nobody can know: tried again and marked, though it arrives once."""
    write(6, at=NOW)
    server.faults.drop_at_data = 1
    assert send_waiting(at=NOW) == 5
    assert (states(), len(perhaps())) == ({"sent": 5, "waiting": 1}, 1)
    assert send_waiting(at=NOW + 2 * MINUTE) == 1
    assert counted(server) == GOOD | {"once": 6}
    assert len(perhaps()) == 1


def test_the_line_is_cut_before_the_answer(server: MailServer) -> None:
    """The server has it and did not say so: sent again under the same Message-ID, and marked. Nothing else doubles."""
    write(6, at=NOW)
    server.faults.drop_unanswered = 2
    assert send_waiting(at=NOW) == 4
    assert send_waiting(at=NOW + 2 * MINUTE) == 2
    assert counted(server) == {"lost": 0, "once": 4, "doubled and marked": 2, "doubled and not marked": 0}
    assert (states(), set(server.doubled)) == ({"sent": 6}, perhaps())


def test_every_line_is_cut(server: MailServer) -> None:
    """After three lines in a row the round ends; what was not tried loses no attempt."""
    write(10, at=NOW)
    server.faults.drop_at_data = 1000
    assert send_waiting(at=NOW) == 0
    assert Counter(OutboxMessage.objects.values_list("attempts", flat=True)) == {1: 3, 0: 7}
    server.faults.drop_at_data = 0
    assert send_waiting(at=NOW + 2 * MINUTE) == 10
    assert counted(server)["lost"] == 0


def test_slower_than_patience(server: MailServer, settings: Any) -> None:
    """The answer does not come in time: perhaps sent, and indeed."""
    write(1, at=NOW)
    settings.EMAIL_TIMEOUT = 1
    server.faults.slow = 1.5
    assert send_waiting(at=NOW) == 0
    assert (states(), len(perhaps())) == ({"waiting": 1}, 1)
    server.faults.slow = 0
    assert send_waiting(at=NOW + 3 * MINUTE) == 1
    assert counted(server) | {"once": 0} == GOOD | {"once": 0, "doubled and marked": len(server.doubled)}


def test_slow_but_answering(server: MailServer) -> None:
    write(5, at=NOW)
    server.faults.slow = 0.2
    assert send_waiting(at=NOW) == 5
    assert (counted(server), perhaps()) == (GOOD | {"once": 5}, set())


def test_two_workers_and_two_ticks_at_once(server: MailServer) -> None:
    write(200, at=NOW)
    start = Barrier(4)

    def work(_worker: int) -> int:
        try:
            start.wait()
            return send_waiting(at=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 200
    assert counted(server) == GOOD | {"once": 200}


@pytest.mark.parametrize("when", ["before the text", "after the text"])
def test_the_database_cuts_every_connection(server: MailServer, when: str) -> None:
    """In the middle of sending, while the mail server has a text: what it answered is written down all the same."""
    write(40, at=NOW)

    def cut() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        connection.close()

    server.faults.slow = 0.05 if when == "after the text" else 0
    server.after = {20: cut}
    assert send_waiting(at=NOW) == 40
    assert (states(), counted(server), perhaps()) == ({"sent": 40}, GOOD | {"once": 40}, set())


def test_a_message_that_breaks_stops_no_other(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question of ours that fails (N2): put off, the others leave; given up in the end."""
    from office import outbox  # noqa: PLC0415 - to break it

    broken, *_others = write(3, at=NOW)
    real = outbox.as_mail

    def as_mail(message: OutboxMessage, *, holds: bool | None) -> object:
        if message.pk == broken.pk:
            raise RuntimeError
        return real(message, holds=holds)

    monkeypatch.setattr(outbox, "as_mail", as_mail)
    assert send_waiting(at=NOW) == 2
    broken.refresh_from_db()
    assert (broken.state, broken.error) == ("waiting", "RuntimeError")


def test_a_message_that_takes_its_worker_along_is_given_up(server: MailServer) -> None:
    """Claimed again and again and never finished: after ten workers it has failed."""
    [one] = write(1, at=NOW)
    moment = NOW
    for _death in range(sending.MAX_ATTEMPTS):
        assert sending.claim(one.pk, at=moment) is not None
        moment += sending.CLAIM_EXPIRES + MINUTE
    assert send_waiting(at=moment) == 0
    assert (states(), server.letters) == ({"failed": 1}, [])


@pytest.mark.parametrize("handed", [False, True])
def test_a_worker_that_died(server: MailServer, *, handed: bool) -> None:
    """Before the mail server had it: certainly not sent. While it had it: perhaps, sent again and marked."""
    [one] = write(1, at=NOW)
    assert sending.claim(one.pk, at=NOW) is not None
    if handed:
        OutboxMessage.objects.update(handed_at=NOW)
    assert send_waiting(at=NOW + 5 * MINUTE) == 0
    assert send_waiting(at=NOW + 6 * MINUTE) == 1
    assert bool(perhaps()) is handed


def test_many_are_asked_at_once_whether_they_still_hold(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One question for a batch; what no longer holds is dropped; a question that fails is asked of each by itself."""
    from office import outbox  # noqa: PLC0415 - to add a kind

    asked: list[int] = []

    def many(messages: Sequence[OutboxMessage]) -> list[int]:
        asked.append(len(messages))
        if len(asked) > 1:
            raise RuntimeError
        return [one.pk for one in messages][::2]

    kind = outbox.Kind("fault", "Fault", still_true=lambda one: one.subject == "Viesti 1", still_true_of=many)
    monkeypatch.setitem(outbox.KINDS, "fault", kind)
    write(6, at=NOW)
    assert (send_waiting(at=NOW), asked) == (3, [6])
    assert states() == {"sent": 3, "dropped": 3}
    write(4, at=NOW, once="again")
    assert (send_waiting(at=NOW), asked) == (1, [6, 4])
    assert states() == {"sent": 4, "dropped": 6}
