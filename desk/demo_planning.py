"""What the demonstration office plans: which orders of a month, for whom, when, and what does not go as agreed."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal

from assignments import actions as work
from assignments.models import Order
from assignments.rules import Event
from desk import demo_people as people
from desk.demo_cast import Base, ExpertCast, Plan, Span, allowance_of, clock, working_days
from desk.demo_plans import plan_for
from experts.models import Expert
from office.kinds import TaskType as Kind
from office.models import User
from office.workdays import is_working_day, local_date, next_working_day


class Planning(Base):
    """Orders before anybody has answered."""

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
