"""Orders, offers, sessions and moves as the office lives them."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments import actions
from assignments.models import Move, Offer, Order, Session
from assignments.rules import Event
from assignments.states import MoveState, OfferState, OrderState, SessionState
from feetables.models import FeeItem, FeeTable
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast
from tests.factories import (
    at,
    grant,
    make_agreed_session,
    make_contract,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_user,
)

NOW = at(2026, 9, 21, 9)  # a Monday
ZERO = Decimal(0)
WED_10 = at(2026, 10, 7, 10)
WED_11 = at(2026, 10, 7, 11)
LIMIT = at(2026, 10, 6, 15)
HOUR = timedelta(hours=1)
WEEK = timedelta(weeks=1)


def euros(text: str) -> Decimal:
    return Decimal(text)


def draft(cast: Cast, by: User | None = None, **fields: Any) -> Order:
    values: dict[str, Any] = {
        "unit": cast.unit,
        "kind": "individual",
        "task": "Support in everyday life",
        "place": "Room 2",
        "expert": cast.expert,
        "times": [(WED_10, WED_11)],
    } | fields
    return actions.save_draft(None, by=by or cast.orderer, at=NOW, **values)


def told(kind: str) -> list[str]:
    return list(
        OutboxMessage.objects.filter(kind=kind).order_by("recipient__email").values_list("recipient__email", flat=True)
    )


def logged(obj: Any) -> list[tuple[str, str, str]]:
    return [(e.kind, e.from_state, e.to_state) for e in LogEntry.objects.of(obj)]


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


# --- orders ----------------------------------------------------------------------------------------------------------


def test_a_draft_is_rewritten_with_all_its_times(cast: Cast) -> None:
    order = draft(cast, times=[(WED_10, WED_11), (WED_10 + WEEK, WED_11 + WEEK)])
    again = actions.save_draft(
        order, by=cast.named, at=NOW, unit=cast.unit, kind="group", task="A group", times=[(WED_11, WED_11 + HOUR)]
    )
    assert again.pk == order.pk
    assert again.orderer == cast.orderer
    assert [(s.starts_at, s.kind, s.state) for s in again.sessions.all()] == [(WED_11, "group", "planned")]


def test_a_sent_order_is_changed_only_by_who_confirms_it(cast: Cast) -> None:
    order = actions.submit(draft(cast), by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="may not"):
        actions.save_draft(order, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="A group")
    changed = actions.save_draft(
        order, by=cast.named, at=NOW, unit=cast.unit, kind="group", task="A", times=[(WED_10, WED_11)]
    )
    assert (changed.kind, changed.state) == ("group", "to_confirm")
    Order.objects.update(state="cancelled")
    with pytest.raises(Conflict, match="sent already"):
        actions.save_draft(order, by=cast.named, at=NOW, unit=cast.unit, kind="group", task="A group")


def test_nobody_orders_for_another_unit(cast: Cast) -> None:
    with pytest.raises(Refused, match="may not"):
        draft(cast, by=cast.stranger)


def test_an_identity_code_is_refused_in_the_task(cast: Cast) -> None:
    with pytest.raises(Refused, match="identity code"):
        draft(cast, task="Meeting with 131052-308T")


def test_staff_order_goes_to_the_named_employee_and_the_deputy(cast: Cast) -> None:
    order = actions.submit(draft(cast), by=cast.orderer, at=NOW)
    assert order.state == OrderState.TO_CONFIRM
    assert told("order_to_confirm") == [cast.deputy.email, cast.named.email]
    assert logged(order) == [("order.written", "", "draft"), ("order.submit", "draft", "to_confirm")]


@pytest.mark.parametrize("who", ["named", "deputy"])
def test_the_named_employees_own_order_is_confirmed_at_once(cast: Cast, who: str) -> None:
    order = actions.submit(draft(cast, by=getattr(cast, who)), by=getattr(cast, who), at=NOW)
    assert order.state == OrderState.OFFERED
    assert told("order_to_confirm") == []
    assert told("offer") == [cast.expert_user.email]


def test_staff_do_not_confirm(cast: Cast) -> None:
    """R1."""
    order = actions.submit(draft(cast), by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="may not"):
        actions.confirm(order, by=cast.orderer, at=NOW)


def test_an_order_without_an_expert_goes_to_the_coordinator(cast: Cast) -> None:
    order = actions.submit(draft(cast, expert=None), by=cast.orderer, at=NOW)
    actions.confirm(order, by=cast.deputy, at=NOW)
    assert order.state == OrderState.LOOKING
    assert told("order_looking") == [cast.coordinator.email]
    offer = actions.make_offer(order, cast.second_expert, by=cast.coordinator, at=NOW)
    assert (order.state, order.expert, offer.state) == ("offered", cast.second_expert, "waiting")


def test_the_answer_is_asked_by_the_third_working_day(cast: Cast) -> None:
    actions.submit(draft(cast, by=cast.named), by=cast.named, at=NOW)
    assert Offer.objects.get().answer_by == at(2026, 9, 24, 16)


# Lesson N6.
def test_the_answer_is_asked_before_the_first_session_begins(cast: Cast) -> None:
    order = draft(cast, by=cast.named, times=[(at(2026, 9, 22, 8), at(2026, 9, 22, 9))])
    actions.submit(order, by=cast.named, at=NOW)
    assert Offer.objects.get().answer_by == at(2026, 9, 22, 8)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no times": ({"times": []}, "no times"),
    "a time that has begun": ({"times": [(NOW, NOW + HOUR)]}, "has begun"),
    "no amount agreed for a lecture": ({"kind": "lecture"}, "Agree on the amount: between €100.00 and €600.00"),
    "an amount above the range": ({"kind": "lecture", "agreed_amount": euros("600.01")}, "between €100.00 and €600.00"),
    "an amount where none is agreed": ({"agreed_amount": euros("50.00")}, "no amount is agreed"),
    "no table on that day": ({"expert": None, "times": [(at(2025, 12, 30, 9), at(2025, 12, 30, 10))]}, "has begun"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_ordered_is_refused_in_words(cast: Cast, case: str) -> None:
    fields, words = REFUSED[case]
    order = draft(cast, **fields)
    with pytest.raises(Refused, match=words):
        actions.submit(order, by=cast.orderer, at=NOW)
    assert Order.objects.get().state == OrderState.DRAFT


def test_times_that_overlap_each_other_are_refused(cast: Cast) -> None:
    with pytest.raises(Refused, match="overlap"):
        draft(cast, times=[(WED_10, WED_11), (WED_10 + HOUR / 2, WED_11 + HOUR)])


def test_an_expert_without_a_contract_for_the_day_is_not_asked(cast: Cast) -> None:
    expert = make_expert(contract=False)
    make_contract(expert, valid_to=at(2026, 10, 6).date())
    with pytest.raises(Refused, match="no contract"):
        actions.submit(draft(cast, expert=expert), by=cast.orderer, at=NOW)


def test_an_expert_who_is_elsewhere_then_is_not_asked(cast: Cast) -> None:
    make_agreed_session(WED_10 + HOUR / 2, expert=cast.expert)
    with pytest.raises(Refused, match="another session at that time"):
        actions.submit(draft(cast), by=cast.orderer, at=NOW)


def test_an_order_nobody_accepted_is_cancelled_and_never_pays(cast: Cast) -> None:
    """M9: cancelling an unanswered offer, also long after the limit."""
    order = actions.submit(draft(cast, by=cast.named), by=cast.named, at=NOW)
    actions.cancel_order(order, by=cast.orderer, at=WED_10 - HOUR)
    session = Session.objects.get()
    assert (order.state, session.state, session.fee, session.agreed_fee) == ("cancelled", "dropped", ZERO, None)
    assert Offer.objects.get().state == OfferState.WITHDRAWN
    assert told("offer_withdrawn") == [cast.expert_user.email]


def test_an_agreed_order_is_cancelled_session_by_session(cast: Cast) -> None:
    order = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert).order
    with pytest.raises(Refused, match="one by one"):
        actions.cancel_order(order, by=cast.orderer, at=NOW)


def test_a_withdrawn_offer_cannot_be_accepted(cast: Cast) -> None:
    order = actions.submit(draft(cast, by=cast.named), by=cast.named, at=NOW)
    offer = Offer.objects.get()
    actions.withdraw_offer(Offer.objects.get(), by=cast.orderer, at=NOW)
    with pytest.raises(Conflict):
        actions.accept(offer, by=cast.expert_user, at=NOW)
    order.refresh_from_db()
    assert (order.state, order.expert) == ("looking", None)


# --- offers ----------------------------------------------------------------------------------------------------------


def offered(cast: Cast, **fields: Any) -> Offer:
    actions.submit(draft(cast, by=cast.named, **fields), by=cast.named, at=NOW)
    return Offer.objects.latest("pk")


def test_accepting_freezes_price_and_limit_of_each_time(cast: Cast) -> None:
    times = [(WED_10, WED_11), (at(2026, 10, 12, 9), at(2026, 10, 12, 11))]
    offer = offered(cast, kind="group", times=times, travel_km=Decimal("24.0"))
    order = actions.accept(offer, by=cast.expert_user, at=NOW)
    assert order.state == OrderState.AGREED
    first, second = order.sessions.all()
    assert [(s.state, s.agreed_fee, s.fee, s.travel_fee, s.free_until) for s in (first, second)] == [
        ("agreed", euros("25.00"), euros("25.00"), euros("13.20"), LIMIT),
        ("agreed", euros("50.00"), euros("50.00"), euros("13.20"), at(2026, 10, 9, 15)),
    ]
    assert first.fee_item is not None
    assert (first.fee_item.code, first.price_terms[0].amount, first.expert) == ("RYH", euros("25.00"), cast.expert)
    assert told("offer_accepted") == [cast.named.email]
    assert logged(first) == [("session.agree", "planned", "agreed")]


def test_development_work_freezes_all_brackets(cast: Cast) -> None:
    offer = offered(cast, kind="development", times=[(WED_10, WED_10 + 3 * HOUR)])
    session = actions.accept(offer, by=cast.expert_user, at=NOW).sessions.get()
    assert [terms.code for terms in session.price_terms] == ["KEH1", "KEH2", "KEH3"]
    assert (session.fee_item and session.fee_item.code, session.agreed_fee) == ("KEH2", euros("110.00"))


def test_voluntary_work_shows_nothing(cast: Cast) -> None:
    """R24: the fee is declined, travel is not."""
    offer = offered(cast, fee_declined=True, travel_km=Decimal("10.0"))
    session = actions.accept(offer, by=cast.expert_user, at=NOW).sessions.get()
    assert (session.agreed_fee, session.fee, session.travel_fee) == (ZERO, ZERO, euros("5.50"))


def test_a_later_fee_table_does_not_change_what_was_agreed(cast: Cast) -> None:
    """M5: the price is the table's of the session's day, as it was when agreed."""
    session = actions.accept(offered(cast), by=cast.expert_user, at=NOW).sessions.get()
    item = session.fee_item
    assert item is not None
    begins = item.table.valid_from + timedelta(days=1)
    FeeTable.objects.filter(pk=item.table_id).update(valid_to=item.table.valid_from)
    later = FeeTable.objects.create(name="Later", valid_from=begins, decided_by="Board", decided_on=begins)
    FeeItem.objects.create(
        table=later, code=item.code, name_fi="Uusi", name_sv="Ny", kinds=item.kinds, basis=item.basis,
        amount=euros("60.00"), income_type="336",
    )  # fmt: skip
    FeeTable.objects.filter(pk=later.pk).update(state="approved", approved_at=NOW, approved_by=cast.coordinator)
    session = actions.record_outcome(session, "held", by=cast.orderer, at=WED_11)
    assert session.fee == euros("50.00")


def test_no_reason_is_asked_for_a_no(cast: Cast) -> None:
    """R3: free to decline, nothing is asked or kept."""
    offer = offered(cast)
    actions.decline(offer, by=cast.expert_user, at=NOW)
    order = Order.objects.get()
    assert (offer.state, order.state, order.expert) == ("declined", "looking", None)
    assert told("offer_declined") == [cast.named.email]
    assert told("order_looking") == [cast.coordinator.email]


def test_another_expert_cannot_answer(cast: Cast) -> None:
    offer = offered(cast)
    for answer in (actions.accept, actions.decline):
        with pytest.raises(Refused, match="may not"):
            answer(offer, by=cast.second_expert_user, at=NOW)


def test_unit_staff_cannot_answer_for_the_expert(cast: Cast) -> None:
    with pytest.raises(Refused, match="may not"):
        actions.accept(offered(cast), by=cast.named, at=NOW)


def test_the_coordinator_answers_for_an_expert_by_telephone(cast: Cast) -> None:
    order = actions.accept(offered(cast), by=cast.coordinator, at=NOW)
    entry = LogEntry.objects.of(Offer.objects.get()).get()
    assert (order.state, entry.actor, entry.on_behalf_of) == ("agreed", cast.coordinator, cast.expert_user)


def test_an_expert_without_an_account_is_answered_for(cast: Cast) -> None:
    expert = make_expert(user=False)
    offer = offered(cast, expert=expert)
    asked = OutboxMessage.objects.get(kind="offer")
    assert (asked.recipient, asked.name, asked.state) == (None, str(expert), "by_hand")  # to telephone or post
    actions.accept(offer, by=cast.coordinator, at=NOW)
    assert Session.objects.get().expert == expert


# Lesson N6.
def test_an_offer_whose_first_session_has_begun_cannot_be_accepted(cast: Cast) -> None:
    offer = offered(cast, times=[(WED_10, WED_11), (WED_10 + WEEK, WED_11 + WEEK)])
    with pytest.raises(Refused, match="has begun"):
        actions.accept(offer, by=cast.expert_user, at=WED_10)
    assert Offer.objects.get().state == OfferState.WAITING
    assert Session.objects.filter(state=SessionState.AGREED).count() == 0


def test_one_time_that_is_taken_leaves_the_whole_offer_open(cast: Cast) -> None:
    offer = offered(cast, times=[(WED_10, WED_11), (WED_10 + WEEK, WED_11 + WEEK)])
    make_agreed_session(WED_10 + WEEK, expert=cast.expert)
    with pytest.raises(Refused, match="another session"):
        actions.accept(offer, by=cast.expert_user, at=NOW)
    assert Offer.objects.get().state == OfferState.WAITING
    assert Order.objects.get(pk=offer.order_id).state == OrderState.OFFERED


def test_sessions_one_after_the_other_do_not_clash(cast: Cast) -> None:
    """T11: half-open, 9–10 and 10–11."""
    make_agreed_session(WED_10 - HOUR, WED_10, expert=cast.expert)
    assert actions.accept(offered(cast), by=cast.expert_user, at=NOW).state == OrderState.AGREED


def test_accepting_twice_is_harmless(cast: Cast) -> None:
    offer = offered(cast)
    actions.accept(offer, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict):
        actions.accept(Offer.objects.get(), by=cast.expert_user, at=NOW)
    assert Session.objects.count() == 1
    assert len(told("offer_accepted")) == 1


def test_mail_goes_to_the_successor_of_a_named_employee(cast: Cast) -> None:
    """P16: the same minute."""
    offer = offered(cast)
    cast.named.grants.update(valid_to=NOW)
    heir = make_user(roles=[])
    grant(heir, "unit_contact", cast.unit, since=NOW)
    actions.accept(Offer.objects.get(pk=offer.pk), by=cast.expert_user, at=NOW + HOUR)
    assert told("offer_accepted") == [heir.email]


# --- recorded elsewhere ----------------------------------------------------------------------------------------------


def recorded(cast: Cast, **fields: Any) -> Session:
    values: dict[str, Any] = {
        "unit": cast.unit,
        "orderer": cast.orderer,
        "expert": cast.expert,
        "kind": "individual",
        "task": "Imported",
        "starts_at": WED_10,
        "ends_at": WED_11,
    } | fields
    return actions.record_agreed(by=cast.coordinator, at=NOW, **values)


def test_a_session_agreed_on_paper_is_recorded(cast: Cast) -> None:
    session = recorded(cast, source="hours.csv:2")
    assert (session.state, session.order.state, session.agreed_fee) == ("agreed", "agreed", euros("50.00"))
    assert (session.free_until, session.order.source) == (LIMIT, "hours.csv:2")
    assert OutboxMessage.objects.count() == 0


def test_a_recorded_session_goes_through_the_same_checks(cast: Cast) -> None:
    recorded(cast)
    with pytest.raises(Refused, match="another session"):
        recorded(cast, starts_at=WED_10 + HOUR / 2, ends_at=WED_11 + HOUR)
    with pytest.raises(Refused, match="no contract"):
        recorded(cast, starts_at=at(2028, 3, 1, 9), ends_at=at(2028, 3, 1, 10))
    assert Order.objects.count() == 1


# --- what happened ---------------------------------------------------------------------------------------------------


@pytest.fixture
def session(cast: Cast) -> Session:
    return make_agreed_session(
        WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert, travel_km=Decimal("24.0")
    )


def test_what_each_button_would_do_before_and_after_the_limit(cast: Cast, session: Session) -> None:
    def seen(moment: datetime) -> dict[str, Decimal]:
        return {str(option.event): option.total for option in actions.options(session, at=moment, by=cast.orderer)}

    assert seen(LIMIT) == {"orderer_cancelled": euros("0.00"), "expert_ill": euros("0.00")}
    assert seen(LIMIT + timedelta(seconds=1)) == {"orderer_cancelled": euros("50.00"), "expert_ill": euros("0.00")}
    assert seen(WED_10) == {
        "held": euros("63.20"),
        "orderer_cancelled": euros("50.00"),
        "no_show": euros("63.20"),
        "expert_ill": euros("0.00"),
        "shortened": euros("63.20"),
    }


def test_what_the_expert_may_say(cast: Cast, session: Session) -> None:
    assert [o.event for o in actions.options(session, at=WED_10, by=cast.expert_user)] == [
        Event.HELD, Event.NO_SHOW, Event.EXPERT_ILL, Event.EXPERT_CANCELLED,
    ]  # fmt: skip
    assert actions.options(session, at=WED_10, by=cast.stranger) == []


@pytest.mark.parametrize(
    ("moment", "outcome", "fee"),
    [
        (LIMIT - timedelta(seconds=1), "cancelled_in_time", "0.00"),
        (LIMIT, "cancelled_in_time", "0.00"),
        (LIMIT + timedelta(seconds=1), "cancelled_late", "50.00"),
    ],
    ids=["14:59:59", "15:00:00", "15:00:01"],
)
def test_the_orderer_cancels(cast: Cast, session: Session, moment: datetime, outcome: str, fee: str) -> None:
    session = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=moment)
    assert (session.outcome, session.fee, session.travel_fee) == (outcome, euros(fee), ZERO)
    assert (session.received_at, session.recorded_at, session.recorded_by) == (moment, moment, cast.orderer)
    assert told("session_cancelled") == [cast.expert_user.email]


def test_the_limit_passes_while_the_page_is_open(cast: Cast, session: Session) -> None:
    """T1: opened at 14:59, sent at 15:00:01; the server decides and asks again."""
    with pytest.raises(actions.Changed, match=r"agreed fee €50\.00") as told_again:
        actions.record_outcome(
            session, "orderer_cancelled", by=cast.orderer, at=LIMIT + timedelta(seconds=1), expected_total=Decimal(0)
        )
    assert told_again.value.consequence.total == euros("50.00")
    session.refresh_from_db()
    assert session.state == SessionState.AGREED
    actions.record_outcome(
        session, "orderer_cancelled", by=cast.orderer, at=LIMIT + HOUR, expected_total=euros("50.00")
    )
    assert LogEntry.objects.of(session).count() == 1


def test_a_cancellation_by_telephone_counts_from_the_call(cast: Cast, session: Session) -> None:
    """R14: both names and both times are kept."""
    called = LIMIT - HOUR
    session = actions.record_outcome(
        session, "orderer_cancelled", by=cast.coordinator, at=LIMIT + HOUR, received_at=called
    )
    assert (session.outcome, session.fee) == ("cancelled_in_time", ZERO)
    assert (session.received_at, session.recorded_at, session.recorded_by) == (called, LIMIT + HOUR, cast.coordinator)


@pytest.mark.parametrize(
    ("received", "words"),
    [(LIMIT + HOUR, "in the future"), (at(2026, 9, 23, 9), "before the session was agreed")],
    ids=["after now", "before it was agreed"],
)
def test_a_call_has_a_possible_moment(cast: Cast, session: Session, received: datetime, words: str) -> None:
    with pytest.raises(Refused, match=words):
        actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT, received_at=received)


def test_receipts_are_paid_after_a_late_cancellation_only(cast: Cast, session: Session) -> None:
    with pytest.raises(Refused, match="only after a late"):
        actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT, receipts=euros("12.40"))
    session = actions.record_outcome(
        session, "orderer_cancelled", by=cast.orderer, at=LIMIT + HOUR, receipts=euros("12.40")
    )
    assert (session.fee, session.travel_fee) == (euros("50.00"), euros("12.40"))


@pytest.mark.parametrize(
    ("event", "who", "moment", "fee", "travel"),
    [
        ("held", "orderer", WED_10, "50.00", "13.20"),
        ("held", "expert_user", WED_11, "50.00", "13.20"),
        ("no_show", "expert_user", WED_11, "50.00", "13.20"),
        ("no_show", "named", WED_11, "50.00", "13.20"),
        ("expert_ill", "orderer", WED_10 - HOUR, "0.00", "0.00"),
        ("expert_ill", "expert_user", LIMIT, "0.00", "0.00"),
        ("expert_cancelled", "expert_user", LIMIT, "0.00", "0.00"),
    ],
)
def test_outcomes(cast: Cast, session: Session, event: str, who: str, moment: datetime, fee: str, travel: str) -> None:
    session = actions.record_outcome(session, event, by=getattr(cast, who), at=moment)
    assert (session.outcome, session.fee, session.travel_fee) == (event, euros(fee), euros(travel))


@pytest.mark.parametrize(
    ("event", "who", "moment", "words"),
    [
        ("held", "orderer", WED_10 - timedelta(seconds=1), "not begun"),
        ("no_show", "orderer", WED_10 - timedelta(seconds=1), "not begun"),
        ("nobody_came", "orderer", WED_10, "cannot happen"),
        ("group_ended", "orderer", LIMIT, "cannot happen"),
        ("orderer_cancelled", "expert_user", LIMIT, "may not"),
        ("expert_cancelled", "orderer", LIMIT, "may not"),
        ("moved", "coordinator", LIMIT, "may not"),
        ("held", "stranger", WED_11, "may not"),
        ("held", "second_expert_user", WED_11, "may not"),
        ("held", "finance", WED_11, "may not"),
    ],
)
def test_what_may_not_be_marked(
    cast: Cast, session: Session, event: str, who: str, moment: datetime, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        actions.record_outcome(session, event, by=getattr(cast, who), at=moment)
    session.refresh_from_db()
    assert session.state == SessionState.AGREED


def test_other_times_need_a_reason(cast: Cast) -> None:
    session = make_agreed_session(WED_10, kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    done = (WED_10, WED_11 + timedelta(minutes=16))
    with pytest.raises(Refused, match="why the times changed"):
        actions.record_outcome(session, "held", by=cast.expert_user, at=WED_11 + HOUR, done=done)
    session = actions.record_outcome(
        session, "held", by=cast.expert_user, at=WED_11 + HOUR, done=done, change_reason="The talk went on"
    )
    assert (session.fee, session.done_ends_at) == (euros("37.50"), done[1])


def test_kilometres_above_the_agreement_are_not_paid(cast: Cast, session: Session) -> None:
    session = actions.record_outcome(session, "held", by=cast.expert_user, at=WED_11, done_km=Decimal("30.0"))
    assert (session.done_km, session.travel_fee) == (Decimal("30.0"), euros("13.20"))


def test_no_journey_is_told_with_a_zero(cast: Cast, session: Session) -> None:
    session = actions.record_outcome(session, "held", by=cast.expert_user, at=WED_11, done_km=Decimal(0))
    assert (session.done_km, session.travel_fee) == (ZERO, ZERO)


def test_travel_that_was_not_agreed_is_refused(cast: Cast) -> None:
    session = make_agreed_session(WED_10, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    with pytest.raises(Refused, match="not agreed"):
        actions.record_outcome(session, "held", by=cast.expert_user, at=WED_11, done_km=Decimal(5))


def test_shortened_after_the_limit_pays_what_was_agreed(cast: Cast) -> None:
    session = make_agreed_session(
        WED_10, WED_10 + 3 * HOUR, kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer
    )
    done = (WED_10, WED_10 + 2 * HOUR)
    with pytest.raises(Refused, match="still free"):
        actions.record_outcome(
            session, "shortened", by=cast.orderer, at=WED_10 + 3 * HOUR, done=done, received_at=LIMIT
        )
    session = actions.record_outcome(session, "shortened", by=cast.orderer, at=WED_10 + 3 * HOUR, done=done)
    assert (session.outcome, session.fee) == ("shortened_late", euros("75.00"))


def test_the_end_of_a_group_closes_this_and_all_later_sessions(cast: Cast) -> None:
    first = make_agreed_session(WED_10, kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    second = make_agreed_session(WED_10 + WEEK, kind="group", order=first.order)
    third = make_agreed_session(WED_10 + 2 * WEEK, kind="group", order=first.order)
    actions.record_outcome(second, "group_ended", by=cast.orderer, at=WED_11, change_reason="too few came")
    assert list(first.order.sessions.values_list("outcome", "fee", "travel_fee")) == [
        ("", euros("25.00"), ZERO), ("group_ended", ZERO, ZERO), ("group_ended", ZERO, ZERO),
    ]  # fmt: skip
    assert told("session_cancelled") == [cast.expert_user.email]
    assert LogEntry.objects.of(second, third).count() == 2


def test_a_group_does_not_end_backwards(cast: Cast) -> None:
    session = make_agreed_session(WED_10, kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    with pytest.raises(Refused, match="has begun is held"):
        actions.record_outcome(session, "group_ended", by=cast.orderer, at=WED_11, change_reason="x")


def test_a_second_click_changes_nothing(cast: Cast, session: Session) -> None:
    """M8."""
    actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT)
    for again in ("orderer_cancelled", "expert_ill"):
        with pytest.raises(Conflict):
            actions.record_outcome(session, again, by=cast.orderer, at=LIMIT + HOUR)
    session.refresh_from_db()
    assert (session.outcome, LogEntry.objects.of(session).count()) == ("cancelled_in_time", 1)
    assert len(told("session_cancelled")) == 1


def test_undo_brings_the_agreement_back(cast: Cast, session: Session) -> None:
    agreed = {name: getattr(session, name) for name in ("fee", "price", "travel_fee", "travel_price", "free_until")}
    closed = actions.record_outcome(session, "no_show", by=cast.orderer, at=WED_11, time_used_for="Planning")
    actions.undo_outcome(closed, by=cast.named, at=WED_11)
    session.refresh_from_db()
    assert {name: getattr(session, name) for name in agreed} == agreed
    assert (session.state, session.outcome, session.time_used_for, session.recorded_at) == ("agreed", "", "", None)
    with pytest.raises(Conflict):
        actions.undo_outcome(session, by=cast.named, at=WED_11)


def test_an_expert_takes_back_only_what_the_expert_marked(cast: Cast, session: Session) -> None:
    closed = actions.record_outcome(session, "no_show", by=cast.orderer, at=WED_11)
    with pytest.raises(Refused, match="may not"):
        actions.undo_outcome(closed, by=cast.expert_user, at=WED_11)
    actions.undo_outcome(closed, by=cast.orderer, at=WED_11)
    closed = actions.record_outcome(closed, "held", by=cast.expert_user, at=WED_11)
    assert actions.undo_outcome(closed, by=cast.expert_user, at=WED_11).state == SessionState.AGREED


def test_undo_is_refused_when_the_expert_is_elsewhere_by_now(cast: Cast, session: Session) -> None:
    """R3 of the races: every path that makes a session live again."""
    closed = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT)
    make_agreed_session(WED_10, expert=cast.expert)
    with pytest.raises(Refused, match="another session"):
        actions.undo_outcome(closed, by=cast.orderer, at=LIMIT)
    session.refresh_from_db()
    assert session.state == SessionState.CLOSED


def test_an_undone_cancellation_is_told(cast: Cast, session: Session) -> None:
    closed = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT)
    actions.undo_outcome(closed, by=cast.orderer, at=LIMIT)
    assert told("session_again") == [cast.expert_user.email]


# --- moves -----------------------------------------------------------------------------------------------------------

THU_10 = at(2026, 10, 8, 10)
INSIDE = WED_10 + HOUR / 2


@pytest.mark.parametrize("to", [THU_10, INSIDE], ids=["outside the old time", "inside the old time"])
@pytest.mark.parametrize("proposed_at", [LIMIT, LIMIT + HOUR], ids=["before the limit", "after the limit"])
def test_a_move_that_is_accepted_pays_once(cast: Cast, session: Session, proposed_at: datetime, to: datetime) -> None:
    """M6: the old time pays nothing, the new one is a session of its own."""
    move = actions.propose_move(session, to, to + HOUR, by=cast.orderer, at=proposed_at, cancel_if_declined=True)
    session.refresh_from_db()
    assert (session.state, session.starts_at) == ("agreed", WED_10)
    new = actions.accept_move(move, by=cast.expert_user, at=proposed_at + HOUR)
    session.refresh_from_db()
    assert (session.state, session.outcome, session.fee, session.travel_fee) == ("closed", "moved", ZERO, ZERO)
    assert (session.received_at, session.rule) == (proposed_at, "R16")
    assert (new.state, new.moved_from, new.fee, new.travel_fee) == ("agreed", session, euros("50.00"), euros("13.20"))
    assert new.free_until == (at(2026, 10, 7, 15) if to == THU_10 else LIMIT)
    assert new.terms == session.terms
    assert sum(s.fee for s in Session.objects.all()) == euros("50.00")


@pytest.mark.parametrize(
    ("proposed_at", "cancel", "outcome", "fee"),
    [
        (LIMIT, True, "cancelled_in_time", "0.00"),
        (LIMIT + HOUR, True, "cancelled_late", "50.00"),
        (LIMIT, False, "", "50.00"),
        (LIMIT + HOUR, False, "", "50.00"),
    ],
    ids=["in time, else cancelled", "late, else cancelled", "in time, else kept", "late, else kept"],
)
def test_a_move_that_is_declined(
    cast: Cast, session: Session, proposed_at: datetime, *, cancel: bool, outcome: str, fee: str
) -> None:
    """M6: answered after the limit, decided by the moment of the proposal."""
    move = actions.propose_move(
        session, THU_10, THU_10 + HOUR, by=cast.orderer, at=proposed_at, cancel_if_declined=cancel
    )
    actions.decline_move(move, by=cast.expert_user, at=LIMIT + 2 * HOUR)
    session.refresh_from_db()
    assert (session.outcome, session.fee) == (outcome, euros(fee))
    assert session.received_at == (proposed_at if cancel else None)
    assert Session.objects.count() == 1
    assert told("move_answered") == [cast.named.email, cast.orderer.email][::-1]


def test_the_expert_proposes_and_the_unit_answers(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.expert_user, at=NOW + HOUR)
    assert told("move_proposed") == [cast.orderer.email, cast.named.email]
    with pytest.raises(Refused, match="may not"):
        actions.accept_move(move, by=cast.expert_user, at=NOW + HOUR)
    assert actions.accept_move(move, by=cast.orderer, at=NOW + HOUR).starts_at == THU_10


def test_who_proposes_does_not_answer(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="may not"):
        actions.accept_move(move, by=cast.named, at=NOW)
    with pytest.raises(Refused, match="may not"):
        actions.withdraw_move(move, by=cast.expert_user, at=NOW)
    assert actions.withdraw_move(move, by=cast.named, at=NOW).state == MoveState.WITHDRAWN


@pytest.mark.parametrize(
    ("start", "moment", "words"),
    [
        (WED_10, NOW, "time agreed already"),
        (LIMIT - HOUR, LIMIT, "has begun already"),
        (THU_10, WED_10, "can no longer be moved"),
        (at(2028, 1, 3, 9), NOW, "no contract"),
    ],
    ids=["the same", "past", "begun", "no contract"],
)
def test_times_that_cannot_be_proposed(
    cast: Cast, session: Session, start: datetime, moment: datetime, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        actions.propose_move(session, start, start + HOUR, by=cast.orderer, at=moment)


def test_a_move_onto_another_session_is_refused_when_proposed_and_when_accepted(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    make_agreed_session(THU_10 + HOUR / 2, expert=cast.expert)
    with pytest.raises(Refused, match="another session"):
        actions.accept_move(move, by=cast.expert_user, at=NOW)
    session.refresh_from_db()
    assert (session.state, Move.objects.get().state) == ("agreed", "waiting")
    actions.withdraw_move(move, by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="another session"):
        actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)


def test_one_proposal_at_a_time(cast: Cast, session: Session) -> None:
    actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    with pytest.raises(Conflict, match="proposed already"):
        actions.propose_move(session, THU_10 + HOUR, THU_10 + 2 * HOUR, by=cast.expert_user, at=NOW)


def test_a_proposal_falls_away_when_the_session_is_marked(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=LIMIT)
    actions.record_outcome(session, "expert_ill", by=cast.expert_user, at=LIMIT + HOUR)
    for answer in (actions.accept_move, actions.decline_move):
        with pytest.raises(Conflict):
            answer(Move.objects.get(pk=move.pk), by=cast.expert_user, at=LIMIT + HOUR)
    assert Move.objects.get().state == MoveState.WITHDRAWN


# Lesson M6.
def test_an_unanswered_proposal_made_in_time_is_not_a_late_cancellation(cast: Cast, session: Session) -> None:
    """The unit said in time "else it is cancelled"; the expert's silence costs it nothing (R14, R16)."""
    actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=LIMIT, cancel_if_declined=True)
    session = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=LIMIT + HOUR)
    assert (session.outcome, session.received_at) == ("cancelled_in_time", LIMIT)


