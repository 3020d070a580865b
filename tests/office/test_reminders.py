"""Reminders: once, in the day, whatever the clock does; and only to those for whom something is open."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection

from office import reminders
from office.choices import MessageState, Role
from office.models import ClosingDay, OutboxMessage, ReminderRound, ReminderSetting, Unit, User
from office.policies import rules_on
from office.reminders import Note, Round, Setting, sending_moment, tick
from office.sending import send_waiting
from tests.conftest import Clock
from tests.factories import at, make_unit, make_user

pytestmark = pytest.mark.django_db

MONDAY, TUESDAY, FRIDAY = date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 2)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, db: None) -> list[Round]:
    """One reminder of our own, to all active users, about the one unit; tells which rounds were asked."""
    rounds: list[Round] = []
    unit = make_unit("Y01")

    def find(asked: Round) -> Iterator[Note]:
        rounds.append(asked)
        for user in User.objects.filter(is_active=True).order_by("pk"):
            yield Note(user, unit, asked.name, f"/units/{unit.pk}/", {"units": [unit]})

    only = {"unit_alone": None, "daily": None}
    monkeypatch.setattr(reminders, "REMINDERS", {name: reminders.REMINDERS[name] for name in only})
    own = reminders.REMINDERS["unit_alone"]
    monkeypatch.setitem(
        reminders.REMINDERS,
        "unit_alone",
        reminders.Reminder(own.name, own.kind, own.to, own.when, Setting(True, time(9), (2,)), False, find),
    )
    ReminderRound.objects.bulk_create(
        ReminderRound(name=name, day=day, done_at=at(2026, 10, 2))
        for name in only
        for day in (date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1), FRIDAY)
    )
    return rounds


def test_not_before_its_time_then_once(asked: list[Round]) -> None:
    person = make_user()
    assert tick(at=at(2026, 10, 5, 8, 59)).written == 0
    assert asked == []
    assert tick(at=at(2026, 10, 5, 9)).written == 1
    assert [round_.days for round_ in asked] == [(MONDAY,)]
    assert tick(at=at(2026, 10, 5, 9)).written == 0
    assert tick(at=at(2026, 10, 5, 9, 1)).written == 0
    assert len(asked) == 1
    assert OutboxMessage.objects.values_list("recipient", "state").get() == (person.pk, MessageState.WAITING)


def test_a_clock_that_stood_for_two_days_catches_up_with_one_message(asked: list[Round]) -> None:
    make_user()
    assert tick(at=at(2026, 10, 7, 10)).written == 1
    assert [round_.days for round_ in asked] == [(MONDAY, TUESDAY, date(2026, 10, 7))]
    assert asked[0].begun == [date(2026, 10, day) for day in (3, 4, 5, 6, 7)]
    assert asked[0].near == [MONDAY, TUESDAY, date(2026, 10, 7)]


def test_what_is_older_than_the_window_is_not_told_any_more(asked: list[Round]) -> None:
    make_user()
    tick(at=at(2026, 10, 16, 12))
    assert [round_.days for round_ in asked] == [tuple(date(2026, 10, day) for day in (13, 14, 15, 16))]


def test_nothing_on_a_weekend_and_days_off_belong_to_their_neighbours(asked: list[Round]) -> None:
    make_user()
    assert tick(at=at(2026, 10, 3, 12)).written == 0
    assert tick(at=at(2026, 10, 4, 12)).written == 0
    tick(at=at(2026, 10, 5, 9))
    tick(at=at(2026, 10, 6, 9))
    ClosingDay.objects.create(day=date(2026, 10, 7), reason="Move")
    assert tick(at=at(2026, 10, 7, 12)).written == 0
    tick(at=at(2026, 10, 8, 9))
    assert asked[0].begun == [date(2026, 10, 3), date(2026, 10, 4), MONDAY]
    assert asked[2].begun == [date(2026, 10, 7), date(2026, 10, 8)]
    assert asked[2].near == [date(2026, 10, 8)]
    tick(at=at(2026, 10, 9, 9))
    assert asked[3].near == [date(2026, 10, 9), date(2026, 10, 10), date(2026, 10, 11)]
    assert asked[3].coming(2) == [date(2026, 10, 11), date(2026, 10, 12), date(2026, 10, 13)]


@pytest.mark.parametrize(
    "due",
    [
        pytest.param(datetime(2026, 3, 30, 6, tzinfo=UTC), id="summer-time-begins-9-is-6-utc"),
        pytest.param(datetime(2026, 3, 27, 7, tzinfo=UTC), id="the-friday-before-9-is-7-utc"),
        pytest.param(datetime(2026, 10, 26, 7, tzinfo=UTC), id="winter-time-begins-9-is-7-utc"),
        pytest.param(datetime(2026, 10, 23, 6, tzinfo=UTC), id="the-friday-before-9-is-6-utc"),
        pytest.param(datetime(2026, 12, 31, 7, tzinfo=UTC), id="new-years-eve-is-a-working-day"),
        pytest.param(datetime(2027, 1, 4, 7, tzinfo=UTC), id="first-working-day-of-the-year"),
    ],
)
def test_nine_is_nine_in_helsinki(asked: list[Round], due: datetime) -> None:
    tick(at=due - timedelta(days=1))
    asked.clear()
    tick(at=due - timedelta(seconds=1))
    assert not any(round_.today == due.date() for round_ in asked)
    tick(at=due)
    assert asked[-1].today == due.date()


def test_new_year_has_one_round(asked: list[Round]) -> None:
    """31.12.2026 is a Thursday; 1.1.2027 a Friday off: what begins on it is told on Monday."""
    tick(at=at(2026, 12, 31, 9))
    asked.clear()
    assert tick(at=at(2027, 1, 1, 12)).written == 0
    assert asked == []
    tick(at=at(2027, 1, 4, 9))
    assert asked[0].begun == [date(2027, 1, day) for day in (1, 2, 3, 4)]


def test_a_clock_that_ran_ahead_loses_nothing(asked: list[Round]) -> None:
    """The wrong clock has asked for days to come; when they come they are asked, and nobody is told twice."""
    make_user()
    tick(at=at(2026, 10, 8, 9))
    assert OutboxMessage.objects.count() == 1
    tick(at=at(2026, 10, 5, 9, 30))  # the clock is put right: Monday is done
    assert len(asked) == 1
    tick(at=at(2026, 10, 6, 9))
    assert asked[-1].days == (TUESDAY,)
    tick(at=at(2026, 10, 7, 9))
    tick(at=at(2026, 10, 8, 9))
    assert asked[-1].days == (date(2026, 10, 8),)
    assert OutboxMessage.objects.values("once").distinct().count() == OutboxMessage.objects.count() == 3


def test_a_clock_set_back_tells_nothing_twice(asked: list[Round]) -> None:
    make_user()
    tick(at=at(2026, 10, 5, 9))
    tick(at=at(2026, 10, 5, 8))
    tick(at=at(2026, 10, 5, 9))
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once(asked: list[Round], clock: Clock) -> None:
    for _number in range(5):
        make_user()
    clock(at(2026, 10, 5, 9))
    gate = Barrier(2)

    def one() -> int:
        try:
            gate.wait(timeout=20)
            return tick(at=at(2026, 10, 5, 9)).written
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        counts = [pool.submit(one) for _number in range(2)]
        assert sorted(count.result() for count in counts) == [0, 5]
    assert OutboxMessage.objects.count() == 5
    assert ReminderRound.objects.filter(name="unit_alone", day=MONDAY).count() == 1


def test_one_that_fails_holds_up_no_other_and_is_tried_again(
    asked: list[Round], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user()
    own = reminders.REMINDERS["unit_alone"]

    def broken(_asked: Round) -> Iterator[Note]:
        raise ZeroDivisionError

    bad = reminders.Reminder("broken", own.kind, "", "", own.default, False, broken)
    monkeypatch.setattr(reminders, "REMINDERS", {"broken": bad, **reminders.REMINDERS})
    told = tick(at=at(2026, 10, 5, 9))
    assert (told.written, told.failed) == (1, ("broken",))
    assert not ReminderRound.objects.filter(name="broken").exists()
    assert tick(at=at(2026, 10, 5, 9, 1)).failed == ("broken",)


def test_the_command_does_it_and_tells_of_failures(
    asked: list[Round], clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make_user()
    clock(at(2026, 10, 5, 9))
    call_command("tick")
    assert capsys.readouterr().out == "0 offers over their time, 1 reminders, 1 messages sent.\n"

    def broken(*, at: datetime) -> Any:
        raise ZeroDivisionError(at)

    monkeypatch.setattr(reminders, "tick", broken)
    with pytest.raises(CommandError, match=r"Failed, see the log: reminders\."):
        call_command("tick")


# --- in the day, at once or once a day -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        pytest.param(at(2026, 10, 5, 9), at(2026, 10, 5, 9), id="in-the-day"),
        pytest.param(at(2026, 10, 5, 7), at(2026, 10, 5, 7), id="seven-itself"),
        pytest.param(at(2026, 10, 5, 6, 59), at(2026, 10, 5, 7), id="early"),
        pytest.param(at(2026, 10, 5, 19, 59), at(2026, 10, 5, 19, 59), id="still-evening"),
        pytest.param(at(2026, 10, 5, 20), at(2026, 10, 6, 7), id="night"),
        pytest.param(at(2026, 10, 2, 20), at(2026, 10, 5, 7), id="friday-night"),
        pytest.param(at(2026, 10, 3, 12), at(2026, 10, 5, 7), id="saturday"),
        pytest.param(at(2026, 10, 24, 12), at(2026, 10, 26, 7), id="over-the-clock-change"),
        pytest.param(at(2026, 12, 23, 21), at(2026, 12, 28, 7), id="christmas"),
        pytest.param(at(2027, 1, 1, 1), at(2027, 1, 4, 7), id="new-year"),
    ],
)
def test_when_mail_leaves(db: None, moment: datetime, leaves: datetime) -> None:
    assert sending_moment(moment, rules_on(date(2026, 10, 1))) == leaves


def test_a_late_tick_at_night_writes_and_waits_for_the_morning(asked: list[Round], clock: Clock) -> None:
    make_user()
    clock(at(2026, 10, 5, 22))
    tick(at=at(2026, 10, 5, 22))
    assert OutboxMessage.objects.values_list("due_at", flat=True).get() == at(2026, 10, 6, 7)
    assert send_waiting(at=at(2026, 10, 6, 6, 59)) == 0
    assert send_waiting(at=at(2026, 10, 6, 7)) == 1


def test_once_a_day_in_one_message(
    asked: list[Round], clock: Clock, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    unit = make_unit()
    coordinator = make_user(roles=[Role.COORDINATOR], first_name="Carla")
    at_once = make_user(roles=[("unit_contact", unit)], daily_reminders=False)
    chosen = make_user(daily_reminders=True)
    clock(at(2026, 10, 5, 9))
    with django_capture_on_commit_callbacks(execute=True):
        tick(at=at(2026, 10, 5, 9))
    states = dict(OutboxMessage.objects.filter(kind="remind_unit_alone").values_list("recipient", "state"))
    assert states == {
        coordinator.pk: MessageState.GATHERED,
        at_once.pk: MessageState.SENT,
        chosen.pk: MessageState.GATHERED,
    }
    assert sorted(sent.to[0] for sent in mail.outbox) == sorted([coordinator.email, at_once.email, chosen.email])
    [sent] = [sent for sent in mail.outbox if sent.to == [coordinator.email]]
    assert sent.subject == "1 reminder"
    assert sent.body == (
        "Hello Carla,\n\n- 1 unit has no named employee or deputy\n"
        f"  http://localhost:8000/units/{Unit.objects.get(code='Y01').pk}/\n\n"
        "Do you want each reminder at once? Choose here:\nhttp://localhost:8000/units/messages/mine/reminders/\n\n"
        "Wellbeing services county of East Uusimaa"
    )
    tick(at=at(2026, 10, 5, 9, 5))
    assert OutboxMessage.objects.filter(kind="remind_daily").count() == 2


def test_a_line_that_holds_no_more_is_not_in_the_daily_message(asked: list[Round]) -> None:
    """The unit has a named employee by the time the message is written: N1."""
    coordinator = make_user(roles=[Role.COORDINATOR])
    ReminderSetting.objects.create(name="daily", valid_from=MONDAY, clock=time(10))
    tick(at=at(2026, 10, 5, 9))
    make_user(roles=[("unit_contact", Unit.objects.get())])
    tick(at=at(2026, 10, 5, 10))
    assert not OutboxMessage.objects.filter(kind="remind_daily").exists()
    [line] = OutboxMessage.objects.filter(recipient=coordinator)
    assert line.state == MessageState.DROPPED


def test_whoever_has_left_is_not_reminded(asked: list[Round]) -> None:
    gone = make_user(daily_reminders=True)
    ReminderSetting.objects.create(name="daily", valid_from=MONDAY, clock=time(10))
    tick(at=at(2026, 10, 5, 9))
    User.objects.filter(pk=gone.pk).update(is_active=False)
    tick(at=at(2026, 10, 5, 10))
    assert list(OutboxMessage.objects.values_list("kind", "state")) == [("remind_unit_alone", MessageState.DROPPED)]


# --- settings --------------------------------------------------------------------------------------------------------


def test_settings_hold_from_their_day(asked: list[Round]) -> None:
    make_user()
    ReminderSetting.objects.create(name="unit_alone", valid_from=TUESDAY, clock=time(14), days=[5])
    ReminderSetting.objects.create(name="unit_alone", valid_from=date(2026, 10, 7), is_on=False, clock=time(14))
    tick(at=at(2026, 10, 5, 9))
    assert asked[-1].before == (2,)
    assert tick(at=at(2026, 10, 6, 13, 59)).written == 0
    tick(at=at(2026, 10, 6, 14))
    assert (asked[-1].days, asked[-1].before) == ((TUESDAY,), (5,))
    assert tick(at=at(2026, 10, 7, 15)).written == 0
    assert len(asked) == 2


@pytest.mark.parametrize("people", [2, 1000])
def test_a_thousand_in_a_fixed_number_of_queries(
    asked: list[Round], people: int, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    User.objects.bulk_create(
        User(email=f"many{number}@example.org", first_name="A", last_name=str(number), language="fi")
        for number in range(people)
    )
    with django_assert_max_num_queries(22):
        assert tick(at=at(2026, 10, 5, 9)).written == people
