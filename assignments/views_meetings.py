"""Pages of the regular coordination meeting: its agenda made by the program, its decisions."""

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import texts
from assignments.access import KEEP_MEETINGS, SEE_MEETINGS
from assignments.actions import meetings as keep
from assignments.agenda import Agenda, agenda
from assignments.forms_processes import DecisionForm, MeetingForm
from assignments.models import CoordinationMeeting, MeetingDecision
from assignments.states import OrderState
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.choices import ORDERERS, Role
from office.errors import RuleError
from office.formats import local
from office.forms import tell
from office.models import RoleGrant, Unit, User
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import at_wall_clock

ROWS_A_PAGE = 25
#: How far back the first meeting about a unit looks.
FIRST_LOOK = timedelta(weeks=4)


def _meeting(request: Request, pk: int) -> CoordinationMeeting:
    rows = CoordinationMeeting.objects.visible_to(request.user).select_related("unit", "made_by")
    return get_object_or_404(rows, pk=pk)


def _crumbs(here: str) -> list[dict[str, str]]:
    return [
        {"label": _("Coordination meetings"), "url": reverse("assignments:meetings")},
        {"label": here, "url": ""},
    ]


@requires(SEE_MEETINGS)
@require_GET
def meetings(request: Request) -> HttpResponse:
    """The meetings that the person may see, the newest first."""
    rows = CoordinationMeeting.objects.visible_to(request.user).select_related("unit")
    rows = rows.annotate(
        decided=Count("decisions"), left=Count("decisions", filter=Q(decisions__done_at=None))
    ).order_by("-held_at", "-pk")
    context = {
        "page_obj": Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page")),
        "may_keep": request.user.has_role(Role.COORDINATOR),
    }
    return render(request, "assignments/meetings.html", context)


def _since(unit: Unit | None, held_at: datetime) -> datetime:
    """The last meeting about the same unit before this one, else four weeks back."""
    before = CoordinationMeeting.objects.filter(unit=unit, held_at__lt=held_at).order_by("-held_at").first()
    return before.held_at if before else held_at - FIRST_LOOK


@requires(KEEP_MEETINGS)
@require_http_methods(["GET", "POST"])
def meeting_new(request: Request) -> HttpResponse:
    """A new meeting; its agenda is made at once."""
    at = timezone.now()
    initial = {"day": local(at).date(), "clock": local(at).time().replace(second=0, microsecond=0)}
    form = MeetingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        since = at_wall_clock(said["since"], time(0)) if said["since"] else _since(said["unit"], said["held_at"])
        try:
            made = keep.write_meeting(
                said["unit"], held_at=said["held_at"], since=since, note=said["note"], by=request.user, at=at
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The agenda is made."))
            return redirect("assignments:meeting", made.pk)
    title = _("New meeting")
    return render(
        request,
        "assignments/meeting_edit.html",
        {"form": form, "title": title, "meeting": None, "crumbs": _crumbs(title)},
    )


@requires(KEEP_MEETINGS)
@require_http_methods(["GET", "POST"])
def meeting_edit(request: Request, pk: int) -> HttpResponse:
    """Its moment, and what was noted."""
    found = _meeting(request, pk)
    held = local(found.held_at)
    initial = {"day": held.date(), "clock": held.time(), "note": found.note}
    form = MeetingForm(request.POST or None, initial=initial, changing=True)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            keep.change_meeting(found, held_at=said["held_at"], note=said["note"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("assignments:meeting", pk)
    title = _title(found)
    context = {"form": form, "title": title, "meeting": found, "crumbs": _crumbs(title)}
    return render(request, "assignments/meeting_edit.html", context)


def _title(found: CoordinationMeeting) -> str:
    about = localname(found.unit) if found.unit else _("All units")
    return _("Coordination meeting %(day)s, %(about)s") % {"day": texts.day(found.held_at), "about": about}


def _named(reader: User, found: Agenda) -> None:
    """The experts' names as the reader may see them, on the rows."""
    for part in found.parts:
        for order in part.orders:
            stage = Stage.AFTER if order.state == OrderState.AGREED else Stage.BEFORE
            order.expert_words = name_for(reader, order.expert, stage) if order.expert else ""
    for session in found.late:
        session.expert_words = name_for(reader, session.expert, Stage.AFTER) if session.expert else ""  # type: ignore[attr-defined]  # for the row of the page


@requires(SEE_MEETINGS)
@require_GET
def meeting(request: Request, pk: int) -> HttpResponse:
    """The agenda, to be printed too, and the decisions."""
    found = _meeting(request, pk)
    told = agenda(found)
    form = DecisionForm(orders=told.orders, people=_people(request, found))
    return _page(request, found, told, form)


def _people(request: Request, found: CoordinationMeeting) -> list[User]:
    """Who may be told to do something: coordinators, and those who order in the unit of the meeting."""
    if not request.user.has_role(Role.COORDINATOR):
        return []
    grants = RoleGrant.objects.in_force(timezone.now()).filter(user__is_active=True)
    grants = grants.filter(Q(role=Role.COORDINATOR) | Q(role__in=ORDERERS, unit=found.unit_id or 0))
    return list({grant.user: None for grant in grants.select_related("user").order_by("user__last_name", "user_id")})


@requires(KEEP_MEETINGS)
@require_POST
def meeting_decide(request: Request, pk: int) -> HttpResponse:
    """Writes a decision down."""
    found = _meeting(request, pk)
    told = agenda(found)
    form = DecisionForm(request.POST, orders=told.orders, people=_people(request, found))
    if form.is_valid():
        said = form.cleaned_data
        try:
            keep.add_decision(
                found, said["text"], who=said["who"], person=said["person"], due=said["due"], order=said["order"],
                by=request.user, at=timezone.now(),
            )  # fmt: skip
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The decision is written down."))
            return redirect("assignments:meeting", pk)
    return _page(request, found, told, form)


def _page(request: Request, found: CoordinationMeeting, told: Agenda, form: DecisionForm) -> HttpResponse:
    _named(request.user, told)
    title = _title(found)
    context = {
        "meeting": found, "agenda": told, "form": form, "may_keep": request.user.has_role(Role.COORDINATOR),
        "title": title, "crumbs": _crumbs(title), "today": local(timezone.now()).date(),
    }  # fmt: skip
    return render(request, "assignments/meeting.html", context)


@requires(SEE_MEETINGS)
@require_POST
def decision_done(request: Request, pk: int) -> HttpResponse:
    """Ticks a decision off, or takes the tick back (``done`` is empty)."""
    seen = CoordinationMeeting.objects.visible_to(request.user)
    found = get_object_or_404(MeetingDecision.objects.filter(meeting__in=seen).select_related("meeting"), pk=pk)
    back = request.POST.get("meeting", "")[:9]  # a later meeting, on whose agenda the decision stands
    page = get_object_or_404(seen, pk=int(back)).pk if back.isdecimal() else found.meeting_id
    keep.mark_decision(found, done=bool(request.POST.get("done")), by=request.user, at=timezone.now())
    return redirect("assignments:meeting", page)
