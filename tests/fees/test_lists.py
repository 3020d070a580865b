"""The expert sends a month, the named employee checks it (R18, R19, R23)."""

from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assignments.models import Session
from assignments.rules import Event
from assignments.states import SessionState
from fees.actions import approve, return_list, send_month, take_back, unapprove
from fees.board import month_lists, state_sums
from fees.models import HourList, HourRow
from fees.states import ListState
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage
from tests.conftest import Cast
from tests.factories import at, grant, make_agreed_session, make_closed_session, make_expert, make_unit
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, SENT, SEPTEMBER, approved, closed, paid, sent


def held(cast: Cast, day: int, hour: int = 10, **more: Any) -> Session:
    return make_closed_session(at(2026, 10, day, hour), **({"expert": cast.expert, "unit": cast.unit} | more))


def rows_of(list_: HourList) -> list[int]:
    return list(HourRow.objects.filter(hour_list=list_).order_by("session_id").values_list("session_id", flat=True))


def refusal(error: pytest.ExceptionInfo[Any]) -> str:
    return str(error.value.message)


# --- sending ---------------------------------------------------------------------------------------------------------


def test_one_list_for_each_unit(cast: Cast) -> None:
    first, second = held(cast, 7), held(cast, 8)
    elsewhere = held(cast, 9, unit=cast.other_unit)
    lists = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert [(list_.unit, list_.month, list_.state, rows_of(list_)) for list_ in lists] == [
        (cast.unit, OCTOBER, "at_unit", [first.pk, second.pk]),
        (cast.other_unit, OCTOBER, "at_unit", [elsewhere.pk]),
    ]


def test_what_pays_nothing_is_a_row_too(cast: Cast) -> None:
    ill = held(cast, 7, event=Event.EXPERT_ILL, received_at=at(2026, 10, 7, 8))
    in_time = held(cast, 9, event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 5, 8))
    late = held(cast, 12, event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 12, 8))
    assert rows_of(sent(cast.expert)) == [ill.pk, in_time.pk, late.pk]


def test_a_moved_time_is_no_row(cast: Cast) -> None:
    old = held(cast, 7, event=Event.MOVED)
    new = held(cast, 14)
    assert rows_of(sent(cast.expert)) == [new.pk]
    assert not HourRow.objects.filter(session=old).exists()


def test_a_begun_time_without_outcome_stops_the_month(cast: Cast) -> None:
    held(cast, 7)
    for day in (8, 9):
        make_agreed_session(at(2026, 10, day, 10), expert=cast.expert, unit=cast.unit)
    with pytest.raises(Refused) as error:
        send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert refusal(error) == "Tell first what happened at 2 times."
    assert not HourList.objects.exists()


def test_an_agreed_time_ahead_stops_the_month(cast: Cast) -> None:
    held(cast, 7)
    make_agreed_session(at(2026, 10, 30, 10), expert=cast.expert, unit=cast.unit)
    with pytest.raises(Refused) as error:
        send_month(cast.expert, OCTOBER, by=cast.expert_user, at=at(2026, 10, 20))
    assert refusal(error) == "1 agreed time of the month is still ahead. Send the month after it."


def test_a_month_without_anything_left_may_be_sent_before_its_end(cast: Cast) -> None:
    session = held(cast, 7)
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=at(2026, 10, 20))
    assert rows_of(list_) == [session.pk]


def test_nothing_to_send(cast: Cast) -> None:
    with pytest.raises(Refused) as error:
        send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert refusal(error) == "There is nothing to send for this month."


def test_a_second_click_says_that_it_has_been_sent(cast: Cast) -> None:
    held(cast, 7)
    sent(cast.expert)
    with pytest.raises(Conflict) as error:
        send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert refusal(error) == "The month has been sent. To change it, take it back first."
    assert LogEntry.objects.filter(kind="hourlist.send").count() == 1


