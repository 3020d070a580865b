"""The building of a payment run: frozen lines from approved lists and waiting corrections, and their sums.

Everything that a document will ever print is copied onto the line (R23, D4 of the lessons). Ten thousand lines are
one query, one loop and one COPY: no query for a row, no model instance for a line.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, F, Q, Sum, TextField, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from assignments.states import SessionState
from experts.models import Expert, TaxCard
from fees.dates import dates_of
from fees.models import Correction, HourList, HourRow, PaymentRun, RunLine
from fees.querysets import HourListQuerySet
from fees.rules import NON_WAGE_TYPES, WAGE_TYPES, first_of, month_span
from fees.states import ListState
from feetables.models import FeeItem, FeeTable
from feetables.rules import ZERO, total
from office.models import Unit, User

FEE, TRAVEL, CORRECTION = RunLine.Kind.FEE.value, RunLine.Kind.TRAVEL.value, RunLine.Kind.CORRECTION.value


class Line(NamedTuple):
    """A frozen line before it is stored: the columns of RunLine in this order, without the key and the run.

    ``price`` is JSON text as PostgreSQL writes it, so that it reads the same when it is read again.
    """

    position: int
    kind: str
    hour_list_id: int | None
    session_id: int | None
    corrects_id: int | None
    expert_id: int
    expert_name: str
    expert_language: str
    payroll_number: str
    unit_id: int
    unit_code: str
    unit_name_fi: str
    unit_name_sv: str
    cost_centre: str
    orderer_name: str
    approver_name: str
    work_kind: str
    starts_at: datetime
    ends_at: datetime
    done_starts_at: datetime | None
    done_ends_at: datetime | None
    outcome: str
    rule: str
    free_until: datetime | None
    received_at: datetime | None
    fee_code: str
    fee_name_fi: str
    fee_name_sv: str
    fee_table: str
    units: Decimal
    unit_name: str
    unit_price: Decimal
    amount: Decimal
    income_type: str
    price: str
    reason: str


#: Which lines count as travel: also a correction of a travel line.
IS_TRAVEL = Q(kind=TRAVEL) | Q(kind=CORRECTION, corrects__kind=TRAVEL)


@dataclass(frozen=True)
class Built:
    """Lines of a run to be, and which of them are travel (a correction belongs to what it corrects)."""

    lines: tuple[Line, ...]
    travel_positions: frozenset[int]
    lists: int
    rows: int
    corrections: tuple[Correction, ...] = ()

    @property
    def experts(self) -> int:
        return len({line.expert_id for line in self.lines})

    @property
    def fees(self) -> Decimal:
        return total(line.amount for line in self.lines if line.position not in self.travel_positions)

    @property
    def travel(self) -> Decimal:
        return total(line.amount for line in self.lines if line.position in self.travel_positions)


# --- building --------------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """A row of a list with what its session says, in the order of ``_PATHS``."""

    hour_list_id: int
    approver_id: int | None
    session_id: int
    expert_id: int
    orderer_id: int
    state: str
    unit_id: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    done_starts_at: datetime | None
    done_ends_at: datetime | None
    outcome: str
    rule: str
    free_until: datetime | None
    received_at: datetime | None
    fee: Decimal
    fee_item_id: int | None
    price: str | None
    travel_fee: Decimal
    travel_item_id: int | None
    travel_price: str | None


_PATHS = {
    "hour_list_id": "hour_list_id",
    "approver_id": "hour_list__approved_by_id",
    "session_id": "session_id",
    "orderer_id": "session__order__orderer_id",
    "price": "price_text",
    "travel_price": "travel_text",
}


def table_reference(table: FeeTable) -> str:
    """Name and decision of a table as a document names it: ``Palkkiotaulukko 2026, Aluehallitus 12.12.2025 § 12``."""
    day = table.decided_on
    decided = " ".join(filter(None, [table.decided_by, f"{day.day}.{day.month}.{day.year}" if day else ""]))
    decided = " ".join(filter(None, [decided, table.section]))
    return ", ".join(filter(None, [table.name, decided, table.diary_number]))[:300]


class _Prices:
    """Names of the fee items by the code that priced the work: of several brackets the one that fitted."""

    def __init__(self, item_ids: Collection[int]) -> None:
        tables = FeeItem.objects.filter(pk__in=item_ids).values("table")
        self._of_item: dict[int, FeeTable] = {}
        self._items: dict[tuple[int, str], FeeItem] = {}
        for item in FeeItem.objects.filter(table__in=tables).select_related("table").order_by("id"):
            self._of_item[item.pk] = item.table
            self._items[item.table_id, item.code] = item
        self._references = {table.pk: table_reference(table) for table in self._of_item.values()}

    def names(self, item_id: int | None, code: str) -> tuple[str, str, str]:
        """Name in Finnish, name in Swedish, table. The code itself where no item is known."""
        table = self._of_item.get(item_id or 0)
        if table is None:
            return code, code, ""
        item = self._items.get((table.pk, code))
        reference = self._references[table.pk]
        return (item.name_fi, item.name_sv, reference) if item else (code, code, reference)


def build(list_ids: Collection[int], corrections: Sequence[Correction] = ()) -> Built:
    """The lines of these lists in the order of names, units and times; corrections last. A handful of queries.

    Raises ValueError when a row's stored fee is not what its stored price says: that is a fault of ours, and nothing
    must be paid by it.
    """
    rows = _rows(list_ids)
    experts = {expert.pk: expert for expert in Expert.objects.filter(pk__in={row.expert_id for row in rows})}
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in={row.unit_id for row in rows})}
    people_ids = {row.approver_id for row in rows if row.approver_id} | {row.orderer_id for row in rows}
    people = {user.pk: str(user) for user in User.objects.filter(pk__in=people_ids)}
    prices = _Prices({pk for row in rows for pk in (row.fee_item_id, row.travel_item_id) if pk})
    lines: list[Line] = []
    travel_positions: set[int] = set()
    for row in rows:
        expert, unit = experts[row.expert_id], units[row.unit_id]
        for kind, amount, item_id, text in (
            (FEE, row.fee, row.fee_item_id, row.price),
            (TRAVEL, row.travel_fee, row.travel_item_id, row.travel_price),
        ):
            if kind == TRAVEL and text is None and not amount:
                continue
            price: dict[str, Any] = json.loads(text or "{}")
            if row.state != SessionState.CLOSED or not price or Decimal(price["amount"]) != amount:
                raise ValueError(f"session {row.session_id}: {kind} {amount} is not what its outcome and price say")
            position = len(lines) + 1
            if kind == TRAVEL:
                travel_positions.add(position)
            line = Line(
                position, kind, row.hour_list_id, row.session_id, None, row.expert_id, str(expert), expert.language,
                expert.payroll_number or "", row.unit_id, unit.code, unit.name_fi, unit.name_sv, unit.cost_centre,
                people[row.orderer_id], people.get(row.approver_id or 0, ""), row.kind, row.starts_at, row.ends_at,
                row.done_starts_at, row.done_ends_at, row.outcome, row.rule, row.free_until, row.received_at,
                price["code"], *prices.names(item_id, price["code"]), Decimal(price["units"]), price["unit"],
                Decimal(price["unit_price"]), amount, price["income_type"], text or "", "",
            )  # fmt: skip
            lines.append(line)
    for correction in corrections:
        lines.append(_correcting(correction, len(lines) + 1))
        if correction.corrects.kind == TRAVEL:
            travel_positions.add(len(lines))
    lists = len({row.hour_list_id for row in rows})
    return Built(tuple(lines), frozenset(travel_positions), lists, len(rows), tuple(corrections))


def _rows(list_ids: Collection[int]) -> list[_Row]:
    stored = (
        HourRow.objects.filter(hour_list__in=list_ids)
        .annotate(
            price_text=Cast("session__price", TextField()), travel_text=Cast("session__travel_price", TextField())
        )
        .order_by(
            "session__expert__last_name",
            "session__expert__first_name",
            "session__expert_id",
            "session__unit__code",
            "session__starts_at",
            "session_id",
        )
        .values_list(*(_PATHS.get(name, f"session__{name}") for name in _Row._fields))
    )
    return [_Row(*row) for row in stored]


def _correcting(correction: Correction, position: int) -> Line:
    """A plus or minus line: payee, unit and item are those of the corrected line, as they were (R23, M17)."""
    old = correction.corrects
    price = {"amount": str(correction.amount), "corrects": {"run": old.run.number, "position": old.position}}
    return Line(
        position, CORRECTION, old.hour_list_id, old.session_id, old.pk, old.expert_id, old.expert_name,
        old.expert_language, old.payroll_number, old.unit_id, old.unit_code, old.unit_name_fi, old.unit_name_sv,
        old.cost_centre, old.orderer_name, str(correction.made_by), old.work_kind, old.starts_at, old.ends_at,
        old.done_starts_at, old.done_ends_at, old.outcome, old.rule, old.free_until, old.received_at, old.fee_code,
        old.fee_name_fi, old.fee_name_sv, old.fee_table, Decimal(1), "correction", correction.amount,
        correction.amount, old.income_type, json.dumps(price), correction.reason,
    )  # fmt: skip


def waiting_corrections() -> list[Correction]:
    """Corrections that no run has taken, oldest first."""
    waiting = Correction.objects.filter(line__isnull=True).select_related("corrects__run", "made_by")
    return list(waiting.order_by("id"))


def store(run: PaymentRun, lines: Iterable[Line]) -> None:
    """Writes the lines of a run by COPY."""
    columns = ", ".join(("run_id", *Line._fields))
    with connection.cursor() as cursor, cursor.copy(f"COPY fees_runline ({columns}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row((run.pk, *line))


# --- the hash --------------------------------------------------------------------------------------------------------


def _canonical(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, Decimal):
        return f"{value:.8f}"
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


def lines_hash(lines: Iterable[Line]) -> str:
    """SHA-256 over every column of every line but ``price``, tab between columns and a line feed after each line.

    Moments are UTC in ISO form, numbers have eight decimals, nothing is an empty text. The explanation (``price``)
    follows from what was agreed and is kept for reading; the amounts, names and rules are what the hash holds fast.
    """
    digest = hashlib.sha256()
    for line in lines:
        digest.update(("\t".join(map(_canonical, line._replace(price=""))) + "\n").encode())
    return digest.hexdigest()


def stored_hash(run: PaymentRun) -> str:
    """The hash of the lines as they are in the database: to be compared with ``run.lines_hash``."""
    columns = [name for name in Line._fields if name != "price"]
    stored = RunLine.objects.filter(run=run).order_by("position").values_list(*columns)
    return lines_hash(Line(**dict(zip(columns, row, strict=True)), price="") for row in stored)


# --- sums of a run ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class UnitSum:
    """What a unit pays."""

    code: str
    name_fi: str
    name_sv: str
    cost_centre: str
    fees: Decimal
    travel: Decimal

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel


@dataclass(frozen=True)
class Sums:
    """A run by unit, by cost centre and by income type."""

    units: tuple[UnitSum, ...]
    cost_centres: tuple[tuple[str, Decimal], ...]
    income_types: tuple[tuple[str, Decimal], ...]


def sums_of_lines(built: Built) -> Sums:
    """Sums of lines that are not stored yet."""
    parts: dict[tuple[str, str, str, str, str], dict[bool, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for line in built.lines:
        key = (line.unit_code, line.unit_name_fi, line.unit_name_sv, line.cost_centre, line.income_type)
        parts[key][line.position in built.travel_positions] += line.amount
    return _sums((*key, amounts[False], amounts[True]) for key, amounts in parts.items())


def sums_of_run(run: PaymentRun) -> Sums:
    """Sums of the stored lines, by the database."""
    zero = Value(Decimal(0))
    rows = (
        run.lines.order_by()
        .values_list("unit_code", "unit_name_fi", "unit_name_sv", "cost_centre", "income_type")
        .annotate(
            fees=Coalesce(Sum(Case(When(IS_TRAVEL, then=zero), default=F("amount"))), zero),
            travelled=Coalesce(Sum(Case(When(IS_TRAVEL, then=F("amount")), default=zero)), zero),
        )
    )
    return _sums(rows)


def _sums(rows: Iterable[tuple[str, str, str, str, str, Decimal, Decimal]]) -> Sums:
    units: dict[tuple[str, str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    centres: dict[str, Decimal] = defaultdict(lambda: ZERO)
    types: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for code, name_fi, name_sv, centre, income_type, fees, travel in rows:
        unit = units[code, name_fi, name_sv, centre]
        unit[0] += fees
        unit[1] += travel
        centres[centre] += fees + travel
        types[income_type] += fees + travel
    return Sums(
        tuple(UnitSum(*unit, fees, travel) for unit, (fees, travel) in sorted(units.items())),
        tuple(sorted(centres.items())),
        tuple(sorted(types.items())),
    )


# --- the look before closing -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Notice:
    """Something to look at before closing; never an obstacle (R21)."""

    expert_id: int
    expert: str
    text: str


@dataclass(frozen=True)
class NotApproved:
    """Lists of the month (or earlier) that this run would not take: they roll into the next payment (R19)."""

    state: str
    label: str
    lists: int


@dataclass(frozen=True)
class RunPreview:
    """What closing the month now would pay. ``stops`` say why it cannot be closed; empty when it can."""

    month: date
    pay_date: date
    lists: int
    rows: int
    experts: int
    fees: Decimal
    travel: Decimal
    corrections: int
    corrected: Decimal
    sums: Sums
    warnings: tuple[Notice, ...]
    not_approved: tuple[NotApproved, ...]
    stops: tuple[str, ...]

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel


def pay_date_of(month: date) -> date:
    """R20: when the month's work is paid, by the policy that holds in the month of the payment."""
    return dates_of(month).pay


