"""Orders: written, sent to be confirmed, confirmed, offered, cancelled."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from assignments import messages, texts_changes
from assignments.actions.asking import ask, begin, check_asked, lock_order, queue, tell_coordinators, withdraw_all
from assignments.actions.changes import conditions_of, difference, edits_of
from assignments.actions.common import act, allowance_agreed, check_orderable, no_codes, travel_agreed
from assignments.actions.free import check_times, lock_expert, planned
from assignments.actions.people import confirmers, must_be
from assignments.actions.plans import check_plan, remember_contact, write_plan
from assignments.actions.second import check_led, check_second, keep_second, lock_both, lock_experts
from assignments.models import Offer, Order, Session, UnitHabits
from assignments.pairs import both, first_of
from assignments.states import ORDER, SESSION, OrderState, SessionState
from experts.models import Expert, Topic
from office.actions import log, move
from office.choices import NAMED, ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.outbox import post


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
    travel_mode: str = "",
    travel_cap: Decimal | None = None,
    allowance: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    plan: Mapping[str, Any] | None = None,
    times: Iterable[tuple[datetime, datetime]] = (),
) -> Order:
    """Writes an order, or rewrites a draft with all its times. Nothing is priced or promised yet.

    One that waits for confirmation is rewritten by who may confirm it. ``plan``: the answers of its kind of work
    (assignments.plans), None leaves them as they are.

    Times are aware and half-open. Raises Refused (not of this unit, times out of order), Conflict (no draft any more).
    """
    must_be(by, ORDERERS | {Role.COORDINATOR}, unit.pk)
    no_codes(task, place, wish, contact_name, contact_phone)
    wanted = sorted(times)
    check_times(wanted)
    travel = travel_agreed(travel_mode, travel_km, travel_cap)
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
        check_second(order, expert)
    before = conditions_of(order) if order.state == OrderState.TO_CONFIRM else {}
    order.unit, order.kind, order.task, order.language = unit, kind, task, language
    order.place, order.remote, order.topic, order.expert = place, remote, topic, expert
    order.wish, order.agreed_amount, order.fee_declined = wish, agreed_amount, fee_declined
    order.travel_mode, order.travel_km, order.travel_cap = travel
    order.allowance = allowance_agreed(allowance, order.travel_mode)
    order.contact_name, order.contact_phone = contact_name, contact_phone
    order.save()
    if plan is not None:
        write_plan(order, plan)
    order.sessions.filter(state=SessionState.PLANNED).delete()
    Session.objects.bulk_create(
        Session(order=order, unit=unit, kind=kind, starts_at=start, ends_at=end, place=place) for start, end in wanted
    )
    if new:
        log("order.written", order, by=by, at=at, to_state=OrderState.DRAFT, times=len(wanted))
    elif order.state == OrderState.TO_CONFIRM and (changes := difference(before, conditions_of(order))):
        log("order.changed", order, by=by, at=at, changes=changes)
    keep_second(order, by=by, at=at)
    return order


@act
def submit(order: Order, *, by: User, at: datetime) -> Order:
    """Sends a draft to the unit's named employee (R1); the named employee's and the deputy's own is confirmed at once.

    Raises Refused when it cannot be ordered as it is (times, fee, amount, contract, the expert's other sessions).
    """
    order = first_of(order)
    for one in both(order):
        check_asked(one, at)
    check_plan(order)
    check_led(order)
    remember_contact(order)
    for one in both(order):
        move(one, ORDER["submit"], by=by, at=at, unit_id=one.unit_id, submitted_at=at)
    if by.holdings.holds(NAMED, order.unit_id):
        return confirm(order, by=by, at=at)
    if by.holdings.holds({Role.STAFF}, order.unit_id) and _trusts_now(order):
        return _settle(order, "trust", by=by, at=at)
    for person in confirmers(order.unit, at):
        post(messages.ORDER_TO_CONFIRM, person, about=order, at=at, order=order, times=planned(order))
    return order


@act
def confirm(order: Order, *, by: User, at: datetime, answer_by: datetime | None = None) -> Order:
    """The named employee's (deputy's, coordinator's) yes (R1): the expert is asked, or the coordinator looks for one.

    ``answer_by``: until when the expert answers; default the third working day, at the latest the first session.
    """
    order = first_of(order)
    edits = edits_of(order)
    order = _settle(order, "confirm", by=by, at=at, answer_by=answer_by)
    if edits and order.orderer_id != by.pk:
        words = partial(texts_changes.describe_edits, edits)
        post(messages.ORDER_CHANGED, order.orderer, about=order, at=at, order=order, times=planned(order), edits=words)
    return order


def _settle(order: Order, how: str, *, by: User, at: datetime, answer_by: datetime | None = None) -> Order:
    """From confirming to asking; ``how``: confirmed by the named employee, or staff are trusted."""
    orders = both(order)
    named = {one.pk: one.expert_id for one in orders}
    experts = lock_experts(named.values())
    lock_both(orders)
    for one in orders:
        if one.expert_id != named[one.pk]:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
    for one in orders:
        expert = experts[one.expert_id] if one.expert_id else None
        _settle_one(one, expert, how, by=by, at=at, answer_by=answer_by)
    return order


def _settle_one(
    order: Order, expert: Expert | None, how: str, *, by: User, at: datetime, answer_by: datetime | None
) -> None:
    yes: dict[str, Any] = {"confirmed_at": at, "confirmed_by": by}
    if begin(order, f"{how}_and_offer", by=by, at=at, answer_by=answer_by, **yes):
        return
    check_orderable(order, at, expert)
    step = ORDER[f"{how}_and_offer" if expert else f"{how}_to_coordinator"]
    move(order, step, by=by, at=at, unit_id=order.unit_id, asking=Order.Asking.ONE, **yes)
    if expert:
        ask(order, expert, at=at, answer_by=answer_by)
    else:
        tell_coordinators(order, at)


def _trusts_now(order: Order) -> bool:
    """What the unit says at this moment, whatever a page has read before."""
    return UnitHabits.objects.filter(unit=order.unit_id, trusts_staff=True).exists()


def trusts_staff(unit: Unit) -> bool:
    """Whether the unit's staff order without the named employee's confirmation (one query, none with ``habits``)."""
    try:
        return unit.habits.trusts_staff
    except UnitHabits.DoesNotExist:
        return False


@act
def set_trust(unit: Unit, *, trusts: bool, by: User, at: datetime) -> UnitHabits:
    """The unit's word on whether its staff order without confirmation. Named employee, deputy, coordinator (R1)."""
    must_be(by, NAMED | {Role.COORDINATOR}, unit.pk)
    habits, _made = UnitHabits.objects.select_for_update().get_or_create(unit=unit)
    if habits.trusts_staff != trusts:
        habits.trusts_staff = trusts
        habits.save(update_fields=["trusts_staff"])
        log("unithabits.trust" if trusts else "unithabits.confirm", habits, by=by, at=at)
    return habits


@act
def make_offer(order: Order, expert: Expert, *, by: User, at: datetime, answer_by: datetime | None = None) -> Offer:
    """The coordinator asks an expert for an order that has none (R2)."""
    expert = lock_expert(expert.pk)
    lock_order(order)
    check_orderable(order, at, expert)
    queue(order, [], asking=Order.Asking.ONE, at=at, answer_days=None)
    move(order, ORDER["offer"], by=by, at=at, unit_id=order.unit_id, facts={"expert": expert.pk}, expert=expert)
    return ask(order, expert, at=at, answer_by=answer_by)


@act
def ask_several(
    order: Order, experts: Sequence[Expert], *, asking: str, by: User, at: datetime, answer_days: int | None = None
) -> Order:
    """The coordinator asks several experts, in turn or at once, for an order that has none (R2)."""
    lock_order(order)
    must_be(by, {Role.COORDINATOR}, order.unit_id)
    if order.state != OrderState.LOOKING:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    queue(order, experts, asking=asking, at=at, answer_days=answer_days)
    check_asked(order, at)
    begin(order, "offer", by=by, at=at)
    return order


@act
def cancel_order(order: Order, *, by: User, at: datetime, reason: str = "") -> Order:
    """Cancels an order that nobody has accepted: it never pays (M9). Agreed sessions are cancelled one by one.

    Two experts kept together are cancelled together; Conflict when one of them has agreed.
    """
    no_codes(reason)
    if order.state == OrderState.AGREED:
        raise Refused(_("The order has been agreed. Cancel its sessions one by one."))
    orders = both(order)
    lock_both(orders)
    if any(one.state == OrderState.AGREED for one in orders):
        raise Conflict(_("One of the two experts has agreed. Decide on the page of the order what happens."))
    for one in orders:
        cancel_one(one, by=by, at=at, reason=reason)
    return order


def cancel_one(order: Order, *, by: User, at: datetime, reason: str = "") -> None:
    """Cancels this order only, locked already. For actions only."""
    withdraw_all(order, by=by, at=at, because=Offer.Ended.CANCELLED)
    move(order, ORDER["cancel"], by=by, at=at, unit_id=order.unit_id, reason=reason)
    for session in planned(order):
        move(session, SESSION["drop"], by=by, at=at, unit_id=order.unit_id)


def soon(offer: Offer, at: datetime) -> bool:
    """Whether an unanswered offer runs out within a day."""
    return offer.answer_by - at < timedelta(days=1)
