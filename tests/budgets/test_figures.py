"""Where each euro stands: one session on its way from the draft to the paid run, and every euro in one column."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments import actions as work
from assignments.models import Order, Session
from assignments.preview import Fees, Priced, read_times
from assignments.rules import Event
from budgets.figures import Year, altogether, years_of
from budgets.models import Budget
from budgets.rules import Columns
from fees.actions import approve, correct, make_run, mark_paid, reject, resend, return_list, send_month, send_to_payroll
from fees.models import HourList, RunLine
from feetables.rules import ZERO
from office.models import Unit
from tests.conftest import Cast
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
)
from tests.factories.feetables import items_of
from tests.fees.steps import NOVEMBER, OCTOBER, approved, closed

pytestmark = pytest.mark.django_db
TIME = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
NOW = at(2026, 10, 1, 9)
FIFTY = Decimal(50)


def year(unit: Unit, moment: datetime = NOW, of: int = 2026) -> Year:
    [found] = years_of([unit], of, at=moment)
    return found


def stands(unit: Unit, moment: datetime = NOW) -> dict[str, str]:
    """The columns of October that hold something; there must be nothing in the other months."""
    found = year(unit, moment)
    october = found.forecast.months[9].columns
    assert october == found.columns
    names = ("used", "approved", "reported", "agreed", "offered")
    return {name: str(getattr(october, name)) for name in names if getattr(october, name)}


def test_a_euro_from_the_draft_to_the_paid_run(cast: Cast) -> None:
    """50,00 for the meeting and 11,00 for 20 km: in one column at each step, the same sum."""
    make_fee_table()
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, expert=cast.expert, times=[TIME], travel_km=Decimal(20), travel_mode="car"
    )
    assert stands(cast.unit) == {}
    Order.objects.filter(pk=order.pk).update(state="looking", confirmed_at=NOW, confirmed_by=cast.named)
    assert stands(cast.unit) == {}
    order.refresh_from_db()
    offer = make_offer(order, cast.expert, sent_at=at(2026, 9, 30, 9), answer_by=at(2026, 10, 5, 9))
    assert stands(cast.unit) == {"offered": "61.00"}
    work.say_yes(offer, by=cast.expert_user, at=NOW)
    assert stands(cast.unit) == {"agreed": "61.00"}
    session = Session.objects.get()
    evening = at(2026, 10, 7, 18)
    assert stands(cast.unit, evening) == {"agreed": "61.00"}  # begun, and nobody has told what happened
    work.record_outcome(session, Event.HELD, by=cast.expert_user, at=evening, done_km=Decimal(20))
    assert stands(cast.unit, evening) == {"agreed": "61.00"}

    november = at(2026, 11, 2, 9)
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=november)
    assert stands(cast.unit, november) == {"reported": "61.00"}
    return_list(list_, by=cast.named, at=november, reason="Look at the kilometres")
    assert stands(cast.unit, november) == {"reported": "61.00"}
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=november)
    approve([list_], by=cast.named, at=november)
    assert stands(cast.unit, november) == {"approved": "61.00"}
    run = make_run(OCTOBER, by=cast.coordinator, at=at(2026, 11, 10, 9), documents=False)
    assert stands(cast.unit, november) == {"used": "61.00"}

    send_to_payroll(run, by=cast.finance, at=at(2026, 11, 27, 9))
    travel = run.lines.get(kind="travel")
    [rejection] = reject(run, [travel.pk], by=cast.finance, at=at(2026, 11, 27, 9), reason="No account")
    assert stands(cast.unit) == {"used": "50.00", "approved": "11.00"}
    resend(run, [rejection.pk], by=cast.finance, at=at(2026, 11, 28, 9))
    assert stands(cast.unit) == {"used": "61.00"}
    reject(run, [travel.pk], by=cast.finance, at=at(2026, 11, 29, 9), reason="Still no account")
    assert stands(cast.unit) == {"used": "50.00", "approved": "11.00"}
    mark_paid(run, by=cast.finance, at=at(2026, 11, 30, 9))
    assert stands(cast.unit) == {"used": "50.00", "approved": "11.00"}

    line = run.lines.get(kind="fee")
    correct(line, Decimal("-5.00"), by=cast.coordinator, at=at(2026, 12, 1, 9), reason="Shorter than told")
    assert stands(cast.unit) == {"used": "50.00", "approved": "6.00"}
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10, 9), documents=False)
    assert sorted(second.lines.values_list("kind", "amount")) == [
        ("carried", Decimal("11.00")),
        ("correction", Decimal("-5.00")),
    ]
    assert stands(cast.unit) == {"used": "56.00"}


def test_what_is_paid_by_the_month_stands_where_its_list_stands(cast: Cast) -> None:
    """Satakunta: 100 € a month and 36 € of costs, whatever the number of meetings; agreed as soon as one is."""
    make_fee_table(items=items_of("satakunta_2023"))
    make_agreed_session(*TIME, "individual", expert=cast.expert, unit=cast.unit)
    assert stands(cast.unit) == {"agreed": "136.00"}
    second = make_agreed_session(
        TIME[0] + timedelta(days=1), TIME[1] + timedelta(days=1), "individual", expert=cast.expert, unit=cast.unit
    )
    assert stands(cast.unit) == {"agreed": "136.00"}
    for session in Session.objects.order_by("pk"):
        event = Event.EXPERT_ILL if session == second else Event.HELD
        work.record_outcome(session, event, by=cast.expert_user, at=session.ends_at)
    assert stands(cast.unit) == {"agreed": "136.00"}
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=at(2026, 11, 2, 9))
    assert stands(cast.unit) == {"reported": "136.00"}
    approve([list_], by=cast.named, at=at(2026, 11, 3, 9))
    assert stands(cast.unit) == {"approved": "136.00"}
    make_run(OCTOBER, by=cast.coordinator, at=at(2026, 11, 10, 9), documents=False)
    assert stands(cast.unit) == {"used": "136.00"}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        pytest.param(Event.HELD, {"agreed": "50.00"}, id="held"),
        pytest.param(Event.NO_SHOW, {"agreed": "50.00"}, id="nobody there"),
        pytest.param(Event.EXPERT_ILL, {}, id="ill: nothing is paid"),
    ],
)
def test_an_outcome_counts_what_it_pays(cast: Cast, event: str, told: dict[str, str]) -> None:
    make_closed_session(*TIME, event=event, expert=cast.expert, unit=cast.unit)
    assert stands(cast.unit) == told


def test_tickets_count_up_to_their_cap_until_the_outcome_tells(cast: Cast) -> None:
    session = make_agreed_session(*TIME, expert=cast.expert, unit=cast.unit, travel_cap=Decimal("30.00"))
    assert stands(cast.unit) == {"agreed": "80.00"}
    Session.objects.filter(pk=session.pk).update(
        state="closed", outcome="held", recorded_at=NOW, travel_fee=Decimal("12.40"), receipts=Decimal("12.40")
    )
    assert stands(cast.unit) == {"agreed": "62.40"}


def test_an_offer_counts_its_tickets_too_and_what_has_begun_no_more(cast: Cast) -> None:
    make_fee_table()
    order = make_order(unit=cast.unit, times=[TIME], travel_mode="ticket", travel_cap=Decimal("30.00"))
    make_offer(order, cast.expert)
    assert stands(cast.unit) == {"offered": "80.00"}
    assert stands(cast.unit, TIME[0]) == {"offered": "80.00"}
    assert stands(cast.unit, TIME[0] + timedelta(seconds=1)) == {}


def test_what_several_are_asked_counts_once(cast: Cast) -> None:
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TIME])
    both = [cast.expert, cast.second_expert]
    work.ask_several(order, both, asking="who_can", answer_days=3, by=cast.coordinator, at=NOW)
    assert stands(cast.unit) == {"offered": "50.00"}


def test_a_session_proposed_for_another_time_counts_once_and_moved_in_the_new_month(cast: Cast) -> None:
    session = make_agreed_session(*TIME, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    moment = at(2026, 10, 2, 9)
    new = (at(2026, 11, 4, 10), at(2026, 11, 4, 11))
    move = work.propose_move(session, *new, by=cast.orderer, at=moment)
    assert stands(cast.unit, moment) == {"agreed": "50.00"}
    work.accept_move(move, by=cast.expert_user, at=moment)
    months = [month.columns.agreed for month in year(cast.unit, moment).forecast.months]
    assert (months[9], months[10], sum(months)) == (ZERO, FIFTY, FIFTY)


def test_midnight_in_helsinki_parts_the_years(cast: Cast) -> None:
    """23.30 on New Year's Eve is the old year's, 0.30 the new one's, though UTC says otherwise (T8, M13)."""
    make_fee_table(valid_to=None)
    make_agreed_session(datetime(2026, 12, 31, 21, 30, tzinfo=UTC), expert=cast.expert, unit=cast.unit)
    make_agreed_session(datetime(2026, 12, 31, 22, 30, tzinfo=UTC), expert=cast.expert, unit=cast.unit)
    make_agreed_session(datetime(2025, 12, 31, 22, 0, tzinfo=UTC), expert=cast.second_expert, unit=cast.unit)
    old, new = year(cast.unit), year(cast.unit, of=2027)
    assert [month.columns.agreed for month in old.forecast.months if month.columns.agreed] == [FIFTY, FIFTY]
    assert (old.forecast.months[0].columns.agreed, old.forecast.months[11].columns.agreed) == (FIFTY, FIFTY)
    assert (new.forecast.months[0].columns.agreed, new.columns.committed) == (FIFTY, FIFTY)


