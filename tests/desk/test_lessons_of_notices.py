"""The faults of other systems' notices, N1 to N9, each tried here from the tick to the mail.

The same by each reminder and kind: tests/fees/test_reminders.py, tests/assignments/test_reminders.py and
test_links.py, tests/office/test_outbox_html.py and test_by_hand.py.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from assignments import actions
from assignments.models import Move, Offer, Session
from experts.models import Expert
from office.choices import MessageState
from office.models import OutboxMessage, RoleGrant
from office.people import hand_over
from office.sending import send
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
from tests.fees.steps import sent

pytestmark = pytest.mark.django_db
WED = at(2026, 10, 7, 10)
BEFORE = at(2026, 10, 6, 9)


@pytest.fixture(autouse=True)
def daily_off(cast: Cast) -> None:
    """Everybody gets each reminder at once, so that a mail is one reminder."""
    for person in (cast.coordinator, cast.named, cast.deputy, cast.other_named):
        person.daily_reminders = False
        person.save(update_fields=["daily_reminders"])


def tick(moment: datetime, clock: Clock) -> None:
    clock(moment)
    call_command("tick")


def mails(mailoutbox: list[Any], word: str) -> list[str]:
    """To whom mails went whose subject holds the word."""
    return sorted(mail.to[0] for mail in mailoutbox if word in mail.subject.replace("\N{NO-BREAK SPACE}", " "))


def test_n1_who_has_sent_a_minute_before_is_not_reminded(cast: Cast, clock: Clock, mailoutbox: list[Any]) -> None:
    make_fee_table(valid_to=None)
    for expert in (cast.expert, cast.second_expert):
        make_closed_session(at(2026, 10, 6, 10), expert=expert, unit=cast.unit)
    clock(at(2026, 11, 9, 11, 59))
    sent(cast.expert)
    tick(at(2026, 11, 9, 12), clock)
    assert mails(mailoutbox, "Send your hour list today") == [cast.second_expert_user.email]


def test_n2_a_missing_address_and_a_missing_named_employee_hold_up_no_other(
    cast: Cast, clock: Clock, mailoutbox: list[Any]
) -> None:
    nowhere = make_expert(user=False, email="", first_name="Nea", last_name="Nowhere")
    make_agreed_session(WED, expert=nowhere, unit=cast.other_unit, orderer=cast.stranger)
    make_agreed_session(WED, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    RoleGrant.objects.filter(unit=cast.other_unit).delete()
    tick(BEFORE, clock)
    assert mails(mailoutbox, "A session on Wed 7 Oct 2026") == [cast.orderer.email, cast.expert_user.email]
    message = OutboxMessage.objects.get(kind="remind_session_tomorrow", recipient=None)
    assert (message.name, message.state) == ("Nea Nowhere", MessageState.BY_HAND)


def test_n3_nothing_to_inactive_people_and_ended_experts(cast: Cast, clock: Clock, mailoutbox: list[Any]) -> None:
    make_agreed_session(WED, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    make_agreed_session(WED, expert=cast.second_expert, unit=cast.unit, orderer=cast.orderer)
    Expert.objects.filter(pk=cast.second_expert.pk).update(state=Expert.State.ENDED)
    cast.orderer.is_active = False
    cast.orderer.save()
    tick(BEFORE, clock)
    assert mails(mailoutbox, "Wed 7 Oct 2026") == [cast.deputy.email, cast.expert_user.email, cast.named.email]


def test_n4_a_no_that_cancels_is_one_message(
    cast: Cast, clock: Clock, mailoutbox: list[Any], django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """The unit proposed a new time and said: cancelled when it does not suit. The expert's no is one event."""
    make_fee_table(valid_to=None)
    clock(BEFORE)
    session = make_agreed_session(WED, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    later = WED + timedelta(days=1)
    actions.propose_move(
        session, later, later + timedelta(hours=1), by=cast.orderer, at=BEFORE, cancel_if_declined=True
    )
    with django_capture_on_commit_callbacks(execute=True):
        actions.decline_moves(Move.objects.get(), expected=None, by=cast.expert_user, at=BEFORE)
    assert Session.objects.get(pk=session.pk).state == "closed"
    assert [mail.to for mail in mailoutbox if cast.orderer.email in mail.to] == [[cast.orderer.email]]


def test_n5_after_a_change_of_person_the_new_one_is_told_in_the_own_language(
    cast: Cast, clock: Clock, mailoutbox: list[Any]
) -> None:
    """The named employee has handed over, the second expert does the work now: nobody else is named or written to."""
    make_fee_table(valid_to=None)
    RoleGrant.objects.filter(user__in=[cast.deputy, cast.orderer]).delete()
    cast.stranger.language = "sv"
    cast.stranger.save()
    make_agreed_session(WED, expert=cast.second_expert, unit=cast.unit, orderer=cast.orderer)
    hand_over(cast.unit, cast.stranger, by=cast.coordinator, at=at(2026, 10, 5, 9))
    tick(BEFORE, clock)
    told = {mail.to[0]: mail.body for mail in mailoutbox if "7" in mail.subject and "2026" in mail.subject}
    assert set(told) == {cast.stranger.email, cast.second_expert_user.email}
    assert told[cast.stranger.email].startswith("Hej Stan,")
    assert "Lovisa mentalvårdsbyrå" in told[cast.stranger.email]
    assert "Otto" in told[cast.stranger.email]
    for body in told.values():
        assert [word for word in ("Eva", "Nora", "Anna") if word in body] == []
        assert reverse("assignments:session", args=[Session.objects.get().pk]) in body


def test_n6_an_offer_never_goes_out_after_its_time(cast: Cast, clock: Clock, mailoutbox: list[Any]) -> None:
    """Written in time, held up by the mail server or by the coordinator: it is asked again when it leaves."""
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, state="offered", expert=cast.expert,
        times=[(WED, WED + timedelta(hours=1))],
    )  # fmt: skip
    offer = make_offer(order, cast.expert, sent_at=at(2026, 10, 1, 9), answer_by=BEFORE)
    for number, moment in enumerate([BEFORE - timedelta(minutes=1), BEFORE + timedelta(seconds=1)]):
        clock(moment)
        message = OutboxMessage.objects.create(
            recipient=cast.expert_user, kind="offer", language="en", subject="An offer", body="b",
            about_type="assignments.offer", about_id=offer.pk, once=f"offer{number}", created_at=at(2026, 10, 1, 9),
            due_at=at(2026, 10, 1, 9),
        )  # fmt: skip
        Offer.objects.update(state="waiting")
        assert send(message.pk, at=moment) is (number == 0)
    assert mails(mailoutbox, "An offer") == [cast.expert_user.email]


