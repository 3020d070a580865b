"""The checklist of an expert in a unit."""

from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.models import Expert
from induction import actions
from induction.access import KEEP_UNIT, SEE_CHECKLIST
from induction.board import name_in_unit
from induction.forms import NameForm
from induction.models import ChecklistRow, Induction, InductionItem
from induction.states import InductionState
from induction.texts import WORDS
from induction.views import changed_ticks, crumbs
from induction.work import agreed_work
from office.access import requires
from office.choices import NAMED
from office.history import lines
from office.models import LogEntry, Unit
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import local_date

MOST = 20


def _kept(request: Request) -> Any:
    """The checklists that the person keeps."""
    return Induction.objects.filter(unit__in=request.user.holdings.units_as(*NAMED)).select_related("expert", "unit")


@requires(KEEP_UNIT)
@require_http_methods(["GET", "POST"])
def start(request: Request, pk: int) -> HttpResponse:
    """Begins a checklist: of somebody who works in the unit, or of an expert found by the first name."""
    unit = get_object_or_404(Unit.objects.filter(pk__in=request.user.holdings.units_as(*NAMED)), pk=pk)
    at = timezone.now()
    work = Exists(agreed_work().filter(expert=OuterRef("pk"), unit=unit))
    begun = Exists(Induction.objects.filter(expert=OuterRef("pk"), unit=unit))
    experts = Expert.objects.exclude(state=Expert.State.ENDED).annotate(works=work, begun=begun)
    known = experts.filter(
        Q(works=True) | Q(begun=True) | Q(pk__in=Expert.objects.findable_by(request.user, local_date(at)))
    )
    if request.method == "POST":
        asked = request.POST.get("expert", "")
        chosen = get_object_or_404(known, pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0)
        made = actions.start(chosen, unit, by=request.user, at=at)
        return redirect("induction:checklist", made.pk)
    form = NameForm(request.GET or None)
    words = form.cleaned_data["q"] if form.is_bound and form.is_valid() else ""
    found = known.filter(begun=False).exclude(user=request.user)
    found = found.filter(first_name__istartswith=words) if words else found.filter(works=True)
    people = list(found[: MOST + 1])
    for person in people:
        person.shown = name_in_unit(request.user, person, works=person.works)  # type: ignore[attr-defined]  # annotated
    context = {
        "unit": unit,
        "form": form,
        "words": words,
        "people": people[:MOST],
        "more": len(people) > MOST,
        "crumbs": crumbs(
            request, (localname(unit), reverse("induction:unit", args=[unit.pk])), (_("Begin an induction"), "")
        ),
    }
    return render(request, "induction/start.html", context)


@requires(SEE_CHECKLIST)
@require_GET
def checklist(request: Request, pk: int) -> HttpResponse:
    """What the expert has been shown: ticks for who keeps it, a list for the expert and the coordinator."""
    work = agreed_work().filter(expert=OuterRef("expert"), unit=OuterRef("unit"))
    found = Induction.objects.visible_to(request.user).select_related("expert", "unit", "done_by", "started_by")
    shown: Any = get_object_or_404(found.annotate(works=Exists(work)), pk=pk)
    items = list(shown.items.select_related("ticked_by"))
    own = shown.expert.user_id == request.user.pk
    keeps = shown.unit_id in request.user.holdings.units_as(*NAMED) and not own
    name = name_in_unit(request.user, shown.expert, works=shown.works)
    rows = ChecklistRow.objects.for_unit(shown.unit_id).filter(sort=ChecklistRow.Sort.INDUCTION, is_active=True)
    is_open = shown.state == InductionState.OPEN
    behind = False
    if keeps:
        template = {row.pk: (row.name_fi, row.name_sv) for row in rows}
        unticked = {item.row_id: (item.name_fi, item.name_sv) for item in items if item.ticked_at is None}
        known = {item.row_id for item in items}
        behind = not template.keys() <= known or any(template.get(pk) != words for pk, words in unticked.items())
    if own and not keeps:
        way = [{"label": _("Guide"), "url": reverse("induction:guide")}, {"label": localname(shown.unit)}]
    else:
        way = crumbs(request, (localname(shown.unit), reverse("induction:unit", args=[shown.unit_id])), (name, ""))
    context = {
        "induction": shown,
        "name": name,
        "own": own,
        "entries": [{"pk": item.pk, "row": item, "tick": item if item.ticked_at else None} for item in items],
        "left": sum(1 for item in items if item.ticked_at is None),
        "keeps": keeps,
        "may_tick": keeps and is_open,
        "behind": behind,
        "history": lines(LogEntry.objects.of(shown), WORDS),
        "crumbs": way,
    }
    return render(request, "induction/checklist.html", context)


@requires(KEEP_UNIT)
@require_POST
def tick(request: Request, pk: int) -> HttpResponse:
    """Saves the ticks; with ``finish`` the checklist is done too, when every row is ticked."""
    shown = get_object_or_404(_kept(request), pk=pk)
    on, off = changed_ticks(request.POST)
    if InductionItem.objects.filter(pk__in=on | off).exclude(induction=shown).exists():
        raise Http404
    at = timezone.now()
    actions.tick(shown, on=on, off=off, by=request.user, at=at)
    if "finish" in request.POST:
        actions.finish(shown, by=request.user, at=at)
        messages.success(request, _("The induction is done."))
    else:
        messages.success(request, _("The ticks are saved."))
    return redirect("induction:checklist", pk)


@requires(KEEP_UNIT)
@require_POST
def reopen(request: Request, pk: int) -> HttpResponse:
    """Opens a checklist that was done."""
    shown = get_object_or_404(_kept(request), pk=pk)
    actions.reopen(shown, by=request.user, at=timezone.now())
    messages.success(request, _("The checklist is open again."))
    return redirect("induction:checklist", pk)


@requires(KEEP_UNIT)
@require_POST
def refresh(request: Request, pk: int) -> HttpResponse:
    """Brings an open checklist up to the rows of today."""
    shown = get_object_or_404(_kept(request), pk=pk)
    added = actions.refresh(shown, by=request.user, at=timezone.now())
    said = ngettext("The rows are up to date: %(n)s new row.", "The rows are up to date: %(n)s new rows.", added)
    messages.success(request, said % {"n": added})
    return redirect("induction:checklist", pk)