def test_the_units_add_up_to_the_total_and_strangers_are_in_none(cast: Cast) -> None:
    """Three experts in two units, one month in a run: the sum of the columns of all is what there is, once."""
    third = make_expert(first_name="Aino", last_name="Zetterberg")
    make_closed_session(at(2026, 10, 8, 10), expert=cast.second_expert, unit=cast.other_unit)
    make_closed_session(at(2026, 10, 9, 10), expert=third, unit=cast.unit, travel_km=Decimal(10))
    make_closed_session(at(2026, 11, 9, 10), expert=third, unit=cast.unit)
    approved(third, cast.named)
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    make_agreed_session(at(2026, 12, 9, 10), expert=cast.expert, unit=cast.other_unit)
    Budget.objects.create(unit=cast.unit, year=2026, amount=Decimal(1000), set_at=NOW)
    years = years_of(Unit.objects.order_by("code"), 2026, at=NOW)
    sums = altogether(years)
    assert sums.columns == Columns(used=Decimal("105.50"), agreed=Decimal("150.00"))
    assert sums.columns.committed == sum((one.fee + one.travel_fee for one in Session.objects.all()), Decimal(0))
    assert sum(RunLine.objects.values_list("amount", flat=True)) == sums.columns.used
    assert [(found.unit, found.columns.committed, found.left) for found in years] == [
        (cast.unit, Decimal("155.50"), Decimal("844.50")),
        (cast.other_unit, Decimal("100.00"), None),
    ]
    assert (sums.budget, sums.left) == (Decimal(1000), Decimal("844.50"))


