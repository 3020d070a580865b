"""The page on which an order is confirmed costs ten queries at most, also over New Year, for two, opened again."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments import actions
from assignments.models import Order
from office.models import Policy
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table

pytestmark = pytest.mark.django_db
NOW = at(2026, 11, 14, 9)
HOUR = timedelta(hours=1)
PLANS: dict[str, dict[str, Any]] = {
    "individual": {"goal": "Courage", "meetings": 2, "spacing": "weekly", "contact_way": "The nurse telephones"},
    "group": {"first_day": date(2026, 12, 1), "last_day": date(2027, 3, 1)},
}


@pytest.fixture
def two_years(clock: Clock, db: None) -> None:
    clock(NOW)
    for year in (2026, 2027):
        make_fee_table(valid_from=date(year, 1, 1), valid_to=date(year, 12, 31))
        Policy.objects.create(valid_from=date(year, 1, 1))


def waiting(cast: Cast, kind: str, times: int) -> Order:
    """An order over New Year that was confirmed once and opened again for changes."""
    begin = [at(2026, 12, 16, 10) + n * timedelta(days=1) for n in range(times // 2)]
    begin += [at(2027, 1, 13, 10) + n * timedelta(days=1) for n in range(times - times // 2)]
    order = actions.save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind=kind, task="Over New Year", place="Room 2",
        times=[(one, one + HOUR) for one in begin], expert=cast.expert, plan=PLANS[kind], travel_mode="car",
        travel_km=Decimal(12),
    )  # fmt: skip
    if kind == "group":
        actions.set_second(order, cast.second_expert, by=cast.orderer, at=NOW)
    actions.submit(Order.objects.get(pk=order.pk), by=cast.orderer, at=NOW)
    actions.confirm(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
    return actions.change_asked(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)


@pytest.mark.parametrize("times", [2, 30])
@pytest.mark.parametrize("kind", ["individual", "group"])
@pytest.mark.parametrize("who", ["named", "coordinator", "orderer"])
def test_over_new_year_and_confirmed_before(
    cast: Cast, client_for: Any, two_years: None, django_assert_max_num_queries: Any, who: str, kind: str, times: int
) -> None:
    order = waiting(cast, kind, times)
    client = client_for(getattr(cast, who))
    with django_assert_max_num_queries(10):
        answer = client.get(f"/orders/{order.pk}/")
    assert ("Confirm the order" in answer.content.decode()) is (who != "orderer")


def test_the_sums_of_two_experts_are_both_years(cast: Cast, client_for: Any, two_years: None) -> None:
    """What is confirmed is paid to both, by the table of each day."""
    order = waiting(cast, "group", 2)
    shown = client_for(cast.named).get(f"/orders/{order.pk}/").context
    assert shown["whole"] == 2 * shown["total"] - 2 * Decimal("6.60")  # one journey a time, agreed with the first only
