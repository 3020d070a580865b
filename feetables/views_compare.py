"""Versions side by side."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feetables.access import SEE_TABLES
from feetables.compare import aligned
from feetables.conditions import trainings
from feetables.models import FeeTable
from office.access import requires
from office.requests import Request

MOST = 4


@requires(SEE_TABLES)
@require_GET
def compare(request: Request) -> HttpResponse:
    """Two to four tables in order of time, their items aligned by code. None chosen: the two newest."""
    asked = [int(pk) for pk in request.GET.getlist("t") if pk.isdecimal() and len(pk) < 10]
    chosen = FeeTable.objects.filter(pk__in=asked) if "t" in request.GET else FeeTable.objects.all()[:2]
    tables = list(
        FeeTable.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        .order_by("valid_from", "pk")
        .prefetch_related("items")[:MOST]
    )
    if len(tables) < 2:
        messages.info(request, _("Choose at least two tables to see side by side."))
        return redirect("feetables:tables")
    conditional = any(item.training for table in tables for item in table.items.all())
    rows = aligned(tables, trainings() if conditional else {})
    differ = [row for row in rows if row.differs]
    everything = bool(request.GET.get("all"))
    context = {
        "tables": tables,
        "rows": rows if everything else differ,
        "differ": len(differ),
        "same": len(rows) - len(differ),
        "everything": everything,
        "query": "&".join(f"t={table.pk}" for table in tables),
    }
    return render(request, "feetables/compare.html", context)