def why_not(month: date, at: datetime) -> str:
    """Why the month cannot be closed at all at this moment; empty when it can."""
    closed = PaymentRun.objects.filter(month=month).values_list("number", flat=True).first()
    if closed is not None:
        return _("%(month)s has been closed already: payment run %(number)s.") % {
            "month": f"{month.month}/{month.year}",
            "number": closed,
        }
    if at < month_span(month)[1]:
        return _("%(month)s is not over yet.") % {"month": f"{month.month}/{month.year}"}
    return ""


def to_be_paid(month: date) -> HourListQuerySet:
    """Approved lists of the month and of earlier ones that came late (R19)."""
    return HourList.objects.filter(state=ListState.APPROVED, month__lte=month)


def preview_run(month: date, *, at: datetime) -> RunPreview:
    """What ``make_run`` would pay now, from the very same lines. Changes nothing (M10)."""
    month = first_of(month)
    corrections = waiting_corrections()
    built = build(list(to_be_paid(month).values_list("pk", flat=True)), corrections)
    pay_date = pay_date_of(month)
    stops = [text for text in [why_not(month, at)] if text]
    if not built.lines:
        stops.append(_("Nothing has been approved for payment."))
    return RunPreview(
        month=month,
        pay_date=pay_date,
        lists=built.lists,
        rows=built.rows,
        experts=built.experts,
        fees=built.fees,
        travel=built.travel,
        corrections=len(corrections),
        corrected=total(correction.amount for correction in corrections),
        sums=sums_of_lines(built),
        warnings=tuple(_warnings(built, pay_date)),
        not_approved=tuple(_not_approved(month)),
        stops=tuple(stops),
    )


