"""The building of a payment run: frozen lines from approved lists and waiting corrections, and their sums.

Everything that a document will ever print is copied onto the line (R23, D4 of the lessons). What a session pays stands
on it since its outcome was marked; nothing is counted here but sums. So the database copies by itself: ten thousand
lines are one statement, no row of them comes to Python.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from experts.models import TaxCard
from fees.board import month_lists
from fees.dates import dates_of
from fees.models import Correction, HourList, PaymentRun, RunLine
from fees.querysets import HourListQuerySet
from fees.rules import NON_WAGE_TYPES, WAGE_TYPES, first_of, month_span
from fees.states import MENDABLE, ListState
from feetables.rules import ZERO, total

FEE, TRAVEL, CORRECTION = RunLine.Kind.FEE.value, RunLine.Kind.TRAVEL.value, RunLine.Kind.CORRECTION.value

#: Which lines count as travel: also a correction of a travel line.
IS_TRAVEL = Q(kind=TRAVEL) | Q(kind=CORRECTION, corrects__kind=TRAVEL)

# --- what a line copies, and from where ------------------------------------------------------------------------------

#: The fee table as documents name it: Palkkiotaulukko 2026, Aluehallitus 12.12.2025 § 12, EX/1/2026
FEE_TABLE = """left(concat_ws(', ', nullif(t.name, ''), nullif(concat_ws(' ', nullif(t.decided_by, ''),
  to_char(t.decided_on, 'FMDD.FMMM.YYYY'), nullif(t.section, '')), ''), nullif(t.diary_number, '')), 300)"""

#: Every column of a fee or travel line but its key and run. The position counts by names, units and times.
COLUMNS = {
    "position": """row_number() OVER (ORDER BY e.last_name, e.first_name, e.id, u.code, s.starts_at, s.id, p.kind)""",
    "kind": "p.kind",
    "hour_list_id": "r.hour_list_id",
    "session_id": "s.id",
    "corrects_id": "NULL::bigint",
    "expert_id": "e.id",
    "expert_name": "e.first_name || ' ' || e.last_name",
    "expert_language": "e.language",
    "payroll_number": "coalesce(e.payroll_number, '')",
    "unit_id": "u.id",
    "unit_code": "u.code",
    "unit_name_fi": "u.name_fi",
    "unit_name_sv": "u.name_sv",
    "cost_centre": "u.cost_centre",
    "orderer_name": "orderer.first_name || ' ' || orderer.last_name",
    "approver_name": "coalesce(approver.first_name || ' ' || approver.last_name, '')",
    "work_kind": "s.kind",
    "starts_at": "s.starts_at",
    "ends_at": "s.ends_at",
    "done_starts_at": "s.done_starts_at",
    "done_ends_at": "s.done_ends_at",
    "outcome": "s.outcome",
    "rule": "s.rule",
    "free_until": "s.free_until",
    "received_at": "s.received_at",
    "fee_code": "p.price->>'code'",
    # Of several duration brackets the one that priced the work names it: found by its code in the agreed item's table.
    "fee_name_fi": "coalesce(i.name_fi, p.price->>'code')",
    "fee_name_sv": "coalesce(i.name_sv, p.price->>'code')",
    "fee_table": FEE_TABLE,
    "units": "(p.price->>'units')::numeric",
    "unit_name": "p.price->>'unit'",
    "unit_price": "(p.price->>'unit_price')::numeric",
    "amount": "p.amount",
    "income_type": "p.price->>'income_type'",
    "price": "p.price",
    "reason": "CASE WHEN p.kind = 'fee' THEN coalesce(s.override_reason, '') ELSE '' END",
}

#: Each row of the lists gives a fee, also of 0,00 €, and a journey where one is paid.
SOURCE = """
FROM fees_hourrow r
JOIN fees_hourlist l ON l.id = r.hour_list_id
JOIN assignments_session s ON s.id = r.session_id
JOIN assignments_order o ON o.id = s.order_id
JOIN experts_expert e ON e.id = s.expert_id
JOIN office_unit u ON u.id = s.unit_id
JOIN office_user orderer ON orderer.id = o.orderer_id
LEFT JOIN office_user approver ON approver.id = l.approved_by_id
CROSS JOIN LATERAL (VALUES
  ('fee', s.fee, s.price, s.fee_item_id),
  ('travel', s.travel_fee, s.travel_price, s.travel_item_id)) p (kind, amount, price, item_id)
