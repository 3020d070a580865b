"""Series of times: over the changes of the clock, on days off, weekly times of a period (R9, T5)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from assignments.forms_times import RepeatForm, WeeklyFormSet, repeated, settled, span_of, suggested, weekly
from assignments.models import Order, OrderPlan
from office.models import ClosingDay, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_order

SignIn = Callable[[User], Client]
NOW = at(2026, 9, 15, 9)


def row(day: str, start: str = "10", end: str = "12", off: str = "") -> dict[str, str]:
    return {"day": day, "start": start, "end": end, "off": off}


def series(first: dict[str, str], count: int, weeks: int = 1, closing: Any = ()) -> list[dict[str, str]]:
    found = repeated([first], RepeatForm({"count": str(count), "weeks": str(weeks)}), closing)
    assert found is not None
    return found


def weekly_forms(*typed: tuple[str, str, str]) -> Any:
    data = {"week-TOTAL_FORMS": str(len(typed)), "week-INITIAL_FORMS": "0"}
    for number, values in enumerate(typed):
        data |= {
            f"week-{number}-{name}": value for name, value in zip(("weekday", "start", "end"), values, strict=True)
        }
    return WeeklyFormSet(data, prefix="week")


def spans(rows: list[dict[str, str]]) -> list[tuple[datetime, datetime] | None]:
    return [span_of(one) for one in rows]


# --- the clock -------------------------------------------------------------------------------------------------------


# Lesson T5.
@pytest.mark.parametrize(
    ("first", "days", "utc_hours"),
    [
        ("18.3.2027", [(2027, 3, 18), (2027, 3, 25), (2027, 4, 1)], [8, 8, 7]),
        ("15.10.2026", [(2026, 10, 15), (2026, 10, 22), (2026, 10, 29)], [7, 7, 8]),
    ],
    ids=["28 March 2027", "25 October 2026"],
)
def test_a_series_keeps_its_clock_over_the_last_sundays_of_march_and_october(
    first: str, days: list[tuple[int, int, int]], utc_hours: list[int]
) -> None:
    found = spans(series(row(first), 3))
    assert found == [(at(*day, 10), at(*day, 12)) for day in days]
    assert [span[0].hour for span in found if span] == utc_hours


@pytest.mark.parametrize(
    ("first", "hours"),
    [("21.3.2027", [4.0, 3.0, 4.0]), ("18.10.2026", [4.0, 5.0, 4.0])],
    ids=["an hour is missing", "an hour comes twice"],
)
def test_a_time_in_the_very_night_is_as_long_as_it_really_is(first: str, hours: list[float]) -> None:
    found = spans(series(row(first, "1", "5"), 3))
    assert [(span[1] - span[0]).total_seconds() / 3600 for span in found if span] == hours


def test_an_hour_that_does_not_exist_stops_the_series_in_words() -> None:
    form = RepeatForm({"count": "3", "weeks": "1"})
    assert repeated([row("21.3.2027", "3.30", "5")], form) is None
    assert "moved forward" in str(form.errors["count"])


def test_every_second_and_every_fourth_week() -> None:
    assert [one["day"] for one in series(row("5.10.2026"), 3, weeks=2)] == ["5.10.2026", "19.10.2026", "2.11.2026"]
    assert [one["day"] for one in series(row("5.10.2026"), 3, weeks=4)] == ["5.10.2026", "2.11.2026", "30.11.2026"]


# --- days off --------------------------------------------------------------------------------------------------------


def test_what_was_chosen_for_days_off_is_done_and_an_ordinary_day_is_left_alone() -> None:
    rows = [
        row("25.12.2026", off="next"),  # Friday and Christmas: the next working day is Monday
        row("24.12.2026", off="leave"),
        row("6.1.2027", off="keep"),
        row("7.1.2027", off="leave"),  # a working day: nothing to leave out
    ]
    assert [one["day"] for one in settled(rows, ())] == ["28.12.2026", "6.1.2027", "7.1.2027"]


def test_the_offices_own_closing_day_counts_and_moves_further() -> None:
    closed = {date(2026, 12, 28)}
    assert [one["day"] for one in settled([row("25.12.2026", off="next")], closed)] == ["29.12.2026"]
    assert [one["off"] for one in settled([row("28.12.2026", off="keep")], closed)] == ["keep"]


def test_a_series_on_saturdays_asks_about_holidays_only() -> None:
    found = series(row("19.12.2026", off="keep"), 3)
    assert [(one["day"], one["off"]) for one in found] == [
        ("19.12.2026", "keep"),
        ("26.12.2026", ""),  # the second day of Christmas
        ("2.1.2027", "keep"),
    ]


@pytest.fixture
def group(cast: Cast, clock: Clock) -> Order:
    clock(NOW)
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind="group")
    OrderPlan.objects.create(order=order, first_day=date(2026, 12, 1), last_day=date(2027, 1, 15))
    return order


def typed(*rows: dict[str, str], **more: str) -> dict[str, str]:
    data = {"time-TOTAL_FORMS": str(len(rows)), "time-INITIAL_FORMS": "0", "do": "next"}
    for number, one in enumerate(rows):
        data |= {f"time-{number}-{name}": value for name, value in one.items()}
    return data | more


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_a_session_on_a_day_off_is_shown_and_asked_about(cast: Cast, client_for: SignIn, group: Order) -> None:
    client, address = client_for(cast.orderer), f"/orders/{group.pk}/when/"
    shown = page(client.post(address, typed(row("17.12.2026"), count="3", weeks="1")))
    assert "Thursday\u00a024\u00a0December\u00a02026 is not a working day." in shown
    assert shown.count("Hold it on the next working day") == 1
    assert group.sessions.count() == 0
    three = [row("17.12.2026"), row("24.12.2026"), row("31.12.2026")]
    shown = page(client.post(address, typed(*three)))
    assert "This is not a working day. Choose what is done." in shown
    assert group.sessions.count() == 0
    three[1]["off"] = "next"
    assert client.post(address, typed(*three))["Location"] == f"/orders/{group.pk}/who/"
    days = [(17, 12, 2026), (28, 12, 2026), (31, 12, 2026)]
    assert list(group.sessions.order_by("starts_at").values_list("starts_at", flat=True)) == [
        at(year, month, day, 10) for day, month, year in days
    ]


def test_a_kept_day_off_is_not_asked_about_again(cast: Cast, client_for: SignIn, group: Order) -> None:
    client, address = client_for(cast.orderer), f"/orders/{group.pk}/when/"
    client.post(address, typed(row("24.12.2026", off="keep")))
    assert 'value="keep" id="id_time-0-off_0" checked' in " ".join(page(client.get(address)).split())
    assert "not a working day" in page(client.get(f"/orders/{group.pk}/check/"))


def test_a_closing_day_of_the_office_is_asked_about(cast: Cast, client_for: SignIn, group: Order) -> None:
    ClosingDay.objects.create(day=date(2026, 12, 30), reason="Moving")
    shown = page(client_for(cast.orderer).post(f"/orders/{group.pk}/when/", typed(row("30.12.2026"))))
    assert "This is not a working day. Choose what is done." in shown


# --- a period --------------------------------------------------------------------------------------------------------


# Lesson T15.
def test_weekly_times_of_a_period_both_ends_included() -> None:
    forms = weekly_forms(("0", "9", "11"), ("3", "14", "16"), ("", "", ""))
    found = weekly([], forms, (date(2026, 10, 19), date(2026, 10, 29)), NOW)
    assert found is not None
    assert spans(found) == [
        (at(2026, 10, 19, 9), at(2026, 10, 19, 11)),
        (at(2026, 10, 22, 14), at(2026, 10, 22, 16)),
        (at(2026, 10, 26, 9), at(2026, 10, 26, 11)),
        (at(2026, 10, 29, 14), at(2026, 10, 29, 16)),
    ]
    again = weekly(found, weekly_forms(("0", "9", "11")), (date(2026, 10, 19), date(2026, 10, 29)), NOW)
    assert again == found  # what is there already does not come twice


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("", "", "")], "Write the weekday and both times."),
        ([("0", "9", "")], "Write the weekday and both times."),
        ([("6", "3.30", "5")], "does not exist"),
        ([(str(day), "9", "10") for day in range(3)], "at most 60 times"),
    ],
    ids=["nothing", "no end", "the hour that is skipped", "too many"],
)
def test_weekly_times_that_cannot_be_are_told(rows: list[tuple[str, str, str]], said: str) -> None:
    forms = weekly_forms(*rows)
    assert weekly([], forms, (date(2027, 1, 1), date(2027, 12, 31)), NOW) is None
    assert said in str(forms.errors)


def test_no_time_leaves_the_period(cast: Cast, client_for: SignIn, group: Order) -> None:
    shown = page(client_for(cast.orderer).post(f"/orders/{group.pk}/when/", typed(row("18.1.2027"))))
    assert "This day is outside the period of the order." in shown
    assert group.sessions.count() == 0


# --- ordering the same again -----------------------------------------------------------------------------------------


def test_the_times_of_a_copy_are_suggested_on_the_same_weekdays_and_clocks_and_not_saved(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    clock(at(2026, 10, 20, 9))
    earlier = make_agreed_session(at(2026, 10, 7, 10), unit=cast.unit, orderer=cast.orderer, expert=cast.expert).order
    client = client_for(cast.orderer)
    client.post(f"/orders/{earlier.pk}/copy/")
    copy = Order.objects.get(copied_from=earlier)
    shown = page(client.get(f"/orders/{copy.pk}/when/"))
    assert 'value="21.10.2026"' in shown
    assert 'value="10:00"' in shown
    assert copy.sessions.count() == 0


def test_suggested_times_keep_their_distances_over_the_change_of_the_clock() -> None:
    times = [(at(2026, 10, day, 10), at(2026, 10, day, 12)) for day in (5, 7)]
    assert spans(suggested(times, at(2026, 10, 22, 9))) == [
        (at(2026, 10, 26, 10), at(2026, 10, 26, 12)),
        (at(2026, 10, 28, 10), at(2026, 10, 28, 12)),
    ]


# --- what was typed and not used -------------------------------------------------------------------------------------


def weekly_typed(*typed: str) -> dict[str, str]:
    data = {"week-TOTAL_FORMS": "3", "week-INITIAL_FORMS": "3"}
    return data | {f"week-0-{name}": value for name, value in zip(("weekday", "start", "end"), typed, strict=True)}


EMPTY = row("", "", "")


def test_weekly_times_are_used_when_one_just_goes_on(cast: Cast, client_for: SignIn, group: Order) -> None:
    OrderPlan.objects.filter(order=group).update(last_day=date(2026, 12, 15))
    address = f"/orders/{group.pk}/when/"
    answer = client_for(cast.orderer).post(address, typed(EMPTY, **weekly_typed("1", "10", "12")))
    assert answer["Location"] == f"/orders/{group.pk}/who/"
    starts = list(group.sessions.order_by("starts_at").values_list("starts_at", flat=True))
    assert starts == [at(2026, 12, 1, 10), at(2026, 12, 8, 10), at(2026, 12, 15, 10)]


def test_weekly_times_on_days_off_are_shown_before_one_goes_on(cast: Cast, client_for: SignIn, group: Order) -> None:
    address = f"/orders/{group.pk}/when/"
    shown = page(client_for(cast.orderer).post(address, typed(EMPTY, **weekly_typed("3", "10", "12"))))
    assert shown.count("Hold it on the next working day") == 1  # Christmas Eve
    assert group.sessions.count() == 0


def test_weekly_times_that_cannot_be_used_say_so_when_one_goes_on(cast: Cast, client_for: SignIn, group: Order) -> None:
    client, address = client_for(cast.orderer), f"/orders/{group.pk}/when/"
    shown = page(client.post(address, typed(EMPTY, **weekly_typed("3", "10", ""))))
    assert "Write the weekday and both times." in shown
    OrderPlan.objects.filter(order=group).update(first_day=date(2026, 8, 1), last_day=date(2026, 9, 1))
    shown = page(client.post(address, typed(EMPTY, **weekly_typed("3", "10", "12"))))
    assert "The period has no such day that is still to come." in shown


@pytest.mark.parametrize("do", ["add", "look", "remove-0"])
def test_weekly_times_and_repetitions_stay_while_rows_are_added(
    cast: Cast, client_for: SignIn, group: Order, do: str
) -> None:
    client, address = client_for(cast.orderer), f"/orders/{group.pk}/when/"
    data = typed(row("3.12.2026"), row("4.12.2026"), **weekly_typed("3", "10.15", "12.45"))
    shown = page(client.post(address, data | {"do": do}))
    assert 'value="10.15"' in shown
    assert 'value="12.45"' in shown
    assert '<option value="3" selected>' in shown
    Order.objects.filter(pk=group.pk).update(kind="meeting")
    shown = page(client.post(address, typed(row("3.12.2026"), count="7", weeks="2") | {"do": do}))
    assert 'name="count" value="7"' in shown
    assert '<option value="2" selected>' in shown


def test_no_time_at_all_is_said_in_the_words_of_the_office(cast: Cast, client_for: SignIn, group: Order) -> None:
    shown = page(client_for(cast.orderer).post(f"/orders/{group.pk}/when/", typed(EMPTY)))
    assert "Write at least one time." in shown
    assert "submit at least" not in shown.lower()


@pytest.mark.parametrize("first", ["31.12.9999", "1.1.0001"])
def test_a_year_typed_wrong_is_asked_about(cast: Cast, client_for: SignIn, group: Order, first: str) -> None:
    client, address = client_for(cast.orderer), f"/orders/{group.pk}/when/"
    for do in ("next", "repeat", "look"):
        answer = client.post(address, typed(row(first, "22", "1", "keep"), count="3", weeks="1") | {"do": do})
        assert answer.status_code == 200
    shown = page(client.post(address, typed(row(first, "22", "1", "keep"))))
    assert "Check the year: " in shown
