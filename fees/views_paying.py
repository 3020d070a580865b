"""What finance does with a run: sent to payroll, lines rejected, sent again, paid."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from fees import actions
from fees.access import MARK_PAID
from fees.forms import RejectForm
from fees.models import PaymentRun
from fees.views_runs import lines_page
from office.access import requires
from office.errors import RuleError
from office.forms import ids_sent, tell
from office.requests import Request


def _run(request: Request, pk: int) -> PaymentRun:
    return get_object_or_404(PaymentRun.objects.visible_to(request.user), pk=pk)


@requires(MARK_PAID)
@require_POST
def send(request: Request, pk: int) -> HttpResponse:
    """The file has been given to the payroll house."""
    found = _run(request, pk)
    actions.send_to_payroll(found, by=request.user, at=timezone.now())
    messages.success(request, _("Payment run %(number)s has been sent to payroll.") % {"number": found.number})
    return redirect("fees:run", found.pk)


@requires(MARK_PAID)
@require_POST
def reject(request: Request, pk: int) -> HttpResponse:
    """The payroll house did not take these lines."""
    found = _run(request, pk)
    form = RejectForm(request.POST)
    if form.is_valid():
        try:
            made = actions.reject(
                found,
                ids_sent(request.POST.getlist("line")),
                by=request.user,
                at=timezone.now(),
                reason=form.cleaned_data["reason"],
            )
        except RuleError as error:
            tell(form, error)
        else:
            words = ngettext(
                "%(count)s line is noted as rejected.", "%(count)s lines are noted as rejected.", len(made)
            )
            messages.success(request, words % {"count": len(made)})
            return redirect("fees:run", found.pk)
    return lines_page(request, found, form, status=422)


@requires(MARK_PAID)
@require_POST
def resend(request: Request, pk: int) -> HttpResponse:
    """A supplementary payroll file of lines that were rejected."""
    found = _run(request, pk)
    part = actions.resend(found, ids_sent(request.POST.getlist("rejection")), by=request.user, at=timezone.now())
    messages.success(request, _("Payroll file %(part)s of the run is made with the chosen lines.") % {"part": part})
    return redirect("fees:run", found.pk)


@requires(MARK_PAID)
@require_POST
def pay(request: Request, pk: int) -> HttpResponse:
    """Finance has paid."""
    found = _run(request, pk)
    actions.mark_paid(found, by=request.user, at=timezone.now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("Payment run %(number)s is marked as paid.") % {"number": found.number})
    return redirect("fees:run", found.pk)
