"""Ticks as they should be, twice, seldom, late and out of order, or from a wrong clock: each day is told once."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from office.models import OutboxMessage, User
from office.workdays import is_working_day
from tests.conftest import Clock
from tests.faults.conftest import PEOPLE
from tests.faults.mailserver import MailServer
from tests.faults.messages import counted
from tests.faults.ticks import DAY, beat, begin, ticks

Ticks = list[datetime]
Wrong = Callable[[Ticks], Ticks]

#: The day before, and the last day that is looked at.
SPANS = [
    pytest.param(date(2026, 10, 23), date(2026, 10, 26), id="winter-time-begins"),
    pytest.param(date(2027, 3, 25), date(2027, 3, 30), id="summer-time-begins-at-easter"),
    pytest.param(date(2026, 12, 30), date(2027, 1, 4), id="the-year-ends"),
]


def _as_they_should(ticks: Ticks) -> Ticks:
    return ticks


def _twice(ticks: Ticks) -> Ticks:
    """Two clocks."""
    return [moment for one in ticks for moment in (one, one)]


def _seldom(ticks: Ticks) -> Ticks:
    """Most are missed, and all of every second night."""
    return ticks[::17]


def _out_of_order(ticks: Ticks) -> Ticks:
    """Ticks of a queue that was stuck: each comes also two hours late, with its own old moment."""
    return [moment for number, one in enumerate(ticks) for moment in (one, ticks[max(0, number - 4)])]


def _set_forth_and_back(ticks: Ticks) -> Ticks:
    """Every sixth tick comes from a machine whose clock runs three hours ahead."""
    return [one + 3 * timedelta(hours=1) if number % 6 == 0 else one for number, one in enumerate(ticks)]


@pytest.mark.parametrize(("first", "last"), SPANS)
@pytest.mark.parametrize("wrong", [_as_they_should, _twice, _seldom, _out_of_order, _set_forth_and_back])
def test_once_on_each_working_day(
    everybody: list[User], server: MailServer, first: date, last: date, wrong: Wrong, clock: Clock
) -> None:
    working = [
        first + number * DAY
        for number in range((last - first).days + 1)
        if is_working_day(first + number * DAY, closing_days=frozenset())
    ]
    begin(first)
    moments = wrong(ticks(first, last))
    for moment in moments if wrong is not _seldom else [*moments, ticks(first, last)[-1]]:
        beat(moment, clock)
    told = Counter((one.recipient_id, one.once.rpartition(":")[2]) for one in OutboxMessage.objects.all())
    assert set(told.values()) == {1}
    assert set(told) <= {(user.pk, day.isoformat()) for user in everybody for day in working}
    if wrong is not _seldom:  # which tells in one message what a clock that stood still has missed
        assert len(told) == len(working) * PEOPLE
    assert {user for user, _day in told} == {user.pk for user in everybody}
    assert (working[-1].isoformat() in {day for _user, day in told}) is True
    result = counted(server)
    assert result == {"lost": 0, "once": len(told), "doubled and marked": 0, "doubled and not marked": 0}
