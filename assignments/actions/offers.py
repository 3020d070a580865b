"""The expert's answer (R3, R4)."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.common import (
    Conditions,
    act,
    check_expert,
    check_future,
    check_present,
    check_times,
    in_stead_of,
    lock_expert,
    must_be,
    no_codes,
    planned,
    spans,
    unit_side,
)
from assignments.actions.orders import look_again
from assignments.models import Offer, Order, Session
from assignments.states import OFFER, ORDER, SESSION, OrderState
from experts.models import Expert
from office.actions import log, move
from office.choices import Role
from office.errors import Conflict
from office.models import Unit, User
from office.outbox import post

ANSWERERS = {Role.EXPERT, Role.COORDINATOR}


def _agree(sessions: list[Session], order: Order, expert: Expert, *, by: User, at: datetime) -> None:
    """Freezes each time with its own price and limit (R4, R13)."""
    conditions = Conditions()
    conditions.read_policies(session.starts_at for session in sessions)
    stead = in_stead_of(by, expert)
    for session in sessions:
        frozen = conditions.agreement(order, session.starts_at, session.ends_at, at)
        facts = {"agreed_fee": str(frozen["agreed_fee"]), "free_until": frozen["free_until"].isoformat()}
        move(
            session, SESSION["agree"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, facts=facts,
            expert=expert, **frozen,
        )  # fmt: skip
    if sessions:
        order.fee_item = sessions[0].fee_item
        Order.objects.filter(pk=order.pk).update(fee_item=order.fee_item)


@act
def accept(offer: Offer, *, by: User, at: datetime, though_away: bool = False) -> Order:
    """The expert takes the order: every time is agreed with its frozen price and free-cancellation limit (R4, R13).

    ``though_away``: the expert knows of being away then by the own list, and comes all the same. The coordinator may
    answer for an expert by telephone. Raises Refused (begun, no contract, busy, away) and Conflict
    (answered or withdrawn already); then nothing is agreed.
    """
    order = offer.order
    must_be(by, ANSWERERS, order.unit_id, offer.expert)
    expert = lock_expert(offer.expert_id)
    order.expert = expert
    stead = in_stead_of(by, expert)
    move(offer, OFFER["accept"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, answered_at=at)
    sessions = planned(order)
    if not sessions:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    check_future(spans(sessions), at)
    check_expert(expert, order.kind, spans(sessions))
    if not though_away:
        check_present(expert, spans(sessions))
    move(order, ORDER["agree"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead)
    _agree(sessions, order, expert, by=by, at=at)
    for person in unit_side(order, at):
        post(
            messages.OFFER_ACCEPTED,
            person,
            about=offer,
            at=at,
            once="accepted",
            offer=offer,
            order=order,
            times=sessions,
        )
    return order


@act
def decline(offer: Offer, *, by: User, at: datetime) -> Offer:
    """The expert's no; no reason is asked (R3). The coordinator looks for another expert."""
    order = offer.order
    must_be(by, ANSWERERS, order.unit_id, offer.expert)
    stead = in_stead_of(by, offer.expert)
    move(offer, OFFER["decline"], by=by, at=at, unit_id=order.unit_id, on_behalf_of=stead, answered_at=at)
    look_again(order, by=by, at=at)
    for person in unit_side(order, at):
        post(messages.OFFER_DECLINED, person, about=offer, at=at, once="declined", offer=offer, order=order)
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
    _agree([session], order, expert, by=by, at=at)
    return session
