"""The documents of a run: made once, kept, in the reader's language, the same bytes whenever they are made (R23)."""

import hashlib
import io
import json
import subprocess
import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from page import ValidationProfile

from assignments.rules import Event
from fees import tasks
from fees.actions import correct, documents, make_documents, make_run
from fees.actions.documents import MAKERS
from fees.models import PaymentRun, RunDocument
from office.choices import Role
from office.models import LongWork
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session, make_expert, make_unit, make_user
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved
from tests.papers import faults


@pytest.fixture
def run(cast: Cast) -> PaymentRun:
    """Three people who read Finnish, Swedish and English, in one unit."""
    for first_name, language, number in (("Aino", "fi", "101"), ("Åsa", "sv", "102"), ("Kim", "en", None)):
        expert = make_expert(first_name=first_name, last_name="Blom", language=language, payroll_number=number)
        make_closed_session(at(2026, 10, 7, 10), expert=expert, unit=cast.unit, travel_km=Decimal(24))
        make_closed_session(
            at(2026, 10, 14, 10),
            expert=expert,
            unit=cast.unit,
            event=Event.ORDERER_CANCELLED,
            received_at=at(2026, 10, 14, 8),
        )
        approved(expert, cast.named)
    return make_run(OCTOBER, by=cast.coordinator, at=CLOSED)


def said(path: Path) -> str:
    """The text of a document as a reader hears it."""
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_every_document_once(run: PaymentRun) -> None:
    assert make_documents(run) == 9
    kim = run.lines.filter(payroll_number="").values_list("expert_id", flat=True).first()
    assert sorted(run.documents.values_list("filename", "kind")) == [
        ("run-0001-payroll.csv", "csv"),
        ("run-0001-payroll.xlsx", "xlsx"),
        ("run-0001-statement-101.pdf", "statement"),
        ("run-0001-statement-102.pdf", "statement"),
        (f"run-0001-statement-id{kim}.pdf", "statement"),
        ("run-0001-summary-sv.pdf", "summary"),
        ("run-0001-summary.pdf", "summary"),
        ("run-0001-unit-Y01-sv.pdf", "unit_report"),
        ("run-0001-unit-Y01.pdf", "unit_report"),
    ]
    for document in run.documents.all():
        content = bytes(document.content)
        assert (document.sha256, document.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert make_documents(run) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("101.pdf", ["Aino Blom", "113,20", "30.11.2026", "Yksilötapaaminen", "24 km"], id="fi"),
        pytest.param("102.pdf", ["Åsa Blom", "113,20", "30.11.2026", "Individuell träff", "24 km"], id="sv"),
        pytest.param("unit-Y01.pdf", ["Aino Blom", "Åsa Blom", "Kim Blom", "339,60", "150,00"], id="unit"),
        pytest.param("unit-Y01-sv.pdf", ["Lovisa mentalvårdsbyrå", "339,60", "arbetsersättning"], id="unit in Swedish"),
        pytest.param("summary.pdf", ["Y01", "339,60", "Carla Coordinator", "Maksuerä"], id="summary"),
        pytest.param("summary-sv.pdf", ["Y01", "339,60", "Betalningsomgång"], id="summary in Swedish"),
    ],
)
def test_what_a_document_says(run: PaymentRun, tmp_path: Path, name: str, words: list[str]) -> None:
    make_documents(run)
    path = tmp_path / name
    path.write_bytes(bytes(run.documents.get(filename__endswith=name).content))
    text = said(path)
    assert [word for word in words if word not in text] == []
    for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
        assert faults(path, profile) == []


def test_a_statement_is_in_the_language_of_its_reader(run: PaymentRun) -> None:
    make_documents(run)
    languages = {}
    for document in run.documents.filter(kind=RunDocument.Kind.STATEMENT):
        with pikepdf.open(io.BytesIO(bytes(document.content))) as file:
            languages[document.filename[19:22]] = str(file.Root["/Lang"])
    assert languages == {"101": "fi", "102": "sv", "id" + document.filename[21]: "en"}


def test_a_correction_is_on_the_statement_of_the_next_run(cast: Cast, run: PaymentRun, tmp_path: Path) -> None:
    line = run.lines.filter(payroll_number="101", kind="fee")[0]
    correct(line, Decimal("-12.50"), by=cast.coordinator, at=CLOSED, reason="Oli lyhyempi")
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10))
    make_documents(second)
    path = tmp_path / "a.pdf"
    path.write_bytes(bytes(second.documents.get(kind=RunDocument.Kind.STATEMENT).content))
    text = said(path)
    assert [word for word in ("Oli lyhyempi", "12,50", "Yksilötapaaminen") if word not in text] == []


