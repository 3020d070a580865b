"""A unit's induction for those who keep it, the overview of all units, what is common."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from induction import actions
from induction.access import KEEP_UNIT, OVERVIEW, SEE_UNIT
from induction.board import people_of, with_state
from induction.forms import OverviewFilter
from induction.models import ChecklistRow, GuideVersion, ReadinessTick
from induction.states import GuideState
from induction.texts import WORDS
from office.access import requires
from office.choices import NAMED, Role
from office.forms import ids_sent
from office.history import lines
from office.models import LogEntry, RoleGrant, Unit, User
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import local_date

Sort = ChecklistRow.Sort


def units_of(user: User) -> "QuerySet[Unit]":
    """The units whose induction the person sees: the coordinator all, named employee and deputy their own."""
    if user.has_role(Role.COORDINATOR):
        return Unit.objects.all()
    return Unit.objects.filter(pk__in=user.holdings.units_as(*NAMED))


def crumbs(request: Request, *more: tuple[str, str]) -> list[dict[str, str]]:
    """The way here: the overview or the own units, then ``(label, address)``; the last one is this page."""
    top = "induction:overview" if request.user.has_role(Role.COORDINATOR) else "induction:my_units"
    found = [{"label": _("Induction"), "url": reverse(top)}]
    return found + [{"label": label, "url": url} for label, url in more[:-1]] + [{"label": more[-1][0]}]


def changed_ticks(data: QueryDict) -> tuple[set[int], set[int]]:
    """What the form ticked and unticked: only what was changed on the page, so that two do not undo each other."""
    on, was = (ids_sent(data.getlist(name)) for name in ("on", "was"))
    return on - was, was - on


def guides_of(unit: Unit | None) -> tuple[list[GuideVersion], GuideVersion | None]:
    """The published versions of the guide, the newest first, and its draft (one query)."""
    where: Any = {"unit": unit} if unit else {"unit__isnull": True}
    found = list(GuideVersion.objects.filter(**where).select_related("published_by", "changed_by").order_by("-number"))
    draft = next((version for version in found if version.state == GuideState.DRAFT), None)
    return [version for version in found if version is not draft], draft


@requires(OVERVIEW)
@require_GET
def overview(request: Request) -> HttpResponse:
    """All units in use: ready or not, the guide, inductions to begin and open ones."""
    at = timezone.now()
    form = OverviewFilter(request.GET or None)
    look = form.cleaned_data["look"] if form.is_bound and form.is_valid() else ""
    named = RoleGrant.objects.in_force(at).filter(role=Role.UNIT_CONTACT).select_related("user")
    found = with_state(Unit.objects.filter(is_active=True), at).prefetch_related(
        Prefetch("grants", named, to_attr="named")
    )
    ready = Q(ready_rows__gt=0, ready_ticks=F("ready_rows"))
    looks = {
        "not_ready": ~ready,
        "new": Q(new_people__gt=0),
        "open": Q(open_inductions__gt=0),
        "no_guide": Q(guide_number__isnull=True),
    }
    if look:
        found = found.filter(looks[look])
    context = {"units": list(found), "form": form, "active": bool(look)}
    return render(request, "induction/overview.html", context)


@requires(OVERVIEW)
@require_GET
def common(request: Request) -> HttpResponse:
    """The common guide and the common rows."""
    versions, draft = guides_of(None)
    rows = list(ChecklistRow.objects.of(None))
    context = {
        "versions": versions,
        "draft": draft,
        "lists": row_lists(rows),
        "is_new": not rows or not (versions or draft),
        "crumbs": crumbs(request, (_("Common to all units"), "")),
    }
    return render(request, "induction/common.html", context)


def row_lists(rows: list[ChecklistRow]) -> list[dict[str, Any]]:
    """The rows by their list."""
    return [{"sort": sort, "rows": [row for row in rows if row.sort == sort]} for sort in Sort]


@requires(OVERVIEW)
@require_POST
def usual(request: Request) -> HttpResponse:
    """Takes the rows and the guide that an office begins with."""
    added, drafted = actions.take_usual(by=request.user, at=timezone.now())
    if added or drafted:
        said = ngettext("%(n)s row was added.", "%(n)s rows were added.", added) % {"n": added}
        if drafted:
            said += " " + _("The guide is a draft now. Read it, change it and publish it.")
        messages.success(request, said)
    else:
        messages.info(request, _("All of it is there already."))
    return redirect("induction:common")


@requires(KEEP_UNIT)
@require_GET
def my_units(request: Request) -> HttpResponse:
    """The units that the person keeps; with one unit the way is straight to it."""
    at = timezone.now()
    found = list(with_state(Unit.objects.filter(pk__in=request.user.holdings.units_as(*NAMED)), at))
    if len(found) == 1:
        return redirect("induction:unit", found[0].pk)
    return render(request, "induction/my_units.html", {"units": found})


def readiness_of(unit: Unit) -> list[dict[str, Any]]:
    """The rows of the unit's readiness with their ticks; a ticked row in the words that were ticked. Two queries."""
    rows = ChecklistRow.objects.for_unit(unit.pk).filter(sort=Sort.READINESS, is_active=True)
    ticks = {
        tick.row_id: tick
        for tick in ReadinessTick.objects.filter(unit=unit, ticked_at__isnull=False).select_related("ticked_by")
    }
    return [{"pk": row.pk, "row": ticks.get(row.pk, row), "tick": ticks.get(row.pk)} for row in rows]


