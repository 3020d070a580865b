"""The documents of a run as long work: shared, broken off, killed, gone on with; each document once."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from fees import tasks
from fees.actions import documents, make_documents, make_run
from fees.actions.documents import DOCUMENTS, MAKERS, make_part
from fees.models import PaymentRun, RunDocument
from office import longwork
from office.choices import Role
from office.models import LogEntry, LongWork
from tests.conftest import Cast
from tests.factories import at, make_closed_session, make_expert, make_unit, make_user
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved
from tests.tooling.servers import ROOT, database_url, until

PEOPLE = 12
ALL = PEOPLE + 6  # a unit's report and the summary, each in two languages; two payroll files


def office_with(people: int, month: int = 10, cast: Cast | None = None) -> PaymentRun:
    """A closed month of that many people; nothing is made of its documents yet."""
    unit = cast.unit if cast else make_unit("Y01")
    named = cast.named if cast else make_user(roles=[(Role.UNIT_CONTACT, unit)])
    coordinator = cast.coordinator if cast else make_user(roles=[Role.COORDINATOR])
    for _number in range(people):
        expert = make_expert()
        make_closed_session(at(2026, month, 7, 10), expert=expert, unit=unit)
        approved(expert, named, OCTOBER if month == 10 else NOVEMBER, moment=at(2026, month + 1, 5))
    closing = OCTOBER if month == 10 else NOVEMBER
    return make_run(closing, by=coordinator, at=at(2026, month + 1, 16), documents=False)


@pytest.fixture
def parts_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "A_PART", 1)


def kept(run: PaymentRun) -> dict[str, tuple[int, str]]:
    return {name: (pk, sha) for name, pk, sha in run.documents.values_list("filename", "pk", "sha256")}


#: A worker of its own that makes statements slowly, so that it can be killed in the middle.
SLOW_WORKER = """
import time
import django
django.setup()
from fees.actions.documents import MAKERS, Kind
from fees import tasks
made = MAKERS[Kind.STATEMENT]
def slowly(data):
    time.sleep(0.2)
    return made(data)
