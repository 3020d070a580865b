"""What the month reminds of (R18–R21): whoever has something open, once, never who has sent a minute before."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core import mail

from experts.models import Contract, Expert
from fees.actions import send_month
from office.choices import MessageState, Role
from office.models import OutboxMessage, ReminderRound, User
from office.policies import rules_on
from office.reminders import REMINDERS, carry_out
from office.sending import send_waiting
from office.workdays import local_date
from tests.conftest import Cast, Clock
from tests.factories import ALL_KINDS, at, grant, make_closed_session, make_expert
from tests.fees.steps import OCTOBER, sent

pytestmark = pytest.mark.django_db


def told(name: str, moment: datetime, *days: date) -> list[OutboxMessage]:
    """What the reminder writes at the moment, for the day of it or for the days told."""
    one = REMINDERS[name]
    asked = days or (local_date(moment),)
    last = OutboxMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    carry_out(one, asked, one.default, rules_on(asked[-1]), at=moment)
    return list(OutboxMessage.objects.filter(pk__gt=last, kind=f"remind_{name}").order_by("pk"))


def people(messages: list[OutboxMessage]) -> list[User | None]:
    return [message.recipient for message in messages]


def text(message: OutboxMessage) -> str:
    """The body with plain spaces: dates keep together in mails."""
    return message.body.replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture
def october(cast: Cast) -> Cast:
    """Eva has three rows in two units (N8), Otto none that is left to send."""
    for unit, day in ((cast.unit, 6), (cast.unit, 7), (cast.other_unit, 8)):
        make_closed_session(at(2026, 10, day, 10), expert=cast.expert, unit=unit)
    make_closed_session(at(2026, 10, 9, 10), expert=cast.second_expert, unit=cast.unit)
    sent(cast.second_expert)
    return cast


def test_the_list_is_ready_on_the_first_working_day(october: Cast) -> None:
    """1.11.2026 is a Sunday: Monday tells of it."""
    assert told("list_ready", at(2026, 10, 30, 9)) == []
    [message] = told("list_ready", at(2026, 11, 2, 9))
    assert message.recipient == october.expert_user
    assert message.subject == "Your hour list is ready: October 2026, 3 rows"
    assert text(message) == (
        "Hello Eva,\n\nLook at the rows, mend what went otherwise and send the list by Mon 9 Nov 2026. "
        "A list that comes later is paid a month later.\n\n"
        "http://localhost:8000/fees/month/2026-10/\n\nWellbeing services county of East Uusimaa"
    )
    assert told("list_ready", at(2026, 11, 3, 9)) == []


# Lesson T13.
@pytest.mark.parametrize(
    ("day", "reminded"),
    [
        pytest.param(date(2026, 11, 4), False, id="three-working-days-before"),
        pytest.param(date(2026, 11, 5), True, id="two-working-days-before-the-9th"),
        pytest.param(date(2026, 11, 6), False, id="one-day-before"),
        pytest.param(date(2026, 11, 9), False, id="the-9th-has-its-own"),
        pytest.param(date(2026, 11, 10), False, id="past"),
    ],
)
def test_before_the_ninth(october: Cast, day: date, reminded: bool) -> None:  # noqa: FBT001
    assert people(told("list_due", at(day.year, day.month, day.day, 9))) == [october.expert_user] * reminded


@pytest.mark.parametrize(
    ("month", "day", "reminded"),
    [
        pytest.param(date(2027, 4, 1), date(2027, 5, 6), False, id="ascension-day-is-no-working-day"),
        pytest.param(date(2027, 4, 1), date(2027, 5, 7), True, id="sunday-9-may-2027-the-friday-before"),
        pytest.param(date(2027, 4, 1), date(2027, 5, 5), True, id="two-working-days-before-it"),
        pytest.param(date(2026, 12, 1), date(2027, 1, 8), True, id="saturday-9-january-2027-the-friday-before"),
        pytest.param(date(2026, 12, 1), date(2027, 1, 7), True, id="two-working-days-before-it-in-january"),
        pytest.param(date(2026, 12, 1), date(2027, 1, 5), False, id="epiphany-in-between"),
    ],
)
def test_when_the_ninth_is_a_day_off(cast: Cast, month: date, day: date, reminded: bool) -> None:  # noqa: FBT001
    """R19: the limit stays, the reminder comes on the working day before."""
    make_closed_session(at(month.year, month.month, 15, 10), expert=cast.expert, unit=cast.unit)
    assert people(told("list_due", at(day.year, day.month, day.day, 9))) == [cast.expert_user] * reminded


def test_two_missed_days_are_one_message(cast: Cast) -> None:
    make_closed_session(at(2026, 12, 15, 10), expert=cast.expert, unit=cast.unit)
    days = (date(2027, 1, 7), date(2027, 1, 8))
    assert people(told("list_due", at(2027, 1, 8, 15), *days)) == [cast.expert_user]


def test_nothing_is_told_after_the_limit(cast: Cast) -> None:
    """The clock stood still over the 9th: whoever is late knows it from the page."""
    make_closed_session(at(2026, 10, 15, 10), expert=cast.expert, unit=cast.unit)
    days = (date(2026, 11, 5), date(2026, 11, 6), date(2026, 11, 9), date(2026, 11, 10))
    assert told("list_due", at(2026, 11, 10, 8), *days) == []
    assert told("list_last_day", at(2026, 11, 10, 8), *days) == []


def test_the_last_day_at_noon_is_urgent(october: Cast) -> None:
    User.objects.filter(pk=october.expert_user.pk).update(daily_reminders=True)
    assert REMINDERS["list_last_day"].default.clock.hour == 12
    assert told("list_last_day", at(2026, 11, 6, 12)) == []
    [message] = told("list_last_day", at(2026, 11, 9, 12))
    assert (message.recipient, message.state) == (october.expert_user, MessageState.WAITING)
    assert message.subject == "Send your hour list today: October 2026"


def test_who_has_sent_a_minute_before_is_not_reminded(october: Cast, clock: Clock) -> None:
    """N1: asked before writing, and again before sending."""
    [message] = told("list_last_day", at(2026, 11, 9, 12))
    send_month(october.expert, OCTOBER, by=october.expert_user, at=at(2026, 11, 9, 12, 1))
    clock(at(2026, 11, 9, 12, 2))
    send_waiting(at=at(2026, 11, 9, 12, 2))
    message.refresh_from_db()
    assert message.state == MessageState.DROPPED
    assert [sent.subject for sent in mail.outbox if "Send your" in sent.subject] == []
    ReminderRound.objects.all().delete()
    assert told("list_last_day", at(2026, 11, 9, 12, 3)) == []


def test_who_has_left_is_not_reminded(october: Cast, clock: Clock) -> None:
    """N3: ended before it is written, and between writing and sending."""
    [message] = told("list_ready", at(2026, 11, 2, 9))
    Expert.objects.filter(pk=october.expert.pk).update(state=Expert.State.ENDED)
    clock(at(2026, 11, 2, 9, 1))
    assert send_waiting(at=at(2026, 11, 2, 9, 1)) >= 0
    message.refresh_from_db()
    assert message.state == MessageState.DROPPED
    assert told("list_due", at(2026, 11, 5, 9)) == []


def test_a_thousand_experts_in_a_fixed_number_of_queries(
    cast: Cast, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    make_closed_session(at(2026, 10, 6, 10), expert=cast.expert, unit=cast.unit)
    one = make_closed_session(at(2026, 10, 7, 10), expert=cast.second_expert, unit=cast.unit)
    users = User.objects.bulk_create(
        User(email=f"many{n}@example.org", first_name="Many", last_name=str(n), language="sv") for n in range(998)
    )
    experts = Expert.objects.bulk_create(
        Expert(user=user, first_name="Many", last_name=str(n), payroll_number=f"M{n}") for n, user in enumerate(users)
    )
    Contract.objects.bulk_create(
        Contract(
            expert=expert, valid_from=date(2026, 1, 1), signed_on=date(2026, 1, 1), kinds=ALL_KINDS, state="in_force"
        )
        for expert in experts
    )
    copies = []
    for expert in experts:
        one.pk, one._state.adding, one.expert = None, True, expert
        copies.append(type(one)(**{f.attname: getattr(one, f.attname) for f in one._meta.concrete_fields}))
    type(one).objects.bulk_create(copies)
    with django_assert_max_num_queries(18):
        assert len(told("list_ready", at(2026, 11, 2, 9))) == 1000


def test_lists_to_check_from_the_tenth(october: Cast) -> None:
    """One message a person for all units; not on the due day, not on days off, not the own list (R23)."""
    assert told("lists_to_check", at(2026, 11, 9, 9)) == []
    messages = told("lists_to_check", at(2026, 11, 10, 9))
    assert people(messages) == [october.named, october.deputy]
    assert {message.subject for message in messages} == {"1 hour list waits for your check"}
    assert {message.state for message in messages} == {MessageState.TO_GATHER}
    own = make_expert(user=october.deputy)
    grant(october.deputy, Role.EXPERT)
    make_closed_session(at(2026, 10, 12, 10), expert=own, unit=october.unit)
    sent(own)
    messages = told("lists_to_check", at(2026, 11, 11, 9))
    assert [(one.recipient, one.subject) for one in messages] == [
        (october.named, "2 hour lists wait for your check"),
        (october.deputy, "1 hour list waits for your check"),
    ]


def test_each_unit_is_told_of_its_own_lists(october: Cast) -> None:
    """P7: how many wait in another unit is no one else's to know."""
    make_closed_session(at(2026, 10, 13, 10), expert=make_expert(), unit=october.other_unit)
    send_month(october.expert, OCTOBER, by=october.expert_user, at=at(2026, 11, 2, 9))  # in both units
    messages = told("lists_to_check", at(2026, 11, 10, 9))
    assert [(one.recipient, one.subject) for one in messages] == [
        (october.named, "2 hour lists wait for your check"),
        (october.deputy, "2 hour lists wait for your check"),
        (october.other_named, "1 hour list waits for your check"),
    ]


def test_the_month_board_until_the_month_is_closed(october: Cast) -> None:
    assert told("month_board", at(2026, 11, 9, 9)) == []
    [message] = told("month_board", at(2026, 11, 10, 9))
    assert message.recipient == october.coordinator
    assert message.subject == "How far October 2026 is: 2 not sent, 1 at the unit, 0 approved"
    assert "The pay day is Mon 30 Nov 2026." in text(message)
    [again] = told("month_board", at(2026, 11, 11, 9))
    assert again.once != message.once


def test_the_tax_card_before_the_payment(october: Cast) -> None:
    """Otto's list is at the unit and he has no card; Eva has sent nothing. Five days before Mon 30.11. is Wed 25.11."""
    assert told("tax_card_payment", at(2026, 11, 24, 9)) == []
    [message] = told("tax_card_payment", at(2026, 11, 25, 9))
    assert message.recipient == october.second_expert_user
    assert message.subject == "Your tax card is missing, and the pay day is Mon 30 Nov 2026"
