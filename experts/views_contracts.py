"""Pages of contracts for the coordinator, and the page of one contract for both sides."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions
from experts.access import CHANGE_REGISTRY, SEE_CONTRACT, SEE_REGISTRY
from experts.contract_page import contract_page, contracts_for
from experts.forms_contracts import ContractForm, PaperForm, SignForm, WordForm
from experts.models import Contract, Expert
from feetables.models import FeeTable
from office.access import requires
from office.choices import Role
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import local_date

PAGE = 50


@requires(SEE_REGISTRY)
@require_GET
def contracts(request: Request) -> HttpResponse:
    """All contracts by state, the newest first; what waits for the county comes first of the states."""
    counts = dict(Contract.objects.values_list("state").annotate(n=Count("pk")).order_by())
    chosen = request.GET.get("state", "")
    found = Contract.objects.select_related("expert").order_by("-valid_from", "expert__last_name", "pk")
    if chosen in Contract.State.values:
        found = found.filter(state=chosen)
    context = {
        "stages": [_stage("", _("All"), sum(counts.values()), chosen)]
        + [_stage(state.value, str(state.label), counts.get(state.value, 0), chosen) for state in Contract.State],
        "page_obj": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "today": local_date(timezone.now()),
    }
    return render(request, "experts/contracts.html", context)


def _stage(value: str, label: str, count: int, chosen: str) -> dict[str, Any]:
    return {"count": count, "label": label, "detail": "", "url": f"?state={value}", "current": value == chosen}


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def contract_new(request: Request, pk: int) -> HttpResponse:
    """Drafts a contract; kinds of work, language and training come from the record."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    today = local_date(timezone.now())
    draft = Contract(
        expert=shown,
        kinds=list(shown.kinds),
        language=shown.language,
        training=shown.training,
        fee_table=FeeTable.objects.in_force(today),
    )
    return _contract_form(request, draft)


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def contract_edit(request: Request, pk: int) -> HttpResponse:
    """Changes a draft."""
    draft = get_object_or_404(contracts_for(request).filter(state=Contract.State.DRAFT), pk=pk)
    return _contract_form(request, draft)


def _contract_form(request: Request, draft: Contract) -> HttpResponse:
    form = ContractForm(request.POST or None, instance=draft)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_contract(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The draft is saved. Read it through, then send it to the expert."))
            return redirect("experts:contract", form.instance.pk)
    return render(request, "experts/contract_form.html", {"form": form, "contract": draft, "expert": draft.expert})


@requires(SEE_CONTRACT)
@require_GET
def contract(request: Request, pk: int) -> HttpResponse:
    """The contract with its text, and the next step for the one who looks."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    if request.user.has_role(Role.COORDINATOR):
        actions.noted_read(held.expert, "contract", by=request.user, at=at)
    return contract_page(request, held, at)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_send(request: Request, pk: int) -> HttpResponse:
    """Sends the draft with the text that the page showed."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    try:
        sent = actions.send_contract(held, seen=request.POST.get("seen", ""), by=request.user, at=at)
    except RuleError as error:
        held.refresh_from_db()
        return contract_page(request, held, at, refused=str(error.message))
    if sent.expert.user is None:
        messages.success(request, _("The text is ready. The expert has no account: print the contract to be signed."))
    else:
        messages.success(request, _("The contract is sent. The expert gets a message."))
    return redirect("experts:contract", pk)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_take_back(request: Request, pk: int) -> HttpResponse:
    """Makes a sent contract a draft again."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    form = WordForm(request.POST, prefix="word")
    if form.is_valid():
        try:
            actions.take_back(held, word=form.cleaned_data["word"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The contract is a draft again."))
            return redirect("experts:contract", pk)
    return contract_page(request, held, at, word=form)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_paper(request: Request, pk: int) -> HttpResponse:
    """Keeps the scan of what the expert signed on paper."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    form = PaperForm(request.POST, request.FILES, today=local_date(at), prefix="paper")
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.note_paper(
                held, content=said["scan"], signed_on=said["signed_on"], seen=said["seen"], by=request.user, at=at
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The scan is kept. Now sign for the county."))
            return redirect("experts:contract", pk)
    return contract_page(request, held, at, paper=form)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_countersign(request: Request, pk: int) -> HttpResponse:
    """The county signs: in force."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    try:
        actions.countersign_contract(held, seen=request.POST.get("seen", ""), by=request.user, at=at)
    except RuleError as error:
        held.refresh_from_db()
        return contract_page(request, held, at, refused=str(error.message))
    messages.success(request, _("The contract is in force."))
    return redirect("experts:contract", pk)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_sign(request: Request, pk: int) -> HttpResponse:
    """Puts a draft in force that was signed on paper before Erfa."""
    held = get_object_or_404(contracts_for(request), pk=pk)
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
    return contract_page(request, held, at, sign=form)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_renew(request: Request, pk: int) -> HttpResponse:
    """The draft of the next contract."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    at = timezone.now()
    try:
        made = actions.renew_contract(held, by=request.user, at=at)
    except RuleError as error:
        return contract_page(request, held, at, refused=str(error.message))
    return redirect("experts:contract", made.pk)


@requires(CHANGE_REGISTRY)
@require_POST
def contract_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a draft."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    actions.remove_draft(held, by=request.user, at=timezone.now())
    messages.success(request, _("The draft is removed."))
    return redirect("experts:expert", held.expert_id)
