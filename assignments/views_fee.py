"""The coordinator's word on a fee against the rule."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assignments import actions, texts
from assignments.access import DECIDE_FEE
from assignments.actions.decided import by_the_rule
from assignments.forms_series import FeeForm
from assignments.models import Session
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


def _session(request: Request, pk: int) -> Session:
    rows = Session.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related(
            "order__orderer",
            "order__unit",
            "order__companion__expert__user",
            "order__lead__expert__user",
            "unit",
            "expert__user",
        ).prefetch_related("moves"),
        pk=pk,
    )


def _back(session: Session) -> HttpResponse:
    return redirect("assignments:session", session.pk)


def _crumbs(session: Session, here: str) -> list[dict[str, str]]:
    url = reverse("assignments:session", args=[session.pk])
    return [{"label": texts.span(session.starts_at, session.ends_at), "url": url}, {"label": here, "url": ""}]


@requires(DECIDE_FEE)
@require_http_methods(["GET", "POST"])
def session_fee(request: Request, pk: int) -> HttpResponse:
    """Another fee than the rule gives, or none, with the reason."""
    found = _session(request, pk)
    if not actions.may_decide(found, request.user):
        messages.error(request, _("The fee of this session cannot be decided now."))
        return _back(found)
    rule = by_the_rule(found)
    form = FeeForm(request.POST or None, initial={"amount": found.override_fee, "reason": found.override_reason})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions.decide_fee(found, said["amount"], said["reason"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The fee is decided: %(fee)s.") % {"fee": texts.money(said["amount"])})
            return _back(found)
    title = _("Decide the fee")
    context = {
        "session": found, "form": form, "rule": rule.fee, "rule_words": texts.describe_price(rule.fee.to_json()),
        "title": title, "crumbs": _crumbs(found, title),
    }  # fmt: skip
    return render(request, "assignments/session_fee.html", context)


@requires(DECIDE_FEE)
@require_POST
def session_fee_rule(request: Request, pk: int) -> HttpResponse:
    """Back to what the rule says."""
    found = _session(request, pk)
    actions.back_to_rule(found, by=request.user, at=timezone.now())
    messages.success(request, _("The fee is by the rule again."))
    return _back(found)
