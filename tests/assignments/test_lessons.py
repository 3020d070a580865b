"""Faults of the nearest systems (lessons.md) in orders, sessions and calendars: each number has its test here or is
named in the docstring of the test that catches it elsewhere.
"""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import icalendar
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assignments import actions
from assignments.actions import meetings
from assignments.actions.series import Scope, covered, preview_cancel
from assignments.models import Move, Offer, Order, Process, Session
from assignments.rules import Event
from fees import actions as pay
from fees.models import RunLine
from office.errors import Refused
from office.models import OutboxMessage, User
from office.sending import send
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_user,
)
from tests.fees.test_reminders import told
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
WED = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def agreed(cast: Cast, start: datetime = WED, **fields: Any) -> Session:
    return make_agreed_session(start, unit=cast.unit, orderer=cast.orderer, expert=cast.expert, **fields)


# --- time ------------------------------------------------------------------------------------------------------------


def test_t3_the_limit_follows_the_new_time_and_both_are_kept(cast: Cast) -> None:
    """T3: moved from Wednesday to Monday: free until the Friday before; the old limit stays on the old time."""
    session = agreed(cast)
    monday = at(2026, 10, 19, 10)
    move = actions.propose_move(session, monday, monday + HOUR, by=cast.orderer, at=NOW)
    new = actions.accept_move(move, by=cast.expert_user, at=NOW + HOUR)
    session.refresh_from_db()
    assert (session.free_until, new.free_until) == (at(2026, 10, 6, 15), at(2026, 10, 16, 15))
    friday = at(2026, 10, 16, 15)
    assert actions.record_outcome(new, "orderer_cancelled", by=cast.orderer, at=friday).outcome == "cancelled_in_time"


def test_t9_half_past_midnight_is_today_in_helsinki(cast: Cast, clock: Clock) -> None:
    """T9: though it is still yesterday in UTC, what was held after midnight can be marked, and today be ordered for."""
    start = at(2026, 10, 8, 0, 5)
    session = agreed(cast, start, ends_at=start + timedelta(minutes=20))
    clock(at(2026, 10, 8, 0, 30))
    eva = Person(cast.expert_user).open(f"/orders/sessions/{session.pk}/")
    eva.press("Held as agreed")
    session.refresh_from_db()
    assert session.outcome == "held"
    order = make_order(unit=cast.unit, orderer=cast.orderer)
    anna = Person(cast.orderer).open(f"/orders/{order.pk}/when/")
    today = {"time-0-day": "8.10.2026", "time-0-start": "10", "time-0-end": "11"}
    anna.press("Continue", **today)
    assert list(order.sessions.values_list("starts_at", flat=True)) == [at(2026, 10, 8, 10)]


def test_t13_the_mail_about_one_of_a_series_names_that_one(cast: Cast) -> None:
    """T13: the second of three is cancelled: its day stands in the mail, no other; the number in the subject fits."""
    first = agreed(cast)
    second = agreed(cast, at(2026, 10, 14, 10), order=first.order)
    agreed(cast, at(2026, 10, 21, 10), order=first.order)
    actions.record_outcome(second, "orderer_cancelled", by=cast.orderer, at=NOW)
    [message] = OutboxMessage.objects.filter(kind="session_cancelled", recipient=cast.expert_user)
    days = [number for number in ("7", "14", "21") if f"{number}\u00a0Oct" in message.body]
    assert (message.subject, days) == ("A session will not be held", ["14"])
    assert "This concerns" not in message.body


