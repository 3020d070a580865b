"""What waits for a person in orders, offers and sessions. A query for each part a person plays, none in loops."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assignments import texts
from assignments.models import Move, Offer, Order, Session
from assignments.states import MoveState, OfferState, OrderState, SessionState
from office.choices import NAMED, ORDERERS, Role
from office.models import User
from office.templatetags.erfa import localname
from office.todo import Todo, source

#: As many rows of one sort as the first page shows one by one.
MOST = 20
EXPIRES = timedelta(days=1)


@source
def offers_to_answer(user: User, at: datetime) -> Iterator[Todo]:
    """An expert's offers."""
    if not user.has_role(Role.EXPERT):
        return
    offers = Offer.objects.filter(expert__user=user, state=OfferState.WAITING).select_related("order__unit")
    for offer in offers.order_by("answer_by")[:MOST]:
        words = _("%(unit)s asks you: %(kind)s") % {
            "unit": localname(offer.order.unit),
            "kind": offer.order.get_kind_display(),
        }
        url = reverse("assignments:offer", args=[offer.pk])
        yield Todo(words, url, _("Answer"), due=offer.answer_by, urgent=offer.answer_by - at < EXPIRES)


@source
def moves_to_answer(user: User, at: datetime) -> Iterator[Todo]:  # noqa: ARG001 - a source
    """New times proposed by the other side."""
    waiting = Move.objects.filter(state=MoveState.WAITING, session__state=SessionState.AGREED)
    for by_expert, mine in ((False, user.has_role(Role.EXPERT)), (True, bool(user.holdings.units_as(*ORDERERS)))):
        if not mine:
            continue
        to_me = Q(session__unit__in=user.holdings.units_as(*ORDERERS)) if by_expert else Q(session__expert__user=user)
        for move in waiting.filter(to_me, by_expert=by_expert).select_related("session", "proposed_by")[:MOST]:
            words = _("%(who)s proposes a new time: %(time)s") % {
                "who": move.proposed_by,
                "time": texts.span(move.starts_at, move.ends_at),
            }
            url = reverse("assignments:session", args=[move.session_id])
            yield Todo(words, url, _("Answer"), due=min(move.starts_at, move.session.starts_at))


@source
def times_without_outcome(user: User, at: datetime) -> Iterator[Todo]:
    """Past sessions that nobody has marked: the expert's own, and those a unit's employee ordered."""
    past = Session.objects.filter(state=SessionState.AGREED, ends_at__lte=at)
    if user.has_role(Role.EXPERT):
        count = past.filter(expert__user=user).count()
        if count:
            words = ngettext(
                "How did it go? %(count)s session is not marked yet.",
                "How did they go? %(count)s sessions are not marked yet.",
                count,
            ) % {"count": count}
            yield Todo(words, reverse("assignments:my_sessions"), _("Mark"))
    if user.holdings.units_as(*ORDERERS):
        mine = past.filter(order__orderer=user, unit__in=user.holdings.units_as(*ORDERERS))
        for session in mine.select_related("expert")[:MOST]:
            words = _("How did it go with %(expert)s, %(time)s?") % {
                "expert": session.expert,
                "time": texts.span(session.starts_at, session.ends_at),
            }
            yield Todo(words, reverse("assignments:session", args=[session.pk]), _("Mark"))


@source
def orders_to_confirm(user: User, at: datetime) -> Iterator[Todo]:  # noqa: ARG001 - a source
    """Orders of the units where the person is the named employee or the deputy."""
    units = user.holdings.units_as(*NAMED)
    if not units:
        return
    orders = Order.objects.filter(unit__in=units, state=OrderState.TO_CONFIRM).select_related("orderer")
    for order in orders.annotate(first=Min("sessions__starts_at")).order_by("pk")[:MOST]:
        words = _("%(who)s has ordered: %(kind)s") % {"who": order.orderer, "kind": order.get_kind_display()}
        yield Todo(words, reverse("assignments:order", args=[order.pk]), _("Confirm"), due=order.first)  # type: ignore[attr-defined]  # annotated


@source
def orders_without_an_expert(user: User, at: datetime) -> Iterator[Todo]:
    """The coordinator's: orders that look for an expert, and offers about to run out."""
    if not user.has_role(Role.COORDINATOR):
        return
    looking = Order.objects.filter(state=OrderState.LOOKING).select_related("unit")
    for order in looking.annotate(first=Min("sessions__starts_at")).order_by("first", "pk")[:MOST]:
        words = _("%(unit)s needs an expert: %(kind)s") % {
            "unit": localname(order.unit),
            "kind": order.get_kind_display(),
        }
        yield Todo(words, reverse("assignments:order", args=[order.pk]), _("Find an expert"), due=order.first)  # type: ignore[attr-defined]  # annotated
    ending = Offer.objects.filter(state=OfferState.WAITING, answer_by__lt=at + EXPIRES).select_related(
        "expert", "order"
    )
    for offer in ending.order_by("answer_by")[:MOST]:
        words = _("%(expert)s has not answered: %(kind)s") % {
            "expert": offer.expert,
            "kind": offer.order.get_kind_display(),
        }
        url = reverse("assignments:order", args=[offer.order_id])
        yield Todo(words, url, _("Look"), due=offer.answer_by, urgent=True)
