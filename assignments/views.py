"""Finding experts, the list of orders, one order and what is done with it, the list of a unit's sessions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from assignments import actions, texts, texts_changes, texts_history
from assignments import find as finding
from assignments.access import CONFIRM, FIND, HELP_FIND, ORDER, SEE_ORDERS
from assignments.confirming import order_seal, sent_words
from assignments.find import Wanted
from assignments.forms import CancelForm, FindForm, OrderFilter, SessionFilter, SuggestForm
from assignments.models import Offer, Order, Session
from assignments.pairs import (
    SECOND_IN_WRITING,
    WRITING,
    first_of,
    is_second,
    linked,
    name_of_other,
    one_is_missing,
    other_of,
)
from assignments.plans import ASKED
from assignments.preview import Fees, Priced, read_times
from assignments.states import OfferState, OrderState, SessionState
from assignments.steps import draft_of, expert_name, may_change, posted, search_of, stage_of
from assignments.steps_send import planning_of
from assignments.steps_who import candidates
from assignments.views_asking import asking_of
from experts.models import Expert
from experts.seen import facts_for, name_for
from experts.shown import Stage, spoken
from office.access import allowed, requires
from office.choices import NAMED, ORDERERS, Role
from office.errors import RuleError
from office.forms import tell
from office.history import Line, Words, sentence
from office.models import LogEntry, Unit, User
from office.panels import panels
from office.workdays import at_wall_clock, local_date, next_month

EXPERTS_A_PAGE = 20
ROWS_A_PAGE = 50
MOST_DRAFTS = 5


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


def _language() -> str:
    return translation.get_language() or "fi"


# --- find ------------------------------------------------------------------------------------------------------------


@requires(FIND)
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """Experts by topic, language, kind of work, place and time. A search by topic is noted in the read log."""
    at, user = timezone.now(), _user(request)
    form = FindForm(request.GET, at=at)
    page, found, wanted, kept_out = None, [], Wanted(), []
    if form.is_valid():
        wanted = form.wanted
        finding.note_search(user, wanted, at=at)
        rank = finding.ranked(user, wanted, at=at)
        kept_out = rank.kept_out
        page = Paginator(list(rank.found), EXPERTS_A_PAGE).get_page(request.GET.get("page"))
        units = () if user.has_role(Role.COORDINATOR) else tuple(user.holdings.units_as(*ORDERERS))
        shown = replace(wanted, unit_ids=units)
        found = finding.present({pk: rank.found[pk] for pk in page.object_list}, user, _language(), shown)
        finding.note_shown(user, found, at=at)
    context = {
        "form": form,
        "page_obj": page,
        "found": found,
        "times": wanted.times,
        "search": search_of(form),
        "everything": finding.sees_everything(user),
        "kept_out": kept_out,
        "filtered": any(request.GET.get(name) for name in form.fields),
    }
    return render(request, "assignments/find.html", context)


# --- orders ----------------------------------------------------------------------------------------------------------


def _own_orders(user: User) -> QuerySet[Order]:
    orders = Order.objects.visible_to(user)
    if user.has_role(Role.COORDINATOR):
        return orders
    return orders.filter(unit__in=user.holdings.units_as(*ORDERERS))


@requires(SEE_ORDERS)
@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """The orders of the person's units (the coordinator: all), the newest first; of drafts only the own ones."""
    user, form = _user(request), OrderFilter(request.GET)
    filtered = any(request.GET.get(name) for name in form.fields)
    drafts = [] if filtered else list(Order.objects.drafts_of(user)[: MOST_DRAFTS + 1])
    shown = _own_orders(user).filter(~Q(state=OrderState.DRAFT) | Q(orderer=user)).exclude(SECOND_IN_WRITING)
    if not filtered:
        shown = shown.exclude(state=OrderState.DRAFT)
    if form.is_valid():
        if state := form.cleaned_data["state"]:
            shown = shown.filter(state=state)
        for word in form.cleaned_data["q"].split():
            shown = shown.filter(
                Q(task__icontains=word)
                | Q(orderer__first_name__icontains=word)
                | Q(orderer__last_name__icontains=word)
                | Q(unit__name_fi__icontains=word)
                | Q(unit__name_sv__icontains=word)
            )
    total = shown.count()
    rows = shown.select_related("unit", "orderer", "expert").annotate(
        first=Min("sessions__starts_at"), times=Count("sessions")
    )
    paginator = Paginator(rows.order_by("-pk"), ROWS_A_PAGE)
    paginator.count = total  # counted before the sessions are joined
    page = paginator.get_page(request.GET.get("page"))
    for order in page.object_list:
        order.expert_words = expert_name(user, order)  # type: ignore[attr-defined]  # for the row of the page
    context = {"form": form, "page_obj": page, "filtered": filtered, "drafts": drafts[:MOST_DRAFTS]}
    context["more_drafts"] = len(drafts) > MOST_DRAFTS
    named = set() if user.has_role(Role.COORDINATOR) else user.holdings.units_as(*NAMED)
    own_units = Unit.objects.filter(pk__in=named, is_active=True) if named else []
    return render(request, "assignments/orders.html", context | {"own_units": own_units})


