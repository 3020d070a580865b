"""What the work of a period would have cost by another fee table. Questions only; nothing is stored.

The facts are those stored on the sessions, the engine is the one that pays. At most seven queries, whatever the period.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from assignments.again import FACTS, Work
from assignments.models import Order, Session
from assignments.rules import Outcome
from assignments.states import SessionState
from fees.again import Book, Uncounted, Who
from fees.models import BesideLine
from fees.uncovered import Journey, NewAllowances, NewCost
from feetables.models import FeeItem, FeeTable
from feetables.rules import ZERO, FeeError, Terms
from office.models import Unit
from office.workdays import at_wall_clock, local_date

PREPARATION = FeeItem.Purpose.PREPARATION
READ = ("expert_id", "unit_id", "fee", "travel_fee", "price__code", "travel_price__code", "override_fee")
#: Lists that have their lines beside the sessions.
SENT = ("at_unit", "approved", "in_payment", "paid")


@dataclass
class Sum:
    """Euros of some lines: as they are, and by the other table."""

    lines: int = 0
    old: Decimal = ZERO
    new: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        return self.new - self.old

    def add(self, old: Decimal, new: Decimal) -> None:
        self.lines += 1
        self.old += old
        self.new += new


class ItemRow(NamedTuple):
    """An item by its code, as it was used."""

    code: str
    name_fi: str
    name_sv: str
    sum: Sum


class UnitRow(NamedTuple):
    """What a unit paid and would have paid."""

    unit: Unit
    sum: Sum


@dataclass
class Simulation:
    """A period by another table. ``uncounted`` are reasons with the number of lines that kept their old sum;
    ``not_covered`` what is in no sum, for it would have had to be agreed.
    """

    table: FeeTable
    first: date
    last: date
    items: list[ItemRow] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    total: Sum = field(default_factory=Sum)
    uncounted: list[tuple[str, int]] = field(default_factory=list)
    not_covered: list[NewCost] = field(default_factory=list)


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """The days in Helsinki, both included, as a half-open interval in UTC."""
    return at_wall_clock(first, time(0)), at_wall_clock(last + timedelta(days=1), time(0))


def with_two(order: str) -> Exists:
    """Whether a second expert's order stands beside the one named; ``order``: the way to its id."""
    own = Q(pk=OuterRef(order), companion__isnull=False)
    return Exists(Order.objects.filter(own | Q(companion=OuterRef(order))))


class Found(NamedTuple):
    """A line of a session: what it paid, and by the other table (None: it cannot be counted, ``why`` says why)."""

    unit_id: int
    code: str
    old: Decimal
    new: Decimal | None
    why: str = ""


class _Beside:
    """Lines beside the sessions of sent lists: those that are there, and what the sessions earn by the other table."""

    def __init__(self, book: Book, first: date, last: date) -> None:
        self._book = book
        sessions = Session.objects.between(*span(first, last))
        lines = BesideLine.objects.filter(hour_list__state__in=SENT, session__in=sessions)
        lines = lines.select_related("item", "session__order").annotate(two=with_two("session__order_id"))
        self._old = {line.once: line for line in lines.order_by()}
        self._new: dict[str, tuple[int, str, Decimal]] = {}
        self._why: dict[int, str] = {}

    def uncounted(self, session_id: int, why: str) -> None:
        self._why[session_id] = why

    def earns(self, session_id: int, unit_id: int, expert_id: int, work: Work, terms: Iterable[Terms]) -> None:
        """``terms``: of the session itself, where it is paid by the month."""
        for one in self._book.earned(session_id, unit_id, expert_id, work, terms):
            self._new.setdefault(one.once, (unit_id, one.code, one.amount))

    def found(self) -> Iterator[Found]:
        """Each line, as it is and by the other table."""
        for once, line in self._old.items():
            session = line.session
            if line.item.purpose == FeeItem.Purpose.TRAVEL:
                who = Who(session.expert_id or 0, line.two, session.order.remote)
                try:
                    by_table = self._book.beside(line, session.kind, local_date(session.starts_at), who).amount
                except (Uncounted, FeeError) as error:
                    yield Found(session.unit_id, line.code, line.amount, None, str(error))
                    continue
            elif session.pk in self._why:
                yield Found(session.unit_id, line.code, line.amount, None, self._why[session.pk])
                continue
            else:
                by_table = self._new[once][2] if once in self._new else ZERO
            yield Found(session.unit_id, line.code, line.amount, by_table)
        for once, (unit_id, code, amount) in self._new.items():
            if once not in self._old:
                yield Found(unit_id, code, ZERO, amount)


