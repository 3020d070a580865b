"""Travel costs of a time that has its outcome: tickets, and what a late cancellation left to pay, by receipts."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments.actions.common import act
from assignments.actions.decided import by_the_rule
from assignments.actions.people import acts_as
from assignments.models import Session
from assignments.rules import BY_OUTCOME, Outcome, TravelPaid
from assignments.states import SessionState
from office.actions import log
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import User


def may_have_costs(session: Session) -> bool:
    """Whether receipts are paid: a journey by ticket that was made, or a late cancellation of an agreed journey."""
    if session.state != SessionState.CLOSED or session.travel_terms is None:
        return False
    verdict = BY_OUTCOME.get(Outcome(session.outcome))
    if verdict is None:
        return False
    return verdict.travel is TravelPaid.RECEIPTS or (
        verdict.travel is TravelPaid.MADE and session.travel_cap is not None
    )


@act
def tell_costs(session: Session, receipts: Decimal | None, *, by: User, at: datetime) -> Session:
    """Writes what the receipts come to, in euros and cents (None: none), and what of it is paid; the fee stays.

    Raises Refused where no receipts are paid and after the hour list has been approved (a trigger). Saying the same
    again changes nothing.
    """
    if not acts_as(by, session.unit_id, session.expert) & (ORDERERS | {Role.EXPERT, Role.COORDINATOR}):
        raise Refused(_("You may not do this."))
    session = Session.objects.select_for_update(of=("self",)).select_related("expert__user").get(pk=session.pk)
    if session.state != SessionState.CLOSED:
        raise Conflict(_("The session has no outcome by now. Look at the page again."))
    if not may_have_costs(session):
        raise Refused(_("No receipts are paid for this time."))
    if session.receipts == receipts:
        return session
    before, session.receipts = session.receipts, receipts
    journey = by_the_rule(session).travel
    session.travel_fee = journey.amount if journey else Decimal("0.00")
    session.travel_price = journey.to_json() if journey else None
    session.save(update_fields=["receipts", "travel_fee", "travel_price"])
    log("session.costs", session, by=by, at=at, before=_text(before), after=_text(receipts))
    return session


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)