@pytest.mark.parametrize("zone", ["UTC", "Europe/Helsinki", "Pacific/Kiritimati"])
def test_t14_the_machines_zone_changes_nothing(
    cast: Cast, client_for: SignIn, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """T14: the same limit, page and calendar wherever the machine thinks it is."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        session = agreed(cast, at(2026, 10, 26, 10))
        shown = client_for(cast.orderer).get(f"/orders/sessions/{session.pk}/").content.decode()
        file = client_for(cast.orderer).get(reverse("calendars:session_file", args=[session.pk])).content.decode()
        assert session.free_until == at(2026, 10, 23, 15)
        assert "23\u00a0Oct\u00a02026 at\u00a015:00" in shown
        assert "DTSTART;TZID=Europe/Helsinki:20261026T100000" in file
    finally:
        monkeypatch.undo()
        time.tzset()


def test_t15_a_period_of_one_day(cast: Cast) -> None:
    """T15: first and last day are the same: its session is inside, the days around are not."""
    plan = {"first_day": date(2026, 10, 14), "last_day": date(2026, 10, 14), "co_leader": "Nina Nurse"}
    for day, inside in ((13, False), (14, True), (15, False)):
        start = at(2026, 10, day, 10)
        order = actions.save_draft(
            None, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="One evening", place="Room 2",
            expert=cast.expert, plan=plan, times=[(start, start + HOUR)],
        )  # fmt: skip
        if inside:
            actions.submit(order, by=cast.orderer, at=NOW)
        else:
            with pytest.raises(Refused, match="outside the period"):
                actions.submit(order, by=cast.orderer, at=NOW)


# --- races -----------------------------------------------------------------------------------------------------------


def live_again(cast: Cast) -> dict[str, Callable[[], Any]]:
    """Every way by which a time of Eva's becomes an agreed one."""
    moved = agreed(cast, at(2026, 10, 8, 10))
    move = actions.propose_move(moved, WED, WED + HOUR, by=cast.orderer, at=NOW)
    undone = agreed(cast)
    actions.record_outcome(undone, "orderer_cancelled", by=cast.orderer, at=NOW)
    offer = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + HOUR)]), cast.expert)
    asked = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[(WED, WED + HOUR)])
    both = [cast.expert, cast.second_expert]
    actions.ask_several(asked, both, asking="who_can", by=cast.coordinator, at=NOW)
    can = actions.say_yes(asked.offers.get(expert=cast.expert), by=cast.expert_user, at=NOW).offers.get(state="can")
    other: dict[str, Any] = {"unit": cast.other_unit, "orderer": cast.stranger, "expert": cast.expert}
    make_agreed_session(WED + HOUR / 2, **other)
    return {
        "accept": lambda: actions.accept(offer, by=cast.expert_user, at=NOW),
        "choose": lambda: actions.choose(can, by=cast.orderer, at=NOW),
        "move": lambda: actions.accept_move(move, by=cast.expert_user, at=NOW),
        "undo": lambda: actions.undo_outcome(undone, by=cast.orderer, at=NOW),
        "record": lambda: actions.record_agreed(
            unit=cast.unit, orderer=cast.orderer, expert=cast.expert, kind="individual", task="On paper",
            starts_at=WED, ends_at=WED + HOUR, by=cast.coordinator, at=NOW,
        ),
    }  # fmt: skip


@pytest.mark.parametrize("way", ["accept", "choose", "move", "undo", "record"])
def test_r3_every_way_back_to_life_asks_whether_the_expert_is_free(cast: Cast, way: str) -> None:
    """Lesson R3: accepting, choosing, moving, taking back and recording all refuse a time that is taken by now."""
    ways = live_again(cast)
    before = Session.objects.filter(expert=cast.expert, state="agreed").count()
    with pytest.raises(Refused):
        ways[way]()
    assert Session.objects.filter(expert=cast.expert, state="agreed").count() == before


def test_r8_the_clash_is_that_of_who_works(cast: Cast) -> None:
    """Lesson R8: the coordinator answers by telephone; the expert's times count, not the coordinator's."""
    carla = make_expert(user=cast.coordinator)
    make_agreed_session(WED, unit=cast.unit, orderer=cast.orderer, expert=carla)
    offer = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + HOUR)]), cast.expert)
    actions.accept(offer, by=cast.coordinator, at=NOW)
    assert Session.objects.get(order=offer.order).expert == cast.expert


def test_r9_a_warning_holds_until_it_is_confirmed(cast: Cast) -> None:
    """Lesson R9, R15 of the office: what can no longer be cancelled free is not sent before it is said yes to."""
    late = at(2026, 10, 6, 10)  # tomorrow, ordered after the limit
    plan = {"goal": "Courage", "meetings": 1, "spacing": "as_agreed", "contact_way": "The nurse telephones"}
    order = actions.save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind="individual", task="Soon", place="Room 2",
        expert=cast.expert, plan=plan, times=[(NOW + HOUR, NOW + 2 * HOUR), (late, late + HOUR)],
    )  # fmt: skip
    anna = Person(cast.orderer).open(f"/orders/{order.pk}/check/").press("Send the order")
    order.refresh_from_db()
    assert (order.state, "Tick this to send the order" in anna.sees) == ("draft", True)


