"""The named employee's check: exceptions first, the rest in one act that repeats count and sum."""

from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments.texts import money
from fees import actions
from fees.access import CHECK_LISTS
from fees.beside import of_lists
from fees.check import CheckedList, lists_to_check, unsent, with_receipts
from fees.dates import dates_of
from fees.forms import ReturnForm
from fees.models import CorrectionRequest, HourList
from fees.rules import first_of, month_before
from feetables.rules import ZERO
from office.access import requires
from office.choices import NAMED
from office.errors import RuleError
from office.forms import ids_sent, tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request
from office.workdays import local_date


@requires(CHECK_LISTS)
@require_GET
def check(request: Request) -> HttpResponse:
    """What differs one by one, what is as agreed in one act."""
    shown = timezone.now()  # before the rows are read: what changes after it has not been seen
    checked = lists_to_check(request.user)
    own = [list_ for list_ in checked if list_.own]
    others = [list_ for list_ in checked if list_.by_me and not list_.own]
    mine = [list_ for list_ in checked if not list_.own and not list_.by_me]
    exceptions = [list_ for list_ in mine if list_.exceptions]
    plain = [list_ for list_ in mine if not list_.exceptions]
    lately = (
        HourList.objects.filter(unit__in=request.user.holdings.units_as(*NAMED), state="approved")
        .exclude(expert__user=request.user)
        .select_related("expert", "unit", "approved_by")
        .order_by("-approved_at", "id")[:20]
    )
    last_month = month_before(first_of(local_date(timezone.now())))
    context = {
        "shown": shown.isoformat(),
        "own": own,
        "others": others,
        "exceptions": exceptions,
        "plain": plain,
        "plain_rows": sum(list_.count for list_ in plain),
        "plain_total": sum((list_.total for list_ in plain), ZERO),
        "count": len(mine),
        "total": sum((list_.total for list_ in mine), ZERO),
        "lately": lately,
        "unsent": unsent(request.user, last_month),
        "last_month": last_month,
        "asked": CorrectionRequest.objects.to_answer_by(request.user).count(),
    }
    return render(request, "fees/check.html", context)


def _moment(text: str | None) -> datetime | None:
    """When the page was made. Raises ValueError for what is no moment."""
    found = None if text is None else datetime.fromisoformat(text)
    if found is not None and found.tzinfo is None:
        raise ValueError(text)
    return found


@requires(CHECK_LISTS)
@require_POST
def approve(request: Request) -> HttpResponse:
    """Approves the lists named; the count and the sum that the person saw must still be true."""
    ids, on_paper = ids_sent(request.POST.getlist("list")), ids_sent(request.POST.getlist("on_paper"))
    lists = list(HourList.objects.visible_to(request.user).filter(pk__in=ids))
    if len(lists) < len(ids) or not on_paper <= ids:
        raise Http404
    try:
        total = Decimal(request.POST.get("total", ""))
        count = int(request.POST.get("rows", ""))
        shown_at = _moment(request.POST.get("shown"))
    except (InvalidOperation, ValueError):
        total, count, shown_at = Decimal("NaN"), 0, None
    if not lists or not total.is_finite():
        messages.error(request, _("This has changed meanwhile. Look at the page again."))
        return redirect("fees:check")
    done = actions.approve(
        lists,
        by=request.user,
        at=timezone.now(),
        expected_count=count,
        expected_total=total,
        shown_at=shown_at,
        on_paper=on_paper,
    )
    words = ngettext("Approved: %(count)s list, %(total)s.", "Approved: %(count)s lists, %(total)s.", done)
    messages.success(request, words % {"count": done, "total": money(total)})
    return redirect("fees:check")


@requires(CHECK_LISTS)
@require_http_methods(["GET", "POST"])
def hour_list(request: Request, pk: int) -> HttpResponse:
    """One list with every row; approve it, or return it with a reason, per row too."""
    shown = timezone.now()
    units = request.user.holdings.units_as(*NAMED)
    found = get_object_or_404(
        HourList.objects.visible_to(request.user)
        .filter(unit__in=units)
        .select_related("expert__user", "unit", "sent_by"),
        pk=pk,
    )
    form = ReturnForm(found, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.return_list(
                found, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"], rows=form.reasons
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Returned to %(name)s.") % {"name": found.expert})
            return redirect("fees:check")
    checked = CheckedList(found, own=found.expert.user_id == request.user.pk)
    rows = found.rows.select_related(
        "session__order__orderer", "session__fee_item", "session__added__ordered_by", "session__recorded_by"
    )
    checked.rows.extend(with_receipts(rows))
    checked.beside.extend(of_lists([found.pk]))
    words = {
        "hourlist.send": _("Sent"),
        "hourlist.take_back": _("Taken back"),
        "hourlist.approve": _("Approved"),
        "hourlist.unapprove": _("Approval taken back"),
        "hourlist.return": _("Returned"),
        "hourlist.mend": _("Opened again: what the expert asked for was accepted"),
        "hourlist.take_to_run": _("Taken to payment"),
        "hourlist.pay": _("Paid"),
        "hourlist.remind": _("Reminded of the list"),
        "hourlist.on_paper": _("Seen on paper: the receipts that are not here"),
        "hourlist.imported": _("Brought in with the office's files"),
    }
    history = lines(LogEntry.objects.of(found), words)
    sender = found.sent_by if found.sent_by_id not in {None, found.expert.user_id} else None
    due = dates_of(found.month).due
    context = {
        "shown": shown.isoformat(),
        "list": found,
        "checked": checked,
        "form": form,
        "history": history,
        "due": due,
        "late": found.came_late(due),
        "written_by": sender,
        "sent_by_me": sender == request.user,
    }
    return render(request, "fees/hour_list.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(CHECK_LISTS)
@require_POST
def unapprove(request: Request, pk: int) -> HttpResponse:
    """Takes an approval back, until a payment run has taken the list."""
    found = get_object_or_404(HourList.objects.visible_to(request.user), pk=pk)
    actions.unapprove(found, by=request.user, at=timezone.now())
    messages.success(request, _("The approval was taken back. The list waits for you again."))
    return redirect("fees:check")