def _not_approved(month: date) -> Iterable[NotApproved]:
    waiting = (
        HourList.objects.filter(month__lte=month, state__in=[ListState.OPEN, ListState.AT_UNIT, ListState.RETURNED])
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    found = dict(waiting)
    for state in (ListState.OPEN, ListState.AT_UNIT, ListState.RETURNED):
        if found.get(state):
            yield NotApproved(state.value, str(state.label), found[state])


def _warnings(built: Built, pay_date: date) -> Iterable[Notice]:
    """Missing payroll number, missing tax card of the pay year (R21), an unusual sum, a sum below zero."""
    of_expert: dict[int, list[Line]] = defaultdict(list)
    for line in built.lines:
        of_expert[line.expert_id].append(line)
    year = pay_date.year
    cards: dict[int, set[str]] = defaultdict(set)
    delivered = TaxCard.objects.filter(expert__in=of_expert, year=year, delivered_on__isnull=False)
    for expert_id, kind in delivered.values_list("expert_id", "kind"):
        cards[expert_id].add(kind)
    usual = _usual(of_expert)
    for expert_id, lines in of_expert.items():
        for text in (*_missing(lines, cards[expert_id], year), *_odd(lines, usual.get(expert_id))):
            yield Notice(expert_id, lines[0].expert_name, text)


def _missing(lines: Sequence[Line], cards: Collection[str], year: int) -> Iterable[str]:
    types = {line.income_type for line in lines if line.amount > 0}
    if not all(line.payroll_number for line in lines):
        yield _("no payroll number")
    if types & WAGE_TYPES and TaxCard.Kind.WAGE not in cards:
        yield _("no tax card of %(year)s for wages") % {"year": year}
    if types & NON_WAGE_TYPES and TaxCard.Kind.NON_WAGE not in cards:
        yield _("no tax card of %(year)s for non-wage compensation") % {"year": year}


def _odd(lines: Sequence[Line], usual: Decimal | None) -> Iterable[str]:
    paid = total(line.amount for line in lines)
    if paid < 0:
        yield _("the sum is below zero")
    elif usual is not None and paid > 2 * usual + 100:
        yield _("more than twice the usual sum")


def _usual(expert_ids: Collection[int]) -> dict[int, Decimal]:
    """The mean of what the experts were paid in earlier runs."""
    earlier = (
        RunLine.objects.filter(expert__in=expert_ids)
        .order_by()
        .values_list("expert_id")
        .annotate(paid=Sum("amount"), runs=Count("run", distinct=True))
    )
    return {pk: paid / runs for pk, paid, runs in earlier}
