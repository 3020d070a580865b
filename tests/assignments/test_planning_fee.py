"""Planning a group together is paid by the table's own item: the pages say so before anybody agrees (R4, R9)."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from assignments.models import OrderPlan
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, example_items, make_fee_table, make_order

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))


@pytest.mark.parametrize(
    ("item", "said"),
    [(True, "€50.00 for 2 h, besides the sums of the times"), (False, "2 h, not paid apart")],
    ids=["the table pays it", "the table does not"],
)
def test_planning_together_is_in_what_an_order_costs(
    cast: Cast, client_for: SignIn, clock: Clock, *, item: bool, said: str
) -> None:
    """R4, R9: two hours of planning are agreed with the group, and the page said nothing of their fee."""
    clock(NOW)
    items = [one for one in example_items() if item or one["purpose"] != "preparation"]
    make_fee_table(items=items)
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind="group", times=[TEN])
    plan = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31), "co_leader": "Nina Nurse"}
    OrderPlan.objects.update_or_create(order=order, defaults=plan | {"preparation_minutes": 120})
    client = client_for(cast.orderer)
    for step in ("fee", "check"):
        assert said in str(client.get(f"/orders/{order.pk}/{step}/").content.decode()).replace("\u00a0", " ")
    client.post(f"/orders/{order.pk}/check/")
    assert said in str(client_for(cast.named).get(f"/orders/{order.pk}/").content.decode()).replace("\u00a0", " ")
