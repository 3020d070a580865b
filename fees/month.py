"""An expert's month as the page shows it (questions only)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef

from assignments import texts
from assignments.actions import may_have_costs
from assignments.models import Session
from assignments.states import Outcome
from experts.models import Expert
from fees.models import HourList, HourRow, Receipt, RunLine
from fees.rules import first_of, month_before, month_span
from fees.states import MENDABLE, ListState
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

    @property
    def costs(self) -> bool:
        """Whether receipts are paid for this time."""
        return may_have_costs(self.session)

    @property
    def locked(self) -> bool:
        """Approved by the unit: nothing of it changes any more."""
        return self.hour_list is not None and self.hour_list.state not in MENDABLE

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

    @property
    def counted(self) -> list[Row]:
        return [row for row in self.rows if not row.moved]

    @property
    def fees(self) -> Decimal:
        return sum((row.session.fee for row in self.counted), ZERO)

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
    def can_send(self) -> bool:
        return bool(self.unsent) and not self.to_mark and not self.ahead


def month_of_expert(expert: Expert, month: date, *, by: User, at: datetime) -> Month:
    """The sessions of the month in order of time, with the lists they are on. Five queries."""
    month = first_of(month)
    sessions = list(
        Session.objects.filter(expert=expert, state__in=["agreed", "closed"])
        .between(*month_span(month))
        .select_related("unit", "order__orderer", "recorded_by", "fee_item")
        .order_by("starts_at", "id")
    )
    rows_of = {
        row.session_id: row
        for row in HourRow.objects.filter(session__in=sessions).select_related("hour_list").order_by("id")
    }
    lists = list(
        HourList.objects.filter(expert=expert, month=month)
        .select_related("unit", "approved_by", "run")
        .order_by("unit__code")
    )
    counted = Receipt.objects.filter(session__in=sessions).order_by().values_list("session").annotate(Count("pk"))
    receipts = dict(counted)
    state_of = {(list_.unit_id, list_.month): list_ for list_ in lists}
    rows = []
    for session in sessions:
        row = rows_of.get(session.pk)
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
                can_mark=begun and with_expert and (session.state == "agreed" or not by_other),
                marked_by_other=str(session.recorded_by) if by_other else "",
                receipts=receipts.get(session.pk, 0),
            )
        )
    return Month(month, rows, lists)


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


def paid_this_year(expert: Expert, year: int) -> Decimal:
    """Euros of the runs whose pay day is in the year (benefits have limits)."""
    lines = RunLine.objects.filter(expert=expert, run__pay_date__year=year).order_by()
    return sum(lines.values_list("amount", flat=True), ZERO)
