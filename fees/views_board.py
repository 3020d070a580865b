"""The coordinator's month: who has sent, who is waited for, and the close."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments.texts import money
from fees import actions
from fees.access import CLOSE_MONTH, SEE_BOARD
from fees.board import STATES, WITH_EXPERT, Line, beside_lines, month_lists, sorted_by, state_sums
from fees.dates import dates_of
from fees.rules import first_of, month_before, month_span
from fees.states import MENDABLE
from feetables.rules import ZERO
from office.access import requires
from office.errors import RuleError
from office.requests import Request
from office.sheets import as_csv, as_xlsx
from office.workdays import local_date, next_month

PAGE = 50
#: Months of these years have pages; there was no work before, and dates have an end.
YEARS = range(2000, 2200)
FILES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class Stage:
    """One state of the board as components/stages.html shows it."""

    def __init__(self, count: int, label: str, detail: str, url: str, *, current: bool) -> None:
        self.count, self.label, self.detail, self.url, self.current = count, label, detail, url, current


def month_from(text: str | None) -> date:
    """The month of the address, else the last one."""
    if not text:
        return month_before(first_of(local_date(timezone.now())))
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None
    if found.year not in YEARS:
        raise Http404
    return found


def _shown(request: Request, lines: list[Line]) -> list[Line]:
    """Those of the state and with the text of the address, in its order."""
    state = request.GET.get("state", "")
    text = request.GET.get("q", "").strip().casefold()
    found = [
        line
        for line in lines
        if (state not in STATES or line.state == state)
        and (not text or text in f"{line.expert} {line.unit_name_fi} {line.unit_name_sv} {line.unit_code}".casefold())
    ]
    return sorted_by(found, request.GET.get("sort", ""))


@requires(SEE_BOARD)
@require_GET
def board(request: Request, month: str | None = None) -> HttpResponse:
    """Not sent · at the unit · returned · approved · in payment · paid."""
    when = month_from(month)
    now = timezone.now()
    lines = month_lists(when, at=now)
    state = request.GET.get("state", "")
    here = reverse("fees:board_of", args=[f"{when:%Y-%m}"])
    stages = [
        Stage(
            found.lists,
            found.label,
            money(found.total),
            here if found.state == state else f"{here}?state={found.state}",
            current=found.state == state,
        )
        for found in state_sums(lines)
    ]
    shown = _shown(request, lines)
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    told = beside_lines(when, page.object_list)
    dates = dates_of(when)
    context = {
        "month": when,
        "previous": month_before(when),
        "next": next_month(when),
        "stages": stages,
        "page_obj": page,
        "lines": [(line, told.reminded.get(line.list_id or 0), line.came_late(dates.due)) for line in page],
        "state": state if state in STATES else "",
        "q": request.GET.get("q", ""),
        "query": request.GET.urlencode(),
        "orders": [("", _("expert")), ("unit", _("unit")), ("state", _("state")), ("sum", _("sum"))],
        "order": request.GET.get("sort", ""),
        "with_expert": WITH_EXPERT,
        "rows": sum(line.rows for line in shown),
        "fees": sum((line.fees for line in shown), ZERO),
        "travel": sum((line.travel for line in shown), ZERO),
        "lists": len(shown),
        "dates": dates,
        "overdue": local_date(now) > dates.due and any(line.state in MENDABLE for line in lines),
        "run": told.run,
        "late": told.late,
        "here": here,
        "may_remind": now >= month_span(when)[1] and any(line.waits_for for line in lines),
    }
    return render(request, "fees/board.html", context)


@requires(SEE_BOARD)
@require_GET
def board_file(request: Request, month: str, form: str) -> HttpResponse:
    """The board as it is seen, as a file: each list with its state, who is waited for and its sums."""
    if form not in FILES:
        raise Http404
    when = month_from(month)
    headings = [
        _("Expert"), _("Unit"), _("Name of the unit"), _("State"), _("Waiting for"), _("Sent"), _("Late"), _("Rows"),
        _("Fees €"), _("Travel €"),
    ]  # fmt: skip
    swedish, due = get_language() == "sv", dates_of(when).due
    rows: list[list[Any]] = [
        [
            line.expert, line.unit_code, line.unit_name_sv if swedish else line.unit_name_fi, line.label,
            ", ".join(line.waits_for), local_date(line.sent_at) if line.sent_at else None,
            _("late") if line.came_late(due) else "", line.rows, line.fees, line.travel,
        ]
        for line in _shown(request, month_lists(when, at=timezone.now()))
    ]  # fmt: skip
    content = as_csv(headings, rows) if form == "csv" else as_xlsx(f"{when:%Y-%m}", headings, rows)
    answer = HttpResponse(content, content_type=FILES[form])
    answer["Content-Disposition"] = f'attachment; filename="month-{when:%Y-%m}.{form}"'
    return answer


@requires(CLOSE_MONTH)
@require_POST
def remind(request: Request, month: str) -> HttpResponse:
    """Reminds all whom the month waits for, or those of one row (``expert`` and ``unit``)."""
    when = month_from(month)
    expert, unit = _id(request, "expert"), _id(request, "unit")
    experts, checkers = actions.remind(when, by=request.user, at=timezone.now(), expert_id=expert, unit_id=unit)
    if experts or checkers:
        said = [
            ngettext("%(count)s expert was reminded.", "%(count)s experts were reminded.", experts) if experts else "",
            ngettext("%(count)s checker was reminded.", "%(count)s checkers were reminded.", checkers)
            if checkers
            else "",
        ]
        counts = (experts, checkers)
        words = [word % {"count": count} for word, count in zip(said, counts, strict=True) if word]
        messages.success(request, " ".join(words))
    else:
        messages.info(request, _("Nobody was reminded: they have been reminded today, or have no account."))
    return redirect("fees:board_of", f"{when:%Y-%m}")


def _id(request: Request, name: str) -> int | None:
    """The id of a field that is there; a field with something else in it is no page of ours."""
    text = request.POST.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


@requires(CLOSE_MONTH)
@require_http_methods(["GET", "POST"])
def close(request: Request, month: str) -> HttpResponse:
    """The preview of the payment run; the button makes it."""
    when = month_from(month)
    now = timezone.now()
    refusal = ""
    looked = set(request.POST.getlist("looked"))
    preview = actions.preview_run(when, at=now)
    if request.method == "POST":
        if request.POST.get("total") != str(preview.total) or request.POST.get("lists") != str(preview.lists):
            refusal = _("This has changed meanwhile. Look at the page again.")
        else:
            try:
                run = actions.make_run(
                    when,
                    by=request.user,
                    at=now,
                    expected_lists=preview.lists,
                    expected_total=preview.total,
                    looked=[ask.expert_id for ask in preview.asks if str(ask.expert_id) in looked],
                )
            except RuleError as error:
                refusal = str(error.message)
            else:
                messages.success(
                    request,
                    _("Payment run %(number)s was made: %(total)s.")
                    % {"number": run.number, "total": money(run.total)},
                )
                return redirect("fees:run", run.pk)
    context = {"preview": preview, "month": when, "refusal": refusal, "looked": looked}
    return render(request, "fees/close.html", context, status=409 if refusal else 200)
