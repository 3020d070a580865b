"""Pages of contracts."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions
from experts.access import (
    CHANGE_REGISTRY,
    SEE_CONTRACT,
)
from experts.forms import (
    KIND_WORDS,
)
from experts.forms_contracts import ContractForm, EndContractForm, SignForm
from experts.models import Contract, Expert
from experts.texts import WORDS
from experts.views import words_of
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.policies import rules_on
from office.requests import Request
from office.workdays import local_date


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def contract_new(request: Request, pk: int) -> HttpResponse:
    """Drafts a contract; kinds of work come from the record."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    draft = Contract(expert=shown, kinds=list(shown.kinds))
    return _contract_form(request, draft)


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def contract_edit(request: Request, pk: int) -> HttpResponse:
    """Changes a draft."""
    draft = get_object_or_404(_contracts(request).filter(state=Contract.State.DRAFT), pk=pk)
    return _contract_form(request, draft)


def _contracts(request: Request) -> QuerySet[Contract]:
    """Contracts that the person may see: the coordinator all, an expert their own signed ones."""
    seen = Contract.objects.filter(expert__in=Expert.objects.visible_to(request.user))
    if not request.user.has_role(Role.COORDINATOR):
        seen = seen.exclude(state=Contract.State.DRAFT)
    return seen.select_related("expert", "expert__user", "fee_table")


def _contract_form(request: Request, draft: Contract) -> HttpResponse:
    form = ContractForm(request.POST or None, instance=draft)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_contract(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The draft is saved. Put it in force when it is signed."))
            return redirect("experts:contract", form.instance.pk)
    return render(request, "experts/contract_form.html", {"form": form, "contract": draft, "expert": draft.expert})


def _contract_page(
    request: Request, held: Contract, *, sign: SignForm | None = None, end: EndContractForm | None = None
) -> HttpResponse:
    today = local_date(timezone.now())
    coordinator = request.user.has_role(Role.COORDINATOR)
    may_sign = coordinator and held.state == Contract.State.DRAFT
    may_end = coordinator and held.state == Contract.State.IN_FORCE
    context = {
        "contract": held,
        "expert": held.expert,
        "kinds": words_of(held.kinds, KIND_WORDS),
        "rules": rules_on(held.valid_from),
        "coordinator": coordinator,
        "sign": (sign or SignForm(today=today, prefix="sign")) if may_sign else None,
        "end": (end or EndContractForm(prefix="end")) if may_end else None,
        "history": lines(LogEntry.objects.of(held), WORDS) if coordinator else [],
    }
    return render(request, "experts/contract.html", context)


@requires(SEE_CONTRACT)
@require_GET
def contract(request: Request, pk: int) -> HttpResponse:
    """What was agreed, in words; signing and ending for the coordinator."""
    return _contract_page(request, get_object_or_404(_contracts(request), pk=pk))


@requires(CHANGE_REGISTRY)
@require_POST
def contract_sign(request: Request, pk: int) -> HttpResponse:
    """Puts the draft in force."""
    held = get_object_or_404(_contracts(request), pk=pk)
    at = timezone.now()
    form = SignForm(request.POST, today=local_date(at), prefix="sign")
    if form.is_valid():
        try:
            actions.sign_contract(held, signed_on=form.cleaned_data["signed_on"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The contract is in force."))
            return redirect("experts:contract", pk)
    return _contract_page(request, held, sign=form)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_end(request: Request, pk: int) -> HttpResponse:
    """Ends it early; refused while sessions are agreed after the end."""
    held = get_object_or_404(_contracts(request), pk=pk)
    form = EndContractForm(request.POST, prefix="end")
    if form.is_valid():
        try:
            actions.end_contract(held, **form.cleaned_data, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The contract has a new last day."))
            return redirect("experts:contract", pk)
    return _contract_page(request, held, end=form)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a draft."""
    held = get_object_or_404(_contracts(request), pk=pk)
    actions.remove_draft(held, by=request.user, at=timezone.now())
    messages.success(request, _("The draft is removed."))
    return redirect("experts:expert", held.expert_id)
