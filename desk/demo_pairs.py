"""Groups for two experts: to be confirmed, asked, one lacking, with one, agreed with a new time half answered."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assignments import actions as work
from assignments.actions.plans import plan_values
from assignments.models import Offer, Order, Session
from desk.demo_asking import able, rewritten, span_of
from office.errors import RuleError
from office.kinds import TaskType as Kind

if TYPE_CHECKING:
    from desk.demo_cast import ExpertCast, Plan
    from desk.demo_story import Office

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WEEK = timedelta(days=7)


def two_experts(office: "Office", plan_of: "type[Plan]") -> None:
    """Ordered yesterday and today, each in the evening of another week, so that nobody's time clashes."""
    for n, tell in enumerate((_to_confirm, _asked, _lacking, _with_one, _half_moved, _draft)):
        start, _end = span_of(office.now, 12 + n, 16)
        spans = [(start + weeks * WEEK, start + weeks * WEEK + HOUR) for weeks in range(3)]
        unit = office.units[(n + 1) % 2]  # staff of the first one order without confirmation
        plan = plan_of(unit, Kind.GROUP, "fi", spans)
        experts = able(office, unit, plan)[:2]
        if len(experts) < 2:
            office.diary.refused.append(f"{tell.__name__}: nobody is free")
            continue
        try:
            tell(office, plan, experts)
        except RuleError as error:
            office.diary.refused.append(f"{tell.__name__}: {error.message}")


def _written(office: "Office", plan: "Plan", experts: "list[ExpertCast]", at: datetime) -> Order:
    by = plan.cast.staff[0]
    order = office.draft(plan, by, at, experts[0].expert)
    order = rewritten(order, by, at, times=plan.spans, plan=plan_values(order) | {"co_leader": ""})
    work.set_second(order, experts[1].expert, by=by, at=at)
    return Order.objects.select_related("unit", "orderer", "companion").get(pk=order.pk)


def _sent(office: "Office", plan: "Plan", experts: "list[ExpertCast]", at: datetime) -> Order:
    """Written by staff, confirmed by the named employee."""
    order = _written(office, plan, experts, at)
    work.submit(order, by=plan.cast.staff[0], at=at)
    order.refresh_from_db()
    return order if order.state == "offered" else work.confirm(order, by=plan.cast.named, at=at + 20 * MINUTE)


def _offer(cast: "ExpertCast", order: Order) -> Offer:
    rows = Offer.objects.select_related("order__unit", "order__orderer", "expert__user")
    return rows.get(expert=cast.expert, order__in=[order.pk, order.companion_id], state="waiting")


def _yes(cast: "ExpertCast", order: Order, at: datetime) -> None:
    if cast.user is not None:
        work.accept(_offer(cast, order), by=cast.user, at=at)


def _no(cast: "ExpertCast", order: Order, at: datetime) -> None:
    if cast.user is not None:
        work.decline(_offer(cast, order), by=cast.user, at=at)


def _to_confirm(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    at = office.now - HOUR
    order = _written(office, plan, experts, at)
    work.submit(order, by=plan.cast.staff[0], at=at)


def _asked(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """One has said yes, the other has not answered."""
    at = office.now - 5 * HOUR
    _yes(experts[0], _sent(office, plan, experts, at), at + HOUR)


def _lacking(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """One has said yes, the other no: the unit decides how it goes on."""
    at = office.now - 4 * HOUR
    order = _sent(office, plan, experts, at)
    _yes(experts[0], order, at + HOUR)
    _no(experts[1], order, at + 2 * HOUR)


def _with_one(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """The unit has decided: one expert, with an employee."""
    at = office.now - 6 * HOUR
    order = _sent(office, plan, experts, at)
    _yes(experts[0], order, at + HOUR)
    _no(experts[1], order, at + 2 * HOUR)
    there = Order.objects.select_related("unit", "orderer", "expert__user").get(pk=order.pk)
    work.go_on_with_one(there, co_leader=str(plan.cast.named), by=plan.cast.staff[0], at=at + 3 * HOUR)


def _half_moved(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """Both have agreed; a new time is proposed for one evening, and one of them has said yes to it."""
    at = office.now - 7 * HOUR
    order = _sent(office, plan, experts, at)
    for n, cast in enumerate(experts):
        _yes(cast, order, at + (1 + n) * HOUR)
    rows = Session.objects.select_related("order__unit", "order__orderer", "expert__user")
    last = rows.filter(order=order.pk, state="agreed").order_by("starts_at").last()
    if last is None or experts[0].user is None:
        return
    move = work.propose_move(
        last, last.starts_at + HOUR, last.ends_at + HOUR, by=plan.cast.staff[0], at=at + 4 * HOUR,
        reason="Tila on varattu aiemmin illalla",
    )  # fmt: skip
    work.accept_move(move, by=experts[0].user, at=at + 5 * HOUR)


def _draft(office: "Office", plan: "Plan", experts: "list[ExpertCast]") -> None:
    """Written, with both experts; not sent yet."""
    _written(office, plan, experts, office.now - 30 * MINUTE)
