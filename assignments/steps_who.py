"""Step 4 of an order: who is free and covered at all its times, or a wish to the coordinator."""

from datetime import datetime
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from assignments import find as finding
from assignments.access import ORDER
from assignments.actions import choose_whom
from assignments.actions.free import check_trained
from assignments.actions.second import led_by_one
from assignments.find import Wanted
from assignments.forms import SUGGEST, AreaForm, WhoForm
from assignments.models import Order
from assignments.pairs import KINDS
from assignments.steps import draft_of, gone_on, onward, person, posted, save_some, step_page, times_of
from experts.models import Expert
from office.access import requires
from office.errors import RuleError
from office.forms import number_sent, tell
from office.models import User
from office.planning import by_its_values
from office.workdays import local_date

MOST_FOUND = 10


MOST_WHEN_ASKED = 100


def wanted_for(
    order: Order, times: list[tuple[datetime, datetime]], *, wide: bool, area_id: int | None = None
) -> Wanted:
    """What the order asks for; `wide`: without topic and language."""
    return Wanted(
        unit_ids=(order.unit_id,),
        area_id=area_id,
        topic_id=None if wide else order.topic_id,
        language="" if wide else order.language,
        kind=order.kind,
        remote=order.remote,
        times=times,
    )


def can_take(user: User, order: Order, times: list[tuple[datetime, datetime]], at: datetime) -> bool:
    """Whether the chosen expert is still free and covered (the same question as the search, R10)."""
    asked = Wanted(kind=order.kind, times=times)
    if order.expert_id is None:
        return True
    with by_its_values():
        return finding.find(user, asked, at=at).filter(pk=order.expert_id).exists()


def cannot_words(order: Order, times: list[tuple[datetime, datetime]]) -> str:
    """Why the chosen expert cannot take it: the training that is missing, else busy or without a contract."""
    if order.expert is None:
        return ""
    try:
        check_trained(order.expert, order.kind, times)
    except RuleError as error:
        return str(error.message)
    return _("%(expert)s is not free at all these times, or has no contract for them.") % {
        "expert": order.expert.short_name
    }


class Candidates(NamedTuple):
    """Whom a page offers, and whether there are more; for the coordinator: whom only a training keeps out."""

    found: list[finding.Found]
    more: bool
    kept_out: list[Expert]


def candidates(request: HttpRequest, order: Order, times: list[tuple[datetime, datetime]], at: datetime) -> Candidates:
    """Whom the page offers. The expert named already or posted comes along if possible."""
    user, wide = person(request), "wide" in request.GET
    area = request.GET.get("area", "")
    wanted = wanted_for(order, times, wide=wide, area_id=number_sent(area))
    if request.method == "GET":
        finding.note_search(user, wanted, at=at)
    language = translation.get_language() or "fi"
    most = MOST_WHEN_ASKED if "all" in request.GET else MOST_FOUND
    rank = finding.ranked(user, wanted, at=at)
    found = finding.present(dict(list(rank.found.items())[:most]), user, language, wanted)
    chosen = number_sent(request.POST.get("expert", "")) if request.method == "POST" else order.expert_id
    if chosen and chosen not in {expert.pk for expert in found}:
        anyhow = wanted_for(order, times, wide=True)
        with by_its_values():
            also = finding.present(finding.find(user, anyhow, at=at).filter(pk=chosen), user, language, anyhow)
        found = also + found
    if request.method == "GET":
        finding.note_shown(user, found, at=at)
    return Candidates(found, len(rank.found) > most, rank.kept_out)


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def who(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: those who are free and covered at all the times, or a wish to the coordinator."""
    at, user, order = timezone.now(), person(request), draft_of(request, pk)
    if gone := gone_on(request, order):
        return gone
    times = times_of(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    found, more, _ = candidates(request, order, times, at)
    named = str(order.expert_id) if order.expert_id else SUGGEST if order.wish else ""
    form = WhoForm(posted(request), found=found, initial={"expert": named, "wish": order.wish})
    if form.is_valid():
        chosen = form.cleaned_data["expert"]
        expert = None if chosen == SUGGEST else Expert.objects.findable_by(user, local_date(at)).get(pk=chosen)
        try:
            save_some(order, user, at, expert=expert, wish="" if expert else form.cleaned_data["wish"], times=times)
            if order.asking != Order.Asking.ONE:
                choose_whom(order, by=user, at=at, asking=Order.Asking.ONE)
        except RuleError as error:
            tell(form, error)
        else:
            return onward(request, order, "second" if order.companion_id or led_by_one(order) else "fee")
    shown = {expert.pk for expert in found}
    busy = order.expert.short_name if order.expert and order.expert_id not in shown else ""
    options = list(form["expert"].subwidgets)
    return step_page(
        request, "who", order, form=form, suggest=options[0], options=list(zip(options[1:], found, strict=True)),
        more=more, busy=busy, wide="wide" in request.GET, count=len(times),
        areas=AreaForm(request.GET), to=request.GET.get("to", ""), may_be_two=order.kind in KINDS,
    )  # fmt: skip
