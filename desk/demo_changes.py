"""One of every change of plans that the months of the story do not bring by themselves; each on work of its own."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from assignments import actions as work
from assignments.actions.series import Scope, covered, preview_cancel
from assignments.models import Offer, Order, Session
from assignments.rules import Event
from assignments.states import SessionState
from desk.demo_asking import able, rewritten, span_of
from desk.demo_cast import ExpertCast, Plan
from desk.demo_story import Office
from office.errors import Refused, RuleError
from office.kinds import TaskType as Kind
from office.models import User

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

Act = Callable[[Session, datetime], object]


def load(office: Office) -> None:
    """Sessions first, then what becomes of questions to experts. What is past already holds is left as it is."""
    now, used = office.now, set[int]()
    ahead = list(_sessions(starts_at__gt=now + 2 * DAY).exclude(expert__user=None).order_by("-starts_at", "pk")[:60])
    begun = list(_sessions(ends_at__lt=now - HOUR).exclude(kind=Kind.LECTURE).order_by("starts_at", "pk")[:20])
    series = [one for one in ahead if len(covered(one, Scope.AHEAD, at=now)) > 1]
    for rows, act in (
        (series, _rest_cancelled), (series, _elsewhere), (ahead, _prevented), (ahead, _taken_back), (ahead, _declined),
        (ahead, _withdrawn), (begun, _shortened),
    ):  # fmt: skip
        _first(rows, act, now, used)
    held = _sessions(SessionState.CLOSED, starts_at__lt=now).filter(kind=Kind.INDIVIDUAL)
    _first(held.order_by("-pk")[:20], _ordered_again, now, set())
    for n, tell in enumerate((_chosen, _asked_anew, _no_answer, _voluntary)):
        unit = office.units[1]
        plan = Plan(unit, Kind.INDIVIDUAL, "fi", [span_of(now, 18 + n, 9 + 2 * n)])
        experts = able(office, unit, plan)
        try:
            tell(office, plan, experts)
        except RuleError as error:
            office.diary.refused.append(f"{tell.__name__}: {error.message}")


def _sessions(state: str = SessionState.AGREED, **when: datetime) -> QuerySet[Session]:
    """Those of one expert, without a proposal; groups of two experts tell their own story."""
    rows = Session.objects.filter(state=state, moves=None, order__companion=None, order__lead=None)
    return rows.filter(**when).select_related("order__unit", "order__orderer", "unit", "expert__user")


def _first(rows: Iterable[Session], act: Act, now: datetime, used: set[int]) -> None:
    """Does it with the first order of which nothing has been told yet and which allows it."""
    for session in rows:
        if session.order_id in used:
            continue
        try:
            with transaction.atomic():
                act(session, now)
        except RuleError:
            continue
        used.add(session.order_id)
        return


def _expert(session: Session) -> User:
    user = session.expert.user if session.expert else None
    if user is None:
        raise Refused("An expert without an account tells it by telephone.")
    return user


# --- sessions --------------------------------------------------------------------------------------------------------


def _prevented(session: Session, now: datetime) -> None:
    """The expert cannot come, for another reason than being ill."""
    work.record_outcome(session, Event.EXPERT_CANCELLED, by=_expert(session), at=now - 3 * HOUR)


def _taken_back(session: Session, now: datetime) -> None:
    """The wrong one was cancelled; it is agreed again, with its fee."""
    by = session.order.orderer
    work.record_outcome(session, Event.ORDERER_CANCELLED, by=by, at=now - 2 * HOUR)
    work.undo_outcome(session, by=by, at=now - 2 * HOUR + 4 * MINUTE)


def _declined(session: Session, now: datetime) -> None:
    """A new time that does not suit the expert: the session stays."""
    move = work.propose_move(
        session, session.starts_at + DAY, session.ends_at + DAY, by=session.order.orderer, at=now - 5 * HOUR
    )
    work.decline_move(move, by=_expert(session), at=now - 3 * HOUR)


def _withdrawn(session: Session, now: datetime) -> None:
    """The expert's own proposal, taken back; then the unit's, which cancels the session if it does not suit."""
    expert = _expert(session)
    move = work.propose_move(session, session.starts_at + DAY, session.ends_at + DAY, by=expert, at=now - 4 * HOUR)
    work.withdraw_move(move, by=expert, at=now - 3 * HOUR)
    work.propose_move(
        session, session.starts_at, session.ends_at - 15 * MINUTE, by=session.order.orderer, at=now - 2 * HOUR,
        cancel_if_declined=True, reason="Huone on varattu",
    )  # fmt: skip


def _shortened(session: Session, now: datetime) -> None:
    """Told by telephone after the limit that half an hour falls away: what was agreed is paid."""
    work.record_outcome(
        session, Event.SHORTENED, by=session.order.orderer, at=now - HOUR, received_at=session.starts_at - HOUR,
        told_by=str(session.order.orderer), done=(session.starts_at, session.ends_at - 30 * MINUTE),
    )  # fmt: skip


def _rest_cancelled(session: Session, now: datetime) -> None:
    """One and those that follow are cancelled at once."""
    found = preview_cancel(covered(session, Scope.FOLLOWING, at=now), Event.ORDERER_CANCELLED, at=now)
    work.cancel_series(session, Scope.FOLLOWING, seen=found.seal, by=session.order.orderer, at=now)


def _elsewhere(session: Session, now: datetime) -> None:
    """All that is ahead is held in another place."""
    count = len(covered(session, Scope.AHEAD, at=now, both=True))
    work.change_place(session, Scope.AHEAD, "Kirjasto, ryhmätila", seen=count, by=session.order.orderer, at=now)


def _ordered_again(session: Session, now: datetime) -> None:
    """A draft from an earlier order."""
    work.copy_order(Order.objects.get(pk=session.order_id), by=session.order.orderer, at=now - 40 * MINUTE)


# --- questions to experts ---------------------------------------------------------------------------------------------


def _asked(office: Office, plan: Plan, experts: list[ExpertCast], way: str, at: datetime) -> Order:
    by = plan.cast.staff[0]
    order = office.draft(plan, by, at, None)
    work.choose_whom(order, by=by, at=at, asking=way, experts=[one.expert for one in experts], answer_days=1)
    work.submit(order, by=by, at=at)
    order.refresh_from_db()
    return order if order.state == "offered" else work.confirm(order, by=plan.cast.named, at=at + 30 * MINUTE)


def _of(order: Order, cast: ExpertCast) -> Offer:
    rows = Offer.objects.select_related("order__unit", "order__orderer", "expert__user")
    return rows.get(order=order, expert=cast.expert, state__in=["waiting", "can"])


def _chosen(office: Office, plan: Plan, experts: list[ExpertCast]) -> None:
    """Two could take it, one was chosen; the others have heard it."""
    at = office.now - 7 * HOUR
    order = _asked(office, plan, experts, Order.Asking.WHO_CAN, at)
    for n, cast in enumerate(experts[:2]):
        if cast.user is not None:
            work.say_yes(_of(order, cast), by=cast.user, at=at + (1 + n) * HOUR)
    work.choose(_of(order, experts[0]), by=plan.cast.staff[0], at=at + 3 * HOUR)


def _asked_anew(office: Office, plan: Plan, experts: list[ExpertCast]) -> None:
    """Another place after the offer had left: taken back, and asked anew with what has changed."""
    at = office.now - 4 * HOUR
    order = office.draft(plan, plan.cast.staff[0], at, experts[0].expert)
    work.submit(order, by=plan.cast.staff[0], at=at)
    order.refresh_from_db()
    if order.state == "to_confirm":
        work.confirm(order, by=plan.cast.named, at=at + 10 * MINUTE)
    order = Order.objects.select_related("unit", "orderer", "expert").get(pk=order.pk)
    work.change_asked(order, by=plan.cast.named, at=at + HOUR)
    order = rewritten(order, plan.cast.named, at + 65 * MINUTE, times=plan.spans, place="Kirjasto, ryhmätila")
    work.confirm(order, by=plan.cast.named, at=at + 70 * MINUTE)


def _no_answer(office: Office, plan: Plan, experts: list[ExpertCast]) -> None:
    """The first one did not answer in time; the next one is asked."""
    order = _asked(office, plan, experts, Order.Asking.IN_TURN, office.now - 6 * DAY)
    offer = _of(order, experts[0])
    work.expire(offer, at=offer.answer_by + MINUTE)


def _voluntary(office: Office, plan: Plan, experts: list[ExpertCast]) -> None:
    """Work without a fee, as the expert wishes (R24)."""
    at, cast = office.now - 8 * HOUR, experts[0]
    order = office.draft(plan, plan.cast.staff[0], at, cast.expert)
    order = rewritten(order, plan.cast.staff[0], at, times=plan.spans, fee_declined=True)
    work.submit(order, by=plan.cast.staff[0], at=at)
    order.refresh_from_db()
    if order.state == "to_confirm":
        work.confirm(order, by=plan.cast.named, at=at + 10 * MINUTE)
    if cast.user is not None:
        work.accept(_of(order, cast), by=cast.user, at=at + HOUR)
