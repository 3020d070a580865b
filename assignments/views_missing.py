"""One of two experts is lacking: what the unit or the coordinator decides (another one, one expert, none)."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from assignments import actions
from assignments.access import ORDER
from assignments.actions.missing import preview_both
from assignments.actions.plans import plan_of
from assignments.actions.series import SeenOther
from assignments.forms import WhoForm
from assignments.models import Order
from assignments.pairs import name_of_other, one_is_missing
from assignments.states import OrderState
from assignments.steps import draft_of, times_of
from assignments.steps_who import candidates
from experts.models import Expert
from office.access import requires
from office.errors import RuleError
from office.forms import PlainText, tell
from office.kinds import TaskType
from office.requests import Request
from office.workdays import local_date


class AnotherForm(WhoForm):
    """Another second expert."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["expert"]
        field.choices = field.choices[1:]  # type: ignore[attr-defined]  # the coordinator looks already
        field.error_messages["required"] = gettext_lazy("Choose an expert.")
        del self.fields["wish"]


class OneForm(forms.Form):
    """The employee who leads the group with the expert who stays."""

    co_leader = PlainText(
        label=gettext_lazy("Employee who leads the group with the expert"), max_length=120, required=False
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["co_leader"].mark_optional = False  # type: ignore[attr-defined]  # read by the form templates


def _found(request: Request, pk: int) -> tuple[Order, Order] | None:
    return one_is_missing(draft_of(request, pk))


@requires(ORDER)
@require_GET
def missing(request: Request, pk: int) -> HttpResponse:
    """What has happened, and the three ways on."""
    return _page(request, pk)


def _page(request: Request, pk: int, **forms_with_errors: Any) -> HttpResponse:
    at = timezone.now()
    pair = _found(request, pk)
    if pair is None:
        return redirect("assignments:order", pk)
    lacking, there = pair
    times = times_of(lacking)
    found, more, _ = candidates(request, lacking, times, at)
    found = [expert for expert in found if expert.pk != there.expert_id]
    another = forms_with_errors.get("another") or AnotherForm(found=found)
    plan = plan_of(there)
    context = {
        "order": there,
        "lacking": lacking,
        "name": name_of_other(request.user, there),
        "agreed": there.state == OrderState.AGREED,
        "times": times,
        "another": another,
        "options": list(zip(another["expert"].subwidgets, found, strict=True)),
        "more": more,
        "wide": "wide" in request.GET,
        "one": forms_with_errors.get("one") or OneForm(initial={"co_leader": plan.co_leader if plan else ""}),
        "needs_leader": there.kind == TaskType.GROUP,
        "meaning": preview_both(there, at=at),
        "again": forms_with_errors.get("again", ""),
    }
    return render(request, "assignments/order_missing.html", context)


@requires(ORDER)
@require_POST
def ask_another(request: Request, pk: int) -> HttpResponse:
    """Another expert is asked for the same times."""
    at, pair = timezone.now(), _found(request, pk)
    if pair is None:
        return _gone(request, pk)
    found = candidates(request, pair[0], times_of(pair[0]), at).found
    form = AnotherForm(request.POST, found=[expert for expert in found if expert.pk != pair[1].expert_id])
    if form.is_valid():
        findable = Expert.objects.findable_by(request.user, local_date(at))
        expert = get_object_or_404(findable, pk=form.cleaned_data["expert"])
        try:
            actions.ask_another(pair[0], expert, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("%(expert)s has been asked.") % {"expert": expert.short_name})
            return redirect("assignments:order", pk)
    return _page(request, pk, another=form)


@requires(ORDER)
@require_POST
def leave(request: Request, pk: int) -> HttpResponse:
    """The coordinator looks; the unit waits."""
    act = lambda: actions.leave_to_coordinator(draft_of(request, pk), by=request.user, at=timezone.now())  # noqa: E731
    return _done(request, pk, act, _("The coordinator looks for a second expert. You are told when one is found."))


@requires(ORDER)
@require_POST
def one(request: Request, pk: int) -> HttpResponse:
    """It goes on with one expert."""
    form = OneForm(request.POST)
    if form.is_valid():
        try:
            stays = actions.go_on_with_one(
                draft_of(request, pk), co_leader=form.cleaned_data["co_leader"], by=request.user, at=timezone.now()
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("It goes on with one expert. The expert has been told."))
            return redirect("assignments:order", stays.pk)
    return _page(request, pk, one=form)


@requires(ORDER)
@require_POST
def none(request: Request, pk: int) -> HttpResponse:
    """Both are cancelled, when it pays what the page showed."""
    found = draft_of(request, pk)
    try:
        done = actions.cancel_both(found, seen=request.POST.get("seen", ""), by=request.user, at=timezone.now())
    except SeenOther as other:
        return _page(request, pk, again=str(other.message))
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        words = done.words if done.count else _("nothing is paid")
        messages.success(request, _("Cancelled for both experts: %(words)s.") % {"words": words})
    return redirect("assignments:order", pk)


def _gone(request: Request, pk: int) -> HttpResponse:
    messages.error(request, _("This has changed meanwhile. Look at the page again."))
    return redirect("assignments:order", pk)


def _done(request: Request, pk: int, act: Callable[[], object], words: str) -> HttpResponse:
    try:
        act()
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, words)
    return redirect("assignments:order", pk)
