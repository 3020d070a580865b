"""The coordinator's month: who has sent, who is waited for, and the close."""

from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments.texts import money
from fees import actions
from fees.access import CLOSE_MONTH, SEE_BOARD
from fees.board import STATES, late_lists, month_lists, state_sums
from fees.dates import dates_of
from fees.models import PaymentRun
from fees.rules import first_of, month_before, month_span
from feetables.rules import ZERO
from office.access import requires
from office.errors import RuleError
from office.requests import Request
from office.workdays import local_date, next_month

PAGE = 50


class Stage:
    """One state of the board as components/stages.html shows it."""

    def __init__(self, count: int, label: str, detail: str, url: str, *, current: bool) -> None:
        self.count, self.label, self.detail, self.url, self.current = count, label, detail, url, current


def month_from(text: str | None) -> date:
    """The month of the address, else the last one."""
    if not text:
        return month_before(first_of(local_date(timezone.now())))
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise Http404 from None


@requires(SEE_BOARD)
@require_GET
def board(request: Request, month: str | None = None) -> HttpResponse:
    """Not sent · at the unit · returned · approved · in payment · paid."""
    when = month_from(month)
    now = timezone.now()
    lines = month_lists(when, at=now)
    state = request.GET.get("state", "")
    text = request.GET.get("q", "").strip().casefold()
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
    shown = [
        line
        for line in lines
        if (not state or line.state == state)
        and (not text or text in f"{line.expert} {line.unit_name_fi} {line.unit_name_sv} {line.unit_code}".casefold())
    ]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    run = PaymentRun.objects.filter(month=when).first()
    context = {
        "month": when,
        "previous": month_before(when),
        "next": next_month(when),
        "stages": stages,
        "page_obj": page,
        "state": state if state in STATES else "",
        "q": request.GET.get("q", ""),
        "rows": sum(line.rows for line in shown),
        "fees": sum((line.fees for line in shown), ZERO),
        "travel": sum((line.travel for line in shown), ZERO),
        "lists": len(shown),
        "dates": dates_of(when),
        "run": run,
        "late": late_lists(request.user, when),
        "here": here,
        "may_remind": now >= month_span(when)[1] and any(line.waits_for for line in lines),
    }
    return render(request, "fees/board.html", context)


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
