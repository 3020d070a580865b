"""Units and their people, service areas, closing days and policies, who may do what."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import people
from office import units as actions
from office.access import MANAGE_UNITS, PERMISSIONS, SEE_PERMISSIONS, requires
from office.away import Uncovered, gaps_in
from office.choices import NAMED, UNIT_ROLES, Role
from office.errors import RuleError
from office.forms import (
    ClosingDayForm,
    CountyGrantForm,
    GrantForm,
    HandOverForm,
    PersonForm,
    PolicyForm,
    ServiceAreaForm,
    UnitForm,
    tell,
)
from office.history import lines
from office.models import Away, ClosingDay, LogEntry, Policy, RoleGrant, ServiceArea, Unit, User
from office.panels import panels
from office.policies import closing
from office.requests import Request
from office.texts import WORDS
from office.workdays import at_wall_clock, local_date

DAY = timedelta(days=1)


@requires(MANAGE_UNITS)
@require_GET
def units(request: Request) -> HttpResponse:
    """All units with their named employee."""
    at = timezone.now()
    named = RoleGrant.objects.in_force(at).filter(role__in=NAMED).select_related("user")
    found = Unit.objects.visible_to(request.user).select_related("service_area")
    shown = found.prefetch_related(Prefetch("grants", named, to_attr="named")).order_by("-is_active", "code")
    return render(request, "office/units.html", {"units": shown})


@requires(MANAGE_UNITS)
@require_GET
def unit(request: Request, pk: int) -> HttpResponse:
    """One unit: facts, people, history."""
    shown = get_object_or_404(_units(request), pk=pk)
    at = timezone.now()
    grants = list(shown.grants.select_related("user"))
    running = [held for held in grants if held.valid_to is None or held.valid_to > at]
    away = Away.objects.filter(user__in={held.user_id for held in running}, last_day__gte=local_date(at))
    absences = list(away.select_related("user").annotate(closing=ArraySubquery(closing().values("day"))))
    days_off = absences[0].closing if absences else []  # type: ignore[attr-defined]  # annotated
    context = {
        "unit": shown,
        "running": running,
        "ended": [held for held in grants if held not in running],
        "has_named": any(held.role == Role.UNIT_CONTACT and held.valid_from <= at for held in running),
        "history": lines(LogEntry.objects.of(shown), WORDS),
        "panels": panels("unit", request.user, shown, at),
        "now": at,
        "absences": absences,
        "uncovered": [Uncovered(shown, gap) for gap in gaps_in(_duties(running, absences), at, days_off)],
        "today": local_date(at),
    }
    return render(request, "office/unit.html", context)


def _duties(running: list[RoleGrant], absences: list[Away]) -> list[tuple[Any, ...]]:
    """As ``office.away.duties`` would ask for them, of what has been fetched."""
    rows: list[tuple[Any, ...]] = []
    for held in running:
        if held.role in NAMED and held.user.is_active:
            days: list[tuple[date | None, date | None]] = [
                (one.first_day, one.last_day) for one in absences if one.user_id == held.user_id
            ]
            facts = (held.unit_id, held.pk, held.user_id, held.valid_from, held.valid_to)
            rows += [(*facts, *span) for span in days or [(None, None)]]
    return rows


def _units(request: Request) -> Any:
    return Unit.objects.visible_to(request.user).select_related("service_area")


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def unit_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a unit."""
    found = get_object_or_404(_units(request), pk=pk) if pk else None
    form = UnitForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_unit(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The unit is saved."))
            return redirect("office:unit", form.instance.pk)
    return render(request, "office/unit_form.html", {"form": form, "adding": pk is None, "pk": pk})


# --- people ----------------------------------------------------------------------------------------------------------


def _person(form: PersonForm, *, by: User, at: datetime) -> User:
    data = form.cleaned_data
    known: User | None = data["known"]
    names = ("email", "first_name", "last_name", "phone", "language")
    return known or people.find_or_add(**{name: data[name] for name in names}, by=by, at=at)


def _give(form: GrantForm, unit_: Unit | None, *, by: User, at: datetime) -> RoleGrant:
    """The days of the form as moments: from the first midnight on, through the whole last day."""
    first, last = form.cleaned_data["from_day"], form.cleaned_data["to_day"]
    starts = at_wall_clock(first, time(0)) if first and first > local_date(at) else at
    ends = at_wall_clock(last + DAY, time(0)) if last else None
    person = _person(form, by=by, at=at)
    return people.grant(person, form.cleaned_data["role"], unit_, by=by, at=at, valid_from=starts, valid_to=ends)


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def grant_new(request: Request, pk: int) -> HttpResponse:
    """A role in the unit for a person."""
    shown = get_object_or_404(_units(request), pk=pk)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            held = _give(form, shown, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(
                request, _("%(person)s: %(role)s.") % {"person": held.user, "role": held.get_role_display()}
            )
            return redirect("office:unit", pk)
    return render(request, "office/grant_form.html", {"form": form, "unit": shown})


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def hand_over(request: Request, pk: int) -> HttpResponse:
    """A successor for the named employee, this very minute."""
    shown = get_object_or_404(_units(request), pk=pk)
    form = HandOverForm(request.POST or None)
    at = timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            held = people.hand_over(shown, _person(form, by=request.user, at=at), by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The named employee is now %(person)s.") % {"person": held.user})
            return redirect("office:unit", pk)
    old = shown.grants.in_force(at).filter(role=Role.UNIT_CONTACT).select_related("user").first()
    return render(request, "office/hand_over.html", {"form": form, "unit": shown, "old": old})


@requires(MANAGE_UNITS)
@require_POST
def grant_end(request: Request, pk: int) -> HttpResponse:
    """Ends a role now."""
    held = get_object_or_404(RoleGrant.objects.select_related("unit", "user"), pk=pk)
    people.end_grant(held, by=request.user, at=timezone.now())
    messages.success(request, _("The role of %(person)s has ended.") % {"person": held.user})
    return redirect("office:unit", held.unit_id) if held.unit_id else redirect("office:people")


@requires(MANAGE_UNITS)
@require_GET
def people_page(request: Request) -> HttpResponse:
    """Who has a role of the county (coordinator, finance, work supervisor); experts are in the registry."""
    at = timezone.now()
    county = [role for role in Role if role not in UNIT_ROLES and role != Role.EXPERT]
    grants = (
        RoleGrant.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), role__in=county)
        .select_related("user")
        .order_by("role", "user__last_name", "user__first_name", "id")
    )
    return render(request, "office/people.html", {"grants": grants})


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def county_grant_new(request: Request) -> HttpResponse:
    """A role of the county for a person."""
    form = CountyGrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            held = _give(form, None, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(
                request, _("%(person)s: %(role)s.") % {"person": held.user, "role": held.get_role_display()}
            )
            return redirect("office:people")
    return render(request, "office/grant_form.html", {"form": form, "unit": None})


# --- service areas, closing days, policies, permissions ---------------------------------------------------------------


@requires(MANAGE_UNITS)
@require_GET
def service_areas(request: Request) -> HttpResponse:
    """The service areas and how many units each has."""
    found = ServiceArea.objects.annotate(units_count=Count("units"))
    return render(request, "office/service_areas.html", {"areas": found})


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def service_area_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a service area."""
    found = get_object_or_404(ServiceArea, pk=pk) if pk else None
    form = ServiceAreaForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_service_area(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The service area is saved."))
            return redirect("office:service_areas")
    return render(request, "office/service_area_form.html", {"form": form, "adding": pk is None})


@requires(MANAGE_UNITS)
@require_http_methods(["GET", "POST"])
def rules(request: Request) -> HttpResponse:
    """Dated rows: the county's rules and the office's closing days."""
    at = timezone.now()
    today = local_date(at)
    adding = request.POST.get("adding", "")
    policy = PolicyForm(request.POST if adding == "policy" else None, prefix="policy")
    closing = ClosingDayForm(request.POST if adding == "closing" else None, prefix="closing")
    form = {"policy": policy, "closing": closing}.get(adding)
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            if form is policy:
                actions.add_policy(policy.instance, by=request.user, at=at)
            else:
                actions.add_closing_day(closing.instance, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office:rules")
    policies = list(Policy.objects.order_by("-valid_from"))
    context = {
        "policies": policies,
        "in_force": next((row for row in policies if row.valid_from <= today), None),
        "closing_days": ClosingDay.objects.filter(day__gte=today - 31 * DAY),
        "policy_form": policy,
        "closing_form": closing,
        "today": today,
    }
    return render(request, "office/rules.html", context)


@requires(MANAGE_UNITS)
@require_POST
def closing_day_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a closing day."""
    actions.remove_closing_day(get_object_or_404(ClosingDay, pk=pk), by=request.user, at=timezone.now())
    messages.success(request, _("The closing day is removed."))
    return redirect("office:rules")


@requires(MANAGE_UNITS)
@require_POST
def policy_remove(request: Request, pk: int) -> HttpResponse:
    """Removes rules that have not begun."""
    actions.remove_policy(get_object_or_404(Policy, pk=pk), by=request.user, at=timezone.now())
    messages.success(request, _("The rules are removed."))
    return redirect("office:rules")


@requires(SEE_PERMISSIONS)
@require_GET
def permissions(request: Request) -> HttpResponse:
    """Who may do what, role by role (read only: it is in the code and tested)."""
    roles = [
        {"label": role.label, "may": [p.description for p in PERMISSIONS.values() if role in p.roles]} for role in Role
    ]
    return render(request, "office/permissions.html", {"roles": roles})
