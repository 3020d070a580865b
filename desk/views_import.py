"""Imports on the screen: upload, look at what would change, take."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from desk import actions
from desk.access import IMPORT
from desk.forms import TakeForm, UploadForm
from desk.models import UploadedSheet
from office.access import requires
from office.models import User


@requires(IMPORT)
@require_http_methods(["GET", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    """Choose a file; earlier ones below."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"sort": request.GET.get("sort", "")})
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        user = cast(User, request.user)
        sheet = actions.upload(form.cleaned_data["sort"], file.name, file.read(), by=user, at=timezone.now())
        return redirect("desk:import_sheet", sheet.pk)
    taken = UploadedSheet.objects.filter(taken_at__isnull=False).defer("content").select_related("uploaded_by")[:20]
    return render(request, "desk/imports.html", {"form": form, "taken": taken})


@requires(IMPORT)
@require_http_methods(["GET", "POST"])
def import_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """The dry run with its differences; the button takes the file."""
    user = cast(User, request.user)
    sheet = get_object_or_404(UploadedSheet, pk=pk, uploaded_by=user)
    if sheet.taken_at:
        messages.info(request, _("This file has been taken already."))
        return redirect("desk:imports")
    now = timezone.now()
    if request.method == "POST":
        report = actions.take_sheet(sheet, by=user, at=now, skip_bad_rows="skip_bad_rows" in request.POST)
        if report.taken:
            messages.success(
                request,
                _("Taken: %(new)s new, %(changed)s changed, %(same)s unchanged, %(bad)s left out.")
                % {"new": report.added, "changed": report.changed, "same": report.same, "bad": report.bad_rows},
            )
            return redirect("desk:imports")
    else:
        report = actions.dry_run(sheet, by=user, at=now)
    form = TakeForm(request.POST or None, faults=bool(report.faults))
    good = report.added + report.changed + report.same
    context = {
        "sheet": sheet,
        "report": report,
        "form": form,
        "good": good,
        "nothing_new": not (report.added or report.changed),
    }
    return render(request, "desk/import_sheet.html", context)
