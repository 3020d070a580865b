"""One order of each way of asking: in turn, who can?, by ticket, changed before it was confirmed, by trusted staff."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from assignments import actions as work
from assignments.models import Offer, Order
from office.errors import RuleError
from office.kinds import TaskType as Kind
from office.models import User
from office.workdays import at_wall_clock, local_date, next_working_day

if TYPE_CHECKING:
    from desk.demo_cast import ExpertCast, Plan, UnitCast
    from desk.demo_story import Office

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def asking(office: "Office", plan_of: "type[Plan]") -> None:
    """Everything was asked in the last hours, so that it waits for answers today."""
    for n, tell in enumerate((_in_turn, _who_can, _by_ticket, _changed, _trusted)):
        unit = office.units[n % 2]
        plan = plan_of(unit, Kind.INDIVIDUAL, "fi", [span_of(office.now, 11 + n, 10 + n)])
        experts = able(office, unit, plan)
        try:
            tell(office, plan, experts)
        except RuleError as error:
            office.diary.refused.append(f"{tell.__name__}: {error.message}")


def span_of(now: datetime, days: int, hour: int) -> tuple[datetime, datetime]:
    day = local_date(now)
    for _step in range(days):
        day = next_working_day(day)
    start = at_wall_clock(day, time(hour))
    return start, start + HOUR


def able(office: "Office", unit: "UnitCast", plan: "Plan") -> "list[ExpertCast]":
    """Three with an account who suit and are free; their time is taken for what follows."""
    working = {unit.named, unit.deputy, *unit.staff}
    found = [
        cast
        for cast in office.experts
        if cast.user is not None
        and cast.user not in working
        and plan.kind in cast.expert.kinds
        and plan.language in cast.expert.work_languages
        and local_date(plan.spans[-1][1]) <= cast.works_until
        and cast.free(plan.spans)
    ][:3]
    for cast in found:
        cast.busy += plan.spans
    return found


def _sent(office: "Office", plan: "Plan", experts: "list[ExpertCast]", way: str, at: datetime) -> Order:
    """Written and sent by staff, confirmed by the named employee half an hour later."""
    by = plan.cast.staff[0]
    order = office.draft(plan, by, at, None)
    chosen = [cast.expert for cast in experts]
    work.choose_whom(order, by=by, at=at, asking=way, experts=chosen, answer_days=2)
    work.submit(order, by=by, at=at)
    return work.confirm(order, by=plan.cast.named, at=at + 30 * MINUTE)


def _offer(order: Order, cast: "ExpertCast") -> Offer:
    rows = Offer.objects.select_related("order__unit", "order__orderer", "expert__user")
    return rows.get(order=order, expert=cast.expert)


def _in_turn(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """The first has said no, the second is asked, the third waits for a turn."""
    at = office.now - 5 * HOUR
    order = _sent(office, plan, experts, Order.Asking.IN_TURN, at)
    first = experts[0].user
    if first is not None:
        work.decline(_offer(order, experts[0]), by=first, at=at + 90 * MINUTE)


def _who_can(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """Two can, one has not answered: the orderer chooses."""
    at = office.now - 4 * HOUR
    order = _sent(office, plan, experts, Order.Asking.WHO_CAN, at)
    for n, cast in enumerate(experts[:2]):
        if cast.user is not None:
            work.say_yes(_offer(order, cast), by=cast.user, at=at + (60 + 20 * n) * MINUTE)


def rewritten(order: Order, by: User, at: datetime, **changes: Any) -> Order:
    names = (
        "unit", "kind", "task", "language", "place", "remote", "topic", "expert", "contact_name", "contact_phone",
    )  # fmt: skip
    return work.save_draft(order, by=by, at=at, **({name: getattr(order, name) for name in names} | changes))


def _by_ticket(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """One expert, who travels by train up to a cap."""
    at = office.now - 3 * HOUR
    order = office.draft(plan, plan.cast.staff[0], at, experts[0].expert)
    order = rewritten(
        order, plan.cast.staff[0], at, travel_mode="ticket", travel_cap=Decimal("24.00"), times=plan.spans
    )
    work.submit(order, by=plan.cast.staff[0], at=at)
    work.confirm(order, by=plan.cast.named, at=at + 30 * MINUTE)


def _changed(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """The named employee moves it by an hour before confirming it."""
    at = office.now - 2 * HOUR
    order = office.draft(plan, plan.cast.staff[0], at, experts[0].expert)
    work.submit(order, by=plan.cast.staff[0], at=at)
    later = [(start + HOUR, end + HOUR) for start, end in plan.spans]
    order = rewritten(order, plan.cast.named, at + 20 * MINUTE, times=later)
    work.confirm(order, by=plan.cast.named, at=at + 25 * MINUTE)


def _trusted(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """From now on the unit's staff order without confirmation, and one of them does."""
    at = office.now - HOUR
    work.set_trust(plan.cast.unit, trusts=True, by=plan.cast.named, at=at - MINUTE)
    order = office.draft(plan, plan.cast.staff[0], at, experts[0].expert)
    work.submit(order, by=plan.cast.staff[0], at=at)
