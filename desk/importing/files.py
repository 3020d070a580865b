"""An office's own files, taken one by one: all or nothing per file, a dry run that tells exactly what would happen.

A dry run does everything and rolls it back, so that it tells what the real one would.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.importing import fee_table, hours, registry, units
from desk.importing.report import Report, RowRefused
from desk.importing.sheets import Fault, Line, SheetError, read
from office.errors import RuleError
from office.models import User


class Tick(Protocol):
    """Is told how many rows of how many are done."""

    def __call__(self, done: int, *, total: int) -> None: ...


def quiet(done: int, *, total: int) -> None:
    """Tells nobody."""


def always(_report: Report) -> bool:
    """Commit."""
    return True


@dataclass(frozen=True)
class Sort:
    """A sort of file: how it is called on the screen, and the module that reads it."""

    name: str
    label: Any
    module: Any


SORTS = {
    sort.name: sort
    for sort in (
        Sort("units", gettext_lazy("Units"), units),
        Sort("fee_table", gettext_lazy("Fee table"), fee_table),
        Sort("registry", gettext_lazy("Registry of experts"), registry),
        Sort("hours", gettext_lazy("Hours of a month"), hours),
    )
}


def take(
    sort: str,
    name: str,
    content: bytes,
    *,
    by: User | None,
    at: datetime,
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    approver: User | None = None,
    approve_table: bool = True,
    tick: Tick = quiet,
    before_commit: Callable[[Report], bool] = always,
) -> Report:
    """Takes one file. Nothing of it stays when a row is refused (unless ``skip_bad_rows``) or in a dry run.

    ``tick`` is told how many of the rows are done; what it raises breaks off, and nothing stays. ``before_commit`` has
    the last word inside the transaction.
    """
    report = Report(name, sort)
    module = SORTS[sort].module
    try:
        lines, heads = read(name, content, module.HEADINGS, module.NEEDED)
        with transaction.atomic():
            if sort == "registry":
                ticked = partial(tick, total=len(lines))
                registry.take_lines(lines, heads, report, by=by, at=at, lock=not dry_run, tick=ticked)
                refused = bool(report.faults) and not skip_bad_rows
            else:
                extra = {"approver": approver} if sort == "hours" else {}
                importer = module.Importer(report, heads, by=by, at=at, **extra)
                if sort == "fee_table":
                    importer.approve = approve_table
                refused = not _take_lines(importer, lines, report, tick=tick, skip_bad_rows=skip_bad_rows)
            if dry_run or refused or not before_commit(report):
                transaction.set_rollback(True)
                return report
    except SheetError as error:
        report.faults.append(Fault(name, 0, "", str(error)))
        return report
    report.taken = True
    return report


def _take_lines(importer: Any, lines: list[Line], report: Report, *, tick: Tick, skip_bad_rows: bool) -> bool:
    """Row by row by a reader of its own. False when something was refused."""
    for number, line in enumerate(lines, 1):
        _take_row(importer, line, report)
        tick(number, total=len(lines))
    if report.faults and not skip_bad_rows:
        return False
    return _finish(importer, report)


def _take_row(importer: Any, line: Line, report: Report) -> None:
    try:
        with transaction.atomic():
            report.count(importer.row(line))
    except RowRefused as refused:
        report.faults.extend(Fault(report.file, line.number, column, reason) for column, reason in refused.problems)
    except RuleError as error:
        report.faults.append(Fault(report.file, line.number, "", str(error.message)))
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        reason = _("The database refuses the row (%(rule)s).") % {"rule": name}
        report.faults.append(Fault(report.file, line.number, "", reason))


def _finish(importer: Any, report: Report) -> bool:
    """What is done when all rows are known. False when it was refused: then nothing of the file stays."""
    try:
        with transaction.atomic():
            importer.finish()
    except RowRefused as refused:
        report.faults.extend(Fault(report.file, 0, column, reason) for column, reason in refused.problems)
    except RuleError as error:
        report.faults.append(Fault(report.file, 0, "", str(error.message)))
    else:
        return True
    return False


def office_files(folder: Path, registry_file: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The files of a folder in the order in which they need one another; months in order."""
    for sort, path in (
        ("units", folder / "units.csv"),
        ("fee_table", folder / "fee_table.csv"),
        ("registry", registry_file or folder / "registry.xlsx"),
    ):
        if path.exists():
            yield sort, path
    for path in sorted(folder.glob("hours_[0-9][0-9][0-9][0-9]-[0-9][0-9].csv")):
        yield "hours", path
