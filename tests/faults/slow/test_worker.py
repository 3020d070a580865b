"""Workers that die, brokers that go, connections that are cut: in the middle of sending, counted at the mail server."""

import json
import subprocess
import threading
from datetime import timedelta
from pathlib import Path
from time import monotonic, sleep

from django.db import connection
from django.utils import timezone

from office.models import OutboxMessage
from office.tasks import send_messages, send_waiting
from tests.faults.messages import counted, minutes_pass, perhaps, states, write
from tests.faults.slow.machine import Machine
from tests.tooling.test_compose import SERVICES

ALL = 500


def test_a_worker_killed_in_the_middle_of_500(office: Machine) -> None:
    """-9 for the worker and its processes. Nothing is lost; at most the messages in hand are doubled, and marked."""
    write(ALL, at=timezone.now())
    office.server.faults.slow = 0.005
    first = office.worker()
    dead = threading.Event()

    def kill() -> None:
        first.kill()
        dead.set()

    office.server.after = {225: kill}  # in the middle of a batch, whether one process sends or two
    for _process in range(2):
        send_waiting.delay()
    office.wait(dead.is_set, "the worker is dead")
    sleep(0.5)
    arrived = len(office.server.letters)
    assert arrived < ALL
    in_hand = states().get("sending", 0)
    assert in_hand, "the worker was killed between two batches: that proves nothing"

    office.worker()
    send_waiting.delay()
    others = {"sending": in_hand, "sent": ALL - in_hand}
    office.wait(lambda: states() == others, "what nobody had in hand is sent")
    minutes_pass(6)  # the dead worker's claims are over
    send_waiting.delay()
    office.wait(lambda: states() == {"sent": ALL}, "everything is sent")
    result = counted(office.server)
    print(f"\nkilled after {arrived} of {ALL}: {result}, marked {len(perhaps())}")  # noqa: T201 - figures of the run
    assert (result["lost"], result["doubled and not marked"]) == (0, 0)
    assert result["once"] + result["doubled and marked"] == ALL
    assert set(office.server.doubled) <= perhaps()
    assert len(perhaps()) <= 2  # one for each process that was sending


def test_redis_stopped_and_started(office: Machine) -> None:
    """While messages are sent and while new ones are written: no click fails, nothing is lost or doubled."""
    worker = office.worker()
    beat = office.beat()
    office.server.faults.slow = 0.01
    written = write(ALL, at=timezone.now())
    for first in range(0, ALL, 50):
        send_messages.delay([one.pk for one in written[first : first + 50]])
    office.wait(lambda: len(office.server.letters) >= 100, "a hundred have arrived")
    office.redis.stop()
    more = write(5, at=timezone.now(), once="more")
    begun = monotonic()
    send_messages.delay([one.pk for one in more])  # the click of somebody: waits a moment, breaks nothing
    assert monotonic() - begun < 5
    sleep(3)
    office.redis.start()  # with nothing in it: all tasks are gone
    OutboxMessage.objects.filter(state="waiting").update(retry_at=None)
    office.wait(lambda: states() == {"sent": ALL + 5}, "the clock finds what is left", 150)
    result = counted(office.server)
    print(f"\nRedis stopped and started: {result}")  # noqa: T201 - figures of the run
    assert result == {"lost": 0, "once": ALL + 5, "doubled and marked": 0, "doubled and not marked": 0}
    assert (worker.is_alive, beat.is_alive) == (True, True)


def test_the_database_cuts_its_connections(office: Machine) -> None:
    """pg_terminate_backend for every connection of the workers, five times while they send."""
    office.worker()
    office.server.faults.slow = 0.005
    write(ALL, at=timezone.now())
    for _process in range(2):
        send_waiting.delay()
    cuts = 0
    for number in range(1, 6):
        office.wait(lambda least=number * 60: len(office.server.letters) >= least, "some more have arrived")  # type: ignore[misc]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            cuts += cursor.fetchone()[0]
    sleep(1)
    send_waiting.delay()
    office.wait(lambda: states().get("waiting", 0) == 0, "what waits is sent")
    sleep(5)  # nobody is at it any more
    minutes_pass(6)
    send_waiting.delay()
    office.wait(lambda: states() == {"sent": ALL}, "everything is sent")
    result = counted(office.server)
    print(f"\n{cuts} connections cut: {result}, marked {len(perhaps())}")  # noqa: T201 - figures of the run
    assert result == {"lost": 0, "once": ALL, "doubled and marked": 0, "doubled and not marked": 0}


def test_two_workers_and_two_clocks(office: Machine, tmp_path: Path) -> None:
    """Every tick comes twice, and both workers are at it: each message arrives once."""
    workers = [office.worker(), office.worker()]
    write(ALL, at=timezone.now())
    begun = timezone.now()
    beats = [office.beat(), office.beat()]
    office.wait(lambda: states() == {"sent": ALL}, "everything is sent", 150)
    result = counted(office.server)
    print(f"\ntwo workers, two clocks: {result}")  # noqa: T201 - figures of the run
    assert result == {"lost": 0, "once": ALL, "doubled and marked": 0, "doubled and not marked": 0}
    assert all(one.is_alive for one in workers + beats)
    assert perhaps() == set()
    check = SERVICES["beat"]["healthcheck"]["test"][1].replace("$$", "$")
    for number in (2, 3):
        alive = check.replace("/tmp/", f"{tmp_path}/{number}-")  # noqa: S108 - the container's own
        assert subprocess.run(["sh", "-c", alive], check=False).returncode == 0
    ticks = sum(one.said().count("office.tasks.send_waiting") for one in workers)
    assert ticks >= 2 or timezone.now() - begun < timedelta(seconds=60)


def test_logs_of_the_processes_are_json_without_people(office: Machine) -> None:
    """Also of what went wrong: a refused reader, a broker that goes, an error of the mail server."""
    worker = office.worker()
    write(3, at=timezone.now())
    office.server.faults.refused = {"fault1@example.org"}
    send_waiting.delay()
    office.wait(lambda: states() == {"sent": 2, "failed": 1}, "two are sent")
    office.redis.stop()
    sleep(2)
    office.redis.start()
    office.server.stop()
    write(1, at=timezone.now(), once="more")
    send_waiting.delay()
    office.wait(lambda: OutboxMessage.objects.exclude(error="").count() == 2, "it could not be sent")
    lines = [line for line in worker.said().splitlines() if line.startswith("{")]
    assert len(lines) > 3
    assert all(json.loads(line)["level"] for line in lines)
    assert [word for word in ("example.org", "Lukija", "Viesti") if word in worker.said()] == []
