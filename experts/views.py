"""Pages of the registry."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions
from experts.access import CHANGE_REGISTRY, SEE_REGISTRY
from experts.choices import by_group
from experts.facts import areas_of, away_of, cards_of, looks_of, topics_of, with_areas, with_facts, with_looks
from experts.filters import listed, with_papers
from experts.forms import KIND_WORDS, LANGUAGE_WORDS, ExpertForm
from experts.forms_lists import RegistryFilter, SaveViewForm
from experts.models import Absence, Contract, Expert, ReadLog, SavedView
from experts.saved import SAVED_PAGE, kept_query
from experts.shown import Stage, stage_of
from experts.texts import WORDS, state_words, told_look
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry
from office.panels import panels
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import local_date

PAGE = 50
#: What a field's consent is called on the pages of the record.
STAGES = {
    "": gettext_lazy("not shown to units"),
    Stage.AFTER: gettext_lazy("shown after a task is accepted"),
    Stage.BEFORE: gettext_lazy("shown when an expert is looked for"),
}


def words_of(codes: list[str], words: dict[str, Any]) -> list[str]:
    return [str(words.get(code, code)) for code in codes]


@requires(SEE_REGISTRY)
@require_GET
def registry(request: Request) -> HttpResponse:
    """All experts: search and filters in the address, pages of 50, in Finnish order; one's own saved views."""
    at = timezone.now()
    today = local_date(at)
    form = RegistryFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else None
    if asked and asked["topic"]:
        actions.noted_topic_search(asked["topic"], by=request.user, at=at)
    page: Any = Paginator(listed(asked, today).values("pk"), PAGE).get_page(request.GET.get("page"))
    # Papers and areas are asked for those of the page only: a late page would ask them for all that it passes over.
    page.object_list = list(with_areas(with_papers(Expert.objects.filter(pk__in=page.object_list), today)))
    away = set(Absence.objects.covering(today).filter(expert__in=page.object_list).values_list("expert_id", flat=True))
    rows = [_row(row, today, away) for row in page.object_list]
    context = {
        "form": form,
        "page_obj": page,
        "rows": rows,
        "active": any(request.GET.get(name) for name in form.fields),
        "year": today.year,
        "saved": list(SavedView.objects.visible_to(request.user).filter(page=SAVED_PAGE)),
        "save_form": SaveViewForm(),
        "query": kept_query(request.GET, form),
    }
    return render(request, "experts/registry.html", context)


def _row(expert: Expert, today: date, away: set[int]) -> dict[str, Any]:
    """One row of the list, as it is told."""
    state = Expert.State(expert.state_on(today))
    return {
        "expert": expert,
        "languages": ", ".join(words_of(expert.work_languages, LANGUAGE_WORDS)),
        "areas": ", ".join(localname(area) for area in areas_of(expert)),
        "state": state.value,
        "state_label": state.label,
        "away": expert.pk in away,
    }


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def expert_new(request: Request) -> HttpResponse:
    """Adds an expert, with an account when an e-mail address is given and wanted."""
    form = ExpertForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account = form.cleaned_data["account"] and bool(form.cleaned_data["email"])
        try:
            made = actions.add_expert(
                form.record(),
                form.chosen_topics(),
                by=request.user,
                at=timezone.now(),
                account=account,
                areas=form.chosen_areas(),
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
    today = local_date(at)
    shown = get_object_or_404(with_looks(with_facts(Expert.objects.visible_to(request.user), today)), pk=pk)
    this_look = actions.noted_read(shown, "page", by=request.user, at=at)
    contracts = list(shown.contracts.select_related("fee_table"))
    entries = LogEntry.objects.of(shown, *contracts)
    looks, more_looks = looks_of(shown)
    context = facts(shown, contracts, today) | {
        "history": lines(entries, WORDS),
        "looks": told_looks([this_look, *looks] if this_look else looks),
        "more_looks": more_looks,
        "panels": panels("expert", request.user, shown, at),
        "crumbs": [{"label": _("Registry"), "url": reverse("experts:registry")}, {"label": str(shown)}],
    }
    return render(request, "experts/expert.html", context)


def facts(shown: Expert, contracts: list[Contract], today: date) -> dict[str, Any]:
    """What the coordinator's page and the expert's own page both show."""
    cards = cards_of(shown)
    topics = topics_of(shown)
    own = {row.topic_id: row for row in topics}
    for held in contracts:
        held.kinds_told = ", ".join(words_of(held.kinds, KIND_WORDS))  # type: ignore[attr-defined]
        held.over = held.valid_to is not None and held.valid_to < today  # type: ignore[attr-defined]
    return {
        "expert": shown,
        "topics": topics,
        "topic_groups": [
            (group, [own[topic.pk] for topic in held]) for group, held in by_group([row.topic for row in topics])
        ],
        "areas": areas_of(shown),
        "away": away_of(shown),
        "shares": [
            (choice.label, STAGES[stage_of(choice, shown.shown_before, shown.shown_after)])
            for choice in Expert.Showable
        ],
        "state_now": shown.state_on(today),
        "state_label": Expert.State(shown.state_on(today)).label,
        "state_words": state_words(shown, today),
        "languages": words_of(shown.work_languages, LANGUAGE_WORDS),
        "kinds": words_of(shown.kinds, KIND_WORDS),
        "contracts": contracts,
        "cards": cards,
        "card_missing": not any(card.year == today.year and card.delivered_on for card in cards),
        "today": today,
    }


def told_looks(looks: list[ReadLog]) -> list[dict[str, Any]]:
    return [{"at": look.at, "text": f"{look.reader}: {told_look(look)}"} for look in looks]


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
            actions.change_record(
                saved,
                form.record(),
                form.chosen_topics(),
                seen=seen,
                by=request.user,
                at=at,
                areas=form.chosen_areas(),
            )
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
def expert_account(request: Request, pk: int) -> HttpResponse:
    """Makes the account of an expert who had none."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    actions.give_account(shown, by=request.user, at=timezone.now())
    messages.success(request, _("%(name)s has an account and gets a message about it.") % {"name": shown})
    return redirect("experts:expert", pk)
