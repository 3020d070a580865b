"""Who hears of a change of plans, and what: experts without an account too, each person once (N8)."""

from datetime import date, timedelta

import pytest

from assignments import actions
from assignments.actions.series import Scope
from assignments.ending import end_with_sessions, ending_of
from assignments.models import Offer, Order, Session
from assignments.rules import Event
from experts.models import Contract, Expert
from office.choices import MessageState, Role
from office.errors import Refused
from office.models import OutboxMessage
from office.outbox import KINDS, as_mail
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order, make_user

pytestmark = pytest.mark.django_db
WED_10 = at(2026, 10, 7, 10)
BEFORE = at(2026, 10, 5, 9)
HOUR = timedelta(hours=1)
ADDRESSES = pytest.mark.parametrize("email", ["eva@example.org", ""])


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(BEFORE)
    make_fee_table(valid_to=None)


def without_account(cast: Cast, email: str) -> Expert:
    Expert.objects.filter(pk=cast.expert.pk).update(user=None, email=email)
    return Expert.objects.get(pk=cast.expert.pk)


def session_of(cast: Cast, **fields: object) -> Session:
    made = make_agreed_session(WED_10, expert=cast.expert, unit=cast.unit, orderer=cast.orderer, **fields)  # type: ignore[arg-type]
    return Session.objects.select_related("order__unit", "order__orderer", "unit", "expert__user").get(pk=made.pk)


def told(kind: str, *, email: str) -> OutboxMessage:
    """The one message of the kind to the expert without an account: a mail without links, or to tell by hand."""
    [message] = OutboxMessage.objects.filter(kind=kind, recipient=None)
    state = MessageState.WAITING if email else MessageState.BY_HAND
    assert (message.name, message.address, message.state) == ("Eva Expert", email, state)
    assert "http" not in message.body  # no page would open
    still_true = KINDS[kind].still_true
    assert still_true is None or still_true(message)
    return message


@ADDRESSES
def test_a_cancelled_session_is_told_to_an_expert_without_an_account(cast: Cast, email: str) -> None:
    without_account(cast, email)
    session = session_of(cast)
    actions.record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=BEFORE)
    message = told("session_cancelled", email=email)
    assert "Wed\xa07\xa0Oct\xa02026 at\xa010:00–11:00" in message.body
    if email:
        mail = as_mail(message)
        assert not isinstance(mail, MessageState)
        assert getattr(mail, "to", None) == [email]
    actions.undo_outcome(session, by=cast.orderer, at=BEFORE)
    assert "tell the coordinator" in told("session_again", email=email).body


def test_the_file_of_an_expert_without_an_account_has_the_own_session_only(cast: Cast) -> None:
    without_account(cast, "eva@example.org")
    first = session_of(cast, kind="group")
    second = make_agreed_session(WED_10, kind="group", expert=cast.second_expert, unit=cast.unit, orderer=cast.orderer)
    Order.objects.filter(pk=first.order_id).update(companion=second.order_id)
    first = Session.objects.select_related("order__unit", "order__companion", "expert__user").get(pk=first.pk)
    actions.record_outcome(first, Event.ORDERER_CANCELLED, by=cast.coordinator, at=BEFORE, both=True)
    message = told("session_cancelled", email="eva@example.org")
    attach = KINDS["session_cancelled"].attach
    assert attach is not None
    [(_name, content, _type)] = attach(message)
    assert content.count(b"BEGIN:VEVENT") == 1
    assert "both experts" not in message.body


@ADDRESSES
def test_another_place_is_told_to_an_expert_without_an_account(cast: Cast, email: str) -> None:
    without_account(cast, email)
    actions.change_place(session_of(cast), Scope.ONE, "Room 9", seen=1, by=cast.orderer, at=BEFORE)
    assert "Room 9" in told("place_changed", email=email).body


@ADDRESSES
def test_an_expert_without_an_account_is_asked_for_a_new_time_by_telephone(cast: Cast, email: str) -> None:
    """No page would take the answer, so that the coordinator telephones, also where there is an address."""
    without_account(cast, email)
    session = session_of(cast)
    move = actions.propose_move(session, WED_10 + HOUR, WED_10 + 2 * HOUR, by=cast.orderer, at=BEFORE)
    told("move_proposed", email="")
    actions.accept_moves(move, expected=None, by=cast.coordinator, at=BEFORE)
    still_true = KINDS["move_proposed"].still_true
    assert still_true is not None
    assert not still_true(OutboxMessage.objects.get(kind="move_proposed"))  # the task goes away


@ADDRESSES
def test_what_becomes_of_a_question_is_told_to_an_expert_without_an_account(cast: Cast, email: str) -> None:
    without_account(cast, email)
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, state="offered", expert=cast.expert, times=[(WED_10, WED_10 + HOUR)]
    )
    make_offer(order, cast.expert, sent_at=BEFORE)
    asked = Offer.objects.select_related("order__unit", "order__orderer", "expert__user")
    actions.withdraw_offer(asked.get(), by=cast.orderer, at=BEFORE)
    assert "no longer needs you" in told("offer_withdrawn", email=email).body


