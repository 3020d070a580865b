"""Two experts for one group or lecture, kept together (R7, R9): the order of the first and the order of the second.

Each has an order, an offer, sessions and a fee of their own; here is asked what belongs together. What is done to both
is in ``actions.pairs`` and beside each action.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from assignments.models import Move, Order, Session
from assignments.states import OPEN_MOVES, OrderState, SessionState
from experts.models import Expert
from experts.seen import name_for
from experts.shown import Stage
from office.choices import ORDERERS, Role
from office.kinds import TaskType

if TYPE_CHECKING:
    from office.models import User

#: What two experts may do together.
KINDS = frozenset({TaskType.GROUP, TaskType.LECTURE})
#: Nobody has been asked yet: both orders are written and sent as one.
WRITING = frozenset({OrderState.DRAFT, OrderState.TO_CONFIRM})


#: Orders of second experts that are not asked of anybody yet: lists show the first's only.
SECOND_IN_WRITING = Q(lead__isnull=False, state__in=[str(state) for state in WRITING])


def linked(order: Order) -> Order | None:
    """The order of the other expert, also when it was cancelled."""
    if order.kind not in KINDS:
        return None
    found: Order | None = order.companion if order.companion_id else getattr(order, "lead", None)
    return found


def other_of(order: Order) -> Order | None:
    """The order of the other expert, kept together with this one; None for one expert, or when one goes on alone."""
    found = linked(order)
    return None if found is None or OrderState.CANCELLED in {found.state, order.state} else found


def is_second(order: Order) -> bool:
    return order.kind in KINDS and order.companion_id is None and linked(order) is not None


def first_of(order: Order) -> Order:
    """The order that is written, sent and confirmed for both."""
    found = linked(order)
    return found if found is not None and order.companion_id is None else order


def both(order: Order) -> list[Order]:
    """The order, and that of the other expert."""
    other = other_of(order)
    return [order] if other is None else [order, other]


def one_is_missing(order: Order) -> tuple[Order, Order] | None:
    """(the order without an expert, the other one), when one has been asked or has agreed and the other is lacking."""
    other = other_of(order)
    if other is None:
        return None
    for missing, there in ((order, other), (other, order)):
        if missing.state == OrderState.LOOKING and there.state in {OrderState.OFFERED, OrderState.AGREED}:
            return missing, there
    return None


# --- sessions and moves ----------------------------------------------------------------------------------------------


def beside(sessions: Iterable[Session]) -> QuerySet[Session]:
    """The agreed sessions of the other expert at the same times as these (of one order), with what pages read."""
    rows = list(sessions)
    found = Session.objects.none()
    other = other_of(rows[0].order) if rows else None
    if other is not None:
        found = Session.objects.filter(
            order=other, state=SessionState.AGREED, starts_at__in=[one.starts_at for one in rows]
        )
    return found.select_related("order__unit", "order__orderer", "unit", "expert__user", "fee_item").order_by("pk")


def at_the_same_time(session: Session) -> Session | None:
    """The other expert's agreed session that is this one's second half."""
    if other_of(session.order) is None:
        return None
    return next((one for one in beside([session]) if one.ends_at == session.ends_at), None)


def of_other(move_: Move) -> QuerySet[Move]:
    """The open new times of the other expert that were proposed with this one."""
    order = move_.session.order
    other = other_of(order)
    rows = Move.objects.filter(proposed_by=move_.proposed_by_id, proposed_at=move_.proposed_at, state__in=OPEN_MOVES)
    rows = rows.filter(session__order=other) if other is not None else rows.none()
    return rows.select_related(
        "session__order__unit", "session__order__orderer", "session__expert__user", "proposed_by"
    ).order_by("starts_at", "pk")


# --- names -----------------------------------------------------------------------------------------------------------


def name_of_other(reader: "User", order: Order) -> str:
    """The expert of the other's order as the reader may see them; "" while nobody is chosen.

    The consent speaks of the units: a fellow expert is told no more than what is shown before the work is agreed.
    """
    if order.expert is None:
        return ""
    unit_side = reader.has_role(Role.COORDINATOR) or reader.holdings.holds(ORDERERS, order.unit_id)
    agreed = unit_side and order.state == OrderState.AGREED
    return name_for(reader, order.expert, Stage.AFTER if agreed else Stage.BEFORE)


def short(expert: Expert | None) -> str:
    """The name in sentences that everybody may read."""
    return expert.short_name if expert else ""
