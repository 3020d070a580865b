"""An expert's month as the page shows it (questions only)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from assignments import texts
from assignments.actions import may_have_costs
from assignments.models import Session
from assignments.states import Outcome
from experts.models import Expert
from fees.beside import of_lists, total_of
from fees.check import added_of, changed_from
from fees.drafts import drafts_of, seen_of
from fees.models import AddedRow, BesideLine, CorrectionRequest, HourList, HourRow, RowDraft, RunDocument
from fees.rules import first_of, month_before, month_span
from fees.states import MENDABLE, ListState
from fees.writing import units_to_write
from feetables.rules import ZERO
from office.models import User
from office.workdays import local_date, next_month

#: States in which a list is the expert's to mend.
WITH_EXPERT = (ListState.OPEN, ListState.RETURNED)


@dataclass(frozen=True)
class Row:
    """A session of the month: what it is, what was marked, what it pays and why, and whether the expert may mark it."""

    session: Session
    hour_list: HourList | None
    returned: str
    begun: bool
    can_mark: bool
    marked_by_other: str
    receipts: int = 0
    draft: RowDraft | None = None
    asked: CorrectionRequest | None = None
    changed_from: str = ""

    @property
    def seen(self) -> str:
        """What a window that shows the row has seen of it."""
        return seen_of(self.session, self.draft)

    @property
    def added(self) -> AddedRow | None:
        return added_of(self.session)

    @property
    def costs(self) -> bool:
        """Whether receipts are paid for this time."""
        return may_have_costs(self.session)

    @property
    def locked(self) -> bool:
        """Approved by the unit: nothing of it changes any more."""
        return self.hour_list is not None and self.hour_list.state not in MENDABLE

    @property
    def may_ask(self) -> bool:
        """Whether a correction may be asked for: approved, and none waits for an answer."""
        return self.locked and (self.asked is None or self.asked.state != "open")

    @property
    def to_mark(self) -> bool:
        """Begun, and nothing said yet."""
        return self.begun and self.session.state == "agreed"

    @property
    def moved(self) -> bool:
        return self.session.outcome == Outcome.MOVED

    @property
    def what_happened(self) -> str:
        return texts.describe_outcome(self.session) if self.session.outcome else ""

    @property
    def why(self) -> list[str]:
        """Why each euro: the price, the travel, the rule."""
        told = [
            texts.describe_price(self.session.price),
            texts.describe_price(self.session.travel_price),
            texts.describe_rule(self.session.rule),
        ]
        return [text for text in told if text]

    @property
    def total(self) -> Decimal:
        return self.session.fee + self.session.travel_fee


@dataclass(frozen=True)
class Month:
    """The whole month of one expert."""

    month: date
    rows: list[Row]
    lists: list[HourList]
    beside: list[BesideLine] = field(default_factory=list)

    @property
    def counted(self) -> list[Row]:
        return [row for row in self.rows if not row.moved]

    @property
    def fees(self) -> Decimal:
        return sum((row.session.fee for row in self.counted), total_of(self.beside))

    @property
    def travel(self) -> Decimal:
        return sum((row.session.travel_fee for row in self.counted), ZERO)

    @property
    def to_mark(self) -> int:
        return sum(row.to_mark for row in self.rows)

    @property
    def ahead(self) -> int:
        return sum(not row.begun and row.session.state == "agreed" for row in self.rows)

    @property
    def unsent(self) -> int:
        """Rows that have not left: without a list, or on one that is with the expert."""
        return sum(row.hour_list is None or row.hour_list.state in WITH_EXPERT for row in self.counted)

    @property
    def statements(self) -> list[tuple[int, int]]:
        """Number of the payment, id of the statement in it."""
        found = {(list_.run.number, list_.statement) for list_ in self.lists if list_.run and list_.statement}  # type: ignore[attr-defined]
        return sorted(found)

    @property
    def can_send(self) -> bool:
        return bool(self.unsent) and not self.to_mark and not self.ahead


def month_of_expert(expert: Expert, month: date, *, by: User, at: datetime) -> Month:
    """The sessions of the month in order of time, with the lists they are on. Two queries, and one each for what is
    seldom there: typed and not saved, asked to be corrected, paid beside the sessions.

    Only those whose hours ``by`` writes: a named employee sees the own unit's.
    """
    month = first_of(month)
    units = units_to_write(expert, by)
    in_units = Q() if units is None else Q(unit__in=units)
    sessions = list(
        Session.objects.filter(in_units, expert=expert, state__in=["agreed", "closed"])
        .between(*month_span(month))
        .select_related("unit", "order__orderer", "recorded_by", "fee_item", "added__ordered_by", "hour_row__hour_list")
        .annotate(
            receipts_kept=Count("receipt_files"),
            is_typed=Exists(RowDraft.objects.filter(session=OuterRef("pk"), written_by=by)),
            is_asked=Exists(CorrectionRequest.objects.filter(session=OuterRef("pk"))),
        )
        .order_by("starts_at", "id")
    )
    for session in sessions:
        session.expert = expert
    drafts = drafts_of([session for session in sessions if session.is_typed], by)  # type: ignore[attr-defined]
    lists = list(
        HourList.objects.filter(in_units, expert=expert, month=month)
        .select_related("unit", "approved_by", "sent_by", "run")
        .annotate(
            has_beside=Exists(BesideLine.objects.filter(hour_list=OuterRef("pk"))),
            statement=Subquery(
                RunDocument.objects.filter(
                    kind=RunDocument.Kind.STATEMENT, run=OuterRef("run"), expert=OuterRef("expert")
                ).values("pk")[:1]
            ),
        )
        .order_by("unit__code")
    )
    requests = {}
    if asked := [session for session in sessions if session.is_asked]:  # type: ignore[attr-defined]  # seldom
        requests = {one.session_id: one for one in CorrectionRequest.objects.filter(session__in=asked).order_by("pk")}
    state_of = {(list_.unit_id, list_.month): list_ for list_ in lists}
    rows = []
    for session in sessions:
        row: HourRow | None = getattr(session, "hour_row", None)
        hour_list = row.hour_list if row else None
        own = hour_list or state_of.get((session.unit_id, month))
        with_expert = own is None or own.state in WITH_EXPERT or hour_list is None
        by_other = session.recorded_by_id is not None and session.recorded_by_id not in {by.pk, expert.user_id}
        begun = session.starts_at <= at
        rows.append(
            Row(
                session=session,
                hour_list=hour_list,
                returned=row.return_reason if row else "",
                begun=begun,
                can_mark=begun and with_expert and (session.state == "agreed" or not by_other or units is not None),
                marked_by_other=str(session.recorded_by) if by_other else "",
                receipts=session.receipts_kept,  # type: ignore[attr-defined]  # annotated above
                draft=drafts.get(session.pk),
                asked=requests.get(session.pk),
                changed_from=changed_from(session, row.told) if row and by_other else "",
            )
        )
    beside = of_lists([list_.pk for list_ in lists if list_.has_beside])  # type: ignore[attr-defined]
    return Month(month, rows, lists, beside)


def has_unsent(expert: Expert, month: date) -> bool:
    """Whether something of the month has not left the expert (one query)."""
    left = HourRow.objects.filter(session=OuterRef("pk")).exclude(hour_list__state__in=WITH_EXPERT)
    sessions = Session.objects.filter(expert=expert, state__in=["agreed", "closed"]).between(*month_span(month))
    return sessions.exclude(outcome=Outcome.MOVED).exclude(Exists(left)).exists()


def lately(at: datetime) -> list[date]:
    """Next month, this one and the year before, the newest first."""
    months = [next_month(first_of(local_date(at)))]
    while len(months) < 14:
        months.append(month_before(months[-1]))
    return months


@dataclass(frozen=True)
class Year:
    """A year's euros before tax, by the day of payment (benefits have limits): fees, and journeys apart."""

    year: int
    paid: Decimal = ZERO
    paid_travel: Decimal = ZERO
    in_payment: Decimal = ZERO
    in_payment_travel: Decimal = ZERO
    coming: Decimal = ZERO
    coming_travel: Decimal = ZERO

    @property
    def fees(self) -> Decimal:
        return self.paid + self.in_payment + self.coming