def test_an_expert_who_has_left_is_not_told(cast: Cast) -> None:
    expert = without_account(cast, "eva@example.org")
    session = session_of(cast)
    Expert.objects.filter(pk=expert.pk).update(state=Expert.State.ENDED)
    session.expert.refresh_from_db()  # type: ignore[union-attr]
    actions.record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=BEFORE)
    assert not OutboxMessage.objects.filter(recipient=None).exists()


# --- each person once, naming what and whom --------------------------------------------------------------------------


def pair_of_groups(cast: Cast) -> tuple[Session, Session]:
    first = session_of(cast, kind="group")
    second = make_agreed_session(WED_10, kind="group", expert=cast.second_expert, unit=cast.unit, orderer=cast.orderer)
    Order.objects.filter(pk=first.order_id).update(companion=second.order_id)
    rows = Session.objects.select_related("order__unit", "order__companion", "order__lead", "expert__user")
    return rows.get(pk=first.pk), rows.get(pk=second.pk)


def test_who_hears_of_both_experts_gets_one_message_that_names_both(cast: Cast) -> None:
    """Also the coordinator, who hears for a unit in which nobody is left."""
    first, _second = pair_of_groups(cast)
    cast.unit.grants.all().delete()
    other = make_user(roles=[(Role.COORDINATOR, None)], language="en")
    actions.record_outcome(first, Event.ORDERER_CANCELLED, by=cast.coordinator, at=BEFORE, both=True)
    for person in (cast.coordinator, other):
        message = OutboxMessage.objects.get(kind="session_cancelled", recipient=person)
        assert "Experts: Eva Expert, Otto Other\n" in message.body
        assert "This holds for both experts." in message.body
    own = OutboxMessage.objects.get(kind="session_cancelled", recipient=cast.expert_user)
    assert "Otto" not in own.body


def test_the_unit_reads_which_expert_cannot_come(cast: Cast) -> None:
    actions.record_outcome(session_of(cast), Event.EXPERT_ILL, by=cast.expert_user, at=BEFORE)
    for message in OutboxMessage.objects.filter(kind="session_cancelled"):
        assert "Expert: Eva Expert\n" in message.body
    assert OutboxMessage.objects.filter(kind="session_cancelled").count() == 2


def test_sessions_that_a_contract_leaves_are_told_together(cast: Cast) -> None:
    """N8: one message a person for an order, with each of its times and what it pays."""
    days = (4, 11, 18)
    first = make_agreed_session(at(2026, 11, days[0], 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    rest = [make_agreed_session(at(2026, 11, day, 10), order=first.order) for day in days[1:]]
    contract = Contract.objects.get(expert=cast.expert)
    last = date(2026, 10, 31)
    found = ending_of(contract, last, at=BEFORE)
    fates = {first.pk: "expert", rest[0].pk: "office", rest[1].pk: "expert"}
    end_with_sessions(
        contract, last_day=last, fates=fates, seen=found.seen, end_reason="expert", by=cast.coordinator, at=BEFORE
    )
    sent = OutboxMessage.objects.filter(kind="session_cancelled")
    readers = sorted(name for name in sent.values_list("recipient__first_name", flat=True) if name)
    assert readers == sorted([cast.expert_user.first_name, cast.orderer.first_name, cast.named.first_name])
    for message in sent:
        assert "This concerns 3 sessions:" in message.body
        times = [f"\xa0{day}\xa0Nov\xa02026 at\xa010:00–11:00" for day in days]
        assert [time in message.body for time in times] == [True, True, True]


# --- a yes that comes when the old time has begun --------------------------------------------------------------------


def test_what_stayed_agreed_and_has_begun_is_not_moved_by_a_late_yes(cast: Cast) -> None:
    """R16: without an answer the session stayed as it was, so it has been held; its fee is not taken away."""
    session = session_of(cast)
    move = actions.propose_move(session, WED_10 + 48 * HOUR, WED_10 + 49 * HOUR, by=cast.orderer, at=BEFORE)
    with pytest.raises(Refused, match="has begun"):
        actions.accept_move(move, by=cast.expert_user, at=WED_10)
    actions.record_outcome(session, Event.HELD, by=cast.expert_user, at=WED_10 + HOUR)
    assert Session.objects.get().fee == session.agreed_fee


def test_what_a_no_would_have_cancelled_is_moved_by_a_late_yes(cast: Cast) -> None:
    session = session_of(cast)
    times = (WED_10 + 48 * HOUR, WED_10 + 49 * HOUR)
    move = actions.propose_move(session, *times, by=cast.orderer, at=BEFORE, cancel_if_declined=True)
    actions.accept_move(move, by=cast.expert_user, at=WED_10 + HOUR)
    assert set(Session.objects.values_list("outcome", flat=True)) == {"moved", ""}
