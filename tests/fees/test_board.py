"""The board of the month: dates, who is waited for, late lists, its file; the check that nobody holds up (R19, R23)."""

import csv
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from fees import actions
from fees.board import month_lists
from fees.models import HourList
from office.choices import Role
from office.kinds import TaskType
from office.models import OutboxMessage, RoleGrant, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_closed_session, make_expert
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, SENT, sent
from tests.fees.test_views import text

SignIn = Callable[[User], Client]
BOARD = "2026-10"


def work(cast: Cast, **said: Any) -> None:
    values: dict[str, Any] = {
        "expert": cast.expert,
        "unit": cast.unit,
        "orderer": cast.orderer,
        "kind": TaskType.GROUP,
    }
    make_closed_session(said.pop("starts", at(2026, 10, 7, 10)), **(values | said))


def waits(cast: Cast) -> tuple[str, ...]:
    [line] = month_lists(OCTOBER, at=CHECKED)
    return line.waits_for


def test_who_is_waited_for_may_approve_it(cast: Cast) -> None:
    """L9: neither the expert who is the deputy, nor who has sent the list for the expert."""
    work(cast)
    sent(cast.expert)
    assert waits(cast) == ("Nora Named", "Dan Deputy")
    RoleGrant.objects.filter(user=cast.deputy).update(valid_to=at(2026, 11, 1))
    grant(cast.expert_user, Role.DEPUTY, cast.unit)
    assert waits(cast) == ("Nora Named",)
    HourList.objects.update(sent_by=cast.named)
    assert waits(cast) == ()


def test_l7_a_list_that_nobody_may_check_shows_the_way_out(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """L7: the named employee alone has sent it for the expert: the board asks for a deputy, who then approves."""
    work(cast)
    RoleGrant.objects.filter(user=cast.deputy).update(valid_to=at(2026, 11, 1))
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.named, at=SENT)
    clock(CHECKED)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=[BOARD])
    assert "Nobody of the unit may check it." in text(client.get(board))
    assert reverse("office:unit", args=[cast.unit.pk]) in text(client.get(board))
    assert actions.remind(OCTOBER, by=cast.coordinator, at=CHECKED) == (0, 0)
    grant(cast.orderer, Role.DEPUTY, cast.unit)
    assert "Nobody of the unit" not in text(client.get(board))
    deputy = User.objects.get(pk=cast.orderer.pk)
    assert actions.approve([list_], by=deputy, at=CHECKED) == 1


def test_what_i_sent_for_an_expert_holds_up_no_other_list(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """R19, R23: the bulk approval leaves out the list that the same person has sent, and says whose turn it is."""
    work(cast)
    work(cast, expert=cast.second_expert, starts=at(2026, 10, 8, 10))
    [by_me] = actions.send_month(cast.second_expert, OCTOBER, by=cast.named, at=SENT)
    own = sent(cast.expert)
    clock(CHECKED)
    client = client_for(cast.named)
    page = text(client.get(reverse("fees:check")))
    assert "1 list, €25.00" in page
    assert "Sent by you for the expert" in page
    client.post(reverse("fees:approve"), {"list": own.pk, "rows": 1, "total": "25.00"})
    states = dict(HourList.objects.values_list("pk", "state"))
    assert states == {own.pk: "approved", by_me.pk: "at_unit"}
    assert "1 hour list of October" not in text(client.get(reverse("home")))
    deputy = text(client_for(cast.deputy).get(reverse("fees:check")))
    assert "1 list, €25.00" in deputy
    assert "Take the approval back" in deputy  # also what a colleague has approved


@pytest.mark.parametrize(
    ("month", "said"),
    [
        ("2026-10", ["Mon 9 Nov 2026", "Mon 30 Nov 2026", "Mon 7 Dec 2026"]),
        ("2026-12", ["Sat 9 Jan 2027", "Fri 29 Jan 2027", "Wed 3 Feb 2027"]),
        ("2026-02", ["Mon 9 Mar 2026", "Tue 31 Mar 2026", "Tue 7 Apr 2026"]),
    ],
)
def test_the_due_day_the_pay_day_and_the_reporting_day(
    cast: Cast, client_for: SignIn, clock: Clock, month: str, said: list[str]
) -> None:
    """R19: the 9th stays the 9th. R20: the last banking day. Five days to report, moved to a working day."""
    clock(at(2026, 11, 9, 23, 59))
    page = text(client_for(cast.coordinator).get(reverse("fees:board_of", args=[month])))
    for day in said:
        assert day in page


def test_the_due_day_has_passed_after_its_last_minute_in_helsinki(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    work(cast)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=[BOARD])
    clock(at(2026, 11, 9, 23, 59))
    assert "Passed" not in text(client.get(board))
    clock(at(2026, 11, 10, 0, 0))
    assert "Passed" in text(client.get(board))


def test_a_late_list_is_marked_until_it_is_paid(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """R19: on its own board, on the next month's, in the preview, on the run and among its lines."""
    work(cast)
    work(cast, starts=at(2026, 11, 4, 10))
    clock(at(2026, 11, 12, 9))
    client = client_for(cast.coordinator)
    late = sent(cast.expert, moment=at(2026, 11, 12, 9))
    row = text(client.get(reverse("fees:board_of", args=[BOARD])))
    assert "Late" in row
    clock(at(2026, 12, 1, 9))
    november = text(client.get(reverse("fees:board_of", args=["2026-11"])))
    assert "Late lists of earlier months" in november
    assert reverse("fees:board_of", args=[BOARD]) in november
    actions.send_month(cast.expert, NOVEMBER, by=cast.expert_user, at=at(2026, 12, 1, 9))
    actions.approve(HourList.objects.all(), by=cast.named, at=at(2026, 12, 2, 9))
    clock(at(2026, 12, 10, 9))
    preview = text(client.get(reverse("fees:close", args=["2026-11"])))
    assert "1 list of an earlier month came late and is paid now." in preview
    assert f"Eva Expert, {cast.unit.code}, October 2026" in preview
    run = actions.make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10, 9), documents=False)
    late.refresh_from_db()
    assert late.run == run
    assert "1 list of an earlier month came late and is paid here." in text(
        client.get(reverse("fees:run", args=[run.pk]))
    )
    lines = text(client.get(reverse("fees:run_lines", args=[run.pk])))
    assert lines.count("Late list") == 1


