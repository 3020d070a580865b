"""The free-cancellation limit by policy and closing days of each session's own day, stored with it (R11–R13)."""

from datetime import date, datetime, time, timedelta

import pytest

from assignments import actions
from assignments.models import Order, Session
from feetables.models import FeeTable
from office.errors import Refused
from office.models import ClosingDay, Policy
from tests.conftest import Cast
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order

pytestmark = pytest.mark.django_db
NOW = at(2026, 9, 21, 9)  # a Monday
WED = at(2026, 10, 7, 10)
LATER = at(2026, 10, 19, 10)  # a Monday
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def fee_table(db: None) -> FeeTable:
    return make_fee_table()


def accepted(cast: Cast, *starts: datetime) -> list[Session]:
    """Agreed by the expert's own yes."""
    times = [(start, start + HOUR) for start in starts]
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=times)
    offer = make_offer(order, cast.expert, sent_at=NOW)
    actions.accept(offer, by=cast.expert_user, at=NOW)
    return list(Order.objects.get().sessions.order_by("starts_at"))


def limits(*sessions: Session) -> list[datetime | None]:
    return [session.free_until for session in sessions]


def test_the_offices_closing_day_is_no_working_day_before_the_session(cast: Cast) -> None:
    """R12."""
    ClosingDay.objects.create(day=date(2026, 10, 6), reason="Moving")
    assert limits(*accepted(cast, WED)) == [at(2026, 10, 5, 15)]


def test_each_time_of_a_series_has_the_limit_of_the_policy_of_its_own_day(cast: Cast) -> None:
    """R11, R13: the policy changes between the two."""
    Policy.objects.create(
        valid_from=date(2026, 10, 12), cancellation_basis="previous_calendar_day", cancellation_time=time(12)
    )
    assert limits(*accepted(cast, WED, LATER)) == [at(2026, 10, 6, 15), at(2026, 10, 18, 12)]


def test_a_moved_session_has_the_limit_of_the_policy_of_its_new_day(cast: Cast) -> None:
    """R13, T3."""
    Policy.objects.create(valid_from=date(2026, 10, 12), cancellation_time=time(12))
    ClosingDay.objects.create(day=date(2026, 10, 16), reason="Moving")
    session = make_agreed_session(WED, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    move = actions.propose_move(session, LATER, LATER + HOUR, by=cast.orderer, at=NOW)
    new = actions.accept_move(move, by=cast.expert_user, at=NOW)
    assert limits(session, new) == [at(2026, 10, 6, 15), at(2026, 10, 15, 12)]


@pytest.mark.parametrize(
    ("moment", "outcome"),
    [(at(2026, 10, 6, 15), "cancelled_in_time"), (at(2026, 10, 6, 15) + SECOND, "cancelled_late")],
    ids=["the-limit-itself", "a-second-later"],
)
def test_what_the_office_decides_afterwards_moves_no_limit(cast: Cast, moment: datetime, outcome: str) -> None:
    """R13: the limit is the one that was agreed."""
    [session] = accepted(cast, WED)
    Policy.objects.create(
        valid_from=date(2026, 10, 1), cancellation_basis="previous_calendar_day", cancellation_time=time(12)
    )
    ClosingDay.objects.create(day=date(2026, 10, 6), reason="Moving")
    found = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=moment)
    assert (found.free_until, found.outcome) == (at(2026, 10, 6, 15), outcome)


@pytest.mark.parametrize("by_expert", [False, True], ids=["the-units", "the-experts"])
def test_a_proposal_that_cancels_nothing_makes_no_later_cancellation_free(cast: Cast, *, by_expert: bool) -> None:
    """R14, R16, M6: only "else it is cancelled" counts from the proposal."""
    session = make_agreed_session(WED, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    proposer = cast.expert_user if by_expert else cast.orderer
    actions.propose_move(session, LATER, LATER + HOUR, by=proposer, at=NOW)
    late = at(2026, 10, 6, 16)
    found = actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=late)
    assert (found.outcome, found.received_at, str(found.fee)) == ("cancelled_late", late, "50.00")


def test_the_expert_cannot_propose_that_a_no_is_the_units_cancellation(cast: Cast) -> None:
    """R16: "else it is cancelled" is the orderer's side's to say."""
    session = make_agreed_session(WED, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    with pytest.raises(Refused, match="may not"):
        actions.propose_move(session, LATER, LATER + HOUR, by=cast.expert_user, at=NOW, cancel_if_declined=True)
    assert not session.moves.exists()
