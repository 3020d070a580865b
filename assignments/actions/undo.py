"""Taking a marked outcome back, until the unit has approved the hour list."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.announcing import announce_each
from assignments.actions.common import act
from assignments.actions.conditions import as_agreed
from assignments.actions.outcomes import ANNOUNCED, EVENT_OF, EVENT_ROLES, EXPERT
from assignments.actions.people import acts_as
from assignments.actions.processes import follow
from assignments.models import Session
from assignments.pairs import other_of
from assignments.rules import Event
from assignments.states import SESSION, SessionState
from office.actions import move
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import User


def may_undo(session: Session, by: User) -> bool:
    """Who may mark it may take it back; an expert only what the expert marked; a move is not taken back.

    Once the coordinator has decided the fee, only a coordinator takes the outcome back.
    """
    event = EVENT_OF.get(session.outcome)
    if session.state != SessionState.CLOSED or event is None or event is Event.MOVED:
        return False
    if session.override_fee is not None and not by.has_role(Role.COORDINATOR):
        return False
    parts = acts_as(by, session.unit_id, session.expert) & EVENT_ROLES[event]
    return bool(parts - EXPERT) or (bool(parts) and session.recorded_by_id == by.pk)


def undone_with(session: Session) -> Session | None:
    """The other expert's session that was marked by the same act, of two experts kept together."""
    other = other_of(session.order)
    if other is None or session.state != SessionState.CLOSED:
        return None
    same = Session.objects.filter(
        order=other, state=SessionState.CLOSED, outcome=session.outcome, starts_at=session.starts_at,
        recorded_at=session.recorded_at, recorded_by=session.recorded_by_id,
    )  # fmt: skip
    return same.select_related("order", "expert__user").first()


@act
def undo_outcome(session: Session, *, by: User, at: datetime, both: bool = False) -> Session:
    """Takes a marked outcome back: the session is agreed again, with its frozen price and limit; a decided fee falls.

    ``both``: also the other expert's session that was marked by the same act; all or nothing.
    Raises Refused when the hour list has been approved, when it was moved, or when the expert is elsewhere by now.
    """
    if both:
        beside = undone_with(session)
        if beside is None:
            raise Conflict(_("The other expert's session has changed meanwhile. Look at the page again."))
        pair = sorted([session, beside], key=lambda one: one.pk)
        done = {one.pk: _undo(one, by=by, at=at) for one in pair}
        undone, event = done[session.pk]
        _announce([undone, done[beside.pk][0]], event, by=by, at=at)
        return undone
    undone, event = _undo(session, by=by, at=at)
    _announce([undone], event, by=by, at=at)
    return undone


def _announce(sessions: list[Session], event: Event, *, by: User, at: datetime) -> None:
    """What was told to be cancelled is told to be held after all, while it is ahead."""
    if event in ANNOUNCED and sessions[0].starts_at > at:
        announce_each([[one] for one in sessions], by=by, at=at, what=messages.SESSION_AGAIN)


def _undo(session: Session, *, by: User, at: datetime) -> tuple[Session, Event]:
    """The session as it is again, and what had been marked."""
    session = Session.objects.select_for_update(of=("self",)).select_related("order", "expert__user").get(pk=session.pk)
    if session.state != SessionState.CLOSED:
        raise Conflict(_("The session has no outcome to take back. Look at the page again."))
    event = EVENT_OF[session.outcome]
    if event is Event.MOVED:
        raise Refused(_("A session that was moved stays moved; propose another time for the new one."))
    if session.override_fee is not None and not by.has_role(Role.COORDINATOR):
        raise Refused(_("The coordinator has decided the fee of this session. Ask the coordinator to take it back."))
    if not may_undo(session, by):
        raise Refused(_("You may not do this."))
    fields: dict[str, Any] = {
        "outcome": "", "rule": "", "done_starts_at": None, "done_ends_at": None, "change_reason": "",
        "time_used_for": "", "received_at": None, "told_by": "", "recorded_at": None, "recorded_by": None,
        "done_km": None, "receipts": None, "override_fee": None, "override_reason": "", "override_by": None,
    } | as_agreed(
        session.price_terms,
        session.starts_at,
        session.ends_at,
        agreed_amount=session.agreed_amount,
        fee_declined=session.fee_declined,
        travel_terms=session.frozen_travel_terms,
        travel_km=session.travel_km,
    )  # fmt: skip
    told = {"outcome": session.outcome}
    move(session, SESSION["reopen"], by=by, at=at, unit_id=session.unit_id, facts=told, **fields)
    follow(session, by=by, at=at)
    return session, event