@requires(SEE_ORDERS)
@require_GET
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """One order: its facts, times, offers and history, and what the person can do with it now."""
    found = draft_of(request, pk)
    if is_second(found) and found.state in WRITING:  # it is sent and confirmed with the order of the first expert
        return redirect("assignments:order", first_of(found).pk)
    return _order(request, found)


def _order(request: HttpRequest, found: Order, **context: Any) -> HttpResponse:
    at, user = timezone.now(), _user(request)
    sessions = list(found.sessions.exclude(state=SessionState.DROPPED).order_by("starts_at"))
    # One expert is asked only when the order has been confirmed: before that there is no offer to ask for.
    never_asked = found.confirmed_at is None and found.asking == Order.Asking.ONE
    offers = [] if never_asked else list(found.offers.select_related("expert__user").order_by("-pk"))
    open_offer = next((offer for offer in offers if offer.state == OfferState.WAITING and not offer.many), None)
    planned = [session for session in sessions if session.state == SessionState.PLANNED]
    times = read_times([(session.starts_at, session.ends_at) for session in planned], at)
    fees = Fees(found, [one.starts_at for one in planned]) if planned else None
    sums = fees.sums(times) if fees else []
    coordinator = user.has_role(Role.COORDINATOR)
    agreed = stage_of(found) == Stage.AFTER
    for offer in offers:
        accepted = agreed and offer.expert_id == found.expert_id
        offer.name = name_for(user, offer.expert, Stage.AFTER if accepted else Stage.BEFORE)  # type: ignore[attr-defined]
    contact = facts_for(user, found.expert, Stage.AFTER) if agreed and found.expert else None
    people = {
        str(offer.expert.user): offer.name if agreed or coordinator else _("The expert")  # type: ignore[attr-defined]
        for offer in offers
        if offer.expert.user_id
    }
    may_confirm = allowed(user, CONFIRM) and may_change(user, found) and found.state == OrderState.TO_CONFIRM
    with_other = other_of(found)
    missing = one_is_missing(found)
    if with_other is not None and with_other.expert is not None and with_other.expert.user is not None:
        people[str(with_other.expert.user)] = name_of_other(user, with_other)
    whole = list(sums)  # of two experts what is confirmed is paid to both
    if may_confirm and with_other is not None and fees is not None:
        whole += Fees(with_other, [one.starts_at for one in planned], beside=fees).sums(times)
    context |= {
        "order": found,
        "whole": None if any(one.problem for one in whole) else sum(one.total for one in whole),
        "planning": planning_of(found, fees) if fees else None,
        "tickets": any(one.tickets for one in whole),
        "expert_name": expert_name(user, found),
        "sums": sums,
        "agreed": [(one, texts.describe_outcome(one), _limit(one, at)) for one in sessions if one not in planned],
        "total": None if any(one.problem for one in sums) else sum(one.total for one in sums),
        "fees": fees.words() if fees else [],
        "offers": [offer for offer in offers if offer.state != OfferState.QUEUED and offer.was_asked],
        "open_offer": open_offer,
        "asking": asking_of(found, offers, at),
        "may_reopen": found.state == OrderState.OFFERED and (coordinator or user.holdings.holds(NAMED, found.unit_id)),
        "coordinator": coordinator,
        "may_change": may_change(user, found),
        "may_confirm": may_confirm,
        "seal": order_seal(found, with_other, [(one.starts_at, one.ends_at) for one in planned], _queued(offers)),
        "panels": panels("order_price", user, Priced(found, whole), at) if may_confirm else [],
        "may_suggest": coordinator and found.state == OrderState.LOOKING,
        "may_cancel": found.state in {OrderState.TO_CONFIRM, OrderState.LOOKING, OrderState.OFFERED}
        and not (with_other and with_other.state == OrderState.AGREED),
        "other": with_other,
        "other_name": name_of_other(user, with_other) if with_other else "",
        "alone": with_other is None and linked(found) is not None and found.state != OrderState.CANCELLED,
        "missing": missing,
        "missing_here": bool(missing and missing[0].pk == found.pk),
        "process": getattr(found, "process", None),
        "has_dates": "first_day" in ASKED[found.kind],
        "may_answer": coordinator and open_offer is not None and open_offer.expert.user_id is None,
        "contact": contact,
        "introduction": spoken(contact.introduction, _language()) if contact else ("", ""),
        "history": _history(found, offers, people),
    }
    return render(request, "assignments/order.html", context)


