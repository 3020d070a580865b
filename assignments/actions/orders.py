"""Orders: written, sent to be confirmed, confirmed, offered, cancelled."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.common import (
    act,
    check_orderable,
    check_times,
    confirmers,
    coordinators,
    lock_expert,
    must_be,
    no_codes,
    planned,
)
from assignments.actions.tokens import new_link
from assignments.models import Offer, Order, Session
from assignments.states import OFFER, ORDER, SESSION, OfferState, OrderState, SessionState
from experts.models import Expert, Topic
from office.actions import log, move
from office.choices import NAMED, ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.outbox import post
from office.policies import rules_on
from office.workdays import at_wall_clock, local_date, next_working_day

ANSWER_WORKING_DAYS = 3
ANSWER_CLOCK = time(16, 0)


@act
def save_draft(
    order: Order | None,
    *,
    by: User,
    at: datetime,
    unit: Unit,
    kind: str,
    task: str,
    language: str = "fi",
    place: str = "",
    remote: bool = False,
    topic: Topic | None = None,
    expert: Expert | None = None,
    wish: str = "",
    agreed_amount: Decimal | None = None,
    fee_declined: bool = False,
    travel_km: Decimal | None = None,
    times: Iterable[tuple[datetime, datetime]] = (),
) -> Order:
    """Writes an order, or rewrites a draft with all its times. Nothing is priced or promised yet.

    One that waits for confirmation is rewritten by who may confirm it.

    Times are aware and half-open. Raises Refused (not of this unit, times out of order), Conflict (no draft any more).
    """
    must_be(by, ORDERERS | {Role.COORDINATOR}, unit.pk)
    no_codes(task, place, wish)
    wanted = sorted(times)
    check_times(wanted)
    new = order is None
    if order is None:
        order = Order(orderer=by, created_at=at)
    else:
        kept = Order.objects.select_for_update().get(pk=order.pk)
        must_be(by, ORDERERS | {Role.COORDINATOR}, kept.unit_id)
        if kept.state == OrderState.TO_CONFIRM:
            must_be(by, NAMED | {Role.COORDINATOR}, kept.unit_id)
            must_be(by, NAMED | {Role.COORDINATOR}, unit.pk)
        elif kept.state != OrderState.DRAFT:
            raise Conflict(_("The order has been sent already. Look at the page again."))
        order = kept
    order.unit, order.kind, order.task, order.language = unit, kind, task, language
    order.place, order.remote, order.topic, order.expert = place, remote, topic, expert
    order.wish, order.agreed_amount, order.fee_declined, order.travel_km = wish, agreed_amount, fee_declined, travel_km
    order.save()
    order.sessions.filter(state=SessionState.PLANNED).delete()
    Session.objects.bulk_create(
        Session(order=order, unit=unit, kind=kind, starts_at=start, ends_at=end, place=place) for start, end in wanted
    )
    if new:
        log("order.written", order, by=by, at=at, to_state=OrderState.DRAFT, times=len(wanted))
    elif order.state == OrderState.TO_CONFIRM:
        log("order.changed", order, by=by, at=at, times=len(wanted))
    return order


@act
def submit(order: Order, *, by: User, at: datetime) -> Order:
    """Sends a draft to the unit's named employee (R1); the named employee's and the deputy's own is confirmed at once.

    Raises Refused when it cannot be ordered as it is (times, fee, amount, contract, the expert's other sessions).
    """
    check_orderable(order, at, order.expert)
    move(order, ORDER["submit"], by=by, at=at, unit_id=order.unit_id, submitted_at=at)
    if by.holdings.holds(NAMED, order.unit_id):
        return confirm(order, by=by, at=at)
    for person in confirmers(order.unit, at):
        post(messages.ORDER_TO_CONFIRM, person, about=order, at=at, order=order, times=planned(order))
    return order


def answer_by_default(first: datetime, at: datetime) -> datetime:
    """Until when an offer is answered: 16:00 on the third working day, or when the first session begins, in UTC."""
    day = local_date(at)
    closed = rules_on(day).closing_days
    for _step in range(ANSWER_WORKING_DAYS):
        day = next_working_day(day, closing_days=closed)
    return min(at_wall_clock(day, ANSWER_CLOCK), first)


def _offer(order: Order, expert: Expert, sessions: list[Session], at: datetime, answer_by: datetime | None) -> Offer:
    first = min(session.starts_at for session in sessions)
    until = answer_by or answer_by_default(first, at)
    if not at < until <= first:
        raise Refused(_("The answer must be asked for before the first session begins."))
    offer = Offer.objects.create(order=order, expert=expert, sent_at=at, answer_by=until)
    link = new_link(offer)
    post(messages.OFFER, expert.user, about=offer, at=at, offer=offer, order=order, times=sessions, link=link)
    return offer


def _tell_coordinators(order: Order, at: datetime) -> None:
    for person in coordinators(at):
        post(messages.ORDER_LOOKING, person, about=order, at=at, order=order, times=planned(order))


@act
def confirm(order: Order, *, by: User, at: datetime, answer_by: datetime | None = None) -> Order:
    """The named employee's (deputy's, coordinator's) yes (R1): the expert is asked, or the coordinator looks for one.

    ``answer_by``: until when the expert answers; default the third working day, at the latest the first session.
    """
    expert = lock_expert(order.expert_id) if order.expert_id else None
    sessions = check_orderable(order, at, expert)
    step = ORDER["confirm_and_offer" if expert else "confirm_to_coordinator"]
    move(order, step, by=by, at=at, unit_id=order.unit_id, confirmed_at=at, confirmed_by=by)
    if expert:
        _offer(order, expert, sessions, at, answer_by)
    else:
        _tell_coordinators(order, at)
    return order


@act
def make_offer(order: Order, expert: Expert, *, by: User, at: datetime, answer_by: datetime | None = None) -> Offer:
    """The coordinator asks an expert for an order that has none (R2)."""
    expert = lock_expert(expert.pk)
    sessions = check_orderable(order, at, expert)
    move(order, ORDER["offer"], by=by, at=at, unit_id=order.unit_id, facts={"expert": expert.pk}, expert=expert)
    return _offer(order, expert, sessions, at, answer_by)


def look_again(order: Order, *, by: User, at: datetime) -> None:
    """The order is without an expert again; the coordinators hear of it."""
    move(order, ORDER["look_again"], by=by, at=at, unit_id=order.unit_id, expert=None)
    _tell_coordinators(order, at)


@act
def withdraw_offer(offer: Offer, *, by: User, at: datetime) -> Offer:
    """Takes back an unanswered offer; the order looks for another expert."""
    move(offer, OFFER["withdraw"], by=by, at=at, unit_id=offer.order.unit_id, answered_at=at)
    post(
        messages.OFFER_WITHDRAWN,
        offer.expert.user,
        about=offer,
        at=at,
        once="withdrawn",
        offer=offer,
        order=offer.order,
    )
    look_again(offer.order, by=by, at=at)
    return offer


@act
def cancel_order(order: Order, *, by: User, at: datetime, reason: str = "") -> Order:
    """Cancels an order that nobody has accepted: it never pays (M9). Agreed sessions are cancelled one by one."""
    no_codes(reason)
    if order.state == OrderState.AGREED:
        raise Refused(_("The order has been agreed. Cancel its sessions one by one."))
    for offer in order.offers.filter(state=OfferState.WAITING).select_related("expert__user"):
        move(offer, OFFER["withdraw"], by=by, at=at, unit_id=order.unit_id, answered_at=at)
        post(
            messages.OFFER_WITHDRAWN, offer.expert.user, about=offer, at=at, once="withdrawn", offer=offer, order=order
        )
    move(order, ORDER["cancel"], by=by, at=at, unit_id=order.unit_id, reason=reason)
    for session in planned(order):
        move(session, SESSION["drop"], by=by, at=at, unit_id=order.unit_id)
    return order


def soon(offer: Offer, at: datetime) -> bool:
    """Whether an unanswered offer runs out within a day."""
    return offer.answer_by - at < timedelta(days=1)
