"""Versions of the fee table, their items in words, approving."""

from datetime import date

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feetables import actions
from feetables.access import CHANGE_TABLES, SEE_TABLES
from feetables.conditions import trainings
from feetables.dated import above_maximum
from feetables.forms import ApproveForm, TableForm
from feetables.models import FeeTable
from feetables.texts import KINDS, WORDS, base_name, condition_words, item_words
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request
from office.workdays import local_date


@requires(SEE_TABLES)
@require_GET
def tables(request: Request) -> HttpResponse:
    """All versions, the newest first; the one in force today is marked."""
    today = local_date(timezone.now())
    found = list(FeeTable.objects.annotate(items_count=Count("items")).order_by("-valid_from", "-pk"))
    for row in found:
        row.now = row.state == FeeTable.State.APPROVED and row.holds_on(today)  # type: ignore[attr-defined]
    context = {"tables": found, "may_change": request.user.has_role(Role.COORDINATOR), "imports": _imports()}
    return render(request, "feetables/tables.html", context)


def _imports() -> str:
    return _above("desk:imports")


def _above(name: str, *args: int) -> str:
    """A page of an app above this one; "" where that app is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@requires(SEE_TABLES)
@require_GET
def table(request: Request, pk: int) -> HttpResponse:
    """One version: every item in words, the decision, approving."""
    return _table_page(request, get_object_or_404(FeeTable, pk=pk))


def _table_page(request: Request, shown: FeeTable, *, form: ApproveForm | None = None) -> HttpResponse:
    today = local_date(timezone.now())
    items = list(shown.items.all())
    shown._prefetched_objects_cache = {"items": items}  # type: ignore[attr-defined]  # read once
    names = trainings() if any(item.training for item in items) else {}
    for item in items:
        item.words = item_words(item)  # type: ignore[attr-defined]
        item.conditions = condition_words(item, names)  # type: ignore[attr-defined]
        item.kinds_told = ", ".join(str(KINDS.get(kind, kind)) for kind in item.kinds)  # type: ignore[attr-defined]
    may_change = request.user.has_role(Role.COORDINATOR) and shown.state == FeeTable.State.DRAFT
    context = {
        "table": shown,
        "items": items,
        "may_change": may_change,
        "now": shown.state == FeeTable.State.APPROVED and shown.holds_on(today),
        "simulation": _above("fees:simulation", shown.pk),
        "file": _above("desk:fee_table_file", shown.pk),
        "differences": _differences(request, shown, today),
        "before": FeeTable.objects.filter(valid_from__lt=shown.valid_from).values_list("pk", flat=True).first(),
        "form": (form or ApproveForm(today=today)) if may_change else None,
        "faults": actions.faults(shown) if may_change else [],
        "without": actions.kinds_without_item(shown) if may_change else [],
        "above": [(item, base_name(row.code), row) for item, row in above_maximum(shown, items)],
        "history": lines(LogEntry.objects.of(shown), WORDS),
    }
    return render(request, "feetables/table.html", context)


def _differences(request: Request, shown: FeeTable, today: date) -> str:
    """Where the differences of a table are that was approved after its start, or is a draft whose start is past."""
    known = today if shown.approved_at is None else local_date(shown.approved_at)
    late = known > shown.valid_from
    return _above("fees:differences", shown.pk) if late and request.user.has_role(Role.COORDINATOR) else ""


@requires(CHANGE_TABLES)
@require_http_methods(["GET", "POST"])
def table_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """A new draft, or the name and validity of one."""
    found = get_object_or_404(FeeTable, pk=pk, state=FeeTable.State.DRAFT) if pk else None
    form = TableForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        copy_of = form.cleaned_data.get("copy_of")
        try:
            saved = actions.save_table(form.instance, by=request.user, at=timezone.now(), copy_of=copy_of)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("feetables:table", saved.pk)
    return render(request, "feetables/table_form.html", {"form": form, "pk": pk})


@requires(CHANGE_TABLES)
@require_POST
def approve(request: Request, pk: int) -> HttpResponse:
    """Approves the draft with its decision."""
    shown = get_object_or_404(FeeTable, pk=pk)
    at = timezone.now()
    form = ApproveForm(request.POST, today=local_date(at))
    if form.is_valid():
        try:
            actions.approve(shown, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The fee table is approved."))
            return redirect("feetables:table", pk)
    if shown.state != FeeTable.State.DRAFT:
        messages.error(request, _("This has changed meanwhile. Look at the page again."))
        return redirect("feetables:table", pk)
    return _table_page(request, shown, form=form)


@requires(CHANGE_TABLES)
@require_POST
def table_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a draft."""
    actions.remove_draft(get_object_or_404(FeeTable, pk=pk), by=request.user, at=timezone.now())
    messages.success(request, _("The draft is removed."))
    return redirect("feetables:tables")