LEFT JOIN feetables_feeitem agreed ON agreed.id = p.item_id
LEFT JOIN feetables_feetable t ON t.id = agreed.table_id
LEFT JOIN feetables_feeitem i ON i.table_id = t.id AND i.code = p.price->>'code'
WHERE r.hour_list_id = ANY (%(lists)s) AND (p.kind = 'fee' OR p.price IS NOT NULL OR p.amount <> 0)
"""


def _select(columns: Iterable[str]) -> str:
    return "SELECT " + ", ".join(f"{COLUMNS[name]} AS {name}" for name in columns) + SOURCE


def store(run_id: int, list_ids: Collection[int], corrections: Sequence[Correction] = ()) -> None:
    """Writes the lines of a run: those of the lists, then the corrections. The run itself may come after them.

    Raises ValueError when a session's stored fee is not what its outcome and stored price say: that is a fault of ours,
    and nothing must be paid by it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # ten thousand lines are sorted in memory, not on disk
        cursor.execute(
            f"INSERT INTO fees_runline (run_id, {', '.join(COLUMNS)})"  # noqa: S608 - names of ours
            f" SELECT %(run)s, lines.* FROM ({_select(COLUMNS)}) lines",
            {"lists": list(list_ids), "run": run_id},
        )
        stored = cursor.rowcount
        cursor.execute(
            "SELECT session_id, kind, amount FROM fees_runline WHERE run_id = %s"
            " AND (outcome = '' OR (price->>'amount')::numeric IS DISTINCT FROM amount) LIMIT 1",
            [run_id],
        )
        for session_id, kind, amount in cursor.fetchall():
            raise ValueError(f"session {session_id}: {kind} {amount} is not what its outcome and price say")
    _store_corrections(run_id, corrections, after=stored)


def _store_corrections(run_id: int, corrections: Sequence[Correction], *, after: int) -> None:
    """Plus and minus lines: payee, unit and item are those of the corrected line, as they were (R23, M17).

    Each correction names the line that it became, so that no other run takes it.
    """
    made = []
    for position, correction in enumerate(corrections, after + 1):
        old = correction.corrects
        values = {name: getattr(old, name) for name in COLUMNS}
        values |= {
            "position": position,
            "kind": CORRECTION,
            "corrects_id": old.pk,
            "approver_name": str(correction.made_by),
            "units": Decimal(1),
            "unit_name": "correction",
            "unit_price": correction.amount,
            "amount": correction.amount,
            "price": {"amount": str(correction.amount)},
            "reason": correction.reason,
        }
        made.append(RunLine(run_id=run_id, **values))
    for correction, line in zip(corrections, RunLine.objects.bulk_create(made), strict=True):
        correction.line = line
        correction.save(update_fields=["line"])


def waiting_corrections() -> list[Correction]:
    """Corrections that no run has taken, oldest first."""
    waiting = Correction.objects.filter(line__isnull=True).select_related("corrects__run", "made_by")
    return list(waiting.order_by("id"))


