"""The documents of a run: each made once, kept with its bytes and hash (R23).

They are long work (office.longwork): a part is a few statements, a unit's report, a file. A part reads only its own
lines, so what it takes of memory does not grow with the number of people.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from fees import exports, pdf
from fees.documents import Line, RunData, RunSummaryData, StatementData, UnitReportData
from fees.models import PaymentRun, Rejection, RunDocument, RunLine
from office import longwork
from office.actions import log
from office.choices import Language, Role
from office.errors import Refused
from office.models import LongWork, User

Kind = RunDocument.Kind

#: The kind of long work; it is about a run.
DOCUMENTS = "fees.documents"

#: Statements in a part of the work: some tenths of a second.
A_PART = 20

#: The languages of what the county keeps for itself; a statement is in its reader's language.
HOUSE_LANGUAGES = (Language.FI, Language.SV)

#: What a correction says of the line that it corrects.
MENDED = {
    "corrects_run": "corrects__run__number",
    "corrects_position": "corrects__position",
    "corrects_starts_at": "corrects__starts_at",
}
COLUMNS = tuple(MENDED.get(name, name) for name in Line.__dataclass_fields__)

MAKERS: dict[str, Callable[..., bytes]] = {
    Kind.STATEMENT: pdf.statement,
    Kind.UNIT_REPORT: pdf.unit_report,
    Kind.SUMMARY: pdf.run_summary,
    Kind.CSV: exports.payroll_csv,
    Kind.XLSX: exports.payroll_xlsx,
}


@dataclass(frozen=True)
class Paper:
    """A document: what it is called and whom it is about. ``place`` of ``count``: which statement of the run it is."""

    kind: str
    filename: str
    expert_id: int | None = None
    unit_id: int | None = None
    part: int = 1
    place: int = 0
    count: int = 0
    language: str = ""


def prepare(run: PaymentRun, *, by: User | None, at: datetime) -> LongWork:
    """Begins the work: parts for what the run lacks and nobody has begun. In the transaction of the fact."""
    have = set(run.documents.values_list("filename", flat=True))
    have |= {Paper(*fields).filename for told in longwork.waiting(DOCUMENTS, run.pk) for fields in told}
    parts: list[tuple[Any, int]] = []
    for kind, papers in groupby((paper for paper in plan(run) if paper.filename not in have), lambda paper: paper.kind):
        told = [list(astuple(paper)) for paper in papers]
        size = A_PART if kind == Kind.STATEMENT else 1
        parts += [(told[n : n + size], len(told[n : n + size])) for n in range(0, len(told), size)]
    return longwork.begin(DOCUMENTS, run.pk, parts, by=by, at=at)


def make_documents(run: PaymentRun, *, threads: int = 1) -> int:
    """Makes the documents that the run does not have yet, and says how many. It may be broken off and called again."""
    before = run.documents.count()
    longwork.together(prepare(run, by=run.made_by, at=run.made_at).pk, threads, at=run.made_at)
    return run.documents.count() - before


@longwork.long_work(DOCUMENTS)
def make_part(run_id: int, told: list[list[Any]]) -> None:
    """Makes these documents of a run; the same lines give the same bytes. What is there already stays."""
    run = PaymentRun.objects.select_related("made_by").get(pk=run_id)
    papers = [Paper(*fields) for fields in told]
    have = set(
        run.documents.filter(filename__in=[paper.filename for paper in papers]).values_list("filename", flat=True)
    )
    papers = [paper for paper in papers if paper.filename not in have]
    RunDocument.objects.bulk_create(
        [_kept(run, paper, MAKERS[paper.kind](*says)) for paper, says in contents(run, papers)], ignore_conflicts=True
    )


def stop_documents(run: PaymentRun, *, by: User, at: datetime) -> bool:
    """Breaks the making of a run's documents off; what is made stays. False when it is over already."""
    return _act(run, "stop_files", by, at, lambda work: longwork.stop(work, by=by, at=at))


def go_on_documents(run: PaymentRun, *, by: User, at: datetime) -> bool:
    """Goes on with it. False when it is at work or over."""
    return _act(run, "go_on_files", by, at, longwork.start_again)


def _act(run: PaymentRun, what: str, by: User, at: datetime, act: Callable[[LongWork], bool]) -> bool:
    if not (by.has_role(Role.COORDINATOR) or by.has_role(Role.FINANCE)):
        raise Refused(_("You may not do this."))
    with transaction.atomic():
        work = longwork.find(DOCUMENTS, run.pk)
        if work is None or not act(work):
            return False
        log(f"paymentrun.{what}", run, by=by, at=at)
    return True


def without_documents() -> list[PaymentRun]:
    """Runs whose documents are not all there though nobody is at work on them: made before there was such work."""
    parted = Rejection.objects.filter(line__run=OuterRef("pk"), part__isnull=False)
    made = RunDocument.objects.filter(run=OuterRef("line__run"), part=OuterRef("part"), kind=Kind.XLSX)
    summary = RunDocument.objects.filter(run=OuterRef("pk"), kind=Kind.SUMMARY, language=HOUSE_LANGUAGES[-1])
    known = LongWork.objects.filter(kind=DOCUMENTS, about=OuterRef("pk")).exclude(state=LongWork.State.DONE)
    lacks = PaymentRun.objects.filter(~Exists(summary) | Exists(parted.filter(~Exists(made))))
    return list(lacks.filter(~Exists(known)).order_by("number"))


# --- which documents a run has ---------------------------------------------------------------------------------------


