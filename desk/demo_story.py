"""What happened in the demonstration office, told as stories that wait for their moments.

A story is a generator: it yields the next moment at which somebody acts and is taken up again at that moment. The
diary takes up all stories in the order of time until now, so that what is past is done and what is ahead is agreed.
Everything goes through the actions, so every rule holds.
"""

import heapq
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from random import Random

from assignments import actions as work
from assignments.models import Offer, Order, Session
from assignments.rules import Event
from assignments.states import OrderState, SessionState
from desk import demo_people as people
from desk.demo_asking import asking
from desk.demo_pairs import two_experts
from desk.demo_people import UnitFacts
from desk.demo_plans import plan_for
from experts.models import Expert, Topic
from fees import actions as pay
from fees.models import HourList, HourRow, PaymentRun
from fees.states import ListState
from office.errors import RuleError
from office.kinds import TaskType as Kind
from office.models import Unit, User
from office.workdays import (
    at_wall_clock,
    is_working_day,
    local_date,
    next_month,
    next_working_day,
    pay_day,
    previous_working_day,
)

Story = Generator[datetime, datetime, None]
Span = tuple[datetime, datetime]
WEEK = timedelta(days=7)
#: In this payment run the payroll house rejects a line.
REJECTED_RUN = 1


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


class Office:
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

    # --- planning ----------------------------------------------------------------------------------------------------

    def expert_for(self, plan: Plan, area: str, *, rather: ExpertCast | None = None) -> ExpertCast | None:
        """Somebody who can: kind, language, contract, free; rather ``rather``, or one who knows the area's topics."""
        fitting = [
            cast
            for cast in self.experts
            if plan.kind in cast.expert.kinds
            and plan.language in cast.expert.work_languages
            and local_date(plan.spans[-1][1]) <= cast.works_until
            and cast.user not in {plan.cast.named, plan.cast.deputy}
            and cast.free(plan.spans)
        ]
        known = {topic.pk for code in people.AREA_TOPICS[area] if (topic := self.topics.get(code))}
        knowing = [
            cast for cast in fitting if known & set(cast.expert.expert_topics.values_list("topic_id", flat=True))
        ]
        choice = [rather] if rather in fitting else knowing or fitting
        return self.random.choices(choice, [cast.often for cast in choice])[0] if choice else None

    def spans(self, kind: Kind, month: date) -> list[Span]:
        """Times in the month: one day, or the same weekday week after week."""
        days = working_days(month)
        times = self.random.choice(people.TIMES[kind])
        minutes = self.random.choice(people.LENGTHS[kind])
        hour = self.random.choice((16, 17) if kind == Kind.GROUP else (9, 10, 12, 13, 14))
        first = self.random.choice([day for day in days if day.day <= 28 - 7 * (times - 1)] or days)
        found = []
        for n in range(times):
            day = first + timedelta(weeks=n)
            start = clock(day if is_working_day(day) else next_working_day(day), hour)
            found.append((start, start + timedelta(minutes=minutes)))
        return found

    def plans(self, month: date, orders: int) -> Iterator[Plan]:
        """The month's orders of all units, each with an expert who is free then."""
        for cast in self.units:
            for n in range(orders):
                kind = cast.facts.kinds[(n + self.random.randrange(2)) % len(cast.facts.kinds)]
                plan = Plan(cast, kind, self.random.choice(cast.facts.languages), self.spans(kind, month))
                plan.expert = self.expert_for(plan, cast.facts.area)
                if plan.expert is None:
                    continue
                plan.expert.busy += plan.spans
                if self.random.random() < 0.35:
                    plan.travel_km = Decimal(self.random.randrange(60, 620)) / 10
                yield plan

    def with_fates(self, plans: Iterable[Plan], fates: Iterable[Event]) -> list[Plan]:
        """Hands out what does not go as agreed, each to the first plan that can have it."""
        found = list(plans)
        for event in fates:
            for plan in self.random.sample(found, len(found)):
                groups_only = event == Event.NOBODY_CAME
                fits = plan.kind in {Kind.GROUP, Kind.WALK_IN} if groups_only else plan.kind != Kind.MEETING
                if fits and not plan.fates:
                    plan.fates[len(plan.spans) - 1] = event
                    break
        return found

    # --- orders ------------------------------------------------------------------------------------------------------

    def draft(self, plan: Plan, by: User, at: datetime, expert: Expert | None, wish: str = "") -> Order:
        place, remote = plan.cast.unit.place, False
        if plan.kind in {Kind.INDIVIDUAL, Kind.MEETING} and plan.travel_km is None and self.random.random() < 0.2:
            place, remote = "", True
        known = [self.topics[code] for code in people.AREA_TOPICS[plan.cast.facts.area]]
        has_topic = plan.kind in {Kind.INDIVIDUAL, Kind.PAIR, Kind.GROUP}
        return work.save_draft(
            None,
            by=by,
            at=at,
            unit=plan.cast.unit,
            kind=str(plan.kind),
            task=self.random.choice(people.TASKS[plan.kind])[plan.language == "sv"],
            language=plan.language,
            place=place,
            remote=remote,
            topic=self.random.choice(known) if has_topic else None,
            expert=expert,
            wish=wish,
            agreed_amount=Decimal(self.random.choice((150, 200, 250, 300, 400))) if plan.kind == Kind.LECTURE else None,
            travel_km=plan.travel_km,
            allowance=allowance_of(plan.travel_km),
            contact_name=str(by),
            contact_phone=by.phone,
            plan=plan_for(plan.kind, plan.spans, by.pk + len(plan.spans), swedish=plan.language == "sv"),
            times=plan.spans,
        )

    def agreed_order(self, plan: Plan, *, declined_first: ExpertCast | None = None) -> Story:
        """From the order to what happened at each of its times."""
        if plan.expert is None:
            return
        orderer = self.random.choice(plan.cast.orderers)
        at = yield working_days_before(plan.spans[0][0], self.random.randrange(7, 13), self.random.randrange(8, 15))
        first_asked = declined_first or plan.expert
        order = self.draft(plan, orderer, at, first_asked.expert)
        work.submit(order, by=orderer, at=at)
        if order.state == OrderState.TO_CONFIRM:
            at = yield at + timedelta(minutes=self.random.randrange(20, 300))
            work.confirm(order, by=self.random.choice((plan.cast.named, plan.cast.named, plan.cast.deputy)), at=at)
        if declined_first is not None:
            at = yield at + timedelta(hours=self.random.randrange(2, 20))
            offer = order.offers.select_related("order", "expert__user").get()
            work.decline(offer, by=declined_first.user or self.coordinator, at=at)
            at = yield at + timedelta(hours=self.random.randrange(2, 20))
            work.make_offer(offer.order, plan.expert.expert, by=self.coordinator, at=at)
        at = yield at + timedelta(minutes=self.random.randrange(40, 1500))
        offer = Offer.objects.select_related("order__orderer", "order__unit", "expert__user").get(
            order=order, state="waiting"
        )
        work.accept(offer, by=plan.expert.user or self.coordinator, at=at)
        sessions = Session.objects.filter(order=order).select_related("order__orderer", "unit", "expert__user")
        for number, session in enumerate(sessions.order_by("starts_at")):
            self.diary.begin(self.session(session, plan, orderer, plan.fates.get(number, Event.HELD)))

    # --- sessions ----------------------------------------------------------------------------------------------------

    def session(self, session: Session, plan: Plan, orderer: User, fate: Event) -> Story:
        """What happens to an agreed time, told by whom it happens to."""
        if plan.expert is None or session.free_until is None:
            return
        expert = plan.expert.user or self.coordinator
        minutes = timedelta(minutes=1)
        if fate in {Event.HELD, Event.NOBODY_CAME}:
            at = yield session.ends_at + self.random.randrange(30, 1500) * minutes
            if fate == Event.HELD and self.leaves_unmarked(session, plan.expert):
                return
            changes = self.changed_times(session, plan.expert.expert) if fate == Event.HELD else {}
            work.record_outcome(session, fate, by=expert, at=at, **changes)  # type: ignore[arg-type]  # of one kind
        elif fate == Event.NO_SHOW:
            at = yield session.starts_at + 40 * minutes
            used = self.random.choice(people.USED_FOR)[orderer.language == "sv"]
            work.record_outcome(session, fate, by=orderer, at=at, time_used_for=used)
        elif fate == Event.EXPERT_ILL:
            at = yield session.starts_at - 150 * minutes
            work.record_outcome(session, fate, by=expert, at=at)
        elif fate == Event.MOVED:
            yield from self.moved(session, plan, orderer)
        elif self.random.random() < 0.5:  # cancelled in time
            at = yield session.free_until - self.random.randrange(60, 1500) * minutes
            work.record_outcome(session, Event.ORDERER_CANCELLED, by=orderer, at=at)
        else:  # cancelled late, in the morning by telephone
            at = yield session.starts_at - 45 * minutes
            work.record_outcome(
                session, Event.ORDERER_CANCELLED, by=plan.cast.named, at=at, received_at=at - 25 * minutes,
                told_by=str(orderer),
            )  # fmt: skip

    def moved(self, session: Session, plan: Plan, orderer: User) -> Story:
        """Moved by the orderer, accepted by the expert; the new time is held."""
        if plan.expert is None:
            return
        at = yield session.starts_at - timedelta(hours=4)
        length = session.ends_at - session.starts_at
        day = next_working_day(local_date(session.starts_at))
        hours = (15, 8, 11, 9, 13, 18)
        spans = [(clock(day, hour), clock(day, hour) + length) for hour in hours]
        start, end = next((span for span in spans if plan.expert.free([span])), spans[0])
        plan.expert.busy.append((start, end))
        move = work.propose_move(session, start, end, by=orderer, at=at)
        at = yield at + timedelta(minutes=70)
        new = work.accept_move(move, by=plan.expert.user or self.coordinator, at=at)
        at = yield new.ends_at + timedelta(hours=2)
        work.record_outcome(new, Event.HELD, by=plan.expert.user or self.coordinator, at=at)

    def leaves_unmarked(self, session: Session, expert: ExpertCast) -> bool:
        """Some have not told yet what happened lately: their month cannot be sent."""
        day = local_date(session.starts_at)
        lately = (
            day >= self.this_month - timedelta(days=9) if day < self.this_month else self.now - session.starts_at < WEEK
        )
        return lately and expert.expert.pk in self.behind

    @property
    def behind(self) -> set[int]:
        """Experts who have not marked and sent the last month: every fifth, and the Swedish-speaking log-in."""
        return {cast.expert.pk for n, cast in enumerate(self.experts) if n % 5 == 1}

    def changed_times(self, session: Session, expert: Expert) -> dict[str, object]:
        if self.random.random() > 0.08 or session.kind in {Kind.LECTURE, Kind.MEETING}:
            return {}
        number = self.random.randrange(2)
        quarter = timedelta(minutes=15)
        done = (
            (session.starts_at, session.ends_at + quarter)
            if number == 0
            else (session.starts_at + quarter, session.ends_at)
        )
        return {"done": done, "change_reason": people.CHANGES[number][expert.language == "sv"]}

    # --- closing a month ---------------------------------------------------------------------------------------------

    def send(self, cast: ExpertCast, month: date, moment: datetime) -> Story:
        at = yield moment
        if Session.objects.filter(
            expert=cast.expert, starts_at__gte=clock(month, 0), starts_at__lt=self.end(month)
        ).exists():
            pay.send_month(cast.expert, month, by=cast.user or self.coordinator, at=at)

    def end(self, month: date) -> datetime:
        return clock(next_month(month), 0)

    def lists(self, month: date, unit: Unit) -> list[HourList]:
        found = HourList.objects.filter(month=month, unit=unit, state=ListState.AT_UNIT)
        return list(found.select_related("expert__user", "unit").order_by("pk"))

    def checker(self, cast: UnitCast, list_: HourList) -> User:
        """The named employee; the deputy for the named employee's own list."""
        return cast.deputy if list_.expert.user_id == cast.named.pk else cast.named

    def closed(self, month: date, *, paid: bool) -> Story:
        """An earlier month to its end: sent, one returned and mended, approved, closed; paid or at the payroll."""
        following = next_month(month)
        for n, cast in enumerate(self.experts):
            day = following + timedelta(days=1 + n % 7)
            self.diary.begin(self.send(cast, month, clock(day, 9 + n % 10, 7 * (n % 8))))
        at = yield clock(following.replace(day=9), 10)
        returned = self.lists(month, self.units[0].unit)[:1]
        for list_ in returned:
            reasons = people.RETURNS[0], people.RETURNS[1]
            row = HourRow.objects.filter(hour_list=list_).earliest("pk")
            swedish = list_.expert.language == "sv"
            pay.return_list(
                list_, by=self.checker(self.units[0], list_), at=at, reason=reasons[0][swedish],
                rows={row.pk: reasons[1][swedish]},
            )  # fmt: skip
        at = yield at + timedelta(hours=7)
        for list_ in returned:
            pay.send_month(list_.expert, month, by=list_.expert.user or self.coordinator, at=at)
        for n, unit in enumerate(self.units):
            at = yield clock(following.replace(day=10 + n % 3), 8 + n % 8, 5 * n)
            self.approve(unit, self.lists(month, unit.unit), at)
        at = yield clock(following.replace(day=14), 13, 20)
        looked = [ask.expert_id for ask in pay.preview_run(month, at=at).asks]
        run = pay.make_run(month, by=self.coordinator, at=at, looked=looked, documents=False)
        if paid:
            yield from self.pay(run)
        else:
            at = yield clock(following.replace(day=15), 9, 30)
            pay.send_to_payroll(run, by=self.finance, at=at)

    def approve(self, cast: UnitCast, lists: list[HourList], at: datetime) -> None:
        for checker in (cast.named, cast.deputy):
            mine = [list_ for list_ in lists if self.checker(cast, list_) == checker]
            if mine:
                pay.approve(mine, by=checker, at=at)

    def pay(self, run: PaymentRun) -> Story:
        at = yield clock(previous_working_day(pay_day(run.month)), 9)
        pay.send_to_payroll(run, by=self.finance, at=at)
        if run.number == REJECTED_RUN:  # one line comes back and is paid with the next run
            line = run.lines.filter(kind="fee", amount__gt=0).order_by("position")[0]
            why = "Tilinumero puuttuu palkanlaskennasta."
            pay.reject(run, [line.pk], by=self.finance, at=at + timedelta(hours=3), reason=why)
        at = yield clock(pay_day(run.month), 12)
        pay.mark_paid(run, by=self.finance, at=at)

    def half_way(self, month: date) -> Story:
        """The last month: some have not sent, some lists are at the unit, one came back, some are approved.

        Whatever the day of this month is: what would come later has come by now.
        """
        start = self.end(month)
        for n, cast in enumerate(self.experts):
            if cast.expert.pk in self.behind:
                continue
            planned = clock(self.this_month + timedelta(days=1 + n % 7), 9 + n % 10, 11 * (n % 5))
            self.diary.begin(self.send(cast, month, self.by_now(planned, start, 90)))
        at = yield self.by_now(clock(self.this_month.replace(day=9), 15), start, 60)
        for n, unit in enumerate(self.units):
            at = yield self.by_now(clock(self.this_month.replace(day=9 + n % 3), 15, n), start, 50 - n)
            lists = self.lists(month, unit.unit)
            self.approve(unit, lists[2:] if n < 2 else lists[: (len(lists) + 1) // 2], at)
        for unit in self.units[2:12:4]:
            at = yield self.by_now(clock(self.this_month.replace(day=12), 9), start, 30)
            for list_ in self.lists(month, unit.unit)[:1]:
                row = HourRow.objects.filter(hour_list=list_).latest("pk")
                swedish = list_.expert.language == "sv"
                pay.return_list(
                    list_, by=self.checker(unit, list_), at=at, reason=people.RETURNS[0][swedish],
                    rows={row.pk: people.RETURNS[1][swedish]},
                )  # fmt: skip

    def by_now(self, moment: datetime, start: datetime, minutes: int) -> datetime:
        """``moment``, or ``minutes`` before now when that is earlier; never before ``start``."""
        return max(min(moment, self.now - timedelta(minutes=minutes)), start)

    # --- what waits today --------------------------------------------------------------------------------------------

    def waiting(self) -> None:
        """Orders in every state that is not agreed, and new times that wait for an answer."""
        today = local_date(self.now)
        endings = (
            ["to_confirm"] * 5
            + ["offered"] * 6
            + ["looking"] * 3
            + ["declined"] * 2
            + ["draft"] * 3
            + ["cancelled"] * 2
        )
        for n, ending in enumerate(endings):
            cast = self.units[(0, 10, 1, 0, 4, 7, 1, 2, 5)[n % 9]]
            kind = cast.facts.kinds[n % len(cast.facts.kinds)]
            day = today
            for _step in range(9 + n % 8):
                day = next_working_day(day)
            length = timedelta(minutes=people.LENGTHS[kind][0])
            spans = [(start := clock(day + timedelta(weeks=w), 9 + n % 6), start + length) for w in range(1 + n % 2)]
            spans = [span for span in spans if is_working_day(local_date(span[0]))]
            plan = Plan(cast, kind, cast.facts.languages[n % len(cast.facts.languages)], spans)
            plan.expert = self.expert_for(plan, cast.facts.area, rather=self.experts[n % 8])
            if plan.expert is None:
                continue
            plan.expert.busy += spans
            if n % 3 == 0:
                plan.travel_km = Decimal(120 + 7 * n) / 10
            self.diary.begin(self.unfinished(plan, ending, hours=6 + 5 * (n % 9)))

    def unfinished(self, plan: Plan, ending: str, hours: int) -> Story:
        """An order that has come as far as ``ending``; ``hours`` ago it began."""
        if plan.expert is None:
            return
        orderer = plan.cast.staff[0]
        at = yield self.now - timedelta(hours=hours)
        names_expert = ending != "looking"
        wish = "" if names_expert else self.random.choice(people.WISHES)[plan.language == "sv"]
        order = self.draft(plan, orderer, at, plan.expert.expert if names_expert else None, wish)
        if ending == "draft":
            return
        at = yield at + timedelta(minutes=12)
        work.submit(order, by=orderer, at=at)
        if ending == "to_confirm":
            return
        at = yield at + timedelta(minutes=95)
        if ending == "cancelled":
            work.cancel_order(order, by=orderer, at=at)
            return
        work.confirm(order, by=plan.cast.named, at=at)
        if ending == "declined":
            at = yield at + timedelta(minutes=130)
            offer = order.offers.select_related("order", "expert__user").get()
            work.decline(offer, by=plan.expert.user or self.coordinator, at=at)

    def new_times(self) -> None:
        """Three proposals of a new time that nobody has answered: two by the unit, one by the expert."""
        ahead = (
            Session.objects.filter(state=SessionState.AGREED, starts_at__gt=self.now + timedelta(days=3))
            .exclude(expert__user=None)
            .select_related("order__orderer", "unit", "expert__user")
            .order_by("starts_at", "pk")
        )
        for n, session in enumerate(ahead[2:15:5]):
            if session.expert is None or session.expert.user is None:
                continue
            cast = self.by_expert[session.expert.pk]
            length = session.ends_at - session.starts_at
            start = clock(next_working_day(local_date(session.starts_at)), 8)
            if not cast.free([(start, start + length)]):
                continue
            cast.busy.append((start, start + length))
            by = session.expert.user if n == 1 else session.order.orderer
            try:
                work.propose_move(session, start, start + length, by=by, at=self.now - timedelta(hours=3 + n))
            except RuleError as error:
                self.diary.refused.append(f"new time: {error.message}")

    # --- all of it ---------------------------------------------------------------------------------------------------

    def live(self) -> None:
        """A paid month, one in payment, one half way, this one, and what is agreed ahead."""
        behaves = (
            Event.ORDERER_CANCELLED, Event.ORDERER_CANCELLED, Event.ORDERER_CANCELLED, Event.ORDERER_CANCELLED,
            Event.NO_SHOW, Event.NO_SHOW, Event.EXPERT_ILL, Event.MOVED, Event.NOBODY_CAME,
        )  # fmt: skip
        for month, orders in (
            (self.paid_month, 1),
            (self.closed_month, 3),
            (self.last_month, 3),
            (self.this_month, 2),
            (next_month(self.this_month), 1),
        ):
            fates = behaves if month < self.this_month else behaves[2:8:2]
            for n, plan in enumerate(self.with_fates(self.plans(month, orders), fates)):
                others = [cast for cast in self.experts if cast is not plan.expert and plan.kind in cast.expert.kinds]
                asked = None
                if n % 12 == 5:
                    asked = next(
                        (
                            cast
                            for cast in others
                            if cast.free(plan.spans) and local_date(plan.spans[-1][1]) <= cast.works_until
                        ),
                        None,
                    )
                self.diary.begin(self.agreed_order(plan, declined_first=asked))
        self.diary.begin(self.closed(self.paid_month, paid=True))
        self.diary.begin(self.closed(self.closed_month, paid=False))
        self.diary.begin(self.half_way(self.last_month))
        self.waiting()
        self.diary.live(self.now)
        self.new_times()
        asking(self, Plan)
        two_experts(self, Plan)
