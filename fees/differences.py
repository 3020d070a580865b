"""What a fee table approved after its start changes (R17): lines that are paid, prices that are agreed but not paid.

Questions only; ``fees.actions.differences`` makes the lines. The engine counts the stored facts again by the table.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cached_property

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from assignments import texts
from assignments.again import FACTS, Work
from assignments.models import Session
from assignments.states import Outcome, SessionState
from fees.again import Book, Earns, Uncounted, Who
from fees.models import BesideLine, Correction, RunLine
from fees.run import FEE, TRAVEL
from fees.simulation import with_two
from fees.uncovered import Journey, NewAllowances, NewCost
from feetables.models import FeeItem, FeeTable
from feetables.rules import ZERO, FeeError, Price
from office.errors import Refused
from office.workdays import at_wall_clock, local_date


def table_span(table: FeeTable) -> tuple[datetime, datetime | None]:
    """The days of the table in Helsinki as a half-open interval in UTC; None: open."""
    end = None if table.valid_to is None else at_wall_clock(table.valid_to + timedelta(days=1), time(0))
    return at_wall_clock(table.valid_from, time(0)), end


@dataclass(frozen=True)
class Difference:
    """A paid line and what it is by the table. ``corrected``: what corrections have added to it by now, euros."""

    line: RunLine
    corrected: Decimal
    by_hand: bool
    new: Price | None
    why_not: str = ""

    @property
    def old(self) -> Decimal:
        """What has been paid or will be by corrections that wait."""
        return self.line.amount + self.corrected

    @property
    def difference(self) -> Decimal:
        return ZERO if self.new is None else self.new.amount - self.old

    @property
    def ticked(self) -> bool:
        """Whether it is proposed: more for the expert, and nobody has corrected the line by hand."""
        return self.difference > 0 and not self.by_hand

    @cached_property
    def words(self) -> str:
        """Why it is the new sum."""
        return self.why_not if self.new is None else texts.describe_price(self.new.to_json())


def prepared(session: Session) -> bool:
    """Whether it is a time of preparation agreed apart, which has its own items."""
    return session.fee_item is not None and session.fee_item.purpose == FeeItem.Purpose.PREPARATION


def paid_lines(table: FeeTable, only: Collection[int] | None = None) -> "QuerySet[RunLine]":
    """Fee and travel lines of runs, of work on the table's days that another table priced, not yet mended by it."""
    begins, ends = table_span(table)
    lines = (
        RunLine.objects.filter(kind__in=[FEE, TRAVEL], session__starts_at__gte=begins)
        .exclude(pk__in=Correction.objects.filter(table=table).values("corrects"))
        .filter(Q(kind=FEE, session__override_fee__isnull=True) | Q(kind=TRAVEL))
        .exclude(Q(kind=FEE, session__fee_item__table=table) | Q(kind=TRAVEL, session__travel_item__table=table))
    )
    if ends is not None:
        lines = lines.filter(session__starts_at__lt=ends)
    if only is not None:
        lines = lines.filter(pk__in=only)
    lines = lines.select_related("run", "session__order", "session__fee_item", "expert")
    return _corrected(lines.annotate(two=with_two("session__order_id")))


def _corrected(lines: "QuerySet[RunLine]") -> "QuerySet[RunLine]":
    """With what corrections have added to them, and what of it by hand."""
    corrections = Correction.objects.filter(corrects=OuterRef("pk")).order_by().values("corrects")
    by_hand = corrections.filter(table__isnull=True)
    return lines.annotate(
        corrected=Coalesce(Subquery(corrections.annotate(sum=Sum("amount")).values("sum")), ZERO),
        corrected_by_hand=Coalesce(Subquery(by_hand.annotate(sum=Sum("amount")).values("sum")), ZERO),
    )


def paid_beside(table: FeeTable, only: Collection[int] | None = None) -> "QuerySet[RunLine]":
    """The same of lines beside the sessions: by the month, costs beside a fee, allowances. ``beside``: where from."""
    begins, ends = table_span(table)
    own = BesideLine.objects.filter(
        hour_list=OuterRef("hour_list"), code=OuterRef("fee_code"), session__starts_at=OuterRef("starts_at")
    )
    lines = RunLine.objects.filter(kind=FEE, session__isnull=True, starts_at__gte=begins)
    if ends is not None:
        lines = lines.filter(starts_at__lt=ends)
    lines = lines.exclude(pk__in=Correction.objects.filter(table=table).values("corrects"))
    if only is not None:
        lines = lines.filter(pk__in=only)
    lines = lines.alias(of_table=Subquery(own.values("item__table")[:1])).exclude(of_table=table)
    return _corrected(lines.select_related("run", "expert").annotate(beside=Subquery(own.values("pk")[:1])))


