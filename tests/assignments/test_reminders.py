"""What orders and sessions remind of: at nine on the day that carries the deadline, both sides, nobody twice."""

from datetime import date, datetime

import pytest

from assignments import actions
from assignments.models import Order, Session
from assignments.states import OfferState, OrderState, SessionState
from experts.models import Expert
from office.choices import MessageState
from office.models import OutboxMessage, RoleGrant
from office.outbox import KINDS
from office.sending import send_waiting
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_offer, make_order
from tests.fees.test_reminders import people, text, told

pytestmark = pytest.mark.django_db


def agreed(cast: Cast, starts_at: datetime, **more: object) -> Session:
    fields: dict[str, object] = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer}
    return make_agreed_session(starts_at, **(fields | more))  # type: ignore[arg-type]  # the factory checks them


@pytest.mark.parametrize(
    ("starts_at", "day"),
    [
        pytest.param(at(2026, 10, 7, 10), date(2026, 10, 6), id="wednesday-tuesday"),
        pytest.param(at(2026, 10, 5, 10), date(2026, 10, 2), id="monday-friday"),
        pytest.param(at(2026, 10, 26, 10), date(2026, 10, 23), id="over-the-autumn-clock-change"),
        pytest.param(at(2026, 3, 30, 10), date(2026, 3, 27), id="over-the-spring-clock-change"),
        pytest.param(at(2027, 1, 4, 10), date(2026, 12, 31), id="over-new-year"),
        pytest.param(at(2026, 4, 7, 10), date(2026, 4, 2), id="easter"),
    ],
)
def test_on_the_day_that_carries_the_deadline(cast: Cast, starts_at: datetime, day: date) -> None:
    """T13: the day before it nothing, on the day once, the day after nothing."""
    agreed(cast, starts_at)
    before, after = date.fromordinal(day.toordinal() - 1), date.fromordinal(day.toordinal() + 1)
    assert told("session_tomorrow", at(before.year, before.month, before.day, 9), before) == []
    messages = told("session_tomorrow", at(day.year, day.month, day.day, 9), day)
    assert people(messages) == [cast.expert_user, cast.orderer]
    assert told("session_tomorrow", at(after.year, after.month, after.day, 9), after) == []


def test_the_words_name_the_stored_moment(cast: Cast) -> None:
    session = agreed(cast, at(2026, 10, 7, 10))
    expert, orderer = told("session_tomorrow", at(2026, 10, 6, 9))
    assert expert.subject == "A session on Wed 7 Oct 2026"
    assert text(expert) == (
        f"Hello Eva,\n\n- Wed 7 Oct 2026 at 10:00–11:00\n  Loviisan mielenterveystoimisto, {session.place}\n"
        "  Free to cancel until Tue 6 Oct 2026 at 15:00\n\n\n"
        f"http://localhost:8000/orders/sessions/{session.pk}/\n\nWellbeing services county of East Uusimaa"
    )
    assert "Eva" not in expert.subject
    assert "\n  Eva" in orderer.body


def test_a_late_tick_tells_that_the_time_is_over_and_nothing_after_the_beginning(cast: Cast) -> None:
    agreed(cast, at(2026, 10, 7, 10))
    days = (date(2026, 10, 6), date(2026, 10, 7))
    messages = told("session_tomorrow", at(2026, 10, 7, 8), *days)
    assert ["The time to cancel free of charge ended Tue 6 Oct 2026 at 15:00" in text(one) for one in messages] == [
        True,
        True,
    ]
    agreed(cast, at(2026, 10, 8, 10))
    late = (date(2026, 10, 8), date(2026, 10, 9))
    assert told("session_tomorrow", at(2026, 10, 8, 10), *late) == []


def test_one_message_for_several_sessions(cast: Cast) -> None:
    """N8: a group leader with three sessions on a day."""
    for hour in (9, 11, 13):
        agreed(cast, at(2026, 10, 7, hour))
    messages = told("session_tomorrow", at(2026, 10, 6, 9))
    assert people(messages) == [cast.expert_user, cast.orderer]
    assert messages[0].subject == "3 sessions, the first on Wed 7 Oct 2026"
    assert "http://localhost:8000/orders/mine/" in messages[0].body


def test_cancelled_between_writing_and_sending(cast: Cast, clock: Clock) -> None:
    """N9."""
    session = agreed(cast, at(2026, 10, 7, 10))
    told("session_tomorrow", at(2026, 10, 6, 9))
    Session.objects.filter(pk=session.pk).update(state=SessionState.DROPPED)
    clock(at(2026, 10, 6, 9, 1))
    assert send_waiting(at=at(2026, 10, 6, 9, 1)) == 0
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.DROPPED}


def test_marked_between_writing_and_sending(cast: Cast, clock: Clock) -> None:
    """N1: nobody is asked how it went who has just told it."""
    session = agreed(cast, at(2026, 10, 5, 10))
    assert len(told("outcome_missing", at(2026, 10, 6, 9))) == 1
    moment = at(2026, 10, 6, 9, 1)
    clock(moment)
    actions.record_outcome(session, "held", by=cast.expert_user, at=moment)
    assert send_waiting(at=moment) == 0
    assert OutboxMessage.objects.get(kind="remind_outcome_missing").state == MessageState.DROPPED


