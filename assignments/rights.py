"""Orders, offers and sessions in a person's data (office.rights).

Of others the person gets what belongs to the agreement: the unit, and the names of the orderer and of the contact on
the day (GDPR Art. 15(4)). Telephone numbers of employees are not the person's data.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assignments.models import MeetingDecision, Move, Offer, Order, OrderPlan, Process, Session
from assignments.states import OfferState, OrderState, SessionState
from experts.rights import RECORD
from experts.rights_contracts import CONTRACTS
from office.personal import first_moment
from office.rights import Obstacle, Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from office.workdays import HELSINKI

#: Orders that still may lead to work.
OPEN = (OrderState.DRAFT, OrderState.TO_CONFIRM, OrderState.LOOKING, OrderState.OFFERED)

ORDERS = record_class(
    "orders",
    gettext_lazy("Orders, offers and sessions"),
    50,
    [
        "assignments.Order",
        "assignments.OrderPlan",
        "assignments.Process",
        "assignments.Offer",
        "assignments.Session",
        "assignments.Move",
        "assignments.MeetingDecision",
    ],
    lambda person: {
        "assignments.Order": Order.objects.filter(expert=person.expert_id),
        "assignments.OrderPlan": OrderPlan.objects.filter(order__expert=person.expert_id),
        "assignments.Process": Process.objects.filter(order__expert=person.expert_id),
        "assignments.Offer": Offer.objects.filter(expert=person.expert_id),
        "assignments.Session": Session.objects.filter(expert=person.expert_id),
        "assignments.Move": Move.objects.filter(session__expert=person.expert_id),
    },
)


@ORDERS.collects
def _orders(person: Person) -> Iterator[Section]:
    offers = Offer.objects.filter(expert=person.expert_id).select_related("order__unit").order_by("sent_at", "id")
    yield from section(
        "offers",
        _("Offers"),
        (
            [
                fact("id", _("Number"), offer.pk),
                fact("unit", _("Unit"), offer.order.unit.code, localname(offer.order.unit)),
                *read(offer.order, "kind", "task"),
                *read(offer, "sent_at", "answer_by"),
                fact("answered_at", _("Answered"), offer.answered_at),
                *read(offer, "state"),
            ]
            for offer in offers
        ),
    )
    orders = Order.objects.filter(expert=person.expert_id).select_related("unit", "orderer", "plan").order_by("id")
    yield from section("orders", _("Orders"), (_order(order) for order in orders))
    sessions = Session.objects.filter(expert=person.expert_id).select_related("unit", "order__orderer", "recorded_by")
    yield from section("sessions", _("Sessions"), (_session(one) for one in sessions.order_by("starts_at", "id")))
    moves = Move.objects.filter(session__expert=person.expert_id).order_by("proposed_at", "id")
    yield from section(
        "moves",
        _("New times proposed"),
        (
            [
                fact("session", _("Session"), move.session_id),
                *read(move, "starts_at", "ends_at", "reason", "state"),
                fact("by_expert", _("Proposed by you"), move.by_expert),
                fact("proposed_at", _("Proposed"), move.proposed_at),
                fact("answered_at", _("Answered"), move.answered_at),
            ]
            for move in moves
        ),
    )


PLAN = (
    "goal", "meetings", "spacing", "contact_way", "first_day", "last_day", "co_leader", "preparation_minutes",
    "end_reasons", "theme", "audience", "audience_size", "equipment",
)  # fmt: skip


def _order(order: Order) -> list[Any]:
    facts = [
        fact("id", _("Number"), order.pk),
        fact("unit", _("Unit"), order.unit.code, localname(order.unit)),
        fact("orderer", _("Ordered by"), str(order.orderer)),
        *read(order, "kind", "task", "language", "place", "remote", "contact_name", "agreed_amount", "fee_declined"),
        *read(order, "travel_mode", "travel_km", "travel_cap", "allowance", "state", "created_at"),
    ]
    plan = getattr(order, "plan", None)
    return facts + [told for told in read(plan, *PLAN) if told.value] if plan else facts


def _session(one: Session) -> list[Any]:
    return [
        fact("id", _("Number"), one.pk),
        fact("order", _("Order"), one.order_id),
        fact("unit", _("Unit"), one.unit.code, localname(one.unit)),
        fact("orderer", _("Ordered by"), str(one.order.orderer)),
        *read(one, "kind", "starts_at", "ends_at", "place", "state", "free_until", "agreed_fee", "outcome"),
        fact("agreed_at", _("Agreed"), one.agreed_at),
        fact("done_starts_at", _("Begun"), one.done_starts_at),
        fact("done_ends_at", _("Done"), one.done_ends_at),
        *read(one, "change_reason", "time_used_for", "received_at", "recorded_at"),
        fact("recorded_by", _("Recorded by"), str(one.recorded_by) if one.recorded_by else None),
        *read(one, "done_km", "receipts", "fee", "travel_fee", "override_fee", "override_reason"),
    ]


@ORDERS.blocks
def _open_work(person: Person, _at: datetime) -> Iterable[Obstacle]:
    yield Obstacle(
        Session.objects.filter(expert=person.expert_id, state=SessionState.AGREED),
        lambda count: (
            ngettext(
                "%(count)s agreed session has no outcome yet.", "%(count)s agreed sessions have no outcome yet.", count
            )
            % {"count": count}
        ),
    )
    withdraw = _("An open order or offer names the expert. Withdraw it first.")
    asked = [OfferState.QUEUED, OfferState.WAITING, OfferState.CAN]
    yield Obstacle(Offer.objects.filter(expert=person.expert_id, state__in=asked), lambda _count: withdraw)
    yield Obstacle(Order.objects.filter(expert=person.expert_id, state__in=OPEN), lambda _count: withdraw)


@ORDERS.kept_by_law(
    gettext_lazy("The agreement on which fees rest, and the unit's record. What was paid stays as long as the fees.")
)
def _ends(person: Person) -> QuerySet[Any]:
    """No day of its own: sessions that were paid go with their payment run."""
    return Order.objects.filter(expert=person.expert_id)


@ORDERS.erases
def _forget_refusals(person: Person, _name: str, _at: datetime) -> int:
    """Questions that led to nothing go (R3), and so does the wish for this expert on cancelled orders."""
    asked = Offer.objects.filter(expert=person.expert_id).exclude(state=OfferState.ACCEPTED)
    cancelled = Order.objects.filter(expert=person.expert_id, state=OrderState.CANCELLED)
    Offer.objects.filter(expert=person.expert_id).update(token_hash=None)
    return sum(clear(asked).values()) + cancelled.update(expert=None)


@ORDERS.retained(months=24, since=gettext_lazy("the last session that was not paid (paid ones go with the fees)"))
def _old_orders(border: date) -> QuerySet[Any]:
    """Orders of which nothing lies ahead and nothing is unpaid. Sessions in hour lists go with their payment run."""
    day = first_moment(border)
    still = Session.objects.filter(order=OuterRef("pk")).filter(
        Q(ends_at__gte=day) | Q(state=SessionState.AGREED) | Q(fee__gt=0, state=SessionState.CLOSED)
        | Q(travel_fee__gt=0, state=SessionState.CLOSED)
    )  # fmt: skip
    last = Greatest(Coalesce(Max("sessions__ends_at"), F("created_at")), F("created_at"))
    found = Order.objects.filter(~Exists(still), created_at__lt=day)
    return found.annotate(ended=TruncDate(last, tzinfo=HELSINKI)).order_by("pk")


@ORDERS.removes
def _remove(ids: Sequence[Any]) -> Mapping[str, int]:
    gone = Order.objects.filter(pk__in=ids)
    Order.objects.filter(companion__in=ids).update(companion=None)
    Order.objects.filter(copied_from__in=ids).update(copied_from=None)
    MeetingDecision.objects.filter(order__in=ids).update(order=None)
    of_orders = {"order__in": ids}
    return clear(
        Move.objects.filter(session__order__in=ids),
        Session.objects.filter(**of_orders),
        Offer.objects.filter(**of_orders),
        Process.objects.filter(**of_orders),
        OrderPlan.objects.filter(**of_orders),
        gone,
    )


@RECORD.leaned_on
def _with_work(experts: QuerySet[Any]) -> QuerySet[Any]:
    for model in (Order, Session, Offer):
        experts = experts.exclude(Exists(model._default_manager.filter(expert=OuterRef("pk"))))
    return experts


@CONTRACTS.leaned_on
def _with_sessions(contracts: QuerySet[Any]) -> QuerySet[Any]:
    """A contract stays as long as a session that it covers (R26)."""
    covered = Session.objects.annotate(day=TruncDate("starts_at", tzinfo=HELSINKI)).filter(
        expert=OuterRef("expert"),
        state__in=[SessionState.AGREED, SessionState.CLOSED],
        day__gte=OuterRef("valid_from"),
        day__lte=OuterRef("valid_to"),
    )
    return contracts.exclude(Exists(covered))