def of_lines(table: FeeTable, only: Collection[int] | None = None) -> Iterator[Difference]:
    """The paid lines that differ by the table, or that it cannot count, by person, unit and time. Six queries."""
    book = Book(table)
    found = [_of_session(line, book) for line in paid_lines(table, only)]
    found += _of_beside(list(paid_beside(table, only)), book)
    for one in sorted(found, key=lambda one: _place(one.line)):
        if one.difference or one.why_not:
            yield one


def _place(line: RunLine) -> tuple[object, ...]:
    return line.expert_name, line.expert_id, line.unit_code, line.starts_at, line.pk


def _of_session(line: RunLine, book: Book) -> Difference:
    session = line.session
    assert session is not None  # noqa: S101 - paid_lines asks for lines of sessions
    facts = Work(**{name: getattr(session, name) for name in FACTS})
    who = Who(line.expert_id, line.two, session.order.remote, prepared(session))  # type: ignore[attr-defined]  # annotated
    try:
        counted = book.count(facts, who, travelled=session.travel_terms is not None)
    except Uncounted as error:
        return _difference(line, None, str(error))
    return _difference(line, counted.fee if line.kind == FEE else counted.travel)


def _of_beside(lines: list[RunLine], book: Book) -> Iterator[Difference]:
    """Two queries more, when there are any."""
    wanted = BesideLine.objects.filter(pk__in=[line.beside for line in lines]) if lines else BesideLine.objects.none()  # type: ignore[attr-defined]  # annotated
    known = {
        one.pk: one
        for one in wanted.select_related("item", "session__order").annotate(two=with_two("session__order_id"))
    }
    for line in lines:
        one = known.get(line.beside)  # type: ignore[attr-defined]  # annotated
        if one is None:  # pragma: no cover - a run copies its line (beside_line_paid_once)
            continue
        session = one.session
        who = Who(line.expert_id, one.two, session.order.remote)
        try:
            yield _difference(line, book.beside(one, session.kind, local_date(session.starts_at), who))
        except Uncounted as error:
            yield _difference(line, None, str(error))
        except FeeError as error:
            yield _difference(line, None, texts.describe_refusal(error))


def _difference(line: RunLine, new: Price | None, why_not: str = "") -> Difference:
    return Difference(line, line.corrected, bool(line.corrected_by_hand), new, why_not)  # type: ignore[attr-defined]  # annotated


# --- paid for nothing before ------------------------------------------------------------------------------------------


def not_covered(table: FeeTable) -> list[NewCost]:
    """What the table pays for paid work on its days that has no line. Three queries; none without such items."""
    book = Book(table)
    if not book.beside_sessions and not book.allowances:
        return []
    begins, ends = table_span(table)
    sessions = Session.objects.filter(lines__kind=FEE, starts_at__gte=begins).exclude(fee_item__table=table)
    if ends is not None:
        sessions = sessions.filter(starts_at__lt=ends)
    rows = list(
        sessions.annotate(two=with_two("order_id"))
        .order_by("starts_at", "pk")
        .values_list(
            *FACTS, "pk", "expert_id", "unit_id", "override_fee", "fee_item__purpose", "fee_item__table",
            "allowance_item", "travel_fee", "order__remote", "two",
        )
    )  # fmt: skip
    allowances = NewAllowances(book)
    known = _Known(table)
    sums: dict[str, Decimal] = {}
    concerned: Counter[str] = Counter()
    counted: dict[str, str] = {}
    facts = len(FACTS)
    for row in rows:
        pk, expert_id, unit_id, decided, purpose, table_id, allowance_id, travel_fee, remote, two = row[facts:]
        work = Work(*row[:facts])
        if purpose == FeeItem.Purpose.PREPARATION:
            continue
        allowances.see(Journey(work, table_id, allowance_id, travel_fee))
        try:
            terms = book.terms(work.kind, local_date(work.starts_at), Who(expert_id, two, remote))
        except (Uncounted, FeeError, Refused):
            terms = ()  # said beside its fee
        for one in book.earned(pk, unit_id, expert_id, work, terms if decided is None else ()):
            if known.has(one):
                continue
            concerned[one.code] += 1
            if one.once not in counted:
                counted[one.once] = one.code
                sums[one.code] = sums.get(one.code, ZERO) + one.amount
    lines = Counter(counted.values())
    named = {item.code: item for item in book.items}
    costs = [
        NewCost(code, named[code].name_fi, named[code].name_sv, concerned[code], lines[code], sums[code])
        for code in sorted(sums)
    ]
    return costs + allowances.found()


