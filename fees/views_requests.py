"""Corrections after the approval: the expert asks, the unit or the coordinator answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fees import actions
from fees.access import ANSWER_REQUESTS, SEND_HOURS
from fees.actions.requests import list_of
from fees.forms_requests import AnswerForm, AskForm
from fees.models import CorrectionRequest, RunLine
from fees.states import ListState
from fees.texts import request_words
from fees.views_costs import month_address, written_by
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request


@requires(SEND_HOURS)
@require_http_methods(["GET", "POST"])
def ask_correction(request: Request, pk: int) -> HttpResponse:
    """What an approved time should be."""
    session = written_by(request, pk)
    form = AskForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_correction(session, form.cleaned_data["wanted"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Your request was sent. You get a message when it is answered."))
            return redirect(month_address(session, request))
    context = {"session": session, "form": form, "back": month_address(session, request)}
    return render(request, "fees/ask_correction.html", context, status=422 if form.is_bound and form.errors else 200)


@requires(SEND_HOURS)
@require_POST
def request_withdraw(request: Request, pk: int) -> HttpResponse:
    """Who asked takes it back."""
    seen = CorrectionRequest.objects.visible_to(request.user).select_related("session__expert")
    asked = get_object_or_404(seen, pk=pk)
    actions.withdraw_request(asked, by=request.user, at=timezone.now())
    messages.success(request, _("The request was taken back."))
    return redirect(month_address(asked.session, request))


@requires(ANSWER_REQUESTS)
@require_GET
def requests(request: Request) -> HttpResponse:
    """Requests to answer, and those answered lately."""
    seen = CorrectionRequest.objects.visible_to(request.user).select_related(
        "session__expert", "session__unit", "answered_by"
    )
    context = {
        "open": CorrectionRequest.objects.to_answer_by(request.user)
        .select_related("session__expert", "session__unit")
        .order_by("asked_at", "pk"),
        "answered": seen.exclude(state="open").order_by("-answered_at", "-pk")[:50],
    }
    return render(request, "fees/requests.html", context)


@requires(ANSWER_REQUESTS)
@require_http_methods(["GET", "POST"])
def answer_request(request: Request, pk: int) -> HttpResponse:
    """Accept, or decline with a reason."""
    found = CorrectionRequest.objects.visible_to(request.user).select_related(
        "session__expert__user", "session__unit", "asked_by", "answered_by", "correction"
    )
    asked = get_object_or_404(found, pk=pk)
    list_ = list_of(asked.session)
    paid = list_ is not None and list_.state in {ListState.IN_PAYMENT, ListState.PAID}
    kinds = [RunLine.Kind.FEE, RunLine.Kind.TRAVEL]
    own = RunLine.objects.filter(session=asked.session, kind__in=kinds).order_by("position") if paid else []
    instead = actions.answers_instead(asked, request.user)
    form = AnswerForm(request.POST if request.method == "POST" else None, lines=list(own), instead=instead)
    if request.method == "POST" and form.is_valid():
        by, at = request.user, timezone.now()
        answer = form.cleaned_data["answer"]
        try:
            if request.POST.get("act") == "accept":
                amount = form.cleaned_data.get("amount")
                actions.accept_request(asked, answer=answer, line=form.chosen, amount=amount, by=by, at=at)
                messages.success(request, _("The correction was accepted."))
            else:
                actions.decline_request(asked, answer, by=by, at=at)
                messages.success(request, _("The correction was declined."))
        except RuleError as error:
            tell(form, error)
        else:
            return redirect("fees:requests")
    context = {
        "asked": asked,
        "list": list_,
        "paid": paid,
        "form": form,
        "may_answer": CorrectionRequest.objects.to_answer_by(request.user).filter(pk=asked.pk).exists(),
        "history": lines(LogEntry.objects.of(asked), request_words()),
    }
    return render(request, "fees/request.html", context, status=422 if form.is_bound and form.errors else 200)
