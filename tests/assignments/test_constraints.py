"""What the database refuses, whoever writes: the last line behind the actions."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from assignments.models import Move, Offer, Order, Session
from assignments.states import OfferState, SessionState
from experts.models import Contract
from office.saving import words_for
from tests.conftest import Cast
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_offer,
    make_order,
)

WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)


def refused(change: Any) -> str:
    """The name of what refused it."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        change()
    return str(getattr(caught.value.__cause__, "diag").constraint_name)  # noqa: B009 - psycopg's error has it


@pytest.fixture
def session(cast: Cast) -> Session:
    return make_agreed_session(WED_10, expert=cast.expert, unit=cast.unit)


OVERLAPS = {"the same": 0, "the end of it": 30, "the beginning of it": -30, "inside of it": 15}


@pytest.mark.parametrize("case", OVERLAPS)
def test_an_expert_is_never_in_two_sessions(cast: Cast, session: Session, case: str) -> None:
    start = WED_10 + timedelta(minutes=OVERLAPS[case])
    end = start + (HOUR / 2 if case == "inside of it" else HOUR)
    assert refused(lambda: make_agreed_session(start, end, expert=cast.expert)) == "expert_never_in_two_sessions"


def test_a_session_lasts_a_day_at_most(cast: Cast) -> None:
    day = timedelta(hours=24)
    assert make_agreed_session(WED_10, WED_10 + day, expert=cast.expert).pk
    longer = day + timedelta(minutes=1)
    assert refused(lambda: make_agreed_session(WED_10, WED_10 + longer, expert=cast.second_expert)) == (
        "session_lasts_a_day_at_most"
    )


@pytest.mark.parametrize("start", [WED_10 - HOUR, WED_10 + HOUR], ids=["before", "after"])
def test_sessions_one_after_the_other(cast: Cast, session: Session, start: Any) -> None:
    assert make_agreed_session(start, expert=cast.expert).pk


def test_experts_are_told_apart(cast: Cast, session: Session) -> None:
    assert make_agreed_session(WED_10, expert=cast.second_expert).pk


@pytest.mark.parametrize(
    ("event", "free"),
    [("orderer_cancelled", True), ("expert_ill", True), ("moved", True), ("held", False), ("no_show", False)],
)
def test_a_time_is_free_again_only_when_nobody_came(cast: Cast, event: str, *, free: bool) -> None:
    make_closed_session(WED_10, event=event, expert=cast.expert, received_at=WED_10 - 48 * HOUR)
    if free:
        assert make_agreed_session(WED_10, expert=cast.expert).pk
    else:
        assert refused(lambda: make_agreed_session(WED_10, expert=cast.expert)) == "expert_never_in_two_sessions"


@pytest.mark.parametrize(
    ("day", "inside"),
    [((2026, 9, 30), False), ((2026, 10, 1), True), ((2026, 10, 31), True), ((2026, 11, 1), False)],
    ids=["the day before", "the first day", "the last day", "the day after"],
)
def test_no_work_outside_the_contract(db: None, day: tuple[int, int, int], *, inside: bool) -> None:
    """R26: the day is the one in Helsinki, at half past midnight too."""
    expert = make_expert(contract=False)
    make_contract(expert, valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 31))
    start = at(*day, 0, 30)
    if inside:
        assert make_agreed_session(start, expert=expert).pk
    else:
        assert refused(lambda: make_agreed_session(start, expert=expert)) == "session_inside_contract"


def test_no_work_of_a_kind_the_contract_does_not_name(db: None) -> None:
    expert = make_expert(kinds=["group"])
    assert refused(lambda: make_agreed_session(WED_10, expert=expert)) == "session_inside_contract"


@pytest.mark.parametrize("state", [Contract.State.DRAFT], ids=["draft"])
def test_an_unsigned_contract_is_none(db: None, state: str) -> None:
    expert = make_expert(contract=False)
    make_contract(expert, state=state)
    assert refused(lambda: make_agreed_session(WED_10, expert=expert)) == "session_inside_contract"