def test_a_late_row_on_the_next_list_stays_in_its_month(cast: Cast) -> None:
    """Marked after the month had left: it rides on November's list, and is October's work."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    make_closed_session(at(2026, 10, 21, 10), expert=cast.expert, unit=cast.unit)
    make_closed_session(at(2026, 11, 4, 10), expert=cast.expert, unit=cast.unit)
    send_month(cast.expert, NOVEMBER, by=cast.expert_user, at=at(2026, 12, 1, 9))
    assert HourList.objects.get(month=NOVEMBER).rows.count() == 2
    months = year(cast.unit).forecast.months
    assert [(m.columns.used, m.columns.reported) for m in months[9:11]] == [(FIFTY, FIFTY), (ZERO, FIFTY)]


@pytest.mark.parametrize("count", [1, 30])
def test_the_same_few_questions_for_one_unit_and_for_thirty(
    cast: Cast, django_assert_num_queries: Any, count: int
) -> None:
    make_fee_table()
    units = [cast.unit, cast.other_unit]
    for number in range(count):
        unit = Unit.objects.create(
            code=f"Q{number}", name_fi="Q", name_sv="Q", service_area=cast.unit.service_area, cost_centre="1"
        )
        expert = make_expert(first_name="Q", last_name=str(number))
        make_agreed_session(*TIME, expert=expert, unit=unit)
        make_offer(make_order(unit=unit, times=[(TIME[0] + timedelta(days=30), TIME[1] + timedelta(days=30))]), expert)
        units.append(unit)
    with django_assert_num_queries(4):  # euros, budgets and levels; the open offers, trainings, tables with items
        years_of(units, 2026, at=NOW)


def test_the_price_of_an_offer_is_that_of_the_check_step(cast: Cast) -> None:
    """Two hours of group leading with a journey; a time without a fee table counts nothing, and breaks nothing."""
    make_fee_table(valid_to=date(2026, 12, 31))
    times = [(TIME[0], TIME[1] + timedelta(hours=1)), (at(2027, 1, 13, 10), at(2027, 1, 13, 11))]
    order = make_order(unit=cast.unit, kind="group", times=times, travel_km=Decimal(12), travel_mode="car")
    make_offer(order, cast.expert)
    told = Fees(order, [TIME[0]]).sums(read_times(times, NOW))
    assert stands(cast.unit) == {"offered": str(told[0].total)} == {"offered": "56.60"}
    assert (year(cast.unit, of=2027).columns, bool(told[1].problem)) == (Columns(), True)
    assert Priced(order, told).by_year() == {2026: told[0].total, 2027: 0}


def test_the_tickets_of_two_experts_are_counted_each_by_their_own_agreement(cast: Cast) -> None:
    """The first comes by train for 30 € at most, the second lives next door."""
    make_fee_table()
    first = make_order(unit=cast.unit, kind="group", travel_mode="ticket", travel_cap=Decimal(30))
    second = make_order(unit=cast.unit, kind="group")
    told = [one for order in (first, second) for one in Fees(order, [TIME[0]]).sums(read_times([TIME], NOW))]
    told_as = [f"{one.fee} + {one.tickets} = {one.total}" for one in told]
    assert told_as == ["25.00 + 30 = 55.00", "25.00 + 0.00 = 25.00"]
    assert Priced(first, told).by_year() == {2026: 80}
