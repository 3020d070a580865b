"""Ordering in steps, the orders and what each role does with them (R1, R2, R4, R9, R15; D2, D13, P6, M8)."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from assignments.find import Wanted, find
from assignments.models import Offer, Order, Session
from assignments.states import OfferState, OrderState, SessionState
from experts.models import ReadLog
from feetables.models import FeeTable
from office.choices import Role
from office.models import LogEntry, Policy, User
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    grant,
    make_agreed_session,
    make_contract,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_topic,
    make_unit,
)

NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
WHAT = {"kind": "individual", "task": "Talks with a person in recovery", "language": "fi"}
PROCESS = {
    "goal": "Courage to use the bus again",
    "meetings": "2",
    "spacing": "weekly",
    "first_joint": "on",
    "contact_way": "The nurse telephones both",
    "place": "Room 2",
    "contact_name": "Nina Nurse",
    "contact_phone": "040 123 4567",
}

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> FeeTable:
    """Tuesday 15 September 2026 at nine, the example table in force."""
    clock(NOW)
    return make_fee_table()


def rows(*typed: tuple[str, str, str], **more: str) -> dict[str, str]:
    data = {"time-TOTAL_FORMS": str(len(typed)), "time-INITIAL_FORMS": "0", "do": "next"}
    for number, row in enumerate(typed):
        data |= {f"time-{number}-{name}": value for name, value in zip(("day", "start", "end"), row, strict=True)}
    return data | more


def page(answer: Any) -> str:
    return str(answer.content.decode())


def spans(order: Order) -> list[tuple[datetime, datetime]]:
    return list(order.sessions.order_by("starts_at").values_list("starts_at", "ends_at"))


def draft(cast: Cast, **fields: Any) -> Order:
    return make_order(unit=cast.unit, orderer=cast.orderer, **({"times": [TEN]} | fields))


# --- the whole way ---------------------------------------------------------------------------------------------------


def test_an_employee_orders_in_six_steps_and_the_named_employee_confirms(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    answer = client.post("/orders/new/", WHAT | {"unit": cast.unit.pk})
    order = Order.objects.get()
    assert answer["Location"] == f"/orders/{order.pk}/details/"
    assert f"cost centre {cast.unit.cost_centre}" in page(client.get(answer["Location"]))
    answer = client.post(answer["Location"], PROCESS)
    assert answer["Location"] == f"/orders/{order.pk}/when/"
    answer = client.post(answer["Location"], rows(("7.10.2026", "9", "10.30")))
    assert answer["Location"] == f"/orders/{order.pk}/who/"
    assert "Eva E." in page(client.get(answer["Location"]))
    answer = client.post(answer["Location"], {"expert": cast.expert.pk})
    assert answer["Location"] == f"/orders/{order.pk}/fee/"
    assert "€50.00 a meeting, whatever its length" in page(client.get(answer["Location"]))
    answer = client.post(answer["Location"], {"travel_mode": "car", "travel_km": "38,5", "do": "next"})
    assert answer["Location"] == f"/orders/{order.pk}/check/"
    check = page(client.get(answer["Location"]))
    assert "Free to cancel until Tue\u00a06\u00a0Oct\u00a02026 at\u00a015:00" in check
    assert "71.18" in check  # 50,00 and 38,5 km at 0,55
    for told in ("Courage to use the bus again", "The nurse telephones both", "Room 2", "Nina Nurse"):
        assert told in check
    answer = client.post(answer["Location"])
    assert answer["Location"] == f"/orders/{order.pk}/"
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM
    assert (order.unit, order.orderer, order.expert, order.travel_km) == (
        cast.unit,
        cast.orderer,
        cast.expert,
        Decimal("38.5"),
    )
    assert spans(order) == [(at(2026, 10, 7, 9), at(2026, 10, 7, 10, 30))]
    named = client_for(cast.named)
    assert "Eva E. gets the question at once" in page(named.get(f"/orders/{order.pk}/"))
    named.post(f"/orders/{order.pk}/confirm/")
    order.refresh_from_db()
    assert (order.state, order.confirmed_by) == (OrderState.OFFERED, cast.named)
    assert Offer.objects.get().expert == cast.expert


def test_a_second_sending_leads_to_the_order_and_changes_nothing(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast)
    for _click in range(2):
        assert client.post(f"/orders/{order.pk}/check/")["Location"] == f"/orders/{order.pk}/"
    assert LogEntry.objects.filter(kind="order.submit").count() == 1
    for step in ("what", "details", "when", "who", "fee", "check"):
        assert client.get(f"/orders/{order.pk}/{step}/")["Location"] == f"/orders/{order.pk}/"


def test_a_second_confirming_is_told_and_changes_nothing(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.named), draft(cast, state=OrderState.TO_CONFIRM)
    client.post(f"/orders/{order.pk}/confirm/")
    again = client.post(f"/orders/{order.pk}/confirm/", follow=True)
    assert "changed meanwhile" in page(again)
    assert LogEntry.objects.filter(kind="order.confirm_to_coordinator").count() == 1


def test_the_named_employees_own_order_is_confirmed_at_once(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.named, times=[TEN], expert=cast.expert)
    client = client_for(cast.named)
    assert "Confirm and send the order" in page(client.get(f"/orders/{order.pk}/check/"))
    client.post(f"/orders/{order.pk}/check/")
    order.refresh_from_db()
    assert order.state == OrderState.OFFERED


# --- 1 what ----------------------------------------------------------------------------------------------------------


def test_one_unit_is_chosen_already_and_its_place_is_used(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    assert f'type="hidden" name="unit" value="{cast.unit.pk}"' in page(client.get("/orders/new/"))
    client.post("/orders/new/", WHAT | {"unit": cast.unit.pk})
    assert Order.objects.get().place == cast.unit.place


def test_several_units_are_asked_about(cast: Cast, client_for: SignIn) -> None:
    grant(cast.orderer, Role.STAFF, cast.other_unit)
    client = client_for(cast.orderer)
    assert "<select" in page(client.get("/orders/new/")).split('name="unit"')[0][-40:]
    assert "This field is required" in page(client.post("/orders/new/", WHAT))
    client.post("/orders/new/", WHAT | {"unit": cast.other_unit.pk})
    assert Order.objects.get().unit == cast.other_unit


@pytest.mark.parametrize("step", ["new", "what"])
def test_a_foreign_unit_in_the_answer_is_not_there(cast: Cast, client_for: SignIn, step: str) -> None:
    """P6 of the lessons."""
    address = "/orders/new/" if step == "new" else f"/orders/{draft(cast).pk}/what/"
    answer = client_for(cast.orderer).post(address, WHAT | {"unit": cast.other_unit.pk})
    assert answer.status_code == 404
    assert not Order.objects.filter(unit=cast.other_unit).exists()


def test_an_identity_code_is_refused_and_what_was_typed_stays(cast: Cast, client_for: SignIn) -> None:
    typed = WHAT | {"unit": str(cast.unit.pk), "task": "Help for 131052-308T at home"}
    shown = page(client_for(cast.orderer).post("/orders/new/", typed))
    assert "looks like a personal identity code" in shown
    assert 'value="Help for 131052-308T at home"' in shown
    assert '<option value="individual" selected>' in shown
    assert Order.objects.count() == 0


def test_another_kind_of_work_forgets_the_agreed_amount(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, kind="lecture", agreed_amount=Decimal("300.00"))
    client_for(cast.orderer).post(f"/orders/{order.pk}/what/?to=check", WHAT | {"unit": cast.unit.pk})
    order.refresh_from_db()
    assert (order.kind, order.agreed_amount) == ("individual", None)
    assert spans(order) == [TEN]


# --- 2 when ----------------------------------------------------------------------------------------------------------


def test_a_weekly_series_keeps_the_wall_clock_over_25_october(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[])
    address = f"/orders/{order.pk}/when/"
    shown = page(client.post(address, rows(("12.10.2026", "14", "16"), do="repeat", count="4")))
    for day in ("12.10.2026", "19.10.2026", "26.10.2026", "2.11.2026"):
        assert f'value="{day}"' in shown
    assert "Free to cancel until Fri\u00a023\u00a0Oct\u00a02026 at\u00a015:00" in shown
    assert Session.objects.count() == 0
    client.post(address, rows(*((f"{day}.2026", "14", "16") for day in ("12.10", "19.10", "26.10", "2.11"))))
    assert spans(order) == [
        (at(2026, 10, 12, 14), at(2026, 10, 12, 16)),
        (at(2026, 10, 19, 14), at(2026, 10, 19, 16)),
        (at(2026, 10, 26, 14), at(2026, 10, 26, 16)),
        (at(2026, 11, 2, 14), at(2026, 11, 2, 16)),
    ]
    assert spans(order)[1][0].hour == 11  # UTC, before the clock changes
    assert spans(order)[2][0].hour == 12


def test_the_number_of_weeks_counts_also_when_going_straight_on(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, times=[])
    client_for(cast.orderer).post(f"/orders/{order.pk}/when/", rows(("12.10.2026", "14", "16"), count="3"))
    assert [start for start, _end in spans(order)] == [at(2026, 10, day, 14) for day in (12, 19, 26)]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("7.10.2026", "24.00", "10"), "Midnight is 0.00"),
        (("7.10.2026", "9.5", "11"), "two digits"),
        (("31.9.2026", "9", "10"), "There is no such day."),
        (("7.10.2026", "11", "10"), "The end is before the beginning"),
        (("7.10.2026", "10", "10"), "the same as the beginning"),
        (("15.9.2026", "8", "9"), "This time has passed already."),
        (("28.3.2027", "3.30", "5"), "this time does not exist"),
        (("7.10.2026", "", "10"), "This field is required."),
    ],
    ids=["24.00", "9.5", "no such day", "end first", "no length", "past", "skipped hour", "no beginning"],
)
def test_a_time_that_cannot_be_is_told_and_everything_typed_stays(
    cast: Cast, client_for: SignIn, row: tuple[str, str, str], said: str
) -> None:
    order = draft(cast)
    shown = page(client_for(cast.orderer).post(f"/orders/{order.pk}/when/", rows(("14.10.2026", "9", "1030"), row)))
    assert said in shown
    for value in (*row, "14.10.2026", "1030"):
        assert not value or f'value="{value}"' in shown
    assert spans(order) == [TEN]


def test_rows_are_added_and_removed_with_all_that_was_typed(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[])
    first, second = ("12.10.2026", "14", "nonsense"), ("13.10.2026", "9", "10")
    shown = page(client.post(f"/orders/{order.pk}/when/", rows(first, second, do="add")))
    assert 'name="time-TOTAL_FORMS" value="3"' in shown
    assert 'value="nonsense"' in shown
    assert "to correct" not in shown
    shown = page(client.post(f"/orders/{order.pk}/when/", rows(first, second, do="remove-0")))
    assert 'name="time-TOTAL_FORMS" value="1"' in shown
    assert 'value="13.10.2026"' in shown
    assert "nonsense" not in shown


def test_empty_rows_do_not_count_and_times_must_not_overlap(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[])
    address = f"/orders/{order.pk}/when/"
    shown = page(client.post(address, rows(("12.10.2026", "9", "11"), ("12.10.2026", "10", "12"))))
    assert "overlaps another one" in shown
    client.post(address, rows(("12.10.2026", "9", "11"), ("", "", ""), ("12.10.2026", "11", "12")))
    assert len(spans(order)) == 2
    assert "This field is required." in page(client.post(address, rows(("", "", ""))))


def test_a_time_past_its_own_limit_and_a_day_off_are_pointed_out(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[])
    shown = page(
        client.post(f"/orders/{order.pk}/when/", rows(("15.9.2026", "14", "15"), ("31.10.2026", "10", "11"), do="look"))
    )
    assert "Cannot be cancelled free of charge: the limit was Mon\u00a014\u00a0Sep\u00a02026 at\u00a015:00." in shown
    assert "Saturday\u00a031\u00a0October\u00a02026 is not a working day." in shown
    assert "Free to cancel until Fri\u00a030\u00a0Oct\u00a02026 at\u00a015:00." in shown


# Lesson R9.
def test_what_can_no_longer_be_cancelled_free_is_sent_only_after_a_yes(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, times=[(at(2026, 9, 15, 14), at(2026, 9, 15, 15))])
    client = client_for(cast.orderer)
    address = f"/orders/{order.pk}/check/"
    assert "1 time can no longer be cancelled free of charge" in page(client.get(address))
    assert "Tick this to send the order" in page(client.post(address))
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT
    client.post(address, {"late": "on"})
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM


# --- 3 who -----------------------------------------------------------------------------------------------------------


def test_only_those_free_and_covered_are_offered_and_others_are_refused(cast: Cast, client_for: SignIn) -> None:
    busy, paused = (make_expert(first_name=name) for name in ("Busy", "Paused"))
    ended = make_expert(first_name="Ended", contract=False)
    make_agreed_session(at(2026, 10, 7, 10, 30), expert=busy)
    make_contract(ended, valid_to=at(2026, 10, 1).date())
    paused.state = "paused"
    paused.save()
    client, order = client_for(cast.orderer), draft(cast)
    shown = page(client.get(f"/orders/{order.pk}/who/"))
    assert "Eva E." in shown
    assert [name for name in ("Busy", "Ended", "Paused") if name in shown] == []
    for expert in (busy, ended, paused):
        answer = client.post(f"/orders/{order.pk}/who/", {"expert": expert.pk, "wish": "Somebody calm"})
        assert "cannot take the order at these times" in page(answer)
        assert "Somebody calm" in page(answer)
    order.refresh_from_db()
    assert order.expert is None


def test_a_wish_goes_to_the_coordinator(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), draft(cast)
    assert "Choose an expert, or ask the coordinator" in page(client.post(f"/orders/{order.pk}/who/", {"wish": "x"}))
    client.post(f"/orders/{order.pk}/who/", {"expert": "suggest", "wish": "Somebody calm"})
    order.refresh_from_db()
    assert (order.expert, order.wish) == (None, "Somebody calm")


def test_the_step_searches_by_the_published_topic_and_notes_it(cast: Cast, client_for: SignIn) -> None:
    topic = make_topic()
    make_expert(first_name="Open", topics=[topic])
    make_expert(first_name="Hidden", topics=[topic], published=False)
    order = draft(cast, topic=topic)
    client = client_for(cast.orderer)
    shown = page(client.get(f"/orders/{order.pk}/who/"))
    assert "Open" in shown
    assert "Hidden" not in shown
    assert ReadLog.objects.filter(what=f"topic search:{topic.pk}", expert=None, reader=cast.orderer).count() == 1
    assert "Hidden" in page(client.get(f"/orders/{order.pk}/who/?wide=1"))


def test_ten_are_shown_first_and_one_further_down_can_be_chosen_after_show_more(cast: Cast, client_for: SignIn) -> None:
    for _number in range(11):
        make_expert()
    client, order = client_for(cast.orderer), draft(cast)
    everybody = [expert.pk for expert in find(cast.orderer, Wanted(), at=NOW)]
    last = everybody[-1]
    shown = page(client.get(f"/orders/{order.pk}/who/"))
    assert [f'value="{pk}"' in shown for pk in everybody] == [True] * 10 + [False] * 3
    assert "all=1" in shown
    assert f'value="{last}"' in page(client.get(f"/orders/{order.pk}/who/?all=1"))
    client.post(f"/orders/{order.pk}/who/?all=1", {"expert": last})
    order.refresh_from_db()
    assert order.expert_id == last


def searched(client: Client, **search: Any) -> str:
    """The address of step 1 after "order with …" on the page of the search."""
    return str(client.post("/orders/find/order/", search)["Location"])


def test_an_expert_chosen_in_the_search_comes_along_with_the_time(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    time = {"day": "7.10.2026", "start": "9", "end": "11"}
    address = searched(client, expert=cast.expert.pk, language="sv", kind="group", topic="", **time)
    assert re.fullmatch(r"/orders/new/\?search=[0-9a-f]{32}", address)
    first = page(client.get(address))
    assert '<option value="group" selected>' in first
    assert "Eva E., Wed\u00a07\u00a0Oct\u00a02026 9:00–11:00" in first
    client.post(address, WHAT | {"unit": cast.unit.pk})
    order = Order.objects.get()
    assert order.expert == cast.expert
    assert spans(order) == [(at(2026, 10, 7, 9), at(2026, 10, 7, 11))]


def test_a_search_that_was_given_up_brings_nothing_into_the_next_order(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    client.get(searched(client, expert=cast.expert.pk, kind="group", day="7.10.2026", start="9", end="11"))
    assert '<option value="group" selected>' not in page(client.get("/orders/new/"))
    client.post("/orders/new/", WHAT | {"unit": cast.unit.pk})
    order = Order.objects.get()
    assert (order.expert, order.sessions.count()) == (None, 0)


def test_searches_in_two_tabs_keep_each_its_own_expert(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    first = searched(client, expert=cast.expert.pk)
    second = searched(client, expert=cast.second_expert.pk)
    for address, expert in ((first, cast.expert), (second, cast.second_expert)):
        client.post(address, WHAT | {"unit": cast.unit.pk})
        assert Order.objects.latest("pk").expert == expert


def test_the_first_step_sent_twice_is_one_draft_with_the_last_answers(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    begun = re.search(r'name="begun" value="([0-9a-f]{32})"', page(client.get("/orders/new/")))
    assert begun
    typed = WHAT | {"unit": cast.unit.pk, "begun": begun.group(1)}
    places = [client.post("/orders/new/", typed | {"task": task})["Location"] for task in ("One", "One", "Other")]
    order = Order.objects.get()
    assert (places, order.task) == ([f"/orders/{order.pk}/details/"] * 3, "Other")
    client.post("/orders/new/", WHAT | {"unit": cast.unit.pk, "begun": "another"})
    assert Order.objects.count() == 2


def test_ordering_without_choosing_keeps_what_was_searched(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.orderer)
    shown = page(client.get("/orders/find/?language=fi&kind=group&day=7.10.2035&start=9&end=11"))
    assert "Nobody found" in shown
    assert shown.count("Order without choosing") == 2
    assert shown.count('<input type="hidden" name="kind" value="group">') == 2
    address = searched(client, kind="group", language="fi", day="7.10.2026", start="9", end="11")
    client.post(address, WHAT | {"unit": cast.unit.pk})
    order = Order.objects.get()
    assert (order.expert, spans(order)) == (None, [(at(2026, 10, 7, 9), at(2026, 10, 7, 11))])


@pytest.mark.parametrize("expert", ["²", "x", "9" * 40, "-1"])
def test_a_search_with_what_is_no_expert_brings_nobody(cast: Cast, client_for: SignIn, expert: str) -> None:
    client = client_for(cast.orderer)
    client.post(searched(client, expert=expert, kind="group"), WHAT | {"unit": cast.unit.pk})
    assert Order.objects.get().expert is None


@pytest.mark.parametrize("sent", ["²", "9" * 5000, "-1"], ids=["not a digit", "endless", "minus"])
def test_what_is_no_number_of_the_page_chooses_nobody_and_breaks_nothing(
    cast: Cast, client_for: SignIn, sent: str
) -> None:
    client, order = client_for(cast.orderer), draft(cast)
    told = page(client.post(f"/orders/{order.pk}/who/?area={sent}", {"expert": sent}))
    assert "This expert cannot take the order at these times." in told
    assert client.post(f"/orders/{order.pk}/when/", {"time-TOTAL_FORMS": sent, "do": "next"}).status_code in {200, 422}
    order.refresh_from_db()
    assert (order.expert, spans(order)) == (None, [TEN])


def test_an_expert_who_is_taken_meanwhile_is_told_before_sending_and_when_sending(
    cast: Cast, client_for: SignIn
) -> None:
    client, order = client_for(cast.orderer), draft(cast, expert=cast.expert)
    make_agreed_session(*TEN, expert=cast.expert)
    assert "Eva E. is not free" in page(client.get(f"/orders/{order.pk}/check/"))
    assert "Eva E. is not free" in page(client.get(f"/orders/{order.pk}/who/"))
    assert "another session at that time" in page(client.post(f"/orders/{order.pk}/check/", follow=True))
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


# --- 4 fee and travel ------------------------------------------------------------------------------------------------


def test_the_amount_of_a_lecture_is_agreed_inside_its_range(cast: Cast, client_for: SignIn) -> None:
    times = [TEN, (at(2026, 10, 8, 10), at(2026, 10, 8, 12))]
    client, order = client_for(cast.orderer), draft(cast, kind="lecture", times=times)
    address = f"/orders/{order.pk}/fee/"
    assert "€100.00–€600.00" in page(client.get(address))
    for amount, said in (("99,99", "between €100.00 and €600.00"), ("600,01", "between"), ("", "required"), ("x", "")):
        shown = page(
            client.post(address, {"agreed_amount": amount, "travel_mode": "car", "travel_km": "12", "do": "next"})
        )
        assert said in shown
        assert "to correct" in shown
        assert 'value="12"' in shown
    shown = page(client.post(address, {"agreed_amount": "300", "travel_mode": "car", "travel_km": "10", "do": "count"}))
    assert "611.00" in shown  # two times 300,00 and 5,50
    assert client.post(address, {"agreed_amount": "300", "do": "next"})["Location"] == f"/orders/{order.pk}/check/"
    order.refresh_from_db()
    assert (order.agreed_amount, order.travel_km) == (Decimal("300.00"), None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"travel_km": "40"}, "There are kilometres below: choose by car, or empty them."),
        ({"travel_cap": "20"}, "There is a sum for tickets below: choose public transport, or empty it."),
    ],
    ids=["kilometres", "tickets"],
)
def test_a_measure_without_a_way_of_travelling_is_asked_about(
    cast: Cast, client_for: SignIn, typed: dict[str, str], said: str
) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[TEN])
    shown = page(client.post(f"/orders/{order.pk}/fee/", {"travel_mode": "", "do": "next"} | typed))
    assert said in shown
    order.refresh_from_db()
    assert (order.travel_mode, order.travel_km, order.travel_cap) == ("", None, None)


@pytest.mark.parametrize(("mode", "name"), [("car", "travel_km"), ("ticket", "travel_cap")])
def test_no_travel_is_chosen_afterwards_and_nothing_of_it_is_paid(
    cast: Cast, client_for: SignIn, mode: str, name: str
) -> None:
    client, order = client_for(cast.orderer), draft(cast, times=[TEN])
    address = f"/orders/{order.pk}/fee/"
    client.post(address, {"travel_mode": mode, name: "40", "do": "next"})
    client.post(address, {"travel_mode": "", name: "40", "do": "next"})  # the field keeps what stood in it
    order.refresh_from_db()
    assert (order.travel_mode, order.travel_km, order.travel_cap) == ("", None, None)


def test_tickets_are_in_the_sum_at_most_until_the_order_is_confirmed(cast: Cast, client_for: SignIn) -> None:
    times = [TEN, (at(2026, 10, 8, 10), at(2026, 10, 8, 12))]
    client, order = client_for(cast.orderer), draft(cast, expert=cast.expert, times=times)
    typed = {"travel_mode": "ticket", "travel_cap": "24,50"}
    counted = page(client.post(f"/orders/{order.pk}/fee/", typed | {"do": "count"}))
    client.post(f"/orders/{order.pk}/fee/", typed | {"do": "next"})
    for shown in (counted, page(client.get(f"/orders/{order.pk}/check/"))):
        assert "2 times in all<small>at most, with tickets against receipts</small>" in shown
        assert '<td class="num" colspan="2">149.00</td>' in shown  # two times 50,00 and 24,50
    client.post(f"/orders/{order.pk}/check/")
    shown = page(client_for(cast.named).get(f"/orders/{order.pk}/"))
    assert "at most €149.00 is paid from cost centre" in shown


@pytest.mark.parametrize(
    ("kind", "end", "words", "total"),
    [
        ("individual", (11, 0), "€50.00 a meeting", "50.00"),
        ("walk_in", (11, 0), "at least 120 min are paid", "52.52"),
        ("group", (11, 40), "€25.00 an hour", "43.75"),
        ("development", (13, 0), "€110.00: longer than 2", "110.00"),
    ],
    ids=["a meeting", "at least two hours", "each started quarter", "bracket"],
)
def test_the_fee_is_said_in_words_and_counted(
    cast: Cast, client_for: SignIn, kind: str, end: tuple[int, int], words: str, total: str
) -> None:
    order = draft(cast, kind=kind, times=[(at(2026, 10, 7, 10), at(2026, 10, 7, *end))])
    shown = page(client_for(cast.orderer).get(f"/orders/{order.pk}/fee/"))
    assert words in shown
    assert f">{total}<" in shown
    assert "agreed_amount" not in shown
    order_page = page(client_for(cast.orderer).get(f"/orders/{order.pk}/"))
    assert "When held as agreed</caption>" in order_page  # no name: neither the reader's nor, of one expert, anybody's


def test_without_a_fee_table_the_page_says_so_and_nothing_is_sent(cast: Cast, client_for: SignIn) -> None:
    early = (at(2026, 12, 30, 10), at(2026, 12, 30, 11))
    FeeTable.objects.update(valid_to=at(2026, 12, 1).date())
    client, order = client_for(cast.orderer), draft(cast, times=[early])
    assert "No approved fee table holds on" in page(client.get(f"/orders/{order.pk}/fee/"))
    assert client.post(f"/orders/{order.pk}/fee/", {"do": "next"})["Location"] == f"/orders/{order.pk}/check/"
    assert "No approved fee table" in page(client.post(f"/orders/{order.pk}/check/", follow=True))
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


# --- the order and its list ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["", "what/", "details/", "when/", "who/", "fee/", "check/", "cancel/"])
def test_an_order_of_another_unit_is_not_there(cast: Cast, client_for: SignIn, step: str) -> None:
    order = draft(cast)
    assert client_for(cast.stranger).get(f"/orders/{order.pk}/{step}").status_code == 404
    assert client_for(cast.other_named).get(f"/orders/{order.pk}/{step}").status_code == 404
    assert client_for(cast.expert_user).get(f"/orders/{order.pk}/{step}").status_code == 403


@pytest.mark.parametrize(
    "act", ["confirm", "cancel", "withdraw", "check", "what", "details", "when", "who", "fee", "copy"]
)
def test_nothing_is_done_to_an_order_of_another_unit(cast: Cast, client_for: SignIn, act: str) -> None:
    order = draft(cast, state=OrderState.TO_CONFIRM)
    assert client_for(cast.other_named).post(f"/orders/{order.pk}/{act}/").status_code == 404
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM


def test_an_employee_does_not_confirm(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, state=OrderState.TO_CONFIRM)
    client = client_for(cast.orderer)
    assert "Confirm the order" not in page(client.get(f"/orders/{order.pk}/"))
    assert client.post(f"/orders/{order.pk}/confirm/").status_code == 403
    for step in ("what", "when", "who", "fee", "check"):
        assert client.get(f"/orders/{order.pk}/{step}/").status_code == 302


def test_a_named_employee_elsewhere_who_orders_here_does_not_confirm_here(cast: Cast, client_for: SignIn) -> None:
    grant(cast.orderer, Role.UNIT_CONTACT, make_unit("Y09"))
    order = draft(cast, state=OrderState.TO_CONFIRM)
    client = client_for(cast.orderer)
    assert "Confirm the order" not in page(client.get(f"/orders/{order.pk}/"))
    assert "You may not do this." in page(client.post(f"/orders/{order.pk}/confirm/", follow=True))
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM


def test_the_named_employee_changes_an_order_before_confirming(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, state=OrderState.TO_CONFIRM)
    client = client_for(cast.named)
    assert f"/orders/{order.pk}/check/" in page(client.get(f"/orders/{order.pk}/"))
    answer = client.post(f"/orders/{order.pk}/when/?to=check", rows(("8.10.2026", "10", "11")))
    assert answer["Location"] == f"/orders/{order.pk}/check/"
    assert "Ready, back to the order" in page(client.get(answer["Location"]))
    order.refresh_from_db()
    assert (order.state, spans(order)) == (OrderState.TO_CONFIRM, [(at(2026, 10, 8, 10), at(2026, 10, 8, 11))])
    assert "Nora Named: changed the order" in page(client.get(f"/orders/{order.pk}/"))


def test_cancelling_asks_first_and_pays_nothing(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast)
    make_offer(order, cast.expert)
    client = client_for(cast.orderer)
    assert "Nothing is paid." in page(client.get(f"/orders/{order.pk}/cancel/"))
    assert "cancelled" in page(client.post(f"/orders/{order.pk}/cancel/", {"reason": "Moved house"}, follow=True))
    order.refresh_from_db()
    assert (order.state, Offer.objects.get().state) == (OrderState.CANCELLED, OfferState.WITHDRAWN)
    assert "Moved house" in page(client.get(f"/orders/{order.pk}/"))


def test_an_offer_is_withdrawn_and_the_coordinator_asks_another(cast: Cast, client_for: SignIn) -> None:
    order = draft(cast, language="fi")
    make_offer(order, cast.expert, sent_at=NOW)
    client_for(cast.orderer).post(f"/orders/{order.pk}/withdraw/")
    order.refresh_from_db()
    assert order.state == OrderState.LOOKING
    client = client_for(cast.coordinator)
    shown = page(client.get(f"/orders/{order.pk}/suggest/"))
    assert "Otto Other" in shown
    assert "Choose an expert." in page(client.post(f"/orders/{order.pk}/suggest/", {}))
    client.post(f"/orders/{order.pk}/suggest/", {"expert": cast.second_expert.pk, "answer_by": "20.9.2026"})
    order.refresh_from_db()
    assert (order.state, order.expert) == (OrderState.OFFERED, cast.second_expert)
    assert Offer.objects.latest("pk").answer_by == at(2026, 9, 20, 23, 59)


@pytest.mark.parametrize("who", ["orderer", "named"])
def test_only_the_coordinator_suggests(cast: Cast, client_for: SignIn, who: str) -> None:
    order = draft(cast, state=OrderState.LOOKING)
    client = client_for(getattr(cast, who))
    assert client.get(f"/orders/{order.pk}/suggest/").status_code == 403


@pytest.mark.parametrize(
    ("said", "state"), [("accept", OrderState.AGREED), ("decline", OrderState.LOOKING)], ids=["yes", "no"]
)
def test_the_coordinator_writes_down_what_an_expert_without_an_account_says(
    cast: Cast, client_for: SignIn, said: str, state: str
) -> None:
    expert = make_expert(user=False, first_name="Paper")
    order = draft(cast)
    offer = make_offer(order, expert, sent_at=NOW)
    client = client_for(cast.coordinator)
    shown = page(client.get(f"/orders/{order.pk}/"))
    assert "has no account" in shown
    assert f'action="/orders/offers/{offer.pk}/{said}/"' in shown
    client.post(f"/orders/offers/{offer.pk}/{said}/")
    order.refresh_from_db()
    assert order.state == state


def test_names_and_contact_data_of_the_expert_show_only_when_the_work_is_agreed(cast: Cast, client_for: SignIn) -> None:
    expert = make_expert(first_name="Helmi", last_name="Salainen", phone="040 123 4567", email="helmi@example.org")
    order = draft(cast)
    offer = make_offer(order, expert, sent_at=NOW)
    client = client_for(cast.orderer)
    before = page(client.get(f"/orders/{order.pk}/"))
    assert "Helmi S." in before
    assert [word for word in ("Salainen", "123 4567", "helmi@") if word in before] == []
    assert expert.user is not None
    client_for(expert.user).post(f"/orders/offers/{offer.pk}/accept/")
    after = page(client.get(f"/orders/{order.pk}/"))
    assert "Helmi Salainen" in after
    assert "040 123 4567" in after


def test_a_declined_offer_tells_no_surname_in_the_history(cast: Cast, client_for: SignIn) -> None:
    expert = make_expert(first_name="Helmi", last_name="Salainen")
    order = draft(cast)
    offer = make_offer(order, expert, sent_at=NOW)
    assert expert.user is not None
    client_for(expert.user).post(f"/orders/offers/{offer.pk}/decline/")
    shown = page(client_for(cast.orderer).get(f"/orders/{order.pk}/"))
    assert "Salainen" not in shown
    assert "The expert: declined the offer" in shown


def test_the_list_holds_the_own_units_orders_and_only_own_drafts(cast: Cast, client_for: SignIn) -> None:
    draft(cast, task="Mine unfinished")
    make_order(unit=cast.unit, orderer=cast.named, task="Draft of a colleague")
    make_order(unit=cast.unit, orderer=cast.named, task="Sent by a colleague", state=OrderState.TO_CONFIRM)
    make_order(unit=cast.other_unit, orderer=cast.stranger, task="Of another unit", state=OrderState.LOOKING)
    tasks = ("Mine unfinished", "Draft of a colleague", "Sent by a colleague", "Of another unit")
    shown = page(client_for(cast.orderer).get("/orders/"))
    assert [task in shown for task in tasks] == [True, False, True, False]
    shown = page(client_for(cast.coordinator).get("/orders/"))
    assert [task in shown for task in tasks] == [False, False, True, True]
    shown = page(client_for(cast.coordinator).get("/orders/", {"state": "looking"}))
    assert [task in shown for task in tasks] == [False, False, False, True]
    shown = page(client_for(cast.coordinator).get("/orders/", {"q": "COLLEAGUE nora"}))
    assert [task in shown for task in tasks] == [False, False, True, False]


def test_the_sessions_of_a_month(cast: Cast, client_for: SignIn) -> None:
    make_agreed_session(at(2026, 9, 30, 23), unit=cast.unit, expert=cast.expert)
    make_agreed_session(at(2026, 10, 1, 0, 30), unit=cast.unit, expert=cast.second_expert)
    make_agreed_session(at(2026, 10, 2, 10), unit=cast.other_unit)
    draft(cast, task="Only a draft")
    client = client_for(cast.orderer)
    september = page(client.get("/orders/sessions/"))
    assert ["Eva Expert" in september, "Otto Other" in september] == [True, False]
    october = page(client.get("/orders/sessions/", {"month": "2026-10"}))
    assert ["Eva Expert" in october, "Otto Other" in october, "1 session" in october] == [False, True, True]
    assert "2 sessions" in page(client.get("/orders/sessions/", {"month": ""}))
    assert "No sessions here" in page(client.get("/orders/sessions/", {"month": "2026-10", "state": "held"}))
    assert "1 session" in page(client_for(cast.stranger).get("/orders/sessions/", {"month": "2026-10"}))


# --- queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [1, 30])
@pytest.mark.parametrize("step", ["", "what/", "details/", "when/", "who/", "fee/", "check/"])
def test_the_steps_and_the_order_take_at_most_ten_queries(
    cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any, step: str, many: int
) -> None:
    days = [at(2026, 10 + n // 20, 1 + n % 20, 10) for n in range(many)]
    for _number in range(many):
        make_expert()
    Policy.objects.create(valid_from=at(2026, 1, 1).date())
    order = draft(cast, expert=cast.expert, topic=make_topic(), times=[(day, day.replace(minute=45)) for day in days])
    client = client_for(cast.orderer)
    with django_assert_max_num_queries(10):
        assert client.get(f"/orders/{order.pk}/{step}").status_code == 200


@pytest.mark.parametrize("many", [1, 30])
@pytest.mark.parametrize("address", ["/orders/", "/orders/sessions/?month="])
def test_the_lists_take_at_most_ten_queries(
    cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any, address: str, many: int
) -> None:
    for number in range(many):
        make_agreed_session(at(2026, 10, 1 + number // 2, 10 + number % 2), unit=cast.unit, orderer=cast.orderer)
    client = client_for(cast.orderer)
    with django_assert_max_num_queries(10):
        assert client.get(address).status_code == 200


def test_the_agreed_sessions_of_an_order_show_their_limits_and_outcomes(cast: Cast, client_for: SignIn) -> None:
    session = make_agreed_session(*TEN, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    shown = page(client_for(cast.orderer).get(f"/orders/{session.order_id}/"))
    assert "Free to cancel until Tue\u00a06\u00a0Oct\u00a02026 at\u00a015:00" in shown
    assert f"/orders/sessions/{session.pk}/" in shown
    assert session.state == SessionState.AGREED


# --- what a page showed ----------------------------------------------------------------------------------------------


def hidden(shown: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', shown)
    assert found
    return found.group(1)


def test_what_the_deputy_changed_meanwhile_is_not_confirmed_unseen(cast: Cast, client_for: SignIn) -> None:
    """Lesson T1: one time was on the page, three are in the order by now."""
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind="meeting", times=[TEN])
    client_for(cast.orderer).post(f"/orders/{order.pk}/check/")
    named = client_for(cast.named)
    seen = hidden(page(named.get(f"/orders/{order.pk}/")), "seen")
    three = [(f"{day}.10.2026", "10", "12") for day in (7, 8, 9)]
    client_for(cast.deputy).post(f"/orders/{order.pk}/when/", rows(*three))
    shown = page(named.post(f"/orders/{order.pk}/confirm/", {"seen": seen}, follow=True))
    assert "The order has been changed since you opened the page." in shown
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM
    shown = page(named.post(f"/orders/{order.pk}/confirm/", {"seen": hidden(shown, "seen")}, follow=True))
    assert "The order is confirmed. The coordinator looks for an expert." in shown


@pytest.mark.parametrize(
    ("asking", "words"),
    [
        ("in_turn", "The order is confirmed, and Eva E. has been asked."),
        ("who_can", "The order is confirmed, and the experts have been asked who can."),
    ],
)
def test_who_confirms_reads_that_several_have_been_asked(
    cast: Cast, client_for: SignIn, asking: str, words: str
) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind="meeting", times=[TEN])
    client = client_for(cast.orderer)
    experts = [cast.expert.pk, cast.second_expert.pk]
    client.post(f"/orders/{order.pk}/several/", {
        "asking": asking, "experts": experts, "answer_days": "2",
        f"turn_{experts[0]}": "1", f"turn_{experts[1]}": "2",
    })  # fmt: skip
    client.post(f"/orders/{order.pk}/check/")
    assert words in page(client_for(cast.named).post(f"/orders/{order.pk}/confirm/", follow=True))


@pytest.mark.parametrize(
    ("asking", "said"),
    [
        ("one", "The expert gets a message at once."),
        ("in_turn", "Everybody who has been asked gets a message at once."),
    ],
)
def test_cancelling_says_who_hears_of_it(cast: Cast, client_for: SignIn, asking: str, said: str) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, expert=cast.expert, times=[TEN], asking=asking)
    make_offer(order, cast.expert)
    assert said in page(client_for(cast.orderer).get(f"/orders/{order.pk}/cancel/"))


def test_a_draft_that_was_sent_in_another_tab_is_not_thrown_away(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind="meeting", times=[TEN])
    client, address = client_for(cast.orderer), f"/orders/{order.pk}/cancel/"
    seen = hidden(page(client.get(address)), "seen")
    client.post(f"/orders/{order.pk}/check/")
    shown = page(client.post(address, {"seen": seen}))
    assert "The order has gone on since you opened the page." in shown
    order.refresh_from_db()
    assert order.state == OrderState.TO_CONFIRM
    client.post(address, {"seen": hidden(shown, "seen")})
    order.refresh_from_db()
    assert order.state == OrderState.CANCELLED


def test_with_nobody_free_the_step_does_not_say_that_these_are_free(cast: Cast, client_for: SignIn) -> None:
    """No contract covers 2035: the coordinator can still be asked to suggest somebody."""
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, kind="group", times=[(at(2035, 1, 3, 10), at(2035, 1, 3, 11))]
    )
    client = client_for(cast.orderer)
    for step, nobody in (("who", "Nobody who suits is free"), ("second", "Nobody else who suits is free")):
        shown = page(client.get(f"/orders/{order.pk}/{step}/"))
        assert nobody in shown
        assert "These experts are free" not in shown
