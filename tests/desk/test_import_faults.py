"""An import whose task is lost, whose worker is killed, whose line is cut: nothing half done, and it goes on."""

import os
import subprocess
import sys
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import connection
from kombu.exceptions import OperationalError as BrokerAway

from config.celery import app
from desk import actions, progress, tasks
from desk.models import UploadedSheet
from experts.models import Expert
from office.choices import Role
from office.models import LogEntry, User
from tests.conftest import Clock
from tests.factories import at, make_topic, make_user
from tests.tooling.servers import ROOT, database_url, until

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 11, 12, 10)
HEAD = "Sukunimi;Etunimi;Sähköposti;Asiointikieli;Sopimus alkaa"
ROWS = 20
State = UploadedSheet.State


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator() -> User:
    return make_user("c@county.example.org", roles=[Role.COORDINATOR])


@pytest.fixture
def sheet(coordinator: User) -> UploadedSheet:
    """Uploaded; nobody has been told."""
    make_topic("Masennus")
    rows = [f"Niemi;Timo{n};timo{n}@example.org;fi;1.1.2026" for n in range(ROWS)]
    content = "\n".join([HEAD, *rows]).encode()
    return actions.upload("registry", "r.csv", content, by=coordinator, at=NOW, language="en")


def confirmed(sheet: UploadedSheet, coordinator: User) -> UploadedSheet:
    """Read, and confirmed by the coordinator; it has not been taken yet."""
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    actions.confirm(sheet, seen=sheet.seen, by=coordinator, at=NOW)
    return sheet


def now(sheet: UploadedSheet) -> tuple[str, int]:
    """Its state, and how many experts there are."""
    sheet.refresh_from_db()
    return sheet.state, Expert.objects.count()


def clock_of_celery() -> None:
    tasks.go_on_with_sheets()


def clock_of_cron() -> None:
    call_command("tick")


CLOCKS = pytest.mark.parametrize("tick", [clock_of_celery, clock_of_cron])


@CLOCKS
def test_what_was_started_while_the_broker_was_away_begins_at_the_next_tick(
    sheet: UploadedSheet, coordinator: User, monkeypatch: pytest.MonkeyPatch, tick: Callable[[], None]
) -> None:
    def away(*_args: object, **_options: object) -> None:
        raise BrokerAway

    with monkeypatch.context() as patch:
        patch.setattr("celery.app.task.Task.apply_async", away)
        tasks.start(sheet)  # the click does not fail
        tasks.go_on_with_sheets()  # nor does the clock's
    assert now(sheet) == (State.LOOKING, 0)
    tick()
    assert now(sheet) == (State.LOOKED, 0)
    actions.confirm(sheet, seen=sheet.seen, by=coordinator, at=NOW)
    tick()
    assert now(sheet) == (State.TAKEN, ROWS)
    tick()
    assert LogEntry.objects.filter(kind="sheet.taken").count() == 1


#: A worker of its own that takes a row slowly, so that it can be killed in the middle.
SLOW_WORKER = """
import sys, time
import django
django.setup()
from desk import progress, tasks
progress.EVERY = 0
tell = progress.Progress.__call__
def slowly(self, done, *, total):
    tell(self, done, total=total)
    time.sleep(0.2)
progress.Progress.__call__ = slowly
tasks.work_on_sheet(int(sys.argv[1]))
"""


@pytest.mark.parametrize("taking", [False, True], ids=["read", "taken"])
@CLOCKS
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done_and_it_goes_on(
    sheet: UploadedSheet, coordinator: User, tick: Callable[[], None], *, taking: bool
) -> None:
    if taking:
        confirmed(sheet, coordinator)
    state = sheet.state
    name = str(connection.settings_dict["NAME"])
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": database_url(name)}
    worker = subprocess.Popen([sys.executable, "-c", SLOW_WORKER, str(sheet.pk)], cwd=ROOT, env=env)
    try:
        until(lambda: UploadedSheet.objects.get(pk=sheet.pk).done >= 5, "five rows")
        tick()  # somebody is at it: harmless
        assert now(sheet) == (state, 0)
    finally:
        worker.kill()  # -9
        worker.wait()
    assert now(sheet) == (state, 0)

    def done() -> bool:
        tick()  # the lock goes when the database has noticed the death
        return now(sheet) == ((State.TAKEN, ROWS) if taking else (State.LOOKED, 0))

    until(done, "the next tick has done it")
    assert LogEntry.objects.filter(kind="sheet.taken").count() == int(taking)


def test_two_ticks_at_once_take_it_once(sheet: UploadedSheet, coordinator: User) -> None:
    confirmed(sheet, coordinator)
    both = Barrier(2, timeout=30)

    def tick() -> None:
        try:
            both.wait()
            tasks.go_on_with_sheets()
        finally:
            connection.close()

    threads = [Thread(target=tick) for _number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert now(sheet) == (State.TAKEN, ROWS)
    assert LogEntry.objects.filter(kind="sheet.taken").count() == 1


def test_a_file_that_kills_its_workers_is_given_up_and_says_so(sheet: UploadedSheet, coordinator: User) -> None:
    for _worker in range(progress.TRIES):
        with progress.Progress(sheet.pk, sheet.attempt):
            pass  # it was begun, and no more was heard of it
    tasks.go_on_with_sheets()
    sheet.refresh_from_db()
    assert (sheet.state, sheet.result) == (State.STOPPED, "error")
    actions.look_again(sheet, by=coordinator, at=NOW, language="en")  # the coordinator may have it tried again
    tasks.go_on_with_sheets()
    assert now(sheet) == (State.LOOKED, 0)


def test_a_database_that_cuts_the_line_leaves_it_to_the_clock(
    sheet: UploadedSheet, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(sheet, coordinator)
    monkeypatch.setattr(progress, "EVERY", 0)
    tell = progress.Progress.__call__

    def told(self: progress.Progress, done: int, *, total: int) -> None:
        tell(self, done, total=total)
        if done == 10 and cut:
            with self._own.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [cut.pop()])

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        cut = [cursor.fetchone()[0]]
    monkeypatch.setattr(progress.Progress, "__call__", told)
    actions.work(sheet.pk, at=NOW)
    connection.close()
    assert now(sheet) == (State.TAKING, 0)
    tasks.go_on_with_sheets()
    assert now(sheet) == (State.TAKEN, ROWS)


@CLOCKS
def test_what_was_left_lying_for_a_day_goes(sheet: UploadedSheet, clock: Clock, tick: Callable[[], None]) -> None:
    tick()
    clock(NOW + actions.KEPT)
    tick()
    assert UploadedSheet.objects.filter(pk=sheet.pk).exists()
    clock(NOW + actions.KEPT + actions.SILENT)
    tick()
    assert not UploadedSheet.objects.filter(pk=sheet.pk).exists()


def test_the_clock_of_celery_looks_every_minute() -> None:
    scheduled = {one["task"]: one["schedule"] for one in app.conf.beat_schedule.values()}
    assert scheduled["desk.tasks.go_on_with_sheets"] == 60
    assert scheduled["office.tasks.go_on_with_exports"] == 60
