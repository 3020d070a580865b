"""The tools of every action: the log that is only added to, and steps that only one person takes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from assignments.models import Order
from assignments.states import ORDER
from office.actions import log, may, move
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from tests.conftest import Cast
from tests.factories import at, make_order

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
SUBMIT = ORDER["submit"]


@pytest.fixture
def order(cast: Cast) -> Order:
    return make_order(unit=cast.unit, orderer=cast.orderer)


def stored(order: Order) -> str:
    return Order.objects.values_list("state", flat=True).get(pk=order.pk)


# --- a step ----------------------------------------------------------------------------------------------------------


def test_a_step_changes_the_row_and_writes_one_log_row(order: Order, cast: Cast) -> None:
    entry = move(
        order,
        SUBMIT,
        by=cast.deputy,
        on_behalf_of=cast.orderer,
        at=NOW,
        unit_id=cast.unit.pk,
        reason="by telephone",
        facts={"sessions": 2},
        submitted_at=NOW,
    )
    assert (order.state, order.submitted_at) == ("to_confirm", NOW)
    assert stored(order) == "to_confirm"
    row = LogEntry.objects.get()
    assert row == entry
    told = (row.at, row.actor, row.on_behalf_of, row.kind, row.from_state, row.to_state, row.reason, row.facts)
    assert told == (
        NOW,
        cast.deputy,
        cast.orderer,
        "order.submit",
        "draft",
        "to_confirm",
        "by telephone",
        {"sessions": 2},
    )
    assert (row.object_type, row.object_id) == ("assignments.order", order.pk)


@pytest.mark.parametrize("who", ["stranger", "expert_user", "finance", "supervisor"])
def test_without_the_role_in_that_unit_nothing_changes(order: Order, cast: Cast, who: str) -> None:
    with pytest.raises(Refused, match="You may not do this"):
        move(order, SUBMIT, by=getattr(cast, who), at=NOW, unit_id=cast.unit.pk)
    assert (stored(order), LogEntry.objects.count()) == ("draft", 0)


def test_nobody_steps_only_where_the_table_says_so() -> None:
    assert may(None, ORDER["look_again"])
    assert not may(None, SUBMIT)


def test_a_second_click_is_told_and_changes_nothing(order: Order, cast: Cast) -> None:
    move(order, SUBMIT, by=cast.orderer, at=NOW, unit_id=cast.unit.pk)
    with pytest.raises(Conflict, match="changed meanwhile"):
        move(order, SUBMIT, by=cast.orderer, at=NOW, unit_id=cast.unit.pk, task="another text")
    assert Order.objects.get().task == order.task
    assert LogEntry.objects.count() == 1


def test_an_old_page_does_not_overwrite(order: Order, cast: Cast) -> None:
    old_page = Order.objects.get(pk=order.pk)
    move(order, ORDER["cancel"], by=cast.orderer, at=NOW, unit_id=cast.unit.pk)
    with pytest.raises(Conflict):
        move(old_page, SUBMIT, by=cast.orderer, at=NOW, unit_id=cast.unit.pk)
    assert stored(order) == "cancelled"


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_one_wins(order: Order, cast: Cast) -> None:
    start = Barrier(2)
    steps = {"submit": cast.orderer, "cancel": cast.named}

    def act(name: str) -> str:
        try:
            mine = Order.objects.get(pk=order.pk)
            by = User.objects.get(pk=steps[name].pk)
            start.wait()
            with transaction.atomic():
                move(mine, ORDER[name], by=by, at=NOW, unit_id=cast.unit.pk)
        except Conflict:
            return "conflict"
        else:
            return name
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        results = list(people.map(act, steps))
    # Cancelling is possible after submitting too, so both may win one after the other; a lost step leaves no trace.
    done = [result for result in results if result != "conflict"]
    assert LogEntry.objects.count() == len(done)
    assert stored(order) == ("cancelled" if "cancel" in done else "to_confirm")


@pytest.mark.django_db(transaction=True)
def test_the_same_step_by_two_at_once_is_taken_once(order: Order, cast: Cast) -> None:
    start = Barrier(2)

    def act(pk: int) -> bool:
        try:
            mine, by = Order.objects.get(pk=order.pk), User.objects.get(pk=pk)
            start.wait()
            move(mine, SUBMIT, by=by, at=NOW, unit_id=cast.unit.pk)
        except Conflict:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as people:
        results = list(people.map(act, [cast.orderer.pk, cast.named.pk]))
    assert (sorted(results), LogEntry.objects.count()) == ([False, True], 1)


# --- the log ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sql", ["UPDATE office_logentry SET reason = 'another'", "DELETE FROM office_logentry"], ids=["update", "delete"]
)
def test_the_log_is_only_added_to_even_by_raw_sql(order: Order, cast: Cast, sql: str) -> None:
    log("order.noted", order, by=cast.coordinator, at=NOW, reason="as it was")
    with pytest.raises(IntegrityError, match="log_is_append_only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert [entry.reason for entry in LogEntry.objects.all()] == ["as it was"]


def test_the_history_of_several_records_is_one_query_in_the_order_of_writing(
    order: Order, cast: Cast, django_assert_num_queries: object
) -> None:
    other = make_order(unit=cast.unit, orderer=cast.orderer)
    for number, target in enumerate([order, other, order]):
        log(f"n{number}", target, by=cast.named, at=NOW)  # the same moment: the number decides (L8)
    log("elsewhere", cast.unit, by=cast.named, at=NOW)
    with django_assert_num_queries(1):  # type: ignore[operator]
        told = [(entry.kind, str(entry.actor)) for entry in LogEntry.objects.of(order, other)]
    assert told == [("n0", "Nora Named"), ("n1", "Nora Named"), ("n2", "Nora Named")]
