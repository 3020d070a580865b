"""Moving a session to a new time (R16): proposed by one side, accepted by the other. Never paid twice, never lost."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.common import act, no_codes
from assignments.actions.conditions import Conditions, as_agreed
from assignments.actions.free import check_expert, check_future, check_present, check_times, lock_expert
from assignments.actions.outcomes import close, examine
from assignments.actions.people import acts_as, in_stead_of, unit_side
from assignments.actions.second import lock_experts
from assignments.models import Move, Session
from assignments.pairs import at_the_same_time
from assignments.rules import Event, minutes
from assignments.states import MOVE, OPEN_MOVES, MoveState, SessionState
from experts.models import Expert
from experts.readers import who_is_asked
from feetables.rules import choose
from office.actions import log, move
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post

UNIT_SIDE = ORDERERS | {Role.COORDINATOR}


def answerers(move_: Move) -> frozenset[str]:
    """The other side; the coordinator may answer for either."""
    return frozenset(UNIT_SIDE if move_.by_expert else {Role.EXPERT, Role.COORDINATOR})


def proposers(move_: Move) -> frozenset[str]:
    """The side that proposed."""
    return frozenset({Role.EXPERT, Role.COORDINATOR} if move_.by_expert else UNIT_SIDE)


def new_conditions(
    session: Session, starts_at: datetime, ends_at: datetime, conditions: Conditions | None = None
) -> dict[str, Any]:
    """What the session would have at a new time: its own limit (T3), the frozen terms. Raises RuleError, FeeError."""
    return {"free_until": (conditions or Conditions()).free_until(starts_at)} | as_agreed(
        session.price_terms,
        starts_at,
        ends_at,
        agreed_amount=session.agreed_amount,
        fee_declined=session.fee_declined,
        travel_terms=session.frozen_travel_terms,
        travel_km=session.travel_km,
    )


def _check(session: Session, expert: Expert, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    times = [(starts_at, ends_at)]
    check_times(times)
    check_future(times, at)
    check_expert(expert, session.kind, times, besides=[session])
    choose(session.price_terms, minutes(starts_at, ends_at))


def _expert(session: Session) -> Expert:
    if session.expert_id is None:
        raise Refused(_("The session has not been agreed."))
    return lock_expert(session.expert_id)


@act
def preview_move(
    session: Session, starts_at: datetime, ends_at: datetime, *, at: datetime, by_expert: bool = False
) -> dict[str, Any]:
    """What proposing this time would mean (new limit, fee); refuses what proposing would refuse. Changes nothing."""
    if session.expert is None:
        raise Refused(_("The session has not been agreed."))
    if not by_expert:
        check_present(session.expert, [(starts_at, ends_at)])
    _check(session, session.expert, starts_at, ends_at, at)
    if (beside := at_the_same_time(session)) is not None:
        _check_beside(beside, starts_at, ends_at, at)
    return new_conditions(session, starts_at, ends_at)


def _check_beside(beside: Session, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    """Whether the other one of two experts can be asked for the new time too. Raises Refused, Conflict."""
    if beside.expert is None:  # pragma: no cover - an agreed session has one
        return
    check_open(beside, starts_at, ends_at, at)
    check_present(beside.expert, [(starts_at, ends_at)])
    _check(beside, beside.expert, starts_at, ends_at, at)


def may_propose(session: Session, by: User, *, cancel_if_declined: bool, reason: str) -> bool:
    """Whether the person proposes as the expert. Refused for others; only the orderer's side cancels by a no."""
    no_codes(reason)
    parts = acts_as(by, session.unit_id, session.expert)
    by_expert = not parts & UNIT_SIDE
    if not parts or (by_expert and cancel_if_declined):
        raise Refused(_("You may not do this."))
    return by_expert


def check_open(session: Session, starts_at: datetime, ends_at: datetime, at: datetime) -> None:
    """Whether a new time can be proposed for the session at all. Raises Refused and Conflict."""
    if session.state != SessionState.AGREED:
        raise Conflict(_("The session has been marked already. Look at the page again."))
    if session.starts_at <= at:
        raise Refused(_("The session has begun, so it can no longer be moved."))
    if (starts_at, ends_at) == (session.starts_at, session.ends_at):
        raise Refused(_("That is the time agreed already."))
    if any(move_.state in OPEN_MOVES for move_ in session.moves.all()):
        raise Conflict(_("A new time has been proposed already."))


def propose(
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    *,
    by: User,
    at: datetime,
    by_expert: bool,
    cancel_if_declined: bool,
    reason: str,
) -> Move:
    """Writes the proposal, checked already. For actions only."""
    made = Move.objects.create(
        session=session, starts_at=starts_at, ends_at=ends_at, by_expert=by_expert, proposed_by=by, proposed_at=at,
        cancel_if_declined=cancel_if_declined, reason=reason.strip(),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
        "cancel": cancel_if_declined,
    }
    log("move.propose", made, by=by, at=at, to_state=MoveState.WAITING, reason=made.reason, **facts)
    return made


