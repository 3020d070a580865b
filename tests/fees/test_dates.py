"""The dates of a month by the policy that holds then (R19, R20): pages, reminders and what is late all ask for them."""

from datetime import date

import pytest

from assignments.models import Session
from fees.dates import Dates, dates_of
from fees.rules import month_span
from office.models import Policy
from tests.conftest import Cast
from tests.factories import at, make_closed_session
from tests.fees.steps import NOVEMBER, OCTOBER, sent
from tests.fees.test_reminders import people, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def from_november(db: None) -> None:
    """From November on lists are due on the 7th and paid on the last day, whatever day it is."""
    Policy.objects.create(valid_from=NOVEMBER, list_due_day=7, pay_day_moves=False)


def test_by_the_first_policy_the_ninth_and_a_banking_day() -> None:
    assert dates_of(date(2026, 12, 1)) == Dates(date(2027, 1, 9), date(2027, 1, 29), date(2027, 2, 3))


@pytest.mark.usefixtures("from_november")
def test_the_list_is_due_by_the_policy_of_the_month_of_work_and_paid_by_that_of_the_next() -> None:
    assert dates_of(date(2026, 9, 1)).due == date(2026, 10, 9)
    assert dates_of(OCTOBER).due == date(2026, 11, 9)
    assert dates_of(NOVEMBER).due == date(2026, 12, 7)
    assert dates_of(date(2026, 12, 1)).pay == date(2027, 1, 31)  # a Sunday
    Policy.objects.create(valid_from=date(2027, 2, 1), list_due_day=7, pay_day_moves=True)
    assert dates_of(date(2026, 12, 1)).pay == date(2027, 1, 31)
    assert dates_of(date(2027, 1, 1)).pay == date(2027, 2, 26)  # the last day is a Sunday


@pytest.mark.usefixtures("from_november")
def test_the_reminders_follow_the_due_day_of_the_policy(cast: Cast) -> None:
    make_closed_session(at(2026, 11, 10, 10), expert=cast.expert, unit=cast.unit)
    assert told("list_due", at(2026, 12, 2, 9)) == []
    [message] = told("list_due", at(2026, 12, 3, 9))  # Independence Day is a Sunday
    assert people([message]) == [cast.expert_user]
    assert "by Mon\N{NO-BREAK SPACE}7\N{NO-BREAK SPACE}Dec\N{NO-BREAK SPACE}2026" in message.body
    assert people(told("list_last_day", at(2026, 12, 7, 12))) == [cast.expert_user]
    assert told("list_last_day", at(2026, 12, 9, 12)) == []


def test_what_begins_at_midnight_is_of_the_month_that_begins(cast: Cast) -> None:
    """T8, half-open: on no list twice, and sent with its own month."""
    first, last = (
        make_closed_session(at(2026, month, 1, 0, 0), expert=cast.expert, unit=cast.unit) for month in (10, 11)
    )
    assert list(Session.objects.between(*month_span(OCTOBER))) == [first]
    assert list(Session.objects.between(*month_span(NOVEMBER))) == [last]
    assert [row.session for row in sent(cast.expert).rows.all()] == [first]
    assert told("list_ready", at(2026, 11, 2, 9)) == []
