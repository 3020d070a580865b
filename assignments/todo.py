"""What waits for a person in orders, offers and sessions: one query each, for all the parts that a person plays."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Exists, F, FilteredRelation, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assignments import texts
from assignments.actions.lapse import chosen_by
from assignments.models import CoordinationMeeting, MeetingDecision, Offer, Order, Session
from assignments.pairs import one_is_missing
from assignments.states import MoveState, OfferState, OrderState, SessionState
from experts.shown import Stage, shown_name
from office.choices import NAMED, ORDERERS, Role
from office.models import User
from office.templatetags.erfa import localname
from office.todo import Ask, Todo, source
from office.together import Row
from office.workdays import at_wall_clock

#: As many rows of one sort as the first page shows one by one.
MOST = 20
EXPIRES = timedelta(days=1)


@source
def offers(user: User, at: datetime) -> Iterator[Todo]:
    """An expert's own offers; for the coordinator also those about to run out."""
    is_expert = user.has_role(Role.EXPERT)
    wanted = Q()
    if is_expert:
        wanted |= Q(expert__user=user)
    if user.has_role(Role.COORDINATOR):
        wanted |= Q(answer_by__lt=at + EXPIRES)
    if not wanted:
        return
    waiting = Offer.objects.filter(wanted, state=OfferState.WAITING).select_related("expert", "order__unit")
    found = list(waiting.order_by("answer_by", "pk"))
    own = [offer for offer in found if is_expert and offer.expert.user_id == user.pk]
    for offer in own[:MOST]:
        words = _("%(unit)s asks you: %(kind)s") % {
            "unit": localname(offer.order.unit),
            "kind": offer.order.get_kind_display(),
        }
        url = reverse("assignments:offer", args=[offer.pk])
        yield Todo(words, url, _("Answer"), due=offer.answer_by, urgent=offer.answer_by - at < EXPIRES)
    for offer in [offer for offer in found if offer not in own][:MOST]:
        words = _("%(expert)s has not answered: %(kind)s") % {
            "expert": offer.expert,
            "kind": offer.order.get_kind_display(),
        }
        url = reverse("assignments:order", args=[offer.order_id])
        yield Todo(words, url, _("Look"), due=offer.answer_by, urgent=True)


@source
def orders(user: User, at: datetime) -> Iterator[Todo]:
    """Orders to confirm in the units where the person is named employee or deputy, and those for which somebody can:
    the orderer or they choose; the coordinator's that look.
    """
    wanted = Q()
    if own := user.holdings.units_as(*ORDERERS):
        units = user.holdings.units_as(*NAMED)
        can = Exists(Offer.objects.filter(order=OuterRef("pk"), state=OfferState.CAN))
        wanted |= Q(unit__in=units, state=OrderState.TO_CONFIRM, lead=None)
        lacking = Q(state=OrderState.LOOKING, left_to_coordinator=False) & _one_lacks()
        wanted |= (Q(unit__in=units) | Q(orderer=user, unit__in=own)) & lacking
        wanted |= (Q(unit__in=units) | Q(orderer=user, unit__in=own)) & Q(can, state=OrderState.OFFERED)
    if user.has_role(Role.COORDINATOR):
        wanted |= Q(state=OrderState.LOOKING)
    if not wanted:
        return
    related = Order.objects.filter(wanted).select_related("unit", "orderer", "companion", "lead")
    asked = Offer.objects.filter(order=OuterRef("pk"))
    waiting = related.annotate(
        first=Min("sessions__starts_at"),
        waits=Exists(asked.filter(state__in=[OfferState.WAITING, OfferState.QUEUED])),
        last_answer=Subquery(asked.exclude(answered_at=None).order_by("-answered_at").values("answered_at")[:1]),
    )
    found = list(waiting.order_by("first", "pk"))
    for order in [order for order in found if order.state == OrderState.TO_CONFIRM][:MOST]:
        words = _("%(who)s has ordered: %(kind)s") % {"who": order.orderer, "kind": order.get_kind_display()}
        yield Todo(words, reverse("assignments:order", args=[order.pk]), _("Confirm"), due=order.first)  # type: ignore[attr-defined]  # annotated
    for order in [order for order in found if order.state == OrderState.OFFERED][:MOST]:
        words = _("Somebody can take your order: %(kind)s") % {"kind": order.get_kind_display()}
        due = order.first  # type: ignore[attr-defined]  # annotated
        if order.last_answer is not None and not order.waits:  # type: ignore[attr-defined]
            due = chosen_by(due, order.last_answer)  # type: ignore[attr-defined]
        yield Todo(
            words, reverse("assignments:order", args=[order.pk]), _("Choose"), due=due, urgent=due - at < EXPIRES
        )
    looking = [order for order in found if order.state == OrderState.LOOKING]
    lacking_one = [order for order in looking if one_is_missing(order)]
    for order in lacking_one[:MOST]:
        words = _("A second expert is lacking: %(kind)s") % {"kind": order.get_kind_display()}
        yield Todo(words, reverse("assignments:order_missing", args=[order.pk]), _("Decide"), due=order.first)  # type: ignore[attr-defined]  # annotated
    for order in [order for order in looking if order not in lacking_one][:MOST]:
        words = _("%(unit)s needs an expert: %(kind)s") % {
            "unit": localname(order.unit),
            "kind": order.get_kind_display(),
        }
        yield Todo(words, reverse("assignments:order", args=[order.pk]), _("Find an expert"), due=order.first)  # type: ignore[attr-defined]  # annotated


