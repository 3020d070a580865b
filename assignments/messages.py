"""Messages about orders, offers and sessions; each is asked before sending whether it is still true."""

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from assignments.calendar import entries
from assignments.models import Move, Offer, Order, Session
from assignments.states import MoveState, OfferState, OrderState, SessionState
from office.ical import written
from office.models import OutboxMessage
from office.outbox import Attachment, kind


def _to_confirm(message: OutboxMessage) -> bool:
    return Order.objects.filter(pk=message.about_id, state=OrderState.TO_CONFIRM).exists()


def _looking(message: OutboxMessage) -> bool:
    return Order.objects.filter(pk=message.about_id, state=OrderState.LOOKING).exists()


def _offer_waits(message: OutboxMessage) -> bool:
    return Offer.objects.filter(pk=message.about_id, state=OfferState.WAITING).exists()


def _offer_answerable(message: OutboxMessage) -> bool:
    """Still without an answer, and there is still time for one."""
    waiting = Offer.objects.filter(pk=message.about_id, state=OfferState.WAITING)
    return waiting.filter(answer_by__gt=timezone.now()).exists()


def _can_be_chosen(message: OutboxMessage) -> bool:
    return Offer.objects.filter(pk=message.about_id, state=OfferState.CAN).exists()


def _still_closed(message: OutboxMessage) -> bool:
    return Session.objects.filter(pk=message.about_id, state=SessionState.CLOSED).exists()


def _agreed_again(message: OutboxMessage) -> bool:
    return Session.objects.filter(pk=message.about_id, state=SessionState.AGREED).exists()


def _move_waits(message: OutboxMessage) -> bool:
    return Move.objects.filter(pk=message.about_id, state=MoveState.WAITING).exists()


def _invitation(sessions: QuerySet[Session]) -> list[Attachment]:
    """The times as a calendar file; cancelled ones take the entry off again."""
    found = entries(list(sessions.select_related("unit")))
    return [("erfa.ics", written(found, now("Experience experts")), "text/calendar")] if found else []


def _times_of_the_offer(message: OutboxMessage) -> list[Attachment]:
    return _invitation(Session.objects.filter(order__offers=message.about_id))


def _the_session(message: OutboxMessage) -> list[Attachment]:
    return _invitation(Session.objects.filter(pk=message.about_id))


def _the_sessions(message: OutboxMessage) -> list[Attachment]:
    """The session and those of its order that were cancelled by the same act."""
    one = Session.objects.filter(pk=message.about_id).values("order", "recorded_at", "recorded_by")
    same = Session.objects.filter(pk=message.about_id)
    for found in one.exclude(recorded_at=None):
        same |= Session.objects.filter(**found)
    return _invitation(same)


def _those_ahead(message: OutboxMessage) -> list[Attachment]:
    """The agreed sessions of the order that have not been held."""
    order = Session.objects.filter(pk=message.about_id).values("order")
    return _invitation(Session.objects.filter(order__in=order, state=SessionState.AGREED))


def _moved_together(message: OutboxMessage) -> list[Attachment]:
    """Where all the sessions of a proposal stand now."""
    found = Move.objects.filter(pk=message.about_id).values("session__order", "proposed_at", "proposed_by")
    moves = Move.objects.none()
    for one in found:
        moves = Move.objects.filter(**one)
    old = moves.values("session")
    return _invitation(Session.objects.filter(Q(pk__in=old) | Q(moved_from__in=old)))


def _the_moved_session(message: OutboxMessage) -> list[Attachment]:
    """Where the session stands now: at the new time when the move was accepted."""
    moved = Session.objects.filter(moves=message.about_id).values("pk")
    return _invitation(Session.objects.filter(Q(pk__in=moved) | Q(moved_from__in=moved)))


ORDER_TO_CONFIRM = kind("order_to_confirm", _("An order to confirm"), still_true=_to_confirm)
ORDER_CHANGED = kind("order_changed", _("An order was changed before it was confirmed"))
ORDER_LOOKING = kind("order_looking", _("An order without an expert"), still_true=_looking)
OFFER = kind("offer", _("An offer to an expert"), still_true=_offer_waits)
OFFER_ACCEPTED = kind("offer_accepted", _("An expert took an order"), attach=_times_of_the_offer)
OFFER_DECLINED = kind("offer_declined", _("An expert cannot take an order"))
OFFER_UNANSWERED = kind("offer_unanswered", _("An expert has not answered in time"))
OFFER_EXPIRED = kind("offer_expired", _("The time to answer an offer is over"))
OFFER_REMINDER = kind("offer_reminder", _("An offer waits for an answer"), still_true=_offer_answerable)
OFFER_CAN = kind("offer_can", _("An expert can take an order"), still_true=_can_be_chosen)
OFFER_CHOSEN = kind("offer_chosen", _("An expert was chosen"), attach=_times_of_the_offer)
OFFER_NOT_CHOSEN = kind("offer_not_chosen", _("Somebody else was chosen"))
OFFER_WITHDRAWN = kind("offer_withdrawn", _("An offer was taken back"))
SESSION_CANCELLED = kind(
    "session_cancelled", _("A session will not be held"), still_true=_still_closed, attach=_the_sessions
)
SESSION_AGAIN = kind(
    "session_again", _("A cancelled session is held after all"), still_true=_agreed_again, attach=_the_session
)
MOVE_PROPOSED = kind("move_proposed", _("A new time is proposed"), still_true=_move_waits)
MOVE_ANSWERED = kind("move_answered", _("A proposed time was answered"), attach=_the_moved_session)
MOVES_PROPOSED = kind("moves_proposed", _("New times are proposed for several sessions"), still_true=_move_waits)
MOVES_ANSWERED = kind("moves_answered", _("Proposed times of several sessions were answered"), attach=_moved_together)
PLACE_CHANGED = kind("place_changed", _("Sessions have another place"), still_true=_agreed_again, attach=_those_ahead)
