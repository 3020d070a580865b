"""What the page of a contract shows, for whom."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from experts import actions, contract_fill, rules
from experts.forms_contracts import AcceptForm, PaperForm, SignForm, WordForm
from experts.models import Contract, Expert
from experts.texts import WORDS
from office.choices import Role
from office.errors import Refused
from office.history import lines
from office.models import LogEntry
from office.policies import rules_on
from office.requests import Request
from office.workdays import local_date


def contracts_for(request: Request) -> QuerySet[Contract]:
    """Contracts that the person may see: the coordinator all, an expert their own once they were sent."""
    seen = Contract.objects.filter(expert__in=Expert.objects.visible_to(request.user))
    if not request.user.has_role(Role.COORDINATOR):
        seen = seen.exclude(state=Contract.State.DRAFT)
    return seen.select_related(
        "expert__user", "fee_table", "text_version", "accepted_by", "countersigned_by", "sent_by", "renewal"
    )


def contract_page(request: Request, held: Contract, at: datetime, **forms: Any) -> HttpResponse:
    """The page, with a form that was refused in the place of a fresh one. ``own``: the expert reads it themself."""
    today = local_date(at)
    own = actions.is_own(held, request.user)
    county = request.user.has_role(Role.COORDINATOR) and not own
    state = Contract.State
    context = {
        "contract": held,
        "expert": held.expert,
        "own": own,
        "county": county,
        "coordinator": request.user.has_role(Role.COORDINATOR),
        "kinds": [str(contract_fill.KIND_WORDS.get(kind, kind)) for kind in held.kinds],
        "over": held.valid_to is not None and held.valid_to < today,
        "pieces": rules.blocks(held.text),
        "rules": rules_on(held.valid_from) if not held.text_hash and held.state != state.DRAFT else None,
        "history": lines(LogEntry.objects.of(held).select_related("actor", "on_behalf_of"), WORDS) if county else [],
        "scan": any(paper.kind == "scan" for paper in held.papers.defer("content")) if held.text_hash else False,
        "renewal": getattr(held, "renewal", None),
        "preview": None,
    }
    if county and held.state == state.DRAFT:
        context |= _preview(held, at)
        context["sign"] = forms.get("sign") or SignForm(today=today, prefix="sign")
    if held.state in (state.SENT, state.ACCEPTED):
        context["word"] = forms.get("word") or WordForm(prefix="word")
    if own and held.state == state.SENT:
        context["accept"] = forms.get("accept") or AcceptForm(initial={"seen": held.text_hash})
    if county and held.state == state.SENT:
        context["paper"] = forms.get("paper") or PaperForm(
            today=today, prefix="paper", initial={"seen": held.text_hash}
        )
    context["refused"] = forms.get("refused", "")
    return render(request, "experts/contract.html", context)


def _preview(held: Contract, at: datetime) -> dict[str, Any]:
    """The text as it would be sent now, and what stands in the way."""
    version = actions.text_for(held)
    hindrance = ""
    try:
        actions.check_ready(held, version, at)
    except Refused as error:
        hindrance = str(error.message)
    if version is None:
        return {"hindrance": hindrance, "no_text": True}
    text = contract_fill.text_of(held, version)
    return {
        "hindrance": hindrance,
        "no_text": False,
        "version": version,
        "preview": rules.blocks(text),
        "preview_hash": rules.hash_of(text),
    }
