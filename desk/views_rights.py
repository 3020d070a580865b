"""A person's rights: the download of all data, erasure and its report."""

from datetime import date

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk import download, erasure
from desk.access import GIVE_DATA, OWN_DATA
from desk.erasure import preview
from desk.forms_rights import EraseForm
from desk.models import ErasureReport
from experts.models import Expert
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.rights import CLASSES, ERASED, Words, classes, name_of
from office.workdays import local_date


def _zip(expert: Expert, request: Request) -> FileResponse:
    at = timezone.now()
    file = download.make(expert, by=request.user, at=at)
    with translation.override(expert.language):
        name = _("my-data")
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"erfa-{name}-{local_date(at).isoformat()}.zip",
        content_type="application/zip",
    )


def _names() -> list[Words]:
    """What the download holds, by record class."""
    return [found.name for found in classes() if found.collect is not None]


@requires(OWN_DATA)
@require_GET
def my_data(request: Request) -> HttpResponse:
    """What the download holds, and its button."""
    shown = get_object_or_404(Expert, user=request.user)
    return render(request, "desk/rights_my_data.html", {"expert": shown, "names": _names()})


@requires(OWN_DATA)
@require_POST
def my_data_file(request: Request) -> FileResponse:
    """All data about oneself as a file. It is noted."""
    return _zip(get_object_or_404(Expert.objects.select_related("user"), user=request.user), request)


@requires(GIVE_DATA)
@require_GET
def expert_data(request: Request, pk: int) -> HttpResponse:
    """An expert's rights: the download on their behalf, and the way to the erasure."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user).select_related("user"), pk=pk)
    report = ErasureReport.objects.filter(expert_number=pk).first() if shown.erased_at else None
    context = {"expert": shown, "report": report, "names": _names(), "crumbs": _crumbs(shown)}
    return render(request, "desk/rights_expert.html", context)


def _crumbs(shown: Expert, *more: str) -> list[dict[str, str]]:
    return [
        {"label": _("Registry"), "url": reverse("experts:registry")},
        {"label": str(shown), "url": reverse("experts:expert", args=[shown.pk])},
        {"label": _("Data protection"), "url": reverse("desk:expert_data", args=[shown.pk]) if more else ""},
        *({"label": label} for label in more),
    ]


@requires(GIVE_DATA)
@require_POST
def expert_data_file(request: Request, pk: int) -> FileResponse:
    """The same file as the expert gets. It is noted as a look."""
    return _zip(get_object_or_404(Expert.objects.visible_to(request.user).select_related("user"), pk=pk), request)


@requires(GIVE_DATA)
@require_http_methods(["GET", "POST"])
def erase(request: Request, pk: int) -> HttpResponse:
    """What goes, what stays, until when and why; the button erases."""
    at = timezone.now()
    shown = get_object_or_404(Expert.objects.visible_to(request.user).select_related("user"), pk=pk)
    if shown.erased_at is not None:
        return redirect("desk:erasure", ErasureReport.objects.get(expert_number=pk).pk)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            report = erasure.erase(shown, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The expert has been erased."))
            return redirect("desk:erasure", report.pk)
    context = {"expert": shown, "form": form, "preview": preview(shown, at=at), "crumbs": _crumbs(shown, _("Erase"))}
    return render(request, "desk/rights_erase.html", context)


@requires(GIVE_DATA)
@require_GET
def erasure_report(request: Request, pk: int) -> HttpResponse:
    """What was done."""
    report = get_object_or_404(ErasureReport.objects.select_related("by"), pk=pk)
    context = {
        "report": report,
        "name": f"{ERASED} {report.expert_number}",
        "removed": [(name_of(code), count) for code, count in report.removed.items()],
        "kept": [
            {
                "name": name_of(code),
                "why": CLASSES[code].why if code in CLASSES else "",
                "rows": kept["rows"],
                "until": date.fromisoformat(kept["until"]) if kept["until"] else None,
            }
            for code, kept in report.kept.items()
        ],
    }
    return render(request, "desk/rights_report.html", context)
