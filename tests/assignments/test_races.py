"""Two people at once, in real threads and transactions: exactly one wins, and nothing is left half done."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from assignments import actions
from assignments.models import Move, Offer, Order, Session
from assignments.states import OrderState, SessionState
from experts.models import Contract, Expert
from office.errors import RuleError
from office.models import LogEntry, OutboxMessage, User
from office.saving import readable
from tests.conftest import Cast
from tests.factories import at, make_agreed_session, make_contract, make_expert, make_fee_table, make_offer, make_order

pytestmark = pytest.mark.django_db(transaction=True)

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
WED_11 = at(2026, 10, 7, 11)
THU_10 = at(2026, 10, 8, 10)
LIMIT = at(2026, 10, 6, 15)
HOUR = timedelta(hours=1)
DONE = "done"


@pytest.fixture(autouse=True)
def fee_table(transactional_db: None) -> None:
    make_fee_table()


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """Runs all in threads that start together; what each came to."""
    barrier = Barrier(len(acts))
    results = [""] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=10)
            act()
            results[number] = DONE
        except RuleError as error:
            results[number] = type(error).__name__
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def offered(cast: Cast, start: Any = WED_10) -> Offer:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(start, start + HOUR)])
    return make_offer(order, cast.expert)


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


# Lesson R1.
def test_two_offers_for_the_same_time_accepted_at_once(cast: Cast) -> None:
    """R1, R2 of the lessons: two waiting offers that clash, exactly one is agreed."""
    first, second = offered(cast), offered(cast, WED_10 + HOUR / 2)
    results = at_once(
        lambda: actions.accept(first, by=fresh(cast.expert_user), at=NOW),
        lambda: actions.accept(second, by=fresh(cast.expert_user), at=NOW),
    )
    assert sorted(results) == ["Refused", DONE]
    assert Session.objects.filter(state=SessionState.AGREED).count() == 1
    assert sorted(Offer.objects.values_list("state", flat=True)) == ["accepted", "waiting"]
    assert OutboxMessage.objects.filter(kind="offer_accepted").count() == 2  # the orderer and the named employee


def test_the_same_offer_accepted_twice_at_once(cast: Cast) -> None:
    """R7 of the lessons: one agreement, one row in the history."""
    offer = offered(cast)
    results = at_once(
        lambda: actions.accept(Offer.objects.get(pk=offer.pk), by=fresh(cast.expert_user), at=NOW),
        lambda: actions.accept(Offer.objects.get(pk=offer.pk), by=fresh(cast.coordinator), at=NOW),
    )
    assert sorted(results) == ["Conflict", DONE]
    assert LogEntry.objects.filter(kind="session.agree").count() == 1


def test_accepted_and_cancelled_at_once(cast: Cast) -> None:
    offer = offered(cast)
    results = at_once(
        lambda: actions.accept(Offer.objects.get(pk=offer.pk), by=fresh(cast.expert_user), at=NOW),
        lambda: actions.cancel_order(Order.objects.get(), by=fresh(cast.orderer), at=NOW),
    )
    assert results.count(DONE) == 1
    order, session = Order.objects.get(), Session.objects.get()
    assert (order.state, session.state) in {(OrderState.AGREED, "agreed"), (OrderState.CANCELLED, "dropped")}


def test_cancelled_twice_at_once(cast: Cast) -> None:
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    results = at_once(
        lambda: actions.record_outcome(session, "orderer_cancelled", by=fresh(cast.orderer), at=LIMIT),
        lambda: actions.record_outcome(session, "expert_ill", by=fresh(cast.expert_user), at=LIMIT),
    )
    assert sorted(results) == ["Conflict", DONE]
    assert LogEntry.objects.filter(kind="session.close").count() == 1


def test_moved_and_cancelled_at_once(cast: Cast) -> None:
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    results = at_once(
        lambda: actions.accept_move(Move.objects.get(pk=move.pk), by=fresh(cast.expert_user), at=LIMIT),
        lambda: actions.record_outcome(session, "orderer_cancelled", by=fresh(cast.orderer), at=LIMIT),
    )
    assert sorted(results) == ["Conflict", DONE]
    agreed = Session.objects.filter(state=SessionState.AGREED).count()
    assert (agreed, Session.objects.get(pk=session.pk).outcome) in {(1, "moved"), (0, "cancelled_in_time")}


def test_a_move_and_an_offer_for_the_same_time_at_once(cast: Cast) -> None:
    """R3 of the lessons: moving asks the same question as accepting."""
    session = make_agreed_session(WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    offer = offered(cast, THU_10)
    results = at_once(
        lambda: actions.accept_move(Move.objects.get(pk=move.pk), by=fresh(cast.expert_user), at=NOW),
        lambda: actions.accept(offer, by=fresh(cast.expert_user), at=NOW),
    )
    assert sorted(results) == ["Refused", DONE]
    assert Session.objects.filter(state=SessionState.AGREED, starts_at=THU_10).count() == 1


def test_the_contract_ends_while_an_offer_is_accepted(cast: Cast) -> None:
    """Both lock the expert's row, so the one who comes second sees what the first did."""
    expert = make_expert(contract=False)
    contract = make_contract(expert)
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED_10, WED_11)])
    offer = make_offer(order, expert)

    def shorten() -> None:
        with transaction.atomic(), readable():
            Expert.objects.select_for_update().get(pk=expert.pk)
            Contract.objects.filter(pk=contract.pk).update(valid_to=date(2026, 10, 1))

    assert expert.user is not None
    by = fresh(expert.user)
    assert sorted(at_once(lambda: actions.accept(offer, by=by, at=NOW), shorten)) == ["Refused", DONE]


def test_permission_does_not_flicker_under_load(cast: Cast) -> None:
    """R11 of the lessons: forty requests at once, mixed: the own unit always sees the order, the other one never."""
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="to_confirm", times=[(WED_10, WED_11)])
    answers: list[tuple[str, int]] = []

    def looks(user: User) -> Callable[[], None]:
        def act() -> None:
            client = Client()
            client.force_login(user)
            answers.extend((user.first_name, client.get(f"/orders/{order.pk}/").status_code) for _time in range(10))

        return act

    assert (
        at_once(*(looks(fresh(user)) for user in (cast.orderer, cast.stranger, cast.named, cast.finance))) == [DONE] * 4
    )
    assert set(answers) == {("Anna", 200), ("Stan", 404), ("Nora", 200), ("Fia", 403)}
    assert len(answers) == 40
