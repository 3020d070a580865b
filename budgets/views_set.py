"""The coordinator sets budgets and warning levels."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from budgets import actions
from budgets.access import SET_BUDGETS
from budgets.forms import AgainForm, BudgetForm, LevelsForm
from budgets.models import Budget, WarningLevels
from budgets.views import unit_of, year_asked
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import local_date


@requires(SET_BUDGETS)
@require_http_methods(["GET", "POST"])
def set_budget(request: Request, pk: int) -> HttpResponse:
    """A new version of a unit's budget; the one before it stays in the history."""
    at = timezone.now()
    unit, year = unit_of(request, pk), year_asked(request, at)
    now = Budget.objects.in_force(year).filter(unit=unit).first()
    initial = {"amount": now.amount, "seen": now.amount} if now else {}
    form = BudgetForm(request.POST or None, changing=now is not None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_budget(unit, year=year, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The budget of %(year)s is saved.") % {"year": year})
            return redirect(f"{reverse('budgets:unit', args=[unit.pk])}?year={year}")
    context = {"unit": unit, "year": year, "form": form, "now": now}
    return render(request, "budgets/set.html", context, status=422 if form.errors else 200)


@requires(SET_BUDGETS)
@require_http_methods(["GET", "POST"])
def same_again(request: Request, year: int) -> HttpResponse:
    """The same budget as last year for all units that have none yet, in one act."""
    at = timezone.now()
    again = actions.same_again(year)
    form = AgainForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.set_same_again(year, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
            again = actions.same_again(year)
        else:
            words = ngettext(
                "%(count)s unit has the same budget as last year.",
                "%(count)s units have the same budget as last year.",
                count,
            )
            messages.success(request, words % {"count": count})
            return redirect(f"{reverse('budgets:overview')}?year={year}")
    context = {"year": year, "before": year - 1, "again": again, "form": form}
    return render(request, "budgets/same_again.html", context, status=422 if form.errors else 200)


@requires(SET_BUDGETS)
@require_http_methods(["GET", "POST"])
def levels(request: Request) -> HttpResponse:
    """From which share of the budget on a forecast is warned of: dated rows."""
    at = timezone.now()
    form = LevelsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_levels(form.instance, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("budgets:levels")
    rows = list(WarningLevels.objects.order_by("-valid_from"))
    today = local_date(at)
    context = {
        "rows": rows,
        "in_force": next((row for row in rows if row.valid_from <= today), None),
        "usual": WarningLevels(),
        "today": today,
        "form": form,
    }
    return render(request, "budgets/levels.html", context, status=422 if form.errors else 200)


@requires(SET_BUDGETS)
@require_POST
def levels_remove(request: Request, pk: int) -> HttpResponse:
    """Takes back levels that have not begun."""
    try:
        actions.remove_levels(get_object_or_404(WarningLevels, pk=pk), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The levels are removed."))
    return redirect("budgets:levels")
