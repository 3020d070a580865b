"""Every reminder of the office in one table: to whom, at which moment, with which date and which one link.

Each goes only where something is open: the same moment in an empty office writes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.urls import reverse

from assignments.actions import remind_due
from assignments.models import Offer
from experts.models import Expert
from experts.readers import reader_of
from office.choices import MessageState
from office.models import Away, OutboxMessage, ReminderSetting, RoleGrant
from office.outbox_text import Outsider
from office.reminders import DAILY, REMINDERS
from office.reminders import tick as tick_reminders
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
)
from tests.factories.induction import make_induction, make_row
from tests.fees.steps import sent
from tests.fees.test_reminders import told

pytestmark = pytest.mark.django_db
HERE = "http://localhost:8000"
WED = at(2026, 10, 7, 10)


def worked(cast: Cast) -> None:
    make_closed_session(at(2026, 10, 6, 10), expert=cast.expert, unit=cast.unit)


def list_at_unit(cast: Cast) -> None:
    worked(cast)
    sent(cast.expert)


def agreed(cast: Cast) -> None:
    make_agreed_session(WED, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)


def held(cast: Cast) -> None:
    make_agreed_session(at(2026, 10, 5, 8), expert=cast.expert, unit=cast.unit, orderer=cast.orderer)


def asked(cast: Cast) -> None:
    times = [(WED, WED + timedelta(hours=1))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="offered", expert=cast.expert, times=times)
    make_offer(order, cast.expert, sent_at=at(2026, 9, 28, 9), answer_by=at(2026, 10, 6, 15))


def looking(cast: Cast) -> None:
    make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[(WED, WED + timedelta(hours=1))])


def contract_ends(cast: Cast) -> None:
    Expert.objects.get(pk=cast.expert.pk).contracts.update(valid_to=date(2026, 12, 31))


def no_card(cast: Cast) -> None:
    make_fee_table(valid_to=None)
    list_at_unit(cast)


def supervised(cast: Cast) -> None:
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    begins = at(2026, 10, 12, 16)
    meeting = SupervisionMeeting.objects.create(
        group=group, starts_at=begins, ends_at=begins + timedelta(hours=2), place="Sali 2"
    )
    Attendance.objects.create(meeting=meeting, expert=cast.expert)


def inducted(cast: Cast) -> None:
    make_induction(cast.expert, cast.unit, [make_row()], by=cast.named)


def alone(cast: Cast) -> None:
    RoleGrant.objects.filter(unit=cast.unit).update(valid_to=at(2026, 10, 2, 8))


def uncovered(cast: Cast) -> None:
    RoleGrant.objects.filter(user=cast.deputy).update(valid_to=at(2026, 10, 2, 8))
    days = (date(2026, 10, 19), date(2026, 10, 20))
    Away.objects.create(user=cast.named, first_day=days[0], last_day=days[1], noted_at=WED, noted_by=cast.named)


@dataclass(frozen=True)
class Row:
    """A reminder: its name, what is open, when it comes, to whom, which words it must say, and its link."""

    name: str
    opens: Callable[[Cast], None]
    moment: datetime
    to: tuple[str, ...]
    says: str
    link: str

    def __str__(self) -> str:
        return self.name


EXPERT, COORDINATOR, UNIT = ("expert_user",), ("coordinator",), ("named", "deputy")
TABLE = [
    Row("list_ready", worked, at(2026, 11, 2, 9), EXPERT, "1 row", "/fees/month/2026-10/"),
    Row("list_due", worked, at(2026, 11, 5, 9), EXPERT, "by Mon 9 Nov 2026", "/fees/month/2026-10/"),
    Row("list_last_day", worked, at(2026, 11, 9, 12), EXPERT, "Today, Mon 9 Nov 2026,", "/fees/month/2026-10/"),
    Row("lists_to_check", list_at_unit, at(2026, 11, 10, 9), UNIT, "pay day is Mon 30 Nov 2026", "/fees/check/"),
    Row("month_board", list_at_unit, at(2026, 11, 10, 9), COORDINATOR, "pay day is Mon 30 Nov 2026", "/fees/"),
    Row(
        "offers_unanswered", asked, at(2026, 10, 5, 9), COORDINATOR, "Tue 6 Oct 2026 at 15:00", "/orders/?state=offered"
    ),
    Row(
        "orders_looking", looking, at(2026, 10, 5, 9), COORDINATOR, "Wed 7 Oct 2026 at 10:00", "/orders/?state=looking"
    ),
    Row(
        "session_tomorrow",
        agreed,
        at(2026, 10, 6, 9),
        ("expert_user", "orderer"),
        "Tue 6 Oct 2026 at 15:00",
        "/orders/",
    ),
    Row("outcome_missing", held, at(2026, 10, 6, 9), EXPERT, "Mon 5 Oct 2026", "/orders/sessions/"),
    Row("contract_ending", contract_ends, at(2026, 12, 1, 9), EXPERT, "Thu 31 Dec 2026", "/registry/me/"),
    Row(
        "contracts_ending",
        contract_ends,
        at(2026, 12, 1, 9),
        COORDINATOR,
        "Thu 31 Dec 2026",
        "/registry/experts/?look=ending",
    ),
    Row("tax_card", no_card, at(2026, 12, 1, 9), EXPERT, "tax card of 2027", "/registry/"),
    Row("tax_card", no_card, at(2027, 1, 4, 9), EXPERT, "tax card of 2027", "/registry/"),
    Row("tax_card_payment", no_card, at(2026, 11, 25, 9), EXPERT, "pay day is Mon 30 Nov 2026", "/registry/"),
    Row("supervision_date", supervised, at(2026, 10, 9, 9), EXPERT, "Mon 12 Oct 2026", "/supervision/"),
    Row("induction_open", inducted, at(2026, 10, 12, 9), UNIT, "1 checklist is open", "/induction/"),
    Row("unit_alone", alone, at(2026, 10, 12, 9), COORDINATOR, "Loviisan mielenterveystoimisto", "/units/"),
    Row(
        "away_uncovered",
        uncovered,
        at(2026, 10, 12, 9),
        ("coordinator", "orderer", "named"),
        "Mon 19 Oct 2026 – Tue 20 Oct 2026",
        "/units/",
    ),
]


def links(message: OutboxMessage) -> list[str]:
    return [row.removeprefix(HERE) for row in message.body.splitlines() if row.startswith(HERE)]


def words(message: OutboxMessage) -> str:
    return f"{message.subject}\n{message.body}".replace("\N{NO-BREAK SPACE}", " ")


def test_the_table_names_every_reminder() -> None:
    by_moment = {name for name, one in REMINDERS.items() if one.by_moment}
    assert by_moment == {"offer_reminder"}  # below
    assert {row.name for row in TABLE} | {DAILY} | by_moment == set(REMINDERS)


# Lesson P7.
# Lesson T13.
@pytest.mark.parametrize("row", TABLE, ids=str)
def test_to_whom_when_with_which_date_and_one_link(cast: Cast, clock: Clock, row: Row) -> None:
    clock(row.moment)
    Expert.objects.filter(pk=cast.second_expert.pk).update(state=Expert.State.ENDED)  # nobody tells who has left (N3)
    row.opens(cast)
    messages = told(row.name, row.moment)
    assert [message.recipient for message in messages] == [getattr(cast, who) for who in row.to]
    for message in messages:
        assert row.says in words(message)
        [link] = links(message)
        assert link.startswith(row.link)
    assert told(row.name, row.moment + timedelta(hours=1)) == []  # once


@pytest.mark.parametrize("row", [row for row in TABLE if row.name != "tax_card"], ids=str)
def test_not_where_nothing_is_open(cast: Cast, clock: Clock, row: Row) -> None:
    clock(row.moment)
    assert told(row.name, row.moment) == []


# --- experts without an account --------------------------------------------------------------------------------------

WITHOUT = [row for row in TABLE if row.name in {"session_tomorrow", "contract_ending", "tax_card", "supervision_date"}]


@pytest.mark.parametrize("email", ["eva@example.org", ""])
@pytest.mark.parametrize("row", WITHOUT, ids=str)
def test_an_expert_without_an_account_gets_a_mail_or_is_telephoned(
    cast: Cast, clock: Clock, row: Row, email: str
) -> None:
    clock(row.moment)
    Expert.objects.filter(pk=cast.second_expert.pk).update(state=Expert.State.ENDED)
    Expert.objects.filter(pk=cast.expert.pk).update(user=None, email=email)
    cast.expert.refresh_from_db()
    if row.name == "tax_card":
        make_fee_table(valid_to=None)
    else:
        row.opens(cast)
    [message] = [one for one in told(row.name, row.moment) if one.recipient is None]
    state = MessageState.WAITING if email else MessageState.BY_HAND
    assert (message.name, message.address, message.state) == ("Eva Expert", email, state)
    assert row.says in words(message)
    assert links(message) == []  # no page would open
    if row.name != "tax_card":
        still_true = REMINDERS[row.name].kind.still_true
        assert still_true is not None
        assert still_true(message)


# Lesson N3.
def test_nobody_is_told_whose_account_is_closed_or_who_has_left(cast: Cast) -> None:
    expert = make_expert(user=False, email="x@example.org", first_name="Xa", last_name="Yb")
    assert reader_of(expert) == Outsider("Xa Yb", "x@example.org", "en")
    expert.state = Expert.State.ENDED
    assert reader_of(expert) is None
    assert reader_of(cast.expert) == cast.expert_user
    cast.expert_user.is_active = False
    assert reader_of(cast.expert) is None


# --- an offer whose time is nearly over ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("until", "ticks", "reminded"),
    [
        pytest.param(at(2026, 10, 8, 15), [at(2026, 10, 7, 15)], at(2026, 10, 7, 15), id="in the day, a day before"),
        pytest.param(
            at(2026, 10, 8, 23), [at(2026, 10, 7, 23), at(2026, 10, 8, 3), at(2026, 10, 8, 7)], at(2026, 10, 8, 7),
            id="at night it waits for the morning",
        ),
        pytest.param(
            at(2026, 10, 12, 15), [at(2026, 10, 11, 15), at(2026, 10, 12, 7)], at(2026, 10, 12, 7),
            id="on a Sunday it waits for Monday",
        ),
        pytest.param(
            at(2026, 10, 11, 15), [at(2026, 10, 10, 15)], at(2026, 10, 10, 15), id="over on Sunday: urgent on Saturday"
        ),
    ],
)  # fmt: skip
def test_an_offer_is_reminded_of_in_the_day(
    cast: Cast, clock: Clock, until: datetime, ticks: list[datetime], reminded: datetime
) -> None:
    asked(cast)
    Offer.objects.update(answer_by=until)
    for tick in ticks:
        clock(tick)
        remind_due(at=tick)
    [message] = OutboxMessage.objects.filter(kind="offer_reminder")
    assert (message.recipient, message.created_at) == (cast.expert_user, reminded)
    assert reverse("assignments:offer", args=[message.about_id]) in message.body


@pytest.mark.parametrize(
    ("days", "is_on", "reminded"),
    [
        pytest.param([1], True, [at(2026, 10, 7, 15)], id="as it is"),
        pytest.param([3, 1], True, [at(2026, 10, 5, 15), at(2026, 10, 7, 15)], id="three days and one day before"),
        pytest.param([2], True, [at(2026, 10, 6, 15)], id="two days before"),
        pytest.param([1], False, [], id="off"),
    ],
)
def test_how_long_before_an_offer_is_reminded_of_is_a_dated_setting(
    cast: Cast,
    clock: Clock,
    days: list[int],
    is_on: bool,  # noqa: FBT001
    reminded: list[datetime],
) -> None:
    asked(cast)
    Offer.objects.update(answer_by=at(2026, 10, 8, 15))
    ReminderSetting.objects.create(
        name="offer_reminder", valid_from=date(2026, 10, 1), is_on=is_on, clock=time(7), days=days
    )
    ReminderSetting.objects.create(
        name="offer_reminder", valid_from=date(2026, 11, 1), is_on=True, clock=time(7), days=[9]
    )
    for day in range(1, 9):
        for hour in (15, 16):
            moment = at(2026, 10, day, hour)
            clock(moment)
            remind_due(at=moment)
    messages = OutboxMessage.objects.filter(kind="offer_reminder").order_by("created_at")
    assert [message.created_at for message in messages] == reminded


def test_the_setting_of_an_offers_reminder_has_no_time_of_the_day(cast: Cast, client_for: Any, clock: Clock) -> None:
    clock(WED)
    client, page = client_for(cast.coordinator), reverse("office:reminder_change", args=["offer_reminder"])
    assert 'name="clock"' not in client.get(page).content.decode()
    typed = {"valid_from": "8.10.2026", "is_on": "on", "days": "2, 1"}
    assert client.post(page, typed, follow=True).redirect_chain == [(reverse("office:reminders"), 302)]
    row = ReminderSetting.objects.get()
    assert (row.name, row.valid_from, row.days) == ("offer_reminder", date(2026, 10, 8), [2, 1])


def test_an_expert_without_an_account_is_telephoned_about_an_offer(cast: Cast, clock: Clock) -> None:
    Expert.objects.filter(pk=cast.expert.pk).update(user=None)
    asked(cast)
    clock(at(2026, 10, 6, 9))
    remind_due(at=at(2026, 10, 6, 9))
    [message] = OutboxMessage.objects.filter(kind="offer_reminder")
    assert (message.recipient, message.name, message.state) == (None, "Eva Expert", MessageState.BY_HAND)


# --- the coordinator's first page ------------------------------------------------------------------------------------


def test_failed_and_by_hand_messages_are_tasks_of_the_coordinator(cast: Cast, client_for: Any, clock: Clock) -> None:
    clock(WED)
    client = client_for(cast.coordinator)
    assert "state=by_hand" not in client.get("/").content.decode()
    for number, state in enumerate([MessageState.FAILED, MessageState.BY_HAND, MessageState.BY_HAND]):
        OutboxMessage.objects.create(
            recipient=cast.named, kind="account_made", language="en", subject="x", body="y", about_type="office.user",
            about_id=1, once=f"x{number}", created_at=WED, due_at=WED, state=state,
        )  # fmt: skip
    page = client.get("/").content.decode()
    assert "1 message could not be sent" in page
    assert "2 messages are to be told by telephone or post." in page
    assert f"{reverse('office:outbox')}?state=by_hand" in page
    assert "telephone or post" not in client_for(cast.named).get("/").content.decode()


# --- N2 --------------------------------------------------------------------------------------------------------------


def test_n2_a_missing_address_and_a_missing_named_employee_stop_nobody_else(cast: Cast, clock: Clock) -> None:
    """An expert without account and address, a unit where nobody is named: the tick serves everybody else."""
    for unit, expert in ((cast.unit, cast.expert), (cast.other_unit, cast.second_expert)):
        make_closed_session(at(2026, 10, 6, 10), expert=expert, unit=unit)
        sent(expert)
    third = make_expert()
    for day, expert in ((12, cast.expert), (13, cast.second_expert), (14, third)):
        make_agreed_session(at(2026, 11, day, 10), expert=expert, unit=cast.unit, orderer=cast.orderer)
    RoleGrant.objects.filter(unit=cast.unit).update(valid_to=at(2026, 11, 1, 8))
    Expert.objects.filter(pk=cast.expert.pk).update(user=None, email="")
    done: dict[date, tuple[str, ...]] = {}
    for day in (10, 11, 12, 13):
        done[date(2026, 11, day)] = tick_reminders(at=clock(at(2026, 11, day, 9))).failed
    assert set(done.values()) == {()}
    told_to = {
        (message.kind.removeprefix("remind_"), message.recipient, message.state)
        for message in OutboxMessage.objects.filter(kind__in=["remind_session_tomorrow", "remind_lists_to_check"])
    }
    assert ("session_tomorrow", None, MessageState.BY_HAND) in told_to  # to telephone
    assert {who for kind, who, _state in told_to if kind == "lists_to_check"} == {cast.other_named}
    assert {cast.second_expert_user, third.user} <= {who for kind, who, _state in told_to if kind == "session_tomorrow"}
