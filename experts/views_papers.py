"""Pages of tax cards and papers seen."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from experts import actions
from experts.access import CHANGE_REGISTRY, NOTE_TAX_CARD
from experts.cards import DECEMBER, kinds_lacked, lacking, lacks, yel_ending
from experts.forms_papers import CardsFilter, CardsForm, PaperForm, TaxCardForm
from experts.models import Expert, SeenPaper, TaxCard
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request
from office.workdays import local_date

PAGE = 100


@requires(NOTE_TAX_CARD)
@require_http_methods(["GET", "POST"])
def tax_card(request: Request, pk: int) -> HttpResponse:
    """Notes that the tax card of a year was delivered: the coordinator, or the expert themself with one press."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    today = local_date(at)
    own = shown.user_id == request.user.pk
    missing = _missing(shown, today)
    first = missing[0] if missing else (today.year, TaxCard.Kind.NON_WAGE)
    initial = {"year": first[0], "kind": first[1], "delivered_on": today}
    form = TaxCardForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_tax_card(shown, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Noted: the tax card of %(year)s.") % {"year": form.cleaned_data["year"]})
            return redirect("experts:me") if own else redirect("experts:expert", pk)
    context = {
        "form": form,
        "expert": shown,
        "own": own,
        "today": today,
        "missing": [(year, kind, kind.label) for year, kind in missing] if own else [],
    }
    return render(request, "experts/tax_card.html", context)


def _missing(shown: Expert, today: date) -> list[tuple[int, TaxCard.Kind]]:
    """Which cards the expert should send: of this year, from December on of the next one too."""
    years = [today.year, today.year + 1] if today.month == DECEMBER else [today.year]
    found = []
    for year in years:
        marked = Expert.objects.filter(pk=shown.pk).annotate(**lacks(year, today)).get()
        found += [(year, kind) for kind in kinds_lacked(marked)]
    return found


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def tax_cards(request: Request) -> HttpResponse:
    """Who lacks a tax card of the year; those whose card came are ticked and noted together."""
    at = timezone.now()
    today = local_date(at)
    shown = CardsFilter(request.GET or None, today=today)
    year, kind = shown.asked
    form = CardsForm(request.POST or None, today=today, initial={"delivered_on": today})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            noted = actions.note_tax_cards(
                data["cards"], year=year, delivered_on=data["delivered_on"], by=request.user, at=at
            )
        except RuleError as error:
            tell(form, error)
        else:
            said = ngettext("%(n)s tax card is noted.", "%(n)s tax cards are noted.", noted) % {"n": noted}
            messages.success(request, said)
            return redirect(f"{reverse('experts:tax_cards')}?year={year}&kind={kind}")
    return render(request, "experts/tax_cards.html", _overview(request, shown, form, at))


def _overview(request: Request, shown: CardsFilter, form: CardsForm, at: datetime) -> dict[str, Any]:
    today = local_date(at)
    year, kind = shown.asked
    experts = lacking(Expert.objects.visible_to(request.user), year, today, kind)
    page = Paginator(experts.order_by("last_name", "first_name", "pk"), PAGE).get_page(request.GET.get("page"))
    rows = []
    for expert in page.object_list:
        lacked = [found for found in kinds_lacked(expert) if kind in {"", found}]
        rows.append((expert, [(f"{expert.pk}-{found}", found.label) for found in lacked]))
    return {
        "filter": shown,
        "form": form,
        "year": year,
        "page_obj": page,
        "rows": rows,
        "ending": yel_ending(Expert.objects.visible_to(request.user), today),
        "today": today,
    }


@requires(CHANGE_REGISTRY)
@require_POST
def tax_card_remove(request: Request, pk: int) -> HttpResponse:
    """Takes back a note that was a mistake."""
    card = get_object_or_404(
        TaxCard.objects.select_related("expert").filter(expert__in=Expert.objects.visible_to(request.user)), pk=pk
    )
    actions.remove_tax_card(card, by=request.user, at=timezone.now())
    messages.success(request, _("The note is removed."))
    return redirect("experts:expert", card.expert_id)


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def paper_new(request: Request, pk: int) -> HttpResponse:
    """Notes a paper that was shown: what, when, until when it holds."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    at = timezone.now()
    today = local_date(at)
    form = PaperForm(request.POST or None, today=today, initial={"shown_on": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.note_seen_paper(shown, **form.cleaned_data, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The paper is noted."))
            return redirect("experts:expert", pk)
    return render(request, "experts/paper_form.html", {"form": form, "expert": shown})


@requires(CHANGE_REGISTRY)
@require_POST
def paper_remove(request: Request, pk: int) -> HttpResponse:
    """Removes a note that was a mistake."""
    papers = SeenPaper.objects.select_related("expert").filter(expert__in=Expert.objects.visible_to(request.user))
    paper = get_object_or_404(papers, pk=pk)
    actions.remove_seen_paper(paper, by=request.user, at=timezone.now())
    messages.success(request, _("The note is removed."))
    return redirect("experts:expert", paper.expert_id)
