"""What became of a file: rows added, changed, unchanged, refused, and what was taken with a remark."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from desk.importing.sheets import Fault, Line
from office.cells import CellError

T = TypeVar("T")


class Change(StrEnum):
    """What a row did."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True)
class Difference:
    """What a row is or would be about, and what it changes: (column, old, new) in words. A new row tells no fields."""

    row: int
    who: str
    fields: Sequence[tuple[str, str, str]] = ()

    def __str__(self) -> str:
        told = "; ".join(
            f"{name}: {old or '–'} → {new or '–'}" if old or new else name for name, old, new in self.fields
        )
        return f"{self.who}: {told}" if told else self.who


@dataclass
class Report:
    """One file's result. ``differences`` tells in words what is or would be changed, by row."""

    file: str
    sort: str
    added: int = 0
    changed: int = 0
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Fault] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    taken: bool = False

    def count(self, change: Change) -> None:
        """Counts a row."""
        setattr(self, change.value, getattr(self, change.value) + 1)

    @property
    def bad_rows(self) -> int:
        return len({fault.row for fault in self.faults})


class RowRefused(Exception):
    """The row cannot be taken: (column heading, reason) pairs."""

    def __init__(self, *problems: tuple[str, str]) -> None:
        super().__init__(problems)
        self.problems = problems


class Row:
    """Reads the cells of a line and remembers every fault, so that a row is refused once with all its reasons."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.problems: list[tuple[str, str]] = []

    def head(self, column: str) -> str:
        """The heading as it stands in the file."""
        return self.line.heads.get(column, column)

    def get(self, column: str, parse: Callable[[str], T], default: T) -> T:
        """The cell as a value; on a fault the default, and the row is refused by ``check``."""
        try:
            return parse(self.line[column])
        except CellError as error:
            self.problems.append((self.head(column), str(error)))
            return default

    def refuse(self, column: str, reason: str) -> None:
        """Remembers a fault."""
        self.problems.append((self.head(column), reason))

    def check(self) -> None:
        """Raises RowRefused if any cell was at fault."""
        if self.problems:
            raise RowRefused(*self.problems)


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[tuple[str, str, str]]:
    """What differs: (name, old, new)."""
    return [(name, str(before[name] or ""), str(value or "")) for name, value in after.items() if before[name] != value]


def as_json(report: Report) -> dict[str, Any]:
    """To be kept between the look and the taking."""
    return {
        "counts": [report.added, report.changed, report.same, report.bad_rows],
        "faults": [[fault.row, fault.column, fault.reason] for fault in report.faults],
        "remarks": [[fault.row, fault.column, fault.reason] for fault in report.remarks],
        "differences": [[told.row, told.who, [list(field) for field in told.fields]] for told in report.differences],
    }


def from_json(file: str, sort: str, told: Mapping[str, Any]) -> Report:
    """The report that was kept."""
    added, changed, same, _bad = told["counts"]
    report = Report(file, sort, added, changed, same)
    report.faults = [Fault(file, *fault) for fault in told["faults"]]
    report.remarks = [Fault(file, *fault) for fault in told["remarks"]]
    report.differences = [
        Difference(row, who, [(name, old, new) for name, old, new in fields])
        for row, who, fields in told["differences"]
    ]
    return report
