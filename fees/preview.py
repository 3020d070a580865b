"""The look before closing a month: what a payment run would pay, what stops it, what to look at. Questions only."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from experts.models import TaxCard
from fees.board import month_lists
from fees.dates import dates_of
from fees.models import Correction, HourList, PaymentRun, Rejection
from fees.querysets import HourListQuerySet
from fees.rules import NON_WAGE_TYPES, WAGE_TYPES, first_of, month_span, unusual, year_before
from fees.run import TRAVEL, is_travel, select, select_beside, waiting_corrections, waiting_rejections
from fees.run_sums import Sums, sums_of
from fees.states import MENDABLE, ListState
from feetables.rules import ZERO, total
from office import formats


@dataclass(frozen=True)
class Notice:
    """Something to look at before closing; never an obstacle (R21)."""

    expert_id: int
    expert: str
    text: str


@dataclass(frozen=True)
class Unusual:
    """A sum that somebody looks at before it is paid: euros now, and the highest month of the last twelve."""

    expert_id: int
    expert: str
    amount: Decimal
    highest: Decimal


@dataclass(frozen=True)
class RowStop:
    """A row that cannot be paid as it is. The unit takes its approval back, or the fault is put right."""

    expert_id: int
    expert: str
    month: date
    text: str


@dataclass(frozen=True)
class NotApproved:
    """Lists of the month (or earlier) that this run would not take: they roll into the next payment (R19)."""

    state: str
    label: str
    lists: int


class LateList(NamedTuple):
    """An approved list of an earlier month: it is paid now (R19)."""

    expert: str
    unit_code: str
    month: date


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
    carried: int
    carried_sum: Decimal
    late: tuple[LateList, ...]
    warnings: tuple[Notice, ...]
    asks: tuple[Unusual, ...]
    row_stops: tuple[RowStop, ...]
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
    posting: str
    income_type: str
    travel: bool
    amount: Decimal
    rows: int


def parts(
    list_ids: Collection[int], corrections: Sequence[Correction] = (), rejections: Sequence[Rejection] = ()
) -> list[Part]:
    """What the lines of these lists, corrections and rejected lines would add up to. One query."""
    names = Part._fields[: Part._fields.index("travel")]
    asked = [*names, "kind", "amount", "session_id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(names)}, kind = 'travel', sum(amount),"  # noqa: S608 - names of ours
            " count(*) FILTER (WHERE kind = 'fee' AND session_id IS NOT NULL)"
            f" FROM ({select(asked)} UNION ALL {select_beside(asked)}) lines"
            f" GROUP BY {', '.join(names)}, kind = 'travel'",
            {"lists": list(list_ids)},
        )
        found = [Part(*row) for row in cursor.fetchall()]
    for correction in corrections:
        old = correction.corrects
        values: dict[str, Any] = {name: getattr(old, name) for name in names}
        found.append(Part(**values, travel=old.kind == TRAVEL, amount=correction.amount, rows=0))
    for rejection in rejections:
        old = rejection.line
        values = {name: getattr(old, name) for name in names}
        found.append(Part(**values, travel=is_travel(old), amount=old.amount, rows=0))
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
    rejections = waiting_rejections()
    names = ("expert__first_name", "expert__last_name", "unit__code")
    lists = list(to_be_paid(month).values_list("pk", "month", *names))
    list_ids = [pk for pk, *_rest in lists]
    found = parts(list_ids, corrections, rejections)
    pay_date = pay_date_of(month)
    stops = [text for text in [why_not(month, at)] if text]
    row_stops = rows_that_stop(list_ids)
    if row_stops:
        stops.append(_("A row cannot be paid as it is. Put it right, or have the unit take its approval back."))
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
        carried=len(rejections),
        carried_sum=total(rejection.line.amount for rejection in rejections),
        late=tuple(
            LateList(f"{first} {last}", unit, worked) for _pk, worked, first, last, unit in lists if worked < month
        ),
        warnings=tuple(_warnings(found, pay_date)),
        asks=tuple(unusual_sums(_by_expert(found), month)),
        row_stops=tuple(row_stops),
        not_approved=tuple(_not_approved(month, at)),
        stops=tuple(stops),
    )


def _sums_of_parts(found: Iterable[Part]) -> Sums:
    return sums_of(
        (
            part.unit_code, part.unit_name_fi, part.unit_name_sv, part.cost_centre, part.posting,
            part.income_type, ZERO if part.travel else part.amount, part.amount if part.travel else ZERO,
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
    for expert_id, own in of_expert.items():
        for text in (*_missing(own, cards[expert_id], year), *_odd(own)):
            yield Notice(expert_id, own[0].expert_name, text)


def _missing(own: Sequence[Part], cards: Collection[str], year: int) -> Iterable[str]:
    types = {part.income_type for part in own if part.amount > 0}
    if not all(part.payroll_number for part in own):
        yield _("no payroll number")
    if types & WAGE_TYPES and TaxCard.Kind.WAGE not in cards:
        yield _("no tax card of %(year)s for wages") % {"year": year}
    if types & NON_WAGE_TYPES and TaxCard.Kind.NON_WAGE not in cards:
        yield _("no tax card of %(year)s for non-wage compensation") % {"year": year}


def _odd(own: Sequence[Part]) -> Iterable[str]:
    if total(part.amount for part in own) < 0:
        yield _("the sum is below zero")


def _by_expert(found: Iterable[Part]) -> dict[int, tuple[str, Decimal]]:
    sums: dict[int, tuple[str, Decimal]] = {}
    for part in found:
        _name, before = sums.get(part.expert_id, ("", ZERO))
        sums[part.expert_id] = part.expert_name, before + part.amount
    return sums


#: The highest payment of each expert in the runs of some months: every run keeps its sums by expert.
HIGHEST = """
SELECT p.key, max(p.value::numeric) FROM fees_paymentrun r CROSS JOIN LATERAL jsonb_each_text(r.by_expert) p
WHERE r.month >= %s AND r.month < %s GROUP BY p.key
"""


def unusual_sums(by_expert: Mapping[int, tuple[str, Decimal]], month: date) -> list[Unusual]:
    """Sums (each expert's name and euros, by id) that are asked about (``fees.rules.unusual``), by name. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HIGHEST, [year_before(month), month])
        highest = {int(pk): paid for pk, paid in cursor.fetchall()}
    return [
        Unusual(pk, name, amount, highest[pk])
        for pk, (name, amount) in sorted(by_expert.items(), key=lambda item: (item[1][0], item[0]))
        if pk in highest and unusual(amount, [highest[pk]])
    ]


#: Outcomes that are work done: for them a contract must have held on the day (R26), as for the trigger of sessions.
WORKED = "('held', 'no_show', 'nobody_came', 'shortened_late')"

UNPRICED = """
  s.outcome = '' OR s.price IS NULL OR (s.price->>'amount')::numeric IS DISTINCT FROM s.fee
  OR ((s.travel_fee <> 0 OR s.travel_price IS NOT NULL)
      AND (s.travel_price->>'amount')::numeric IS DISTINCT FROM s.travel_fee)
"""
#: Whether anything is paid for it: also the journey of a declined fee, a month, costs beside it.
PAYS = """(s.fee > 0 OR s.travel_fee > 0
  OR EXISTS (SELECT 1 FROM fees_besideline x WHERE x.session_id = s.id AND x.amount > 0))"""
#: First the rows, then the names of the few that are found.
ROWS = f"""
SELECT f.expert_id, e.first_name || ' ' || e.last_name, l.month, f.starts_at, u.code, f.unpriced
FROM (
  SELECT s.id, s.expert_id, s.unit_id, s.starts_at, r.hour_list_id, {UNPRICED} AS unpriced
  FROM fees_hourrow r JOIN assignments_session s ON s.id = r.session_id
  WHERE r.hour_list_id = ANY (%s) AND ({UNPRICED}
    OR ({PAYS} AND s.outcome IN {WORKED} AND NOT EXISTS (
      SELECT 1 FROM experts_contract c
      WHERE c.expert_id = s.expert_id AND c.state IN ('in_force', 'ended')
        AND c.valid_from <= (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date
        AND (c.valid_to IS NULL OR (s.starts_at AT TIME ZONE 'Europe/Helsinki')::date <= c.valid_to)
        AND s.kind = ANY (c.kinds))))
  OFFSET 0) f
JOIN fees_hourlist l ON l.id = f.hour_list_id
JOIN experts_expert e ON e.id = f.expert_id
JOIN office_unit u ON u.id = f.unit_id
ORDER BY e.last_name, e.first_name, e.id, f.starts_at, f.id
LIMIT 50
"""  # noqa: S608 - words of ours


def rows_that_stop(list_ids: Collection[int]) -> list[RowStop]:
    """Rows without a price that explains their fee, or worked on a day without a contract (R26). One query."""
    language = get_language() or "fi"
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [list(list_ids)])
        found = cursor.fetchall()
    stops = []
    for expert_id, name, month, starts_at, unit, unpriced in found:
        why = _("no fee item or price") if unpriced else _("no contract in force on the day")
        stops.append(RowStop(expert_id, name, month, f"{formats.moment(starts_at, language)}, {unit}: {why}"))
    return stops
