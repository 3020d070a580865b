"""Ordering in steps: what, the plan and the place, when, who, fee and travel, check.

Here what and details; the times are in `steps_when`, who in `steps_who`, what follows in `steps_send`. The draft is an
order in the database after step 1, so that what was typed survives an error, another tab and a time-out. Nothing needs
JavaScript.
"""

from datetime import datetime
from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from assignments.access import ORDER
from assignments.actions import copy_both, save_draft
from assignments.actions.plans import plan_values
from assignments.forms import FindForm, WhatForm, initial_what
from assignments.forms_plan import details_form
from assignments.forms_times import TYPED
from assignments.models import Order, UnitHabits
from assignments.pairs import WRITING, first_of, is_second
from assignments.states import OrderState, SessionState
from experts.models import Topic
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.asked_once import Seen
from office.choices import NAMED, ORDERERS, Role
from office.errors import RuleError
from office.forms import tell
from office.models import Unit, User

STEPS: tuple[tuple[str, str | Promise], ...] = (
    ("what", gettext_lazy("What")),
    ("details", gettext_lazy("Plan and place")),
    ("when", gettext_lazy("When")),
    ("who", gettext_lazy("Who")),
    ("fee", gettext_lazy("Fee and travel")),
    ("check", gettext_lazy("Check your answers")),
)
NUMBER = {name: number for number, (name, _label) in enumerate(STEPS, 1)}


def units_of(user: User) -> list[Unit]:
    """The units in which the person may order; the coordinator in all."""
    units = Unit.objects.filter(is_active=True)
    if not user.has_role(Role.COORDINATOR):
        units = units.filter(pk__in=user.holdings.units_as(*ORDERERS))
    return list(units)


def may_change(user: User, order: Order) -> bool:
    """A draft by whoever may order in the unit; one that waits for confirmation by the named employee (R1)."""
    if user.has_role(Role.COORDINATOR):
        return order.state in {OrderState.DRAFT, OrderState.TO_CONFIRM}
    if order.state == OrderState.DRAFT:
        return user.holdings.holds(ORDERERS, order.unit_id)
    return order.state == OrderState.TO_CONFIRM and user.holdings.holds(NAMED, order.unit_id)


def _of_units(reader: User, pk: int) -> QuerySet[Order]:
    """One's orders as somebody who orders: as an expert one sees orders without being able to write in them."""
    orders = Order.objects.visible_to(reader).filter(pk=pk)
    if not reader.has_role(Role.COORDINATOR):
        orders = orders.filter(unit__in=reader.holdings.units_as(*ORDERERS))
    return orders.select_related(
        "unit__habits", "topic", "expert", "orderer", "plan", "companion__expert__user", "lead__expert__user", "process"
    )


_DRAFT = Seen(_of_units, pk=int)


def draft_of(request: HttpRequest, pk: int) -> Order:
    """The order behind a step. 404 when it is not of the person's units."""
    order = _DRAFT.one(person(request), pk=pk)
    if order is None:
        raise Http404
    return order


def person(request: HttpRequest) -> User:
    return cast("User", request.user)


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is empty; nothing when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def times_of(order: Order) -> list[tuple[datetime, datetime]]:
    planned = order.sessions.filter(state=SessionState.PLANNED).order_by("starts_at")
    return list(planned.values_list("starts_at", "ends_at"))


def save_some(order: Order, by: User, at: datetime, **changes: Any) -> Order:
    """Rewrites the draft with some answers changed."""
    kept = ("unit", "kind", "task", "language", "topic", "expert", "wish")
    where = ("place", "remote", "contact_name", "contact_phone")
    money = ("agreed_amount", "fee_declined", "travel_mode", "travel_km", "travel_cap", "allowance")
    values = {name: getattr(order, name) for name in (*kept, *where, *money)}
    if "times" not in changes:
        changes["times"] = times_of(order)
    return save_draft(order, by=by, at=at, **(values | changes))


def _back_to(request: HttpRequest) -> str:
    return "?to=check" if request.GET.get("to") == "check" else ""


def onward(request: HttpRequest, order: Order, step: str) -> HttpResponse:
    """To the next step; back to the answers when the person came from there."""
    target = "check" if request.GET.get("to") == "check" else step
    return redirect(f"assignments:order_{target}", order.pk)


def gone_on(request: HttpRequest, order: Order) -> HttpResponse | None:
    """The order itself, when there is nothing to write any more: a second sending is harmless."""
    if is_second(order) and order.state in WRITING:  # it is written with the order of the first expert
        return redirect("assignments:order_check", first_of(order).pk)
    if may_change(person(request), order):
        return None
    if order.state == OrderState.DRAFT or request.method == "GET":
        return redirect("assignments:order", order.pk)
    messages.info(request, _("The order has been sent already."))
    return redirect("assignments:order", order.pk)


