"""The end of ordering: fee and travel, check your answers, send."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assignments.access import ORDER
from assignments.actions import set_second_money, submit
from assignments.actions.orders import trusts_staff
from assignments.actions.plans import plan_of, plan_problem
from assignments.actions.second import led_by_one
from assignments.confirming import sent_words
from assignments.forms import CheckForm, FeeForm
from assignments.models import Order
from assignments.pairs import KINDS, name_of_other
from assignments.plan_words import plan_facts
from assignments.plans import ASKED
from assignments.preview import Fees, Planning, Priced, item_words, read_times
from assignments.states import OrderState
from assignments.steps import draft_of, expert_name, gone_on, onward, person, posted, save_some, step_page, times_of
from assignments.steps_who import can_take, cannot_words
from assignments.views_asking import asked_names
from office.access import requires
from office.choices import NAMED
from office.errors import RuleError
from office.forms import tell
from office.models import User
from office.panels import panels
from office.workdays import local_date

MONEY = ("agreed_amount", "travel_mode", "travel_km", "travel_cap", "allowance")

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
    fees = Fees(order, _starts(times))
    form = FeeForm(
        posted(request), item=fees.ranged, travel=fees.travel, allowances=fees.allowances, initial=_money(order)
    )
    second = _Second(request, order.companion, times, at, fees) if order.companion else None
    if form.is_valid() and (second is None or second.form.is_valid()):
        changes = _said(form)
        if request.POST.get("do") != "count":
            try:
                _save(order, second, person(request), at, times=times, **changes)
            except RuleError as error:
                tell(form, error)
            else:
                return onward(request, order, "check")
        _count_with(order, changes)
        if second is not None:
            _count_with(second.order, second.changes)
    sums = fees.sums(read_times(times, at))
    context = {"fees": fees, "words": _fee_words(fees), "sums": sums, "total": _total(sums), "second": second}
    context["planning"] = planning_of(order, fees)
    return step_page(request, "fee", order, form=form, names=_names(person(request), order), **context)


@transaction.atomic
def _save(order: Order, second: "_Second | None", by: User, at: datetime, **changes: Any) -> None:
    saved = save_some(order, by, at, **changes)
    if second is not None:
        second.save(saved, by)


class _Second:
    """What the second expert is paid: a fee and a journey of their own."""

    def __init__(self, request: HttpRequest, order: Order, times: list[Any], at: Any, first: Fees) -> None:
        self.order = order
        self.fees = Fees(order, _starts(times), beside=first)
        self.form = FeeForm(
            posted(request),
            item=self.fees.ranged,
            travel=self.fees.travel,
            allowances=self.fees.allowances,
            initial=_money(order),
            prefix="second",
        )
        self.times = read_times(times, at)

    @property
    def changes(self) -> dict[str, Any]:
        return _said(self.form)

    @property
    def sums(self) -> list[Any]:
        return self.fees.sums(self.times)

    @property
    def total(self) -> Any:
        return _total(self.sums)

    def save(self, first: Order, by: User) -> None:
        said = self.changes
        set_second_money(
            first, agreed_amount=said["agreed_amount"], mode=said["travel_mode"] or "", km=said["travel_km"],
            cap=said["travel_cap"], allowance=said["allowance"] or "", by=by,
        )  # fmt: skip


def planning_of(order: Order, fees: Fees) -> Planning | None:
    """What the planning that the plan of a group names pays."""
    plan = plan_of(order) if "preparation_minutes" in ASKED[order.kind] else None
    return fees.planning(plan.preparation_minutes) if plan else None


def _said(form: FeeForm) -> dict[str, Any]:
    said = {name: form.cleaned_data.get(name) for name in MONEY}
    return said | {"allowance": said["allowance"] or ""}


def _count_with(order: Order, changes: dict[str, Any]) -> None:
    """For the sums on the page only; nothing is saved."""
    for name, value in changes.items():
        setattr(order, name, value)


def _money(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in MONEY}


def _names(user: User, order: Order) -> tuple[str, str]:
    """The first and the second expert, as the reader may name them."""
    second = order.companion
    return expert_name(user, order), name_of_other(user, second) if second else ""


def _starts(times: list[Any]) -> list[datetime]:
    return [starts_at for starts_at, _ends_at in times]


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
    fees = Fees(order, _starts(times))
    sums = fees.sums(read_times(times, at))
    other = order.companion
    with_other = Fees(other, _starts(times), beside=fees).sums(read_times(times, at)) if other else []
    late = [one.time for one in sums if one.time.late]
    form = CheckForm(posted(request), late=bool(late))
    writing = order.state == OrderState.DRAFT
    if form.is_valid() and writing:
        try:
            order = submit(order, by=user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, sent_words(order))
            return redirect("assignments:order", order.pk)
    problems = {one.problem for one in [*sums, *with_other] if one.problem}
    if not can_take(user, order, times, at):
        problems.add(cannot_words(order, times))
    if other is not None and not can_take(user, other, times, at):
        problems.add(cannot_words(other, times))
    if led_by_one(order):
        problems.add(_("A group has two leaders: name the employee of the plan, or choose a second expert."))
    if lacking := plan_problem(order, plan_of(order), (local_date(starts_at) for starts_at, _ends_at in times)):
        problems.add(lacking)
    return step_page(
        request, "check", order, form=form, sums=sums, total=_total(sums), fees=fees, words=_fee_words(fees),
        late=late, problems=sorted(problems), confirms=user.holdings.holds(NAMED, order.unit_id), writing=writing,
        expert_name=expert_name(user, order), asked=asked_names(user, order), trusted=trusts_staff(order.unit),
        plan=plan_facts(order), panels=panels("order_price", user, Priced(order, [*sums, *with_other]), at),
        other=other, other_name=_names(user, order)[1], other_sums=with_other,
        other_total=_total(with_other), may_be_two=order.kind in KINDS, planning=planning_of(order, fees),
    )  # fmt: skip
