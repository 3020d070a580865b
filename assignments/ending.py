"""Ending a contract early: what is agreed or asked after its last day, and what happens to each (R26).

The contract stands below (``experts``); sessions and offers are here. All in one transaction: each session by its own
action, so that money and messages are those of cancelling, then the contract.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from assignments import messages, texts
from assignments.actions.announcing import announce, by_order
from assignments.actions.asking import withdraw_offer
from assignments.actions.common import act
from assignments.actions.free import lock_expert
from assignments.actions.outcomes import examine, record_outcome
from assignments.actions.people import coordinators
from assignments.actions.plans import plan_of, plan_values, write_plan
from assignments.actions.second import lock_both
from assignments.models import Offer, Order, Session
from assignments.pairs import beside, other_of
from assignments.rules import Event
from assignments.states import TOOK_PLACE, OfferState, OrderState, SessionState
from experts import actions as registry
from experts.models import Contract
from office.actions import log
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post
from office.workdays import local_date

OPEN_OFFERS = (OfferState.QUEUED, OfferState.WAITING, OfferState.CAN)


class Fate(StrEnum):
    """What happens to an agreed session."""

    EXPERT = "expert"  # the expert cancels
    OFFICE = "office"  # the county cancels; late it pays what was agreed (R11)
    LOOK = "look"  # the expert cancels, another expert is looked for


EVENTS = {
    Fate.EXPERT: Event.EXPERT_CANCELLED,
    Fate.OFFICE: Event.ORDERER_CANCELLED,
    Fate.LOOK: Event.EXPERT_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Way:
    """One choice for a session and what it pays now."""

    fate: Fate
    label: str
    words: str
    total: Decimal


@dataclass(frozen=True, slots=True)
class Left:
    """An agreed session after the last day."""

    session: Session
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """All that an end on ``last_day`` touches. ``hindrance``: why it cannot end then, in words; empty: it can."""

    last_day: date
    sessions: tuple[Left, ...]
    offers: tuple[Offer, ...]
    hindrance: str

    @property
    def seen(self) -> str:
        """Changes when a session, an offer or what a choice pays changes: the page carries it (T1)."""
        facts = [
            f"{left.session.pk}:{left.session.starts_at.isoformat()}:" + ",".join(str(way.total) for way in left.ways)
            for left in self.sessions
        ]
        facts += [f"offer {offer.pk}" for offer in self.offers]
        return sha256("\n".join([self.last_day.isoformat(), *facts]).encode()).hexdigest()


def ending_of(contract: Contract, last_day: date, *, at: datetime) -> Ending:
    """What stands after the day under this contract and no other one. Raises Refused for a day outside the contract."""
    registry.check_last_day(contract, last_day)
    others = [
        other
        for other in Contract.objects.filter(expert=contract.expert, state__in=Contract.HOLDING)
        if other.pk != contract.pk
    ]

    def uncovered(session: Session, kind: str) -> bool:
        day = local_date(session.starts_at)
        inside = day > last_day and contract.covers(day, kind)
        return inside and not any(other.covers(day, kind) for other in others)

    rows = Session.objects.filter(expert=contract.expert).select_related("order", "unit", "expert__user")
    agreed = [
        session
        for session in rows.filter(state=SessionState.AGREED).prefetch_related("moves").order_by("starts_at", "pk")
        if uncovered(session, session.kind)
    ]
    done = [
        session
        for session in rows.filter(state=SessionState.CLOSED, outcome__in=[str(one) for one in TOOK_PLACE])
        .filter(starts_at__date__gte=last_day)
        .order_by("-starts_at")
        if uncovered(session, session.kind)
    ]
    asked = Offer.objects.filter(expert=contract.expert, state__in=OPEN_OFFERS).select_related("order__unit")
    offers = tuple(
        offer
        for offer in asked.prefetch_related("order__sessions").order_by("pk")
        if any(
            session.state == SessionState.PLANNED and uncovered(session, offer.order.kind)
            for session in offer.order.sessions.all()
        )
    )
    begun = [session for session in agreed if session.starts_at <= at]
    left = tuple(Left(session, _ways(session, at)) for session in agreed if session.starts_at > at)
    return Ending(last_day, left, offers, _hindrance(begun, done))


def _hindrance(begun: list[Session], done: list[Session]) -> str:
    if done:
        return _("Work was done on %(day)s. The last day cannot be before that.") % {
            "day": texts.day(done[0].starts_at)
        }
    if begun:
        return _("Mark first what happened on %(time)s: that session has begun.") % {
            "time": texts.span(begun[0].starts_at, begun[0].ends_at)
        }
    return ""


def _ways(session: Session, at: datetime) -> tuple[Way, ...]:
    labels = {
        Fate.LOOK: _("Look for another expert"),
        Fate.EXPERT: _("The expert cancels"),
        Fate.OFFICE: _("The county cancels"),
    }
    found = []
    for fate, label in labels.items():
        facts = examine(session, EVENTS[fate], at=at)
        words = texts.describe_consequence(facts.verdict, facts.consequence)
        found.append(Way(fate, label, words, facts.consequence.total))
    return tuple(found)


@act
def end_with_sessions(
    contract: Contract,
    *,
    last_day: date,
    fates: Mapping[int, str],
    seen: str,
    reason: str = "",
    end_reason: str = "",
    notice_on: date | None = None,
    by: User,
    at: datetime,
) -> Ending:
    """Ends the contract: each session goes the way that was chosen for it, open offers are taken back.

    ``seen``: ``Ending.seen`` of the page; when something was agreed or changed since, Conflict and nothing happens.
    Refused when a session has no choice, or it cannot end on the day.
    """
    registry.for_the_county(contract, by)
    lock_expert(contract.expert_id)  # nothing is agreed meanwhile
    contract = Contract.objects.select_for_update(of=("self",)).select_related("expert__user").get(pk=contract.pk)
    if contract.state != Contract.State.IN_FORCE:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    found = ending_of(contract, last_day, at=at)
    if found.hindrance:
        raise Refused(found.hindrance)
    if found.seen != seen:
        raise Conflict(_("What is agreed after the last day has changed since you opened the page. Choose again."))
    chosen = {left.session.pk: fates.get(left.session.pk, "") for left in found.sessions}
    if any(fate not in set(Fate) for fate in chosen.values()):
        raise Refused(_("Say of each session what happens to it."))
    again: dict[int, list[Session]] = {}
    closed: list[Session] = []
    for left in found.sessions:
        fate = Fate(chosen[left.session.pk])
        total = next(way.total for way in left.ways if way.fate is fate)
        closed.append(record_outcome(left.session, EVENTS[fate], by=by, at=at, expected_total=total, announced=False))
        if fate is Fate.LOOK:
            again.setdefault(left.session.order_id, []).append(left.session)
    for sessions in by_order(closed):  # each person hears once of an order, however many sessions it has (N8)
        announce(sessions, by=by, at=at)
    for sessions in again.values():
        _look_for_another(sessions, by=by, at=at)
    for offer in found.offers:
        withdraw_offer(offer, by=by, at=at)
    registry.end_contract(
        contract, last_day=last_day, reason=reason, end_reason=end_reason, notice_on=notice_on, by=by, at=at
    )
    return found


def _look_for_another(sessions: list[Session], *, by: User, at: datetime) -> Order:
    """An order like the one of the sessions, confirmed already, that looks for an expert for the same times.

    Of two experts kept together the new order is joined to the other one's, so that the pair stays a pair (R7).
    """
    old = Order.objects.select_related("unit", "orderer", "plan", "companion", "lead").get(pk=sessions[0].order_id)
    new = _like(old, state=OrderState.LOOKING, at=at, by=by)
    times = Session.objects.bulk_create(
        Session(order=new, unit=old.unit, kind=new.kind, starts_at=one.starts_at, ends_at=one.ends_at, place=one.place)
        for one in sessions
    )
    log("order.for_another_expert", new, by=by, at=at, to_state=OrderState.LOOKING, copied_from=old.pk)
    keep_together(old, new, sessions, by=by, at=at)
    for person in coordinators(at):
        post(messages.ORDER_LOOKING, person, about=new, at=at, order=new, times=times)
    return new


def _like(old: Order, *, state: OrderState, at: datetime, by: User, **more: Any) -> Order:
    """A confirmed order with the questions and the plan of an earlier one."""
    same = (
        "unit", "orderer", "kind", "task", "language", "place", "remote", "topic", "wish", "agreed_amount",
        "travel_km", "travel_mode", "travel_cap", "allowance", "contact_name", "contact_phone",
    )  # fmt: skip
    new = Order.objects.create(
        **{name: getattr(old, name) for name in same} | more,
        copied_from=old,
        state=state,
        created_at=at,
        submitted_at=at,
        confirmed_at=at,
        confirmed_by=by,
    )
    if plan_of(old) is not None:
        write_plan(new, plan_values(old))
    return new


def keep_together(old: Order, new: Order, sessions: list[Session], *, by: User, at: datetime) -> None:
    """Joins the order that looks for another expert to that of the other one of two experts, at these times.

    While the pair goes on together at other times, the other one's times of these days become an order of their own
    (agreed as they are), so that what is decided now about the new pair touches nothing else.
    """
    other = other_of(old)
    if other is None:
        return
    lock_both([old, other])
    theirs = list(beside(sessions))
    if theirs and old.sessions.filter(state=SessionState.AGREED).exists():
        apart = _like(
            other, state=OrderState.AGREED, at=at, by=by, expert=other.expert, fee_declined=other.fee_declined,
            fee_item=other.fee_item,
        )  # fmt: skip
        Session.objects.filter(pk__in=[one.pk for one in theirs], state=SessionState.AGREED).update(order=apart)
        for one in (other, apart):
            log("order.apart", one, by=by, at=at, copied_from=other.pk)
        other = apart
    else:
        Order.objects.filter(pk__in=[old.pk, other.pk]).update(companion=None)
    first, second = (new, other) if old.companion_id is not None else (other, new)
    Order.objects.filter(pk=first.pk).update(companion=second)
