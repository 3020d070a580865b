"""The documents of a run: each made once, kept with its bytes and hash (R23)."""

import gc
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import starmap
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils.text import get_valid_filename

from fees import exports, pdf
from fees.documents import Line, RunData, RunSummaryData, StatementData, UnitReportData
from fees.models import PaymentRun, Rejection, RunDocument, RunLine
from office.choices import Language
from office.paper.typeface import faces

Kind = RunDocument.Kind

#: The language of what the county keeps for itself; a statement is in its reader's language.
HOUSE_LANGUAGE = Language.FI

#: What a correction says of the line that it corrects.
MENDED = {
    "corrects_run": "corrects__run__number",
    "corrects_position": "corrects__position",
    "corrects_starts_at": "corrects__starts_at",
}

MAKERS: dict[str, Callable[..., bytes]] = {
    Kind.STATEMENT: pdf.statement,
    Kind.UNIT_REPORT: pdf.unit_report,
    Kind.SUMMARY: pdf.run_summary,
    Kind.CSV: exports.payroll_csv,
    Kind.XLSX: exports.payroll_xlsx,
}


@dataclass(frozen=True)
class Paper:
    """A document to be made: what it is called, whom it is about, and what it says."""

    kind: str
    filename: str
    says: tuple[Any, ...]
    expert_id: int | None = None
    unit_id: int | None = None
    part: int = 1


def make_documents(run: PaymentRun, *, processes: int = 1) -> int:
    """Makes the documents that the run does not have yet, one by one, and says how many.

    It may be broken off and called again; the same lines give the same bytes. With ``processes`` > 1 the pages are laid
    out by that many processes (inside a transaction by this one alone); this one stores them.
    """
    have = set(run.documents.values_list("filename", flat=True))
    papers = [paper for paper in plan(run) if paper.filename not in have]
    # The summary comes last: where it is, all are (see without_documents).
    last = [paper for paper in papers if paper.kind == Kind.SUMMARY]
    others = [paper for paper in papers if paper.kind != Kind.SUMMARY]
    for some, hands in ((others, processes), (last, 1)):
        for paper, content in zip(some, _made(some, hands), strict=True):
            _keep(run, paper, content)
    return len(papers)


def without_documents() -> list[PaymentRun]:
    """Runs whose documents are not all there: a lost task, a worker that died."""
    parted = Rejection.objects.filter(line__run=OuterRef("pk"), part__isnull=False)
    made = RunDocument.objects.filter(run=OuterRef("line__run"), part=OuterRef("part"), kind=Kind.XLSX)
    supplement_lacks = Exists(parted.filter(~Exists(made)))
    without = PaymentRun.objects.filter(~Exists(RunDocument.objects.filter(run=OuterRef("pk"), kind=Kind.SUMMARY)))
    return list((without | PaymentRun.objects.filter(supplement_lacks)).order_by("number"))


def plan(run: PaymentRun) -> list[Paper]:
    """Every document of a run. One query."""
    data = RunData(run.number, run.month, run.pay_date, run.made_at, dict(settings.COUNTY_NAME))
    of_expert: dict[int, list[Line]] = defaultdict(list)
    of_unit: dict[int, list[Line]] = defaultdict(list)
    language: dict[int, str] = {}
    lines = []
    stored = RunLine.objects.filter(run=run).order_by("position").values_list(
        "expert_id", "unit_id", "expert_language", *(MENDED.get(name, name) for name in Line.__dataclass_fields__)
    )  # fmt: skip
    for expert_id, unit_id, expert_language, *values in stored:
        line = Line(*values)
        lines.append(line)
        of_expert[expert_id].append(line)
        of_unit[unit_id].append(line)
        language.setdefault(expert_id, expert_language)
    name = f"run-{run.number:04}"
    papers = [
        Paper(Kind.CSV, f"{name}-payroll.csv", (data, tuple(lines))),
        Paper(Kind.XLSX, f"{name}-payroll.xlsx", (data, tuple(lines))),
    ]
    for position, (expert_id, own) in enumerate(of_expert.items(), 1):
        first = own[0]
        says = StatementData(
            run=data,
            position=position,
            count=len(of_expert),
            language=language[expert_id],
            expert_name=first.expert_name,
            payroll_number=first.payroll_number,
            lines=tuple(own),
        )
        number = first.payroll_number or f"id{expert_id}"
        papers.append(Paper(Kind.STATEMENT, f"{name}-statement-{number}.pdf", (says,), expert_id=expert_id))
    for unit_id, own in sorted(of_unit.items(), key=lambda item: item[1][0].unit_code):
        first = own[0]
        report = UnitReportData(
            run=data,
            language=HOUSE_LANGUAGE,
            unit_code=first.unit_code,
            unit_name=first.unit_name_fi,
            cost_centre=first.cost_centre,
            lines=tuple(own),
        )
        code = get_valid_filename(first.unit_code.replace(" ", "-") or "unit")
        papers.append(Paper(Kind.UNIT_REPORT, f"{name}-unit-{code}.pdf", (report,), unit_id=unit_id))
    summary = RunSummaryData(
        run=data,
        language=HOUSE_LANGUAGE,
        made_by=str(run.made_by) if run.made_by else "Erfa",
        lists=run.lists,
        rows=run.rows,
        experts=run.experts,
        lines_hash=run.lines_hash,
        lines=tuple(lines),
    )
    papers.append(Paper(Kind.SUMMARY, f"{name}-summary.pdf", (summary,)))
    return [*papers, *_supplements(run, data, {line.position: line for line in lines})]


def _supplements(run: PaymentRun, data: RunData, lines: Mapping[int, Line]) -> Iterator[Paper]:
    """A payroll file for each time that rejected lines were sent again."""
    parts: dict[int, list[Line]] = defaultdict(list)
    again = Rejection.objects.filter(line__run=run, part__isnull=False).order_by("line__position")
    for part, position in again.values_list("part", "line__position"):
        parts[part or 0].append(lines[position])
    for part, own in sorted(parts.items()):
        says = (replace(data, part=part), tuple(own))
        name = f"run-{run.number:04}-payroll-{part}"
        yield Paper(Kind.CSV, f"{name}.csv", says, part=part)
        yield Paper(Kind.XLSX, f"{name}.xlsx", says, part=part)


def _make(kind: str, says: tuple[Any, ...]) -> bytes:
    return MAKERS[kind](*says)


def _collect_seldom() -> None:
    """In a child that only lays out pages: what it inherited is never looked through again for garbage, and the many
    small parts of a page seldom (a tenth of its time).
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _made(papers: Sequence[Paper], processes: int) -> Iterator[bytes]:
    wanted = [(paper.kind, paper.says) for paper in papers]
    if processes < 2 or len(wanted) < 2 * processes or connection.in_atomic_block:
        yield from starmap(_make, wanted)
        return
    faces()  # the fonts are read once here, not once in each child
    # A child must not share our connection: it inherits none, and asks the database nothing.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's
    with ProcessPoolExecutor(processes, mp_context=get_context("fork"), initializer=_collect_seldom) as hands:
        yield from hands.map(_make, *zip(*wanted, strict=True), chunksize=4)


def _keep(run: PaymentRun, paper: Paper, content: bytes) -> None:
    """Stores a document; where another worker was first, its copy stays (the bytes are the same)."""
    document = RunDocument(
        run=run,
        kind=paper.kind,
        expert_id=paper.expert_id,
        unit_id=paper.unit_id,
        part=paper.part,
        filename=paper.filename,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    RunDocument.objects.bulk_create([document], ignore_conflicts=True)
