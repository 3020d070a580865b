"""What a kind of work asks besides, whom to meet on the day, and ordering the same again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.common import act, no_codes
from assignments.actions.free import planned
from assignments.actions.people import must_be
from assignments.models import Order, OrderPlan, UnitHabits
from assignments.plans import ASKED, missing, outside
from assignments.states import OrderState
from experts.models import Expert
from office.actions import log
from office.choices import ORDERERS, Role
from office.errors import Refused
from office.models import User
from office.workdays import local_date

_ALL = sorted({name for names in ASKED.values() for name in names})


def plan_of(order: Order) -> OrderPlan | None:
    """The plan of the order; orders written before plans were asked have none."""
    found: OrderPlan | None = getattr(order, "plan", None)
    return found


def plan_values(order: Order) -> dict[str, Any]:
    """The answers that belong to the order's kind of work."""
    plan = plan_of(order)
    return {name: getattr(plan, name) for name in ASKED[order.kind]} if plan else {}


def write_plan(order: Order, plan: Mapping[str, Any]) -> None:
    """Keeps the answers of the order's kind of work and forgets those of other kinds. Raises Refused for a code."""
    empty = OrderPlan()
    values = {name: getattr(empty, name) for name in _ALL}
    values |= {name: plan[name] for name in ASKED[order.kind] if plan.get(name) is not None}
    no_codes(*(value for value in values.values() if isinstance(value, str)))
    order.plan, _made = OrderPlan.objects.update_or_create(order=order, defaults=values)


def plan_problem(order: Order, plan: OrderPlan | None, days: Iterable[date]) -> str:
    """Why it cannot be sent yet: a question of its kind without an answer, a day outside its period. "" when it can."""
    if plan is None:
        return ""
    values = {name: getattr(plan, name) for name in ASKED[order.kind]}
    if lacking := missing(order.kind, values):
        names = ", ".join(str(OrderPlan._meta.get_field(name).verbose_name) for name in lacking)  # type: ignore[union-attr]
        return _("Answer these questions of the plan first: %(names)s.") % {"names": names}
    if out := outside(values.get("first_day"), values.get("last_day"), days):
        return _("%(day)s is outside the period of the order.") % {"day": texts.day(out[0])}
    return ""


def check_plan(order: Order) -> None:
    """Before it is sent. Raises Refused; orders written before plans were asked have none to check."""
    plan = OrderPlan.objects.filter(order=order).first()
    if plan and (problem := plan_problem(order, plan, (local_date(one.starts_at) for one in planned(order)))):
        raise Refused(problem)


def remember_contact(order: Order) -> None:
    """The unit's next order begins with the same person to meet on the day."""
    contact = {"contact_name": order.contact_name, "contact_phone": order.contact_phone}
    if order.contact_name:
        UnitHabits.objects.update_or_create(unit=order.unit, defaults=contact)


@act
def copy_order(order: Order, *, by: User, at: datetime) -> Order:
    """A new draft with the same questions, for new times (M14).

    No state, confirmation, answer, fee, amount, travel or time comes along; the period of a plan neither. The expert is
    named again when still to be found. A second click leads to the copy that has just been made. Refused when the
    unit does not order any more.
    """
    must_be(by, ORDERERS | {Role.COORDINATOR}, order.unit_id)
    if not order.unit.is_active:
        raise Refused(_("The unit is not in use any more."))
    Order.objects.select_for_update().get(pk=order.pk)  # two clicks at once: one after the other
    made = Order.objects.filter(copied_from=order, orderer=by, state=OrderState.DRAFT, sessions=None).first()
    if made is not None:
        return made
    findable = Expert.objects.findable_by(by, local_date(at))
    copy = Order.objects.create(
        orderer=by, created_at=at, copied_from=order,
        unit=order.unit, kind=order.kind, task=order.task, language=order.language, topic=order.topic,
        place=order.place, remote=order.remote, wish=order.wish,
        contact_name=order.contact_name, contact_phone=order.contact_phone,
        expert=findable.filter(pk=order.expert_id or 0).first(),
    )  # fmt: skip
    write_plan(copy, plan_values(order) | {"first_day": None, "last_day": None})
    log("order.copied", copy, by=by, at=at, to_state=OrderState.DRAFT, order=order.pk)
    return copy
