"""The coordinator's word against the rule: another fee, none, or one where the rule gives none; with a reason."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments.actions.common import act
from assignments.actions.conditions import stored
from assignments.models import Session
from assignments.rules import BY_OUTCOME, Consequence, Event, Outcome, Pays, consequence, decided, minutes
from assignments.states import SessionState
from office.actions import log
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User
from office.validators import has_identity_code


def by_the_rule(session: Session) -> Consequence:
    """What a session with an outcome pays by the rule, counted again from what is stored on it."""
    verdict = BY_OUTCOME[Outcome(session.outcome)]
    done = None
    if verdict.pays is Pays.DONE:
        done = minutes(session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at)
    return consequence(
        verdict,
        terms=session.price_terms,
        agreed_minutes=minutes(session.starts_at, session.ends_at),
        done_minutes=done,
        agreed_amount=session.agreed_amount,
        fee_declined=session.fee_declined,
        travel_terms=session.frozen_travel_terms,
        travel_km_agreed=session.travel_km,
        travel_km_made=session.done_km,
        receipts=session.receipts,
        travel_cap=session.travel_cap,
    )


def may_decide(session: Session, by: User) -> bool:
    """A coordinator, of a session with an outcome that has a line; never the own fee, nor one that was declined."""
    own = session.expert is not None and session.expert.user_id == by.pk
    has_line = session.state == SessionState.CLOSED and session.outcome != Event.MOVED
    return by.has_role(Role.COORDINATOR) and not own and has_line and not session.fee_declined


def _to_decide(session: Session, by: User) -> Session:
    session = Session.objects.select_for_update(of=("self",)).select_related("order", "expert__user").get(pk=session.pk)
    if session.state != SessionState.CLOSED:
        raise Conflict(_("The session has no outcome by now. Look at the page again."))
    if session.outcome == Event.MOVED:
        raise Refused(_("A moved session pays nothing; decide the fee of the new one."))
    if session.fee_declined:
        raise Refused(_("The expert works without a fee, so there is none to decide."))
    if not may_decide(session, by):
        raise Refused(_("You may not do this."))
    return session


@act
def decide_fee(session: Session, amount: Decimal, reason: str, *, by: User, at: datetime) -> Session:
    """The fee is ``amount`` euros (0 waives it) instead of what the rule says; travel stays by the rule.

    The line says both sums and why. Raises Refused: without a reason, the same sum, the own fee, an approved hour list.
    """
    session = _to_decide(session, by)
    if has_identity_code(reason):
        raise Refused(_("This looks like a personal identity code. Write nothing by which a person can be recognised."))
    rule = by_the_rule(session).fee
    price = decided(rule, amount, reason)
    session.override_fee, session.override_reason, session.override_by = price.amount, reason.strip(), by
    session.fee, session.price = price.amount, price.to_json()
    session.save(update_fields=["override_fee", "override_reason", "override_by", "fee", "price"])
    log(
        "session.decide_fee", session, by=by, at=at, reason=reason.strip(), rule=str(rule.amount),
        decided=str(price.amount),
    )  # fmt: skip
    return session


@act
def back_to_rule(session: Session, *, by: User, at: datetime) -> Session:
    """The fee is again what the rule says. Raises Refused when the hour list has been approved."""
    session = _to_decide(session, by)
    if session.override_fee is None:
        raise Conflict(_("The fee is by the rule already."))
    fields = stored(by_the_rule(session))
    was = session.override_fee
    session.override_fee, session.override_reason, session.override_by = None, "", None
    session.fee, session.price = fields["fee"], fields["price"]
    session.save(update_fields=["override_fee", "override_reason", "override_by", "fee", "price"])
    log("session.by_the_rule", session, by=by, at=at, decided=str(was), rule=str(session.fee))
    return session
