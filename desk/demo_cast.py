"""Who and what the demonstration office is made of: its people, its plans, and the diary of what happens when.

A story is a generator: it yields the next moment at which somebody acts and is taken up again at that moment. The
diary takes up all stories in the order of time until now, so that what is past is done and what is ahead is agreed.
"""

import heapq
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from assignments.models import Order
from assignments.rules import Event
from desk.demo_people import UnitFacts
from experts.models import Expert, Topic
from office.errors import RuleError
from office.kinds import TaskType as Kind
from office.models import Unit, User
from office.workdays import at_wall_clock, is_working_day, local_date, next_month, previous_working_day

Story = Generator[datetime, datetime, None]
Span = tuple[datetime, datetime]
WEEK = timedelta(days=7)


class Diary:
    """Stories by the moment at which each goes on."""

    def __init__(self) -> None:
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._order = count()
        self.refused: list[str] = []

    def begin(self, story: Story) -> None:
        """A new story; it waits for its first moment."""
        moment = next(story, None)
        if moment is not None:
            heapq.heappush(self._waiting, (moment, next(self._order), story))

    def live(self, now: datetime) -> None:
        """Everything that happens until ``now``, in the order of time. A refused act ends its story there."""
        while self._waiting and self._waiting[0][0] <= now:
            moment, _number, story = heapq.heappop(self._waiting)
            try:
                then = story.send(moment)
            except StopIteration:
                continue
            except RuleError as error:
                self.refused.append(f"{moment.isoformat()}: {error.message}")
                continue
            heapq.heappush(self._waiting, (max(then, moment), next(self._order), story))


@dataclass
class UnitCast:
    """A unit and its people."""

    facts: UnitFacts
    unit: Unit
    named: User
    deputy: User
    staff: list[User]

    @property
    def orderers(self) -> list[User]:
        return [*self.staff, *self.staff, self.named]


@dataclass
class ExpertCast:
    """An expert, what is agreed in the diary of the expert, and until when the contract holds."""

    expert: Expert
    user: User | None
    works_until: date
    often: int = 1
    topics: frozenset[str] = frozenset()
    busy: list[Span] = field(default_factory=list)

    def free(self, spans: Iterable[Span]) -> bool:
        gap = timedelta(minutes=30)
        return not any(start - gap < taken[1] and taken[0] < end + gap for start, end in spans for taken in self.busy)


@dataclass
class Plan:
    """An order to be: who, what, when."""

    cast: UnitCast
    kind: Kind
    language: str
    spans: list[Span]
    expert: ExpertCast | None = None
    fates: dict[int, Event] = field(default_factory=dict)  # what happens to the nth session when it is not held
    travel_km: Decimal | None = None


def clock(day: date, hour: int, minute: int = 0) -> datetime:
    return at_wall_clock(day, time(hour, minute))


def working_days(month: date) -> list[date]:
    end = next_month(month)
    return [day for n in range((end - month).days) if is_working_day(day := month + timedelta(days=n))]


def working_days_before(moment: datetime, days: int, hour: int) -> datetime:
    day = local_date(moment)
    for _step in range(days):
        day = previous_working_day(day)
    return clock(day, hour)


def allowance_of(km: Decimal | None) -> str:
    """Long journeys have a meal or a part-day allowance agreed with them."""
    if km is None or km < 45:
        return ""
    return Order.Allowance.PART_DAY if km > 55 else Order.Allowance.MEAL


class Base:
    """The demonstration office on the day ``now``: everything random comes from one seed."""

    def __init__(
        self,
        *,
        now: datetime,
        coordinator: User,
        finance: User,
        units: list[UnitCast],
        experts: list[ExpertCast],
        topics: dict[str, Topic],
    ) -> None:
        self.now = now
        self.coordinator = coordinator
        self.finance = finance
        self.units = units
        self.experts = experts
        self.topics = topics
        self.random = Random(2026)
        self.diary = Diary()
        self.by_expert = {cast.expert.pk: cast for cast in experts}
        self.by_unit = {cast.unit.pk: cast for cast in units}
        self.this_month = local_date(now).replace(day=1)
        self.last_month = (self.this_month - timedelta(days=1)).replace(day=1)
        self.closed_month = (self.last_month - timedelta(days=1)).replace(day=1)
        self.paid_month = (self.closed_month - timedelta(days=1)).replace(day=1)