def test_accepting_a_move_twice_makes_one_session(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    actions.accept_move(move, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict):
        actions.accept_move(Move.objects.get(), by=cast.expert_user, at=NOW)
    assert Session.objects.filter(state=SessionState.AGREED).count() == 1


def test_a_moved_session_is_not_taken_back(cast: Cast, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    actions.accept_move(move, by=cast.expert_user, at=NOW)
    with pytest.raises(Refused, match="stays moved"):
        actions.undo_outcome(session, by=cast.orderer, at=NOW)


def test_a_moved_session_of_another_length_is_priced_by_its_own(cast: Cast) -> None:
    session = make_agreed_session(WED_10, WED_10 + 2 * HOUR, kind="development", expert=cast.expert, unit=cast.unit)
    move = actions.propose_move(session, THU_10, THU_10 + 3 * HOUR, by=cast.coordinator, at=NOW)
    new = actions.accept_move(move, by=cast.expert_user, at=NOW)
    assert (session.agreed_fee, new.agreed_fee) == (euros("55.00"), euros("110.00"))
    assert new.fee_item is not None
    assert new.fee_item.code == "KEH2"


# Lesson T3.
def test_a_move_may_be_moved_again(cast: Cast, session: Session) -> None:
    first = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    second = actions.accept_move(first, by=cast.expert_user, at=NOW)
    again = actions.propose_move(second, WED_10, WED_11, by=cast.expert_user, at=NOW)
    third = actions.accept_move(again, by=cast.orderer, at=NOW)
    assert (third.starts_at, third.moved_from) == (WED_10, second)
    assert [s.state for s in Session.objects.order_by("pk")] == ["closed", "closed", "agreed"]


def test_an_agreed_order_is_not_offered_again(cast: Cast) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED_10, WED_11)])
    offer = make_offer(order, cast.expert)
    actions.accept(offer, by=cast.expert_user, at=NOW)
    with pytest.raises(Refused, match="no times"):
        actions.make_offer(order, cast.second_expert, by=cast.coordinator, at=NOW)