MAKERS[Kind.STATEMENT] = slowly
tasks.make_missing_documents()
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("parts_of_one")
def test_a_worker_killed_in_the_middle_loses_nothing_and_nothing_is_made_twice() -> None:
    run = office_with(PEOPLE)
    work = documents.prepare(run, by=None, at=CLOSED)
    name = str(connection.settings_dict["NAME"])
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": database_url(name)}
    worker = subprocess.Popen([sys.executable, "-c", SLOW_WORKER], cwd=ROOT, env=env)
    try:
        until(lambda: run.documents.filter(kind=RunDocument.Kind.STATEMENT).count() >= 3, "three statements")
    finally:
        worker.kill()  # -9
        worker.wait()
    before = kept(run)
    assert 3 <= len(before) < ALL
    work.refresh_from_db()
    assert (work.state, work.done, work.total) == ("running", len(before), ALL)
    until(lambda: longwork.go_on(work.pk, at=CLOSED) >= 0 and run.documents.count() == ALL, "the rest")
    after = kept(run)
    assert {name: after[name] for name in before} == before  # as they were, not made again
    work.refresh_from_db()
    assert (work.state, work.done, work.parts.count()) == ("done", ALL, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("parts_of_one")
def test_two_workers_share_the_documents_and_make_each_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = office_with(PEOPLE)
    work = documents.prepare(run, by=None, at=CLOSED)
    both = threading.Barrier(2, timeout=30)
    made: list[tuple[int, str]] = []
    met = threading.local()

    def noted(data: Any) -> bytes:
        if not hasattr(met, "once"):
            met.once = True
            both.wait()  # each of the two holds a part at the same moment
        made.append((threading.get_ident(), data.payroll_number or data.expert_name))
        return b"%PDF"

    monkeypatch.setitem(MAKERS, RunDocument.Kind.STATEMENT, noted)

    def worker() -> int:
        try:
            return longwork.go_on(work.pk, at=CLOSED)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        did = [one.result(60) for one in [pool.submit(worker), pool.submit(worker)]]
    assert sum(did) == ALL
    assert len({who for who, _what in made}) == 2
    assert len(made) == len({what for _who, what in made}) == PEOPLE
    work.refresh_from_db()
    assert (work.state, work.done) == ("done", ALL)


@pytest.mark.django_db(transaction=True)
def test_several_threads_make_the_same_bytes_as_one() -> None:
    run = office_with(4)
    assert make_documents(run, threads=2) == 10
    again = {
        paper.filename: MAKERS[paper.kind](*says) for paper, says in documents.contents(run, list(documents.plan(run)))
    }
    assert {document.filename: bytes(document.content) for document in run.documents.all()} == again


@pytest.mark.usefixtures("parts_of_one")
def test_broken_off_it_stays_so_until_somebody_goes_on(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = office_with(5, cast=cast)
    work = documents.prepare(run, by=cast.coordinator, at=CLOSED)
    made = MAKERS[RunDocument.Kind.STATEMENT]

    def third_stops(data: Any) -> bytes:
        if data.position == 3:
            assert longwork.stop(work, by=cast.coordinator, at=CLOSED)
        return made(data)

    monkeypatch.setitem(MAKERS, RunDocument.Kind.STATEMENT, third_stops)
    longwork.go_on(work.pk, at=CLOSED)
    work.refresh_from_db()
    assert (work.state, work.stopped_by, work.done) == ("stopped", cast.coordinator, 5)  # two files, three statements
    tasks.make_missing_documents()
    tasks.make_documents(run.pk)
    call_command("tick")
    assert run.documents.count() == 5
    assert longwork.start_again(work)
    assert not longwork.start_again(work)
    tasks.make_missing_documents()
    assert run.documents.count() == 11


@pytest.mark.usefixtures("parts_of_one")
def test_a_document_that_fails_holds_up_no_other_and_is_given_to_somebody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = office_with(3, cast=cast)
    work = documents.prepare(run, by=None, at=CLOSED)
    made = MAKERS[RunDocument.Kind.STATEMENT]

    def first_fails(data: Any) -> bytes:
        if data.position == 1:
            raise ValueError(data.position)
        return made(data)

    with monkeypatch.context() as broken:
        broken.setitem(MAKERS, RunDocument.Kind.STATEMENT, first_fails)
        for _tick in range(longwork.TRIES):
            with pytest.raises(ValueError, match="1"):
                tasks.make_missing_documents()
        tasks.make_missing_documents()
    work.refresh_from_db()
    assert (work.state, work.done, run.documents.count()) == ("failed", 8, 8)
    assert longwork.start_again(work)
    tasks.make_missing_documents()
    assert run.documents.count() == 9


def test_two_runs_at_once_do_not_disturb_each_other(cast: Cast) -> None:
    first = office_with(2, cast=cast)
    second = office_with(3, month=11, cast=cast)
    one, other = (documents.prepare(run, by=None, at=CLOSED) for run in (first, second))
    longwork.stop(one, by=cast.coordinator, at=CLOSED)
    tasks.make_missing_documents()
    assert (first.documents.count(), second.documents.count()) == (0, 9)
    assert longwork.start_again(one)
    longwork.go_on(one.pk, at=CLOSED)
    assert (first.documents.count(), second.documents.count()) == (8, 9)
    other.refresh_from_db()
    assert other.state == LongWork.State.DONE


def test_a_run_of_before_there_was_long_work_is_found_by_the_clock(cast: Cast) -> None:
    run = office_with(1, cast=cast)
    assert (longwork.find(DOCUMENTS, run.pk), documents.without_documents()) == (None, [run])
    call_command("tick")
    assert (run.documents.count(), documents.without_documents()) == (7, [])


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def finance(client: Client) -> Client:
    client.force_login(make_user(roles=[Role.FINANCE], language="en"))
    return client


def test_the_page_tells_how_far_it_is_and_breaks_it_off(cast: Cast, finance: Client) -> None:
    run = office_with(3, cast=cast)
    work = documents.prepare(run, by=None, at=CLOSED)
    make_part(run.pk, [list(astuple(paper)) for paper in list(documents.plan(run))[:2]])
    address, act = reverse("fees:run", args=[run.pk]), reverse("fees:run_files", args=[run.pk])
    shown = finance.get(address).content.decode()
    assert '<progress max="9" value="2"' in shown
    assert 'hx-trigger="every 2s"' in shown
    assert finance.post(act, {"act": "stop"}).status_code == 302
    work.refresh_from_db()
    assert work.state == "stopped"
    shown = finance.get(address).content.decode()
    assert 'value="go_on"' in shown
    assert "<progress" not in shown
    assert finance.post(act, {"act": "stop"}).status_code == 302  # a second click is harmless
    finance.post(act, {"act": "go_on"})
    tasks.make_missing_documents()
    shown = finance.get(address).content.decode()
    assert reverse("fees:run_zip", args=[run.pk]) in shown
    assert "hx-trigger" not in shown
    told = LogEntry.objects.of(run).filter(kind__endswith="_files").order_by("pk").values_list("kind", flat=True)
    assert list(told) == ["paymentrun.stop_files", "paymentrun.go_on_files"]


def test_looking_and_taking_away_change_nothing(cast: Cast, finance: Client, tmp_path: Path) -> None:
    """M10: reading, printing or exporting never changes a state."""
    run = office_with(2, cast=cast)
    make_documents(run)

    def everything() -> tuple[Any, ...]:
        models = (PaymentRun, RunDocument, LongWork)
        return tuple(list(model.objects.order_by("pk").values()) for model in models)

    before = everything()
    for name in ("run", "run_lines", "run_zip"):
        response = finance.get(reverse(f"fees:{name}", args=[run.pk]))
        assert response.status_code == 200
        if response.streaming:
            (tmp_path / name).write_bytes(b"".join(response))
    for pk in run.documents.values_list("pk", flat=True):
        assert finance.get(reverse("fees:document", args=[pk])).status_code == 200
    assert everything() == before