# Lesson T8.
@pytest.mark.parametrize(
    ("start", "month"),
    [
        pytest.param(at(2026, 10, 31, 23, 30), OCTOBER, id="half past eleven on the last evening"),
        pytest.param(at(2026, 11, 1, 0, 0), NOVEMBER, id="midnight is the new month"),
        pytest.param(at(2026, 10, 1, 0, 0), OCTOBER, id="midnight of the first, still September in UTC"),
        pytest.param(at(2026, 9, 30, 23, 59), SEPTEMBER, id="a minute before"),
    ],
)
def test_the_month_is_that_of_the_clock_in_helsinki(cast: Cast, start: Any, month: Any) -> None:
    make_closed_session(start, expert=cast.expert, unit=cast.unit)
    [list_] = send_month(cast.expert, month, by=cast.expert_user, at=at(2026, 12, 2))
    assert list_.month == month


def test_an_expert_sends_only_the_own_month(cast: Cast) -> None:
    held(cast, 7)
    with pytest.raises(Refused) as error:
        send_month(cast.expert, OCTOBER, by=cast.second_expert_user, at=SENT)
    assert refusal(error) == "This is not your hour list."


def test_the_coordinator_sends_for_one_without_an_account(cast: Cast) -> None:
    expert = make_expert(user=False)
    held(cast, 7, expert=expert, recorded_by=cast.coordinator)
    [list_] = send_month(expert, OCTOBER, by=cast.coordinator, at=SENT)
    entry = LogEntry.objects.get(kind="hourlist.send", object_id=list_.pk)
    assert (entry.actor, entry.on_behalf_of) == (cast.coordinator, None)


def test_the_log_says_on_whose_behalf(cast: Cast) -> None:
    held(cast, 7)
    [list_] = send_month(cast.expert, OCTOBER, by=cast.coordinator, at=SENT)
    entry = LogEntry.objects.get(kind="hourlist.send", object_id=list_.pk)
    assert (entry.actor, entry.on_behalf_of, entry.from_state, entry.to_state, entry.facts) == (
        cast.coordinator,
        cast.expert_user,
        "open",
        "at_unit",
        {"rows": 1, "total": "50.00"},
    )


