"""What the documents of a payment run say, as plain values: everything is stored already, nothing is counted but sums.

A ``Line`` is a frozen line of a run (R23) with the same field names as ``fees.models.RunLine``; ``line_of`` copies one.
Moments are aware; amounts are euros. A total is the sum of its lines (never a price counted again).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

FEE = "fee"
TRAVEL = "travel"
CORRECTION = "correction"
CARRIED = "carried"  # pays what the payroll house rejected in an earlier run
LATE = "cancelled_late"
ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Line:
    """One frozen line. ``price`` is ``feetables.rules.Price`` as JSON; ``corrects_*`` name the line that is mended."""

    position: int
    kind: str
    expert_name: str
    payroll_number: str
    unit_code: str
    unit_name_fi: str
    unit_name_sv: str
    cost_centre: str
    orderer_name: str
    starts_at: datetime
    ends_at: datetime
    fee_code: str
    fee_name_fi: str
    fee_name_sv: str
    fee_table: str
    units: Decimal
    unit_name: str
    unit_price: Decimal
    amount: Decimal
    income_type: str
    posting: str = ""
    fee_table_sv: str = ""
    approver_name: str = ""
    done_starts_at: datetime | None = None
    done_ends_at: datetime | None = None
    outcome: str = ""
    rule: str = ""
    free_until: datetime | None = None
    received_at: datetime | None = None
    reason: str = ""
    price: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    corrects_run: int | None = None
    corrects_position: int | None = None
    corrects_starts_at: datetime | None = None


_SAME = tuple(name for name in Line.__dataclass_fields__ if not name.startswith("corrects_"))


def line_of(stored: Any) -> Line:
    """A line of the database as plain values. Select ``corrects__run`` with the lines."""
    values = {name: getattr(stored, name) for name in _SAME}
    if (mended := stored.corrects) is not None:
        values |= {
            "corrects_run": mended.run.number,
            "corrects_position": mended.position,
            "corrects_starts_at": mended.starts_at,
        }
    return Line(**values)


@dataclass(frozen=True, slots=True)
class RunData:
    """What all documents of a run have in common. ``month`` is the first day of the worked month."""

    number: int
    month: date
    pay_date: date
    made_at: datetime
    office: Mapping[str, str]  # the county's name by language
    part: int = 1  # 2, 3, …: a supplementary payroll file, of lines that were rejected and are sent again


@dataclass(frozen=True, slots=True)
class StatementData:
    """The statement of one expert: the ``position``-th of ``count`` in the run, in the expert's language."""

    run: RunData
    position: int
    count: int
    language: str
    expert_name: str
    payroll_number: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class UnitReportData:
    """What one unit pays: its lines of the run."""

    run: RunData
    language: str
    unit_code: str
    unit_name: str
    cost_centre: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RunSummaryData:
    """The control totals of a run. ``lists``, ``experts``, ``fees``, ``travel`` (euros, what is paid of earlier runs is
    in them) and ``lines_hash`` are those stored on the run.
    """

    run: RunData
    language: str
    made_by: str
    lists: int
    experts: int
    fees: Decimal
    travel: Decimal
    lines_hash: str
    lines: Iterable[Line]  # gone through once


def total(lines: Iterable[Line]) -> Decimal:
    """The sum of lines, in euros."""
    return sum((line.amount for line in lines), ZERO)


def of_kind(lines: Iterable[Line], kind: str) -> tuple[Line, ...]:
    """The lines of one kind, in their order."""
    return tuple(line for line in lines if line.kind == kind)


def late_sum(lines: Iterable[Line]) -> Decimal:
    """What late cancellations cost (fees only)."""
    return total(line for line in lines if line.kind == FEE and line.outcome == LATE)


@dataclass(slots=True)
class Tally:
    """Sums of lines as they pass. ``lines`` are counted as in the payroll file: a journey is a line of its own."""

    lines: int = 0
    fees: Decimal = ZERO
    travel: Decimal = ZERO
    earlier: Decimal = ZERO  # corrections, and what was rejected in an earlier run and is paid now
    total: Decimal = ZERO

    def add(self, line: Line) -> None:
        self.lines += 1
        self.total += line.amount
        if line.kind == FEE:
            self.fees += line.amount
        elif line.kind == TRAVEL:
            self.travel += line.amount
        else:
            self.earlier += line.amount


class Tallies(dict[Any, Tally]):
    """Sums by something of the lines."""

    def add(self, key: Any, line: Line) -> None:
        if key not in self:
            self[key] = Tally()
        self[key].add(line)


def sums_by(lines: Iterable[Line], name: str) -> list[tuple[str, int, Decimal]]:
    """Sum by a field, sorted by its value: (value, count of lines, sum)."""
    found = Tallies()
    for line in lines:
        found.add(str(getattr(line, name)), line)
    return sums_of(found)


def sums_of(found: Tallies) -> list[tuple[str, int, Decimal]]:
    """Sorted by what they are of: (value, count of lines, sum)."""
    return [(key, found[key].lines, found[key].total) for key in sorted(found)]
