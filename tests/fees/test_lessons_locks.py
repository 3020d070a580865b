"""Every door to an approved, a paid and another month: what is locked stays as it is (L1, L2, L3, L7, L8, L10)."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assignments import actions as work
from assignments.actions.decided import decide_fee
from assignments.actions.repriced import take_new_price
from assignments.actions.series import Scope, change_place
from assignments.models import Order, Session
from assignments.rules import Event
from assignments.states import SessionState
from fees import actions
from fees.models import AddedRow, BesideLine, HourList, HourRow, Receipt, RowDraft
from office.choices import Role
from office.errors import Conflict, Refused, RuleError
from office.kinds import TaskType
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_closed_session
from tests.factories.fees import PDF, by_ticket
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, SENT, approved, sent

SignIn = Callable[[User], Client]


@pytest.fixture
def session(cast: Cast) -> Session:
    made = make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    return by_ticket(made)


def everything(month: date = OCTOBER) -> dict[str, list[Any]]:
    """All that is stored of the month and could be changed by a back door."""
    sessions = Session.objects.filter(hour_row__hour_list__month=month)
    lists = HourList.objects.filter(month=month)
    parts: dict[str, Any] = {
        "sessions": sessions,
        "lists": lists,
        "rows": HourRow.objects.filter(hour_list__in=lists),
        "beside": BesideLine.objects.filter(hour_list__in=lists),
        "receipts": Receipt.objects.filter(session__in=sessions).defer("content"),
        "added": AddedRow.objects.filter(session__in=sessions),
    }
    return {name: list(found.order_by("pk").values()) for name, found in parts.items()}


Door = Callable[[Cast, Session, Any], Any]


def _page(name: str, **said: Any) -> Door:
    def post(cast: Cast, session: Session, client_for: SignIn) -> None:
        url = {
            "month": reverse("fees:my_month_of", args=["2026-10"]),
            "costs": reverse("fees:costs", args=[session.pk]),
            "draft": reverse("fees:row_draft", args=[session.pk]),
            "remove": reverse("fees:row_remove", args=[session.pk]),
            "take_back": reverse("fees:take_back", args=[HourList.objects.get().pk]),
        }[name]
        fields = {key.replace("PK", str(session.pk)): value for key, value in said.items()}
        client_for(cast.expert_user).post(url, fields)

    return post


#: Each way in which the program writes what a list holds, as the person who could do it before the approval.
DOORS: dict[str, Door] = {
    "outcome": lambda cast, session, _c: work.record_outcome(session, Event.NO_SHOW, by=cast.orderer, at=CHECKED),
    "cancel": lambda cast, session, _c: work.record_outcome(
        session, Event.ORDERER_CANCELLED, by=cast.orderer, at=CHECKED
    ),
    "undo": lambda cast, session, _c: work.undo_outcome(session, by=cast.coordinator, at=CHECKED),
    "other times": lambda cast, session, _c: work.record_outcome(
        session,
        Event.HELD,
        by=cast.expert_user,
        at=CHECKED,
        done=(session.starts_at, session.ends_at + timedelta(hours=1)),
        change_reason="Longer",
    ),
    "move": lambda cast, session, _c: work.propose_move(
        session, at(2026, 12, 2, 10), at(2026, 12, 2, 11), by=cast.orderer, at=CHECKED
    ),
    "place of the series": lambda cast, session, _c: change_place(
        session, Scope.ONE, "Elsewhere", seen=1, by=cast.orderer, at=CHECKED
    ),
    "decided fee": lambda cast, session, _c: decide_fee(session, Decimal(99), "More", by=cast.coordinator, at=CHECKED),
    "new table": lambda cast, session, _c: take_new_price(session, by=cast.coordinator, at=CHECKED),
    "costs": lambda cast, session, _c: work.tell_costs(session, Decimal(5), by=cast.expert_user, at=CHECKED),
    "receipt": lambda cast, session, _c: actions.add_receipt(session, PDF, by=cast.expert_user, at=CHECKED),
    "send again": lambda cast, _s, _c: actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED),
    "take back": lambda cast, _s, _c: actions.take_back(HourList.objects.get(), by=cast.expert_user, at=CHECKED),
    "return": lambda cast, _s, _c: actions.return_list(HourList.objects.get(), by=cast.named, at=CHECKED, reason="x"),
    "approve again": lambda cast, _s, _c: actions.approve([HourList.objects.get()], by=cast.deputy, at=CHECKED),
    "order": lambda cast, session, _c: work.cancel_order(session.order, by=cast.coordinator, at=CHECKED),
    "delete the time": lambda _k, session, _c: session.delete(),
    "delete the order": lambda _k, session, _c: session.order.delete(),
    "delete the expert": lambda cast, _s, _c: cast.expert.delete(),
    "delete the list": lambda _k, _s, _c: HourList.objects.get().delete(),
    "to another expert": lambda cast, session, _c: Session.objects.filter(pk=session.pk).update(
        expert=cast.second_expert
    ),
    "to another unit": lambda cast, _s, _c: HourList.objects.update(unit=cast.other_unit),
    "rows to another list": lambda cast, _s, _c: HourRow.objects.update(
        hour_list=HourList.objects.create(expert=cast.expert, unit=cast.unit, month=NOVEMBER)
    ),
    "page: the month": _page("month", **{"sPK-choice": "not", "sPK-event": "no_show", "act": "save"}),
    "page: send": _page("month", act="send"),
    "page: costs": _page("costs", receipts="5,00"),
    "page: remove": _page("remove"),
    "page: take back": _page("take_back"),
}


@pytest.mark.parametrize("door", DOORS)
def test_l1_no_door_leads_into_an_approved_month(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, door: str
) -> None:
    """L1: pages, actions, deleting, other owners: the approved month is what it was, to the last column."""
    approved(cast.expert, cast.named)
    clock(CHECKED)
    before = everything()
    assert before["rows"]
    try:
        with transaction.atomic():
            DOORS[door](cast, Session.objects.select_related("order", "expert__user", "unit").get(), client_for)
    except (RuleError, IntegrityError):  # ProtectedError is an IntegrityError too
        pass
    assert everything() == before


@pytest.mark.parametrize(
    "door",
    [
        "undo",
        "decided fee",
        "costs",
        "receipt",
        "take back",
        "return",
        "approve again",
        "page: costs",
    ],
)
def test_l1_these_doors_stand_open_before_the_approval(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, door: str
) -> None:
    """That the lists above are not only called wrongly: the same calls change the month while it is at the unit."""
    sent(cast.expert)
    clock(CHECKED)
    before = everything()
    DOORS[door](cast, Session.objects.select_related("order", "expert__user", "unit").get(), client_for)
    assert everything() != before


def test_l2_a_changed_assignment_leaves_the_line_and_raises_a_correction(cast: Cast, session: Session) -> None:
    """L2: the time on an approved list is not changed by the work behind it; the difference is asked for and paid."""
    approved(cast.expert, cast.named)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    line = run.lines.get(kind="fee")
    with pytest.raises(RuleError):
        work.undo_outcome(session, by=cast.coordinator, at=CLOSED)
    asked = actions.ask_correction(session, "It was an hour longer", by=cast.expert_user, at=CLOSED)
    actions.accept_request(asked, by=cast.named, at=CLOSED, line=line, amount=Decimal(25))
    later = actions.make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10, 9), documents=False)
    [correction] = later.lines.all()
    assert (correction.corrects, correction.amount, correction.expert, correction.unit) == (
        line,
        Decimal("25.00"),
        cast.expert,
        cast.unit,
    )
    line.refresh_from_db()
    assert line.amount == session.fee


def test_l3_what_is_done_in_one_month_leaves_every_other_one_alone(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    """L3: open, mark, add, send, take back and send November; October and September stay as they are."""
    for month in (9, 11):
        make_closed_session(
            at(2026, month, 9, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
        )
    to_mark = make_agreed_session(
        at(2026, 11, 10, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    sent(cast.expert, date(2026, 9, 1))
    approved(cast.expert, cast.named)
    others = [everything(OCTOBER), everything(date(2026, 9, 1))]
    clock(at(2026, 12, 1, 9))
    client = client_for(cast.expert_user)
    url = reverse("fees:my_month_of", args=["2026-11"])
    client.get(url)
    assert client.post(url, {f"s{to_mark.pk}-choice": "agreed", "act": "save"}).status_code == 302
    assert client.post(url, {"act": "send"}).status_code == 302
    assert [everything(OCTOBER), everything(date(2026, 9, 1))] == others
    client.post(reverse("fees:take_back", args=[HourList.objects.get(month=NOVEMBER).pk]))
    client.post(url, {"act": "send"})
    assert [everything(OCTOBER), everything(date(2026, 9, 1))] == others
    assert HourList.objects.get(month=NOVEMBER).rows.count() == 2


@pytest.fixture
def walk(cast: Cast, session: Session) -> Iterator[HourList]:
    list_ = sent(cast.expert)
    yield list_
    list_.refresh_from_db()
    assert list_.state == "approved"


def test_l7_out_of_every_state_there_is_a_way_to_the_approval(cast: Cast, session: Session, walk: HourList) -> None:
    """L7: taken back, returned, unapproved, mended by a request: each can be sent and approved again."""
    actions.take_back(walk, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    actions.return_list(list_, by=cast.deputy, at=CHECKED, reason="The place is missing")
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED)
    actions.approve([list_], by=cast.named, at=CHECKED)
    list_.refresh_from_db()
    actions.unapprove(list_, by=cast.deputy, at=CHECKED)
    actions.approve([list_], by=cast.named, at=CHECKED)
    asked = actions.ask_correction(session, "It ended at 12", by=cast.expert_user, at=CHECKED)
    actions.accept_request(asked, by=cast.coordinator, at=CHECKED, answer="The unit is closed this week")
    make_closed_session(
        at(2026, 10, 9, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED)
    assert list_.rows.count() == 2
    actions.approve([list_], by=cast.named, at=CHECKED)


def test_l8_of_steps_in_the_same_moment_the_last_one_counts(cast: Cast, client_for: SignIn, session: Session) -> None:
    """L8: state and history follow the order of the steps, not the clock."""
    list_ = sent(cast.expert, moment=CHECKED)
    actions.approve([list_], by=cast.named, at=CHECKED)
    list_.refresh_from_db()
    actions.unapprove(list_, by=cast.named, at=CHECKED)
    actions.return_list(list_, by=cast.named, at=CHECKED, reason="Once more")
    list_.refresh_from_db()
    kinds = [entry.kind for entry in LogEntry.objects.of(list_).order_by("pk")]
    assert kinds == ["hourlist.send", "hourlist.approve", "hourlist.unapprove", "hourlist.return"]
    page = client_for(cast.named).get(reverse("fees:hour_list", args=[list_.pk])).content.decode()
    told = page[page.rindex("<h2") :]
    assert [told.index(word) for word in ("Returned", "Approval taken back", "Approved", "Sent")] == sorted(
        told.index(word) for word in ("Returned", "Approval taken back", "Approved", "Sent")
    )
    assert list_.state == "returned"


def test_l9_in_every_part_nobody_approves_the_own_list(cast: Cast, session: Session) -> None:
    """L9: the expert who is named employee, deputy or coordinator as well; the database keeps the sender away too."""
    list_ = sent(cast.expert)
    for role, unit in ((Role.DEPUTY, cast.unit), (Role.COORDINATOR, None)):
        grant(cast.expert_user, role, unit)
        own = User.objects.get(pk=cast.expert_user.pk)
        with pytest.raises(Refused, match="their own"):
            actions.approve([list_], by=own, at=CHECKED)
    with pytest.raises(Refused):
        actions.approve([list_], by=cast.coordinator, at=CHECKED)
    with pytest.raises(IntegrityError, match="nobody_approves_what_they_sent"), transaction.atomic():
        HourList.objects.filter(pk=list_.pk).update(state="approved", approved_at=CHECKED, approved_by=list_.sent_by_id)


def test_l10_a_bulk_approval_of_mixed_states_approves_none_and_undoes_no_return(cast: Cast, session: Session) -> None:
    """L10: one of three was returned meanwhile: it stays returned, and the two others wait."""
    make_closed_session(at(2026, 10, 8, 10), expert=cast.second_expert, unit=cast.unit, kind=TaskType.GROUP)
    returned, waits = sent(cast.expert), sent(cast.second_expert)
    actions.return_list(returned, by=cast.named, at=CHECKED, reason="A receipt is missing")
    with pytest.raises(Conflict):
        actions.approve([returned, waits], by=cast.deputy, at=CHECKED)
    states = dict(HourList.objects.values_list("pk", "state"))
    assert states == {returned.pk: "returned", waits.pk: "at_unit"}


def test_no_draft_of_an_approved_time_counts(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    """L1: what was typed in an old window after the approval is never taken."""
    approved(cast.expert, cast.named)
    clock(CHECKED)
    before = everything()
    client_for(cast.expert_user).post(
        reverse("fees:row_draft", args=[session.pk]), {f"s{session.pk}-choice": "not", f"s{session.pk}-seen": "0/0"}
    )
    assert everything() == before
    assert RowDraft.objects.count() <= 1
    assert Order.objects.get().state == "agreed"
    assert Session.objects.get().state == SessionState.CLOSED
