"""Groups and dates of work supervision: signing up, attendance."""

from datetime import datetime

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.models import Expert
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry, User
from office.requests import Request
from supervision import actions
from supervision.access import CHANGE_GROUPS, RUN_GROUPS, SEE_GROUPS, SIGN_UP
from supervision.forms import DatesForm, ForExpertForm, GroupForm
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from supervision.texts import WORDS

TAKEN = Count("attendances", filter=~Q(attendances__state=Attendance.State.SIGNED_OFF))
PAST = 20


def _meetings(user: User) -> QuerySet[SupervisionMeeting]:
    """The dates the person may see, with places taken and the person's own place."""
    own = Attendance.objects.filter(meeting=OuterRef("pk"), expert__user=user)
    seen = SupervisionMeeting.objects.visible_to(user).select_related("group", "group__supervisor")
    return seen.annotate(taken=TAKEN, own=Subquery(own.values("state")[:1]))


def _run_by(user: User) -> QuerySet[SupervisionGroup]:
    """The groups the person keeps: the coordinator all, a supervisor their own."""
    if user.has_role(Role.COORDINATOR):
        return SupervisionGroup.objects.all()
    return SupervisionGroup.objects.filter(supervisor=user)


@requires(SEE_GROUPS)
@require_GET
def groups(request: Request) -> HttpResponse:
    """The dates to come, with the button beside them, and the groups."""
    at = timezone.now()
    coming = _meetings(request.user).filter(ends_at__gt=at, cancelled_at__isnull=True, group__is_active=True)
    context = {
        "coming": coming[:60],
        "groups": SupervisionGroup.objects.visible_to(request.user).select_related("supervisor"),
        "is_expert": request.user.has_role(Role.EXPERT),
        "coordinator": request.user.has_role(Role.COORDINATOR),
        "now": at,
    }
    return render(request, "supervision/groups.html", context)


@requires(SEE_GROUPS)
@require_GET
def group(request: Request, pk: int) -> HttpResponse:
    """One group: dates to come and past."""
    shown = get_object_or_404(SupervisionGroup.objects.visible_to(request.user).select_related("supervisor"), pk=pk)
    return _group_page(request, shown, timezone.now())


def _group_page(
    request: Request, shown: SupervisionGroup, at: datetime, *, form: DatesForm | None = None
) -> HttpResponse:
    dates_ = _meetings(request.user).filter(group=shown)
    run = actions.may_run(shown, request.user)
    context = {
        "group": shown,
        "coming": dates_.filter(ends_at__gt=at),
        "past": dates_.filter(ends_at__lte=at).order_by("-starts_at")[:PAST],
        "is_expert": request.user.has_role(Role.EXPERT),
        "coordinator": request.user.has_role(Role.COORDINATOR),
        "run": run,
        "form": (form or DatesForm()) if run else None,
        "now": at,
    }
    return render(request, "supervision/group.html", context)


@requires(CHANGE_GROUPS)
@require_http_methods(["GET", "POST"])
def group_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a group."""
    at = timezone.now()
    found = get_object_or_404(SupervisionGroup, pk=pk) if pk else None
    form = GroupForm(request.POST or None, instance=found, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_group(form.instance, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The group is saved."))
            return redirect("supervision:group", form.instance.pk)
    return render(request, "supervision/group_form.html", {"form": form, "pk": pk})


@requires(RUN_GROUPS)
@require_POST
def dates(request: Request, pk: int) -> HttpResponse:
    """Adds one date or several weekly ones."""
    shown = get_object_or_404(_run_by(request.user).select_related("supervisor"), pk=pk)
    at = timezone.now()
    form = DatesForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_dates(shown, data["times"], place=data["place"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            said = ngettext("One date is added.", "%(n)s dates are added.", made) % {"n": made}
            messages.success(request, said)
            return redirect("supervision:group", pk)
    return _group_page(request, shown, at, form=form)


@requires(RUN_GROUPS)
@require_GET
def meeting(request: Request, pk: int) -> HttpResponse:
    """One date for its supervisor: who has a place, who came."""
    shown = get_object_or_404(_meetings(request.user).filter(group__in=_run_by(request.user)), pk=pk)
    return _meeting_page(request, shown)


def _meeting_page(request: Request, shown: SupervisionMeeting, *, form: ForExpertForm | None = None) -> HttpResponse:
    at = timezone.now()
    coordinator = request.user.has_role(Role.COORDINATOR)
    open_ = shown.cancelled_at is None and shown.starts_at > at
    context = {
        "meeting": shown,
        "group": shown.group,
        "places": shown.attendances.select_related("expert").order_by("expert__last_name", "expert__first_name"),
        "begun": shown.starts_at <= at,
        "open": open_,
        "form": (form or ForExpertForm()) if coordinator and open_ else None,
        "history": lines(LogEntry.objects.of(shown), WORDS) if coordinator else [],
    }
    return render(request, "supervision/meeting.html", context)


@requires(SIGN_UP)
@require_POST
def place(request: Request, pk: int) -> HttpResponse:
    """The expert takes a place or gives it back."""
    shown = get_object_or_404(SupervisionMeeting.objects.visible_to(request.user), pk=pk)
    expert = get_object_or_404(Expert, user=request.user)
    if request.POST.get("to") == "off":
        actions.sign_off(shown, expert, by=request.user, at=timezone.now())
        messages.success(request, _("You are signed off."))
    else:
        actions.sign_up(shown, expert, by=request.user, at=timezone.now())
        messages.success(request, _("You are signed up."))
    return redirect("supervision:groups")


@requires(CHANGE_GROUPS)
@require_POST
def sign_up_for(request: Request, pk: int) -> HttpResponse:
    """The coordinator signs up an expert who called."""
    shown = get_object_or_404(_meetings(request.user), pk=pk)
    form = ForExpertForm(request.POST)
    if form.is_valid():
        try:
            actions.sign_up(shown, form.cleaned_data["expert"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("%(name)s is signed up.") % {"name": form.cleaned_data["expert"]})
            return redirect("supervision:meeting", pk)
    return _meeting_page(request, shown, form=form)


@requires(RUN_GROUPS)
@require_POST
def cancel(request: Request, pk: int) -> HttpResponse:
    """Cancels a date and tells those who had a place."""
    shown = get_object_or_404(SupervisionMeeting.objects.filter(group__in=_run_by(request.user)), pk=pk)
    told, to_call = actions.cancel(shown, by=request.user, at=timezone.now())
    said = ngettext(
        "The date is cancelled. %(n)s person gets a message.",
        "The date is cancelled. %(n)s persons get a message.",
        told,
    )
    messages.success(request, said % {"n": told})
    if to_call:
        who = ", ".join(f"{expert} {expert.phone}".strip() for expert in to_call)
        messages.warning(request, _("Call those who have no account: %(who)s.") % {"who": who})
    return redirect("supervision:group", shown.group_id)


@requires(RUN_GROUPS)
@require_POST
def attendance(request: Request, pk: int) -> HttpResponse:
    """Marks present or absent."""
    held = get_object_or_404(
        Attendance.objects.select_related("meeting").filter(meeting__group__in=_run_by(request.user)), pk=pk
    )
    actions.mark(held, present=request.POST.get("to") == "present", by=request.user, at=timezone.now())
    return redirect("supervision:meeting", held.meeting_id)
