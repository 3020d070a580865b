"""How far a month is: one row for each expert and unit, who is waited for, and the sums (questions only).

Four queries whatever the number of people; the database adds up, nothing is asked for a row.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum

from assignments.models import Session
from assignments.states import Outcome, SessionState
from experts.models import Expert
from fees.models import BesideLine, HourList, PaymentRun
from fees.rules import first_of, month_span
from fees.states import MENDABLE, ListState
from feetables.rules import ZERO
from office.choices import NAMED, Role
from office.models import LogEntry, RoleGrant
from office.together import ask_together
from office.workdays import local_date

#: The state of a month of which nothing has been sent and no list exists yet.
NOT_SENT = ListState.OPEN.value

#: States in which it is the expert's turn.
WITH_EXPERT = frozenset({ListState.OPEN.value, ListState.RETURNED.value})

#: The order in which a board shows its states.
STATES = tuple(state.value for state in ListState)


@dataclass(frozen=True, slots=True)
class Line:
    """An expert's month in one unit. Euros; a list that is not sent counts what is agreed as if it will be held.

    ``list_id`` is None while there is no list. ``unmarked`` begun times have no outcome, ``ahead`` are still to come;
    ``late`` have an outcome but came after the list had left. ``waits_for`` are the names of those whose turn it is:
    of the unit nobody who is the expert or has sent the list (R23).
    """

    expert_id: int
    expert: str
    expert_language: str
    has_account: bool
    unit_id: int
    unit_code: str
    unit_name_fi: str
    unit_name_sv: str
    list_id: int | None
    state: str
    rows: int
    fees: Decimal
    travel: Decimal
    unmarked: int
    ahead: int
    late: int
    sent_at: datetime | None
    sent_by_id: int | None
    waits_for: tuple[str, ...]

    def came_late(self, due: date) -> bool:
        """Sent after the day that lists of its month were due (R19)."""
        return self.sent_at is not None and local_date(self.sent_at) > due

    @property
    def nobody_checks(self) -> bool:
        """At a unit without anybody who may approve it: somebody must be given the part there (L7)."""
        return self.state == ListState.AT_UNIT and not self.waits_for

    @property
    def total(self) -> Decimal:
        return self.fees + self.travel

    @property
    def label(self) -> str:
        """The state in the reader's language."""
        return str(ListState(self.state).label)


@dataclass(frozen=True, slots=True)
class StateSum:
    """All lines of a state."""

    state: str
    label: str
    lists: int
    experts: int
    rows: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class _Amounts:
    rows: int = 0
    fees: Decimal = ZERO
    travel: Decimal = ZERO
    unmarked: int = 0
    ahead: int = 0
    late: int = 0

    def with_loose(self, more: "_Amounts", state: str) -> "_Amounts":
        """A list with the sessions beside it: they will go onto one that is with the expert, else they came late."""
        if state not in WITH_EXPERT:
            return replace(self, unmarked=more.unmarked, ahead=more.ahead, late=more.late)
        return _Amounts(
            rows=self.rows + more.rows,
            fees=self.fees + more.fees,
            travel=self.travel + more.travel,
            unmarked=self.unmarked + more.unmarked,
            ahead=self.ahead + more.ahead,
        )


#: What a line tells of its unit, read along with the sums.
UNIT = ("unit_id", "unit__code", "unit__name_fi", "unit__name_sv")


class _Unit(NamedTuple):
    pk: int
    code: str
    name_fi: str
    name_sv: str


@dataclass(frozen=True, slots=True)
class _Person:
    pk: int
    name: str
    language: str
    user_id: int | None