def next_run_id() -> int:
    """The key of the run to be: its lines come first, their sums and hash are frozen with it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('fees_paymentrun', 'id'))")
        return int(cursor.fetchone()[0])


def stored_hash(run_id: int) -> str:
    """SHA-256 over the lines of a run as they are in the database: to be compared with ``run.lines_hash``.

    Over what PostgreSQL's COPY writes of every column (``COLUMNS``) in the order of positions, moments in UTC: an
    auditor gets the same from ``psql`` and ``sha256sum`` (docs/payroll-format.md).
    """
    lines = f"SELECT {', '.join(COLUMNS)} FROM fees_runline WHERE run_id = {int(run_id)} ORDER BY position"  # noqa: S608 - ours
    digest = hashlib.sha256()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({lines}) TO STDOUT") as written:
        for some in written:
            digest.update(some)
    return digest.hexdigest()


# --- sums of a run ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Totals:
    """What a run freezes with itself. ``rows`` are sessions, ``fees`` and ``travel`` hold their corrections."""

    lists: int
    rows: int
    experts: int
    fees: Decimal
    travel: Decimal

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel


def stored_totals(run_id: int) -> Totals:
    """The totals of the stored lines: a total is the sum of its lines."""
    rows = Q(kind=FEE)
    found = RunLine.objects.filter(run_id=run_id).aggregate(
        lists=Count("hour_list", distinct=True, filter=rows),
        rows=Count("pk", filter=rows),
        experts=Count("expert", distinct=True),
        fees=Coalesce(Sum("amount", filter=~IS_TRAVEL), ZERO),
        travel=Coalesce(Sum("amount", filter=IS_TRAVEL), ZERO),
    )
    return Totals(**found)


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


class Part(NamedTuple):
    """What an expert gets from a unit under an income type: the grain of the look before closing."""

    expert_id: int
    expert_name: str
    payroll_number: str
    unit_code: str
    unit_name_fi: str
    unit_name_sv: str
    cost_centre: str
    income_type: str
    travel: bool
    amount: Decimal
    rows: int


def parts(list_ids: Collection[int], corrections: Sequence[Correction] = ()) -> list[Part]:
    """What the lines of these lists and corrections would add up to. One query."""
    names = Part._fields[: Part._fields.index("travel")]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)}, kind = 'travel', sum(amount),"  # noqa: S608 - names of ours
            " count(*) FILTER (WHERE kind = 'fee')"
            f" FROM ({_select([*names, 'kind', 'amount'])}) lines"
            f" GROUP BY {', '.join(names)}, kind = 'travel'",
            {"lists": list(list_ids)},
        )
        found = [Part(*row) for row in cursor.fetchall()]
    for correction in corrections:
        old = correction.corrects
        values: dict[str, Any] = {name: getattr(old, name) for name in names}
        found.append(Part(**values, travel=old.kind == TRAVEL, amount=correction.amount, rows=0))
    return found


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
    """What ``make_run`` would pay now, by the same question to the database. Changes nothing (M10)."""
    month = first_of(month)
    corrections = waiting_corrections()
    list_ids = list(to_be_paid(month).values_list("pk", flat=True))
    found = parts(list_ids, corrections)
    pay_date = pay_date_of(month)
    stops = [text for text in [why_not(month, at)] if text]
    if not found:
        stops.append(_("Nothing has been approved for payment."))
    return RunPreview(
        month=month,
        pay_date=pay_date,
        lists=len(list_ids),
        rows=sum(part.rows for part in found),
        experts=len({part.expert_id for part in found}),
        fees=total(part.amount for part in found if not part.travel),
        travel=total(part.amount for part in found if part.travel),
        corrections=len(corrections),
        corrected=total(correction.amount for correction in corrections),
        sums=_sums_of_parts(found),
        warnings=tuple(_warnings(found, pay_date)),
        not_approved=tuple(_not_approved(month, at)),
        stops=tuple(stops),
    )


def _sums_of_parts(found: Iterable[Part]) -> Sums:
    return _sums(
        (
            part.unit_code, part.unit_name_fi, part.unit_name_sv, part.cost_centre, part.income_type,
            ZERO if part.travel else part.amount, part.amount if part.travel else ZERO,
        )
        for part in found
    )  # fmt: skip


def _not_approved(month: date, at: datetime) -> Iterable[NotApproved]:
    """Lists of the month, also those nobody has sent, and earlier ones that came late."""
    earlier = HourList.objects.filter(month__lt=month, state__in=MENDABLE).order_by().values_list("state", flat=True)
    found = Counter([*(line.state for line in month_lists(month, at=at)), *earlier])
    for state in MENDABLE:
        if found[state.value]:
            yield NotApproved(state.value, str(state.label), found[state.value])


def _warnings(found: Iterable[Part], pay_date: date) -> Iterable[Notice]:
    """Missing payroll number, missing tax card of the pay year (R21), an unusual sum, a sum below zero. By name."""
    of_expert: dict[int, list[Part]] = defaultdict(list)
    for part in sorted(found, key=lambda part: (part.expert_name, part.expert_id)):
        of_expert[part.expert_id].append(part)
    year = pay_date.year
    cards: dict[int, set[str]] = defaultdict(set)
    delivered = TaxCard.objects.filter(expert__in=of_expert, year=year, delivered_on__isnull=False)
    for expert_id, kind in delivered.values_list("expert_id", "kind"):
        cards[expert_id].add(kind)
    usual = _usual(of_expert)
    for expert_id, own in of_expert.items():
        for text in (*_missing(own, cards[expert_id], year), *_odd(own, usual.get(expert_id))):
            yield Notice(expert_id, own[0].expert_name, text)


def _missing(own: Sequence[Part], cards: Collection[str], year: int) -> Iterable[str]:
    types = {part.income_type for part in own if part.amount > 0}
    if not all(part.payroll_number for part in own):
        yield _("no payroll number")
    if types & WAGE_TYPES and TaxCard.Kind.WAGE not in cards:
        yield _("no tax card of %(year)s for wages") % {"year": year}
    if types & NON_WAGE_TYPES and TaxCard.Kind.NON_WAGE not in cards:
        yield _("no tax card of %(year)s for non-wage compensation") % {"year": year}


def _odd(own: Sequence[Part], usual: Decimal | None) -> Iterable[str]:
    paid = total(part.amount for part in own)
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
