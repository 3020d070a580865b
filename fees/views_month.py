"""The expert's month: every agreed time is already a row."""

from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions as assignments
from assignments.texts import money
from experts.models import Expert
from fees import actions
from fees.access import OWN_STATEMENTS, SEND_HOURS
from fees.dates import dates_of
from fees.forms import AS_AGREED, SessionForm
from fees.models import HourList, RunDocument
from fees.month import Month, has_unsent, lately, month_of_expert, paid_this_year
from fees.rules import first_of, month_before
from fees.views_board import month_from
from office.access import requires
from office.errors import RuleError
from office.forms_rendering import all_problems
from office.requests import Request
from office.workdays import local_date


def _expert(request: Request, expert_pk: int | None) -> Expert:
    """Oneself, or for the coordinator anybody (who has no device)."""
    experts = Expert.objects.select_related("user")
    if expert_pk is None:
        return get_object_or_404(experts, user=request.user)
    return get_object_or_404(experts.visible_to(request.user), pk=expert_pk)


def _waiting_month(expert: Expert) -> date:
    """The last month while something of it has not left, else this one."""
    this = first_of(local_date(timezone.now()))
    last = month_before(this)
    return last if has_unsent(expert, last) else this


def _address(expert: Expert, month: date, request: Request) -> str:
    if expert.user_id == request.user.pk:
        return reverse("fees:my_month_of", args=[f"{month:%Y-%m}"])
    return reverse("fees:month_of_expert", args=[expert.pk, f"{month:%Y-%m}"])


@requires(SEND_HOURS)
@require_http_methods(["GET", "POST"])
def my_month(request: Request, month: str | None = None, expert_pk: int | None = None) -> HttpResponse:
    """Mark how each time went, save, send."""
    expert = _expert(request, expert_pk)
    if month is None:
        return redirect(_address(expert, _waiting_month(expert), request))
    when = month_from(month)
    now = timezone.now()
    page = month_of_expert(expert, when, by=request.user, at=now)
    data = _with_all_as_agreed(request, page) if request.method == "POST" else None
    forms = {row.session.pk: SessionForm(row.session, data) for row in page.rows if row.can_mark}
    refusal = ""
    if request.method == "POST":
        if not [form for form in forms.values() if not form.is_valid()]:  # every form is looked at
            try:
                return _save(request, expert, when, forms)
            except RuleError as error:
                refusal = str(error.message)
        else:
            refusal = _("Nothing was saved yet. Mend what is marked below.")
    context = {
        "expert": expert,
        "own": expert.user_id == request.user.pk,
        "page": page,
        "rows": [(row, forms.get(row.session.pk)) for row in page.rows],
        "problems": all_problems(forms.values()),
        "refusal": refusal,
        "can_save": bool(forms),
        "dates": dates_of(when),
        "months": [(found, _address(expert, found, request)) for found in lately(now)],
        "address": _address(expert, when, request),
        "statements": RunDocument.objects.filter(
            expert=expert, kind=RunDocument.Kind.STATEMENT, run__hour_lists__in=page.lists
        )
        .distinct()
        .select_related("run")
        .defer("content"),
        "year": local_date(now).year,
        "paid_this_year": paid_this_year(expert, local_date(now).year),
    }
    return render(request, "fees/my_month.html", context, status=422 if refusal else 200)


def _with_all_as_agreed(request: Request, page: Month) -> dict[str, str]:
    """What was posted; the button “all as agreed” fills what was left open."""
    data = {name: str(value) for name, value in request.POST.items()}
    if data.get("act") == "all":
        for row in page.rows:
            if row.to_mark and not data.get(f"s{row.session.pk}-choice"):
                data[f"s{row.session.pk}-choice"] = AS_AGREED
    return data


def _save(request: Request, expert: Expert, month: date, forms: dict[int, SessionForm]) -> HttpResponse:
    """Marks what is new, and sends when asked to: all or nothing."""
    now = timezone.now()
    with transaction.atomic():
        changed = 0
        for form in forms.values():
            marks = form.marks
            if marks is None or not form.says_something_new:
                continue
            session = form.session
            event = marks.pop("event")
            if session.state == "closed":
                marks["receipts"] = session.receipts if form.keeps_receipts else None
                session = assignments.undo_outcome(session, by=request.user, at=now)
            assignments.record_outcome(session, event, by=request.user, at=now, **marks)
            changed += 1
        sent = []
        if request.POST.get("act") == "send":
            sent = actions.send_month(expert, month, by=request.user, at=now)
    if sent:
        total = sum((holds.total for holds in actions.sums_of([list_.pk for list_ in sent]).values()), Decimal(0))
        messages.success(
            request,
            ngettext("Sent to %(count)s unit.", "Sent to %(count)s units.", len(sent)) % {"count": len(sent)}
            + " "
            + _("Altogether %(total)s.") % {"total": money(total)},
        )
    elif changed:
        words = ngettext("Saved: %(count)s time.", "Saved: %(count)s times.", changed)
        messages.success(request, words % {"count": changed})
    else:
        messages.info(request, _("Nothing had changed."))
    return redirect(_address(expert, month, request))


@requires(SEND_HOURS)
@require_POST
def take_back(request: Request, pk: int) -> HttpResponse:
    """Takes a sent list back, until it is approved."""
    hour_list = get_object_or_404(HourList.objects.visible_to(request.user).select_related("expert__user"), pk=pk)
    actions.take_back(hour_list, by=request.user, at=timezone.now())
    messages.success(request, _("The list is with you again. Remember to send it."))
    return redirect(_address(hour_list.expert, hour_list.month, request))


@requires(OWN_STATEMENTS)
@require_GET
def my_statement(request: Request, pk: int) -> HttpResponse:
    """The expert's own statement as PDF."""
    document = get_object_or_404(RunDocument, pk=pk, expert__user=request.user, kind=RunDocument.Kind.STATEMENT)
    response = HttpResponse(bytes(document.content), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{document.filename}"'
    return response