def _one_lacks() -> Q:
    """Of two experts kept together one has been asked or has agreed."""
    there = [OrderState.OFFERED, OrderState.AGREED]
    return Q(companion__state__in=there) | Q(lead__state__in=there)


@source
def sessions(user: User, at: datetime) -> Iterator[Todo]:
    """New times that the other side proposes; past sessions that nobody has marked: own ones, and ordered ones."""
    units = user.holdings.units_as(*ORDERERS)
    is_expert = user.has_role(Role.EXPERT)
    if not units and not is_expert:
        return
    unmarked = 0
    ordered: list[Todo] = []
    moves: dict[Any, list[Any]] = {}
    for session in _asking(user, units, at, is_expert=is_expert):
        mine = is_expert and session.expert.user_id == user.pk
        ours = session.unit_id in units
        if (mine and session.new_by_expert is False) or (ours and session.new_by_expert is True):
            moves.setdefault((session.order_id, session.new_at), []).append(session)
        if session.ends_at <= at:
            unmarked += mine
            if ours and session.order.orderer_id == user.pk:
                ordered.append(_unmarked(session))
    for asked in list(moves.values())[:MOST]:
        yield _new_time(asked[0]) if len(asked) == 1 else _new_times(asked)
    if unmarked:
        words = ngettext(
            "How did it go? %(count)s session is not marked yet.",
            "How did they go? %(count)s sessions are not marked yet.",
            unmarked,
        ) % {"count": unmarked}
        yield Todo(words, reverse("assignments:my_sessions"), _("Mark"))
    yield from ordered[:MOST]


def _asking(user: User, units: set[int], at: datetime, *, is_expert: bool) -> Iterable[Any]:
    """Agreed sessions that are past or have a new time to answer; ``new_*`` tell of it (one query)."""
    past = Q(ends_at__lte=at)
    wanted = Q(unit__in=units) & (past & Q(order__orderer=user) | Q(new__by_expert=True))
    if is_expert:
        wanted |= Q(expert__user=user) & (past | Q(new__by_expert=False))
    return (
        Session.objects.filter(state=SessionState.AGREED)
        .annotate(new=FilteredRelation("moves", condition=Q(moves__state=MoveState.WAITING)))
        .filter(wanted)
        .select_related("order", "expert")
        .annotate(
            new_by_expert=F("new__by_expert"),
            new_by=Concat("new__proposed_by__first_name", Value(" "), "new__proposed_by__last_name"),
            new_pk=F("new__pk"),
            new_at=F("new__proposed_at"),
            new_starts_at=F("new__starts_at"),
            new_ends_at=F("new__ends_at"),
        )
    )


def _new_time(session: Any) -> Todo:
    words = _("%(who)s proposes a new time: %(time)s") % {
        "who": shown_name(session.expert, Stage.AFTER) if session.new_by_expert else session.new_by,
        "time": texts.span(session.new_starts_at, session.new_ends_at),
    }
    due = min(session.new_starts_at, session.starts_at)
    return Todo(words, reverse("assignments:session", args=[session.pk]), _("Answer"), due=due)


def _new_times(asked: list[Any]) -> Todo:
    """Several that were proposed together: one answer."""
    first = min(asked, key=lambda session: session.starts_at)
    who = shown_name(first.expert, Stage.AFTER) if first.new_by_expert else first.new_by
    words = ngettext(
        "%(who)s proposes a new time for %(count)s session", "%(who)s proposes new times for %(count)s sessions",
        len(asked),
    ) % {"who": who, "count": len(asked)}  # fmt: skip
    due = min(first.new_starts_at, first.starts_at)
    return Todo(words, reverse("assignments:moves", args=[first.new_pk]), _("Answer"), due=due)


def _unmarked(session: Any) -> Todo:
    words = _("How did it go with %(expert)s, %(time)s?") % {
        "expert": shown_name(session.expert, Stage.AFTER),
        "time": texts.span(session.starts_at, session.ends_at),
    }
    return Todo(words, reverse("assignments:session", args=[session.pk]), _("Mark"))


@source
def decisions(user: User, at: datetime) -> Iterator[Ask]:
    """What a coordination meeting has given the person to do, until it is ticked off; without a day last."""
    seen = CoordinationMeeting.objects.visible_to(user)
    rows = MeetingDecision.objects.filter(person=user, done_at=None, meeting__in=seen)

    def tell(found: list[Row]) -> Iterator[Todo]:
        for meeting, text, due in found[:MOST]:
            words = _("Decided at a coordination meeting: %(what)s") % {"what": text}
            url = reverse("assignments:meeting", args=[meeting])
            if due is None:
                yield Todo(words, url, _("Look"))
                continue
            end = at_wall_clock(due + timedelta(days=1), time(0)) - timedelta(minutes=1)
            yield Todo(words, url, _("Look"), due=end, due_text=texts.day(due), urgent=end < at)

    yield Ask(rows.order_by("due", "pk").values_list("meeting_id", "text", "due"), tell)