CONTRACT_CHANGES: dict[str, dict[str, Any]] = {
    "ends before": {"valid_to": date(2026, 10, 6)},
    "begins after": {"valid_from": date(2026, 10, 8)},
    "another kind": {"kinds": ["group"]},
    "a draft again": {"state": Contract.State.DRAFT},
}


@pytest.mark.parametrize("case", CONTRACT_CHANGES)
def test_a_contract_keeps_its_sessions(cast: Cast, session: Session, case: str) -> None:
    contracts = Contract.objects.filter(expert=cast.expert)
    assert refused(lambda: contracts.update(**CONTRACT_CHANGES[case])) == "contract_keeps_its_sessions"
    assert refused(contracts.delete) == "contract_is_kept_its_time"
    contracts.update(valid_to=date(2026, 10, 7))


def test_a_contract_may_end_before_a_session_that_fell_away(cast: Cast) -> None:
    make_closed_session(WED_10, event="orderer_cancelled", expert=cast.expert, received_at=WED_10 - 48 * HOUR)
    Contract.objects.filter(expert=cast.expert).update(valid_to=date(2026, 10, 1))


FORBIDDEN: dict[str, tuple[dict[str, Any], str]] = {
    "agreed without a limit": ({"free_until": None}, "agreed_session_is_frozen"),
    "agreed without a price": ({"terms": None}, "agreed_session_is_frozen"),
    "closed without an outcome": ({"state": "closed"}, "closed_session_has_its_outcome"),
    "an outcome while agreed": ({"outcome": "held"}, "closed_session_has_its_outcome"),
    "ended before it began": ({"ends_at": WED_10 - HOUR}, "session_ends_after_start"),
    "a negative fee": ({"fee": Decimal("-0.01")}, "session_fee_not_negative"),
    "a cancellation without its moment": (
        {"state": "closed", "outcome": "cancelled_late", "recorded_at": WED_10},
        "cancellation_has_its_moment",
    ),
    "worked backwards": ({"done_starts_at": WED_10, "done_ends_at": WED_10}, "done_times_in_order"),
}


@pytest.mark.parametrize("case", FORBIDDEN)
def test_half_a_session(session: Session, case: str) -> None:
    fields, name = FORBIDDEN[case]
    assert refused(lambda: Session.objects.filter(pk=session.pk).update(**fields)) == name


def test_one_open_offer_an_order(cast: Cast) -> None:
    offer = make_offer(make_order(unit=cast.unit), cast.expert)
    assert refused(lambda: make_offer(offer.order, cast.second_expert)) == "one_open_offer_an_order"
    Offer.objects.update(state=OfferState.DECLINED, answered_at=WED_10)
    assert make_offer(offer.order, cast.second_expert).pk


def test_an_agreed_order_was_confirmed(cast: Cast, session: Session) -> None:
    orders = Order.objects.filter(pk=session.order_id)
    assert refused(lambda: orders.update(confirmed_at=None)) == "agreed_order_was_confirmed"
    assert refused(lambda: orders.update(expert=None)) == "offered_order_has_an_expert"


def test_one_open_move_a_session(cast: Cast, session: Session) -> None:
    def propose() -> Move:
        return Move.objects.create(
            session=session,
            starts_at=WED_10 + HOUR,
            ends_at=WED_10 + 2 * HOUR,
            proposed_by=cast.orderer,
            proposed_at=WED_10 - HOUR,
        )

    propose()
    assert refused(propose) == "one_open_move_a_session"


def test_refusals_of_the_database_are_sentences(cast: Cast, session: Session) -> None:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make_agreed_session(WED_10, expert=cast.expert)
    assert str(words_for(caught.value)) == "The expert has another session at that time."
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make_agreed_session(at(2029, 1, 3, 9), expert=cast.expert)
    assert str(words_for(caught.value)) == "The expert has no contract for this kind of work on that day."
    assert Session.objects.filter(state=SessionState.AGREED).count() == 1
