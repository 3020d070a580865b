"""A thousand messages composed and handed to a mail server on a local address by two processes, beside bare smtplib.

The mail server is a process of its own that takes everything and keeps nothing. The floor composes as many short texts
and hands them to the same server by ``smtplib``, over one connection for each of two processes, without a database: it
keeps no account of what has left.
"""

import smtplib
import socket
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from multiprocessing import get_context
from time import perf_counter
from typing import Any, cast

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks import office
from benchmarks.measure import Pair, Result, counted
from experts.models import Expert
from office import outbox
from office.models import OutboxMessage
from office.outbox_text import in_force
from office.sending import send_waiting

Say = Callable[[str], None]
FORK = get_context("fork")
PROCESSES = 2


class _Taking(socketserver.StreamRequestHandler):
    """One SMTP conversation in which everything is right."""

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._say("220 bench")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self._say("354 go on")
                while self.rfile.readline() not in {b".\r\n", b""}:
                    pass
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


def _serve(port: Any) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Taking) as server:
        server.daemon_threads = True
        port.put(server.server_address[1])
        server.serve_forever()


@contextmanager
def _mail_server() -> Iterator[int]:
    port: Any = FORK.Queue()
    server = FORK.Process(target=_serve, args=[port], daemon=True)
    server.start()
    try:
        yield port.get(timeout=10)
    finally:
        server.terminate()
        server.join()


def _together(work: Callable[[int], None]) -> float:
    """Seconds until all processes have done their part; their start is not counted."""
    connection.close()
    cast("Any", connection).close_pool()
    ready, begin = FORK.Barrier(PROCESSES + 1), FORK.Barrier(PROCESSES + 1)

    def run(number: int) -> None:
        ready.wait()
        begin.wait()
        work(number)
        connection.close()

    running = [FORK.Process(target=run, args=[number]) for number in range(PROCESSES)]
    for one in running:
        one.start()
    ready.wait()
    begun = perf_counter()
    begin.wait()
    for one in running:
        one.join()
    if any(one.exitcode for one in running):
        raise RuntimeError("a process of the bench failed")
    return perf_counter() - begun


def _bare(number: int, port: int) -> tuple[float, float]:
    """Seconds of composing and of handing over."""
    begun = perf_counter()
    letters = []
    for one in range(number):
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = "Viesti", "erfa@example.org", f"reader{one}@example.org"
        letter.set_content("Hei!\n\nTyö- ja tuntiluettelosi on valmis.\n\nYstävällisin terveisin\n")
        letters.append(letter.as_bytes())
    composed = perf_counter() - begun

    def hand_over(process: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as line:
            for one in range(process, number, PROCESSES):
                line.sendmail("erfa@example.org", [f"reader{one}@example.org"], letters[one])

    return composed, _together(hand_over)


def _ours(experts: list[Expert]) -> tuple[float, float]:
    """The same of the program: rows with rendered texts, claimed, asked, composed with HTML, handed over, marked."""
    OutboxMessage.objects.all().delete()
    now = timezone.now()
    kind = outbox.KINDS["remind_tax_card"]
    begun = perf_counter()
    texts = in_force()
    messages = []
    for expert in experts:
        message = outbox.written(
            kind, expert.user, about=expert, at=now, once=f"{now.year + 1}/12", texts=texts, year=now.year + 1, url="/"
        )
        if message is not None:
            message.due_at = now
            messages.append(message)
    OutboxMessage.objects.bulk_create(messages)
    composed = perf_counter() - begun
    handed = _together(lambda _process: _send_all())
    left = OutboxMessage.objects.filter(state="sent").count()
    if left != len(experts):
        raise RuntimeError(f"{left} of {len(experts)} have left")
    return composed, handed


def _send_all() -> None:
    send_waiting(at=timezone.now())


def measured(number: int, times: int, say: Say) -> list[Result]:
    """So many messages, each time anew, floor and ours in turns."""
    made = office.open_office(timezone.now(), 1)
    unit = made.patterns[0].unit
    experts = office.make_people([(unit, f"Lukija {n}", made.number()) for n in range(number)], made.month)
    people = list(Expert.objects.filter(pk__in=[one.pk for one in experts]).select_related("user"))
    office.settle()
    compose, hand, both = Pair([], []), Pair([], []), Pair([], [])
    with _mail_server() as port:
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "office.smtp.Backend", "127.0.0.1", port
        for _time in range(times):
            floor, ours = _bare(number, port), _ours(people)
            for pair, at in ((compose, 0), (hand, 1)):
                pair.floor.append(floor[at])
                pair.ours.append(ours[at])
            both.floor.append(sum(floor))
            both.ours.append(sum(ours))
        OutboxMessage.objects.all().delete()
        with counted() as asked:
            _ours_in_process(people)
    say(f"{number} messages")
    note = f"{len(asked) / number:.1f} queries a message at sending"
    return [
        Result.of(f"{number} messages composed and stored", compose),
        Result.of(f"{number} messages handed over, {PROCESSES} processes", hand, note=note),
        Result.of(f"{number} messages, both", both),
    ]


def _ours_in_process(experts: list[Expert]) -> None:
    now = timezone.now()
    texts = in_force()
    kind = outbox.KINDS["remind_tax_card"]
    rows = [
        outbox.written(kind, one.user, about=one, at=now, once=f"{now.year + 1}/12", texts=texts, year=0, url="/")
        for one in experts
    ]
    OutboxMessage.objects.bulk_create(row for row in rows if row is not None)
    send_waiting(at=now)
