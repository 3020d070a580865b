"""What became of a file: rows added, changed, unchanged, refused, and what was taken with a remark."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from desk.importing.cells import CellError
from desk.importing.sheets import Fault, Line

T = TypeVar("T")


class Change(StrEnum):
    """What a row did."""

    ADDED = "added"
    CHANGED = "changed"
    SAME = "same"


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
    differences: list[tuple[int, str]] = field(default_factory=list)
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


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """What differs, as “phone: 040 1 → 040 2”."""
    return [f"{name}: {before[name] or '–'} → {value or '–'}" for name, value in after.items() if before[name] != value]
