"""The coordinator's word on a fee against the rule."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assignments import actions, texts
from assignments.access import DECIDE_FEE
from assignments.actions.decided import by_the_rule
from assignments.forms_series import FeeForm
from assignments.session_pages import back_to, crumbs_of, session_of
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(DECIDE_FEE)
@require_http_methods(["GET", "POST"])
def session_fee(request: Request, pk: int) -> HttpResponse:
    """Another fee than the rule gives, or none, with the reason."""
    found = session_of(request, pk)
    if not actions.may_decide(found, request.user):
        messages.error(request, _("The fee of this session cannot be decided now."))
        return back_to(found)
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
            return back_to(found)
    title = _("Decide the fee")
    context = {
        "session": found, "form": form, "rule": rule.fee, "rule_words": texts.describe_price(rule.fee.to_json()),
        "title": title, "crumbs": crumbs_of(found, title),
    }  # fmt: skip
    return render(request, "assignments/session_fee.html", context)


@requires(DECIDE_FEE)
@require_POST
def session_fee_rule(request: Request, pk: int) -> HttpResponse:
    """Back to what the rule says."""
    found = session_of(request, pk)
    actions.back_to_rule(found, by=request.user, at=timezone.now())
    messages.success(request, _("The fee is by the rule again."))
    return back_to(found)
