"""Fee items as the coordinator reads them."""

from decimal import Decimal
from typing import Any

import pytest

from feetables.models import FeeItem
from feetables.texts import item_words

N = "\u00a0"


@pytest.mark.parametrize(
    ("item", "words"),
    [
        pytest.param({"basis": "per_meeting", "amount": 50}, "€50.00 a meeting, whatever its length", id="meeting"),
        pytest.param({"basis": "per_hour", "amount": 25}, "€25.00 per hour", id="by the minute"),
        pytest.param(
            {"basis": "per_hour", "amount": "26.26", "step_minutes": 15, "minimum_minutes": 120},
            f"€26.26 per hour, each started quarter of an hour, at least 2{N}h",
            id="step and minimum",
        ),
        pytest.param(
            {"basis": "per_hour", "amount": 25, "step_minutes": 20},
            f"€25.00 per hour, each started 20{N}min",
            id="other step",
        ),
        pytest.param(
            {"basis": "per_event", "amount": 100, "amount_max": 600},
            "€100.00–€600.00 an event, agreed on the order",
            id="range",
        ),
        pytest.param({"basis": "per_event", "amount": 300}, "€300.00 an event", id="event"),
        pytest.param(
            {"basis": "by_duration", "amount": 55, "over_minutes": 0, "up_to_minutes": 120},
            f"€55.00, at most 2{N}h",
            id="first bracket",
        ),
        pytest.param(
            {"basis": "by_duration", "amount": 110, "over_minutes": 120, "up_to_minutes": 240},
            f"€110.00, longer than 2{N}h, at most 4{N}h",
            id="middle bracket",
        ),
        pytest.param(
            {"basis": "by_duration", "amount": 220, "over_minutes": 240},
            f"€220.00, when longer than 4{N}h",
            id="last bracket",
        ),
        pytest.param({"basis": "per_km", "amount": "0.55"}, "€0.55 a kilometre", id="km"),
        pytest.param({"basis": "per_month", "amount": 100}, "€100.00 a month", id="month"),
    ],
)
def test_an_item_in_words(item: dict[str, Any], words: str) -> None:
    amounts = {name: Decimal(item[name]) for name in ("amount", "amount_max") if name in item}
    assert item_words(FeeItem(**(item | amounts)), "en") == words
