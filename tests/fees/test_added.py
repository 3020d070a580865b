"""Rows added afterwards: only against an agreed order, priced like all others, looked at by the unit (R4, R18)."""

from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.models import Session
from fees import actions
from fees.models import AddedRow, HourList, HourRow
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session
from tests.fees.steps import CHECKED, CLOSED, OCTOBER, SENT

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 30, 9)
FIRST, LAST = at(2026, 10, 20, 14), at(2026, 10, 20, 15, 30)


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def group(cast: Cast) -> Session:
    """A group of the expert, with one time held."""
    return make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )


def add(cast: Cast, group: Session, **said: Any) -> AddedRow:
    values: dict[str, Any] = {
        "what": "preparation", "starts_at": FIRST, "ends_at": LAST, "ordered_by": cast.named, "why": "Material",
        "by": cast.expert_user, "at": NOW,
    } | said  # fmt: skip
    return actions.add_row(group.order, values.pop("what"), values.pop("starts_at"), values.pop("ends_at"), **values)


def test_preparation_has_the_fee_of_preparation(cast: Cast, group: Session) -> None:
    session = add(cast, group).session
    assert session.price
    assert (session.outcome, session.state, session.price["code"]) == ("held", "closed", "VALM")
    assert session.fee == Decimal("37.50")  # 1 h 30 min at 25,00
    assert session.travel_fee == Decimal("0.00")
    assert (session.recorded_by, session.order_id) == (cast.expert_user, group.order_id)


def test_one_more_meeting_is_paid_like_the_others(cast: Cast, group: Session) -> None:
    session = add(cast, group, what="meeting", ends_at=at(2026, 10, 20, 15)).session
    assert session.price
    assert group.price
    assert (session.price["code"], session.fee) == (group.price["code"], group.fee)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"why": "  "}, "Say why it was not agreed before", id="no reason"),
        pytest.param({"why": "010190-999Y"}, "personal identity code", id="an identity code"),
        pytest.param({"starts_at": at(2026, 10, 31, 9), "ends_at": at(2026, 10, 31, 10)}, "in the future", id="ahead"),
        pytest.param(
            {"starts_at": at(2026, 10, 7, 10, 30), "ends_at": at(2026, 10, 7, 11, 30)}, "another session", id="twice"
        ),
        pytest.param(
            {"starts_at": at(2025, 12, 1, 10), "ends_at": at(2025, 12, 1, 11)}, "no contract", id="no contract"
        ),
    ],
)
def test_what_cannot_be_added(cast: Cast, group: Session, said: dict[str, Any], why: str) -> None:
    with pytest.raises(Refused, match=why):
        add(cast, group, **said)
    assert (AddedRow.objects.count(), Session.objects.count()) == (0, 1)


def test_who_asked_for_it_is_of_the_unit(cast: Cast, group: Session) -> None:
    with pytest.raises(Refused, match="Choose an employee of the unit"):
        add(cast, group, ordered_by=cast.stranger)


@pytest.mark.parametrize("who", ["second_expert_user", "other_named", "orderer", "finance"])
def test_nobody_else_adds_a_row(cast: Cast, group: Session, who: str) -> None:
    with pytest.raises(Refused, match="This is not your hour list"):
        add(cast, group, by=getattr(cast, who))


@pytest.mark.parametrize("who", ["named", "deputy", "coordinator"])
def test_for_an_expert_without_a_device_both_names_are_kept(cast: Cast, group: Session, who: str) -> None:
    session = add(cast, group, by=getattr(cast, who)).session
    entry = LogEntry.objects.get(kind="session.added", object_id=session.pk)
    assert (entry.actor, entry.on_behalf_of) == (getattr(cast, who), cast.expert_user)


def test_not_while_the_list_is_at_the_unit(cast: Cast, group: Session) -> None:
    """L5: all forms share one rule."""
    actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    with pytest.raises(Conflict, match="take it back first"):
        add(cast, group, at=SENT)


def test_after_the_approval_it_goes_onto_the_next_list(cast: Cast, group: Session) -> None:
    """L1: another way in does not reach the approved list either; R19."""
    list_ = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]
    actions.approve([list_], by=cast.named, at=CHECKED)
    added = add(cast, group, at=CLOSED)
    assert list_.rows.count() == 1
    december = at(2026, 12, 1, 9)
    [late] = actions.send_month(cast.expert, at(2026, 11, 1).date(), by=cast.expert_user, at=december)
    assert [row.session_id for row in late.rows.all()] == [added.session_id]


