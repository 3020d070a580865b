"""Pages of the registry."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions
from experts.access import (
    CHANGE_REGISTRY,
    SEE_CONTRACT,
    SEE_REGISTRY,
)
from experts.forms import (
    KIND_WORDS,
    LANGUAGE_WORDS,
    ExpertForm,
    RegistryFilter,
)
from experts.models import Contract, Expert, ReadLog, TaxCard
from experts.texts import READS, WORDS
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.panels import panels
from office.requests import Request
from office.sheets import as_csv
from office.workdays import local_date

PAGE = 50
SOON = timedelta(days=60)


def words_of(codes: list[str], words: dict[str, Any]) -> list[str]:
    return [str(words.get(code, code)) for code in codes]


def _found(form: RegistryFilter, today: date) -> QuerySet[Expert]:
    """The experts of the list with their contract of today and tax card of this year."""
    contracts = Contract.objects.covering(today).filter(expert=OuterRef("pk"))
    cards = TaxCard.objects.filter(expert=OuterRef("pk"), delivered_on__isnull=False)
    found = Expert.objects.annotate(
        has_contract=Exists(contracts),
        contract_to=Subquery(contracts.values("valid_to")[:1]),
        has_card=Exists(cards.filter(year=today.year)),
    )
    if not form.is_valid():
        return found
    asked = form.cleaned_data
    wanted = {
        "state": asked["state"],
        "topics": asked["topic"],
        "kinds__contains": [asked["kind"]] if asked["kind"] else None,
        "work_languages__contains": [asked["language"]] if asked["language"] else None,
    }
    found = found.search(asked["q"]).filter(**{name: value for name, value in wanted.items() if value})
    later = Contract.objects.covering(today + SOON).filter(expert=OuterRef("pk"))
    looks = {
        "no_contract": Q(has_contract=False),
        "ending": Q(~Exists(later), has_contract=True),
        "tax_card": Q(has_card=False),
        "next_tax_card": ~Exists(cards.filter(year=today.year + 1)),
    }
    if asked["look"]:
        found = found.exclude(state=Expert.State.ENDED).filter(looks[asked["look"]])
    return found


@requires(SEE_REGISTRY)
@require_GET
def registry(request: Request) -> HttpResponse:
    """All experts: search and filters in the address, pages of 50, in Finnish order."""
    at = timezone.now()
    form = RegistryFilter(request.GET or None)
    found = _found(form, local_date(at))
    active = any(request.GET.get(name) for name in form.fields)
    if form.is_bound and form.is_valid() and form.cleaned_data["topic"]:
        actions.noted_read(None, "topic search", by=request.user, at=at)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.languages_told = ", ".join(words_of(row.work_languages, LANGUAGE_WORDS))  # type: ignore[attr-defined]
    context = {"form": form, "page_obj": page, "active": active, "year": local_date(at).year}
    return render(request, "experts/registry.html", context)


@requires(SEE_REGISTRY)
@require_GET
def registry_file(request: Request) -> HttpResponse:
    """The experts of the list, as filtered, for a spreadsheet. Without topics; the export is noted."""
    at = timezone.now()
    found = _found(RegistryFilter(request.GET or None), local_date(at))
    actions.noted_read(None, "export", by=request.user, at=at)
    headings = (
        _("Last name"),
        _("First name"),
        _("E-mail"),
        _("Telephone"),
        _("Municipality"),
        _("Languages"),
        _("Kinds of work"),
        _("Payroll number"),
        _("Last day of the contract"),
        _("State"),
    )
    rows = (
        (
            row.last_name,
            row.first_name,
            row.email,
            row.phone,
            row.municipality,
            ", ".join(words_of(row.work_languages, LANGUAGE_WORDS)),
            ", ".join(words_of(row.kinds, KIND_WORDS)),
            row.payroll_number,
            row.contract_to,  # type: ignore[attr-defined]  # annotated
            row.get_state_display(),
        )
        for row in found
    )
    answer = HttpResponse(as_csv(headings, rows), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="registry-{local_date(at).isoformat()}.csv"'
    return answer


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def expert_new(request: Request) -> HttpResponse:
    """Adds an expert, with an account when an e-mail address is given and wanted."""
    form = ExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = form.cleaned_data["account"] and bool(form.cleaned_data["email"])
        try:
            made = actions.add_expert(
                form.record(), form.chosen_topics(), by=request.user, at=timezone.now(), account=account
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("%(name)s is in the registry.") % {"name": made})
            return redirect("experts:expert", made.pk)
    return render(request, "experts/expert_form.html", {"form": form, "expert": None})


@requires(SEE_REGISTRY)
@require_GET
def expert(request: Request, pk: int) -> HttpResponse:
    """Everything about one expert. Every look is noted."""
    at = timezone.now()
    shown = get_object_or_404(Expert.objects.visible_to(request.user).select_related("user"), pk=pk)
    actions.noted_read(shown, "page", by=request.user, at=at)
    today = local_date(at)
    contracts = list(shown.contracts.select_related("fee_table"))
    entries = LogEntry.objects.of(shown, *contracts)
    looks = list(shown.reads.select_related("reader")[:6])
    context = facts(shown, contracts, today) | {
        "history": lines(entries, WORDS),
        "looks": told_looks(looks[:5]),
        "more_looks": len(looks) > 5,
        "panels": panels("expert", request.user, shown, at),
        "crumbs": [{"label": _("Registry"), "url": reverse("experts:registry")}, {"label": str(shown)}],
    }
    return render(request, "experts/expert.html", context)


def facts(shown: Expert, contracts: list[Contract], today: date) -> dict[str, Any]:
    """What the coordinator's page and the expert's own page both show."""
    cards = list(shown.tax_cards.all())
    for held in contracts:
        held.kinds_told = ", ".join(words_of(held.kinds, KIND_WORDS))  # type: ignore[attr-defined]
        held.over = held.valid_to is not None and held.valid_to < today  # type: ignore[attr-defined]
    return {
        "expert": shown,
        "topics": list(shown.expert_topics.select_related("topic")),
        "languages": words_of(shown.work_languages, LANGUAGE_WORDS),
        "kinds": words_of(shown.kinds, KIND_WORDS),
        "contracts": contracts,
        "cards": cards,
        "card_missing": not any(card.year == today.year and card.delivered_on for card in cards),
        "today": today,
    }


def told_looks(looks: list[ReadLog]) -> list[dict[str, Any]]:
    return [{"at": look.at, "text": f"{look.reader}: {READS.get(look.what, look.what)}"} for look in looks]


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def expert_edit(request: Request, pk: int) -> HttpResponse:
    """Changes the record. The form shows all of it, so opening it is a look too."""
    at = timezone.now()
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    form = ExpertForm(request.POST or None, instance=shown, initial={"seen": actions.version(shown)})
    if request.method == "POST" and form.is_valid():
        try:
            seen = form.cleaned_data["seen"] or 0
            saved = Expert.objects.get(pk=pk)
            actions.change_record(saved, form.record(), form.chosen_topics(), seen=seen, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("experts:expert", pk)
    elif request.method == "GET":
        actions.noted_read(shown, "edit", by=request.user, at=at)
    shown = Expert.objects.get(pk=pk)  # the form has written on its own copy
    return render(request, "experts/expert_form.html", {"form": form, "expert": shown})


@requires(CHANGE_REGISTRY)
@require_POST
def expert_state(request: Request, pk: int) -> HttpResponse:
    """On a break, active again, ended."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    match request.POST.get("to"):
        case "pause":
            actions.pause(shown, by=request.user, at=at)
        case "resume":
            actions.resume(shown, by=request.user, at=at)
        case "end":
            actions.end(shown, by=request.user, at=at)
    messages.success(request, _("%(name)s: %(state)s.") % {"name": shown, "state": shown.get_state_display()})
    return redirect("experts:expert", pk)


@requires(CHANGE_REGISTRY)
@require_POST
def expert_account(request: Request, pk: int) -> HttpResponse:
    """Makes the account of an expert who had none."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    actions.give_account(shown, by=request.user, at=timezone.now())
    messages.success(request, _("%(name)s has an account and gets a message about it.") % {"name": shown})
    return redirect("experts:expert", pk)


@requires(SEE_CONTRACT)
@require_GET
def reads(request: Request, pk: int) -> HttpResponse:
    """Who has looked at the record, the newest first."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    page = Paginator(shown.reads.select_related("reader"), PAGE).get_page(request.GET.get("page"))
    context = {"expert": shown, "page_obj": page, "looks": told_looks(list(page.object_list))}
    return render(request, "experts/reads.html", context)
