"""How far it is can be seen while nothing is committed yet; and who breaks it off finds nothing taken."""

from threading import Thread
from typing import Any

import pytest
from django.db import connection

from desk import actions, progress
from desk.models import UploadedSheet
from experts.models import Expert
from office.choices import Role
from office.errors import Conflict
from office.models import LogEntry, User
from tests.factories import at, make_topic, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NOW = at(2026, 11, 12, 10)
HEAD = "Sukunimi;Etunimi;Sähköposti;Asiointikieli;Sopimus alkaa"
State = UploadedSheet.State


@pytest.fixture
def coordinator() -> User:
    return make_user("c@county.example.org", roles=[Role.COORDINATOR])


@pytest.fixture
def sheet(coordinator: User) -> UploadedSheet:
    make_topic("Masennus")  # else the first import makes the usual ones, and the second waits for it
    rows = [f"Niemi;Timo{n};timo{n}@example.org;fi;1.1.2026" for n in range(20)]
    content = "\n".join([HEAD, *rows]).encode()
    sheet = actions.upload("registry", "r.csv", content, by=coordinator, at=NOW, language="en")
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    assert sheet.state == State.LOOKED
    actions.confirm(sheet, seen=sheet.seen, by=coordinator, at=NOW)
    return sheet


class Watcher:
    """Somebody at another screen: does something at a certain row, by a connection of their own."""

    def __init__(self, patch: pytest.MonkeyPatch, row: int, act: Any) -> None:
        patch.setattr(progress, "EVERY", 0)
        self.row, self.act, self.seen = row, act, list[tuple[int, int, int]]()
        self.tell = progress.Progress.__call__
        watch = self

        def told(self: progress.Progress, done: int, *, total: int) -> None:
            watch.tell(self, done, total=total)
            if done == watch.row:
                watch.row = -1  # once
                thread = Thread(target=watch.look, args=[self.sheet])
                thread.start()
                thread.join()

        patch.setattr(progress.Progress, "__call__", told)

    def look(self, pk: int) -> None:
        try:
            found = UploadedSheet.objects.get(pk=pk)
            self.seen.append((found.done, found.total, Expert.objects.count()))
            self.act(found)
        finally:
            connection.close()


def test_progress_is_seen_before_anything_is_committed(sheet: UploadedSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher(monkeypatch, 15, lambda _sheet: None)
    actions.work(sheet.pk, at=NOW)
    assert watcher.seen == [(15, 20, 0)]
    assert Expert.objects.count() == 20


def test_breaking_off_leaves_nothing(sheet: UploadedSheet, coordinator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    Watcher(monkeypatch, 15, lambda found: actions.stop(found, by=coordinator, at=NOW))
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.taken_at) == (State.STOPPED, None)
    assert (Expert.objects.count(), User.objects.count()) == (0, 1)
    assert not LogEntry.objects.filter(kind="sheet.taken").exists()


def test_breaking_off_at_the_last_row_leaves_nothing(
    sheet: UploadedSheet, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last word is inside the transaction of the taking."""
    Watcher(monkeypatch, 20, lambda found: actions.stop(found, by=coordinator, at=NOW))
    actions.work(sheet.pk, at=NOW)
    assert Expert.objects.count() == 0


def test_too_late_is_told(sheet: UploadedSheet, coordinator: User) -> None:
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    with pytest.raises(Conflict):
        actions.stop(sheet, by=coordinator, at=NOW)
    assert Expert.objects.count() == 20


def test_work_left_behind_cannot_take_what_another_has_begun_anew(
    sheet: UploadedSheet, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that seemed dead wakes up after the file has been read anew: its turn is over."""
    later = NOW + actions.SILENT + actions.SILENT
    UploadedSheet.objects.filter(pk=sheet.pk).update(beat_at=NOW)

    def anew(found: UploadedSheet) -> None:
        UploadedSheet.objects.filter(pk=found.pk).update(beat_at=NOW)
        actions.look_again(found, by=coordinator, at=later, language="en")

    Watcher(monkeypatch, 10, anew)
    actions.work(sheet.pk, at=NOW)
    sheet.refresh_from_db()
    assert (sheet.state, Expert.objects.count()) == (State.LOOKING, 0)


def test_two_workers_with_the_same_file_take_it_once(sheet: UploadedSheet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker gave the task twice."""
    Watcher(monkeypatch, 20, lambda found: actions.work(found.pk, at=NOW))
    actions.work(sheet.pk, at=NOW)
    assert Expert.objects.count() == 20
    assert LogEntry.objects.filter(kind="sheet.taken").count() == 1
