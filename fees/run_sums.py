"""Sums of a payment run: those that it freezes with itself, and those by unit, cost centre, income type and posting."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Case, F, Sum, Value, When
from django.db.models.functions import Coalesce

from fees.models import PaymentRun, RunLine
from fees.run import IS_TRAVEL
from feetables.rules import ZERO


@dataclass(frozen=True)
class Totals:
    """What a run freezes with itself. ``rows`` are sessions, ``fees`` and ``travel`` hold their corrections.

    ``by_expert``: each expert's name and euros, by id.
    """

    lists: int
    rows: int
    fees: Decimal
    travel: Decimal
    by_expert: dict[int, tuple[str, Decimal]]

    @property
    def experts(self) -> int:
        return len(self.by_expert)

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel


#: One pass over the lines of a run, by expert; ``odd`` ones are not what their outcome and price say.
TOTALS = """
SELECT l.expert_id, max(l.expert_name),
  array_agg(DISTINCT l.hour_list_id) FILTER (WHERE l.kind = 'fee' AND l.session_id IS NOT NULL),
  count(*) FILTER (WHERE l.kind = 'fee' AND l.session_id IS NOT NULL),
  coalesce(sum(l.amount) FILTER (WHERE t.travel), 0.00), sum(l.amount),
  min(l.id) FILTER (WHERE l.session_id IS NOT NULL
    AND (l.outcome = '' OR (l.price->>'amount')::numeric IS DISTINCT FROM l.amount))
FROM fees_runline l
CROSS JOIN LATERAL (SELECT CASE l.kind WHEN 'travel' THEN TRUE
  WHEN 'correction' THEN (SELECT c.kind = 'travel' FROM fees_runline c WHERE c.id = l.corrects_id)
  WHEN 'carried' THEN (l.price->>'travel')::boolean ELSE FALSE END AS travel) t
WHERE l.run_id = %s
GROUP BY l.expert_id
"""


def stored_totals(run_id: int) -> Totals:
    """The totals of the stored lines: a total is the sum of its lines. One query.

    Raises ValueError when a line's amount is not what its outcome and stored price say: that is a fault of ours, and
    nothing must be paid by it.
    """
    lists: set[int] = set()
    rows, travelled, together = 0, ZERO, ZERO
    by_expert: dict[int, tuple[str, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, [run_id])
        for expert_id, name, own_lists, own_rows, travel, amount, odd in cursor.fetchall():
            if odd is not None:
                line = RunLine.objects.get(pk=odd)
                raise ValueError(
                    f"session {line.session_id}: {line.kind} {line.amount} is not what its outcome and price say"
                )
            lists.update(own_lists or ())
            rows += own_rows
            travelled += travel
            together += amount
            by_expert[expert_id] = (name, amount)
    return Totals(len(lists), rows, together - travelled, travelled, by_expert)


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
    """A run by unit, by cost centre, by income type, and by the three that bookkeeping enters it by: ``postings`` are
    cost centre, posting, income type and sum.
    """

    units: tuple[UnitSum, ...]
    cost_centres: tuple[tuple[str, Decimal], ...]
    income_types: tuple[tuple[str, Decimal], ...]
    postings: tuple[tuple[str, str, str, Decimal], ...]


def sums_of_run(run: PaymentRun) -> Sums:
    """Sums of the stored lines, by the database."""
    zero = Value(Decimal(0))
    rows = (
        run.lines.order_by()
        .values_list("unit_code", "unit_name_fi", "unit_name_sv", "cost_centre", "posting", "income_type")
        .annotate(
            fees=Coalesce(Sum(Case(When(IS_TRAVEL, then=zero), default=F("amount"))), zero),
            travelled=Coalesce(Sum(Case(When(IS_TRAVEL, then=F("amount")), default=zero)), zero),
        )
    )
    return sums_of(rows)


def sums_of(rows: Iterable[tuple[str, str, str, str, str, str, Decimal, Decimal]]) -> Sums:
    """Rows of unit (code, names, cost centre), posting, income type, fees and travel, added up."""
    units: dict[tuple[str, str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    centres: dict[str, Decimal] = defaultdict(lambda: ZERO)
    types: dict[str, Decimal] = defaultdict(lambda: ZERO)
    postings: dict[tuple[str, str, str], Decimal] = defaultdict(lambda: ZERO)
    for code, name_fi, name_sv, centre, posting, income_type, fees, travel in rows:
        unit = units[code, name_fi, name_sv, centre]
        unit[0] += fees
        unit[1] += travel
        centres[centre] += fees + travel
        types[income_type] += fees + travel
        postings[centre, posting, income_type] += fees + travel
    return Sums(
        tuple(UnitSum(*unit, fees, travel) for unit, (fees, travel) in sorted(units.items())),
        tuple(sorted(centres.items())),
        tuple(sorted(types.items())),
        tuple((*key, postings[key]) for key in sorted(postings)),
    )