YEAR = """
SELECT CASE r.state WHEN 'paid' THEN 'paid' ELSE 'in_payment' END,
  l.kind = 'travel' OR coalesce(c.kind = 'travel', FALSE) OR coalesce((l.price->>'travel')::boolean, FALSE), l.amount
FROM fees_runline l JOIN fees_paymentrun r ON r.id = l.run_id LEFT JOIN fees_runline c ON c.id = l.corrects_id
WHERE l.expert_id = %(expert)s AND r.pay_date BETWEEN make_date(%(year)s, 1, 1) AND make_date(%(year)s, 12, 31)
  AND NOT EXISTS (SELECT 1 FROM fees_rejection j WHERE j.line_id = l.id AND j.state <> 'resent')
UNION ALL
SELECT 'coming', l.kind = 'travel', l.amount FROM fees_runline l JOIN fees_rejection j ON j.line_id = l.id
WHERE l.expert_id = %(expert)s AND j.state = 'waiting'
UNION ALL
SELECT 'coming', p.travel, p.amount
FROM assignments_session s CROSS JOIN LATERAL (VALUES (FALSE, s.fee), (TRUE, s.travel_fee)) p (travel, amount)
WHERE s.expert_id = %(expert)s AND s.state IN ('agreed', 'closed') AND s.starts_at < %(until)s
  AND NOT EXISTS (SELECT 1 FROM fees_runline l WHERE l.session_id = s.id)
UNION ALL
SELECT 'coming', l.kind = 'travel', k.amount
FROM fees_correction k JOIN fees_runline l ON l.id = k.corrects_id
WHERE l.expert_id = %(expert)s AND k.line_id IS NULL
"""


def year_of(expert: Expert, year: int) -> Year:
    """Paid, in a run that is not paid yet, and coming: done or agreed for the months that are paid in the year.

    The work of a month is paid at the end of the next one: December's belongs to the next year. One query.
    """
    sums = {(part, travel): ZERO for part in ("paid", "in_payment", "coming") for travel in (False, True)}
    with connection.cursor() as cursor:
        cursor.execute(YEAR, {"expert": expert.pk, "year": year, "until": month_span(date(year, 12, 1))[0]})
        for part, travel, amount in cursor.fetchall():
            sums[part, travel] += amount
    return Year(year, *sums.values())
