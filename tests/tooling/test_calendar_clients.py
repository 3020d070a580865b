"""A calendar program of Debian subscribes to an address and shows what it read: vdirsyncer fetches, khal lists."""

import os
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assignments import actions
from assignments.models import Move, Session
from assignments.rules import Event
from calendars.actions import make_feed
from tests.conftest import Cast
from tests.factories import at, make_agreed_session

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not (shutil.which("khal") and shutil.which("vdirsyncer")) and not os.environ.get("CI"),
        reason="needs Debian's khal and vdirsyncer (scripts/setup --redis)",
    ),
]
#: The programs know the zone of the machine only; the office may sit elsewhere.
ZONES = ["UTC", "Europe/Helsinki"]


@pytest.fixture(params=ZONES)
def client(request: pytest.FixtureRequest, tmp_path: Path, live_server: Any, cast: Cast) -> Callable[[], list[str]]:
    """Fetches the expert's address anew and gives the lines of the list, in Helsinki's time."""
    zone = request.param
    token = make_feed("khal", by=cast.expert_user, at=at(2026, 9, 1))
    (tmp_path / "vdirsyncer").write_text(
        f"""[general]
status_path = "{tmp_path}/status/"
[pair erfa]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "{tmp_path}/calendar/"
fileext = ".ics"
[storage there]
type = "http"
url = "{live_server.url}/calendar/{token}.ics"
"""
    )
    (tmp_path / "khal").write_text(
        f"""[calendars]
[[erfa]]
path = {tmp_path}/calendar
[locale]
local_timezone = Europe/Helsinki
default_timezone = Europe/Helsinki
timeformat = %H.%M
dateformat = %d.%m.
longdateformat = %d.%m.%Y
datetimeformat = %d.%m. %H.%M
longdatetimeformat = %d.%m.%Y %H.%M
[sqlite]
path = {tmp_path}/khal.db
"""
    )
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "TZ": zone, "LC_ALL": "C.UTF-8"}
    (tmp_path / "calendar").mkdir()

    def run(*command: str) -> str:
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def listed() -> list[str]:
        config = ["-c", str(tmp_path / "vdirsyncer")]
        if not (tmp_path / "status").exists():
            run("vdirsyncer", *config, "discover")
        run("vdirsyncer", *config, "sync")
        wanted = "{start-date} {start-time}-{end-time} {title} {status}{cancelled}"
        found = run(
            "khal", "-c", str(tmp_path / "khal"), "list", "--format", wanted, "--day-format", "", "01.10.2026", "60d"
        )
        return [line.strip() for line in found.splitlines() if line.strip()]

    return listed


# Lesson T12.
def test_it_follows_what_becomes_of_a_session(client: Callable[[], list[str]], cast: Cast) -> None:
    """Agreed, moved over the change of the clocks, cancelled: one entry all the way."""
    friday = at(2026, 10, 23, 14)
    session = make_agreed_session(friday, friday + timedelta(hours=2), expert=cast.expert, unit=cast.unit)
    assert client() == ["23.10. 14.00-16.00 Individual work CONFIRMED"]

    monday = at(2026, 10, 26, 14)
    actions.propose_move(session, monday, monday + timedelta(hours=2), by=cast.orderer, at=at(2026, 10, 5))
    actions.accept_move(Move.objects.get(), by=cast.expert_user, at=at(2026, 10, 6))
    assert client() == ["26.10. 14.00-16.00 Individual work CONFIRMED"]

    moved = Session.objects.get(state="agreed")
    actions.record_outcome(moved, Event.ORDERER_CANCELLED, by=cast.orderer, at=at(2026, 10, 7))
    assert client() == ["26.10. 14.00-16.00 Cancelled: Individual work CANCELLED CANCELLED"]
