"""Sessions that an office brings along: agreed, and over, before the program was there."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from assignments.actions.common import act, no_codes
from assignments.actions.conditions import Conditions
from assignments.actions.free import check_expert, check_times, lock_expert
from assignments.actions.outcomes import examine
from assignments.models import Order, Session
from assignments.rules import Event
from assignments.states import OrderState, SessionState
from experts.models import Expert
from office.actions import log
from office.models import Unit, User


@dataclass(frozen=True)
class Past:
    """One session of the past and what happened to it. ``source`` names the file and row it comes from."""

    unit: Unit
    orderer: User
    expert: Expert
    kind: str
    task: str
    starts_at: datetime
    ends_at: datetime
    event: Event
    received_at: datetime | None = None
    agreed_amount: Decimal | None = None
    travel_km: Decimal | None = None
    done_km: Decimal | None = None
    source: str = ""


@act
def record_past(past: Past, *, conditions: Conditions, by: User | None, at: datetime) -> Session:
    """Writes an agreed order of one time with its outcome; the same checks as everywhere, but nobody gets a message.

    When it was agreed is not known: the latest moment at which it can have been is stored. Raises Refused.
    """
    no_codes(past.task)
    times = [(past.starts_at, past.ends_at)]
    check_times(times)
    expert = lock_expert(past.expert.pk)
    check_expert(expert, past.kind, times)
    free_until = conditions.free_until(past.starts_at)
    agreed_at = min(free_until, past.received_at or free_until)
    order = Order(
        unit=past.unit,
        orderer=past.orderer,
        kind=past.kind,
        task=past.task,
        place=past.unit.place,
        expert=expert,
        agreed_amount=past.agreed_amount,
        travel_km=past.travel_km,
        state=OrderState.AGREED,
        created_at=at,
        submitted_at=agreed_at,
        confirmed_at=agreed_at,
        confirmed_by=past.orderer,
        source=past.source,
    )
    frozen = conditions.agreement(order, past.starts_at, past.ends_at, agreed_at)
    session = Session(
        order=order,
        unit=past.unit,
        expert=expert,
        kind=past.kind,
        starts_at=past.starts_at,
        ends_at=past.ends_at,
        place=past.unit.place,
        state=SessionState.CLOSED,
        recorded_at=at,
        recorded_by=by,
        **frozen,
    )
    held = times[0] if past.event is Event.HELD else None
    facts = examine(
        session, past.event, at=at, received_at=past.received_at, done=held, done_km=past.done_km or Decimal(0)
    )
    for name, value in facts.fields.items():
        setattr(session, name, value)
    order.fee_item = session.fee_item
    order.save()
    session.order = order
    session.save()
    log("session.imported", session, by=by, at=at, to_state=SessionState.CLOSED, source=past.source)
    return session
