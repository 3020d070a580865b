"""The coordinator sets reminders from a day on; everybody chooses how often they come."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from office.models import LogEntry, ReminderSetting, User
from office.reminders import REMINDERS, is_daily
from tests.conftest import Cast, Clock
from tests.factories import at

pytestmark = pytest.mark.django_db

LIST = reverse("office:reminders")
CHANGE = reverse("office:reminder_change", args=["contract_ending"])
MINE = reverse("office:my_reminders")
GOOD = {"valid_from": "1.1.2027", "is_on": "on", "clock": "10.30", "days": "90, 14"}


@pytest.fixture
def carla(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> Client:
    clock(at(2026, 10, 5, 12))
    return client_for(cast.coordinator)


def test_every_reminder_is_listed_with_its_time(
    carla: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(10):
        page = carla.get(LIST).content.decode()
    for one in REMINDERS.values():
        assert str(one.description) in page.replace("&#x27;", "'")
    assert "60, 30, 7 days before the last day at 9:00" in page
    assert "On the due day at 12:00, when it is a working day" in page


def test_a_change_holds_from_its_day(carla: Client) -> None:
    answer = carla.post(CHANGE, GOOD, follow=True)
    page = answer.content.decode()
    row = ReminderSetting.objects.get()
    assert (row.name, row.valid_from, row.is_on, row.clock, row.days) == (
        "contract_ending", date(2027, 1, 1), True, time(10, 30), [90, 14],
    )  # fmt: skip
    assert "60, 30, 7 days before the last day at 9:00" in page
    assert "90, 14 days before the last day at 10:30" in page
    assert LogEntry.objects.filter(kind="remindersetting.change").count() == 1
    carla.post(CHANGE, GOOD | {"days": "90"})
    assert ReminderSetting.objects.get().days == [90]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param({"valid_from": "4.10.2026"}, "A change begins today or later.", id="past"),
        pytest.param({"valid_from": "31.2.2027"}, "There is no such day.", id="no-such-day"),
        pytest.param({"clock": "6.59"}, "Reminders are sent between 7.00 and 20.00.", id="night"),
        pytest.param({"clock": "nine"}, "Write the time like this: 9.00 or 14.30.", id="no-time"),
        pytest.param({"days": "soon"}, "Write how many days before, for example 60, 30, 7.", id="words"),
        pytest.param({"days": "-5"}, "Write how many days before, for example 60, 30, 7.", id="negative"),
        pytest.param({"days": "366"}, "Write days from 0 to 365.", id="too-long-before"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(carla: Client, typed: dict[str, str], said: str) -> None:
    page = carla.post(CHANGE, GOOD | typed).content.decode()
    assert said in page
    for value in (GOOD | typed).values():
        assert value == "on" or f'value="{value}"' in page
    assert not ReminderSetting.objects.exists()


def test_off_and_a_reminder_without_days(carla: Client) -> None:
    carla.post(reverse("office:reminder_change", args=["month_board"]), {"valid_from": "5.10.2026", "clock": "9"})
    row = ReminderSetting.objects.get()
    assert (row.is_on, row.days) == (False, [])


def test_only_what_has_not_begun_is_taken_back(carla: Client) -> None:
    later = ReminderSetting.objects.create(name="month_board", valid_from=date(2026, 10, 6), clock=time(9))
    begun = ReminderSetting.objects.create(name="month_board", valid_from=date(2026, 10, 5), clock=time(9))
    for row in (later, begun):
        carla.post(reverse("office:reminder_remove", args=[row.pk]))
    assert list(ReminderSetting.objects.values_list("pk", flat=True)) == [begun.pk]
    assert carla.post(reverse("office:reminder_remove", args=[later.pk])).status_code == 404


def test_an_unknown_reminder_is_not_found(carla: Client) -> None:
    assert carla.get(reverse("office:reminder_change", args=["nothing"])).status_code == 404


def test_nobody_else_sets_them(cast: Cast, client_for: Callable[[User], Client]) -> None:
    for user in (cast.named, cast.expert_user, cast.finance):
        client = client_for(user)
        assert client.get(LIST).status_code == 403
        assert client.post(CHANGE, GOOD).status_code == 403
    assert not ReminderSetting.objects.exists()


def test_each_person_chooses(cast: Cast, client_for: Callable[[User], Client]) -> None:
    """Until they choose: once a day for those who have many, at once for the others."""
    assert [is_daily(user) for user in (cast.coordinator, cast.named, cast.deputy)] == [True] * 3
    assert [is_daily(user) for user in (cast.orderer, cast.expert_user)] == [False] * 2
    client = client_for(cast.expert_user)
    assert 'value="at_once" ' in client.get(MINE).content.decode()
    client.post(MINE, {"daily": "daily"})
    client.post(MINE, {"daily": "never"})
    assert User.objects.values_list("daily_reminders", flat=True).get(pk=cast.expert_user.pk) is True
    client_for(cast.named).post(MINE, {"daily": "at_once"})
    assert is_daily(User.objects.get(pk=cast.named.pk)) is False