class _Known:
    """Lines beside sessions of the table's days, whatever state their list is in. One query."""

    def __init__(self, table: FeeTable) -> None:
        begins, ends = table_span(table)
        lines = BesideLine.objects.filter(session__starts_at__gte=begins)
        if ends is not None:
            lines = lines.filter(session__starts_at__lt=ends)
        rows: Iterable[tuple[str, str]] = lines.order_by().values_list("once", "item__purpose")
        self._once, self._months = set(), set()
        for once, purpose in rows:
            self._once.add(once)
            if purpose == FeeItem.Purpose.SESSION:
                self._months.add(once.rpartition(":")[0])

    def has(self, one: Earns) -> bool:
        """A month of the work itself is the same under another code: that line has its difference."""
        return one.once in self._once or (one.of_work and one.once.rpartition(":")[0] in self._months)


# --- agreed, not paid ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreed:
    """A session that is agreed or has its outcome but is in no run: it keeps its price unless the coordinator chooses.

    ``locked``: its list is approved; then the difference comes after it is paid.
    """

    session: Session
    locked: bool
    fee: Price | None
    travel: Price | None
    why_not: str = ""

    @property
    def old(self) -> Decimal:
        return self.session.fee + self.session.travel_fee

    @property
    def new(self) -> Decimal:
        if self.fee is None:
            return self.old
        return self.fee.amount + (self.travel.amount if self.travel else ZERO)

    @property
    def difference(self) -> Decimal:
        return self.new - self.old

    @cached_property
    def words(self) -> str:
        if self.fee is None:
            return self.why_not
        prices = [self.fee, *([self.travel] if self.travel else [])]
        return " ".join(texts.describe_price(price.to_json()) for price in prices)


def agreed_sessions(table: FeeTable, only: Collection[int] | None = None) -> "QuerySet[Session]":
    """Sessions on the table's days with another table's price that no run has taken."""
    begins, ends = table_span(table)
    sessions = Session.objects.filter(
        Q(state=SessionState.AGREED) | Q(state=SessionState.CLOSED), starts_at__gte=begins, lines__isnull=True
    ).exclude(fee_item__table=table)
    sessions = sessions.exclude(outcome=Outcome.MOVED).filter(override_fee__isnull=True)
    if ends is not None:
        sessions = sessions.filter(starts_at__lt=ends)
    if only is not None:
        sessions = sessions.filter(pk__in=only)
    return (
        sessions.select_related("order", "unit", "expert", "fee_item", "hour_row__hour_list")
        .annotate(two=with_two("order_id"))
        .order_by("expert__last_name", "expert__first_name", "expert_id", "unit__code", "starts_at", "pk")
    )


def of_agreed(table: FeeTable, only: Collection[int] | None = None) -> Iterator[Agreed]:
    """Agreed prices that would be others by the table. Four queries."""
    book = Book(table)
    for session in agreed_sessions(table, only):
        if session.expert_id is None:  # pragma: no cover - agreed sessions have one (agreed_session_is_frozen)
            continue
        row = getattr(session, "hour_row", None)
        locked = row is not None and row.hour_list.state in {"approved", "in_payment", "paid"}
        facts = Work(**{name: getattr(session, name) for name in FACTS})
        who = Who(session.expert_id, session.two, session.order.remote, prepared(session))  # type: ignore[attr-defined]  # annotated
        try:
            counted = book.count(facts, who, travelled=session.travel_terms is not None)
        except Uncounted as error:
            yield Agreed(session, locked, None, None, str(error))
            continue
        found = Agreed(session, locked, counted.fee, counted.travel)
        if found.difference:
            yield found