def _found(book: Book, first: date, last: date, allowances: NewAllowances) -> Iterator[Found]:
    beside = _Beside(book, first, last)
    sessions = (
        Session.objects.filter(state=SessionState.CLOSED)
        .exclude(outcome=Outcome.MOVED)
        .between(*span(first, last))
        .order_by()
        .annotate(two=with_two("order_id"))
        .values_list(
            *FACTS, *READ, "travel_terms__code", "order__remote", "two", "fee_item__purpose", "pk",
            "hour_row__hour_list__state", "fee_item__table", "allowance_item",
        )
    )  # fmt: skip
    facts = len(FACTS)
    for row in sessions.iterator(chunk_size=5000):
        expert_id, unit_id, fee, travel_fee, code, travel_code, decided, *more = row[facts:]
        travel, remote, two, purpose, pk, list_state, table_id, allowance_id = more
        work, who = Work(*row[:facts]), Who(expert_id, two, remote, purpose == PREPARATION)
        allowances.see(Journey(work, table_id, allowance_id, travel_fee))
        try:
            counted = book.count(work, who, travelled=travel is not None)
        except Uncounted as error:
            beside.uncounted(pk, str(error))
            yield Found(unit_id, code or "", fee, None, str(error))
            if travel_fee:
                yield Found(unit_id, travel_code or "", travel_fee, None, str(error))
            continue
        # What the coordinator decided against the rule no table changes.
        yield Found(unit_id, code or counted.fee.code, fee, counted.fee.amount if decided is None else fee)
        new_travel = counted.travel.amount if counted.travel else ZERO
        if travel_fee or new_travel:
            yield Found(unit_id, travel_code or (counted.travel.code if counted.travel else ""), travel_fee, new_travel)
        if list_state in SENT and not who.preparation:
            terms = book.terms(work.kind, local_date(work.starts_at), who) if decided is None else ()
            beside.earns(pk, unit_id, expert_id, work, terms)
    yield from beside.found()


def simulate(table: FeeTable, first: date, last: date) -> Simulation:
    """What the sessions from ``first`` to ``last`` (days in Helsinki) would have paid by ``table``."""
    made = Simulation(table, first, last)
    items: dict[str, Sum] = defaultdict(Sum)
    units: dict[int, Sum] = defaultdict(Sum)
    reasons: Counter[str] = Counter()
    book = Book(table)
    allowances = NewAllowances(book)
    for line in _found(book, first, last, allowances):
        new = line.old if line.new is None else line.new
        for of in (made.total, items[line.code], units[line.unit_id]):
            of.add(line.old, new)
        if line.new is None:
            reasons[line.why] += 1
    names = _names(items)
    made.items = [ItemRow(code, *names.get(code, (code, code)), items[code]) for code in sorted(items)]
    made.units = [UnitRow(unit, units[unit.pk]) for unit in Unit.objects.filter(pk__in=units).order_by("code")]
    made.uncounted = reasons.most_common()
    made.not_covered = allowances.found()
    return made


def _names(codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The newest names of items by their codes."""
    rows = FeeItem.objects.filter(code__in=list(codes)).order_by("table__valid_from", "table")
    return {code: (name_fi, name_sv) for code, name_fi, name_sv in rows.values_list("code", "name_fi", "name_sv")}


def year_until(day: date) -> tuple[date, date]:
    """The twelve whole months before the month of the day."""
    last = day.replace(day=1) - timedelta(days=1)
    return date(last.year - (last.month != 12), last.month % 12 + 1, 1), last
