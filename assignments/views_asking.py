"""Asking several experts, choosing one of those who can, opening what was asked for changes, a unit's own word."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions
from assignments import find as finding
from assignments.access import CONFIRM, ORDER
from assignments.actions.asking import WHO_CAN, open_offers
from assignments.actions.lapse import choose_by
from assignments.forms_asking import HabitsForm, SeveralForm
from assignments.models import Offer, Order, Session, UnitHabits
from assignments.states import OfferState, OrderState
from assignments.steps import draft_of, may_change, posted
from assignments.steps_who import candidates
from experts.models import Expert
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.choices import NAMED, Role
from office.errors import RuleError
from office.forms import tell
from office.history import lines
from office.models import LogEntry, Unit, User
from office.policies import rules_on
from office.requests import Request
from office.workdays import local_date

UNIT_WORDS = {
    "unithabits.trust": lambda _entry: _("staff order without confirmation"),
    "unithabits.confirm": lambda _entry: _("orders are confirmed by the named employee"),
}


def times_of(order: Order) -> list[tuple[datetime, datetime]]:
    """The times that are asked for."""
    planned = order.sessions.filter(state="planned").order_by("starts_at")
    return list(planned.values_list("starts_at", "ends_at"))


# --- whom ------------------------------------------------------------------------------------------------------------


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def several(request: Request, pk: int) -> HttpResponse:
    """Several experts for a draft, or for an order that looks for one (the coordinator): in turn, or who can?"""
    at, user, order = timezone.now(), request.user, draft_of(request, pk)
    looking = order.state == OrderState.LOOKING and user.has_role(Role.COORDINATOR)
    if not looking and not may_change(user, order):
        return redirect("assignments:order", order.pk)
    times = times_of(order)
    if not times:
        return redirect("assignments:order_when", order.pk)
    found, more, _ = candidates(request, order, times, at)
    form = SeveralForm(posted(request), found=found, initial=_initial(order))
    if form.is_valid():
        findable = {expert.pk: expert for expert in Expert.objects.findable_by(user, local_date(at))}
        experts = [findable[pk] for pk in form.in_turn() if pk in findable]
        how = {"asking": form.cleaned_data["asking"], "answer_days": form.cleaned_data["answer_days"]}
        try:
            if looking:
                actions.ask_several(order, experts, by=user, at=at, **how)
            else:
                actions.choose_whom(order, experts=experts, by=user, at=at, **how)
        except RuleError as error:
            tell(form, error)
        else:
            return _asked(request, order, len(experts))
    context = {"order": order, "form": form, "more": more, "times": times, "wide": "wide" in request.GET}
    context |= {"looking": looking, "count": len(found)}
    return render(request, "assignments/order_several.html", context)


def _initial(order: Order) -> dict[str, Any]:
    queued = list(open_offers(order).filter(state=OfferState.QUEUED))
    initial: dict[str, Any] = {"asking": order.asking, "answer_days": order.answer_days}
    initial["experts"] = [offer.expert_id for offer in queued]
    return initial | {f"turn_{offer.expert_id}": offer.turn for offer in queued if not offer.many}


def _asked(request: HttpRequest, order: Order, count: int) -> HttpResponse:
    if order.state == OrderState.OFFERED:
        if order.asking == WHO_CAN:
            words = ngettext("%(count)s expert has been asked.", "%(count)s experts have been asked.", count)
            messages.success(request, words % {"count": count})
        else:
            messages.success(request, _("The first one has been asked."))
        return redirect("assignments:order", order.pk)
    target = "check" if request.GET.get("to") == "check" or order.state == OrderState.TO_CONFIRM else "fee"
    return redirect(f"assignments:order_{target}", order.pk)


def asked_names(user: User, order: Order) -> list[str]:
    """Who will be asked, in turn or at once, as the reader may name them; nobody when one expert is asked."""
    if order.asking == Order.Asking.ONE:
        return []
    queued = open_offers(order).filter(state=OfferState.QUEUED)
    return [name_for(user, offer.expert, Stage.BEFORE) for offer in queued]


# --- what was asked --------------------------------------------------------------------------------------------------


def asking_of(order: Order, offers: list[Offer], at: datetime) -> dict[str, Any]:
    """What the page of the order tells of its open questions; ``offers`` have their ``name``. No query."""
    ordered = sorted(offers, key=lambda offer: (offer.turn, offer.pk))
    by_state: dict[str, list[Offer]] = {}
    for offer in ordered:
        by_state.setdefault(offer.state, []).append(offer)
    return {
        "queued": by_state.get(OfferState.QUEUED, []),
        "asked": by_state.get(OfferState.WAITING, []),
        "able": by_state.get(OfferState.CAN, []),
        "late": [offer for offer in by_state.get(OfferState.WAITING, []) if offer.answer_by < at],
        "many": order.asking == WHO_CAN and order.state == OrderState.OFFERED,
    }


@requires(ORDER)
@require_GET
def who_can(request: Request, pk: int) -> HttpResponse:
    """Those who have said that they can, in a fair order, with what they have agreed to show; one is chosen."""
    at, order = timezone.now(), draft_of(request, pk)
    every = list(order.offers.select_related("expert__user").order_by("turn", "pk"))
    offers = [offer for offer in every if offer.state in {OfferState.WAITING, OfferState.CAN}]
    if order.state != OrderState.OFFERED or order.asking != WHO_CAN:
        return redirect("assignments:order", order.pk)
    can = {offer.expert_id: offer for offer in offers if offer.state == OfferState.CAN}
    times = times_of(order)
    fair = finding.in_fair_order(Expert.objects.filter(pk__in=can), at)
    taken = Session.objects.taking_time().at_times(times).filter(expert=OuterRef("pk"))
    busy = set(fair.filter(Exists(taken)).values_list("pk", flat=True)) if can else set()
    found = finding.present(fair, request.user, translation.get_language() or "fi") if can else []
    finding.note_shown(request.user, found, at=at)
    closing_days = rules_on(local_date(at)).closing_days
    context = {
        "order": order,
        "times": times,
        "able": [(can[expert.pk], expert, expert.pk in busy) for expert in found],
        "waiting": len(offers) - len(can),
        "choose_by": choose_by(every, times[0][0], closing_days=closing_days) if times else None,
    }
    return render(request, "assignments/order_who_can.html", context)


def _offer(request: Request, pk: int) -> Offer:
    """An offer of an order that the person may see as an orderer; else 404."""
    offer = get_object_or_404(Offer.objects.select_related("order__unit", "order__orderer", "expert__user"), pk=pk)
    offer.order = draft_of(request, offer.order_id)
    return offer


@requires(ORDER)
@require_POST
def choose(request: Request, pk: int) -> HttpResponse:
    """One of those who can is chosen: agreed at once."""
    offer = _offer(request, pk)
    try:
        actions.choose(offer, by=request.user, at=timezone.now())
    except RuleError as error:
        messages.error(request, str(error.message))
        return redirect("assignments:order_who_can", offer.order_id)
    else:
        name = name_for(request.user, offer.expert, Stage.AFTER)
        messages.success(
            request, _("Agreed with %(expert)s. Everybody who was asked has been told.") % {"expert": name}
        )
    return redirect("assignments:order", offer.order_id)


@requires(CONFIRM)
@require_http_methods(["GET", "POST"])
def change(request: Request, pk: int) -> HttpResponse:
    """Asks, then opens an offered order for changes: what was asked is taken back, and asked anew when confirmed."""
    at, order = timezone.now(), draft_of(request, pk)
    mine = request.user.has_role(Role.COORDINATOR) or request.user.holdings.holds(NAMED, order.unit_id)
    if order.state != OrderState.OFFERED or not mine:
        return redirect("assignments:order", order.pk)
    if request.method == "GET":
        asked = open_offers(order).exclude(state=OfferState.QUEUED).count()
        return render(request, "assignments/order_change.html", {"order": order, "asked": asked})
    try:
        actions.change_asked(order, by=request.user, at=at)
    except RuleError as error:
        messages.error(request, str(error.message))
        return redirect("assignments:order", order.pk)
    messages.success(request, _("The questions have been taken back. Change the order, then confirm it again."))
    return redirect("assignments:order_check", order.pk)


# --- a unit's own word -----------------------------------------------------------------------------------------------


@requires(CONFIRM)
@require_http_methods(["GET", "POST"])
def habits(request: Request, pk: int) -> HttpResponse:
    """Whether the unit's staff order without confirmation; by its named employee, deputy, or the coordinator."""
    units = Unit.objects.filter(is_active=True)
    if not request.user.has_role(Role.COORDINATOR):
        units = units.filter(pk__in=request.user.holdings.units_as(*NAMED))
    unit = get_object_or_404(units, pk=pk)
    kept = UnitHabits.objects.filter(unit=unit).first()
    form = HabitsForm(posted(request), initial={"trusts_staff": bool(kept and kept.trusts_staff)})
    if form.is_valid():
        try:
            actions.set_trust(unit, trusts=form.cleaned_data["trusts_staff"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("assignments:orders")
    entries = lines(LogEntry.objects.of(kept), UNIT_WORDS) if kept else []
    context = {"unit": unit, "form": form, "history": entries}
    return render(request, "assignments/unit_habits.html", context)
