"""Moments at which a clock ticks, true or wrong: the program believes the ``at`` of its tasks."""

from datetime import UTC, date, datetime, time, timedelta

from office.models import ReminderRound
from office.reminders import tick
from office.sending import send_waiting
from office.workdays import HELSINKI
from tests.conftest import Clock

STEP = timedelta(minutes=30)
DAY = timedelta(days=1)


def ticks(first: date, last: date) -> list[datetime]:
    """Every half hour of real time, from Helsinki's midnight to midnight."""
    moment = datetime.combine(first, time(0), HELSINKI).astimezone(UTC)
    end = datetime.combine(last + DAY, time(0), HELSINKI).astimezone(UTC)
    found = []
    while moment < end:
        found.append(moment)
        moment += STEP
    return found


def begin(first: date) -> None:
    """What came before the day has been told: nothing is to be caught up with."""
    ReminderRound.objects.bulk_create(
        ReminderRound(name="unit_alone", day=first - number * DAY, done_at=datetime(2026, 1, 1, tzinfo=UTC))
        for number in range(1, 12)
    )


def beat(moment: datetime, clock: Clock) -> None:
    """One tick, as both tasks of the clock make it."""
    clock(moment)
    tick(at=moment)
    send_waiting(at=moment)
