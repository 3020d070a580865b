"""Health check and numbers while broker, database, clock or mail server are really away, and again."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from django.db import connection
from django.utils import timezone
from psycopg import sql

from office.models import Heartbeat, OutboxMessage
from office.tasks import send_waiting
from tests.faults.messages import states, write
from tests.faults.slow.machine import Machine
from tests.tooling.servers import database_url

TOKEN = "a-long-token-of-the-test"


def ask(office: Machine, path: str, **headers: str) -> tuple[int, str]:
    """The answer of the web server: its number and its text."""
    headers = {"Host": "erfa.example.org", "X-Forwarded-Proto": "https"} | headers
    request = urllib.request.Request(f"http://127.0.0.1:{office.web_port}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=40) as answer:  # noqa: S310 - our own
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def ready(office: Machine) -> tuple[int, dict[str, str]]:
    number, text = ask(office, "/readyz")
    told: dict[str, Any] = json.loads(text)
    return number, told["parts"]


@contextmanager
def no_database() -> Iterator[None]:
    """The server refuses everybody, and ends whoever is there."""
    name = str(connection.settings_dict["NAME"])
    connection.close()
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(database_url("postgres"), autocommit=True) as other:
        other.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            other.execute(allow.format(sql.Identifier(name), sql.SQL("true")))


def test_every_part_away_and_back(office: Machine) -> None:
    """Nothing has to be started anew; the process itself answers all the time."""
    office.env["METRICS_TOKEN"] = TOKEN
    metrics = {"Authorization": f"Bearer {TOKEN}"}
    web = office.web()
    well = {"broker": "ok", "database": "ok", "clock": "ok", "messages": "ok"}
    Heartbeat.objects.create(name="clock", at=timezone.now())
    assert ready(office) == (200, well)

    office.redis.stop()
    assert ready(office) == (503, well | {"broker": "no answer"})
    assert ask(office, "/healthz") == (200, "ok")
    office.redis.start()
    assert ready(office) == (200, well)

    with no_database():
        assert ready(office) == (503, {"broker": "ok", "database": "no answer"})
        assert ask(office, "/healthz") == (200, "ok")
        assert ask(office, "/metrics", **metrics) == (503, "database")
    assert ready(office) == (200, well)

    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=11))
    assert ready(office) == (503, well | {"clock": "late"})

    # the mail server is away: at first nothing is late, after half an hour it is; the worker is at it all the time
    office.worker()
    office.server.stop()
    write(3, at=timezone.now())
    send_waiting.delay()
    office.wait(lambda: OutboxMessage.objects.filter(error="ConnectionRefusedError").count() == 3, "it was tried")
    assert ready(office) == (200, well)
    OutboxMessage.objects.update(due_at=timezone.now() - timedelta(minutes=31), retry_at=None)
    assert ready(office) == (503, well | {"messages": "late"})
    assert 'erfa_messages{state="waiting"} 3' in ask(office, "/metrics", **metrics)[1]
    office.server.start()
    send_waiting.delay()
    office.wait(lambda: states() == {"sent": 3}, "they have left")
    assert ready(office) == (200, well)
    numbers = ask(office, "/metrics", **metrics)[1]
    assert 'erfa_messages{state="sent"} 3' in numbers
    assert "erfa_messages_perhaps_sent 0" in numbers
    assert [word for word in ("example.org", "Lukija") if word in numbers + web.said()] == []
