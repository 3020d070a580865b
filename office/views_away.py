"""When employees are away: one's own absences, and those of a unit's people for the coordinator."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from office import away as actions
from office.access import END_ABSENCE, MANAGE_UNITS, OWN_ABSENCE, requires
from office.choices import ORDERERS, Role
from office.errors import RuleError
from office.forms import tell
from office.forms_away import AwayForm, PersonAwayForm
from office.models import Away, Unit
from office.requests import Request
from office.workdays import local_date


@requires(OWN_ABSENCE)
@require_http_methods(["GET", "POST"])
def my_away(request: Request) -> HttpResponse:
    """One's own absences from today on, and where nobody stands in then."""
    at = timezone.now()
    form = AwayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
        try:
            actions.note(request.user, *days, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Your absence is written down."))
            return redirect("office:my_away")
    context = {
        "form": form,
        "absences": Away.objects.filter(user=request.user, last_day__gte=local_date(at)),
        "uncovered": actions.uncovered(at, request.user.holdings.units_as(*ORDERERS)),
        "named": request.user.has_role(Role.UNIT_CONTACT),
        "today": local_date(at),
    }
    return render(request, "office/my_away.html", context)


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def away_new(request: Request, pk: int) -> HttpResponse:
    """The coordinator writes down that somebody of the unit is away."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user), pk=pk)
    form = PersonAwayForm(unit, request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.note(data["person"], data["first_day"], data["last_day"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The absence is written down."))
            return redirect("office:unit", pk)
    return render(request, "office/away_form.html", {"form": form, "unit": unit})


@requires(END_ABSENCE)
@require_POST
def away_end(request: Request, pk: int) -> HttpResponse:
    """Back again, or not away after all. Leads to one's own page, the coordinator to the unit the form came from."""
    found = get_object_or_404(Away.objects.visible_to(request.user).select_related("user"), pk=pk)
    try:
        actions.end(found, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("The absence is taken back or ended."))
    if found.user_id == request.user.pk and request.user.has_role(*ORDERERS):
        return redirect("office:my_away")
    unit = request.POST.get("unit", "")
    known = unit.isdecimal() and len(unit) < 19 and Unit.objects.filter(pk=int(unit)).exists()
    return redirect("office:unit", int(unit)) if known else redirect("office:units")
