"""A year's lists as files: made in parts, for whom they are, broken off, killed, gone on with, removed after a day."""

import csv
import io
import os
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments.models import Session
from desk.erasure import erase
from experts.models import Expert
from fees.actions import make_run
from fees.models import PaymentRun
from office import exporting, longwork, tasks
from office.errors import Refused
from office.exporting import EXPORT, KEPT, UNREADY, YEARLY
from office.models import Export, ExportFile, LogEntry, LongWork, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_closed_session, make_expert, make_unit
from tests.fees.steps import CLOSED, OCTOBER, approved, paid
from tests.tooling.servers import ROOT, database_url, until

pytestmark = pytest.mark.django_db
NOW = at(2026, 12, 1, 10)
SESSIONS, LINES, ANNUAL = YEARLY["sessions"], YEARLY["paid_lines"], YEARLY["annual"]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def october(cast: Cast) -> PaymentRun:
    """Two sessions of October, paid on 30 November."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(24))
    make_closed_session(at(2026, 10, 8, 10), expert=cast.second_expert, unit=cast.unit)
    approved(cast.expert, cast.named)
    approved(cast.second_expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    paid(run, cast.finance, at(2026, 11, 30, 12))
    return run


def asked(user: User, one: exporting.Yearly = SESSIONS, year: int = 2026, language: str = "en") -> Export:
    """Asked for; nobody has been told to make it."""
    return exporting.ask(one, year, by=user, at=NOW, language=language)


def made(user: User, one: exporting.Yearly = SESSIONS, year: int = 2026, language: str = "en") -> Export:
    export = asked(user, one, year, language)
    tasks.make_export(export.pk)
    return export


def work_of(export: Export) -> LongWork:
    found = longwork.find(EXPORT, export.pk)
    assert found is not None
    return found


def rows(content: bytes) -> list[dict[str, str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def taken(browser: Client, export: Export) -> bytes:
    answer: Any = browser.get(reverse("office:export_file", args=[export.pk]))
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


# --- what is in them -------------------------------------------------------------------------------------------------


def test_every_paid_line_of_the_year_and_nothing_else(october: PaymentRun, cast: Cast) -> None:
    found = rows(b"".join(exporting.content(made(cast.finance, LINES))))
    assert sum(Decimal(row["Sum €"].replace(",", ".")) for row in found) == october.total
    assert [(row["Expert"], row["Pay day"], row["What it pays"]) for row in found] == [
        ("Eva Expert", "30.11.2026", "Fee"),
        ("Eva Expert", "30.11.2026", "Travel"),
        ("Otto Other", "30.11.2026", "Fee"),
    ]


def test_every_session_of_the_year_by_the_clock_of_finland(cast: Cast) -> None:
    """00:30 of New Year in Helsinki is the year before in UTC."""
    common: dict[str, Any] = {"unit": cast.unit, "expert": cast.expert}
    late = make_agreed_session(at(2026, 12, 31, 22), **common)
    early = make_agreed_session(at(2026, 1, 1, 0, 30), **common)
    make_agreed_session(at(2027, 1, 1, 0, 30), **common)
    found = rows(b"".join(exporting.content(made(cast.coordinator))))
    assert [row["Session"] for row in found] == [str(early.pk), str(late.pk)]
    assert [(row["Day"], row["Begins"], row["Hours"], row["State"]) for row in found] == [
        ("1.1.2026", "00:30", "1,00", "Agreed"),
        ("31.12.2026", "22:00", "1,00", "Agreed"),
    ]


def test_it_is_in_the_language_of_who_asked(october: PaymentRun, cast: Cast) -> None:
    swedish = made(cast.coordinator, SESSIONS, language="sv")
    [first, _second] = rows(b"".join(exporting.content(swedish)))
    assert "Lovisa mentalvårdsbyrå" in first.values()


def test_no_topics_no_free_text_no_addresses_and_nothing_that_runs(cast: Cast) -> None:
    make_agreed_session(at(2026, 12, 10), unit=cast.unit, expert=cast.expert, place="Kotikatu 7")
    Expert.objects.filter(pk=cast.expert.pk).update(last_name="=1+1")
    content = b"".join(exporting.content(made(cast.coordinator))).decode()
    assert "Kotikatu" not in content
    assert ";'=1+1" in content
    assert "eva@example.org" not in content


# --- whose they are --------------------------------------------------------------------------------------------------


def test_a_page_for_each_step(october: PaymentRun, cast: Cast, client_for: Callable[[User], Client]) -> None:
    browser = client_for(cast.finance)
    answer = browser.post(reverse("office:exports"), {"list": "paid_lines", "year": "2026"})
    export = Export.objects.get()
    assert answer["Location"] == reverse("office:export", args=[export.pk])
    shown = browser.get(answer["Location"]).content.decode()
    assert "The file is ready" in shown
    assert "It is kept for you until" in shown
    assert len(rows(taken(browser, export))) == 3
    entry = LogEntry.objects.get(kind="export.ask")
    assert (entry.actor, entry.facts) == (cast.finance, {"list": "paid_lines", "year": 2026})
    browser.post(reverse("office:export_act", args=[export.pk]), {"act": "remove"})
    assert (Export.objects.count(), ExportFile.objects.count(), LongWork.objects.count()) == (0, 0, 0)


def test_nobody_takes_what_another_has_asked_for(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    export = made(cast.coordinator, LINES)
    browser = client_for(cast.finance)
    for name in ("export", "export_file"):
        assert browser.get(reverse(f"office:{name}", args=[export.pk])).status_code == 404
    assert browser.post(reverse("office:export_act", args=[export.pk]), {"act": "remove"}).status_code == 404
    assert ExportFile.objects.count() == 12


def test_finance_gets_no_list_of_sessions(cast: Cast, client_for: Callable[[User], Client]) -> None:
    make_agreed_session(at(2026, 12, 10), unit=cast.unit, expert=cast.expert)
    browser = client_for(cast.finance)
    assert browser.post(reverse("office:exports"), {"list": "sessions", "year": "2026"}).status_code == 404
    assert "Sessions of a year" not in browser.get(reverse("office:exports")).content.decode()
    with pytest.raises(Refused):
        asked(cast.finance)


def test_who_lost_the_role_does_not_get_the_file(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    export = made(cast.coordinator)
    cast.coordinator.grants.update(valid_to=NOW)
    browser = client_for(cast.coordinator)
    assert browser.get(reverse("office:export_file", args=[export.pk])).status_code == 403
    cast.coordinator.grants.create(role="finance", valid_from=at(2020, 1, 1))  # another role that has the page
    browser = client_for(User.objects.get(pk=cast.coordinator.pk))
    assert browser.get(reverse("office:export_file", args=[export.pk])).status_code == 404


@pytest.mark.parametrize("year", ["2019", "0", "", "x", "99999", "-1"])
def test_a_year_of_which_there_is_nothing(cast: Cast, client_for: Callable[[User], Client], year: str) -> None:
    answer = client_for(cast.coordinator).post(reverse("office:exports"), {"list": "sessions", "year": year})
    assert (answer.status_code, Export.objects.count()) == (404, 0)


def test_an_erasure_removes_what_may_name_the_person(october: PaymentRun, cast: Cast) -> None:
    made(cast.coordinator)
    leaver = make_expert(state="ended", contract=False)
    report = erase(leaver, by=cast.coordinator, at=NOW)
    assert report.removed["exports"] == 1
    assert (ExportFile.objects.count(), LongWork.objects.count()) == (0, 0)


# --- how it goes -----------------------------------------------------------------------------------------------------


def test_progress_breaking_off_and_going_on(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client]
) -> None:
    export = asked(cast.coordinator)
    browser = client_for(cast.coordinator)
    page, act = reverse("office:export", args=[export.pk]), reverse("office:export_act", args=[export.pk])
    longwork._one_part(work_of(export).pk)
    shown = browser.get(page).content.decode()
    assert '<progress max="12" value="1"' in shown
    assert "How far is it now?" in shown  # works without script
    assert browser.get(reverse("office:export_file", args=[export.pk])).status_code == 404  # not half a file
    browser.post(act, {"act": "stop"})
    tasks.make_export(export.pk)
    tasks.go_on_with_exports()
    assert (work_of(export).state, export.files.count()) == ("stopped", 1)
    assert "The making was broken off" in browser.get(page).content.decode()
    browser.post(act, {"act": "go_on"})
    assert (work_of(export).state, export.files.count()) == ("done", 12)
    assert len(rows(taken(browser, export))) == 2
    browser.post(act, {"act": "stop"})  # too late: harmless
    assert work_of(export).state == "done"


def test_a_second_click_does_not_begin_a_second_one(october: PaymentRun, cast: Cast) -> None:
    export = asked(cast.coordinator)
    assert asked(cast.coordinator) == export
    tasks.make_export(export.pk)
    again = asked(cast.coordinator)  # a finished one is made anew
    assert again.pk != export.pk
    assert (Export.objects.count(), LongWork.objects.count(), ExportFile.objects.count()) == (1, 1, 0)


@pytest.mark.parametrize("tick", [tasks.go_on_with_exports, lambda: call_command("tick")], ids=["celery", "cron"])
def test_one_whose_task_was_lost_is_made_by_the_next_tick(
    october: PaymentRun, cast: Cast, tick: Callable[[], None]
) -> None:
    export = asked(cast.coordinator)
    tick()
    tick()
    assert (work_of(export).state, export.files.count()) == ("done", 12)


@pytest.mark.parametrize("tick", [tasks.go_on_with_exports, lambda: call_command("tick")], ids=["celery", "cron"])
def test_it_is_removed_after_a_day(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client], clock: Clock, tick: Callable[[], None]
) -> None:
    export = made(cast.coordinator)
    browser = client_for(cast.coordinator)
    clock(NOW + KEPT - timedelta(seconds=1))
    tick()
    assert len(rows(taken(browser, export))) == 2
    clock(NOW + KEPT + timedelta(seconds=1))
    assert browser.get(reverse("office:export_file", args=[export.pk])).status_code == 404  # also before the tick
    tick()
    assert (Export.objects.count(), ExportFile.objects.count()) == (0, 0)
    assert longwork.find(EXPORT, export.pk) is None


def test_one_that_never_became_ready_goes_too(october: PaymentRun, cast: Cast) -> None:
    export = asked(cast.coordinator)
    longwork.stop(work_of(export), by=cast.coordinator, at=NOW)
    assert exporting.drop_old(at=NOW + UNREADY) == 0
    assert exporting.drop_old(at=NOW + UNREADY + timedelta(seconds=1)) == 1


def test_a_part_that_fails_says_so_and_stops_no_other(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    export = asked(cast.coordinator)

    def fails(year: int, month: int) -> Any:
        if month == 10:
            raise RuntimeError
        return SESSIONS.make(year, month)

    with monkeypatch.context() as patch:
        patch.setitem(YEARLY, "sessions", exporting.Yearly(**{**vars(SESSIONS), "make": fails}))
        for _tick in range(longwork.TRIES):
            with pytest.raises(RuntimeError):
                tasks.go_on_with_exports()
        tasks.go_on_with_exports()
        assert (work_of(export).state, export.files.count()) == ("failed", 11)
    browser = client_for(cast.coordinator)
    assert "The file could not be made" in browser.get(reverse("office:export", args=[export.pk])).content.decode()
    browser.post(reverse("office:export_act", args=[export.pk]), {"act": "go_on"})
    assert (work_of(export).state, export.files.count()) == ("done", 12)


@pytest.mark.parametrize("number", [1, 30])
def test_the_page_asks_as_often_for_thirty_as_for_one(
    october: PaymentRun, cast: Cast, client_for: Callable[[User], Client], number: int
) -> None:
    for year in range(2000, 2000 + number):
        export = Export.objects.create(sort="sessions", year=year, asked_by=cast.coordinator, asked_at=NOW)
        longwork.begin(EXPORT, export.pk, [([0, 1], 1)], by=cast.coordinator, at=NOW)
    browser = client_for(cast.coordinator)
    browser.get(reverse("office:exports"))
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(reverse("office:exports")).content.decode().count("Sessions of a year, 20") == number
    assert len(queries) <= 10


#: A worker of its own that makes a month slowly, so that it can be killed in the middle.
SLOW_WORKER = """
import sys, time
import django
django.setup()
from office import longwork, tasks
from office.exporting import EXPORT
do = longwork._kinds[EXPORT]
def slowly(about, what):
    do(about, what)
    time.sleep(0.3)
