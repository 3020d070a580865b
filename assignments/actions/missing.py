"""One of two experts has agreed or been asked, and the other one is lacking: what the unit decides (R7, R9).

Another second expert is asked, by the unit itself or by the coordinator; the work goes on with one expert; or both are
cancelled. Nothing happens by itself, so that nobody finds out on the day.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from assignments import messages
from assignments.actions.announcing import announce
from assignments.actions.asking import ask, queue, withdraw_all
from assignments.actions.common import act, check_orderable, no_codes
from assignments.actions.free import lock_expert
from assignments.actions.orders import cancel_one
from assignments.actions.outcomes import close
from assignments.actions.people import must_be
from assignments.actions.plans import plan_of
from assignments.actions.second import lock_both
from assignments.actions.series import Cancelling, SeenOther, preview_cancel
from assignments.models import Offer, Order, OrderPlan, Session
from assignments.pairs import linked, one_is_missing
from assignments.rules import Event
from assignments.states import ORDER, OrderState, SessionState
from experts.models import Expert
from experts.readers import who_hears
from office.actions import log, move
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import User
from office.outbox import post

DECIDERS = ORDERERS | {Role.COORDINATOR}


def _locked(order: Order, by: User) -> tuple[Order, Order]:
    """(the missing one, the one who is there), locked. Conflict when nobody is lacking any more."""
    must_be(by, DECIDERS, order.unit_id)
    other = linked(order)
    if other is None:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    lock_both([order, other])
    found = one_is_missing(order)
    if found is None:
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    return found


@act
def ask_another(order: Order, expert: Expert, *, by: User, at: datetime) -> Offer:
    """Asks another expert in the place of the one who is lacking, for the same times. Orderers, coordinator.

    Raises Refused (not free, no contract, the other expert already), Conflict when nobody is lacking any more.
    """
    expert = lock_expert(expert.pk)
    missing, _there = _locked(order, by)
    check_orderable(missing, at, expert)
    queue(missing, [], asking=Order.Asking.ONE, at=at, answer_days=None)
    move(
        missing, ORDER["ask_another"], by=by, at=at, unit_id=missing.unit_id, facts={"expert": expert.pk},
        expert=expert, left_to_coordinator=False,
    )  # fmt: skip
    return ask(missing, expert, at=at)


@act
def leave_to_coordinator(order: Order, *, by: User, at: datetime) -> Order:
    """The unit waits for the coordinator to find a second expert. A second click changes nothing."""
    missing, _there = _locked(order, by)
    if not missing.left_to_coordinator:
        missing.left_to_coordinator = True
        missing.save(update_fields=["left_to_coordinator"])
        log("order.left_to_coordinator", missing, by=by, at=at)
    return missing


@act
def go_on_with_one(order: Order, *, by: User, at: datetime, co_leader: str = "") -> Order:
    """The work goes on with one expert; a group with an employee beside (R7). Returns the order that stays.

    Whoever has agreed is told; whoever has only been asked is asked anew, for the conditions have changed (R4).
    """
    no_codes(co_leader)
    missing, there = _locked(order, by)
    plan = plan_of(there)
    if there.kind == TaskType.GROUP and not (co_leader.strip() or (plan and plan.co_leader)):
        raise Refused(_("Name the employee who leads the group with the expert."))
    cancel_one(missing, by=by, at=at)
    if co_leader.strip():
        OrderPlan.objects.update_or_create(order=there, defaults={"co_leader": co_leader.strip()})
    log("order.goes_on_with_one", there, by=by, at=at, reason=co_leader.strip())
    if there.state == OrderState.AGREED and there.expert is not None:
        post(
            messages.ONE_EXPERT, who_hears(there.expert), about=there, at=at, once="one_expert", order=there,
            co_leader=co_leader.strip(),
        )  # fmt: skip
    elif there.state == OrderState.OFFERED:
        _ask_anew(there, by=by, at=at)
    return there


def _ask_anew(order: Order, *, by: User, at: datetime) -> None:
    if order.asking != Order.Asking.ONE or order.expert is None:
        raise Refused(_("Several experts are being asked. Wait for their answers, or take the questions back first."))
    expert = order.expert
    withdraw_all(order, by=by, at=at, because=Offer.Ended.CHANGED)
    ask(order, expert, at=at)


def preview_both(there: Order, *, at: datetime) -> Cancelling:
    """What cancelling both would pay: the agreed sessions ahead of the one who is there; changes nothing."""
    return preview_cancel(_ahead(there, at), Event.ORDERER_CANCELLED, at=at)


def _ahead(order: Order, at: datetime, *, locked: bool = False) -> list[Session]:
    rows = Session.objects.filter(order=order, state=SessionState.AGREED, starts_at__gt=at)
    rows = rows.select_related("order__unit", "order__orderer", "unit", "expert__user").order_by("starts_at", "pk")
    return list((rows.select_for_update(of=("self",)) if locked else rows).prefetch_related("moves"))


@act
def cancel_both(order: Order, *, seen: str, by: User, at: datetime) -> Cancelling:
    """Cancels both: what is agreed with one as the orderer's cancelling, the other's order. ``seen``: its seal.

    Raises SeenOther when it would pay something else by now (T1), Conflict when nobody is lacking any more.
    """
    missing, there = _locked(order, by)
    sessions = _ahead(there, at, locked=True)
    found = preview_cancel(sessions, Event.ORDERER_CANCELLED, at=at)
    if found.seal != seen:
        raise SeenOther(
            _("This is something else than the page showed before. Now: %(words)s. Check and confirm.")
            % {"words": found.words}
        )
    cancel_one(missing, by=by, at=at)
    if there.state == OrderState.OFFERED:
        cancel_one(there, by=by, at=at)
    for part in found.parts:
        close(part.session, part.facts, by=by, at=at)
    if sessions:
        announce(sessions, by=by, at=at)
    return found
