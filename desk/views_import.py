"""Imports on the screen: upload, look at what would change, take. The work is done beside the pages, with progress."""

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk import actions, tasks
from desk.access import IMPORT
from desk.forms import TakeForm, UploadForm
from desk.importing.fee_table_file import fee_table_file
from desk.models import UploadedSheet
from feetables.access import SEE_TABLES
from feetables.models import FeeTable
from office.access import requires
from office.requests import Request

CSV = "text/csv; charset=utf-8"
#: Rows of a table on the page of a dry run.
SHOWN = 100


@requires(IMPORT)
@require_http_methods(["GET", "POST"])
def imports(request: Request) -> HttpResponse:
    """Choose a file; earlier ones below."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"sort": request.GET.get("sort", "")})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        sheet = actions.upload(
            form.cleaned_data["sort"],
            file.name,
            file.read(),
            by=request.user,
            at=timezone.now(),
            language=get_language() or "fi",
        )
        tasks.start(sheet)
        return redirect("desk:import_sheet", sheet.pk)
    sheets = UploadedSheet.objects.defer("content", "report").select_related("uploaded_by")
    context = {
        "form": form,
        "taken": sheets.filter(state=UploadedSheet.State.TAKEN)[:20],
        "open": sheets.filter(uploaded_by=request.user, taken_at=None).exclude(state=UploadedSheet.State.STOPPED)[:20],
    }
    return render(request, "desk/imports.html", context)


def _mine(request: Request, pk: int) -> UploadedSheet:
    return get_object_or_404(UploadedSheet, pk=pk, uploaded_by=request.user)


@requires(IMPORT)
@require_GET
def import_sheet(request: Request, pk: int) -> HttpResponse:
    """How far the reading is; then the dry run with its differences; after the taking its result."""
    return _page(request, _mine(request, pk), timezone.now())


def _page(request: Request, sheet: UploadedSheet, at: datetime, form: TakeForm | None = None) -> HttpResponse:
    context: dict[str, Any] = {
        "sheet": sheet,
        "percent": min(100, sheet.done * 100 // sheet.total) if sheet.total else 0,
        "silent": sheet.at_work and (sheet.beat_at is None or sheet.beat_at < at - actions.SILENT),
    }
    report = actions.kept_report(sheet)
    if report is None or sheet.state != UploadedSheet.State.LOOKED:
        return render(request, "desk/import_work.html", context)
    good = report.added + report.changed + report.same
    context |= {
        "report": report,
        "form": form or TakeForm(sheet=sheet, faults=report.faults, at=at),
        "good": good,
        "nothing_new": not (report.added or report.changed),
        "page_obj": Paginator(report.differences, SHOWN).get_page(request.GET.get("page")),
        "faults": report.faults[: 2 * SHOWN],
        "more_faults": len(report.faults[2 * SHOWN :]),
        "remarks": report.remarks[:SHOWN],
        "more_remarks": len(report.remarks[SHOWN:]),
        "other_language": sheet.language != get_language(),
    }
    return render(request, "desk/import_sheet.html", context)


@requires(IMPORT)
@require_POST
def import_take(request: Request, pk: int) -> HttpResponse:
    """Takes the file as the dry run told it. When that would come out otherwise by now, the page asks again."""
    sheet, at = _mine(request, pk), timezone.now()
    report = actions.kept_report(sheet)
    form = TakeForm(request.POST, sheet=sheet, faults=report.faults if report else (), at=at)
    if report is not None and not form.is_valid():
        return _page(request, sheet, at, form)
    actions.confirm(
        sheet,
        seen=form.cleaned_data["seen"] if form.is_valid() else "",
        by=request.user,
        at=at,
        skip_bad_rows=bool(form.is_valid() and form.cleaned_data.get("skip_bad_rows")),
        approver=form.cleaned_data.get("approver") if form.is_valid() else None,
    )
    tasks.start(sheet)
    return redirect("desk:import_sheet", pk)


@requires(IMPORT)
@require_POST
def import_again(request: Request, pk: int) -> HttpResponse:
    """Another dry run: in another language, or after the first was broken off."""
    sheet = _mine(request, pk)
    actions.look_again(sheet, by=request.user, at=timezone.now(), language=get_language() or "fi")
    tasks.start(sheet)
    return redirect("desk:import_sheet", pk)


@requires(IMPORT)
@require_POST
def import_stop(request: Request, pk: int) -> HttpResponse:
    """Breaks off, or decides not to take it."""
    sheet = _mine(request, pk)
    actions.stop(sheet, by=request.user, at=timezone.now())
    return redirect("desk:import_sheet", pk)


@requires(SEE_TABLES)
@require_GET
def fee_table(request: Request, pk: int) -> HttpResponse:  # noqa: ARG001 - who sees tables sees all of them
    """A version of the fee table as the file that the import reads."""
    found = get_object_or_404(FeeTable.objects.prefetch_related("items"), pk=pk)
    name = f"fee-table-{found.valid_from:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(fee_table_file(found), content_type=CSV, headers=headers)