def month_lists(
    month: date, *, at: datetime, experts: Sequence[int] | None = None, units: Sequence[int] | None = None
) -> list[Line]:
    """Every expert × unit of the month: lists, and months that nobody has sent. By name, then unit.

    ``experts`` and ``units`` (ids) narrow it down. Four queries.
    """
    month = first_of(month)
    narrow = Q()
    if experts is not None:
        narrow &= Q(expert__in=experts)
    if units is not None:
        narrow &= Q(unit__in=units)
    lists = _lists(month, narrow)
    loose = _loose(month, narrow, at)
    people = {
        pk: _Person(pk, f"{first} {last}", language, user_id)
        for pk, first, last, language, user_id in Expert.objects.filter(
            pk__in={list_.expert_id for list_ in lists} | {key[0] for key in loose}
        )
        .order_by("last_name", "first_name", "id")
        .values_list("id", "first_name", "last_name", "language", "user_id")
    }
    place = {pk: number for number, pk in enumerate(people)}
    unit_of = {own.unit.pk: own.unit for own in lists} | {unit.pk: unit for unit, _amounts in loose.values()}
    named = _named(at)
    lines = []
    for own in lists:
        _unit, more = loose.pop((own.expert_id, own.unit.pk), (own.unit, _Amounts()))
        amounts = own.amounts.with_loose(more, own.state)
        whose = people[own.expert_id], unit_of[own.unit.pk]
        lines.append(_line(amounts, *whose, named, own))
    for (expert_id, unit_id), (_unit, amounts) in loose.items():
        open_ = amounts.with_loose(_Amounts(), NOT_SENT)
        lines.append(_line(open_, people[expert_id], unit_of[unit_id], named, None))
    return sorted(lines, key=lambda line: (place[line.expert_id], line.unit_code))


def _line(
    amounts: _Amounts,
    person: _Person,
    unit: _Unit,
    named: dict[int, list[tuple[int, str]]],
    own: "_List | None",
) -> Line:
    state = own.state if own else NOT_SENT
    sent_at, sent_by = (own.sent_at, own.sent_by_id) if own else (None, None)
    waits_for: tuple[str, ...] = ()
    if state in WITH_EXPERT:
        waits_for = (person.name,)
    elif state == ListState.AT_UNIT:
        waits_for = tuple(name for pk, name in named.get(unit.pk, ()) if pk not in {person.user_id, sent_by})
    return Line(
        expert_id=person.pk,
        expert=person.name,
        expert_language=person.language,
        has_account=person.user_id is not None,
        unit_id=unit.pk,
        unit_code=unit.code,
        unit_name_fi=unit.name_fi,
        unit_name_sv=unit.name_sv,
        list_id=own.pk if own else None,
        state=state,
        rows=amounts.rows,
        fees=amounts.fees,
        travel=amounts.travel,
        unmarked=amounts.unmarked,
        ahead=amounts.ahead,
        late=amounts.late,
        sent_at=sent_at,
        sent_by_id=sent_by,
        waits_for=waits_for,
    )


@dataclass(frozen=True, slots=True)
class _List:
    pk: int
    expert_id: int
    unit: "_Unit"
    state: str
    sent_at: datetime | None
    sent_by_id: int | None
    amounts: _Amounts


def _lists(month: date, narrow: Q) -> list[_List]:
    beside = BesideLine.objects.filter(hour_list=OuterRef("pk")).order_by().values("hour_list")
    found = (
        HourList.objects.filter(narrow, month=month)
        .order_by()
        .values_list("id", "expert_id", "state", "sent_at", "sent_by_id", *UNIT)
        .annotate(
            number=Count("rows"),
            fees=Sum("rows__session__fee"),
            travel=Sum("rows__session__travel_fee"),
            more=Subquery(beside.annotate(sum=Sum("amount")).values("sum")),
        )
    )
    return [
        _List(
            pk,
            expert_id,
            _Unit(*unit),
            state,
            sent_at,
            sent_by,
            _Amounts(rows, (fees or ZERO) + (more or ZERO), travel or ZERO),
        )
        for pk, expert_id, state, sent_at, sent_by, *unit, rows, fees, travel, more in found
    ]


