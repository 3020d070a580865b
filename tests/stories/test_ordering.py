"""Each kind of work ordered through the pages, from the first question to the expert's yes."""

from dataclasses import dataclass
from typing import Any

import pytest

from assignments.models import Order, OrderPlan
from assignments.states import OrderState
from office.models import Unit
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db

ONE_DAY = {"time-0-day": "7.10.2026", "time-0-start": "10", "time-0-end": "12"}


@dataclass(frozen=True)
class Kind:
    """A kind of work as it is ordered: its own answers, its times, what is told, what it costs."""

    words: str
    answers: dict[str, str]
    times: dict[str, str]
    told: tuple[str, ...]
    total: str
    fee: dict[str, str]


PROCESS = {"goal": "Courage to go out", "meetings": "1", "spacing": "every week", "contact_way": "By the nurse"}
PROCESS_TOLD = ("Courage to go out", "every week", "held together: client, expert and employee", "By the nurse")
PERIOD = {"first_day": "5.10.2026", "last_day": "16.10.2026"}
PERIOD_TOLD = ("Mon 5 Oct 2026 – Fri 16 Oct 2026",)
WEEKLY = {"week-0-weekday": "Monday", "week-0-start": "9", "week-0-end": "11"}
WEEKLY |= {"week-1-weekday": "Thursday", "week-1-start": "14", "week-1-end": "16"}

KINDS = [
    pytest.param(Kind("Individual work", PROCESS, ONE_DAY, PROCESS_TOLD, "50.00", {}), id="individual"),
    pytest.param(Kind("Pair work", PROCESS, ONE_DAY, PROCESS_TOLD, "50.00", {}), id="pair"),
    pytest.param(
        Kind(
            "Group leading",
            PERIOD | {"co_leader": "Nina Nurse", "preparation_minutes": "90", "end_reasons": "Too few come"},
            WEEKLY,
            (*PERIOD_TOLD, "Nina Nurse", "1 h 30 min", "Too few come"),
            "200.00",
            {},
        ),
        id="group",
    ),
    pytest.param(
        Kind(
            "Lecture or training",
            {"theme": "Hope", "audience": "The staff", "audience_size": "30", "equipment": "A microphone"},
            ONE_DAY,
            ("Hope", "The staff", "30", "A microphone"),
            "250.00",
            {"agreed_amount": "250"},
        ),
        id="lecture",
    ),
    pytest.param(Kind("Reception by appointment", PERIOD, WEEKLY, PERIOD_TOLD, "210.08", {}), id="appointment"),
    pytest.param(Kind("Walk-in reception", PERIOD, WEEKLY, PERIOD_TOLD, "210.08", {}), id="walk-in"),
    pytest.param(Kind("Development work", {}, ONE_DAY, (), "55.00", {}), id="development"),
    pytest.param(Kind("Co-creation meeting", {}, ONE_DAY, (), "50.00", {}), id="meeting"),
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_work_is_ordered_confirmed_and_accepted(cast: Cast, clock: Clock, kind: Kind) -> None:
    make_fee_table()
    clock(at(2026, 9, 14, 9))
    anna, nora, eva = Person(cast.orderer), Person(cast.named), Person(cast.expert_user)
    anna.open("/orders/find/").press("Order with Eva E.")
    anna.press("Continue", kind=kind.words, task="What is asked for", language="English")
    assert f"cost centre {Unit.objects.get(code='Y01').cost_centre}" in anna.sees
    anna.press("Continue", contact_name="Nina Nurse", contact_phone="040 123 4567", **kind.answers)
    times: dict[str, Any] = dict(kind.times)
    if "week-0-weekday" in times:
        anna.press("Write the times of the period below", **times)
        times = {}
    anna.press("Continue", **times)
    anna.press("Continue")
    anna.press("Continue", **kind.fee)
    for words in (*kind.told, "Nina Nurse", kind.total):
        assert words in anna.sees
    anna.press("Send the order")
    order = Order.objects.get()
    assert order.state == OrderState.TO_CONFIRM
    assert OrderPlan.objects.filter(order=order).count() == 1
    nora.open("/").follow("Confirm")
    for words in kind.told:
        assert words in nora.sees
    nora.press("Confirm the order")
    eva.open("/").follow("Answer")
    for words in (*kind.told, "Nina Nurse"):
        assert words in eva.sees
    eva.press("Accept")
    order.refresh_from_db()
    assert order.state == OrderState.AGREED
    assert str(sum(session.agreed_fee or 0 for session in order.sessions.all())) == kind.total
    # The same again: the questions come along, the times and the fee are agreed anew.
    anna.open(f"/orders/{order.pk}/").press("Order the same again")
    assert "This is a new order with the same questions." in anna.sees
    again = Order.objects.get(copied_from=order)
    assert (again.state, again.sessions.count(), again.agreed_amount) == (OrderState.DRAFT, 0, None)
    anna.open("/orders/")
    assert "My drafts" in anna.sees


def test_a_weekly_group_over_the_clock_and_christmas(cast: Cast, clock: Clock) -> None:
    """The page asks about Christmas Eve; one is held on the next working day, the others keep their clock (T5)."""
    make_fee_table()
    clock(at(2026, 9, 14, 9))
    anna = Person(cast.orderer)
    anna.open("/orders/new/").press("Continue", kind="Group leading", task="Thursdays", language="English")
    anna.press("Continue", first_day="22.10.2026", last_day="31.12.2026")
    anna.press(
        "Write the times of the period below",
        **{"week-0-weekday": "Thursday", "week-0-start": "10", "week-0-end": "12"},
    )
    assert "Thursday 24 December 2026 is not a working day." in anna.sees
    anna.press("Continue")
    assert "This is not a working day. Choose what is done." in anna.sees
    anna.press("Continue", **{"time-9-off": "next"})
    assert "These experts are free at all 11 times" in anna.sees
    starts = Order.objects.get().sessions.order_by("starts_at").values_list("starts_at", flat=True)
    days = [(10, 22), (10, 29), (11, 5), (11, 12), (11, 19), (11, 26), (12, 3), (12, 10), (12, 17), (12, 28), (12, 31)]
    assert list(starts) == [at(2026, month, day, 10) for month, day in days]
    assert [start.hour for start in starts[:2]] == [7, 8]