@requires(SEE_UNIT)
@require_GET
def unit(request: Request, pk: int) -> HttpResponse:
    """My unit: who works here and what they have been shown, readiness, guide, checklists, who is away."""
    at = timezone.now()
    shown = get_object_or_404(units_of(request.user).annotate(absences=_absences(at)), pk=pk)
    return render(request, "induction/unit.html", _unit_context(request, shown, at))


def _absences(at: datetime) -> ArraySubquery:
    """Each named employee and deputy of the unit who is away today, and until when."""
    held = RoleGrant.objects.in_force(at).filter(role__in=NAMED, unit=OuterRef("pk"), user__is_active=True)
    away = held.filter(user__aways__first_day__lte=local_date(at), user__aways__last_day__gte=local_date(at))
    said = JSONObject(first="user__first_name", last="user__last_name", until="user__aways__last_day")
    return ArraySubquery(away.order_by("pk").values(said=said))


def _unit_context(request: Request, shown: Unit, at: datetime) -> dict[str, Any]:
    readiness = readiness_of(shown)
    found = list(GuideVersion.objects.filter(Q(unit=shown) | Q(unit__isnull=True)).order_by("-number"))
    published = [version for version in found if version.state == GuideState.PUBLISHED]
    ticked = sum(1 for row in readiness if row["tick"])
    return {
        "unit": shown,
        "people": people_of(shown, request.user, at),
        "readiness": readiness,
        "ticked": ticked,
        "is_ready": bool(readiness) and ticked == len(readiness),
        "guide": next((version for version in published if version.unit_id), None),
        "common_guide": next((version for version in published if not version.unit_id), None),
        "draft": any(version.unit_id for version in found if version.state == GuideState.DRAFT),
        "keeps": shown.pk in request.user.holdings.units_as(*NAMED),
        "absences": [
            {"who": f"{one['first']} {one['last']}", "until": date.fromisoformat(one["until"])}
            for one in shown.absences  # type: ignore[attr-defined]  # annotated
        ],
        "crumbs": crumbs(request, (localname(shown), "")),
    }


@requires(SEE_UNIT)
@require_GET
def unit_texts(request: Request, pk: int) -> HttpResponse:
    """The unit's guide with its versions, and the rows of its checklists: the common ones and its own."""
    shown = get_object_or_404(units_of(request.user), pk=pk)
    versions, draft = guides_of(shown)
    rows = list(ChecklistRow.objects.for_unit(shown.pk))
    context = {
        "unit": shown,
        "versions": versions,
        "draft": draft,
        "lists": row_lists([row for row in rows if row.unit_id]),
        "common_lists": row_lists([row for row in rows if not row.unit_id and row.is_active]),
        "keeps": shown.pk in request.user.holdings.units_as(*NAMED),
        "crumbs": crumbs(
            request, (localname(shown), reverse("induction:unit", args=[shown.pk])), (_("Guide and rows"), "")
        ),
    }
    return render(request, "induction/unit_texts.html", context)


@requires(KEEP_UNIT)
@require_POST
def ready(request: Request, pk: int) -> HttpResponse:
    """Ticks of the unit's readiness."""
    shown = get_object_or_404(Unit.objects.filter(pk__in=request.user.holdings.units_as(*NAMED)), pk=pk)
    on, off = changed_ticks(request.POST)
    rows = ChecklistRow.objects.for_unit(pk).filter(sort=ChecklistRow.Sort.READINESS)  # also those no longer in use
    if not on | off <= set(rows.values_list("pk", flat=True)):
        raise Http404
    actions.mark_ready(shown, on=on, off=off, by=request.user, at=timezone.now())
    messages.success(request, _("The ticks are saved."))
    return redirect(reverse("induction:unit", args=[pk]) + "#h-ready")


@requires(SEE_UNIT)
@require_GET
def readiness_history(request: Request, pk: int) -> HttpResponse:
    """Who ticked what of the unit's readiness, and when."""
    shown = get_object_or_404(units_of(request.user), pk=pk)
    entries = LogEntry.objects.filter(
        object_type=ReadinessTick._meta.label_lower, object_id__in=shown.readiness.values("pk")
    )
    context = {
        "unit": shown,
        "history": lines(entries.select_related("actor", "on_behalf_of").order_by("-id")[:200], WORDS),
        "crumbs": crumbs(request, (localname(shown), reverse("induction:unit", args=[shown.pk])), (_("History"), "")),
    }
    return render(request, "induction/readiness_history.html", context)