def test_r10_nobody_is_listed_whom_saving_would_refuse(cast: Cast, client_for: SignIn) -> None:
    """Lesson R10: each expert on the step "who" can be sent; one who is busy or without a contract is not there."""
    make_agreed_session(WED, unit=cast.other_unit, orderer=cast.stranger, expert=cast.second_expert)
    make_contract(make_expert(contract=False), valid_to=date(2026, 10, 6))
    plan = {"goal": "Courage", "meetings": 1, "spacing": "as_agreed", "contact_way": "The nurse telephones"}
    order = actions.save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind="individual", task="Talks", place="Room 2", plan=plan,
        times=[(WED, WED + HOUR)],
    )  # fmt: skip
    client = client_for(cast.orderer)
    shown = [expert.pk for _box, expert in client.get(f"/orders/{order.pk}/who/").context["options"]]
    assert shown == [cast.expert.pk]
    client.post(f"/orders/{order.pk}/who/", {"expert": shown[0]})
    assert actions.submit(Order.objects.get(pk=order.pk), by=cast.orderer, at=NOW).state == "to_confirm"


# --- who sees what ---------------------------------------------------------------------------------------------------

SECRET = "Task of the first unit"
LISTS = (
    "/",
    "/orders/",
    "/orders/sessions/?month=",
    "/orders/mine/",
    "/orders/processes/",
    "/orders/meetings/",
    "/calendar/?show=month&day=2026-10-07",
    "/calendar/?show=list&day=2026-10-01",
)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("who", ["stranger", "other_named", "second_expert_user", "finance", "supervisor"])
def test_p1_no_list_shows_what_is_another_units(cast: Cast, client_for: SignIn, path: str, who: str) -> None:
    """P1, point 9: lists, boards, meetings and calendars of others hold nothing of the unit; finance none of it."""
    session = agreed(cast)
    Order.objects.filter(pk=session.order_id).update(task=SECRET)
    Process.objects.create(order=session.order)
    meetings.write_meeting(cast.unit, held_at=NOW, since=at(2026, 9, 1), by=cast.coordinator, at=NOW)
    answer = client_for(getattr(cast, who)).get(path)
    shown = answer.content.decode()
    hidden = [SECRET, f"/orders/sessions/{session.pk}/", f"/orders/{session.order_id}/", cast.unit.name_fi]
    assert [words for words in hidden if words in shown] == []
    assert answer.status_code in {200, 403}


def test_p2_a_calendar_file_says_no_more_than_the_page(cast: Cast, client_for: SignIn) -> None:
    """P2, P3: field by field; no task, no name, no fee, no topic, whoever reads it."""
    session = agreed(cast)
    Order.objects.filter(pk=session.order_id).update(task=SECRET, contact_name="Nina Nurse")
    for user in (cast.orderer, cast.expert_user, cast.coordinator):
        content = client_for(user).get(reverse("calendars:session_file", args=[session.pk])).content
        [event] = icalendar.Calendar.from_ical(content).events
        assert set(event) == {
            "SUMMARY", "DTSTART", "DTEND", "DTSTAMP", "UID", "SEQUENCE", "CLASS", "LAST-MODIFIED", "STATUS", "TRANSP",
            "LOCATION", "URL",
        }  # fmt: skip
        assert str(event["SUMMARY"]) == "Individual work"
        assert [word for word in (SECRET, "Nina", "Eva", "50") if word in str(event["SUMMARY"])] == []


def test_p7_a_reminder_holds_the_own_units_things_only(cast: Cast) -> None:
    """P7: two units have a session tomorrow; each reminder names the own unit and the own expert, and no other."""
    agreed(cast)
    theirs: dict[str, Any] = {"unit": cast.other_unit, "orderer": cast.stranger, "expert": cast.second_expert}
    make_agreed_session(WED, **theirs)
    here, there = (cast.unit.name_fi, "Eva"), (cast.other_unit.name_fi, "Otto")
    found = {message.recipient: message.body for message in told("session_tomorrow", at(2026, 10, 6, 9))}
    assert set(found) == {cast.orderer, cast.expert_user, cast.stranger, cast.second_expert_user}
    for reader, (own, foreign) in {cast.orderer: (here, there), cast.stranger: (there, here)}.items():
        assert all(word in found[reader] for word in own)
        assert [word for word in foreign if word in found[reader]] == []


# --- rules of the office that have no page of their own --------------------------------------------------------------