def test_the_board_in_order_filtered_and_as_a_file(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """P3: the file holds what is seen; P12: a name is no formula."""
    work(cast, travel_km=Decimal(10))
    work(cast, expert=cast.second_expert, starts=at(2026, 10, 8, 10), unit=cast.other_unit)
    cast.second_expert.last_name = "=Zed"
    cast.second_expert.save()
    sent(cast.expert)
    clock(CLOSED)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=[BOARD])
    by_name, by_sum = text(client.get(board)), text(client.get(board, {"sort": "sum"}))
    assert (by_name.index("=Zed") < by_name.index("Eva Expert")) != (by_sum.index("=Zed") < by_sum.index("Eva Expert"))
    assert "=Zed" not in text(client.get(board, {"state": "at_unit"}))
    assert "=Zed" in text(client.get(board, {"state": "rubbish", "sort": "rubbish", "page": "rubbish"}))
    made = client.get(reverse("fees:board_file", args=[BOARD, "csv"]), {"state": "at_unit"})
    rows = list(csv.reader(io.StringIO(made.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows] == ["Expert", "Eva Expert"]
    assert rows[1][3:7] == ["At the unit", "Nora Named, Dan Deputy", "2.11.2026", ""]
    assert rows[1][7:9] == ["1", "25,00"]
    made = client.get(reverse("fees:board_file", args=[BOARD, "xlsx"]))
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert sheet is not None
    assert [cell.data_type for cell in sheet["A"]] == ["s", "s", "s"]
    assert client.get(reverse("fees:board_file", args=[BOARD, "pdf"])).status_code == 404
    assert client_for(cast.named).get(reverse("fees:board_file", args=[BOARD, "csv"])).status_code == 403


def test_the_row_says_when_it_was_reminded_and_whom_a_reminder_cannot_reach(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    work(cast)
    sent(cast.expert)
    without = make_expert(user=None)
    work(cast, expert=without, starts=at(2026, 10, 9, 10))
    clock(CLOSED)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=[BOARD])
    page = text(client.get(board))
    assert "No account: write for the expert" in page
    assert "reminded" not in page
    client.post(reverse("fees:remind", args=[BOARD]))
    assert "reminded Tue 10 Nov at 9:00" in text(client.get(board))


def test_who_has_done_the_part_is_not_reminded(cast: Cast) -> None:
    """N1: one expert has sent, one unit has approved; only those whose turn it is hear of it."""
    work(cast)
    work(cast, expert=cast.second_expert, starts=at(2026, 10, 8, 10))
    actions.approve([sent(cast.expert)], by=cast.named, at=CHECKED)
    OutboxMessage.objects.all().delete()
    assert actions.remind(OCTOBER, by=cast.coordinator, at=CLOSED) == (1, 0)
    assert OutboxMessage.objects.get().recipient == cast.second_expert_user
