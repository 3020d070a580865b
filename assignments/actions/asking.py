"""Whom an order is asked of: one expert, several in turn, or many "who can?" (R2, R3).

Locks come in the same order everywhere: expert, order, offers. Who cannot take it any more when the turn comes is
passed over; when nobody is left the order looks for an expert again.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.common import act, check_orderable
from assignments.actions.free import planned
from assignments.actions.people import coordinators, must_be, unit_side
from assignments.actions.tokens import new_link
from assignments.models import Offer, Order, Session
from assignments.pairs import both
from assignments.rules import RuleError
from assignments.states import OFFER, ORDER, OfferState, OrderState
from experts.models import Expert
from experts.readers import who_hears, who_is_asked
from feetables.rules import FeeError
from office.actions import log, move
from office.asked_once import Question
from office.choices import NAMED, ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import OutboxMessage, User
from office.outbox import post
from office.policies import rules_on
from office.reminders import sending_moment, setting_of
from office.workdays import at_wall_clock, local_date, next_working_day

ANSWER_WORKING_DAYS = 3
ANSWER_CLOCK = time(16, 0)
#: More than these are not asked of one order: each of them keeps the time free while the question is open.
MOST_ASKED = 8

OPEN = (OfferState.QUEUED, OfferState.WAITING, OfferState.CAN)
IN_TURN, WHO_CAN = Order.Asking.IN_TURN, Order.Asking.WHO_CAN


def answer_by_default(first: datetime, at: datetime, days: int = ANSWER_WORKING_DAYS) -> datetime:
    """Until when an offer is answered: 16:00 on that working day, or when the first session begins, in UTC."""
    day = local_date(at)
    closed = rules_on(day).closing_days
    for _step in range(days):
        day = next_working_day(day, closing_days=closed)
    return min(at_wall_clock(day, ANSWER_CLOCK), first)


_LOCKED = Question(
    lambda pk: (
        Order.objects.select_for_update().values_list("state", "asking", "expert_id", "answer_days").filter(pk=pk)
    ),
    pk=int,
)
_OPEN = Question(lambda order: open_offers(Order(pk=order)), order=int)


def lock_order(order: Order) -> None:
    """Whatever ends or begins a question of the order comes one by one; tells what the order is by now."""
    now = _LOCKED.one(pk=order.pk)
    if now is None:
        raise Order.DoesNotExist
    order.state, order.asking, order.expert_id, order.answer_days = now


def open_offers(order: Order) -> QuerySet[Offer]:
    """Questions that are not ended, in their turn."""
    found = Offer.objects.filter(order=order, state__in=OPEN).select_related("expert__user")
    return found.order_by("turn", "pk")


def still_open(order: Order) -> list[Offer]:
    """The same, read now."""
    return _OPEN(order=order.pk)


# --- whom ------------------------------------------------------------------------------------------------------------


@act
def choose_whom(
    order: Order, *, by: User, at: datetime, asking: str, experts: Sequence[Expert] = (), answer_days: int | None = None
) -> Order:
    """Writes on a draft (or on one that waits for its confirmation) whom it will be asked of, in this order.

    ``experts``: for one in turn or who can; for ``one`` none, its expert stands on the order. Raises Refused (none,
    too many, one twice), Conflict (sent already).
    """
    lock_order(order)
    writers = {OrderState.DRAFT: ORDERERS, OrderState.TO_CONFIRM: NAMED}.get(OrderState(order.state))
    if writers is None:
        raise Conflict(_("The order has been sent already. Look at the page again."))
    must_be(by, writers | {Role.COORDINATOR}, order.unit_id)
    before = [order.asking, *order.offers.filter(state=OfferState.QUEUED).values_list("expert", flat=True)]
    queue(order, experts, asking=asking, at=at, answer_days=answer_days)
    if order.state == OrderState.TO_CONFIRM and before != [asking, *(expert.pk for expert in experts)]:
        log("order.changed", order, by=by, at=at, changes={"asking": [before[0], asking]})
    return order


def queue(
    order: Order, experts: Sequence[Expert], *, asking: str, at: datetime, answer_days: int | None
) -> list[Offer]:
    """The row of those to ask; nobody has been asked yet. Refused: none, too many, one twice."""
    if asking != Order.Asking.ONE:
        if not experts:
            raise Refused(_("Choose whom to ask."))
        if len(experts) > MOST_ASKED:
            raise Refused(_("At most %(most)s experts are asked of one order.") % {"most": MOST_ASKED})
        order.expert = experts[0] if asking == IN_TURN else None
    order.asking, order.answer_days = asking, answer_days or ANSWER_WORKING_DAYS
    if not 1 <= order.answer_days <= 10:
        raise Refused(_("Give from 1 to 10 working days to answer."))
    Order.objects.filter(pk=order.pk).update(asking=order.asking, answer_days=order.answer_days, expert=order.expert_id)
    order.offers.filter(state=OfferState.QUEUED).delete()
    return [
        Offer.objects.create(
            order=order, expert=expert, state=OfferState.QUEUED, many=asking == WHO_CAN, turn=turn, sent_at=at,
            answer_by=at,
        )
        for turn, expert in enumerate(experts, 1)
    ]  # fmt: skip


def check_asked(order: Order, at: datetime) -> None:
    """What must be true before an order is sent: each of those to ask could take it now. Refused in words."""
    check_orderable(order, at, order.expert)
    for offer in open_offers(order):
        check_orderable(order, at, offer.expert)


def _able(order: Order, expert: Expert, at: datetime) -> bool:
    try:
        check_orderable(order, at, expert)
    except (Refused, RuleError, FeeError):
        return False
    return True


# --- asking ----------------------------------------------------------------------------------------------------------


def ask(order: Order, expert: Expert, *, at: datetime, answer_by: datetime | None = None) -> Offer:
    """The question to one expert, who has been chosen for the order."""
    sessions = planned(order)
    offer = Offer.objects.create(
        order=order, expert=expert, sent_at=at, answer_by=_answer_by(order, sessions, at, answer_by)
    )
    _send(offer, order, sessions, at)
    return offer


def _answer_by(order: Order, sessions: list[Session], at: datetime, answer_by: datetime | None) -> datetime:
    first = min(session.starts_at for session in sessions)
    until = answer_by or answer_by_default(first, at, order.answer_days)
    if not at < until <= first:
        raise Refused(_("The answer must be asked for before the first session begins."))
    return until


def _send(offer: Offer, order: Order, sessions: list[Session], at: datetime) -> None:
    link = reverse("assignments:answer", args=[new_link(offer)])
    reader = who_is_asked(offer.expert)
    post(messages.OFFER, reader, about=offer, at=at, secret=link, offer=offer, order=order, times=sessions)


def _turn(offer: Offer, order: Order, *, by: User | None, at: datetime, answer_by: datetime | None = None) -> None:
    """The turn of one in the row: the question leaves now, with an answer time of its own."""
    sessions = planned(order)
    until = _answer_by(order, sessions, at, answer_by)
    move(offer, OFFER["turn"], by=by, at=at, unit_id=order.unit_id, sent_at=at, answer_by=until)
    _send(offer, order, sessions, at)


def _next(order: Order, *, by: User | None, at: datetime) -> Offer | None:
    """The next in the row who can take it now; those who cannot are passed over."""
    for offer in open_offers(order).filter(state=OfferState.QUEUED):
        if _able(order, offer.expert, at):
            return offer
        skipped: dict[str, Any] = {"answered_at": at, "ended_because": Offer.Ended.NOT_FREE}
        move(offer, OFFER["skip"], by=by, at=at, unit_id=order.unit_id, **skipped)
    return None


def begin(
    order: Order, step: str, *, by: User, at: datetime, answer_by: datetime | None = None, **changes: Any
) -> bool:
    """Takes the step ``<step>_and_offer`` and asks whoever stands in the row; False when nobody does."""
    taking = partial(move, order, ORDER[step], by=by, at=at, unit_id=order.unit_id)
    row = list(open_offers(order).filter(state=OfferState.QUEUED))
    if not row:
        return False
    first = _next(order, by=by, at=at)
    if first is None:
        raise Refused(_("None of the chosen experts can take it any more. Choose others."))
    if order.asking == IN_TURN:
        taking(expert=first.expert, **changes)
        _turn(first, order, by=by, at=at, answer_by=answer_by)
        return True
    taking(expert=None, **changes)
    while first is not None:
        _turn(first, order, by=by, at=at, answer_by=answer_by)
        first = _next(order, by=by, at=at)
    return True


def go_on(order: Order, *, by: User | None, at: datetime) -> Offer | None:
    """After a question has ended without a yes: the next in turn is asked; with nobody left the order looks again."""
    left = open_offers(order)
    if left.filter(state__in=[OfferState.WAITING, OfferState.CAN]).exists():
        return None
    if order.asking == IN_TURN and (offer := _next(order, by=None, at=at)):
        order.expert = offer.expert
        Order.objects.filter(pk=order.pk).update(expert=offer.expert)
        _turn(offer, order, by=None, at=at)  # nobody's deed: the turn comes by itself
        return offer
    look_again(order, by=by, at=at)
    return None


def look_again(order: Order, *, by: User | None, at: datetime) -> None:
    """The order is without an expert again; the coordinators hear of it."""
    move(order, ORDER["look_again"], by=by, at=at, unit_id=order.unit_id, expert=None)
    tell_coordinators(order, at)


def tell_coordinators(order: Order, at: datetime) -> None:
    for person in coordinators(at):
        post(messages.ORDER_LOOKING, person, about=order, at=at, order=order, times=planned(order))


def tell_unit_unanswered(offer: Offer, order: Order, following: Offer | None, *, at: datetime, declined: bool) -> None:
    """The unit hears what became of a question and what happens now; of many, only when the last one has ended."""
    if offer.many and open_offers(order).filter(state=OfferState.WAITING).exists():
        return
    able = open_offers(order).filter(state=OfferState.CAN).count()
    what = messages.OFFER_DECLINED if declined else messages.OFFER_UNANSWERED
    for person in unit_side(order, at):
        post(
            what, person, about=offer, at=at, once="declined" if declined else "expired", offer=offer, order=order,
            following=following, able=able,
        )  # fmt: skip


# --- taking back -----------------------------------------------------------------------------------------------------


def withdraw(offer: Offer, order: Order, *, by: User, at: datetime, because: str = "") -> None:
    """One question is taken back. Whoever had been asked hears why."""
    asked = offer.state != OfferState.QUEUED
    moment: dict[str, Any] = {} if offer.state == OfferState.CAN else {"answered_at": at}
    move(offer, OFFER["withdraw"], by=by, at=at, unit_id=order.unit_id, ended_because=because, **moment)
    if asked:
        post(
            messages.OFFER_WITHDRAWN, who_hears(offer.expert), about=offer, at=at, once="withdrawn", offer=offer,
            order=order, because=because,
        )  # fmt: skip


def withdraw_all(order: Order, *, by: User, at: datetime, because: str = "") -> list[Expert]:
    """Every open question of the order is taken back; tells of whom it was asked, in their turn."""
    offers = list(open_offers(order))
    for offer in offers:
        withdraw(offer, order, by=by, at=at, because=because)
    return [offer.expert for offer in offers]


@act
def withdraw_offer(offer: Offer, *, by: User, at: datetime) -> Offer:
    """Takes back the question to one expert; the next in turn is asked, or the order looks for another expert."""
    order = offer.order
    lock_order(order)
    offer.state = Offer.objects.values_list("state", flat=True).get(pk=offer.pk)
    withdraw(offer, order, by=by, at=at)
    if order.state == OrderState.OFFERED:
        go_on(order, by=by, at=at)
    return offer


@act
def withdraw_asking(order: Order, *, by: User, at: datetime) -> Order:
    """Takes back all that is asked; the coordinator looks for an expert. Conflict when nothing is open."""
    lock_order(order)
    if order.state != OrderState.OFFERED:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    withdraw_all(order, by=by, at=at)
    look_again(order, by=by, at=at)
    return order


@act
def change_asked(order: Order, *, by: User, at: datetime) -> Order:
    """Opens an order that has been offered for changes: what was asked holds no more, so the questions are taken back,
    and the same experts are asked anew when it is confirmed again. Named employee, deputy, coordinator.

    Two experts kept together are opened together; Refused when only one of the two is being asked.
    """
    orders = sorted(both(order), key=lambda one: one.pk)
    for one in orders:
        lock_order(one)
    if order.state == OrderState.OFFERED and any(one.state != OrderState.OFFERED for one in orders):
        raise Refused(_("The other expert has answered already, so the order can no longer be changed for both."))
    for one in orders:
        _open(one, by=by, at=at)
    return order


def _open(order: Order, *, by: User, at: datetime) -> None:
    asked = open_offers(order)
    again = [offer.expert for offer in asked] if order.asking != Order.Asking.ONE else []
    move(order, ORDER["change"], by=by, at=at, unit_id=order.unit_id)
    withdraw_all(order, by=by, at=at, because=Offer.Ended.CHANGED)
    if again:
        queue(order, again, asking=order.asking, at=at, answer_days=order.answer_days)


# --- the clock -------------------------------------------------------------------------------------------------------


@act
def expire(offer: Offer, *, at: datetime) -> Offer:
    """The time to answer is over (the moment itself still counts): the next in turn is asked. By the clock.

    Raises Refused while there is time, Conflict when it was answered.
    """
    order = offer.order
    lock_order(order)
    if at <= offer.answer_by:
        raise Refused(_("There is still time to answer."))
    move(offer, OFFER["expire"], by=None, at=at, unit_id=order.unit_id, answered_at=at)
    following = go_on(order, by=None, at=at)
    post(messages.OFFER_EXPIRED, who_hears(offer.expert), about=offer, at=at, once="expired", offer=offer, order=order)
    tell_unit_unanswered(offer, order, following, at=at, declined=False)
    return offer


def expire_due(*, at: datetime) -> int:
    """Ends every question whose time is over. One that was answered meanwhile is left alone."""
    due = Offer.objects.filter(state=OfferState.WAITING, answer_by__lt=at)
    ended = 0
    for offer in due.select_related("order__unit", "order__orderer", "expert__user").order_by("answer_by", "pk"):
        try:
            expire(offer, at=at)
        except (Conflict, Refused):
            continue
        ended += 1
    return ended


def remind_due(*, at: datetime) -> int:
    """Reminds of a question so many days before its time is over (a dated setting); once for each number of days, and
    not of one that was asked later than that.

    Not at night nor on a day off, but where the time is over before the next morning of a working day.
    """
    today = local_date(at)
    how = setting_of(messages.OFFER_REMINDING, today)
    if not how.is_on or not how.days:
        return 0
    soon = Offer.objects.filter(
        state=OfferState.WAITING, answer_by__gt=at, answer_by__lte=at + timedelta(days=max(how.days))
    )
    reminded = OutboxMessage.objects.filter(
        kind=messages.OFFER_REMINDER.name, about_type="assignments.offer", about_id=OuterRef("pk")
    )
    last = Subquery(reminded.order_by("-created_at").values("created_at")[:1])
    count = 0
    quiet_until = sending_moment(at, rules_on(today))
    for offer in soon.annotate(reminded_at=last).select_related("order__unit", "expert__user").order_by("pk"):
        number = min(days for days in how.days if offer.answer_by - timedelta(days=days) <= at)
        begun = offer.answer_by - timedelta(days=number)
        last_at: datetime | None = offer.reminded_at  # type: ignore[attr-defined]  # annotated
        done = last_at is not None and last_at >= begun
        if not done and offer.sent_at < begun and (quiet_until == at or offer.answer_by <= quiet_until):
            post(
                messages.OFFER_REMINDER, who_is_asked(offer.expert), about=offer, at=at, once=f"reminder/{number}",
                offer=offer, order=offer.order,
            )  # fmt: skip
            count += 1
    return count