def test_who_has_left_is_not_told_and_the_named_employee_is_instead(cast: Cast) -> None:
    """N3, P16: the orderer works elsewhere now, the expert has ended."""
    agreed(cast, at(2026, 10, 7, 10))
    Expert.objects.filter(pk=cast.expert.pk).update(state=Expert.State.ENDED)
    RoleGrant.objects.filter(user=cast.orderer).update(valid_to=at(2026, 10, 1))
    assert people(told("session_tomorrow", at(2026, 10, 6, 9))) == [cast.named, cast.deputy]


def test_a_session_without_an_outcome_the_working_day_after(cast: Cast) -> None:
    """Friday's and Sunday's are asked about on Monday, in one message; an expert without account: the orderer."""
    agreed(cast, at(2026, 10, 2, 10))
    agreed(cast, at(2026, 10, 4, 10))
    agreed(cast, at(2026, 10, 2, 10), expert=make_expert(user=False))
    agreed(cast, at(2026, 10, 5, 8))
    messages = told("outcome_missing", at(2026, 10, 5, 9))
    assert people(messages) == [cast.expert_user, cast.orderer]
    assert [one.subject for one in messages] == ["How did 2 sessions go?", "How did it go on Fri 2 Oct 2026?"]
    assert people(told("outcome_missing", at(2026, 10, 6, 9))) == [cast.expert_user]
    assert told("outcome_missing", at(2026, 10, 7, 9)) == []


def test_the_coordinator_hears_of_offers_and_orders_that_stand_still(cast: Cast) -> None:
    times = [(at(2026, 10, 20, 10), at(2026, 10, 20, 11))]
    looking = make_order(unit=cast.unit, state=OrderState.LOOKING, times=times, created_at=at(2026, 10, 5, 10))
    asked = make_order(unit=cast.unit, state=OrderState.LOOKING, times=times, created_at=at(2026, 10, 5, 10))
    offer = make_offer(asked, cast.expert, answer_by=at(2026, 10, 7, 16))
    make_order(
        unit=cast.unit, state=OrderState.LOOKING, times=[(at(2026, 10, 1), at(2026, 10, 1, 13))],
        created_at=at(2026, 9, 20),
    )  # fmt: skip
    assert told("orders_looking", at(2026, 10, 5, 15)) == []
    assert told("offers_unanswered", at(2026, 10, 5, 9)) == []
    [orders] = told("orders_looking", at(2026, 10, 6, 9))
    assert (orders.recipient, orders.subject) == (cast.coordinator, "1 order is without an expert")
    assert "The first time is Tue 20 Oct 2026 at 10:00." in text(orders)
    [offers] = told("offers_unanswered", at(2026, 10, 6, 9))
    assert offers.subject == "1 offer has no answer; its time ends Wed 7 Oct 2026 at 16:00"
    type(offer).objects.filter(pk=offer.pk).update(state=OfferState.DECLINED, answered_at=at(2026, 10, 6, 9))
    Order.objects.filter(pk=looking.pk).update(state=OrderState.CANCELLED)
    from office.outbox import KINDS  # noqa: PLC0415

    still = [KINDS[one.kind].still_true for one in (orders, offers)]
    assert [ask(one) for ask, one in zip(still, (orders, offers), strict=True) if ask] == [False, False]


def test_a_confirmation_that_was_overtaken_does_not_leave(cast: Cast) -> None:
    """N9: all of it moved or cancelled before the message left; as long as a part stands it is told."""
    make_fee_table(valid_to=None)
    times = [(at(2026, 10, day, 10), at(2026, 10, day, 11)) for day in (20, 27)]
    moment = at(2026, 10, 5, 10)
    order = make_order(unit=cast.unit, orderer=cast.orderer, state=OrderState.AGREED, expert=cast.expert)
    offer = make_offer(order, cast.expert, state="accepted", answered_at=moment)
    first, second = (make_agreed_session(start, order=order) for start, _end in times)
    accepted = KINDS["offer_accepted"].still_true
    answered = KINDS["move_answered"].still_true
    assert accepted is not None
    assert answered is not None
    told_of = OutboxMessage(about_type="assignments.offer", about_id=offer.pk)
    assert accepted(told_of)
    actions.record_outcome(first, "orderer_cancelled", by=cast.orderer, at=moment)
    assert accepted(told_of)
    later = at(2026, 10, 28, 10)
    move = actions.propose_move(second, later, at(2026, 10, 28, 11), by=cast.orderer, at=moment)
    new = actions.accept_move(move, by=cast.expert_user, at=moment)
    assert not accepted(told_of)
    answer = OutboxMessage(about_type="assignments.move", about_id=move.pk)
    assert answered(answer)
    actions.record_outcome(new, "orderer_cancelled", by=cast.orderer, at=moment)
    assert not answered(answer)
