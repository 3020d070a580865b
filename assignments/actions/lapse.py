"""Those who said "I can" and among whom nobody chooses: their times are not kept free for ever."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.asking import ANSWER_CLOCK, lock_order, look_again, open_offers
from assignments.actions.common import act
from assignments.actions.free import planned
from assignments.actions.people import unit_side
from assignments.models import Offer, Order
from assignments.states import OFFER, OfferState, OrderState
from experts.readers import who_hears
from office.actions import move
from office.errors import Conflict, Refused
from office.outbox import post
from office.policies import rules_on
from office.workdays import at_wall_clock, local_date, next_working_day

#: Working days to choose in, after the last answer has come or its time is over; at the latest the first time.
CHOOSE_WORKING_DAYS = 3


def choose_by(offers: Iterable[Offer], first: datetime, *, closing_days: Collection[date]) -> datetime | None:
    """Until when one of those who can is chosen (UTC); None while somebody may still answer or nobody can."""
    rows = list(offers)
    if any(offer.state in {OfferState.WAITING, OfferState.QUEUED} for offer in rows):
        return None
    answered = [offer.answered_at for offer in rows if offer.answered_at is not None]
    if not answered or not any(offer.state == OfferState.CAN for offer in rows):
        return None
    return chosen_by(first, max(answered), closing_days=closing_days)


def chosen_by(first: datetime, last_answer: datetime, *, closing_days: Collection[date]) -> datetime:
    """16:00 on the third working day after the last answer, or when the first time begins (UTC). No query."""
    day = local_date(last_answer)
    for _step in range(CHOOSE_WORKING_DAYS):
        day = next_working_day(day, closing_days=closing_days)
    return min(at_wall_clock(day, ANSWER_CLOCK), first)


@act
def lapse(order: Order, *, at: datetime) -> Order:
    """Nobody has chosen in time: those who can are told that their times are free, the coordinator looks. By the clock.

    Raises Refused while there is time, Conflict when somebody has been chosen or asked meanwhile.
    """
    lock_order(order)
    times = planned(order)
    off = rules_on(local_date(at)).closing_days
    by = choose_by(order.offers.all(), times[0].starts_at, closing_days=off) if times else None
    if order.state != OrderState.OFFERED or by is None:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    if at <= by:
        raise Refused(_("There is still time to choose."))
    for offer in open_offers(order):
        move(offer, OFFER["lapse"], by=None, at=at, unit_id=order.unit_id, ended_because=Offer.Ended.LAPSED)
        post(
            messages.OFFER_LAPSED, who_hears(offer.expert), about=offer, at=at, once="lapsed", offer=offer, order=order
        )
    for person in unit_side(order, at):
        post(messages.NOBODY_CHOSEN, person, about=order, at=at, order=order, by=by)
    look_again(order, by=None, at=at)
    return order


def lapse_due(*, at: datetime) -> int:
    """Ends every order among whose yeses nobody has chosen in time. One that was settled meanwhile is left alone."""
    open_ = Offer.objects.filter(order=OuterRef("pk"))
    orders = Order.objects.filter(
        Exists(open_.filter(state=OfferState.CAN)),
        ~Exists(open_.filter(state__in=[OfferState.WAITING, OfferState.QUEUED])),
        state=OrderState.OFFERED,
        asking=Order.Asking.WHO_CAN,
    )
    ended = 0
    for order in orders.select_related("unit", "orderer").order_by("pk"):
        try:
            lapse(order, at=at)
        except (Conflict, Refused):
            continue
        ended += 1
    return ended