longwork._kinds[EXPORT] = slowly
tasks.make_export(int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_leaves_nothing_half_done(october: PaymentRun, cast: Cast) -> None:
    export = asked(cast.coordinator)
    name = str(connection.settings_dict["NAME"])
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": database_url(name)}
    worker = subprocess.Popen([sys.executable, "-c", SLOW_WORKER, str(export.pk)], cwd=ROOT, env=env)
    try:
        until(lambda: export.files.count() >= 3, "three months")
    finally:
        worker.kill()  # -9
        worker.wait()
    assert 3 <= export.files.count() < 12
    assert not exporting.ready(export, at=NOW)

    def done() -> bool:
        tasks.go_on_with_exports()
        return work_of(export).state == "done"

    until(done, "the next tick has made the rest")
    assert export.files.count() == 12
    assert len(rows(b"".join(exporting.content(export)))) == 2


# --- D9 --------------------------------------------------------------------------------------------------------------

YEAR_OF_SESSIONS = 60_000  # 250 experts with twenty entries a month
SECONDS = 60  # of the processor, on a slow machine; the click waits for none of them
MEGABYTES = 60


def test_d9_a_year_of_full_data_under_limits_of_memory_and_time(cast: Cast) -> None:
    """A total export hangs nothing: the page begins it, a part holds a month, and the file leaves month by month."""
    example = make_closed_session(at(2026, 1, 1, 0), at(2026, 1, 1, 0, 4), expert=cast.expert, unit=make_unit("Y77"))
    kept = [str(field.column) for field in Session._meta.concrete_fields if field.column not in {"id", "moved_from_id"}]
    new = {name: f"{name} + n * interval '4.3 minutes'" for name in ("starts_at", "ends_at")}
    new["outcome"] = "'expert_ill'"  # else the database compares each with all others of the expert
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE assignments_session DISABLE TRIGGER USER")
        told = [", ".join(names) for names in (kept, [new.get(name, name) for name in kept])]
        cursor.execute(
            f"INSERT INTO assignments_session ({told[0]}) SELECT {told[1]} "  # noqa: S608 - our own columns
            "FROM assignments_session, generate_series(1, %s) AS n WHERE id = %s",
            [YEAR_OF_SESSIONS - 1, example.pk],
        )
        cursor.execute("ALTER TABLE assignments_session ENABLE TRIGGER USER")
    with CaptureQueriesContext(connection) as queries:
        export = asked(cast.coordinator)
    assert len(queries) < 20  # what the click waits for
    begun = process_time()
    tasks.make_export(export.pk)
    size = sum(len(piece) for piece in exporting.content(export))
    assert process_time() - begun < SECONDS
    assert (size, export.files.count()) == (exporting.size_of(export) + len(SESSIONS.head()), 12)  # type: ignore[misc]
    assert sum(bytes(piece.content).count(b"\r\n") for piece in export.files.iterator(chunk_size=1)) == YEAR_OF_SESSIONS

    export.files.all().delete()
    tracemalloc.start()
    try:
        exporting.make_part(export.pk, [4, 5])
        assert sum(len(piece) for piece in exporting.content(export)) > 100 * 1000
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 1024 * 1024
    finally:
        tracemalloc.stop()
