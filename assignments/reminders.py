"""What orders and sessions remind of: a session tomorrow or without an outcome, offers and orders that stand still."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assignments.models import Offer, Order, Session
from assignments.states import OfferState, OrderState, SessionState
from experts.models import Expert
from experts.readers import reader_of
from experts.shown import Stage, shown_name
from office.away import is_away
from office.choices import NAMED, ORDERERS, Role
from office.models import OutboxMessage, RoleGrant, User
from office.reminders import DAY, Note, Round, holders, ids_of, reminder, start_of, told_of
from office.workdays import local_date


def _agreed(message: OutboxMessage) -> bool:
    return Session.objects.filter(pk__in=told_of(message), state=SessionState.AGREED).exists()


def _agreed_and_ahead(message: OutboxMessage) -> bool:
    ahead = Session.objects.filter(pk__in=told_of(message), starts_at__gt=timezone.now())
    return ahead.filter(state=SessionState.AGREED).exists()


def _expert(session: Session) -> User | None:
    """The expert's account, if the expert has one that is open and has not left (N3)."""
    expert = session.expert
    if expert is None or expert.user is None or not expert.user.is_active or expert.state == Expert.State.ENDED:
        return None
    return expert.user


def _unit_side(sessions: list[Session], at: datetime) -> dict[int, list[User]]:
    """For each session the orderer; the named employee and deputy when the orderer is not there any more, and besides
    the orderer while that one is away (one query).

    By the session's id; nobody when the unit has neither.
    """
    held = RoleGrant.objects.in_force(at).filter(role__in=ORDERERS, user__is_active=True)
    held = held.annotate(is_away=is_away(local_date(at)))
    people: dict[int | None, list[RoleGrant]] = defaultdict(list)
    for one in held.filter(unit__in={session.unit_id for session in sessions}).select_related("user").order_by("pk"):
        people[one.unit_id].append(one)
    found = {}
    for session in sessions:
        there = people[session.unit_id]
        orderer = [one for one in there if one.user_id == session.order.orderer_id][:1]
        told = [one.user for one in orderer]
        if not orderer or orderer[0].is_away:  # type: ignore[attr-defined]  # annotated
            told += [one.user for one in there if one.role in NAMED]
        found[session.pk] = list(dict.fromkeys(told))
    return found


def _notes(
    told: Mapping[User | Expert, list[Session]], at: datetime, several: Mapping[User | Expert, str]
) -> Iterator[Note]:
    """One note a person for all their sessions (N8): an account, or an expert who has none."""
    for person, sessions in told.items():
        one = len(sessions) == 1
        url = reverse("assignments:session", args=[sessions[0].pk]) if one else several.get(person, "")
        reader = reader_of(person) if isinstance(person, Expert) else person
        if reader is None:
            continue
        rows = [
            {
                "session": session,
                "expert": shown_name(session.expert, Stage.AFTER) if session.expert else "",
                "own": person in ((session.expert, session.expert.user) if session.expert else ()),
                "free": session.free_until is not None and session.free_until >= at,
            }
            for session in sessions
        ]
        yield Note(reader, person, ids_of(sessions), url, {"rows": rows, "first": sessions[0], "count": len(rows)})


def _lists_of(experts: Iterable[User], others: Iterable[User]) -> dict[User | Expert, str]:
    """The page with all sessions of each person."""
    pages: dict[User | Expert, str] = dict.fromkeys(others, reverse("assignments:unit_sessions"))
    return pages | dict.fromkeys(experts, reverse("assignments:my_sessions"))


