"""Pages of the contract's text and its versions."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions, contract_fill, rules
from experts.access import KEEP_TEXTS
from experts.forms_contracts import PLACEHOLDERS, ContractTextForm
from experts.models import ContractText
from experts.texts import WORDS
from office.access import requires
from office.choices import Language
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.requests import Request
from office.workdays import local_date


@requires(KEEP_TEXTS)
@require_GET
def contract_texts(request: Request) -> HttpResponse:
    """By language: the version in use, the draft, the older ones."""
    found = list(ContractText.objects.select_related("used_by").defer("body"))
    languages: list[dict[str, Any]] = []
    for code, name in Language.choices:
        own = [text for text in found if text.language == code]
        languages.append(
            {
                "code": code,
                "name": name,
                "used": next((text for text in own if text.state == ContractText.State.IN_USE), None),
                "draft": next((text for text in own if text.state == ContractText.State.DRAFT), None),
                "older": [text for text in own if text.state == ContractText.State.REPLACED],
            }
        )
    return render(request, "experts/contract_texts.html", {"languages": languages})


@requires(KEEP_TEXTS)
@require_POST
def contract_text_new(request: Request, language: str) -> HttpResponse:
    """A draft of the next version; the one that is there, if any."""
    if language not in Language.values:
        raise Http404
    made = actions.new_text(language, by=request.user, at=timezone.now())
    return redirect("experts:contract_text_edit", made.pk)


@requires(KEEP_TEXTS)
@require_GET
def contract_text(request: Request, pk: int) -> HttpResponse:
    """A version, filled with an example."""
    return _text_page(request, get_object_or_404(ContractText.objects.select_related("used_by", "made_from"), pk=pk))


def _text_page(request: Request, text: ContractText, refused: str = "") -> HttpResponse:
    day = local_date(timezone.now())
    values = contract_fill.example_values(text.language, day=day, notice_days=text.notice_days)
    faults = actions.fault_words(rules.faults_of(text.body))
    context = {
        "text": text,
        "faults": faults,
        "pieces": rules.blocks(text.body if faults else rules.fill(text.body, values)),
        "contracts": text.contracts.count(),
        "history": lines(LogEntry.objects.of(text).select_related("actor", "on_behalf_of"), WORDS),
        "refused": refused,
    }
    return render(request, "experts/contract_text.html", context)


@requires(KEEP_TEXTS)
@require_http_methods(["GET", "POST"])
def contract_text_edit(request: Request, pk: int) -> HttpResponse:
    """Changes a draft; placeholders are checked."""
    text = get_object_or_404(ContractText.objects.filter(state=ContractText.State.DRAFT), pk=pk)
    form = ContractTextForm.of(text, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_text(text, **form.cleaned_data, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The draft is saved."))
            return redirect("experts:contract_text", pk)
    placeholders = [(f"{{{name}}}", words, name in rules.REQUIRED) for name, words in PLACEHOLDERS.items()]
    context = {"form": form, "text": text, "placeholders": placeholders}
    return render(request, "experts/contract_text_form.html", context)


@requires(KEEP_TEXTS)
@require_POST
def contract_text_use(request: Request, pk: int) -> HttpResponse:
    """Takes a draft into use."""
    text = get_object_or_404(ContractText, pk=pk)
    try:
        actions.use_text(text, by=request.user, at=timezone.now())
    except RuleError as error:
        text.refresh_from_db()
        return _text_page(request, text, refused=str(error.message))
    messages.success(request, _("The text is in use. New contracts are drawn up with it."))
    return redirect("experts:contract_texts")


@requires(KEEP_TEXTS)
@require_POST
def contract_text_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a draft."""
    text = get_object_or_404(ContractText, pk=pk)
    try:
        actions.remove_text(text, by=request.user, at=timezone.now())
    except RuleError as error:
        return _text_page(request, text, refused=str(error.message))
    messages.success(request, _("The draft is removed."))
    return redirect("experts:contract_texts")
