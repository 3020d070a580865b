"""On a break, ended, active again; days away."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from experts import actions
from experts.access import CHANGE_REGISTRY, KEEP_ABSENCES, OWN_DETAILS
from experts.forms_lists import AbsenceForm, EndForm, PauseForm
from experts.models import Absence, Expert
from experts.texts import state_words
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.panels import panels
from office.requests import Request
from office.workdays import local_date


def _expert(request: Request, pk: int) -> Expert:
    return get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)


def _told(request: Request, shown: Expert, today: date) -> None:
    state = Expert.State(shown.state_on(today)).label
    words = state_words(shown, today)
    said = f"{state} ({words})" if words else state
    messages.success(request, _("%(name)s: %(state)s.") % {"name": shown, "state": said})


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def expert_pause(request: Request, pk: int) -> HttpResponse:
    """On a break, with the reason and the first day back; or changes the break that is on."""
    at, shown = timezone.now(), _expert(request, pk)
    on_now = shown.state_on(local_date(at)) == Expert.State.PAUSED
    initial = {"reason": shown.state_reason, "until": shown.pause_until} if on_now else {}
    form = PauseForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.pause(shown, by=request.user, at=at, **form.cleaned_data)
        except RuleError as error:
            tell(form, error)
        else:
            _told(request, shown, local_date(at))
            return redirect("experts:expert", pk)
    return render(request, "experts/state_form.html", {"form": form, "expert": shown, "to": "pause", "on_now": on_now})


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def expert_end(request: Request, pk: int) -> HttpResponse:
    """The expert leaves, with the reason."""
    at, shown = timezone.now(), _expert(request, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end(shown, by=request.user, at=at, **form.cleaned_data)
        except RuleError as error:
            tell(form, error)
        else:
            _told(request, shown, local_date(at))
            return redirect("experts:expert", pk)
    return render(request, "experts/state_form.html", {"form": form, "expert": shown, "to": "end", "on_now": False})


@requires(CHANGE_REGISTRY)
@require_POST
def expert_resume(request: Request, pk: int) -> HttpResponse:
    """Active again."""
    at, shown = timezone.now(), _expert(request, pk)
    actions.resume(shown, by=request.user, at=at)
    _told(request, shown, local_date(at))
    return redirect("experts:expert", pk)


@requires(OWN_DETAILS)
@require_http_methods(["GET", "POST"])
def my_absences(request: Request) -> HttpResponse:
    """The expert's own days away."""
    return _absences(request, get_object_or_404(Expert, user=request.user), own=True)


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def absences(request: Request, pk: int) -> HttpResponse:
    """The days away of an expert, kept by the coordinator."""
    return _absences(request, _expert(request, pk), own=False)


def _absences(request: Request, shown: Expert, *, own: bool) -> HttpResponse:
    at = timezone.now()
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data
        try:
            actions.add_absence(shown, days["first_day"], days["last_day"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The days away are saved."))
            return redirect(_address(shown, own=own))
    today = local_date(at)
    context: dict[str, Any] = {
        "expert": shown,
        "own": own,
        "form": form,
        "ahead": list(shown.absences.filter(last_day__gte=today)),
        "past": list(shown.absences.filter(last_day__lt=today).order_by("-last_day")[:5]),
        "panels": panels("absences", request.user, shown, at),
    }
    return render(request, "experts/absences.html", context)


def _address(shown: Expert, *, own: bool) -> str:
    return reverse("experts:my_absences") if own else reverse("experts:absences", args=[shown.pk])


@requires(KEEP_ABSENCES)
@require_POST
def absence_remove(request: Request, pk: int) -> HttpResponse:
    """The expert can work on these days after all."""
    seen = Absence.objects.filter(expert__in=Expert.objects.visible_to(request.user)).select_related("expert")
    absence = get_object_or_404(seen, pk=pk)
    actions.remove_absence(absence, by=request.user, at=timezone.now())
    messages.success(request, _("The days away are removed."))
    return redirect(_address(absence.expert, own=absence.expert.user_id == request.user.pk))