def plan(run: PaymentRun) -> Iterator[Paper]:
    """Every document of a run. Three queries."""
    name = f"run-{run.number:04}"
    yield Paper(Kind.CSV, f"{name}-payroll.csv")
    yield Paper(Kind.XLSX, f"{name}-payroll.xlsx")
    yield from _statements(run)
    yield from _unit_reports(run)
    for language in HOUSE_LANGUAGES:
        yield Paper(Kind.SUMMARY, f"{name}-summary{_mark(language)}.pdf", language=language)
    yield from _supplements(run)


def _statements(run: PaymentRun) -> Iterator[Paper]:
    """In the order of the run: by last name."""
    people = RunLine.objects.filter(run=run).values("expert_id").annotate(at=Min("position"), no=Max("payroll_number"))
    found = list(people.order_by("at").values_list("expert_id", "no"))
    for place, (expert_id, payroll_number) in enumerate(found, 1):
        name = f"run-{run.number:04}-statement-{payroll_number or f'id{expert_id}'}.pdf"
        yield Paper(Kind.STATEMENT, name, expert_id=expert_id, place=place, count=len(found))


def _unit_reports(run: PaymentRun) -> Iterator[Paper]:
    units = (
        RunLine.objects.filter(run=run).values("unit_id").annotate(code=Max("unit_code")).order_by("code", "unit_id")
    )
    for unit_id, code in units.values_list("unit_id", "code"):
        tidy = get_valid_filename(code.replace(" ", "-") or "unit")
        for language in HOUSE_LANGUAGES:
            name = f"run-{run.number:04}-unit-{tidy}{_mark(language)}.pdf"
            yield Paper(Kind.UNIT_REPORT, name, unit_id=unit_id, language=language)


def _mark(language: str) -> str:
    """The end of a file's name: the first of the house's languages has none."""
    return "" if language == HOUSE_LANGUAGES[0] else f"-{language}"


def _supplements(run: PaymentRun) -> Iterator[Paper]:
    """A payroll file for each time that rejected lines were sent again."""
    again = Rejection.objects.filter(line__run=run, part__isnull=False).order_by("part")
    for part in again.values_list("part", flat=True).distinct():
        name = f"run-{run.number:04}-payroll-{part}"
        yield Paper(Kind.CSV, f"{name}.csv", part=part or 0)
        yield Paper(Kind.XLSX, f"{name}.xlsx", part=part or 0)


# --- what they say ---------------------------------------------------------------------------------------------------


def contents(run: PaymentRun, papers: list[Paper]) -> Iterator[tuple[Paper, tuple[Any, ...]]]:
    """Each of the documents with what its maker is told. One query for all statements, one for each of the others."""
    data = RunData(run.number, run.month, run.pay_date, run.made_at, dict(settings.COUNTY_NAME))
    statements = {paper.expert_id: paper for paper in papers if paper.expert_id is not None}
    if statements:
        stored = RunLine.objects.filter(run=run, expert_id__in=statements).order_by("position")
        own: dict[tuple[int, str], list[Line]] = {}
        for expert_id, language, *fields in stored.values_list("expert_id", "expert_language", *COLUMNS):
            own.setdefault((expert_id, language), []).append(Line(*fields))
        for (expert_id, language), lines in own.items():
            paper = statements[expert_id]
            yield paper, (_statement(data, paper, language, tuple(lines)),)
    for paper in papers:
        if paper.kind != Kind.STATEMENT:
            yield paper, _says(run, data, paper)


def _statement(data: RunData, paper: Paper, language: str, lines: tuple[Line, ...]) -> StatementData:
    return StatementData(
        run=data,
        position=paper.place,
        count=paper.count,
        language=language,
        expert_name=lines[0].expert_name,
        payroll_number=max(line.payroll_number for line in lines),  # an old line may be from before there was one
        lines=lines,
    )


def _says(run: PaymentRun, data: RunData, paper: Paper) -> tuple[Any, ...]:
    if paper.kind == Kind.UNIT_REPORT:
        lines = tuple(_lines(run, unit=paper.unit_id))
        first = lines[0]
        report = UnitReportData(
            run=data,
            language=paper.language,
            unit_code=first.unit_code,
            unit_name=first.unit_name_sv if paper.language == Language.SV else first.unit_name_fi,
            cost_centre=first.cost_centre,
            lines=lines,
        )
        return (report,)
    if paper.kind == Kind.SUMMARY:
        summary = RunSummaryData(
            run=data,
            language=paper.language,
            made_by=str(run.made_by) if run.made_by else "Erfa",
            lists=run.lists,
            experts=run.experts,
            fees=run.fees,
            travel=run.travel,
            lines_hash=run.lines_hash,
            lines=_lines(run),
        )
        return (summary,)
    if paper.part > 1:
        again = Rejection.objects.filter(line__run=run, part=paper.part).values_list("line__position", "payroll_number")
        numbers = dict(again)
        frozen = _lines(run, rejections__part=paper.part)
        sent = (replace(line, payroll_number=numbers[line.position] or line.payroll_number) for line in frozen)
        return (replace(data, part=paper.part), sent)
    return (data, _lines(run))


def _lines(run: PaymentRun, **where: Any) -> Iterator[Line]:
    """Lines in their order, some at a time: a run may have many."""
    stored = RunLine.objects.filter(run=run, **where).order_by("position").values_list(*COLUMNS)
    return (Line(*row) for row in stored.iterator(chunk_size=500))


def _kept(run: PaymentRun, paper: Paper, content: bytes) -> RunDocument:
    return RunDocument(
        run=run,
        kind=paper.kind,
        expert_id=paper.expert_id,
        unit_id=paper.unit_id,
        part=paper.part,
        language=paper.language,
        filename=paper.filename,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
