"""Health, numbers and logs: what is wrong is told, about people nothing."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from config.logs import JsonLines, masked
from office import health, sending
from tests.conftest import Cast, Clock
from tests.factories import at
from tests.office.test_views_outbox import make_message

NOW = at(2026, 10, 5, 9)
TOKEN = "a-long-token"


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    page = client.get("/readyz")
    return page.status_code, page.json()


# --- readyz ----------------------------------------------------------------------------------------------------------


def test_all_is_well(client: Client, db: None) -> None:
    sending.send_waiting(at=NOW - timedelta(seconds=50))
    assert ready(client) == (
        200,
        {
            "ready": True,
            "parts": {"broker": "none", "database": "ok", "clock": "ok", "messages": "ok"},
            "seconds": {"last_tick": 50, "oldest_unsent_message": None},
        },
    )


def test_a_new_office_whose_clock_has_not_ticked_yet_is_ready(client: Client, db: None) -> None:
    status, told = ready(client)
    assert (status, told["parts"]["clock"], told["seconds"]["last_tick"]) == (200, "not yet", None)


@pytest.mark.parametrize(("minutes", "status", "said"), [(10, 200, "ok"), (11, 503, "late")])
def test_a_clock_that_stands_still(client: Client, db: None, minutes: int, status: int, said: str) -> None:
    sending.send_waiting(at=NOW - timedelta(minutes=minutes))
    got, told = ready(client)
    assert (got, told["ready"], told["parts"]["clock"]) == (status, status == 200, said)


@pytest.mark.parametrize(("minutes", "status", "said"), [(30, 200, "ok"), (31, 503, "late")])
@pytest.mark.parametrize("state", ["waiting", "sending"])
def test_a_message_that_does_not_leave(
    client: Client, cast: Cast, state: str, minutes: int, status: int, said: str
) -> None:
    make_message(cast.expert_user, state=state, due_at=NOW - timedelta(minutes=minutes))
    got, told = ready(client)
    assert (got, told["parts"]["messages"]) == (status, said)
    assert told["seconds"]["oldest_unsent_message"] == minutes * 60


def test_what_is_held_failed_or_due_later_is_not_late(client: Client, cast: Cast) -> None:
    long_ago = NOW - timedelta(days=3)
    for state in ["on_hold", "failed", "by_hand", "sent", "to_gather"]:
        make_message(cast.expert_user, state=state, due_at=long_ago)
    make_message(cast.expert_user, created_at=long_ago, due_at=NOW + timedelta(hours=1))
    assert ready(client)[1]["seconds"]["oldest_unsent_message"] is None


def test_a_broker_that_is_away(client: Client, db: None, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    got, told = ready(client)
    assert (got, told["parts"]["broker"], told["parts"]["database"]) == (503, "no answer", "ok")


def test_a_database_that_is_away(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise OperationalError("connection to 10.0.0.7 refused for user erfa")

    monkeypatch.setattr(health, "last_tick", broken)
    got, told = ready(client)
    assert (got, told) == (
        503,
        {"ready": False, "parts": {"broker": "none", "database": "no answer"}, "seconds": {}},
    )
    assert client.get("/healthz").status_code == 200  # the process itself answers


def test_nothing_about_people(client: Client, cast: Cast) -> None:
    make_message(cast.expert_user, subject="Eva Expert", due_at=NOW - timedelta(days=1))
    page = client.get("/readyz").content.decode()
    assert [word for word in ("Eva", "Expert", "eva@example.org") if word in page] == []


# --- metrics ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(settings: Any) -> dict[str, str]:
    settings.METRICS_TOKEN = TOKEN
    return {"Authorization": f"Bearer {TOKEN}"}


def test_without_a_token_there_is_no_such_page(client: Client, db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", [None, "", "Bearer wrong", "Bearer", TOKEN, f"Basic {TOKEN}", "Bearer ä"])
def test_nobody_without_the_token(client: Client, db: None, token: dict[str, str], given: str | None) -> None:
    page = client.get("/metrics", headers={} if given is None else {"Authorization": given})
    assert (page.status_code, page.content) == (401, b"token")


def test_the_coordinator_is_not_let_in_either(cast: Cast, client_for: Any, token: dict[str, str]) -> None:
    assert client_for(cast.coordinator).get("/metrics").status_code == 401


def test_numbers(client: Client, cast: Cast, token: dict[str, str]) -> None:
    sending.send_waiting(at=NOW - timedelta(seconds=30))
    for state in ["waiting", "failed", "failed"]:
        make_message(cast.expert_user, state=state, subject="Eva Expert", due_at=NOW - timedelta(seconds=90))
    page = client.get("/metrics", headers=token)
    lines = page.content.decode().splitlines()
    assert page.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    for line in [
        "# TYPE erfa_messages gauge",
        'erfa_messages{state="waiting"} 1',
        'erfa_messages{state="failed"} 2',
        'erfa_messages{state="sent"} 0',
        "erfa_oldest_unsent_message_seconds 90",
        "erfa_last_tick_seconds 30",
        'erfa_sessions{state="agreed"} 0',
        'erfa_orders{state="offered"} 0',
        'erfa_hour_lists{state="paid"} 0',
    ]:
        assert lines.count(line) == 1, line
    assert [line for line in lines if "Eva" in line or "@" in line] == []


#: A sample of the text format 0.0.4: name, labels, number. Backslash, quote and line end are escaped in a label.
SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(\{[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"\})? (-?\d+(?:\.\d+)?)')


def test_every_line_can_be_read_by_prometheus(client: Client, cast: Cast, token: dict[str, str]) -> None:
    """By the rules of the format: help and type once for a name, before its samples; no sample twice."""
    sending.send_waiting(at=NOW - timedelta(seconds=30))
    text = client.get("/metrics", headers=token).content.decode()
    assert text.endswith("\n")
    assert "\r" not in text
    current, known, samples = "", set(), set()
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("# HELP "):
            _mark, _help, current, said = line.split(" ", 3)
            assert said.strip()
            assert current not in known
            known.add(current)
            assert lines[number + 1] == f"# TYPE {current} gauge"
        elif not line.startswith("# TYPE "):
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert (sample[1], float(sample[3]) >= 0) == (current, True)
            assert line.rsplit(" ", 1)[0] not in samples
            samples.add(line.rsplit(" ", 1)[0])
    assert len(known) > 5


def test_few_questions(client: Client, db: None, token: dict[str, str], django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):
        assert client.get("/metrics", headers=token).status_code == 200


# --- logs ------------------------------------------------------------------------------------------------------------


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_a_line_is_json_with_time_level_and_logger(kept: Kept) -> None:
    logging.getLogger("erfa.test").warning("%s messages for eva@example.org, 131052-308T", 3)
    told = json.loads(kept.lines[0])
    assert told.pop("time").endswith("+00:00")
    assert told == {"level": "WARNING", "logger": "erfa.test", "message": "3 messages for …@…, …"}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("040 765 4321 called", "… called"),
        ("+358407654321", "…"),
        ("+358 40 765 4321.", "…."),
        ("(019-555 1234)", "(…)"),
        ("session 123456789 of 2026-11-02 12:00:00.123456", "session 123456789 of 2026-11-02 12:00:00.123456"),
        ("part 0014 took 0.0512 s", "part 0014 took 0.0512 s"),
    ],
)
def test_a_telephone_number_is_masked_and_other_numbers_stay(said: str, written: str) -> None:
    assert masked(said) == written


def test_an_error_is_told_by_type_and_places_never_by_its_words(kept: Kept) -> None:
    def fails() -> None:
        raise ValueError("Key (email)=(eva@example.org) of Eva Expert exists")

    try:
        fails()
    except ValueError:
        logging.getLogger("erfa.test").exception("it failed")
    told = json.loads(kept.lines[0])
    assert (told["message"], told["error"]) == ("it failed", "ValueError")
    assert told["places"][0].endswith("test_an_error_is_told_by_type_and_places_never_by_its_words")
    assert "Eva" not in kept.lines[0]


def test_a_request_is_told_by_the_name_of_its_address(kept: Kept, cast: Cast, client_for: Any) -> None:
    """A path may hold a secret (the address of a calendar), a query a name."""
    client_for(cast.coordinator).get("/units/messages/999999/?q=Eva")
    client_for(cast.coordinator).get("/nothing/secret-token/")
    told = [json.loads(line) for line in kept.lines]
    assert [(one["message"], one["address"], one["status"]) for one in told] == [
        ("%s: %s", "office:message", 404),
        ("%s: %s", "unknown", 404),
    ]
    assert [line for line in kept.lines if "Eva" in line or "secret" in line or "999999" in line] == []


def test_a_failed_task_is_told_by_its_name(kept: Kept) -> None:
    said = {"name": "office.tasks.send_message", "id": "1", "description": "raised unexpected", "exc": "Eva Expert"}

    def fails() -> None:
        raise RuntimeError("Eva Expert")

    try:
        fails()
    except RuntimeError:
        logging.getLogger("celery.app.trace").exception("Task %(name)s %(description)s: %(exc)s", said)
    told = json.loads(kept.lines[0])
    assert told["message"].endswith("(office.tasks.send_message)")
    assert (told["error"], "Eva" in kept.lines[0]) == ("RuntimeError", False)


def test_production_writes_such_lines() -> None:
    import os  # noqa: PLC0415 - only here
    import subprocess  # noqa: PLC0415 - only here
    import sys  # noqa: PLC0415 - only here

    code = (
        "import django, logging; django.setup(); "
        "logging.getLogger('django.request').error('Internal Server Error: %s', '/x'); "
        "logging.getLogger('erfa').info('hello')"
    )
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "SECRET_KEY": "x" * 60,
        "DATABASE_URL": "postgresql://nobody@localhost/none",
        "REDIS_URL": "",
    }
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    told = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(one["level"], one["logger"]) for one in told] == [("ERROR", "django.request"), ("INFO", "erfa")]