def test_r6_the_unit_where_the_work_is_done_pays(cast: Cast) -> None:
    """R6 of the office: ordered by somebody of two units, paid from the cost centre of the order's unit."""
    both = make_user(roles=[("staff", cast.unit), ("staff", cast.other_unit)])
    make_closed_session(at(2026, 9, 9, 10), unit=cast.other_unit, orderer=both, expert=cast.expert)
    pay.send_month(cast.expert, date(2026, 9, 1), by=cast.expert_user, at=at(2026, 10, 2, 9))
    pay.approve(list(cast.expert.hour_lists.all()), by=cast.other_named, at=at(2026, 10, 5, 9))
    pay.make_run(date(2026, 9, 1), by=cast.coordinator, at=at(2026, 10, 12, 9), documents=False)
    line = RunLine.objects.get()
    assert (line.unit, line.cost_centre) == (cast.other_unit, cast.other_unit.cost_centre)


def test_cancelling_several_names_how_many_and_what_it_costs(cast: Cast) -> None:
    """Point 5: one late, two in time: the number and the sum before anything is done; nothing is written by looking."""
    first = agreed(cast)
    for day in (14, 21):
        agreed(cast, at(2026, 10, day, 10), order=first.order)
    seen = preview_cancel(covered(first, Scope.AHEAD, at=NOW), Event.ORDERER_CANCELLED, at=at(2026, 10, 6, 16))
    assert (seen.count, seen.late, seen.total) == (3, 1, Decimal("50.00"))
    assert "3" in seen.words
    assert set(Session.objects.values_list("state", flat=True)) == {"agreed"}


# --- calendar files in messages --------------------------------------------------------------------------------------


def files_of(kind: str, recipient: User) -> list[tuple[str, str, int, datetime]]:
    """UID, status, sequence and beginning of the entries in the file of the last mail of this kind."""
    message = OutboxMessage.objects.filter(kind=kind, recipient=recipient).latest("pk")
    OutboxMessage.objects.filter(pk=message.pk).update(state="waiting", due_at=NOW)
    mail.outbox.clear()
    send(message.pk, at=NOW + 3 * HOUR)
    [sent] = mail.outbox
    [(name, content, kind_of_file)] = sent.attachments
    assert (name, kind_of_file) == ("erfa.ics", "text/calendar")
    found = icalendar.Calendar.from_ical(content).events
    return [(str(one["UID"]), str(one["STATUS"]), int(str(one["SEQUENCE"])), one.decoded("DTSTART")) for one in found]


def test_the_file_in_the_mails_is_one_entry_all_the_way(cast: Cast) -> None:
    """Agreed, moved, cancelled: the same UID, a greater SEQUENCE each time, the new time, the word cancelled (T12)."""
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + HOUR)])
    offer = make_offer(order, cast.expert)
    actions.accept(Offer.objects.get(pk=offer.pk), by=cast.expert_user, at=NOW)
    session = Session.objects.get()
    uid = f"session-{session.pk}@localhost"
    assert files_of("offer_accepted", cast.orderer) == [(uid, "CONFIRMED", 0, WED)]
    later = WED + timedelta(days=7)
    actions.propose_move(session, later, later + HOUR, by=cast.orderer, at=NOW)
    new = actions.accept_move(Move.objects.get(), by=cast.expert_user, at=NOW + HOUR)
    [(its_uid, status, moved, start)] = files_of("move_answered", cast.orderer)
    assert (its_uid, status, start) == (uid, "CONFIRMED", later)
    actions.record_outcome(new, "orderer_cancelled", by=cast.orderer, at=NOW + 2 * HOUR)
    [(its_uid, status, cancelled, start)] = files_of("session_cancelled", cast.expert_user)
    assert (its_uid, status, start) == (uid, "CANCELLED", later)
    assert 0 < moved < cancelled


@pytest.mark.parametrize(("language", "words"), [("fi", "Peruttu: Yksilötyö"), ("sv", "Inställt: Individuellt arbete")])
def test_a_cancelled_time_says_so_in_the_readers_language(
    cast: Cast, client_for: SignIn, language: str, words: str
) -> None:
    session = agreed(cast)
    actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=NOW)
    User.objects.filter(pk=cast.expert_user.pk).update(language=language)
    with translation.override(language):
        content = client_for(User.objects.get(pk=cast.expert_user.pk)).get(
            reverse("calendars:session_file", args=[session.pk]), headers={"accept-language": language}
        )
    [event] = icalendar.Calendar.from_ical(content.content).events
    assert str(event["SUMMARY"]) == words
