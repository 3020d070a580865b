"""What the unit looks at one by one: the question reads only rows that may differ, and misses none."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments.rules import Event
from fees.check import differs, lists_to_check
from fees.models import HourList, HourRow
from tests.conftest import Cast
from tests.factories import WED_7_OCTOBER_10, make_closed_session

LATER = timedelta(minutes=15)
LAST_MOMENT = WED_7_OCTOBER_10 - timedelta(minutes=30)
EARLY = WED_7_OCTOBER_10 - timedelta(days=5)


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        pytest.param({}, False, id="held as agreed"),
        pytest.param({"travel_km": Decimal(24)}, False, id="held and travelled as agreed"),
        pytest.param({"travel_km": Decimal(24), "done_km": Decimal(12)}, True, id="a shorter journey"),
        pytest.param({"done": (WED_7_OCTOBER_10 + LATER, WED_7_OCTOBER_10 + 4 * LATER)}, True, id="begun later"),
        pytest.param({"done": (WED_7_OCTOBER_10, WED_7_OCTOBER_10 + 5 * LATER)}, True, id="ended later"),
        pytest.param({"event": Event.NO_SHOW}, True, id="the client did not come"),
        pytest.param({"event": Event.ORDERER_CANCELLED, "received_at": LAST_MOMENT}, True, id="cancelled late"),
        pytest.param({"event": Event.ORDERER_CANCELLED, "received_at": EARLY}, False, id="cancelled in time"),
        pytest.param({"event": Event.EXPERT_ILL, "received_at": EARLY}, False, id="the expert was ill"),
    ],
)
def test_a_row_is_shown_one_by_one_when_it_differs(cast: Cast, facts: dict[str, Any], shown: Any) -> None:
    common: dict[str, Any] = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer}
    plain = make_closed_session(WED_7_OCTOBER_10 + timedelta(days=1), **common)
    told = make_closed_session(**common, **facts)
    hour_list = HourList.objects.create(
        expert=cast.expert, unit=cast.unit, month=date(2026, 10, 1), state="at_unit", sent_at=told.ends_at
    )
    for session in (plain, told):
        HourRow.objects.create(hour_list=hour_list, session=session)
    (checked,) = lists_to_check(cast.named)
    assert [row.session.pk for row in checked.exceptions] == ([told.pk] if shown else [])
    assert bool(differs(told)) is shown
    assert (checked.count, checked.total) == (2, plain.fee + told.fee + told.travel_fee)