@act
def propose_move(
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    *,
    by: User,
    at: datetime,
    cancel_if_declined: bool = False,
    reason: str = "",
) -> Move:
    """Asks the other side for a new time. The session stays as it is until they answer.

    Of two experts kept together both are asked, and it is done only when both have said yes.

    ``cancel_if_declined`` (the orderer's side only): a no makes it a cancellation received at ``at``. Raises Refused
    for a time that cannot be agreed or a session that has begun, Conflict when it is closed or another move waits.
    """
    by_expert = may_propose(session, by, cancel_if_declined=cancel_if_declined, reason=reason)
    beside = at_the_same_time(session)
    lock_experts([session.expert_id, beside.expert_id if beside else None])
    expert = _expert(session)
    session = Session.objects.select_for_update(of=("self",)).select_related("order", "expert__user").get(pk=session.pk)
    if beside is not None:  # two experts kept together: one time, asked of both
        rows = Session.objects.select_for_update(of=("self",)).select_related("order", "expert__user")
        beside = rows.get(pk=beside.pk)
        _check_beside(beside, starts_at, ends_at, at)
    check_open(session, starts_at, ends_at, at)
    _check(session, expert, starts_at, ends_at, at)
    if not by_expert:
        check_present(expert, [(starts_at, ends_at)])
    made = propose(
        session, starts_at, ends_at, by=by, at=at, by_expert=by_expert, cancel_if_declined=cancel_if_declined,
        reason=reason,
    )  # fmt: skip
    people = [*unit_side(session.order, at)] if by_expert else [who_is_asked(expert)]
    for person in people:
        post(
            messages.MOVE_PROPOSED, person, about=made, at=at, move=made, session=session, order=session.order,
            by_other=False,
        )  # fmt: skip
    if beside is not None and beside.expert is not None:
        asked = propose(
            beside, starts_at, ends_at, by=by, at=at, by_expert=False, cancel_if_declined=cancel_if_declined,
            reason=reason,
        )  # fmt: skip
        post(
            messages.MOVE_PROPOSED, who_is_asked(beside.expert), about=asked, at=at, move=asked, session=beside,
            order=beside.order, by_other=by_expert,
        )  # fmt: skip
    return made


def answering(move_: Move, by: User) -> tuple[Session, Expert]:
    """The session and its expert, locked, when the person may answer."""
    session = move_.session
    if not acts_as(by, session.unit_id, session.expert) & answerers(move_):
        raise Refused(_("You may not do this."))
    return locked(move_)


def locked(move_: Move) -> tuple[Session, Expert]:
    """The session of a proposal and its expert. Conflict when it is not agreed any more."""
    expert = _expert(move_.session)
    session = Session.objects.select_for_update(of=("self",)).select_related("order", "expert__user")
    found = session.get(pk=move_.session_id)
    if found.state != SessionState.AGREED:
        raise Conflict(_("The session has been marked meanwhile, so it is no longer moved."))
    return found, expert


def stead_of(move_: Move, by: User, expert: Expert) -> User | None:
    """Whom a coordinator answered for."""
    return None if move_.by_expert else in_stead_of(by, expert)


def proposer_side(move_: Move, session: Session, at: datetime) -> list[User | None]:
    """Who hears the answer: whoever proposed, and the unit when it was the unit's proposal."""
    people: list[User | None] = [move_.proposed_by]
    if not move_.by_expert:
        people = [*unit_side(session.order, at)]
        if move_.proposed_by_id not in {person.pk for person in people if person}:
            people.append(move_.proposed_by)
    return people


def give_up(move_: Move, old: Session, expert: Expert, *, by: User, at: datetime) -> None:
    """The old time of an accepted move: closed as moved, pays nothing (R16). For actions only.

    Refused when the old time has begun meanwhile: without an answer it stayed agreed. One that a no would have
    cancelled has not been held; then a late yes still moves it.
    """
    if old.starts_at <= at and not move_.cancel_if_declined:
        raise Refused(_("The session has begun, so it can no longer be moved."))
    said = move_.state == MoveState.SUITS  # one of two experts has said yes before
    stead = None if said else stead_of(move_, by, expert)
    move(move_, MOVE["accept"], by=by, at=at, unit_id=old.unit_id, on_behalf_of=stead, answered_at=at)
    facts = examine(old, Event.MOVED, at=at)
    facts.fields["received_at"] = move_.proposed_at
    close(old, facts, by=by, at=at, recorded_by=move_.proposed_by)


def take_up(move_: Move, old: Session, expert: Expert, *, by: User, at: datetime) -> Session:
    """The new time of an accepted move, a session of its own with the frozen terms. For actions only."""
    _check(old, expert, move_.starts_at, move_.ends_at, at)
    code = choose(old.price_terms, minutes(move_.starts_at, move_.ends_at)).code
    same = old.fee_item is None or old.fee_item.code == code
    item = old.fee_item if same or old.fee_item is None else old.fee_item.table.items.get(code=code)
    new = Session.objects.create(
        order=old.order, unit_id=old.unit_id, expert=expert, kind=old.kind, place=old.place, moved_from=old,
        began_as_id=old.began_as_id or old.pk,
        starts_at=move_.starts_at, ends_at=move_.ends_at, state=SessionState.AGREED, agreed_at=at, fee_item=item,
        terms=old.terms, agreed_amount=old.agreed_amount, fee_declined=old.fee_declined,
        travel_item_id=old.travel_item_id, travel_terms=old.travel_terms, travel_km=old.travel_km,
        travel_cap=old.travel_cap, allowance_item_id=old.allowance_item_id, allowance_terms=old.allowance_terms,
        **new_conditions(old, move_.starts_at, move_.ends_at),
    )  # fmt: skip
    log("session.moved_here", new, by=by, at=at, to_state=SessionState.AGREED, moved_from=old.pk)
    return new


def refuse_move(move_: Move, session: Session, expert: Expert, *, by: User, at: datetime) -> bool:
    """The no to a move; whether it cancelled the session as of the proposal (R16). For actions only."""
    stead = stead_of(move_, by, expert)
    move(move_, MOVE["decline"], by=by, at=at, unit_id=session.unit_id, on_behalf_of=stead, answered_at=at)
    if not move_.cancel_if_declined:
        return False
    facts = examine(session, Event.ORDERER_CANCELLED, at=at, received_at=move_.proposed_at)
    close(session, facts, by=by, at=at, recorded_by=move_.proposed_by, stead=move_.proposed_by)
    return True
