"""What a page showed of an order before somebody confirmed or cancelled it: others may have changed it since (T1)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from assignments.actions.plans import plan_values
from assignments.actions.series import seal_of
from assignments.models import Offer, Order
from assignments.states import OrderState

#: What of each of the orders is confirmed, besides the plan and the times.
SHOWN = (
    "state", "unit_id", "kind", "task", "language", "topic_id", "expert_id", "wish", "asking", "answer_days", "place",
    "remote", "contact_name", "contact_phone", "agreed_amount", "fee_declined", "travel_mode", "travel_km",
    "travel_cap", "allowance",
)  # fmt: skip


def order_seal(
    order: Order, other: Order | None, times: Iterable[tuple[datetime, datetime]], queued: Iterable[Offer]
) -> str:
    """A short mark of the order and of the one kept together with it. No query."""
    facts: list[object] = [getattr(one, name) for one in (order, other) if one is not None for name in SHOWN]
    facts += [*plan_values(order).items(), *times]
    return seal_of([*facts, *((offer.turn, offer.expert_id) for offer in queued)])


def sent_words(order: Order) -> str:
    """What has become of an order that was sent or confirmed."""
    if order.state == OrderState.OFFERED and order.asking == Order.Asking.WHO_CAN:
        return _("The order is confirmed, and the experts have been asked who can.")
    if order.state == OrderState.OFFERED and order.expert:
        return _("The order is confirmed, and %(expert)s has been asked.") % {"expert": order.expert.short_name}
    if order.state == OrderState.LOOKING:
        return _("The order is confirmed. The coordinator looks for an expert.")
    return _("The order has been sent to the named employee of the unit to be confirmed.")
