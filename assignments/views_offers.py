"""Pages of an offer, and the expert's own times."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from assignments import actions
from assignments.access import ANSWER_OFFERS, SEE_OFFERS, SEE_OWN_SESSIONS
from assignments.actions.free import spans
from assignments.models import Move, Offer, Order, Session
from assignments.pairs import name_of_other, other_of
from assignments.preview import Fees, read_times
from assignments.states import MoveState, OfferState, SessionState
from assignments.steps import stage_of
from experts.busy import busy_otherwise
from experts.seen import name_for
from office.access import requires
from office.asked_once import Seen
from office.choices import Role
from office.requests import Request

#: As many coming and past times as the expert's page shows.
MOST = 50


def _offer(request: Request, pk: int) -> Offer:
    rows = Offer.objects.visible_to(request.user).select_related(
        "order__unit",
        "order__orderer",
        "order__plan",
        "order__companion__expert",
        "order__lead__expert",
        "expert__user",
    )
    return get_object_or_404(rows, pk=pk)


@dataclass(frozen=True)
class Asked:
    """One time of an offer as the expert reads it."""

    starts_at: datetime
    ends_at: datetime
    limit: str
    fee: Decimal
    travel: Decimal
    problem: str
    clashes: list[Session]


def _asked_times(order: Order, sessions: list[Session], offer: Offer, at: datetime) -> list[Asked]:
    """The times with limit, fee and travel, and the expert's own sessions that they run into."""
    if not sessions:
        return []
    times = read_times(spans(sessions), at)
    own = list(
        Session.objects.taking_time()
        .filter(expert=offer.expert)
        .exclude(order=order)
        .overlapping(times[0].starts_at, max(time.ends_at for time in times))
        .select_related("unit")
    )
    return [
        Asked(
            starts_at=one.time.starts_at,
            ends_at=one.time.ends_at,
            limit=one.time.limit,
            fee=one.fee,
            travel=one.travel,
            problem=one.problem,
            clashes=[s for s in own if s.starts_at < one.time.ends_at and one.time.starts_at < s.ends_at],
        )
        for one in Fees(order, [one.starts_at for one in times]).sums(times)
    ]


@requires(SEE_OFFERS)
@require_GET
def offer(request: Request, pk: int) -> HttpResponse:
    """What is asked of the expert, everything in it, and the answer."""
    at = timezone.now()
    found = _offer(request, pk)
    order = found.order
    waiting = found.state == OfferState.WAITING
    shown = waiting or found.state == OfferState.CAN
    if found.many and shown:
        order.expert = found.expert  # what it would pay this expert; nothing is saved
    own, other = found.expert.user_id == request.user.pk, other_of(order)
    wanted = [SessionState.PLANNED] if shown else [SessionState.AGREED, SessionState.CLOSED]
    sessions = list(order.sessions.filter(state__in=wanted)) if shown or found.state == OfferState.ACCEPTED else []
    asked = _asked_times(order, sessions, found, at) if shown else []
    context = {
        "offer": found,
        "order": order,
        "own": own,
        "expert_name": name_for(request.user, found.expert, stage_of(order)),
        "other": other,
        "other_name": name_of_other(request.user, other) if other else "",
        "waiting": waiting,
        "shown": shown,
        "sessions": sessions if not shown else [],
        "count": len(sessions),
        "asked": asked,
        "fees": sum((one.fee for one in asked), Decimal(0)),
        "travel": sum((one.travel for one in asked), Decimal(0)),
        "clashing": any(one.clashes for one in asked) or (waiting and busy_otherwise(found.expert_id, spans(sessions))),
        "away": found.expert.absences.during(spans(sessions)).exists() if waiting else False,
        "problem": next((one.problem for one in asked if one.problem), ""),
        "begun": any(one.starts_at <= at for one in asked),
        "late": waiting and found.answer_by < at,
        "may_answer": waiting and (own or request.user.has_role(Role.COORDINATOR)),
    }
    return render(request, "assignments/offer.html", context)


_ANSWERED = Seen(lambda reader, pk: Offer.objects.visible_to(reader).filter(pk=pk).select_related("order"), pk=int)


@requires(ANSWER_OFFERS)
@require_POST
def offer_accept(request: Request, pk: int) -> HttpResponse:
    """The expert's yes (or the coordinator's for the expert, by telephone)."""
    found = _ANSWERED.one(request.user, pk=pk)
    if found is None:
        raise Http404
    actions.say_yes(found, by=request.user, at=timezone.now(), though_away="though_away" in request.POST)
    words = (
        _("Thank you. The unit chooses one of those who can.") if found.many else _("Agreed. The unit has been told.")
    )
    messages.success(request, words)
    return redirect("assignments:offer", found.pk)


@requires(ANSWER_OFFERS)
@require_POST
def offer_decline(request: Request, pk: int) -> HttpResponse:
    """The expert's no; no reason is asked."""
    found = _offer(request, pk)
    actions.decline(found, by=request.user, at=timezone.now())
    messages.success(request, _("Thank you for the answer. Somebody else is asked."))
    own = found.expert.user_id == request.user.pk
    return redirect("assignments:my_sessions") if own else redirect("assignments:offer", found.pk)


@requires(SEE_OWN_SESSIONS)
@require_GET
def my_sessions(request: Request) -> HttpResponse:
    """The expert's first page of work: what to answer, what comes next, what has no outcome yet."""
    at = timezone.now()
    planned = Prefetch("order__sessions", Session.objects.filter(state=SessionState.PLANNED), to_attr="asked")
    offers = (
        Offer.objects.filter(expert__user=request.user, state__in=[OfferState.WAITING, OfferState.CAN])
        .select_related("order__unit")
        .prefetch_related(planned)
        .order_by("answer_by", "pk")
    )
    waiting = Prefetch("moves", Move.objects.filter(state=MoveState.WAITING), to_attr="open_moves")
    agreed = (
        Session.objects.filter(expert__user=request.user, state=SessionState.AGREED)
        .select_related("unit", "order__orderer")
        .prefetch_related(waiting)
    )
    open_ones = list(offers[:MOST])
    context = {
        "offers": [one for one in open_ones if one.state == OfferState.WAITING],
        "said_can": [one for one in open_ones if one.state == OfferState.CAN],
        "unmarked": list(agreed.filter(ends_at__lte=at)[:MOST]),
        "coming": list(agreed.filter(ends_at__gt=at)[:MOST]),
        "at": at,
    }
    return render(request, "assignments/my_sessions.html", context)
