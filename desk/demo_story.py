"""What happened in the demonstration office, told as stories that wait for their moments.

Everything goes through the actions, so every rule holds. The parts: desk.demo_cast (people, diary), desk.demo_planning,
desk.demo_outcomes, desk.demo_months.
"""

from datetime import timedelta
from decimal import Decimal

from assignments import actions as work
from assignments.models import Offer, Session
from assignments.rules import Event
from assignments.states import OrderState, SessionState
from desk import demo_people as people
from desk.demo_asking import asking
from desk.demo_cast import ExpertCast, Plan, Story, clock, working_days_before
from desk.demo_months import Months
from desk.demo_pairs import two_experts
from desk.demo_planning import Planning
from office.errors import RuleError
from office.workdays import is_working_day, local_date, next_month, next_working_day


class Office(Planning, Months):
    """The demonstration office on the day ``now``."""

    # --- orders ------------------------------------------------------------------------------------------------------

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
