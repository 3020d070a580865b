"""What the named employee looks at: lists at the unit, exceptions first (questions only)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext as _

from assignments import texts
from assignments.models import Session
from assignments.rules import BY_OUTCOME, Outcome, Pays
from assignments.states import Outcome as OutcomeWord
from fees import beside
from fees.models import AddedRow, BesideLine, HourList, HourRow, Receipt
from fees.rules import month_span
from feetables.rules import ZERO
from office.choices import NAMED, TASK_TYPES
from office.models import User

KINDS = dict(TASK_TYPES)


def changed_from(session: Session, told: Any) -> str:
    """What a list said of the session when it was sent (``HourRow.told``), in words; "" when it says the same now."""
    if not told or not session.outcome:
        return ""
    starts, ends = (datetime.fromisoformat(told[name]) if told[name] else None for name in ("starts", "ends"))
    now = (session.outcome, session.done_starts_at, session.done_ends_at, session.fee + session.travel_fee)
    if (told["outcome"], starts, ends, Decimal(told["total"])) == now:
        return ""
    times = texts.span(starts, ends) if starts and ends else ""
    return ", ".join(
        filter(None, [str(OutcomeWord(told["outcome"]).label), times, texts.money(Decimal(told["total"]))])
    )


@dataclass(frozen=True)
class CheckedRow:
    """A row of a list with what differs from the agreement, in words; nothing when it went as agreed."""

    row: HourRow
    differs: str
    receipts: tuple[Receipt, ...] = ()

    @property
    def lacks_receipt(self) -> bool:
        """Costs without a receipt: asked before the list is approved."""
        return bool(self.session.receipts) and not self.receipts

    @property
    def session(self) -> Session:
        return self.row.session

    @property
    def changed_from(self) -> str:
        """What the list said when it was sent, where the session says something else by now; else ""."""
        return changed_from(self.session, self.row.told)

    @property
    def added(self) -> AddedRow | None:
        return added_of(self.session)

    @property
    def kind(self) -> str:
        """In words. (Django's own get_kind_display translates every kind anew: a tenth of a page of fifty lists.)"""
        return str(KINDS.get(self.session.kind, self.session.kind))

    @property
    def what_happened(self) -> str:
        return texts.describe_outcome(self.session)

    @property
    def total(self) -> Decimal:
        return self.session.fee + self.session.travel_fee


@dataclass
class CheckedList:
    """A list at the unit with its rows."""

    hour_list: HourList
    own: bool
    rows: list[CheckedRow] = field(default_factory=list)
    beside: list[BesideLine] = field(default_factory=list)

    @property
    def fees(self) -> Decimal:
        return sum((row.session.fee for row in self.rows), beside.total_of(self.beside))

    @property
    def travel(self) -> Decimal:
        return sum((row.session.travel_fee for row in self.rows), ZERO)

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel

    @property
    def lacks_receipt(self) -> bool:
        return any(row.lacks_receipt for row in self.rows)


@dataclass
class ListToCheck:
    """A list at the unit as the page of all of them shows it: its sums in euros, and the rows that differ.

    ``own``: the person's own; ``by_me``: sent by the person for somebody else. Both are approved by others (R23).
    """

    hour_list: HourList
    own: bool
    by_me: bool = False
    count: int = 0
    fees: Decimal = ZERO
    travel: Decimal = ZERO
    exceptions: list[CheckedRow] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel

    @property
    def lacks_receipt(self) -> bool:
        return any(row.lacks_receipt for row in self.exceptions)


def added_of(session: Session) -> AddedRow | None:
    """That the time was added afterwards. Select ``added`` with the session."""
    found: AddedRow | None = getattr(session, "added", None)
    return found


def differs(session: Session) -> str:
    """What is not as agreed or has costs, in words; "" for one held as agreed and for one cancelled in time."""
    if added := added_of(session):
        return _("Added afterwards: %(what)s. Asked for by %(name)s.") % {
            "what": added.get_what_display(),
            "name": added.ordered_by,
        }
    if session.outcome == Outcome.HELD:
        done = (session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at)
        if done != (session.starts_at, session.ends_at):
            return texts.describe_outcome(session)
        if session.travel_km is not None and session.done_km not in {None, session.travel_km}:
            return texts.describe_price(session.travel_price)
        return texts.describe_price(session.travel_price) if session.receipts else ""
    verdict = BY_OUTCOME.get(Outcome(session.outcome)) if session.outcome else None
    if verdict is None or verdict.pays is not Pays.NOTHING:
        return texts.describe_outcome(session)  # paid though it was not held: look at it
    return ""


#: Outcomes that pay nothing differ from nothing.
UNPAID = [str(outcome) for outcome, verdict in BY_OUTCOME.items() if verdict.pays is Pays.NOTHING]


def _other(name: str, agreed: str) -> Q:
    """What was done is known and is not what was agreed."""
    column, wanted = f"session__{name}", F(f"session__{agreed}")
    return Q(**{f"{column}__lt": wanted}) | Q(**{f"{column}__gt": wanted})


#: Rows for which ``differs`` may have words: most rows of most lists are as agreed and need not be read.
MAY_DIFFER = (
    ~Q(session__outcome__in=[*UNPAID, str(Outcome.HELD)])
    | _other("done_starts_at", "starts_at")
    | _other("done_ends_at", "ends_at")
    | _other("done_km", "travel_km")
    | Q(session__receipts__gt=0)
    | Q(told__isnull=False, session__recorded_at__gt=F("hour_list__sent_at"))  # changed since it was sent
    | Q(session__added__isnull=False)
)


def with_receipts(rows: Iterable[HourRow]) -> list[CheckedRow]:
    """The rows with what differs and their receipts, without the files' bytes (one query)."""
    found = list(rows)
    told = [row.session_id for row in found if row.session.receipts]
    files: dict[int, list[Receipt]] = defaultdict(list)
    if told:
        for receipt in Receipt.objects.filter(session__in=told).defer("content").order_by("pk"):
            files[receipt.session_id].append(receipt)
    return [CheckedRow(row, differs(row.session), tuple(files[row.session_id])) for row in found]


@dataclass(frozen=True, slots=True)
class Unsent:
    """An expert whose times of a month at the person's units have not been sent yet."""

    expert_id: int
    name: str
    count: int


def unsent(user: User, month: date) -> list[Unsent]:
    """Whose hours of the month the named employee may write: work at the own units that has not left (one query)."""
    left = HourRow.objects.filter(session=OuterRef("pk")).exclude(hour_list__state__in=["open", "returned"])
    times = Session.objects.filter(unit__in=user.holdings.units_as(*NAMED), state__in=["agreed", "closed"])
    times = times.between(*month_span(month)).exclude(outcome=Outcome.MOVED).exclude(Exists(left))
    rows = times.exclude(expert__user=user).order_by("expert__last_name", "expert__first_name", "expert_id")
    names = ("expert_id", "expert__first_name", "expert__last_name")
    return [
        Unsent(pk, f"{first} {last}", count)
        for pk, first, last, count in rows.values_list(*names).annotate(Count("pk"))
    ]


def lists_to_check(user: User) -> list[ListToCheck]:
    """The lists at the person's units, each with its sums and what differs. At most five queries; nobody's own can be
    approved (R23).
    """
    lists = list(
        HourList.objects.visible_to(user)
        .filter(state="at_unit", unit__in=user.holdings.units_as("unit_contact", "deputy"))
        .select_related("expert", "unit")
        .order_by("unit__code", "-month", "expert__last_name", "expert__first_name", "id")
    )
    checked = {
        list_.pk: ListToCheck(list_, own=list_.expert.user_id == user.pk, by_me=list_.sent_by_id == user.pk)
        for list_ in lists
    }
    rows = HourRow.objects.filter(hour_list__in=checked)
    sums = rows.order_by().values_list("hour_list_id")
    more = BesideLine.objects.filter(hour_list=OuterRef("hour_list")).order_by().values("hour_list")
    sums = sums.annotate(Count("id"), Sum("session__fee"), Sum("session__travel_fee"))
    for pk, count, fees, travel, others in sums.annotate(more=Subquery(more.annotate(sum=Sum("amount")).values("sum"))):
        checked[pk].count, checked[pk].fees, checked[pk].travel = count, fees + (others or ZERO), travel
    found = rows.filter(MAY_DIFFER).select_related("session__added__ordered_by")
    for row in with_receipts(found.order_by("session__starts_at", "id")):
        if row.differs or row.changed_from:
            checked[row.row.hour_list_id].exceptions.append(row)
    return list(checked.values())
