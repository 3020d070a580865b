"""Several clients at once against gunicorn with two workers, as production runs it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from time import perf_counter, sleep
from urllib.parse import quote, urlencode

from django.db import connection

CSRF = "b" * 32
AS_PRODUCTION = ("--workers", "2", "--threads", "4", "--no-control-socket", "--log-level", "warning")
STARTS_IN = 60  # seconds


@dataclass(frozen=True)
class Write:
    """A form that is sent by somebody who is signed in (``cookie``)."""

    address: str
    cookie: str = ""
    form: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Burst:
    """How long all of them took together, and each; seconds. ``answers``: the status of each."""

    seconds: float
    each: list[float]
    answers: list[int]

    @property
    def a_second(self) -> float:
        return len(self.each) / self.seconds


@contextmanager
def served(application: str) -> Iterator[int]:
    """``benchmarks.serving:NAME`` on a free port; the port."""
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
    gunicorn = str(Path(sys.executable).with_name("gunicorn"))
    command = [gunicorn, f"benchmarks.serving:{application}", "--bind", f"127.0.0.1:{port}", *AS_PRODUCTION]
    server = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": _database_url()})  # noqa: S603 - our own
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=STARTS_IN)


def _database_url() -> str:
    """Where this process is connected to: the bench's own database."""
    now = connection.settings_dict
    who = quote(now["USER"], safe="") + (f":{quote(now['PASSWORD'], safe='')}" if now["PASSWORD"] else "")
    if now["HOST"].startswith("/"):
        return f"postgresql:///{now['NAME']}?{urlencode({'host': now['HOST'], 'user': now['USER']})}"
    where = now["HOST"] + (f":{now['PORT']}" if now["PORT"] else "")
    return f"postgresql://{who}@{where}/{now['NAME']}"


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    until = perf_counter() + STARTS_IN
    while perf_counter() < until and server.poll() is None:
        try:
            with closing(HTTPConnection("127.0.0.1", port, timeout=STARTS_IN)) as client:
                client.request("GET", "/healthz", headers={"Host": "testserver"})
                client.getresponse()
        except OSError:
            sleep(0.1)
        else:
            return
    raise RuntimeError("gunicorn did not start")


def send(port: int, write: Write) -> int:
    """One POST on a connection of its own; the status."""
    body = urlencode(write.form)
    headers = {
        "Host": "testserver",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"{write.cookie}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
    }
    with closing(HTTPConnection("127.0.0.1", port, timeout=STARTS_IN)) as client:
        client.request("POST", write.address, body, headers)
        answer = client.getresponse()
        answer.read()
    return answer.status


def burst(port: int, writes: Sequence[Write], clients: int) -> Burst:
    """All of the writes, so many at once."""

    def timed(write: Write) -> tuple[float, int]:
        begun = perf_counter()
        status = send(port, write)
        return perf_counter() - begun, status

    with ThreadPoolExecutor(clients) as hands:
        begun = perf_counter()
        done = list(hands.map(timed, writes))
        took = perf_counter() - begun
    return Burst(took, [each for each, _status in done], [status for _each, status in done])


def at_the_same_moment(port: int, writes: Sequence[Write]) -> list[int]:
    """Each by a client of its own, all let go together."""
    gate = Barrier(len(writes))

    def go(write: Write) -> int:
        gate.wait()
        return send(port, write)

    with ThreadPoolExecutor(len(writes)) as hands:
        return list(hands.map(go, writes))
