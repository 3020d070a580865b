"""Pages of individual and pair work: one process, and the board of them by stage."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions, texts, texts_history
from assignments.access import PLAN_PROCESSES, SEE_PROCESSES
from assignments.actions.people import acts_as
from assignments.actions.processes import MET
from assignments.agenda import limit_of
from assignments.forms_processes import BoardFilter, EndForm, PlanForm, plan_initial
from assignments.models import Process, Session
from assignments.plan_words import plan_facts
from assignments.plans import USUAL_MEETINGS
from assignments.states import ProcessState, SessionState
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.choices import ORDERERS, Role
from office.errors import RuleError
from office.forms import tell
from office.history import Line, lines
from office.models import LogEntry, Unit, User
from office.requests import Request

ROWS_A_PAGE = 25


def _process(request: Request, pk: int) -> Process:
    rows = Process.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("order__unit", "order__orderer", "order__expert__user", "order__plan", "ended_by"), pk=pk
    )


def _crumbs(found: Process, here: str = "") -> list[dict[str, str]]:
    crumbs = [{"label": _("Processes"), "url": reverse("assignments:processes")}]
    own = reverse("assignments:process", args=[found.pk]) if here else ""
    crumbs.append({"label": found.order.task, "url": own})
    return [*crumbs, {"label": here, "url": ""}] if here else crumbs


def over_words(met: int, ahead: int, limit: int, *, planned: bool) -> str:
    """A warning when what was held and is agreed is more than the plan; "" when it fits (R8)."""
    if met + ahead <= limit:
        return ""
    told = {"met": met, "ahead": ahead, "limit": limit}
    if planned:
        return _("%(met)s held and %(ahead)s agreed: more than the %(limit)s meetings of the plan.") % told
    return _("%(met)s held and %(ahead)s agreed, without a plan: as a rule there are one to three.") % told


@requires(SEE_PROCESSES)
@require_GET
def process(request: Request, pk: int) -> HttpResponse:
    """The plan, the meetings with what came of each, the stage, and the end."""
    at = timezone.now()
    found = _process(request, pk)
    order = found.order
    sessions = list(
        order.sessions.filter(state__in=[SessionState.AGREED, SessionState.CLOSED]).order_by("starts_at", "pk")
    )
    met = sum(one.outcome in MET for one in sessions)
    ahead = sum(one.state == SessionState.AGREED for one in sessions)
    plan = getattr(order, "plan", None)
    has_plan = plan is not None and bool(plan.meetings)
    parts = acts_as(request.user, order.unit_id, order.expert)
    running = found.state != ProcessState.ENDED
    context = {
        "process": found,
        "order": order,
        "expert_name": name_for(request.user, order.expert, Stage.AFTER) if order.expert else "",
        "facts": plan_facts(order),
        "has_plan": has_plan,
        "limit": limit_of(order),
        "met": met,
        "ahead": ahead,
        "over": over_words(met, ahead, limit_of(order), planned=has_plan) if running else "",
        "usual": USUAL_MEETINGS,
        "sessions": [(one, texts.describe_outcome(one)) for one in sessions],
        "may_plan": running and bool(parts & (ORDERERS | {Role.COORDINATOR})),
        "may_end": running and bool(parts) and not ahead,
        "may_open": not running and bool(parts & (ORDERERS | {Role.COORDINATOR})),
        "own": bool(parts) and parts <= {Role.EXPERT},
        "history": _history(request.user, found),
        "crumbs": _crumbs(found),
        "at": at,
    }
    return render(request, "assignments/process.html", context)


def _history(reader: User, found: Process) -> list[Line]:
    told = lines(LogEntry.objects.of(found), texts_history.WORDS)
    expert = found.order.expert
    if expert is None or expert.user is None:
        return told
    whole, seen = str(expert.user), name_for(reader, expert, Stage.AFTER)
    return [Line(line.at, line.text.replace(whole, seen)) for line in told]


@requires(SEE_PROCESSES)
@require_http_methods(["GET", "POST"])
def process_end(request: Request, pk: int) -> HttpResponse:
    """Ends it with a closing word."""
    found = _process(request, pk)
    if found.state == ProcessState.ENDED:
        messages.error(request, _("The process has ended already."))
        return redirect("assignments:process", pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_process(found, form.cleaned_data["closing_word"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The process has ended."))
            return redirect("assignments:process", pk)
    title = _("End the process")
    context = {"process": found, "order": found.order, "form": form, "title": title, "crumbs": _crumbs(found, title)}
    return render(request, "assignments/process_end.html", context)


@requires(PLAN_PROCESSES)
@require_POST
def process_open(request: Request, pk: int) -> HttpResponse:
    """It goes on after all."""
    actions.open_process(_process(request, pk), by=request.user, at=timezone.now())
    messages.success(request, _("The process goes on."))
    return redirect("assignments:process", pk)


@requires(PLAN_PROCESSES)
@require_http_methods(["GET", "POST"])
def process_plan(request: Request, pk: int) -> HttpResponse:
    """The plan, also when the order was agreed without one."""
    found = _process(request, pk)
    if found.state == ProcessState.ENDED:
        messages.error(request, _("The process has ended, so its plan is no longer changed."))
        return redirect("assignments:process", pk)
    form = PlanForm(request.POST or None, initial=plan_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_plan(found, form.cleaned_data, by=request.user, at=timezone.now())
        except RuleError as error:
            form.add_error("more_reason", str(error.message))
        else:
            messages.success(request, _("The plan is saved."))
            return redirect("assignments:process", pk)
    title = _("Plan of the process")
    context = {"process": found, "order": found.order, "form": form, "title": title, "crumbs": _crumbs(found, title)}
    return render(request, "assignments/process_plan.html", context)


def _units(user: User) -> Any:
    units = Unit.objects.order_by("name_fi")
    return units if user.has_role(Role.COORDINATOR) else units.filter(pk__in=user.holdings.units_as(*ORDERERS))


@requires(SEE_PROCESSES)
@require_GET
def processes(request: Request) -> HttpResponse:
    """The board: how many in each stage, and those of the chosen one with what comes next."""
    at = timezone.now()
    seen = Process.objects.visible_to(request.user)
    several = request.user.has_role(Role.COORDINATOR) or len(request.user.holdings.units_as(*ORDERERS)) > 1
    form = BoardFilter(request.GET or None, units=_units(request.user), several=several)
    shown = form.chosen(seen)
    stage = form.cleaned_data["stage"] if form.is_valid() else ""
    counts = dict(_besides_stage(form, seen).order_by().values_list("state").annotate(Count("pk")))
    page = Paginator(
        shown.select_related("order__unit", "order__expert__user", "order__plan").order_by("-pk"), ROWS_A_PAGE
    ).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    meetings = _meetings([row.order_id for row in rows], at)
    context = {
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "page_obj": page,
        "rows": [_row(request.user, row, meetings.get(row.order_id, (0, 0, None))) for row in rows],
        "stages": [_stage(request, one, counts.get(one.value, 0), stage) for one in ProcessState],
        "several": several,
        "own": not request.user.holdings.units_as(*ORDERERS) and not request.user.has_role(Role.COORDINATOR),
    }
    return render(request, "assignments/processes.html", context)


def _besides_stage(form: BoardFilter, rows: Any) -> Any:
    """What the filter lets through in any stage."""
    said = form.cleaned_data if form.is_valid() else {}
    if said.get("kind"):
        rows = rows.filter(order__kind=said["kind"])
    return rows.filter(order__unit=said["unit"]) if said.get("unit") else rows


def _stage(request: Request, stage: ProcessState, count: int, chosen: str) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("page", None)
    query["stage"] = stage.value
    return {
        "count": count, "label": stage.label, "detail": "", "url": f"?{query.urlencode()}",
        "current": stage.value == chosen,
    }  # fmt: skip


def _meetings(orders: list[int], at: Any) -> dict[int, tuple[int, int, Any]]:
    """By order: held, agreed, and when the next is (one query)."""
    rows = (
        Session.objects.filter(order__in=orders)
        .order_by()
        .values_list("order")
        .annotate(
            met=Count("pk", filter=Q(outcome__in=MET)),
            ahead=Count("pk", filter=Q(state=SessionState.AGREED)),
            following=Min("starts_at", filter=Q(state=SessionState.AGREED, starts_at__gt=at)),
        )
    )
    return {order: (met, ahead, following) for order, met, ahead, following in rows}


def _row(reader: User, found: Process, told: tuple[int, int, Any]) -> dict[str, Any]:
    met, ahead, following = told
    order = found.order
    plan = getattr(order, "plan", None)
    planned = plan is not None and bool(plan.meetings)
    over = over_words(met, ahead, limit_of(order), planned=planned) if found.state != ProcessState.ENDED else ""
    return {
        "process": found,
        "order": order,
        "expert": name_for(reader, order.expert, Stage.AFTER) if order.expert else "",
        "met": met,
        "planned": plan.meetings if plan is not None else None,
        "next": following,
        "over": over,
    }