def _loose(month: date, narrow: Q, at: datetime) -> dict[tuple[int, int], tuple[_Unit, _Amounts]]:
    """The month's sessions that are on no list, by expert and unit."""
    agreed = Q(state=SessionState.AGREED)
    sums = (
        Session.objects.between(*month_span(month))
        .filter(narrow, state__in=[SessionState.AGREED, SessionState.CLOSED], hour_row__isnull=True)
        .exclude(outcome=Outcome.MOVED)
        .order_by()
        .values_list("expert_id", *UNIT)
        .annotate(
            rows=Count("id"),
            fees=Sum("fee"),
            travel=Sum("travel_fee"),
            unmarked=Count("id", filter=agreed & Q(starts_at__lte=at)),
            ahead=Count("id", filter=agreed & Q(starts_at__gt=at)),
            late=Count("id", filter=~agreed),
        )
    )
    return {
        (expert_id, unit[0]): (_Unit(*unit), _Amounts(rows, fees, travel, unmarked, ahead, late))
        for expert_id, *unit, rows, fees, travel, unmarked, ahead, late in sums
        if expert_id is not None
    }


def _named(at: datetime) -> dict[int, list[tuple[int, str]]]:
    """Who checks lists, account and name: the named employee of each unit, then the deputy."""
    found: dict[int, list[tuple[bool, str, int]]] = defaultdict(list)
    grants = RoleGrant.objects.in_force(at).filter(role__in=NAMED, user__is_active=True)
    for unit_id, role, user_id, first, last in grants.order_by("unit", "id").values_list(
        "unit_id", "role", "user_id", "user__first_name", "user__last_name"
    ):
        if unit_id is not None:
            found[unit_id].append((role == Role.DEPUTY, f"{first} {last}", user_id))
    return {unit_id: [(pk, name) for _deputy, name, pk in sorted(names)] for unit_id, names in found.items()}


def state_sums(lines: Iterable[Line]) -> list[StateSum]:
    """The lines by state, in the order of the month's way; states without lines too."""
    found: dict[str, list[Line]] = {state: [] for state in STATES}
    for line in lines:
        found[line.state].append(line)
    return [
        StateSum(
            state=state,
            label=str(ListState(state).label),
            lists=len(own),
            experts=len({line.expert_id for line in own}),
            rows=sum(line.rows for line in own),
            total=sum((line.total for line in own), ZERO),
        )
        for state, own in found.items()
    ]


@dataclass(frozen=True, slots=True)
class Beside:
    """What the board tells beside its lines: the run of the month (id, number), how many lists of each earlier month
    are not approved yet and ride on a later run (R19), and when lists were reminded of last.
    """

    run: tuple[int, int] | None
    late: list[tuple[date, int]]
    reminded: dict[int, datetime]


def beside_lines(month: date, lines: Iterable[Line]) -> Beside:
    """One query."""
    month = first_of(month)
    lists = [line.list_id for line in lines if line.list_id]
    runs = PaymentRun.objects.filter(month=month).values_list("pk", "number")
    waiting = HourList.objects.filter(month__lt=month, state__in=MENDABLE).order_by("month")
    told = LogEntry.objects.filter(kind="hourlist.remind", object_type=HourList._meta.label_lower, object_id__in=lists)
    run, late, reminded = ask_together(
        [
            runs,
            waiting.values_list("month").annotate(Count("pk")),
            told.order_by().values_list("object_id").annotate(Max("at")),
        ]
    )
    return Beside(run[0] if run else None, list(late), dict(reminded))


def sorted_by(lines: list[Line], name: str) -> list[Line]:
    """The lines by unit, state or sum (the greatest first); else as they are, by the expert's name."""
    keys: dict[str, Callable[[Line], Any]] = {
        "unit": lambda line: line.unit_code,
        "state": lambda line: STATES.index(line.state),
        "sum": lambda line: -line.total,
    }
    return sorted(lines, key=keys[name]) if name in keys else lines
