"""The expert's answer (R3, R4)."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions import processes
from assignments.actions.asking import go_on, lock_order, still_open, tell_unit_unanswered
from assignments.actions.common import act, no_codes
from assignments.actions.conditions import Conditions
from assignments.actions.free import check_expert, check_future, check_present, check_times, lock_expert, planned, spans
from assignments.actions.people import in_stead_of, must_be, unit_side
from assignments.models import Offer, Order, Session
from assignments.states import OFFER, ORDER, SESSION, OfferState, OrderState
from experts.models import Expert
from experts.readers import who_hears
from office.actions import log, move
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.outbox import post, post_each

ANSWERERS = {Role.EXPERT, Role.COORDINATOR}


#: Times with what they freeze.
Frozen = list[tuple[Session, dict[str, Any]]]


def _freeze(sessions: list[Session], order: Order, at: datetime) -> Frozen:
    """Each time with its own price and limit (R4, R13); nothing is stored yet. The order gets the first one's fee."""
    conditions = Conditions()
    conditions.read_policies(session.starts_at for session in sessions)
    frozen = [(session, conditions.agreement(order, session.starts_at, session.ends_at, at)) for session in sessions]
    order.fee_item = frozen[0][1]["fee_item"]
    return frozen


def _agree(frozen: Frozen, order: Order, expert: Expert, *, by: User, at: datetime) -> None:
    """Stores each time as agreed. Its process begins."""
    stead = in_stead_of(by, expert) if by.has_role(Role.COORDINATOR) else None
    for session, agreed in frozen:
        facts = {"agreed_fee": str(agreed["agreed_fee"]), "free_until": agreed["free_until"].isoformat()}
        move(
            session, SESSION["agree"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, facts=facts,
            expert=expert, **agreed,
        )  # fmt: skip
    processes.begin(order)


def _in_time(offer: Offer, at: datetime) -> None:
    """The moment itself still counts."""
    if at > offer.answer_by:
        raise Refused(_("The time to answer is over. Sign in, or ask the coordinator."))


def _times_to_take(order: Order, expert: Expert, at: datetime, *, though_away: bool) -> list[Session]:
    """The times of the order, if the expert can take them now (R26). Raises Refused and Conflict."""
    sessions = planned(order)
    if not sessions:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    check_future(spans(sessions), at)
    check_expert(expert, order.kind, spans(sessions))
    if not though_away:
        check_present(expert, spans(sessions))
    return sessions


def _end_the_others(order: Order, *, by: User, at: datetime) -> None:
    """Somebody has the order: whoever else was asked hears it kindly; who waited for a turn was never asked."""
    for other in still_open(order):
        asked = other.state != OfferState.QUEUED
        moment: dict[str, Any] = {} if other.state == OfferState.CAN else {"answered_at": at}
        move(other, OFFER["not_chosen"], by=by, at=at, unit_id=order.unit_id, **moment)
        if asked:
            post(
                messages.OFFER_NOT_CHOSEN, who_hears(other.expert), about=other, at=at, once="not_chosen", offer=other,
                order=order,
            )  # fmt: skip


def _tell_agreed(offer: Offer, order: Order, sessions: list[Session], at: datetime) -> None:
    post_each(
        messages.OFFER_ACCEPTED, unit_side(order, at), about=offer, at=at, once="accepted", offer=offer, order=order,
        times=sessions,
    )  # fmt: skip


def say_yes(offer: Offer, *, by: User, at: datetime, though_away: bool = False) -> Order:
    """The expert's yes to whatever was asked: "do you take it?" or "who can?"."""
    return (can if offer.many else accept)(offer, by=by, at=at, though_away=though_away)


@act
def accept(offer: Offer, *, by: User, at: datetime, though_away: bool = False) -> Order:
    """The expert takes the order: every time is agreed with its frozen price and free-cancellation limit (R4, R13).

    ``though_away``: the expert knows of being away then by the own list, and comes all the same. The coordinator may
    answer for an expert by telephone. Raises Refused (begun, no contract, busy, away, too late) and Conflict
    (answered or withdrawn already); then nothing is agreed.
    """
    order = offer.order
    expert = offer.expert = lock_expert(offer.expert_id)
    must_be(by, ANSWERERS, order.unit_id, expert)
    if offer.many:
        raise Refused(_("Many have been asked: the unit chooses one of those who can."))
    lock_order(order)
    order.expert = expert
    stead = in_stead_of(by, expert)
    move(offer, OFFER["accept"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, answered_at=at)
    sessions = _times_to_take(order, expert, at, though_away=though_away)
    _in_time(offer, at)
    frozen = _freeze(sessions, order, at)
    move(order, ORDER["agree"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, fee_item=order.fee_item)
    _agree(frozen, order, expert, by=by, at=at)
    if order.asking != Order.Asking.ONE:
        _end_the_others(order, by=by, at=at)
    _tell_agreed(offer, order, sessions, at)
    return order


@act
def can(offer: Offer, *, by: User, at: datetime, though_away: bool = False) -> Order:
    """The expert's "I can" to a question that many got: the acceptance, if the unit chooses this expert.

    The same refusals as for ``accept``.
    """
    order = offer.order
    must_be(by, ANSWERERS, order.unit_id, offer.expert)
    if not offer.many:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    expert = lock_expert(offer.expert_id)
    lock_order(order)
    stead = in_stead_of(by, expert)
    move(offer, OFFER["can"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, answered_at=at)
    order.expert = None
    _times_to_take(order, expert, at, though_away=though_away)
    _in_time(offer, at)
    post_each(messages.OFFER_CAN, unit_side(order, at), about=offer, at=at, once="can", offer=offer, order=order)
    return order


@act
def choose(offer: Offer, *, by: User, at: datetime) -> Order:
    """The unit chooses one of those who can: agreed at once, for the expert has said yes. The others hear it.

    Orderers of the unit and the coordinator. Raises Refused (the expert is not free any more, no contract, begun):
    then another can be chosen; Conflict when somebody has chosen already.
    """
    order = offer.order
    must_be(by, ORDERERS | {Role.COORDINATOR}, order.unit_id)
    expert = lock_expert(offer.expert_id)
    lock_order(order)
    move(offer, OFFER["choose"], by=by, at=at, unit_id=order.unit_id)
    order.expert = expert
    sessions = _times_to_take(order, expert, at, though_away=True)
    frozen = _freeze(sessions, order, at)
    move(order, ORDER["choose"], by=by, at=at, unit_id=order.unit_id, expert=expert, fee_item=order.fee_item)
    _agree(frozen, order, expert, by=by, at=at)
    _end_the_others(order, by=by, at=at)
    post(
        messages.OFFER_CHOSEN, who_hears(expert), about=offer, at=at, once="chosen", offer=offer, order=order,
        times=sessions,
    )  # fmt: skip
    _tell_agreed(offer, order, sessions, at)
    return order


@act
def decline(offer: Offer, *, by: User, at: datetime) -> Offer:
    """The expert's no; no reason is asked (R3). The next in turn is asked, or the coordinator looks for another."""
    order = offer.order
    must_be(by, ANSWERERS, order.unit_id, offer.expert)
    lock_order(order)
    stead = in_stead_of(by, offer.expert)
    move(offer, OFFER["decline"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, answered_at=at)
    following = go_on(order, by=by, at=at)
    tell_unit_unanswered(offer, order, following, at=at, declined=True)
    return offer


@act
def record_agreed(
    *,
    unit: Unit,
    orderer: User,
    expert: Expert,
    kind: str,
    task: str,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    at: datetime,
    agreed_amount: Decimal | None = None,
    fee_declined: bool = False,
    travel_km: Decimal | None = None,
    place: str = "",
    language: str = "fi",
    source: str = "",
) -> Session:
    """A session that was agreed outside the program at ``at`` (imported, demonstration): an agreed order of one time.

    The same checks as for ``accept``, but the time may be past, and nobody gets a message. Coordinators only.
    """
    must_be(by, {Role.COORDINATOR}, unit.pk)
    no_codes(task, place)
    times = [(starts_at, ends_at)]
    check_times(times)
    expert = lock_expert(expert.pk)
    check_expert(expert, kind, times)
    order = Order.objects.create(
        unit=unit, orderer=orderer, kind=kind, task=task, language=language, place=place, expert=expert,
        agreed_amount=agreed_amount, fee_declined=fee_declined, travel_km=travel_km, state=OrderState.AGREED,
        created_at=at, submitted_at=at, confirmed_at=at, confirmed_by=by, source=source,
    )  # fmt: skip
    log("order.recorded", order, by=by, at=at, to_state=OrderState.AGREED, source=source)
    session = Session.objects.create(
        order=order, unit=unit, kind=kind, starts_at=starts_at, ends_at=ends_at, place=place
    )
    frozen = _freeze([session], order, at)
    Order.objects.filter(pk=order.pk).update(fee_item=order.fee_item)
    _agree(frozen, order, expert, by=by, at=at)
    return session
