"""The list of the registry as a file, as filtered. What is written here, an import reads."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from experts import actions
from experts.access import SEE_REGISTRY
from experts.columns import COLUMNS
from experts.filters import listed
from experts.forms_lists import RegistryFilter
from experts.resources import ExpertResource
from office.access import requires
from office.requests import Request
from office.sheets import as_csv, as_xlsx
from office.workdays import local_date

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileForm(forms.Form):
    """Which file. Topics reveal health: only when they are asked for, and that is noted."""

    form = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[("xlsx", gettext_lazy("Excel (xlsx)")), ("csv", gettext_lazy("CSV, semicolons"))],
        widget=forms.RadioSelect,
        initial="xlsx",
    )
    topics = forms.BooleanField(
        label=gettext_lazy("With topics"),
        required=False,
        help_text=gettext_lazy("Topics reveal health. Take them only when you need them; the log tells that you did."),
    )


def _asked(request: Request) -> Any:
    form = RegistryFilter(request.GET)
    return form.cleaned_data if form.is_valid() else None


@requires(SEE_REGISTRY)
@require_GET
def registry_export(request: Request) -> HttpResponse:
    """How many the list has, in which form, with or without topics."""
    filters = RegistryFilter(request.GET)
    kept = [(name, value) for name in filters.fields for value in request.GET.getlist(name) if value]
    context = {
        "form": FileForm(),
        "kept": kept,
        "count": listed(_asked(request), local_date(timezone.now())).count(),
        "crumbs": [{"label": _("Registry"), "url": reverse("experts:registry")}, {"label": _("The list as a file")}],
    }
    return render(request, "experts/registry_export.html", context)


@requires(SEE_REGISTRY)
@require_GET
def registry_file(request: Request) -> HttpResponse:
    """The experts of the list with the columns that an import reads. Noted as an export, and for each who is in it."""
    at = timezone.now()
    today = local_date(at)
    asked, with_topics = _asked(request), request.GET.get("topics") == "on"
    if asked and asked["topic"]:
        actions.noted_topic_search(asked["topic"], by=request.user, at=at)
    found = list(listed(asked, today))
    actions.noted_export(found, "export with topics" if with_topics else "export", by=request.user, at=at)
    only = [name for name in COLUMNS if with_topics or name != "topics"]
    made = ExpertResource(by=request.user, at=at, today=today, only=only).sheet_of(found)
    csv = request.GET.get("form") == "csv"
    content = as_csv(made.headers, made) if csv else as_xlsx(_("Registry"), made.headers, made)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8" if csv else XLSX)
    name = f"registry-{today.isoformat()}.{'csv' if csv else 'xlsx'}"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
