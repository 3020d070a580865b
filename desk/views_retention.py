"""How long records are kept: what would go today, the periods, what has gone."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from desk import retention as job
from desk.access import KEEP_PERIODS
from desk.forms_rights import PeriodForm
from desk.models import ErasureReport, RetentionRun
from desk.periods import in_words, months_of, set_months
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.rights import CLASSES, name_of

PAGE = 30


@requires(KEEP_PERIODS)
@require_GET
def retention(request: Request) -> HttpResponse:
    """Each record class with its period and what of it would go today. Nothing is removed by looking."""
    due = job.due(at=timezone.now())
    rows = [{"due": one, "period": in_words(one.months)} for one in due]
    last = RetentionRun.objects.order_by("-at", "-id").first()
    context = {"rows": rows, "last": last, "total": sum(one.rows for one in due)}
    return render(request, "desk/rights_retention.html", context)


@requires(KEEP_PERIODS)
@require_POST
def carry_out(request: Request) -> HttpResponse:
    """Does now what the clock does each night."""
    run = job.carry_out(by=request.user, at=timezone.now())
    removed = sum(run.removals.values_list("removed", flat=True))
    said = ngettext("%(count)s record was removed.", "%(count)s records were removed.", removed) % {"count": removed}
    messages.success(request, said)
    return redirect("desk:retention_reports")


@requires(KEEP_PERIODS)
@require_http_methods(["GET", "POST"])
def period(request: Request, code: str) -> HttpResponse:
    """How long one record class is kept."""
    found = CLASSES.get(code)
    if found is None or found.months is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = PeriodForm(sent, found=found, initial={"months": months_of()[code]})
    if request.method == "POST" and form.is_valid():
        try:
            set_months(found, form.cleaned_data["months"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The period is saved."))
            return redirect("desk:retention")
    context = {
        "found": found,
        "form": form,
        "least": in_words(found.least) if found.least else "",
        "in_work": found.in_work,
        "usual": in_words(found.months),
        "crumbs": [{"label": _("Retention"), "url": reverse("desk:retention")}, {"label": str(found.name)}],
    }
    return render(request, "desk/rights_period.html", context)


@requires(KEEP_PERIODS)
@require_GET
def reports(request: Request) -> HttpResponse:
    """What the job has removed, and who was erased, the newest first. Nights on which nothing went are left out."""
    runs = RetentionRun.objects.filter(removals__isnull=False).distinct().select_related("by")
    page = Paginator(runs.prefetch_related("removals"), PAGE).get_page(request.GET.get("page"))
    told = [
        {
            "run": run,
            "removals": [{"name": name_of(one.record_class), "one": one} for one in run.removals.all()],
        }
        for run in page.object_list
    ]
    context = {
        "page_obj": page,
        "told": told,
        "erasures": ErasureReport.objects.select_related("by")[:PAGE],
        "last": RetentionRun.objects.order_by("-at", "-id").first(),
        "crumbs": [{"label": _("Retention"), "url": reverse("desk:retention")}, {"label": _("What was removed")}],
    }
    return render(request, "desk/rights_reports.html", context)
