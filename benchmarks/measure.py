"""Clock, query counter and table of the bench."""

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from io import BytesIO
from time import perf_counter
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

from office.models import User

Work = Callable[[], object]


def seconds(work: Work) -> float:
    """Wall-clock seconds of one go."""
    begun = perf_counter()
    work()
    return perf_counter() - begun


@dataclass
class Pair:
    """Seconds of the floor and of ours, taken in turns so that other work on the machine meets both."""

    floor: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)


def in_turns(floor: Work, ours: Work, times: int, *, warm: int = 1) -> Pair:
    """Each ``times`` times, in turns, after ``warm`` goes that do not count."""
    pair = Pair()
    for _ in range(warm):
        floor()
        ours()
    for _ in range(times):
        pair.floor.append(seconds(floor))
        pair.ours.append(seconds(ours))
    return pair


@contextmanager
def counted() -> Iterator[list[str]]:
    """The SQL statements of the block."""
    found: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's call
        found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def queries(work: Work) -> int:
    """How many statements one go takes."""
    with counted() as found:
        work()
    return len(found)


# --- pages -----------------------------------------------------------------------------------------------------------


def signed_in(user: User) -> str:
    """The cookie of a new session of the person."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


class Browser:
    """A signed-in person in front of a WSGI handler in this process: no network, all of the middleware."""

    def __init__(self, handler: WSGIHandler, user: User) -> None:
        self._handler, self._cookie = handler, signed_in(user)

    def get(self, address: str) -> bytes:
        """The page; anything but 200 is an error of the bench."""
        path, _, query = address.partition("?")
        answered: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": self._cookie,
            "HTTP_ACCEPT_LANGUAGE": "fi",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }

        def start(status: str, _headers: Any, _error: Any = None) -> Any:
            answered.append(status)

        response = cast("Any", self._handler(environ, start))
        body = b"".join(response)
        response.close()
        if not answered or not answered[0].startswith("200"):
            raise RuntimeError(f"{address}: {answered} {body[:300]!r}")
        return body


# --- the table -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """A line of the table. Seconds; ``goal`` in words; ``queries`` of ours, where they are told.

    The best goes tell what it would cost on a machine that does nothing else.
    """

    what: str
    floor: float | None
    ours: float
    goal: str = ""
    queries: int | None = None
    note: str = ""
    best: float | None = None
    best_floor: float | None = None

    @classmethod
    def of(cls, what: str, pair: Pair, **told: Any) -> "Result":
        """Medians of both."""
        best, least = min(pair.ours, default=None), min(pair.floor, default=None)
        middle = statistics.median(pair.floor), statistics.median(pair.ours)
        return cls(what, *middle, best=best, best_floor=least, **told)

    @property
    def ratio(self) -> str:
        return f"{self.ours / self.floor:.1f} ×" if self.floor else "–"


def _time(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def printed(results: list[Result]) -> str:
    """The table as text, in columns."""
    rows = [("what", "floor", "ours", "ratio", "best of both", "goal", "queries", "note")]
    rows += [
        (
            result.what,
            _time(result.floor),
            _time(result.ours),
            result.ratio,
            f"{_time(result.best_floor)}, {_time(result.best)}" if result.best else "–",
            result.goal or "–",
            "–" if result.queries is None else str(result.queries),
            result.note,
        )
        for result in results
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