@reminder(
    "session_tomorrow",
    _("A session is near, and until when it can be cancelled free of charge"),
    to=_("The expert and whoever ordered"),
    when=_("At %(clock)s on the working day on which free cancelling ends"),
    urgent=True,
    still_true=_agreed_and_ahead,
)
def session_tomorrow(asked: Round) -> Iterator[Note]:
    """R13: by the moment that is stored on the session. Two queries."""
    near = asked.near
    sessions = list(
        Session.objects.filter(state=SessionState.AGREED, starts_at__gt=asked.at)
        .filter(free_until__gte=start_of(near[0]), free_until__lt=start_of(near[-1] + DAY))
        .select_related("unit", "order__orderer", "expert__user")
        .order_by("starts_at", "pk")
    )
    told: dict[User | Expert, list[Session]] = defaultdict(list)
    experts, others = set(), set()
    unit_side = _unit_side(sessions, asked.at) if sessions else {}
    for session in sessions:
        if person := _expert(session):
            told[person].append(session)
            experts.add(person)
        elif session.expert and session.expert.user is None:
            told[session.expert].append(session)
        for other in unit_side[session.pk]:
            if session not in told[other]:
                told[other].append(session)
                others.add(other)
    yield from _notes(told, asked.at, _lists_of(experts, others))


@reminder(
    "outcome_missing",
    _("How did a session go?"),
    to=_("The expert; whoever ordered, when the expert has no account"),
    when=_("On the working day after the session at %(clock)s"),
    still_true=_agreed,
)
def outcome_missing(asked: Round) -> Iterator[Note]:
    """Two queries."""
    first, end = asked.begun[0] - DAY, asked.today
    sessions = list(
        Session.objects.filter(state=SessionState.AGREED, ends_at__lte=asked.at)
        .filter(ends_at__gt=start_of(first), ends_at__lte=start_of(end))
        .select_related("unit", "order__orderer", "expert__user")
        .order_by("starts_at", "pk")
    )
    told: dict[User | Expert, list[Session]] = defaultdict(list)
    experts, others = set(), set()
    unit_side = _unit_side(sessions, asked.at) if sessions else {}
    for session in sessions:
        if person := _expert(session):
            told[person].append(session)
            experts.add(person)
            continue
        for other in unit_side[session.pk]:
            told[other].append(session)
            others.add(other)
    yield from _notes(told, asked.at, _lists_of(experts, others))


# --- the coordinator -------------------------------------------------------------------------------------------------


def _still_waiting(message: OutboxMessage) -> bool:
    return Offer.objects.filter(pk__in=told_of(message), state=OfferState.WAITING).exists()


@reminder(
    "offers_unanswered",
    _("Offers without an answer, their time nearly over"),
    to=_("Coordinators"),
    when=_("On working days at %(clock)s, when the time to answer ends within %(days)s days"),
    days=(1,),
    still_true=_still_waiting,
)
def offers_unanswered(asked: Round) -> Iterator[Note]:
    """Two queries."""
    end = start_of(asked.near[-1] + DAY * (1 + max(asked.before, default=0)))
    waiting = Offer.objects.filter(state=OfferState.WAITING, answer_by__gt=asked.at, answer_by__lt=end)
    offers = list(waiting.order_by("answer_by", "pk"))
    if offers:
        said = {"count": len(offers), "first": offers[0].answer_by}
        for person in holders(asked.at, Role.COORDINATOR):
            yield Note(person, person, ids_of(offers), f"{reverse('assignments:orders')}?state=offered", said)


def _still_looking(message: OutboxMessage) -> bool:
    """After the day the key names the orders."""
    return Order.objects.filter(pk__in=told_of(message)[1:], state=OrderState.LOOKING).exists()


@reminder(
    "orders_looking",
    _("Orders without an expert"),
    to=_("Coordinators"),
    when=_("On working days at %(clock)s, for orders of earlier days"),
    still_true=_still_looking,
)
def orders_looking(asked: Round) -> Iterator[Note]:
    """Orders whose last time is still to come; those of today were told of at once. Two queries."""
    looking = Order.objects.filter(state=OrderState.LOOKING, confirmed_at__lt=start_of(asked.today))
    times = looking.annotate(first=Min("sessions__starts_at"), last=Max("sessions__starts_at"))
    orders = list(times.filter(last__gt=asked.at).order_by("first", "pk"))
    if orders:
        said = {"count": len(orders), "first": max(orders[0].first, asked.at)}  # type: ignore[attr-defined]  # annotated
        for person in holders(asked.at, Role.COORDINATOR):
            once = f"{asked.today:%Y%m%d}-{ids_of(orders)}"
            yield Note(person, person, once, f"{reverse('assignments:orders')}?state=looking", said)