def test_n7_opening_every_link_of_every_mail_changes_nothing(
    cast: Cast, clock: Clock, mailoutbox: list[Any], client_for: Callable[..., Any]
) -> None:
    make_fee_table(valid_to=None)
    make_agreed_session(WED, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    times = [(at(2026, 10, 20, 10), at(2026, 10, 20, 11))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="offered", expert=cast.expert, times=times)
    make_offer(order, cast.expert, sent_at=at(2026, 10, 1, 9), answer_by=at(2026, 10, 7, 9))
    tick(BEFORE, clock)
    before = (list(Session.objects.values_list("state")), list(Offer.objects.values_list("state")))
    client = client_for(cast.expert_user)
    opened = 0
    for mail in mailoutbox:
        for row in mail.body.splitlines():
            if row.startswith("http://localhost:8000/"):
                opened += client.get(row.removeprefix("http://localhost:8000")).status_code in {200, 302, 403, 404}
    assert opened >= 3
    assert (list(Session.objects.values_list("state")), list(Offer.objects.values_list("state"))) == before


def test_n8_three_rows_are_one_mail(cast: Cast, clock: Clock, mailoutbox: list[Any]) -> None:
    for hour in (9, 11, 13):
        make_closed_session(at(2026, 10, 6, hour), expert=cast.expert, unit=cast.unit)
    make_closed_session(at(2026, 10, 7, 9), expert=cast.expert, unit=cast.other_unit)
    tick(at(2026, 11, 2, 9), clock)
    assert mails(mailoutbox, "hour list") == [cast.expert_user.email]
    assert "4 rows" in next(mail.subject for mail in mailoutbox if "hour list" in mail.subject)


def test_n9_what_waits_is_asked_again_when_it_leaves(cast: Cast, clock: Clock, mailoutbox: list[Any]) -> None:
    """Written at night, it waits for the morning; the list is sent meanwhile."""
    make_fee_table(valid_to=None)
    make_closed_session(at(2026, 10, 6, 10), expert=cast.expert, unit=cast.unit)
    tick(at(2026, 11, 2, 21), clock)  # the clock stood still in the day
    assert OutboxMessage.objects.get(kind="remind_list_ready").due_at == at(2026, 11, 3, 7)
    sent(cast.expert)
    tick(at(2026, 11, 3, 7), clock)
    assert mails(mailoutbox, "Your hour list is ready") == []
    assert OutboxMessage.objects.get(kind="remind_list_ready").state == MessageState.DROPPED
