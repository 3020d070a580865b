"""Receipts of a time's journey: what they come to, the files, and showing one to who may see it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions as assignments
from assignments.models import Session
from fees import actions
from fees.access import SEE_RECEIPTS, SEND_HOURS
from fees.forms_costs import CostsForm
from fees.models import Receipt
from fees.writing import may_write
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import month_of

#: A file of somebody else's making: nothing of it runs, loads or is kept by the browser.
SANDBOX = "default-src 'none'; style-src 'none'; sandbox"


def month_address(session: Session, request: Request) -> str:
    """The month's page of the time, at its row."""
    month = f"{month_of(session.starts_at):%Y-%m}"
    own = session.expert is not None and session.expert.user_id == request.user.pk
    page = (
        reverse("fees:my_month_of", args=[month])
        if own
        else reverse("fees:month_of_expert", args=[session.expert_id, month])
    )
    return f"{page}#time-{session.pk}"


def written_by(request: Request, pk: int) -> Session:
    """The time, of somebody whose hours the person writes; else it is not there."""
    found = get_object_or_404(
        Session.objects.visible_to(request.user).select_related("expert__user", "unit"), pk=pk, expert__isnull=False
    )
    if found.expert is None or not may_write(found.expert, found.unit_id, request.user):
        return get_object_or_404(Session.objects.none())
    return found


@requires(SEND_HOURS)
@require_http_methods(["GET", "POST"])
def costs(request: Request, pk: int) -> HttpResponse:
    """The sum of the receipts and the receipts themselves."""
    session = written_by(request, pk)
    posted = request.method == "POST"
    form = CostsForm(session, *((request.POST, request.FILES) if posted else ()))
    kept = ""
    if posted:
        form.is_valid()
        kept = _keep_file(request, session, form)
        if not form.errors:
            try:
                assignments.tell_costs(session, form.sum, by=request.user, at=timezone.now())
            except RuleError as error:
                tell(form, error)
            else:
                messages.success(request, _("The costs are saved."))
                return redirect(month_address(session, request))
    context = {
        "session": session,
        "form": form,
        "kept": kept,
        "receipts": Receipt.objects.filter(session=session).defer("content").order_by("pk"),
        "payable": assignments.may_have_costs(session),
        "back": month_address(session, request),
    }
    return render(request, "fees/costs.html", context, status=422 if form.is_bound and form.errors else 200)


def _keep_file(request: Request, session: Session, form: CostsForm) -> str:
    """Keeps the file whatever the sum is, so that nobody has to choose it again. Says so."""
    file = form.cleaned_data.get("file")
    if file is None:
        return ""
    try:
        actions.add_receipt(session, file.read(), by=request.user, at=timezone.now())
    except RuleError as error:
        form.add_error("file", str(error.message))
        return ""
    return _("The receipt was kept.")


@requires(SEE_RECEIPTS)
@require_GET
def receipt(request: Request, pk: int) -> HttpResponse:
    """A receipt for who may see it: a picture is shown, a PDF is downloaded; nothing of it is ever run."""
    found = get_object_or_404(Receipt.objects.visible_to(request.user), pk=pk)
    answer = HttpResponse(bytes(found.content), content_type=found.media_type)
    shown = "inline" if found.is_picture else "attachment"
    answer["Content-Disposition"] = f'{shown}; filename="{found.filename}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = SANDBOX
    answer["Cache-Control"] = "private, no-store"
    return answer


@requires(SEND_HOURS)
@require_POST
def receipt_remove(request: Request, pk: int) -> HttpResponse:
    """Takes away a receipt that was a mistake."""
    found = get_object_or_404(Receipt.objects.visible_to(request.user).select_related("session__expert"), pk=pk)
    actions.remove_receipt(found, by=request.user, at=timezone.now())
    messages.success(request, _("The receipt was removed."))
    return redirect("fees:costs", found.session_id)
