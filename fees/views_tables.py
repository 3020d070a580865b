"""What a fee table would have cost, and the difference lines of one approved after its start."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from fees.access import MAKE_DIFFERENCES
from fees.actions import differences as actions
from fees.differences import not_covered, of_agreed, of_lines
from fees.simulation import Simulation, simulate, year_until
from feetables.access import SEE_TABLES
from feetables.models import FeeTable
from feetables.rules import total
from office.access import requires
from office.errors import RuleError
from office.forms import DayField
from office.requests import Request
from office.sheets import as_csv, as_xlsx
from office.templatetags.erfa import localname
from office.workdays import local_date

PAGE = 100
FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class SpanForm(forms.Form):
    """From which day to which the work is counted."""

    first = DayField(label=gettext_lazy("From"))
    last = DayField(label=gettext_lazy("To"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, last = data.get("first"), data.get("last")
        if first and last and not first <= last:
            self.add_error("last", _("The end is before the beginning."))
        elif first and last and (last - first).days > 3 * 366:
            self.add_error("last", _("Three years at most."))
        return data


@requires(SEE_TABLES)
@require_GET
def simulation(request: Request, pk: int, form: str = "") -> HttpResponse:
    """What the last twelve months, or a chosen period, would have cost by the table; also as a file."""
    table = get_object_or_404(FeeTable.objects.prefetch_related("items"), pk=pk)
    first, last = year_until(local_date(timezone.now()))
    asked = SpanForm(
        request.GET
        if "first" in request.GET
        else {name: f"{day.day}.{day.month}.{day.year}" for name, day in (("first", first), ("last", last))}
    )
    found = None
    if asked.is_valid():
        found = simulate(table, asked.cleaned_data["first"], asked.cleaned_data["last"])
    if form:
        if form not in FILES or found is None:
            raise Http404
        return _file(found, form)
    query = request.GET.urlencode() if "first" in request.GET else ""
    context = {"table": table, "form": asked, "found": found, "query": query}
    return render(request, "fees/simulation.html", context)


def _file(found: Simulation, form: str) -> HttpResponse:
    headings = [_("By"), _("Code"), _("Name"), _("Lines"), _("As it was, €"), _("By the table, €"), _("Difference, €")]
    rows: list[list[Any]] = [
        [_("item"), row.code, localname(row), row.sum.lines, row.sum.old, row.sum.new, row.sum.difference]
        for row in found.items
    ]
    rows += [
        [_("unit"), row.unit.code, localname(row.unit), row.sum.lines, row.sum.old, row.sum.new, row.sum.difference]
        for row in found.units
    ]
    rows += [[_("not covered"), one.code, localname(one), one.sessions, "", "", ""] for one in found.not_covered]
    both = found.total
    rows.append([_("altogether"), "", "", both.lines, both.old, both.new, both.difference])
    content = as_csv(headings, rows) if form == "csv" else as_xlsx(str(found.table), headings, rows)
    answer = HttpResponse(content, content_type=FILES[form])
    answer["Content-Disposition"] = f'attachment; filename="simulation-{found.table.pk}.{form}"'
    return answer


# --- differences -----------------------------------------------------------------------------------------------------


@requires(MAKE_DIFFERENCES)
@require_GET
def differences(request: Request, pk: int) -> HttpResponse:
    """What is paid and what is agreed, by the table: old, new and difference of each line. Nothing is made yet."""
    table = get_object_or_404(FeeTable.objects.prefetch_related("items"), pk=pk)
    lines = [one for one in of_lines(table) if one.difference or one.why_not]
    prices = list(of_agreed(table))
    page = Paginator(lines, PAGE).get_page(request.GET.get("page"))
    context = {
        "table": table,
        "page_obj": page,
        "lines": len(lines),
        "plus": total(one.difference for one in lines if one.difference > 0),
        "minus": total(one.difference for one in lines if one.difference < 0),
        "not_covered": not_covered(table),
        "agreed": Paginator(prices, PAGE).get_page(request.GET.get("agreed")),
        "agreed_count": len(prices),
        "may_make": table.state == FeeTable.State.APPROVED,
        "own_id": request.user.pk,
    }
    return render(request, "fees/differences.html", context)


def _shown(values: Iterable[str]) -> dict[int, Decimal]:
    """`12:2.50` of each ticked box: what it is for, and the sum that was shown."""
    found = {}
    for value in values:
        key, _colon, amount = value.partition(":")
        try:
            found[int(key)] = Decimal(amount)
        except (ValueError, InvalidOperation):
            raise Http404 from None
    return found


@requires(MAKE_DIFFERENCES)
@require_POST
def make(request: Request, pk: int) -> HttpResponse:
    """Makes the ticked difference lines."""
    table = get_object_or_404(FeeTable, pk=pk)
    try:
        made = actions.make_differences(table, _shown(request.POST.getlist("line")), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        words = ngettext(
            "%(count)s difference line waits for the next payment run.",
            "%(count)s difference lines wait for the next payment run.",
            len(made),
        )
        messages.success(
            request, words % {"count": len(made)} if made else _("Nothing new: these lines are made already.")
        )
    return redirect("fees:differences", pk)


@requires(MAKE_DIFFERENCES)
@require_POST
def agreed(request: Request, pk: int) -> HttpResponse:
    """The ticked agreed sessions take the price of the table."""
    table = get_object_or_404(FeeTable, pk=pk)
    try:
        count = actions.take_new_prices(
            table, _shown(request.POST.getlist("session")), by=request.user, at=timezone.now()
        )
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        words = ngettext("%(count)s session has the new price.", "%(count)s sessions have the new price.", count)
        messages.success(request, words % {"count": count})
    return redirect("fees:differences", pk)


@requires(MAKE_DIFFERENCES)
@require_POST
def looked(request: Request, pk: int) -> HttpResponse:
    """Nothing more is made; the first page no longer asks."""
    try:
        actions.note_looked(get_object_or_404(FeeTable, pk=pk), by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
    return redirect("feetables:table", pk)