def test_broken_off_and_gone_on(run: PaymentRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was made stays; the rest is made later; the run counts as unfinished until then."""
    made: list[str] = []

    def second_fails(data: Any) -> bytes:
        made.append(data.expert_name)
        if len(made) == 2:
            raise OSError("the machine stopped")
        return b"%PDF first"

    monkeypatch.setattr(documents, "A_PART", 1)
    LongWork.objects.all().delete()
    work = documents.prepare(run, by=None, at=CLOSED)
    with monkeypatch.context() as broken:
        broken.setitem(MAKERS, RunDocument.Kind.STATEMENT, second_fails)
        with pytest.raises(OSError, match="the machine stopped"):
            make_documents(run)
    work.refresh_from_db()
    assert (run.documents.count(), work.done, work.total, work.state) == (3, 3, 9, "running")
    tasks.make_missing_documents()
    work.refresh_from_db()
    assert (run.documents.count(), work.done, work.total, work.state) == (9, 9, 9, "done")
    assert bytes(run.documents.get(filename__endswith="101.pdf").content) == b"%PDF first"


def test_the_run_has_its_documents_made_after_commit(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    make_closed_session(expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named)
    asked: list[int] = []
    monkeypatch.setattr(tasks.make_documents, "delay", asked.append)
    with django_capture_on_commit_callbacks(execute=True):
        run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    assert set(asked) == {run.pk}


def test_the_task_makes_them(run: PaymentRun) -> None:
    tasks.make_documents(run.pk)
    assert run.documents.count() == 9


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_the_demonstration_makes_them_beside_the_answer(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO = True
    unit = make_unit("Y01")
    named, coordinator = make_user(roles=[(Role.UNIT_CONTACT, unit)]), make_user(roles=[Role.COORDINATOR])
    expert = make_expert()
    make_closed_session(expert=expert, unit=unit)
    approved(expert, named)
    started: list[threading.Thread] = []

    def thread_of(**told: Any) -> threading.Thread:
        started.append(threading.Thread(**told))
        return started[0]

    monkeypatch.setattr(tasks, "Thread", thread_of)
    run = make_run(OCTOBER, by=coordinator, at=CLOSED)
    [thread] = started
    thread.join(60)
    assert run.documents.count() == 7


# --- manage.py close_month -------------------------------------------------------------------------------------------


def close(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("close_month", *arguments)
    return capsys.readouterr().out


@pytest.fixture
def ready(cast: Cast, clock: Clock) -> Cast:
    clock(CLOSED)
    make_closed_session(expert=cast.expert, unit=cast.unit, travel_km=Decimal(24))
    approved(cast.expert, cast.named)
    return cast


def test_the_command_prints_the_totals_as_json(ready: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(close(capsys, "2026-10", "--output", str(tmp_path / "out"), "--json")) == {
        "lists": 1,
        "rows": 1,
        "experts": 1,
        "fees": "50.00",
        "travel": "13.20",
        "total": "63.20",
        "by_unit": {"Y01": "63.20"},
        "by_income_type": {"311": "13.20", "336": "50.00"},
        "by_posting": {f"{ready.unit.cost_centre} 311": "13.20", f"{ready.unit.cost_centre} 336": "50.00"},
    }
    run = PaymentRun.objects.get()
    assert run.made_by == ready.coordinator
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert written == {document.filename: bytes(document.content) for document in run.documents.all()}
    assert len(written) == 7


def test_the_command_prints_the_totals_in_words(ready: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    said_ = close(capsys, "2026-10", "--by", ready.coordinator.email).replace("\N{NO-BREAK SPACE}", " ")
    assert said_.splitlines() == [
        "Payment run 1: 2026-10, paid on 2026-11-30",
        "1 lists, 1 rows, 1 experts",
        "fees 50,00 € + travel 13,20 € = 63,20 €",
        "  Y01: 63,20 €",
        "  311: 13,20 €",
        "  336: 50,00 €",
    ]


def test_closing_twice_is_refused_and_changes_nothing(ready: Cast, tmp_path: Path) -> None:
    call_command("close_month", "2026-10", stdout=io.StringIO())
    before = list(RunDocument.objects.values_list("sha256", flat=True))
    with pytest.raises(CommandError) as error:
        call_command("close_month", "2026-10", "--output", str(tmp_path))
    assert str(error.value) == "10/2026 has been closed already: payment run 1."
    assert list(RunDocument.objects.values_list("sha256", flat=True)) == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["10/2026"], "10/2026: write the month as 2026-10", id="not a month"),
        pytest.param(["2026-13"], "2026-13: write the month as 2026-10", id="no such month"),
        pytest.param(["2026-11"], "11/2026 is not over yet.", id="the month that runs"),
        pytest.param(["2026-09"], "Nothing has been approved for payment.", id="an empty month"),
        pytest.param(["2026-10", "--by", "x@example.org"], "x@example.org is no coordinator", id="a stranger"),
    ],
)
def test_what_the_command_refuses(ready: Cast, arguments: list[str], words: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("close_month", *arguments)
    assert str(error.value) == words
    assert not PaymentRun.objects.exists()


def test_an_office_without_a_coordinator_closes_as_the_system(ready: Cast) -> None:
    ready.coordinator.grants.update(valid_to=at(2026, 1, 1))
    call_command("close_month", "2026-10", stdout=io.StringIO())
    assert PaymentRun.objects.get().made_by is None