def step_page(request: HttpRequest, step: str, order: Order | None, **context: Any) -> HttpResponse:
    number = NUMBER["who" if step == "second" else step]
    back = ""
    if order is not None and request.GET.get("to") == "check":
        back = reverse("assignments:order_check", args=[order.pk])
    elif order is not None and step == "second":
        back = reverse("assignments:order_who", args=[order.pk])
    elif order is not None and number > 1:
        back = reverse(f"assignments:order_{STEPS[number - 2][0]}", args=[order.pk])
    context |= {"order": order, "number": number, "label": STEPS[number - 1][1], "steps": len(STEPS), "back": back}
    return render(request, f"assignments/order_{step}.html", context)


# --- 1 what ----------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def what(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 1 of an order that is being written."""
    at, user, order = timezone.now(), person(request), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    form = WhatForm(posted(request), units=units_of(user), initial=initial_what(order))
    if form.is_valid():
        changes = what_answers(form) | {"plan": plan_values(order)}
        other_kind = changes["kind"] != order.kind
        if other_kind:
            changes["agreed_amount"] = None  # it was agreed for another kind of work
        if changes["unit"] != order.unit:
            changes |= _moved_to(order, changes["unit"], user)
        try:
            save_some(order, user, at, **changes)
        except RuleError as error:
            tell(form, error)
        else:
            if other_kind:  # its questions are others
                return redirect(f"{reverse('assignments:order_details', args=[order.pk])}{_back_to(request)}")
            return onward(request, order, "details")
    return step_page(request, "what", order, form=form)


def what_answers(form: WhatForm) -> dict[str, Any]:
    answers = form.cleaned_data
    topic = Topic.objects.get(pk=answers["topic"]) if answers["topic"] else None
    names = ("kind", "task", "language")
    return {name: answers[name] for name in names} | {"unit": form.chosen_unit, "topic": topic}


def habits_of(unit: Unit, user: User) -> dict[str, str]:
    """Whom the expert meets on the day: as the unit told last, else the person who orders."""
    habits = UnitHabits.objects.filter(unit=unit).first()
    if habits is not None and habits.contact_name:
        return {"contact_name": habits.contact_name, "contact_phone": habits.contact_phone}
    return {"contact_name": str(user), "contact_phone": user.phone}


def _moved_to(order: Order, unit: Unit, user: User) -> dict[str, Any]:
    """What was the first unit's usual becomes the other's; what was written stays."""
    changes: dict[str, Any] = {}
    if order.place == order.unit.place:
        changes["place"] = unit.place
    usual = habits_of(order.unit, user)
    if (order.contact_name, order.contact_phone) == (usual["contact_name"], usual["contact_phone"]):
        changes |= habits_of(unit, user)
    return changes


# --- 2 the plan and the place ----------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def details(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: the questions of the kind of work, the place, and whom to meet on the day."""
    at, order = timezone.now(), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    where = {name: getattr(order, name) for name in ("remote", "place", "contact_name", "contact_phone")}
    form = details_form(order)(posted(request), order=order, initial=plan_values(order) | where)
    if form.is_valid():
        changes = {name: form.cleaned_data[name] for name in where}
        try:
            save_some(order, person(request), at, plan=form.plan, **changes)
        except RuleError as error:
            tell(form, error)
        else:
            return onward(request, order, "when")
    return step_page(request, "details", order, form=form)


@requires(ORDER)
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft with the questions of an earlier order; its times are asked anew."""
    at, order = timezone.now(), draft_of(request, pk)
    try:
        copied = copy_both(order, by=person(request), at=at)
    except RuleError as error:
        messages.error(request, str(error.message))
        return redirect("assignments:order", order.pk)
    messages.success(request, _("This is a new order with the same questions. Check the answers and choose new times."))
    return redirect("assignments:order_what", copied.pk)


def expert_name(user: User, order: Order) -> str:
    """As the expert has agreed to be shown: never the surname before the work is agreed (R5)."""
    return name_for(user, order.expert, stage_of(order)) if order.expert else ""


def stage_of(order: Order) -> Stage:
    """What of the expert the unit may see by now."""
    return Stage.AFTER if order.state == OrderState.AGREED else Stage.BEFORE


def search_of(form: FindForm) -> dict[str, str]:
    """What the search hands on to `start`, as it was typed."""
    names = ("topic", "language", "kind", "way", *TYPED)
    return {name: form.data.get(name, "") for name in names}