def test_named_employee_and_deputy_are_told_the_expert_is_not(
    cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    held(cast, 7)
    with django_capture_on_commit_callbacks(execute=True):
        sent(cast.expert)
    assert sorted(message.to[0] for message in mail.outbox) == [cast.deputy.email, cast.named.email]
    assert mail.outbox[0].subject == "An hour list to check: October 2026"
    body = mail.outbox[0].body.replace("\N{NO-BREAK SPACE}", " ")
    assert "Eva Expert has sent an hour list for October 2026 to Loviisan mielenterveystoimisto." in body
    assert "There is 1 row on it, together €50.00." in body
    assert "Please check it by Mon 9 Nov 2026." in body


def test_a_named_employee_who_is_the_expert_gets_no_mail_about_the_own_list(cast: Cast) -> None:
    grant(cast.expert_user, Role.DEPUTY, cast.unit)
    held(cast, 7)
    sent(cast.expert)
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {cast.named.pk, cast.deputy.pk}


def test_a_unit_without_a_named_employee_gets_its_list_all_the_same(cast: Cast) -> None:
    held(cast, 7, unit=make_unit())
    assert sent(cast.expert).state == "at_unit"


# --- late rows (R19) -------------------------------------------------------------------------------------------------


def test_a_late_time_rides_on_the_next_list_when_its_own_is_approved(cast: Cast) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    late = held(cast, 28)
    november = make_closed_session(at(2026, 11, 3, 10), expert=cast.expert, unit=cast.unit)
    list_ = sent(cast.expert, NOVEMBER, moment=at(2026, 12, 2))
    assert (list_.month, rows_of(list_)) == (NOVEMBER, [late.pk, november.pk])


def test_a_late_time_alone_makes_a_list(cast: Cast) -> None:
    held(cast, 7)
    approved(cast.expert, cast.named)
    late = held(cast, 28)
    list_ = sent(cast.expert, NOVEMBER, moment=at(2026, 12, 2))
    assert (list_.month, rows_of(list_)) == (NOVEMBER, [late.pk])


def test_a_forgotten_month_gets_its_own_list(cast: Cast) -> None:
    forgotten = make_closed_session(at(2026, 9, 3, 10), expert=cast.expert, unit=cast.unit)
    october = held(cast, 7)
    lists = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert [(list_.month, rows_of(list_)) for list_ in lists] == [(SEPTEMBER, [forgotten.pk]), (OCTOBER, [october.pk])]


def test_a_forgotten_month_with_an_open_time_waits(cast: Cast) -> None:
    make_closed_session(at(2026, 9, 3, 10), expert=cast.expert, unit=cast.unit)
    make_agreed_session(at(2026, 9, 4, 10), expert=cast.expert, unit=cast.unit)
    october = held(cast, 7)
    lists = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert [(list_.month, rows_of(list_)) for list_ in lists] == [(OCTOBER, [october.pk])]


def test_a_late_time_waits_for_its_own_list_that_came_back(cast: Cast) -> None:
    first = held(cast, 7)
    list_ = sent(cast.expert)
    return_list(list_, by=cast.named, at=CHECKED, reason="The 28th is missing")
    late = held(cast, 28)
    november = make_closed_session(at(2026, 11, 3, 10), expert=cast.expert, unit=cast.unit)
    assert rows_of(sent(cast.expert, NOVEMBER, moment=at(2026, 12, 2))) == [november.pk]
    assert rows_of(sent(cast.expert, OCTOBER, moment=at(2026, 12, 2))) == [first.pk, late.pk]


def test_sending_one_month_leaves_the_others_alone(cast: Cast) -> None:
    """L3."""
    held(cast, 7)
    october = sent(cast.expert)
    make_closed_session(at(2026, 11, 3, 10), expert=cast.expert, unit=cast.unit)
    before = rows_of(october)
    sent(cast.expert, NOVEMBER, moment=at(2026, 12, 2))
    october.refresh_from_db()
    assert (october.state, rows_of(october)) == ("at_unit", before)


# --- taking back, returning, sending again (L7) ----------------------------------------------------------------------


def test_taken_back_and_sent_again_with_what_came_in_between(cast: Cast) -> None:
    first = held(cast, 7)
    list_ = sent(cast.expert)
    take_back(list_, by=cast.expert_user, at=SENT)
    assert (list_.state, rows_of(list_)) == ("open", [first.pk])
    second = held(cast, 9)
    again = sent(cast.expert)
    assert (again.pk, rows_of(again)) == (list_.pk, [first.pk, second.pk])


def test_returned_with_reasons_and_sent_again(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    session = held(cast, 7)
    list_ = sent(cast.expert)
    row = HourRow.objects.get(session=session)
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        return_list(list_, by=cast.named, at=CHECKED, reason="Two hours,  not one", rows={row.pk: "Began at nine"})
    row.refresh_from_db()
    assert (list_.state, list_.return_reason, row.return_reason) == (
        "returned",
        "Two hours, not one",
        "Began at nine",
    )
    [message] = mail.outbox
    assert message.to == [cast.expert_user.email]
    assert "Reason: Two hours, not one" in message.body
    assert "Began at nine" in message.body
    again = sent(cast.expert)
    row.refresh_from_db()
    assert (again.pk, again.state, again.return_reason, row.return_reason) == (list_.pk, "at_unit", "", "")


def test_a_returned_row_whose_session_was_moved_leaves_the_list(cast: Cast) -> None:
    moved, kept = held(cast, 7), held(cast, 8)
    list_ = sent(cast.expert)
    return_list(list_, by=cast.named, at=CHECKED, reason="Was moved")
    Session.objects.filter(pk=moved.pk).update(outcome="moved")
    assert rows_of(sent(cast.expert)) == [kept.pk]


def test_a_return_says_why(cast: Cast) -> None:
    held(cast, 7)
    list_ = sent(cast.expert)
    with pytest.raises(Refused) as error:
        return_list(list_, by=cast.named, at=CHECKED, reason="  ")
    assert refusal(error) == "Write why the list is returned."
    with pytest.raises(Refused) as error:
        return_list(list_, by=cast.named, at=CHECKED, reason="See 131052-308T")
    assert refusal(error).startswith("This looks like a personal identity code.")
    list_.refresh_from_db()
    assert list_.state == "at_unit"


def test_a_row_of_another_list_cannot_be_named(cast: Cast) -> None:
    held(cast, 7)
    list_ = sent(cast.expert)
    held(cast, 7, 14, expert=cast.second_expert)
    foreign = HourRow.objects.get(hour_list=sent(cast.second_expert))
    with pytest.raises(Conflict):
        return_list(list_, by=cast.named, at=CHECKED, reason="Look", rows={foreign.pk: "x"})
    list_.refresh_from_db()
    assert list_.state == "at_unit"


def test_an_approved_list_is_not_taken_back_nor_sent_again(cast: Cast) -> None:
    held(cast, 7)
    list_ = approved(cast.expert, cast.named)
    with pytest.raises(Conflict):
        take_back(list_, by=cast.expert_user, at=CHECKED)
    with pytest.raises(Conflict) as error:
        send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED)
    assert refusal(error) == ("The month has been sent and approved. What comes late goes onto the next month's list.")


# --- approving (R23) -------------------------------------------------------------------------------------------------


def test_approving_several_lists_at_once(cast: Cast, django_capture_on_commit_callbacks: Any) -> None:
    held(cast, 7)
    held(cast, 7, 14, expert=cast.second_expert)
    lists = [sent(cast.expert), sent(cast.second_expert)]
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        count = approve(lists, by=cast.deputy, at=CHECKED, expected_count=2, expected_total=Decimal("100.00"))
    assert count == 2
    assert (
        list(HourList.objects.order_by("pk").values_list("state", "approved_by", "approved_at"))
        == [("approved", cast.deputy.pk, CHECKED)] * 2
    )
    assert LogEntry.objects.filter(kind="hourlist.approve").count() == 2
    assert sorted(message.to[0] for message in mail.outbox) == [cast.expert_user.email, cast.second_expert_user.email]


@pytest.mark.parametrize(
    "expected",
    [
        pytest.param({"expected_count": 2, "expected_total": Decimal("50.00")}, id="count"),
        pytest.param({"expected_count": 1, "expected_total": Decimal("49.99")}, id="sum"),
    ],
)
def test_another_sum_than_was_shown_approves_nothing(cast: Cast, expected: Any) -> None:
    held(cast, 7)
    list_ = sent(cast.expert)
    with pytest.raises(Conflict) as error:
        approve([list_], by=cast.named, at=CHECKED, **expected)
    assert refusal(error) == "The hours have changed since you opened the page. Look at them again."
    list_.refresh_from_db()
    assert list_.state == "at_unit"


def test_nobody_approves_their_own_list(cast: Cast) -> None:
    """L9: the named employee of the unit who is also an expert there."""
    grant(cast.expert_user, Role.DEPUTY, cast.unit)
    held(cast, 7)
    held(cast, 7, 14, expert=cast.second_expert)
    lists = [sent(cast.second_expert), sent(cast.expert)]
    with pytest.raises(Refused) as error:
        approve(lists, by=cast.expert_user, at=CHECKED)
    assert refusal(error) == "Nobody checks their own hour list."
    assert set(HourList.objects.values_list("state", flat=True)) == {"at_unit"}


@pytest.mark.parametrize("who", ["coordinator", "orderer", "other_named", "stranger", "finance", "second_expert_user"])
def test_only_the_named_employee_and_deputy_of_the_unit_approve(cast: Cast, who: str) -> None:
    held(cast, 7)
    list_ = sent(cast.expert)
    with pytest.raises(Refused) as error:
        approve([list_], by=getattr(cast, who), at=CHECKED)
    assert refusal(error) == "The unit's named employee or the deputy checks the list."


def test_a_second_approval_changes_nothing(cast: Cast) -> None:
    """M8, L10: the mixed bulk approves none."""
    held(cast, 7)
    held(cast, 7, 14, expert=cast.second_expert)
    first, second = sent(cast.expert), sent(cast.second_expert)
    approve([first], by=cast.named, at=CHECKED)
    with pytest.raises(Conflict):
        approve([first, second], by=cast.named, at=CHECKED)
    second.refresh_from_db()
    assert second.state == "at_unit"
    assert LogEntry.objects.filter(kind="hourlist.approve").count() == 1


def test_a_row_whose_outcome_was_taken_away_stops_the_approval(cast: Cast) -> None:
    session = held(cast, 7)
    list_ = sent(cast.expert)
    Session.objects.filter(pk=session.pk).update(state=SessionState.AGREED, outcome="", recorded_at=None)
    with pytest.raises(Refused) as error:
        approve([list_], by=cast.named, at=CHECKED)
    assert refusal(error) == "A time on the list has no outcome any more. Return the list to the expert."


def test_an_approval_is_taken_back_until_a_run_takes_the_list(cast: Cast) -> None:
    held(cast, 7)
    list_ = approved(cast.expert, cast.named)
    unapprove(list_, by=cast.deputy, at=CHECKED)
    list_.refresh_from_db()
    assert (list_.state, list_.approved_by, list_.approved_at) == ("at_unit", None, None)
    approve([list_], by=cast.named, at=CHECKED)


def test_a_list_in_payment_is_not_unapproved(cast: Cast) -> None:
    held(cast, 7)
    run = closed(cast.expert, cast.named, cast.coordinator)
    list_ = HourList.objects.get(run=run)
    with pytest.raises(Conflict):
        unapprove(list_, by=cast.named, at=CLOSED)
    paid(run, cast.finance, CLOSED, reason="Asked for")
    list_.refresh_from_db()
    with pytest.raises(Conflict):
        return_list(list_, by=cast.named, at=CLOSED, reason="Too late")
    assert list_.state == "paid"


# --- the board -------------------------------------------------------------------------------------------------------


def test_the_board_says_where_everything_is_and_who_is_waited_for(cast: Cast) -> None:
    held(cast, 7, travel_km=Decimal(10))
    make_agreed_session(at(2026, 10, 20, 10), expert=cast.expert, unit=cast.other_unit)
    make_agreed_session(at(2026, 10, 30, 10), expert=cast.expert, unit=cast.other_unit)
    held(cast, 8, expert=cast.second_expert)
    list_ = sent(cast.second_expert)
    held(cast, 9, expert=cast.second_expert)
    board = month_lists(OCTOBER, at=at(2026, 10, 25))
    assert [
        (line.expert, line.unit_code, line.state, line.rows, line.total, line.unmarked, line.ahead, line.late)
        for line in board
    ] == [
        ("Eva Expert", "Y01", "open", 1, Decimal("55.50"), 0, 0, 0),
        ("Eva Expert", "Y02", "open", 2, Decimal("100.00"), 1, 1, 0),
        ("Otto Other", "Y01", "at_unit", 1, Decimal("50.00"), 0, 0, 1),
    ]
    assert [(line.list_id, line.waits_for) for line in board] == [
        (None, ("Eva Expert",)),
        (None, ("Eva Expert",)),
        (list_.pk, ("Nora Named", "Dan Deputy")),
    ]
    assert [(sum_.state, sum_.lists, sum_.experts, sum_.total) for sum_ in state_sums(board)][:3] == [
        ("open", 2, 1, Decimal("155.50")),
        ("at_unit", 1, 1, Decimal("50.00")),
        ("returned", 0, 0, Decimal("0.00")),
    ]


def test_a_list_taken_back_counts_what_will_go_onto_it(cast: Cast) -> None:
    held(cast, 7)
    take_back(sent(cast.expert), by=cast.expert_user, at=SENT)
    held(cast, 8)
    [line] = month_lists(OCTOBER, at=SENT)
    assert (line.state, line.rows, line.total, line.late) == (ListState.OPEN, 2, Decimal("100.00"), 0)


@pytest.mark.parametrize("experts", [1, 30])
def test_the_board_asks_as_often_for_thirty_as_for_one(cast: Cast, experts: int) -> None:
    for _number in range(experts):
        expert = make_expert()
        held(cast, 7, expert=expert)
        sent(expert)
        held(cast, 8, expert=expert, unit=cast.other_unit)
    with CaptureQueriesContext(connection) as queries:
        board = month_lists(OCTOBER, at=SENT)
    assert (len(board), len(queries)) == (2 * experts, 4)