def _queued(offers: list[Offer]) -> list[Offer]:
    return sorted((one for one in offers if one.state == OfferState.QUEUED), key=lambda one: (one.turn, one.pk))


def _limit(session: Session, at: datetime) -> str:
    return texts.describe_limit(session.free_until, at) if session.free_until and not session.outcome else ""


WORDS: Words = {**texts_history.WORDS, "order.changed": texts_changes.changed}


def _history(order: Order, offers: list[Offer], names: dict[str, str]) -> list[Line]:
    """Newest first. ``names``: how experts are named to the reader (R5), by the name of their account."""
    lines = []
    for entry in reversed(LogEntry.objects.of(order, *offers)):
        text = sentence(entry, WORDS)
        for person in {str(entry.actor), str(entry.on_behalf_of)} & set(names):
            text = text.replace(person, names[person])
        lines.append(Line(entry.at, text))
    return lines


def _done(request: HttpRequest, order: Order, act: Callable[[], object], words: str) -> HttpResponse:
    """Does it, tells what happened, and goes back to the order; a refusal is told there too."""
    try:
        act()
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, words)
    return redirect("assignments:order", order.pk)


@requires(CONFIRM)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The named employee's yes (R1)."""
    at, found = timezone.now(), draft_of(request, pk)
    other = other_of(found)
    times = list(found.sessions.filter(state=SessionState.PLANNED).order_by("starts_at"))
    queued = found.offers.filter(state=OfferState.QUEUED).order_by("turn", "pk")
    seal = order_seal(found, other, [(one.starts_at, one.ends_at) for one in times], queued)
    if found.state == OrderState.TO_CONFIRM and request.POST.get("seen", seal) != seal:
        messages.error(request, _("The order has been changed since you opened the page. Check it and confirm then."))
        return redirect("assignments:order", found.pk)
    try:
        actions.confirm(found, by=_user(request), at=at)
    except RuleError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, sent_words(draft_of(request, pk)))
    return redirect("assignments:order", found.pk)


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then cancels an order that is not agreed yet: it pays nothing."""
    at, found = timezone.now(), draft_of(request, pk)
    form = CancelForm(posted(request))
    moved_on = request.POST.get("seen", found.state) != found.state
    if moved_on and found.state in {OrderState.TO_CONFIRM, OrderState.LOOKING, OrderState.OFFERED}:
        form.add_error(None, _("The order has gone on since you opened the page. Look at what cancelling means now."))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        act = lambda: actions.cancel_order(found, by=_user(request), at=at, reason=reason)  # noqa: E731 - one line
        return _done(request, found, act, _("The order is cancelled. Nothing is paid."))
    other = other_of(found)
    agreed = other is not None and other.state == OrderState.AGREED
    if agreed or found.state in {OrderState.AGREED, OrderState.CANCELLED}:
        return redirect("assignments:order", found.pk)
    return render(request, "assignments/order_cancel.html", {"order": found, "form": form, "other": other})


@requires(ORDER)
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes back an offer that is not answered; the coordinator looks for somebody else."""
    at, found = timezone.now(), draft_of(request, pk)
    act = lambda: actions.withdraw_asking(found, by=_user(request), at=at)  # noqa: E731 - one line
    return _done(request, found, act, _("The offer is withdrawn. The coordinator looks for an expert."))