def test_the_unit_looks_at_it_by_itself(cast: Cast, client_for: SignIn, group: Session) -> None:
    add(cast, group)
    list_ = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]
    shown = text(client_for(cast.named).get(reverse("fees:check")))
    assert "Look at these one by one" in shown
    assert "Added afterwards: preparation. Asked for by Nora Named." in shown
    shown = text(client_for(cast.named).get(reverse("fees:hour_list", args=[list_.pk])))
    assert "Added afterwards: preparation. Asked for by Nora Named." in shown


def test_the_statement_names_who_asked_for_it(cast: Cast, group: Session) -> None:
    add(cast, group)
    list_ = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]
    actions.approve([list_], by=cast.named, at=CHECKED)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    names = dict(run.lines.values_list("fee_code", "orderer_name"))
    assert names == {"RYH": "Anna Orderer", "VALM": "Nora Named"}


def test_a_row_is_removed_until_it_is_sent(cast: Cast, group: Session) -> None:
    added = add(cast, group)
    actions.remove_row(added, by=cast.expert_user, at=NOW)
    assert (AddedRow.objects.count(), list(Session.objects.all())) == (0, [group])
    added = add(cast, group)
    list_ = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]
    with pytest.raises(Conflict, match="take it back first"):
        actions.remove_row(added, by=cast.expert_user, at=SENT)
    actions.take_back(list_, by=cast.expert_user, at=SENT)
    actions.remove_row(added, by=cast.expert_user, at=SENT)
    assert HourRow.objects.get().session_id == group.pk


def test_an_approved_row_stays(cast: Cast, group: Session) -> None:
    """L1, L4."""
    added = add(cast, group)
    list_ = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)[0]
    actions.approve([list_], by=cast.named, at=CHECKED)
    with pytest.raises(Refused):
        actions.remove_row(added, by=cast.expert_user, at=CLOSED)
    assert AddedRow.objects.count() == 1


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_expert_adds_and_removes_on_the_page(cast: Cast, client_for: SignIn, clock: Clock, group: Session) -> None:
    """D13: 9, 9.00, 0900 are times everywhere."""
    clock(NOW)
    client = client_for(cast.expert_user)
    month = reverse("fees:my_month_of", args=["2026-10"])
    url = reverse("fees:row_add", args=["2026-10"])
    assert url in text(client.get(month))
    said = {
        "order": group.order_id, "what": "preparation", "day": "20.10.2026", "starts": "14", "ends": "1530",
        "ordered_by": cast.named.pk, "why": "",
    }  # fmt: skip
    answer = client.post(url, said)
    assert answer.status_code == 422
    assert 'value="1530"' in text(answer)
    answer = client.post(url, said | {"why": "Material"}, follow=True)
    shown = text(answer)
    assert "The row was added. The unit looks at it by itself." in shown
    assert "Added afterwards: preparation. Asked for by Nora Named." in shown
    added = AddedRow.objects.get()
    assert (added.session.starts_at, added.session.ends_at) == (FIRST, LAST)
    answer = client.post(reverse("fees:row_remove", args=[added.session_id]), follow=True)
    assert "The row was removed." in text(answer)
    assert HourList.objects.count() == 0


def test_without_an_order_nothing_can_be_added(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    shown = text(client_for(cast.expert_user).get(reverse("fees:row_add", args=["2026-10"])))
    assert "Ask the unit to order the work." in shown


def test_another_experts_order_is_not_there(cast: Cast, client_for: SignIn, clock: Clock, group: Session) -> None:
    """P6."""
    clock(NOW)
    said = {
        "order": group.order_id, "what": "meeting", "day": "20.10.2026", "starts": "14", "ends": "15",
        "ordered_by": cast.named.pk, "why": "Why",
    }  # fmt: skip
    answer = client_for(cast.second_expert_user).post(reverse("fees:row_add", args=["2026-10"]), said)
    assert (answer.status_code, AddedRow.objects.count()) == (404, 0)
