"""A time that was done against an agreed order without having been agreed: one more meeting, or preparation (R4).

It is a session like all others, held; that it was added is kept by the hour list, where the unit looks at it by itself.
"""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.common import act
from assignments.actions.conditions import Conditions, as_agreed
from assignments.actions.free import check_expert, check_times, lock_expert
from assignments.actions.outcomes import examine
from assignments.actions.people import must_be
from assignments.actions.processes import follow
from assignments.models import Order, Session
from assignments.rules import Event, minutes
from assignments.states import OrderState, SessionState
from feetables.rules import choose
from office.actions import log
from office.choices import NAMED, Role
from office.errors import Refused
from office.models import User
from office.workdays import local_date

WRITERS = NAMED | {Role.EXPERT, Role.COORDINATOR}


@act
def add_held(
    order: Order,
    starts_at: datetime,
    ends_at: datetime,
    *,
    preparation: bool,
    by: User,
    at: datetime,
    done_km: Decimal | None = None,
) -> Session:
    """A held session of the order (UTC), priced by the fee table of its day as if it had been agreed then.

    Preparation has the table's own fee for it and no journey. Raises Refused: the order is not agreed, the time is not
    over, the contract does not cover it, the expert was elsewhere, the table has no fee.
    """
    order = Order.objects.select_for_update(of=("self",)).select_related("expert__user", "unit").get(pk=order.pk)
    must_be(by, WRITERS, order.unit_id, order.expert)
    if order.state != OrderState.AGREED or order.expert is None:
        raise Refused(_("Only an agreed order can get another row."))
    expert = lock_expert(order.expert.pk)
    check_times([(starts_at, ends_at)])
    if ends_at > at:
        raise Refused(_("The times are in the future."))
    check_expert(expert, order.kind, [(starts_at, ends_at)])
    conditions = Conditions()
    frozen = _of_preparation(conditions, order, starts_at, ends_at, at) if preparation else None
    frozen = frozen or conditions.agreement(order, starts_at, ends_at, at)
    session = Session(
        order=order, unit=order.unit, expert=expert, kind=order.kind, starts_at=starts_at, ends_at=ends_at,
        place=order.place, **frozen,
    )  # fmt: skip
    facts = examine(session, Event.HELD, at=at, done_km=done_km)
    for name, value in facts.fields.items():
        setattr(session, name, value)
    session.state, session.recorded_at, session.recorded_by = SessionState.CLOSED, at, by
    session.save()
    behalf = expert.user if expert.user_id != by.pk else None
    log("session.added", session, by=by, at=at, on_behalf_of=behalf, preparation=preparation, fee=str(session.fee))
    if not preparation:
        follow(session, by=by, at=at)
    return session


def _of_preparation(
    conditions: Conditions, order: Order, starts_at: datetime, ends_at: datetime, at: datetime
) -> dict[str, object]:
    """What a time of preparation freezes: the table's fee for it, no journey."""
    items = conditions.preparation_items(local_date(starts_at), order.kind)
    terms = [item.terms for item in items]
    code = choose(terms, minutes(starts_at, ends_at)).code
    return {
        "agreed_at": at,
        "free_until": conditions.free_until(starts_at),
        "fee_item": next(item for item in items if item.code == code),
        "terms": [item.to_json() for item in terms],
        "fee_declined": order.fee_declined,
    } | as_agreed(
        terms, starts_at, ends_at, agreed_amount=None, fee_declined=order.fee_declined, travel_terms=None,
        travel_km=None,
    )  # fmt: skip


@act
def drop_added(session: Session, *, by: User, at: datetime) -> None:
    """Takes an added time away for good; what leans on it goes before. For the hour list's action only."""
    must_be(by, WRITERS, session.unit_id, session.expert)
    order = session.order
    times = texts.span(session.starts_at, session.ends_at)
    session.delete()
    log("order.row_removed", order, by=by, at=at, times=times)
    if rest := order.sessions.order_by("-starts_at").first():
        follow(rest, by=by, at=at)
