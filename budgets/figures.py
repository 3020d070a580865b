"""Where each euro of a year stands, by unit and month of the work (questions only; see docs/budget.md).

Two queries whatever the number of units and sessions, and four to price the open offers. The database adds
up; months are those of Helsinki.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, Func, Q, QuerySet, Sum, When

from assignments.models import Session
from assignments.preview import may_cost
from assignments.states import OrderState, Outcome, SessionState
from budgets.models import Budget, WarningLevels
from budgets.rules import CENT, Columns, Forecast, Level, forecast, level, share
from fees import beside
from fees.models import BesideLine, Correction, Rejection, RunLine
from fees.rules import month_span
from fees.states import ListState, RejectionState
from feetables.rules import ZERO
from office.models import Unit
from office.spans import span_number
from office.together import Row, ask_together
from office.workdays import local_date

#: ``values_list`` querysets of any models.
Question = Any

#: (unit, month of the year from 1 on) → euros by the name of the column.
Found = dict[tuple[int, int], dict[str, Decimal]]


def span_of(year: int) -> tuple[datetime, datetime]:
    """The year in Helsinki as a half-open interval in UTC."""
    return month_span(date(year, 1, 1))[0], month_span(date(year, 12, 1))[1]


def _month(year: int, moment: str) -> Func:
    """The month of a moment, from 1 on: between which of the year's first midnights in Helsinki it lies."""
    return span_number(moment, [month_span(date(year, number, 1))[0] for number in range(1, 13)])


def _by_month(rows: "QuerySet[Any]", year: int, unit: str, moment: str, *names: str) -> Question:
    start, end = span_of(year)
    within = rows.filter(**{f"{moment}__gte": start, f"{moment}__lt": end}).order_by()
    return within.annotate(of_month=_month(year, moment)).values_list(unit, "of_month", *names)


def _lines(year: int, units: Collection[int] | None) -> Question:
    """All lines of runs, rejected ones too."""
    rows = RunLine.objects.all() if units is None else RunLine.objects.filter(unit__in=units)
    return _by_month(rows, year, "unit_id", "starts_at").annotate(euros=Sum("amount"))


def _rejected(year: int, units: Collection[int] | None) -> Question:
    """What the run of a line does not pay: it waits, or another line pays it."""
    rows = Rejection.objects.unpaid_here()
    if units is not None:
        rows = rows.filter(line__unit__in=units)
    return _by_month(rows, year, "line__unit_id", "line__starts_at", "state").annotate(euros=Sum("line__amount"))


def _corrections(year: int, units: Collection[int] | None) -> Question:
    """Plus and minus that wait for a run."""
    rows = Correction.objects.filter(line__isnull=True)
    if units is not None:
        rows = rows.filter(corrects__unit__in=units)
    return _by_month(rows, year, "corrects__unit_id", "corrects__starts_at").annotate(euros=Sum("amount"))


#: Where a session stands whose list is in that state; in payment the lines of the run tell.
BY_LIST = {
    ListState.AT_UNIT.value: "reported",
    ListState.RETURNED.value: "reported",
    ListState.APPROVED.value: "approved",
}
#: What a session may cost: until its outcome is marked, tickets up to what was agreed for them.
PROMISED = Case(
    When(state=SessionState.AGREED, travel_cap__isnull=False, then=F("fee") + F("travel_cap")),
    default=F("fee") + F("travel_fee"),
)


def _sessions(year: int, units: Collection[int] | None) -> Question:
    """Agreed sessions, with an outcome or without, that no run has taken, by the state of their list."""
    rows = Session.objects.filter(state__in=[SessionState.AGREED, SessionState.CLOSED]).exclude(outcome=Outcome.MOVED)
    if units is not None:
        rows = rows.filter(unit__in=units)
    rows = rows.filter(Q(hour_row__isnull=True) | Q(hour_row__hour_list__run__isnull=True))
    return _by_month(rows, year, "unit_id", "starts_at", "hour_row__hour_list__state").annotate(euros=Sum(PROMISED))


def _beside(year: int, units: Collection[int] | None) -> Question:
    """What is paid by the month or beside a fee, on lists that no run has taken."""
    rows = BesideLine.objects.filter(hour_list__run__isnull=True)
    if units is not None:
        rows = rows.filter(session__unit__in=units)
    named = _by_month(rows, year, "session__unit_id", "session__starts_at", "hour_list__state")
    return named.annotate(euros=Sum("amount"))


def cents(euros: Decimal) -> Decimal:
    """With its two decimals: what many questions bring back at once may have lost a zero."""
    return euros.quantize(CENT)


def _on_no_list(year: int, units: Collection[int]) -> "QuerySet[Session]":
    """Agreed times, with an outcome or without, that nobody has sent."""
    start, end = span_of(year)
    rows = Session.objects.filter(state__in=[SessionState.AGREED, SessionState.CLOSED], hour_row__isnull=True)
    return rows.exclude(outcome=Outcome.MOVED).filter(starts_at__gte=start, starts_at__lt=end, unit__in=units)


def _add_coming(found: Found, year: int, units: Collection[int]) -> None:
    """What agreed times that are on no list will earn by the month or beside their fees."""
    for session, euros in beside.coming(_on_no_list(year, units)):
        found[session.unit_id, local_date(session.starts_at).month]["agreed"] += euros


def _questions(year: int, units: Collection[int] | None) -> list[Question]:
    return [of(year, units) for of in (_lines, _rejected, _corrections, _sessions, _beside)]


