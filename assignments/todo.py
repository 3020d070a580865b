"""What waits for a person in orders, offers and sessions: one query each, for all the parts that a person plays."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assignments import texts
from assignments.actions.lapse import chosen_by
from assignments.models import CoordinationMeeting, MeetingDecision, Move, Offer, Order, Session
from assignments.pairs import one_is_missing
from assignments.states import MoveState, OfferState, OrderState, SessionState
from experts.models import Expert
from experts.shown import Stage, shown_name
from office.choices import NAMED, ORDERERS, Role
from office.models import User
from office.policies import closing
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
    times = Session.objects.filter(order=OuterRef("order"), state=SessionState.PLANNED).order_by("starts_at")
    found = list(waiting.annotate(first=Subquery(times.values("starts_at")[:1])).order_by("answer_by", "pk"))
    own = [offer for offer in found if is_expert and offer.expert.user_id == user.pk]
    for offer in own[:MOST]:
        words = _("%(unit)s asks you: %(kind)s") % {
            "unit": localname(offer.order.unit),
            "kind": _what(offer),
        }
        url = reverse("assignments:offer", args=[offer.pk])
        yield Todo(words, url, _("Answer"), due=offer.answer_by, urgent=offer.answer_by - at < EXPIRES)
    for offer in [offer for offer in found if offer not in own][:MOST]:
        words = _("%(expert)s has not answered: %(kind)s") % {
            "expert": offer.expert,
            "kind": _what(offer),
        }
        url = reverse("assignments:order", args=[offer.order_id])
        yield Todo(words, url, _("Look"), due=offer.answer_by, urgent=True)


def _what(offer: Offer) -> str:
    """The kind of work and its first day: a unit may ask for the same work twice."""
    first = offer.first  # type: ignore[attr-defined]  # annotated
    return ", ".join([offer.order.get_kind_display(), *([texts.day(first)] if first else [])])


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
        closing=ArraySubquery(closing().values("day")),
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
            due = chosen_by(due, order.last_answer, closing_days=order.closing)  # type: ignore[attr-defined]
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


#: What of an expert tells the name that the unit sees of who works for it.
EXPERT = ("expert__first_name", "expert__last_name", "expert__shown_before", "expert__shown_after")


def _name(first: str, last: str, before: list[str], after: list[str]) -> str:
    expert = Expert(first_name=first, last_name=last, shown_before=before, shown_after=after)
    return shown_name(expert, Stage.AFTER)


@source
def sessions(user: User, at: datetime) -> Iterator[Ask]:
    """New times that the other side proposes; past sessions that nobody has marked: own ones, and ordered ones."""
    units = user.holdings.units_as(*ORDERERS)
    is_expert = user.has_role(Role.EXPERT)
    wanted = Q(by_expert=True, session__unit__in=units) if units else Q()
    if is_expert:
        wanted |= Q(by_expert=False, session__expert__user=user)
    if wanted:
        moves = Move.objects.filter(wanted, state=MoveState.WAITING, session__state=SessionState.AGREED)
        yield Ask(moves.order_by("session__starts_at", "session_id").values_list(*PROPOSED), _new_times)
    # only what has begun is looked at, however much is ahead
    past = Session.objects.filter(state=SessionState.AGREED, starts_at__lt=at, ends_at__lte=at)
    if is_expert:
        mine = past.filter(expert__user=user).order_by().values("expert").annotate(number=Count("pk"))
        yield Ask(mine.values_list("number"), _own_past)
    if units:
        ordered = past.filter(unit__in=units, order__orderer=user).order_by("starts_at", "pk")
        yield Ask(ordered.values_list("pk", "starts_at", "ends_at", *EXPERT)[:MOST], _ordered_past)


class _Proposed(NamedTuple):
    """A new time of an agreed session that waits for an answer."""

    pk: int
    session: int
    order: int
    at: datetime
    by_expert: bool
    starts_at: datetime
    ends_at: datetime
    now_at: datetime
    first_name: str
    last_name: str
    expert_first: str
    expert_last: str
    shown_before: list[str]
    shown_after: list[str]

    @property
    def who(self) -> str:
        if not self.by_expert:
            return f"{self.first_name} {self.last_name}"
        return _name(self.expert_first, self.expert_last, self.shown_before, self.shown_after)

    @property
    def due(self) -> datetime:
        return min(self.starts_at, self.now_at)


PROPOSED = (
    "pk", "session_id", "session__order_id", "proposed_at", "by_expert", "starts_at", "ends_at", "session__starts_at",
    "proposed_by__first_name", "proposed_by__last_name", *(f"session__{name}" for name in EXPERT),
)  # fmt: skip


def _new_times(rows: list[Row]) -> Iterator[Todo]:
    """Those that were proposed together have one answer."""
    together: dict[Any, list[_Proposed]] = {}
    for row in rows:
        move = _Proposed(*row)
        together.setdefault((move.order, move.at), []).append(move)
    for asked in list(together.values())[:MOST]:
        first, number = asked[0], len(asked)
        if number == 1:
            time = texts.span(first.starts_at, first.ends_at)
            words = _("%(who)s proposes a new time: %(time)s") % {"who": first.who, "time": time}
            yield Todo(words, reverse("assignments:session", args=[first.session]), _("Answer"), due=first.due)
        else:
            words = ngettext(
                "%(who)s proposes a new time for %(count)s session",
                "%(who)s proposes new times for %(count)s sessions",
                number,
            ) % {"who": first.who, "count": number}
            yield Todo(words, reverse("assignments:moves", args=[first.pk]), _("Answer"), due=first.due)


def _own_past(rows: list[Row]) -> Iterator[Todo]:
    for (number,) in rows:
        words = ngettext(
            "How did it go? %(count)s session is not marked yet.",
            "How did they go? %(count)s sessions are not marked yet.",
            number,
        ) % {"count": number}
        yield Todo(words, reverse("assignments:my_sessions"), _("Mark"))


def _ordered_past(rows: list[Row]) -> Iterator[Todo]:
    for pk, starts_at, ends_at, *expert in rows:
        words = _("How did it go with %(expert)s, %(time)s?") % {
            "expert": _name(*expert),
            "time": texts.span(starts_at, ends_at),
        }
        yield Todo(words, reverse("assignments:session", args=[pk]), _("Mark"))


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
