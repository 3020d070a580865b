"""Meal and daily allowances: agreed with the journey (R4), priced by the table of the day, paid when it was made."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.actions import accept_move, propose_move, record_outcome, save_draft
from assignments.actions.conditions import Conditions
from assignments.models import Order, Session
from assignments.preview import Fees, read_times
from assignments.rules import Event
from assignments.texts import describe_price
from experts.models import Expert
from fees.actions import make_run
from fees.actions.lists import send_month
from fees.models import BesideLine
from office.errors import Refused
from office.models import User
from tests.conftest import Cast
from tests.factories import at, example_items, make_agreed_session, make_fee_table
from tests.factories.feetables import dated
from tests.fees.steps import CLOSED, OCTOBER, SENT, approved
from tests.worked_tables import Row, cases

MEAL = {
    "code": "ATE", "name_fi": "Ateriakorvaus", "name_sv": "Måltidsersättning", "purpose": "travel", "kinds": [],
    "basis": "per_meeting", "amount": Decimal("13.50"), "income_type": "303", "limit": "meal", "posting": "4475",
}  # fmt: skip
#: The whole of the tax-free maximum of the day, when the work lasts more than six hours.
PART_DAY = MEAL | {
    "code": "OPR", "name_fi": "Osapäiväraha", "name_sv": "Partiellt dagtraktamente", "basis": "by_duration",
    "over_minutes": 360, "amount": Decimal(25), "percent": Decimal(100), "base": "part-day",
    "base_amount": Decimal(25), "income_type": "331", "limit": "part-day",
}  # fmt: skip


@pytest.fixture(autouse=True)
def table(db: None) -> None:
    dated("part-day", date(2026, 1, 1), "25.00")
    make_fee_table(items=[*example_items(), MEAL, PART_DAY], valid_to=None)


def agreed(cast: Cast, moment: Any, *, allowance: str = "meal", km: str = "24", **more: Any) -> Session:
    """An agreed session with a journey and an allowance."""
    session = make_agreed_session(moment, expert=cast.expert, unit=cast.unit, travel_km=Decimal(km), **more)
    order = session.order
    order.allowance = allowance
    order.save()
    found = Conditions().agreement(order, session.starts_at, session.ends_at, SENT, cast.expert)
    for name in ("allowance_item", "allowance_terms"):
        setattr(session, name, found[name])
    session.save()
    return session


def held(session: Session, by: User, **more: Any) -> None:
    record_outcome(session, Event.HELD, by=by, at=at(2026, 10, 31, 9), **more)


def lines(expert: Expert, by: User) -> list[tuple[str, str, str]]:
    send_month(expert, OCTOBER, by=by, at=SENT)
    return [(line.code, str(line.amount), describe_price(line.price)) for line in BesideLine.objects.all()]


MEAL_TOLD = "€13.50 agreed with the journey, which was made; one on a day."


def test_an_allowance_is_a_line_beside_the_session_with_its_explanation(cast: Cast) -> None:
    held(agreed(cast, at(2026, 10, 7, 10)), cast.expert_user, done_km=Decimal(24))
    assert lines(cast.expert, cast.expert_user) == [("ATE", "13.50", MEAL_TOLD)]


@pytest.mark.parametrize("km", [Decimal(0), None], ids=["no kilometres", "not told"])
def test_without_the_journey_nothing_is_paid(cast: Cast, km: Decimal | None) -> None:
    session = agreed(cast, at(2026, 10, 7, 10))
    held(session, cast.expert_user, done_km=km)
    session.refresh_from_db()
    expected = [] if not session.done_km else [("ATE", "13.50", MEAL_TOLD)]
    assert lines(cast.expert, cast.expert_user) == expected


HAPPENED: dict[str, dict[str, Any]] = {
    "held": {},
    "no_show": {"event": Event.NO_SHOW},
    "late": {"event": Event.ORDERER_CANCELLED, "received_at": at(2026, 10, 8, 9)},
    "ill": {"event": Event.EXPERT_ILL, "received_at": at(2026, 10, 1, 9)},
}


@cases("allowances")
def test_the_allowances_of_the_worked_table(cast: Cast, row: Row) -> None:
    hour = 8
    for part in row["October"].split(", "):
        what, day, length = part.split(" ", 2)
        start = at(2026, 10, int(day), hour)
        kind = "development" if length == "6 h 30 min" else "individual"
        end = start + (timedelta(hours=6, minutes=30) if kind == "development" else timedelta(hours=1))
        session = agreed(cast, start, allowance=row["agreed"], kind=kind, ends_at=end)
        made: dict[str, Any] = (
            {"done_km": Decimal(row["km made"])} if row["km made"] and what in {"held", "no_show"} else {}
        )
        event = HAPPENED[what].get("event", Event.HELD)
        received = {key: value for key, value in HAPPENED[what].items() if key != "event"}
        by = cast.orderer if event is Event.ORDERER_CANCELLED else cast.expert_user
        record_outcome(session, event, by=by, at=at(2026, 10, 31, 9), **made, **received)
        hour += 2
    found = [f"{code} {amount}".replace(".", ",") for code, amount, _words in lines(cast.expert, cast.expert_user)]
    assert found == ([] if row["lines"] == "none" else row["lines"].split("; "))


def test_after_a_late_cancellation_nothing_is_paid(cast: Cast) -> None:
    session = agreed(cast, at(2026, 10, 7, 10))
    record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=at(2026, 10, 7, 8))
    assert lines(cast.expert, cast.expert_user) == []


def test_one_allowance_on_a_day_whichever_session_comes_first(cast: Cast) -> None:
    for hour in (9, 13):
        held(agreed(cast, at(2026, 10, 7, hour)), cast.expert_user, done_km=Decimal(24))
    held(agreed(cast, at(2026, 10, 8, 9)), cast.expert_user, done_km=Decimal(24))
    assert [code for code, *_rest in lines(cast.expert, cast.expert_user)] == ["ATE", "ATE"]


def test_a_day_that_is_too_short_for_its_bracket_pays_none(cast: Cast) -> None:
    held(agreed(cast, at(2026, 10, 7, 9), allowance="part-day"), cast.expert_user, done_km=Decimal(24))
    assert lines(cast.expert, cast.expert_user) == []


def test_the_amount_is_the_maximum_of_the_day_and_stays_when_the_maximum_changes(cast: Cast) -> None:
    session = agreed(
        cast, at(2026, 10, 7, 9), allowance="part-day", kind="development", ends_at=at(2026, 10, 7, 15, 1)
    )  # fmt: skip
    dated("part-day", date(2026, 10, 1), "26.00")
    held(session, cast.expert_user, done_km=Decimal(24))
    assert lines(cast.expert, cast.expert_user) == [
        (
            "OPR", "25.00",
            ("€25.00 agreed with the journey, which was made; one on a day. €25.00 for work of more than"
            " 6\N{NO-BREAK SPACE}h."
            " €25.00 is 100 % of the tax-free maximum: part day €25.00."),
        )
    ]  # fmt: skip


def test_it_rides_in_the_run_with_its_income_type_and_posting(cast: Cast) -> None:
    held(agreed(cast, at(2026, 10, 7, 10)), cast.expert_user, done_km=Decimal(24))
    approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    told = list(run.lines.values_list("fee_code", "amount", "income_type", "posting"))
    assert ("ATE", Decimal("13.50"), "303", "4475") in told
    assert run.total == Decimal("76.70")  # 50,00 + 13,20 + 13,50


def draft(cast: Cast, **more: Any) -> Order:
    return save_draft(
        None, by=cast.orderer, at=SENT, unit=cast.unit, kind="individual", task="Support",
        times=[(at(2026, 12, 7, 10), at(2026, 12, 7, 11))], expert=cast.expert, **more,
    )  # fmt: skip


def test_an_allowance_needs_a_journey(cast: Cast) -> None:
    with pytest.raises(Refused, match="An allowance goes with a journey"):
        draft(cast, allowance="meal")


def test_what_a_time_would_pay_counts_the_allowance(cast: Cast) -> None:
    order = draft(cast, allowance="meal", travel_mode="car", travel_km=Decimal(24))
    times = read_times([(at(2026, 12, 7, 10), at(2026, 12, 7, 11))], SENT)
    [sum_] = Fees(order, [times[0].starts_at]).sums(times)
    assert (str(sum_.fee), str(sum_.travel)) == ("50.00", "26.70")


def test_a_table_without_the_item_refuses_it(cast: Cast) -> None:
    order = draft(cast, allowance="full-day", travel_mode="car", travel_km=Decimal(24))
    with pytest.raises(Refused, match=r"pays none on .*: full-day allowance"):
        Conditions().allowance_item(date(2026, 12, 7), order)


def test_the_step_of_the_fee_offers_what_the_table_pays_and_keeps_the_answer(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    order = draft(cast)
    client = client_for(cast.orderer)
    where = reverse("assignments:order_fee", args=[order.pk])
    choices = client.get(where).context["form"].fields["allowance"].choices
    assert [(code, str(words).rpartition(": ")[2]) for code, words in choices] == [
        ("", "No allowance"), ("meal", "€13.50"), ("part-day", "part day (€25.00)"),
    ]  # fmt: skip
    wrong = client.post(where, {"allowance": "meal", "travel_mode": "", "do": "count"})
    assert wrong.context["form"].errors["allowance"] == ["An allowance goes with a journey: agree on the travel too."]
    client.post(where, {"allowance": "meal", "travel_mode": "car", "travel_km": "24"})
    order.refresh_from_db()
    assert (order.allowance, order.travel_km) == ("meal", Decimal(24))
    assert "meal" in client.get(reverse("assignments:order_check", args=[order.pk])).content.decode()


def test_a_move_takes_the_allowance_along(cast: Cast) -> None:
    session = agreed(cast, at(2026, 12, 7, 10))
    move = propose_move(session, at(2026, 12, 8, 10), at(2026, 12, 8, 11), by=cast.orderer, at=SENT)
    new = accept_move(move, by=cast.expert_user, at=SENT)
    assert (new.allowance_terms, new.allowance_item) == (session.allowance_terms, session.allowance_item)
