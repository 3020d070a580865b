"""The expert's answer to a contract, and the files of a contract for both sides."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from experts import actions, pdf
from experts.access import ANSWER_CONTRACT, SEE_CONTRACT
from experts.actions.contract_papers import pdf_name
from experts.contract_page import contract_page, contracts_for
from experts.forms_contracts import AcceptForm, WordForm
from experts.models import ContractPaper
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(ANSWER_CONTRACT)
@require_POST
def contract_accept(request: Request, pk: int) -> HttpResponse:
    """The expert accepts the text that the page showed."""
    held = get_object_or_404(contracts_for(request).filter(expert__user=request.user), pk=pk)
    at = timezone.now()
    form = AcceptForm(request.POST)
    if form.is_valid():
        try:
            actions.accept_contract(held, seen=form.cleaned_data["seen"], by=request.user, at=at)
        except RuleError as error:
            held.refresh_from_db()
            return contract_page(request, held, at, refused=str(error.message))
        messages.success(request, _("You have accepted the contract. It is in force when the county has signed it."))
        return redirect("experts:contract", pk)
    return contract_page(request, held, at, accept=form)


@requires(ANSWER_CONTRACT)
@require_POST
def contract_ask_change(request: Request, pk: int) -> HttpResponse:
    """The expert wants something changed."""
    held = get_object_or_404(contracts_for(request).filter(expert__user=request.user), pk=pk)
    at = timezone.now()
    form = WordForm(request.POST, prefix="word")
    if form.is_valid():
        try:
            actions.ask_change(held, word=form.cleaned_data["word"], by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The coordinator gets your wish and makes a new version."))
            return redirect("experts:me")
    return contract_page(request, held, at, word=form)


@requires(SEE_CONTRACT)
@require_GET
def contract_pdf(request: Request, pk: int) -> HttpResponse:
    """The contract as a PDF: the kept one when both have signed, else with lines to sign on."""
    held = get_object_or_404(contracts_for(request).exclude(text_hash=""), pk=pk)
    kept = held.papers.filter(kind=ContractPaper.Kind.PDF).first()
    actions.noted_read(held.expert, "contract file", by=request.user, at=timezone.now())
    if kept is not None:
        return _file(bytes(kept.content), kept.filename, kept.media_type)
    return _file(pdf.contract_pdf(held), pdf_name(held), "application/pdf")


@requires(SEE_CONTRACT)
@require_GET
def contract_scan(request: Request, pk: int) -> HttpResponse:
    """The scan of what was signed on paper."""
    held = get_object_or_404(contracts_for(request), pk=pk)
    kept = held.papers.filter(kind=ContractPaper.Kind.SCAN).first()
    if kept is None:
        raise Http404
    actions.noted_read(held.expert, "contract file", by=request.user, at=timezone.now())
    return _file(bytes(kept.content), kept.filename, kept.media_type)


def _file(content: bytes, name: str, media_type: str) -> HttpResponse:
    """A download that no browser opens in our name: attachment, the type as stored, nothing guessed, nothing kept."""
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
