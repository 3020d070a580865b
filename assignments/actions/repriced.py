"""An agreed price becomes that of a table approved later: only when the coordinator chooses so (R4, R17)."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments.actions.common import act
from assignments.actions.conditions import Conditions, as_agreed, stored
from assignments.again import FACTS, Work, priced
from assignments.models import Session
from assignments.rules import minutes
from assignments.states import Outcome, SessionState
from feetables.models import FeeItem
from feetables.rules import choose
from office.actions import log
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User
from office.workdays import local_date


@act
def take_new_price(session: Session, *, by: User, at: datetime, expected: Decimal | None = None) -> Session:
    """The session pays by the table that holds on its day now; an amount agreed on the order stays in a range.

    ``expected``: fee and travel that the person was shown (euros). Raises Refused without the role, for one's own fee,
    one decided against the rule, and when the table has no price for it; Conflict when it pays something else by now.
    The database refuses one whose hour list is approved.
    """
    own = session.expert is not None and session.expert.user_id == by.pk
    if not by.has_role(Role.COORDINATOR) or own:
        raise Refused(_("You may not do this."))
    found = (
        Session.objects.select_for_update(of=("self",)).select_related("order", "expert", "fee_item").get(pk=session.pk)
    )
    if found.state not in {SessionState.AGREED, SessionState.CLOSED} or found.outcome == Outcome.MOVED:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    if found.override_fee is not None:
        raise Refused(_("The coordinator has decided this fee; no table changes it."))
    conditions = Conditions()
    day = local_date(found.starts_at)
    if found.fee_item is not None and found.fee_item.purpose == FeeItem.Purpose.PREPARATION:
        items = conditions.preparation_items(day, found.kind)
    else:
        items = conditions.session_items(day, found.order, found.expert_id)
    terms = [item.terms for item in items]
    travel = conditions.travel_item(day, found.kind) if found.travel_terms else None
    result = priced(Work(**{name: getattr(found, name) for name in FACTS}), terms, travel.terms if travel else None)
    if expected is not None and result.total != expected:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    was = found.fee + found.travel_fee
    agreed_amount = found.agreed_amount if any(item.amount_max is not None for item in terms) else None
    agreed = as_agreed(
        terms,
        found.starts_at,
        found.ends_at,
        agreed_amount=agreed_amount,
        fee_declined=found.fee_declined,
        travel_terms=travel.terms if travel else None,
        travel_km=found.travel_km,
    )
    code = choose(terms, minutes(found.starts_at, found.ends_at)).code
    fields = stored(result) | {
        "fee_item": next(item for item in items if item.code == code),
        "terms": [item.to_json() for item in terms],
        "agreed_amount": agreed_amount,
        "travel_item": travel,
        "travel_terms": travel.terms.to_json() if travel else None,
        "agreed_fee": agreed["agreed_fee"],
    }
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(update_fields=list(fields))
    log("session.new_price", found, by=by, at=at, was=str(was), now=str(result.total))
    return found
