"""The course of individual and pair work (R8): begins with the first meeting held, ends with a closing word.

Made when the order is agreed; its stage follows the outcomes by itself.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from assignments.actions.common import act, no_codes
from assignments.actions.people import must_be
from assignments.actions.plans import write_plan
from assignments.models import Order, OrderPlan, Process, Session
from assignments.plans import USUAL_MEETINGS
from assignments.states import PROCESS, Outcome, ProcessState, SessionState
from office.actions import log, move
from office.asked_once import Question
from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import User
from office.stored import put_once

KINDS = frozenset({TaskType.INDIVIDUAL, TaskType.PAIR})
#: A meeting that took place.
MET = (Outcome.HELD, Outcome.SHORTENED_LATE)

TAKES_PART = ORDERERS | {Role.EXPERT, Role.COORDINATOR}


def begin(order: Order) -> None:
    """The process of an order that has just been agreed; nothing for other kinds of work. For actions only."""
    if order.kind in KINDS:
        put_once([Process(order=order)], "order_id")


_GOING_ON = Question(
    lambda order: (
        Process.objects.filter(order=order)
        .exclude(state=ProcessState.ENDED)
        .annotate(met=Exists(Session.objects.filter(order=OuterRef("order"), outcome__in=MET)))
    ),
    order=int,
)


def follow(session: Session, *, by: User, at: datetime) -> None:
    """Its stage after an outcome was marked or taken back: running from the first meeting held on. For actions only."""
    if session.kind not in KINDS:
        return
    process = _GOING_ON.one(order=session.order_id)
    if process is None:
        return
    met = process.met  # type: ignore[attr-defined]  # annotated
    if met and process.state == ProcessState.PLANNED:
        move(process, PROCESS["begin"], by=by, at=at, unit_id=session.unit_id)
    elif not met and process.state == ProcessState.RUNNING:
        move(process, PROCESS["back"], by=by, at=at, unit_id=session.unit_id)


@act
def end_process(process: Process, closing_word: str, *, by: User, at: datetime) -> Process:
    """Ends it with a short word about how the work went. Raises Refused while agreed meetings are ahead or unmarked."""
    order = process.order
    must_be(by, TAKES_PART, order.unit_id, order.expert)
    no_codes(closing_word)
    if not closing_word.strip():
        raise Refused(_("Write a closing word: how the work went, in a sentence."))
    if order.sessions.filter(state=SessionState.AGREED).exists():
        raise Refused(_("There are agreed meetings without an outcome. Mark or cancel them first."))
    move(
        process, PROCESS["end"], by=by, at=at, unit_id=order.unit_id,
        closing_word=closing_word.strip(), ended_at=at, ended_by=by,
    )  # fmt: skip
    return process


@act
def open_process(process: Process, *, by: User, at: datetime) -> Process:
    """It goes on after all: the closing word falls away (the history keeps that it was ended)."""
    order = process.order
    must_be(by, ORDERERS | {Role.COORDINATOR}, order.unit_id, order.expert)
    move(
        process, PROCESS["open_again"], by=by, at=at, unit_id=order.unit_id,
        closing_word="", ended_at=None, ended_by=None,
    )  # fmt: skip
    if not order.sessions.filter(outcome__in=MET).exists():
        move(process, PROCESS["back"], by=by, at=at, unit_id=order.unit_id)
    return process


@act
def save_plan(process: Process, plan: Mapping[str, Any], *, by: User, at: datetime) -> OrderPlan:
    """Writes the plan of a process: goal, how many meetings, how often, how to keep in touch (R8).

    More than three meetings need their reason. Raises Refused, Conflict when the process has ended.
    """
    order = process.order
    must_be(by, ORDERERS | {Role.COORDINATOR}, order.unit_id, order.expert)
    if Process.objects.select_for_update().get(pk=process.pk).state == ProcessState.ENDED:
        raise Conflict(_("The process has ended, so its plan is no longer changed."))
    if (plan.get("meetings") or 0) > USUAL_MEETINGS and not (plan.get("more_reason") or "").strip():
        raise Refused(_("As a rule there are one to three meetings. Say why there are more."))
    write_plan(order, plan)
    log(
        "process.replan", process, by=by, at=at, reason=plan.get("more_reason") or "", meetings=plan.get("meetings"),
    )  # fmt: skip
    return order.plan
