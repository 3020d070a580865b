"""What changed since the last coordination meeting: its agenda (three queries, whatever the number of rows)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _

from assignments.actions.processes import MET
from assignments.models import CoordinationMeeting, MeetingDecision, Order, Session
from assignments.pairs import SECOND_IN_WRITING
from assignments.plans import USUAL_MEETINGS
from assignments.states import OrderState, Outcome, ProcessState

#: New, and neither agreed nor without an expert: those have headings of their own.
NEW = (OrderState.TO_CONFIRM, OrderState.OFFERED)


@dataclass(frozen=True)
class Part:
    """A heading of the agenda and its orders."""

    title: str
    orders: list[Any]


@dataclass(frozen=True)
class Agenda:
    """Everything that the page of a meeting shows."""

    parts: list[Part]
    late: list[Session]
    decisions: list[MeetingDecision]
    earlier: list[MeetingDecision]

    @property
    def orders(self) -> list[Any]:
        """Each order of the agenda once."""
        found = {order.pk: order for part in self.parts for order in part.orders}
        return [found[pk] for pk in sorted(found)]


def limit_of(order: Any) -> int:
    """How many meetings the order's plan allows; without a plan the usual number (R8)."""
    plan = getattr(order, "plan", None)
    return (plan.meetings if plan else None) or USUAL_MEETINGS


def agenda(meeting: CoordinationMeeting) -> Agenda:
    """New and agreed orders, ended processes, those that wait or are over their plan, late cancellations, decisions of
    this meeting and what earlier ones left open. From ``since``, not included, to ``held_at``.
    """
    window = (meeting.since, meeting.held_at)
    of_unit = Q() if meeting.unit_id is None else Q(unit=meeting.unit_id)
    orders = list(_orders(of_unit, *window))

    def within(moment: Any) -> bool:
        return moment is not None and window[0] < moment <= window[1]

    chosen: list[tuple[str, Callable[[Any], bool]]] = [
        (_("Waiting without an expert"), lambda order: order.state == OrderState.LOOKING),
        (_("New orders"), lambda order: order.state in NEW and within(order.submitted_at)),
        (_("Agreed"), lambda order: order.state == OrderState.AGREED and within(order.first_agreed)),
        (_("More meetings than planned"), _over),
        (_("Ended processes"), lambda order: within(getattr(getattr(order, "process", None), "ended_at", None))),
    ]
    late = Session.objects.filter(
        of_unit, outcome=Outcome.CANCELLED_LATE, recorded_at__gt=window[0], recorded_at__lte=window[1]
    )
    told = list(_decisions(meeting))
    return Agenda(
        parts=[Part(title, [order for order in orders if wanted(order)]) for title, wanted in chosen],
        late=list(late.select_related("unit", "order", "expert__user").order_by("starts_at", "pk")),
        decisions=[one for one in told if one.meeting_id == meeting.pk],
        earlier=[one for one in told if one.meeting_id != meeting.pk],
    )


def _over(order: Any) -> bool:
    process = getattr(order, "process", None)
    return process is not None and process.state == ProcessState.RUNNING and order.met > limit_of(order)


def _orders(of_unit: Q, since: Any, until: Any) -> Any:
    """The orders that any part may show, with what the parts ask about them (one query)."""
    agreed = Session.objects.filter(of_unit, agreed_at__gt=since, agreed_at__lte=until, moved_from=None)
    wanted = (
        Q(state=OrderState.LOOKING)
        | Q(submitted_at__gt=since, submitted_at__lte=until)
        | Q(process__ended_at__gt=since, process__ended_at__lte=until)
        | Q(process__state=ProcessState.RUNNING)
        | Q(pk__in=agreed.values("order"))
    )
    return (
        Order.objects.filter(of_unit & wanted)
        .exclude(state__in=[OrderState.DRAFT])
        .exclude(SECOND_IN_WRITING)
        .select_related("unit", "expert__user", "orderer", "process", "plan")
        .annotate(first_agreed=Min("sessions__agreed_at"), met=Count("sessions", filter=Q(sessions__outcome__in=MET)))
        .order_by("pk")
    )


def _decisions(meeting: CoordinationMeeting) -> Any:
    earlier = Q(meeting__unit=meeting.unit_id, meeting__held_at__lt=meeting.held_at, done_at=None)
    if meeting.unit_id is None:
        earlier = Q(meeting__unit__isnull=True, meeting__held_at__lt=meeting.held_at, done_at=None)
    rows = MeetingDecision.objects.filter(Q(meeting=meeting.pk) | earlier)
    return rows.select_related("order", "meeting").order_by("meeting__held_at", "pk")