@requires(HELP_FIND)
@require_http_methods(["GET", "POST"])
def suggest(request: HttpRequest, pk: int) -> HttpResponse:
    """The coordinator chooses an expert for a confirmed order and sends the offer (R2)."""
    at, found = timezone.now(), draft_of(request, pk)
    if found.state != OrderState.LOOKING:
        return redirect("assignments:order", found.pk)
    times = [(time.starts_at, time.ends_at) for time in found.sessions.filter(state=SessionState.PLANNED)]
    experts, more, kept_out = candidates(request, found, times, at)
    form = SuggestForm(posted(request), found=experts, at=at)
    if form.is_valid():
        findable = Expert.objects.findable_by(_user(request), local_date(at))
        expert = get_object_or_404(findable, pk=form.cleaned_data["expert"])
        try:
            actions.make_offer(found, expert, by=_user(request), at=at, answer_by=form.cleaned_data["answer_by"])
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("%(expert)s has been asked.") % {"expert": expert})
            return redirect("assignments:order", found.pk)
    options = list(zip(form["expert"].subwidgets, experts, strict=True))
    context = {"order": found, "form": form, "options": options, "more": more, "times": times, "kept_out": kept_out}
    return render(request, "assignments/order_suggest.html", context | {"wide": "wide" in request.GET})


# --- sessions --------------------------------------------------------------------------------------------------------


def _months(today: date) -> list[date]:
    """A year back and half a year ahead."""
    number = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number + 6, number - 13, -1)]


def _bounds(month: date) -> tuple[datetime, datetime]:
    return at_wall_clock(month, time(0)), at_wall_clock(next_month(month), time(0))


@requires(SEE_ORDERS)
@require_GET
def unit_sessions(request: HttpRequest) -> HttpResponse:
    """The sessions of the person's units (the coordinator: all) of a month, by time."""
    user, today = _user(request), local_date(timezone.now())
    asked = request.GET.copy()
    asked.setdefault("month", f"{today:%Y-%m}")
    form = SessionFilter(asked, months=_months(today))
    shown = Session.objects.agreed_or(Order.objects.exclude(state__in=[OrderState.DRAFT, OrderState.CANCELLED]))
    if not user.has_role(Role.COORDINATOR):
        shown = shown.filter(unit__in=user.holdings.units_as(*ORDERERS))
    if form.is_valid():
        if month := form.cleaned_data["month"]:
            shown = shown.between(*_bounds(date.fromisoformat(f"{month}-01")))
        if state := form.cleaned_data["state"]:
            shown = shown.filter(Q(state=state) if state in SessionState.values else Q(outcome=state))
    rows = shown.select_related("order__orderer", "unit", "expert").order_by("starts_at", "pk")
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    filtered = any(request.GET.get(name) is not None for name in form.fields)
    return render(request, "assignments/order_sessions.html", {"form": form, "page_obj": page, "filtered": filtered})
