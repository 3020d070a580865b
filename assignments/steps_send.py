"""The end of ordering: fee and travel, check your answers, send."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assignments.access import ORDER
from assignments.actions import submit
from assignments.actions.orders import trusts_staff
from assignments.actions.plans import plan_of, plan_problem
from assignments.forms import CheckForm, FeeForm
from assignments.models import Order
from assignments.plan_words import plan_facts
from assignments.preview import Fees, Priced, item_words, read_times
from assignments.states import OrderState
from assignments.steps import (
    can_take,
    cannot_words,
    draft_of,
    expert_name,
    gone_on,
    onward,
    person,
    posted,
    save_some,
    step_page,
    times_of,
)
from assignments.views_asking import asked_names
from office.access import requires
from office.choices import NAMED
from office.errors import RuleError
from office.forms import tell
from office.panels import panels
from office.workdays import local_date

# --- 5 fee and travel ------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def fee(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 5: the fee in words, the amount when it is to be agreed, the travel; what each time pays."""
    at, order = timezone.now(), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    times = times_of(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    fees = Fees(order, times[0][0])
    names = ("agreed_amount", "travel_mode", "travel_km", "travel_cap")
    initial = {name: getattr(order, name) for name in names}
    form = FeeForm(posted(request), item=fees.ranged, travel=fees.travel, initial=initial)
    if form.is_valid():
        changes = {name: form.cleaned_data.get(name) for name in initial}
        if request.POST.get("do") != "count":
            try:
                save_some(order, person(request), at, times=times, **changes)
            except RuleError as error:
                tell(form, error)
            else:
                return onward(request, order, "check")
        for name, value in changes.items():
            setattr(order, name, value)
    sums = fees.sums(read_times(times, at))
    return step_page(request, "fee", order, form=form, fees=fees, words=_fee_words(fees), sums=sums, total=_total(sums))


def _fee_words(fees: Fees) -> list[tuple[Any, str]]:
    return [*fees.words(), *((item, item_words(item)) for item in [fees.travel] if item)]


def _total(sums: list[Any]) -> Any:
    return None if any(one.problem for one in sums) else sum(one.total for one in sums)


# --- 6 check ---------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 6: all answers with links to change them, then send. A second sending leads to the order."""
    at, user, order = timezone.now(), person(request), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    times = times_of(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    fees = Fees(order, times[0][0])
    sums = fees.sums(read_times(times, at))
    late = [one.time for one in sums if one.time.late]
    form = CheckForm(posted(request), late=bool(late))
    writing = order.state == OrderState.DRAFT
    if form.is_valid() and writing:
        try:
            order = submit(order, by=user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _sent(order))
            return redirect("assignments:order", order.pk)
    problems = {one.problem for one in sums if one.problem}
    if not can_take(user, order, times, at):
        problems.add(cannot_words(order, times))
    if lacking := plan_problem(order, plan_of(order), (local_date(starts_at) for starts_at, _ends_at in times)):
        problems.add(lacking)
    return step_page(
        request, "check", order, form=form, sums=sums, total=_total(sums), fees=fees, words=_fee_words(fees),
        late=late, problems=sorted(problems), confirms=user.holdings.holds(NAMED, order.unit_id), writing=writing,
        expert_name=expert_name(user, order), asked=asked_names(user, order), trusted=trusts_staff(order.unit),
        plan=plan_facts(order), panels=panels("order_price", user, Priced(order, sums), at),
    )  # fmt: skip


def _sent(order: Order) -> str:
    if order.state == OrderState.OFFERED and order.asking == Order.Asking.WHO_CAN:
        return _("The order is confirmed, and the experts have been asked who can.")
    if order.state == OrderState.OFFERED and order.expert:
        return _("The order is confirmed, and %(expert)s has been asked.") % {"expert": order.expert.short_name}
    if order.state == OrderState.LOOKING:
        return _("The order is confirmed. The coordinator looks for an expert.")
    return _("The order has been sent to the named employee of the unit to be confirmed.")
