"""A second expert for a group or a lecture: written, sent and confirmed with the first; see assignments.pairs."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments.actions.asking import lock_order
from assignments.actions.common import act, allowance_agreed, no_codes, travel_agreed
from assignments.actions.free import lock_expert
from assignments.actions.people import must_be
from assignments.actions.plans import copy_order, plan_of, plan_values, write_plan
from assignments.models import Order, Session
from assignments.pairs import KINDS, first_of, is_second, other_of
from assignments.states import ORDER, SESSION, OrderState, SessionState
from experts.models import Expert
from office.actions import log, move
from office.choices import NAMED, ORDERERS, Role
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import User
from office.workdays import local_date

#: What both orders have in common.
SAME = (
    "unit", "orderer", "kind", "task", "language", "place", "remote", "topic", "contact_name", "contact_phone", "state",
    "submitted_at",
)  # fmt: skip


def lock_both(orders: Iterable[Order]) -> None:
    """Two orders are locked by their number, as two experts are."""
    for order in sorted(orders, key=lambda one: one.pk):
        lock_order(order)


def lock_experts(numbers: Iterable[int | None]) -> dict[int, Expert]:
    """Experts are locked by their number, so that nobody waits for somebody who waits for them."""
    return {pk: lock_expert(pk) for pk in sorted({pk for pk in numbers if pk is not None})}


def _may_write(order: Order, by: User) -> None:
    lock_order(order)
    writers = {OrderState.DRAFT: ORDERERS, OrderState.TO_CONFIRM: NAMED}.get(OrderState(order.state))
    if writers is None or is_second(order):
        raise Conflict(_("The order has been sent already. Look at the page again."))
    must_be(by, writers | {Role.COORDINATOR}, order.unit_id)


@act
def set_second(order: Order, expert: Expert | None, *, by: User, at: datetime, wish: str = "") -> Order:
    """A second expert for an order that is being written; without one named the coordinator looks for a second.

    Returns the second's order. Refused for other kinds of work, and for the first expert again.
    """
    _may_write(order, by)
    no_codes(wish)
    if order.kind not in KINDS:
        raise Refused(_("Two experts work together in groups and lectures only."))
    if expert is not None and expert.pk == order.expert_id:
        raise Refused(_("Choose two different experts."))
    second = order.companion or Order(created_at=at)
    other_one = second.pk is None or second.expert_id != (expert.pk if expert else None)
    if second.expert_id is not None and other_one:  # what was agreed with somebody else does not come along
        second.agreed_amount, second.travel_mode, second.travel_km, second.travel_cap = None, "", None, None
        second.allowance = ""
    second.expert, second.wish = expert, "" if expert else wish.strip()
    follow_first(order, second)
    if order.companion_id != second.pk:
        order.companion = second
        Order.objects.filter(pk=order.pk).update(companion=second)
    if other_one:
        log("order.second", order, by=by, at=at, second=second.pk, named=expert is not None)
    return second


@act
def drop_second(order: Order, *, by: User, at: datetime) -> None:
    """One expert after all: what was written of the second goes. A second click is harmless."""
    _may_write(order, by)
    if order.companion is not None:
        forget_second(order, by=by, at=at)


def forget_second(order: Order, *, by: User, at: datetime) -> None:
    """For actions only."""
    second = order.companion
    order.companion = None
    Order.objects.filter(pk=order.pk).update(companion=None)
    if second is not None and second.offers.exists():  # it was asked before the order was opened for changes
        move(second, ORDER["cancel"], by=by, at=at, unit_id=second.unit_id)
        for session in second.sessions.filter(state=SessionState.PLANNED):
            move(session, SESSION["drop"], by=by, at=at, unit_id=second.unit_id)
    elif second is not None:
        second.sessions.all().delete()
        second.delete()
    log("order.one_expert", order, by=by, at=at)


def keep_second(order: Order, *, by: User, at: datetime) -> None:
    """After the first's order was written; another kind of work may be one expert's. For actions only."""
    if order.companion is not None and order.kind in KINDS:
        follow_first(order, order.companion)
    elif order.companion is not None:
        forget_second(order, by=by, at=at)


def check_second(order: Order, expert: Expert | None) -> None:
    """Before the first's order is written with this expert. Raises Refused, Conflict."""
    if is_second(order):
        raise Conflict(_("The order of the second expert is written with that of the first."))
    if order.companion is not None and expert is not None and order.companion.expert_id == expert.pk:
        raise Refused(_("Choose two different experts."))


def follow_first(order: Order, second: Order) -> None:
    """The second's order says what the first's says, but for expert, amount and travel. For actions only."""
    for name in SAME:
        setattr(second, name, getattr(order, name))
    second.save()
    write_plan(second, plan_values(order))
    second.sessions.filter(state=SessionState.PLANNED).delete()
    Session.objects.bulk_create(
        Session(
            order=second, unit_id=one.unit_id, kind=one.kind, starts_at=one.starts_at, ends_at=one.ends_at,
            place=one.place,
        )
        for one in order.sessions.filter(state=SessionState.PLANNED)
    )  # fmt: skip


@act
def set_second_money(
    order: Order,
    *,
    agreed_amount: Decimal | None,
    mode: str,
    km: Decimal | None,
    cap: Decimal | None,
    by: User,
    allowance: str = "",
) -> None:
    """Amount and travel of the second expert: each has a fee and a journey of their own."""
    _may_write(order, by)
    second = order.companion
    if second is None:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    second.agreed_amount = agreed_amount
    second.travel_mode, second.travel_km, second.travel_cap = travel_agreed(mode, km, cap)
    second.allowance = allowance_agreed(allowance, second.travel_mode)
    second.save(update_fields=["agreed_amount", "travel_mode", "travel_km", "travel_cap", "allowance"])


def check_led(order: Order) -> None:
    """A group is led with an employee or with a second expert (R7). Refused; orders without a plan are let be."""
    if led_by_one(order):
        raise Refused(_("A group has two leaders: name the employee of the plan, or choose a second expert."))


def led_by_one(order: Order) -> bool:
    """Whether a group has neither an employee beside the expert nor a second expert."""
    plan = plan_of(order)
    alone = order.kind == TaskType.GROUP and other_of(order) is None
    return alone and plan is not None and not plan.co_leader


@act
def copy_both(order: Order, *, by: User, at: datetime) -> Order:
    """Ordering the same again, for two experts when the earlier order was for two (M14). Returns the first's copy."""
    first = first_of(order)
    copy = copy_order(first, by=by, at=at)
    other = other_of(first)
    if other is not None and copy.companion is None:
        findable = Expert.objects.findable_by(by, local_date(at))
        set_second(copy, findable.filter(pk=other.expert_id or 0).first(), by=by, at=at)
    return copy
