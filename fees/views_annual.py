"""Annual statements: the expert's own, and everybody's for the office."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from experts.models import Expert
from fees import annual
from fees.access import OWN_STATEMENTS, SEE_RUNS
from fees.models import RunDocument
from office.access import requires
from office.requests import Request

PAGE = 50


def _pdf(found: list[annual.Year]) -> HttpResponse:
    if not found:
        raise Http404
    response = HttpResponse(annual.statement(found[0]), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{found[0].filename}"'
    return response


@requires(OWN_STATEMENTS)
@require_GET
def my_payments(request: Request) -> HttpResponse:
    """What has been paid to oneself, by year, and every statement."""
    expert = get_object_or_404(Expert, user=request.user)
    statements = (
        RunDocument.objects.filter(expert=expert, kind=RunDocument.Kind.STATEMENT)
        .select_related("run")
        .defer("content")
        .order_by("-run__number")
    )
    return render(request, "fees/my_payments.html", {"years": annual.years(expert=expert), "statements": statements})


@requires(OWN_STATEMENTS)
@require_GET
def my_annual(request: Request, year: int) -> HttpResponse:
    """One's own annual statement."""
    return _pdf(annual.years(expert__user=request.user, run__pay_date__year=year))


@requires(SEE_RUNS)
@require_GET
def annual_list(request: Request, year: int | None = None) -> HttpResponse:
    """Everybody who was paid something in a year, found by name."""
    paid = annual.years_paid()
    year = year or (paid[0] if paid else None)
    text = request.GET.get("q", "").strip()
    found = annual.years(*text.split(), run__pay_date__year=year) if year else []
    context = {
        "years": paid,
        "year": year,
        "q": text,
        "count": len(found),
        "total": sum(one.total for one in found),
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "fees/annual.html", context)


@requires(SEE_RUNS)
@require_GET
def annual_statement(request: Request, year: int, expert_pk: int) -> HttpResponse:  # noqa: ARG001 - a view
    """The annual statement of an expert."""
    return _pdf(annual.years(expert=expert_pk, run__pay_date__year=year))
