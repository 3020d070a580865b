"""Clocks that change, run ahead, or tick twice. The days of ticks in every disorder are in ``slow/test_ticks.py``.

What the program believes the time to be is ``at``, which the tasks read from the machine and pass down; here the test
passes it, so a wrong or changed clock is a wrong or changed ``at``. Counted at a real mail server.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from office.models import OutboxMessage, User
from office.sending import send_waiting
from office.workdays import HELSINKI
from tests.conftest import Clock
from tests.faults.mailserver import MailServer
from tests.faults.messages import counted, write
from tests.faults.ticks import beat, begin, ticks


def test_nine_is_nine_before_and_after_the_night(everybody: list[User], clock: Clock) -> None:
    """Friday in summer time, Monday in winter time."""
    begin(date(2026, 10, 23))
    for day in (date(2026, 10, 23), date(2026, 10, 26)):
        for moment in ticks(day, day)[14:22]:  # seven to eleven
            beat(moment, clock)
    left = OutboxMessage.objects.filter(state="sent").values_list("sent_at", flat=True)
    assert {one.astimezone(HELSINKI).strftime("%d.%m. %H:%M %Z") for one in left if one} == {
        "23.10. 09:00 EEST",
        "26.10. 09:00 EET",
    }


@pytest.fixture
def machine_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts the machine into another zone."""

    def put(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["UTC", "Europe/Helsinki", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_t14_a_tick_is_due_by_the_clock_of_helsinki_wherever_the_machine_stands(
    everybody: list[User], clock: Clock, machine_in: Callable[[str], None], zone: str
) -> None:
    """A machine in UTC+14 has Tuesday while Helsinki has Monday."""
    machine_in(zone)
    begin(date(2026, 10, 26))
    for moment in ticks(date(2026, 10, 26), date(2026, 10, 26))[14:22]:
        beat(moment, clock)
    told = OutboxMessage.objects.filter(state="sent").values_list("sent_at", "once")
    assert len(told) == len(everybody)
    assert {sent_at.astimezone(HELSINKI).strftime("%d.%m. %H:%M") for sent_at, _once in told if sent_at} == {
        "26.10. 09:00"
    }
    assert {once.rpartition(":")[2] for _sent_at, once in told} == {"2026-10-26"}


def test_two_clocks_over_the_end_of_the_year(everybody: list[User], server: MailServer, clock: Clock) -> None:
    """Thursday is a working day, Friday is New Year; each tick comes twice."""
    begin(date(2026, 12, 31))
    for day in (date(2026, 12, 31), date(2027, 1, 1), date(2027, 1, 4)):
        for moment in ticks(day, day)[16:20]:
            beat(moment, clock)
            beat(moment, clock)
    told = OutboxMessage.objects.values_list("once", flat=True)
    assert {once.rpartition(":")[2] for once in told} == {"2026-12-31", "2027-01-04"}
    assert counted(server) == {"lost": 0, "once": 6, "doubled and marked": 0, "doubled and not marked": 0}


def test_messages_due_in_the_hour_that_comes_twice(server: MailServer) -> None:
    """3:30 in summer time and 3:30 in winter time are an hour apart; each leaves at its own."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    early, late = write(1, at=first, once="early"), write(1, at=first + timedelta(hours=1), once="late")
    assert {one.due_at.astimezone(HELSINKI).strftime("%H:%M") for one in early + late} == {"03:30"}
    assert [send_waiting(at=first + timedelta(minutes=minutes)) for minutes in (-1, 0, 30, 59, 60, 61)] == [
        0, 1, 0, 0, 1, 0,
    ]  # fmt: skip
    assert server.readers == ["early0@example.org", "late0@example.org"]


def test_a_clock_set_back_while_a_message_is_on_its_way(server: MailServer) -> None:
    """A claim of the future is over when the true clock has passed it: late, not lost."""
    [one] = write(1, at=datetime(2026, 10, 5, 6, tzinfo=UTC))
    ahead = datetime(2026, 10, 5, 9, tzinfo=UTC)
    OutboxMessage.objects.filter(pk=one.pk).update(state="sending", claimed_at=ahead, attempts=1)
    true = datetime(2026, 10, 5, 6, 10, tzinfo=UTC)
    assert send_waiting(at=true) == 0
    assert send_waiting(at=ahead + timedelta(minutes=6)) == 1
    assert counted(server)["once"] == 1
