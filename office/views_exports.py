"""A year's lists as files: asked for, how far they are, taken away, removed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import exporting, longwork
from office.access import EXPORTS, requires
from office.models import Export, LongWork
from office.requests import Request
from office.tasks import start_export


@requires(EXPORTS)
@require_http_methods(["GET", "POST"])
def exports(request: Request) -> HttpResponse:
    """Which lists there are, and those that were asked for."""
    lists = exporting.lists_for(request.user)
    if request.method == "POST":
        one = next((one for one in lists if one.name == request.POST.get("list")), None)
        year = request.POST.get("year", "")
        if one is None or not year.isdecimal() or len(year) > len("2026"):
            raise Http404
        if not one.has(int(year)):
            raise Http404
        made = exporting.ask(
            one, int(year), by=request.user, at=timezone.now(), language=get_language() or request.user.language
        )
        start_export(made.pk)
        return redirect("office:export", made.pk)
    context = {"lists": [(one, one.years()) for one in lists], "mine": exporting.listed(request.user)}
    return render(request, "office/exports.html", context)


def _mine(request: Request, pk: int) -> Export:
    found: Export = get_object_or_404(exporting.visible_to(request.user), pk=pk)
    return found


@requires(EXPORTS)
@require_GET
def export(request: Request, pk: int) -> HttpResponse:
    """How far it is; when it is ready, the file and until when it is kept."""
    made = _mine(request, pk)
    work = longwork.find(exporting.EXPORT, pk)
    one = exporting.YEARLY[made.sort]
    context: dict[str, Any] = {
        "export": made,
        "list": one,
        "work": work,
        "name": one.filename(made.year),
    }
    if work is not None and work.state == LongWork.State.DONE:
        context |= {"size": exporting.size_of(made), "kept_until": exporting.kept_until(work)}
    return render(request, "office/export.html", context)


@requires(EXPORTS)
@require_POST
def export_act(request: Request, pk: int) -> HttpResponse:
    """Breaks the making off, goes on with it, or removes the export."""
    made, act = _mine(request, pk), request.POST.get("act")
    work = longwork.find(exporting.EXPORT, pk)
    if act == "remove":
        exporting.remove(made)
        messages.success(request, _("The file has been removed."))
        return redirect("office:exports")
    if act == "stop" and work is not None:
        longwork.stop(work, by=request.user, at=timezone.now())
    elif act == "go_on" and work is not None and longwork.start_again(work):
        start_export(pk)
    return redirect("office:export", pk)


@requires(EXPORTS)
@require_GET
def export_file(request: Request, pk: int) -> HttpResponseBase:
    """The file, put together while it leaves. 404 until it is ready, and when its time is over."""
    made = _mine(request, pk)
    if not exporting.ready(made, at=timezone.now()):
        raise Http404
    one = exporting.YEARLY[made.sort]
    answer = StreamingHttpResponse(exporting.content(made), content_type=one.type)
    answer["Content-Disposition"] = f'attachment; filename="{one.filename(made.year)}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
