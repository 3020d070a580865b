"""Messages about orders, offers and sessions; each is asked before sending whether it is still true."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from assignments.calendar import entries
from assignments.models import Move, Offer, Order, Session
from assignments.pairs import both
from assignments.states import MoveState, OfferState, OrderState, SessionState
from office.ical import written
from office.models import OutboxMessage
from office.outbox import Attachment, kind
from office.outbox_about import messages_about
from office.reminders import reminder_by_moment


def _to_confirm(message: OutboxMessage) -> bool:
    return Order.objects.filter(pk=message.about_id, state=OrderState.TO_CONFIRM).exists()


def _looking(message: OutboxMessage) -> bool:
    return Order.objects.filter(pk=message.about_id, state=OrderState.LOOKING).exists()


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


def _agreed_as_told(message: OutboxMessage) -> bool:
    """Something is still agreed as the offer was: not all of it has been cancelled or moved since."""
    agreed = Session.objects.filter(state=SessionState.AGREED, moved_from=None)
    return agreed.filter(order__offers=message.about_id).exists()


def _answer_holds(message: OutboxMessage) -> bool:
    """A no stays one; a new time stands until the session is cancelled or moved on."""
    moves = Move.objects.filter(pk=message.about_id)
    accepted = Session.objects.filter(moved_from__moves=message.about_id, state=SessionState.AGREED)
    return moves.exclude(state=MoveState.ACCEPTED).exists() or accepted.exists()


def _within_a_day(moment: datetime, at: datetime) -> bool:
    return timedelta(0) <= moment - at <= timedelta(days=1)


def _moved_within_a_day(move: Move, at: datetime) -> bool:
    """Accepted, and the old or the new time is near."""
    near = any(_within_a_day(moment, at) for moment in (move.session.starts_at, move.starts_at))
    return move.state == MoveState.ACCEPTED and near


def _any_moved_within_a_day(move: Move, at: datetime) -> bool:
    """Of new times that were accepted together the old or the new time of one is near."""
    together = Move.objects.filter(
        session__order=move.session.order_id, proposed_at=move.proposed_at, proposed_by=move.proposed_by_id
    )
    return any(_moved_within_a_day(one, at) for one in together.select_related("session"))


def _invitation(sessions: QuerySet[Session]) -> list[Attachment]:
    """The times as a calendar file; cancelled ones take the entry off again."""
    found = entries(list(sessions.select_related("unit")))
    return [("erfa.ics", written(found, now("Experience experts")), "text/calendar")] if found else []


def _times_of_the_offer(message: OutboxMessage) -> list[Attachment]:
    return _invitation(Session.objects.filter(order__offers=message.about_id))


def _the_session(message: OutboxMessage) -> list[Attachment]:
    return _invitation(Session.objects.filter(pk=message.about_id))


def _the_sessions(message: OutboxMessage) -> list[Attachment]:
    """The session and those of its order that were cancelled by the same act; of both orders of two experts for
    whoever is not one of them.
    """
    session = (
        Session.objects.filter(pk=message.about_id).select_related("order__companion", "order__lead", "expert").first()
    )
    same = Session.objects.filter(pk=message.about_id)
    if session is not None and session.recorded_at is not None:
        orders = {session.order_id}
        expert = session.expert.user_id if session.expert else None
        if message.recipient_id is not None and message.recipient_id != expert:
            orders |= {one.pk for one in both(session.order)}
        same |= Session.objects.filter(
            order__in=orders, recorded_at=session.recorded_at, recorded_by=session.recorded_by
        )
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


ORDER_TO_CONFIRM = kind(
    "order_to_confirm",
    _("An order to confirm"),
    to=_("The named employee and the deputy"),
    when=_("When an order is sent to be confirmed"),
    still_true=_to_confirm,
)
ORDER_CHANGED = kind(
    "order_changed",
    _("An order was changed before it was confirmed"),
    to=_("The orderer"),
    when=_("When the named employee changes an order before confirming it"),
)
ORDER_LOOKING = kind(
    "order_looking",
    _("An order without an expert"),
    to=_("Coordinators"),
    when=_("When an order has no expert"),
    still_true=_looking,
)
OFFER = kind(
    "offer",
    _("An offer to an expert"),
    to=_("The expert"),
    when=_("When an order is offered to the expert"),
    still_true=_offer_answerable,
)
OFFER_ACCEPTED = kind(
    "offer_accepted",
    _("An expert took an order"),
    to=_("The orderer and the named employee"),
    when=_("When an expert accepts an offer"),
    still_true=_agreed_as_told,
    attach=_times_of_the_offer,
)
OFFER_DECLINED = kind(
    "offer_declined",
    _("An expert cannot take an order"),
    to=_("The orderer and the named employee"),
    when=_("When an expert declines an offer"),
)
OFFER_UNANSWERED = kind(
    "offer_unanswered",
    _("An expert has not answered in time"),
    to=_("The orderer and the named employee"),
    when=_("When the time to answer an offer is over"),
)
OFFER_EXPIRED = kind(
    "offer_expired",
    _("The time to answer an offer is over"),
    to=_("The expert"),
    when=_("When the time to answer an offer is over"),
)
OFFER_REMINDER = kind(
    "offer_reminder",
    _("An offer waits for an answer"),
    to=_("The expert"),
    when=_("When the time to answer an offer is nearly over"),
    still_true=_offer_answerable,
    by_sms=lambda _offer, _at: True,
)
#: How long before, from a day on; ``assignments.actions.remind_due`` writes it.
OFFER_REMINDING = reminder_by_moment(
    OFFER_REMINDER,
    to=_("The expert"),
    when=_("%(days)s days before the time to answer is over, in the day of a working day"),
    days=(1,),
)
OFFER_CAN = kind(
    "offer_can",
    _("An expert can take an order"),
    to=_("The orderer and the named employee"),
    when=_("When one of those who were asked can take an order"),
    still_true=_can_be_chosen,
)
OFFER_CHOSEN = kind(
    "offer_chosen",
    _("An expert was chosen"),
    to=_("The expert"),
    when=_("When the unit has chosen the expert"),
    still_true=_agreed_as_told,
    attach=_times_of_the_offer,
)
OFFER_NOT_CHOSEN = kind(
    "offer_not_chosen",
    _("Somebody else was chosen"),
    to=_("The other experts who were asked"),
    when=_("When the unit has chosen another expert"),
)
OFFER_LAPSED = kind(
    "offer_lapsed",
    _("Nobody was chosen among those who can"),
    to=_("The experts who said that they can"),
    when=_("When the unit has not chosen in time"),
)
NOBODY_CHOSEN = kind(
    "nobody_chosen",
    _("Nobody was chosen in time"),
    to=_("The orderer and the named employee"),
    when=_("When the unit has not chosen in time"),
)
OFFER_WITHDRAWN = kind(
    "offer_withdrawn", _("An offer was taken back"), to=_("The expert"), when=_("When an offer is taken back")
)


def _still_agreed(message: OutboxMessage) -> bool:
    return Order.objects.filter(pk=message.about_id, state=OrderState.AGREED).exists()


ONE_EXPERT = kind(
    "one_expert",
    _("The work goes on with one expert"),
    to=_("The expert who stays"),
    when=_("When one of two experts is lacking and the unit goes on with one"),
    still_true=_still_agreed,
)
SESSION_CANCELLED = kind(
    "session_cancelled",
    _("A session will not be held"),
    to=_("The other side; both when the coordinator acts"),
    when=_("When an agreed session is cancelled"),
    still_true=_still_closed,
    attach=_the_sessions,
    by_sms=lambda session, at: _within_a_day(session.starts_at, at),
)
SESSION_AGAIN = kind(
    "session_again",
    _("A cancelled session is held after all"),
    to=_("The other side; both when the coordinator acts"),
    when=_("When a cancellation is taken back"),
    still_true=_agreed_again,
    attach=_the_session,
)
MOVE_PROPOSED = kind(
    "move_proposed",
    _("A new time is proposed"),
    to=_("The other side"),
    when=_("When somebody proposes a new time"),
    still_true=_move_waits,
)
MOVE_ANSWERED = kind(
    "move_answered",
    _("A proposed time was answered"),
    to=_("Whoever proposed it"),
    when=_("When a proposed time is answered"),
    still_true=_answer_holds,
    attach=_the_moved_session,
    by_sms=_moved_within_a_day,
)
MOVES_PROPOSED = kind(
    "moves_proposed",
    _("New times are proposed for several sessions"),
    to=_("The other side"),
    when=_("When somebody proposes new times for several sessions"),
    still_true=_move_waits,
)
MOVES_ANSWERED = kind(
    "moves_answered",
    _("Proposed times of several sessions were answered"),
    to=_("Whoever proposed it"),
    when=_("When proposed times of several sessions are answered"),
    attach=_moved_together,
    by_sms=_any_moved_within_a_day,
)
PLACE_CHANGED = kind(
    "place_changed",
    _("Sessions have another place"),
    to=_("The expert"),
    when=_("When the place of agreed sessions is changed"),
    still_true=_agreed_again,
    attach=_those_ahead,
)


def _of_order(pk: int) -> Q:
    """Messages about the order, its offers, sessions and moves."""
    return (
        Q(about_type="assignments.order", about_id=pk)
        | Q(about_type="assignments.offer", about_id__in=Offer.objects.filter(order=pk).values("pk"))
        | Q(about_type="assignments.session", about_id__in=Session.objects.filter(order=pk).values("pk"))
        | Q(about_type="assignments.move", about_id__in=Move.objects.filter(session__order=pk).values("pk"))
    )


messages_about("assignments.order", _of_order, lambda order: now("order %(number)s") % {"number": order.pk})
