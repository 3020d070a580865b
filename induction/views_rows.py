"""Rows of the checklists: the coordinator's common ones, the unit's own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from induction import actions
from induction.access import KEEP, KEEP_UNIT, OVERVIEW
from induction.forms import RowForm
from induction.models import ChecklistRow
from office.access import requires
from office.choices import NAMED
from office.errors import RuleError
from office.forms import tell
from office.models import Unit
from office.requests import Request


def _place(unit_id: int | None, sort: str) -> str:
    where = reverse("induction:unit_texts", args=[unit_id]) if unit_id else reverse("induction:common")
    return f"{where}#h-{sort}"


def _edit(request: Request, row: ChecklistRow) -> HttpResponse:
    adding = row.pk is None
    form = RowForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_row(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The row is saved."))
            return redirect(_place(row.unit_id, row.sort))
    context = {"form": form, "adding": adding, "row": row, "back": _place(row.unit_id, row.sort)}
    return render(request, "induction/row_form.html", context)


def _sort(word: str) -> str:
    if word not in ChecklistRow.Sort.values:
        raise Http404
    return word


@requires(OVERVIEW)
@require_http_methods(["GET", "POST"])
def common_row_new(request: Request, sort: str) -> HttpResponse:
    """Adds a row for all units."""
    return _edit(request, ChecklistRow(sort=_sort(sort)))


@requires(KEEP_UNIT)
@require_http_methods(["GET", "POST"])
def row_new(request: Request, pk: int, sort: str) -> HttpResponse:
    """Adds a row of the unit."""
    unit = get_object_or_404(Unit.objects.filter(pk__in=request.user.holdings.units_as(*NAMED)), pk=pk)
    return _edit(request, ChecklistRow(unit=unit, sort=_sort(sort)))


@requires(KEEP)
@require_http_methods(["GET", "POST"])
def row_edit(request: Request, pk: int) -> HttpResponse:
    """Changes a row, or takes it out of use."""
    return _edit(request, get_object_or_404(ChecklistRow.objects.kept_by(request.user), pk=pk))


@requires(KEEP)
@require_POST
def row_move(request: Request, pk: int) -> HttpResponse:
    """Up or down by one."""
    row = get_object_or_404(ChecklistRow.objects.kept_by(request.user), pk=pk)
    actions.move_row(row, up=request.POST.get("to") != "down", by=request.user, at=timezone.now())
    return redirect(_place(row.unit_id, row.sort))