def _found(
    lines: list[Row], rejected: list[Row], corrections: list[Row], sessions: list[Row], beside: list[Row]
) -> Found:
    """The answers to the questions, each euro in its column."""
    found: Found = defaultdict(lambda: defaultdict(lambda: ZERO))
    for unit, month, euros in lines:
        found[unit, month]["used"] += cents(euros)
    for unit, month, state, euros in rejected:
        found[unit, month]["used"] -= cents(euros)
        if state == RejectionState.WAITING:  # approved, and in no run that pays it
            found[unit, month]["approved"] += cents(euros)
    for unit, month, euros in corrections:
        found[unit, month]["approved"] += cents(euros)
    for unit, month, state, euros in [*sessions, *beside]:
        found[unit, month][BY_LIST.get(state, "agreed")] += cents(euros)
    return found


def _offered(year: int, units: Collection[int] | None, at: datetime) -> "QuerySet[Session]":
    """Times that somebody has been asked about; what has begun cannot be agreed any more."""
    start, end = span_of(year)
    rows = Session.objects.between(max(start, at), end).filter(state=SessionState.PLANNED)
    rows = rows.filter(order__state=OrderState.OFFERED).select_related("order__lead").order_by()
    return rows if units is None else rows.filter(unit__in=units)


def _add_offered(found: Found, year: int, units: Collection[int] | None, at: datetime) -> None:
    for session, euros in may_cost(_offered(year, units, at)):
        found[session.unit_id, local_date(session.starts_at).month]["offered"] += euros


# --- units and their year --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Levels:
    """The warning levels of a day, in per cent of the budget."""

    near: int = 90
    over: int = 100


@dataclass(frozen=True)
class Year:
    """A unit's year: its budget, where the euros stand, its forecast and warning level."""

    unit: Unit
    budget: Decimal | None
    forecast: Forecast
    level: Level
    levels: Levels

    @property
    def columns(self) -> Columns:
        return self.forecast.columns

    @property
    def left(self) -> Decimal | None:
        """What is left of the budget after what is used and promised."""
        return None if self.budget is None else self.budget - self.columns.committed

    @property
    def share(self) -> Decimal | None:
        """The forecast in per cent of the budget."""
        return share(self.forecast.total, self.budget)


def levels_of(year: int, at: datetime) -> Question:
    """The levels by which a year is told, the defaults when there are none: those of today; for a year that is over
    those of its last day.
    """
    begun = WarningLevels.objects.filter(valid_from__lte=min(local_date(at), date(year, 12, 31)))
    return begun.order_by("-valid_from").values_list("near", "over")[:1]


def years_of(units: Iterable[Unit], year: int, *, at: datetime, offered: bool = True) -> list[Year]:
    """The year of each of the units, those without a euro too; ``offered``: also what is only asked."""
    [found] = each_year_of(units, [year], at=at, offered=offered)
    return found


def each_year_of(
    units: Iterable[Unit], years: Sequence[int], *, at: datetime, offered: bool = True
) -> list[list[Year]]:
    """The same of several years, asked in one go."""
    shown = list(units)
    answers = iter(ask_together([one for year in years for one in _asked(year, [unit.pk for unit in shown], at)]))
    return [_years(shown, year, answers, at, offered=offered) for year in years]


def _asked(year: int, ids: Collection[int], at: datetime) -> list[Question]:
    budgets = Budget.objects.in_force(year).filter(unit__in=ids).values_list("unit_id", "amount")
    earning = beside.any_item().values_list("pk")[:1]
    allowances = _on_no_list(year, ids).filter(allowance_item__isnull=False).order_by().values_list("pk")[:1]
    return [*_questions(year, ids), budgets, levels_of(year, at), earning, allowances]


def _years(shown: list[Unit], year: int, answers: Iterator[list[Row]], at: datetime, *, offered: bool) -> list[Year]:
    found = _found(*(next(answers) for _question in range(5)))
    amounts, told, earning, allowances = (next(answers) for _question in range(4))
    if earning or allowances:
        _add_coming(found, year, [unit.pk for unit in shown])
    if offered:
        _add_offered(found, year, [unit.pk for unit in shown], at)
    budgets: Mapping[int, Decimal] = {unit: cents(amount) for unit, amount in amounts}
    levels, today = Levels(*told[0]) if told else Levels(), local_date(at)
    made = []
    for unit in shown:
        months = [Columns(**found.get((unit.pk, number), {})) for number in range(1, 13)]
        budget, outcome = budgets.get(unit.pk), forecast(year, months, today)
        warned = level(outcome.total, budget, near=levels.near, over=levels.over)
        made.append(Year(unit, budget, outcome, warned, levels))
    return made


@dataclass(frozen=True)
class Altogether:
    """All rows added up. ``budget`` of those that have one."""

    budget: Decimal
    columns: Columns
    expected: Decimal
    left: Decimal

    @property
    def forecast(self) -> Decimal:
        return self.columns.committed + self.expected


def altogether(rows: Iterable[Year]) -> Altogether:
    """The sums at the foot of a page: each is the sum of its column."""
    budget, columns, expected, left = ZERO, Columns(), ZERO, ZERO
    for row in rows:
        budget += row.budget or ZERO
        columns += row.columns
        expected += row.forecast.expected
        left += row.left or ZERO
    return Altogether(budget, columns, expected, left)
