"""Hours of an expert without a device: written by another, both names kept, never approved by the same person (R23)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assignments import actions as work
from assignments.models import Session
from assignments.rules import Event
from fees import actions
from fees.models import HourList
from fees.month import year_of
from office.errors import Refused
from office.kinds import TaskType
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_closed_session
from tests.fees.steps import CHECKED, CLOSED, OCTOBER, SENT, approved, paid

SignIn = Callable[[User], Client]
MONTH = "2026-10"


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def here(cast: Cast) -> Session:
    return make_agreed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )


@pytest.fixture
def elsewhere(cast: Cast) -> Session:
    return make_agreed_session(
        at(2026, 10, 8, 10), expert=cast.expert, unit=cast.other_unit, orderer=cast.stranger, kind=TaskType.GROUP
    )


def test_the_named_employee_writes_the_own_units_rows_only(
    cast: Cast, client_for: SignIn, clock: Clock, here: Session, elsewhere: Session
) -> None:
    """R8 of the lessons, P1: for the expert who works, and nothing of another unit."""
    clock(SENT)
    client = client_for(cast.named)
    url = reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])
    shown = text(client.get(url))
    assert f"time-{here.pk}" in shown
    assert f"time-{elsewhere.pk}" not in shown
    assert "before tax" not in shown  # the year's fees are the expert's and the coordinator's
    said = {f"s{one.pk}-choice": "agreed" for one in (here, elsewhere)}
    answer = client.post(url, said | {"act": "send"})
    assert answer.status_code == 302, text(answer)
    here.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (here.outcome, elsewhere.outcome) == ("held", "")
    list_ = HourList.objects.get()
    assert (list_.unit, list_.sent_by) == (cast.unit, cast.named)
    entry = LogEntry.objects.get(kind="hourlist.send")
    assert (entry.actor, entry.on_behalf_of) == (cast.named, cast.expert_user)
    assert "Sent by Nora Named for Eva Expert." in text(client.get(url))


def test_who_sent_it_does_not_approve_it(cast: Cast, client_for: SignIn, clock: Clock, here: Session) -> None:
    """L9, R23, four eyes: the deputy approves what the named employee has written, and the database holds it."""
    work.record_outcome(here, Event.HELD, by=cast.named, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.named, at=SENT)
    with pytest.raises(Refused, match="You have sent this list for the expert"):
        actions.approve([list_], by=cast.named, at=CHECKED)
    with pytest.raises(IntegrityError, match="nobody_approves_what_they_sent"), transaction.atomic():
        HourList.objects.filter(pk=list_.pk).update(state="approved", approved_at=CHECKED, approved_by=cast.named)
    shown = text(client_for(cast.named).get(reverse("fees:hour_list", args=[list_.pk])))
    assert "Somebody else of the unit approves it" in shown
    actions.approve([list_], by=cast.deputy, at=CHECKED)
    list_.refresh_from_db()
    assert (list_.state, list_.sent_by, list_.approved_by) == ("approved", cast.named, cast.deputy)


def test_what_the_coordinator_sent_the_named_employee_approves(cast: Cast, here: Session) -> None:
    work.record_outcome(here, Event.HELD, by=cast.coordinator, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.coordinator, at=SENT)
    actions.approve([list_], by=cast.named, at=CHECKED)
    list_.refresh_from_db()
    assert list_.approved_by == cast.named


def test_what_the_expert_sent_is_returned_not_taken_back(cast: Cast, here: Session) -> None:
    work.record_outcome(here, Event.HELD, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    with pytest.raises(Refused, match="Return the list to the expert"):
        actions.take_back(list_, by=cast.named, at=CHECKED)


@pytest.mark.parametrize("who", ["orderer", "finance", "other_named", "second_expert_user"])
def test_nobody_else_sends_for_the_expert(cast: Cast, here: Session, who: str) -> None:
    work.record_outcome(here, Event.HELD, by=cast.expert_user, at=SENT)
    with pytest.raises(Refused):
        actions.send_month(cast.expert, OCTOBER, by=getattr(cast, who), at=SENT)
    assert HourList.objects.count() == 0


# --- what the unit changed stands beside what was told ---------------------------------------------------------------


def test_what_the_unit_changed_stands_beside_what_was_sent(
    cast: Cast, client_for: SignIn, clock: Clock, here: Session
) -> None:
    work.record_outcome(here, Event.HELD, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    later = SENT + timedelta(hours=1)
    again = work.undo_outcome(here, by=cast.named, at=later)
    done = (here.starts_at, here.starts_at + timedelta(minutes=90))
    work.record_outcome(again, Event.HELD, by=cast.named, at=later, done=done, change_reason="Half an hour more")
    clock(CHECKED)
    for url in (reverse("fees:check"), reverse("fees:hour_list", args=[list_.pk])):
        shown = text(client_for(cast.named).get(url))
        assert "10:00–11:00, €25.00</del>" in shown
        assert "Half an hour more" in shown
    own = text(client_for(cast.expert_user).get(reverse("fees:my_month_of", args=["2026-10"])))
    assert "The list said: <del>" in own
    assert "Marked by Nora Named" in own


# --- late, and the year ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "marks"),
    [(at(2026, 11, 9, 23, 59), 0), (at(2026, 11, 10, 0, 1), 1)],
    ids=["on the 9th", "after it"],
)
def test_a_late_list_is_marked_on_its_own_pages(
    cast: Cast, client_for: SignIn, clock: Clock, here: Session, moment: Any, marks: int
) -> None:
    """R19; L6: the day is Helsinki's."""
    work.record_outcome(here, Event.HELD, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=moment)
    clock(at(2026, 11, 11, 9))
    pages = (
        (cast.expert_user, reverse("fees:my_month_of", args=[MONTH])),
        (cast.named, reverse("fees:hour_list", args=[list_.pk])),
    )
    for who, url in pages:
        assert text(client_for(who).get(url)).count("It comes into the next payment that is made.") == marks


def test_the_year_is_counted_by_the_day_of_payment(cast: Cast) -> None:
    common: dict[str, Any] = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer, "kind": TaskType.GROUP}
    make_closed_session(at(2026, 10, 7, 10), **common, travel_km=Decimal(10))
    make_closed_session(at(2026, 11, 4, 10), **common)
    make_agreed_session(at(2026, 11, 25, 10), **common)
    make_agreed_session(at(2026, 12, 2, 10), **common)  # paid in January
    year = year_of(cast.expert, 2026)
    assert (year.paid, year.in_payment, year.coming) == (Decimal(0), Decimal(0), Decimal("75.00"))
    approved(cast.expert, cast.named)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    year = year_of(cast.expert, 2026)
    assert (year.paid, year.in_payment, year.coming) == (Decimal(0), Decimal("25.00"), Decimal("50.00"))
    paid(run, cast.finance, at(2026, 11, 30, 9))
    year = year_of(cast.expert, 2026)
    assert (year.paid, year.in_payment, year.coming, year.fees) == (
        Decimal("25.00"), Decimal(0), Decimal("50.00"), Decimal("75.00"),
    )  # fmt: skip
    assert year.paid_travel == run.travel > 0


def test_a_correction_that_waits_is_counted_as_coming(cast: Cast) -> None:
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    approved(cast.expert, cast.named)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    actions.correct(run.lines.get(), Decimal("-5.00"), by=cast.coordinator, at=CLOSED, reason="Too long")
    assert year_of(cast.expert, 2026).coming == Decimal("-5.00")


# --- who reminded ----------------------------------------------------------------------------------------------------


def test_who_reminded_is_in_the_history(cast: Cast, here: Session) -> None:
    actions.remind(OCTOBER, by=cast.coordinator, at=SENT)
    entry = LogEntry.objects.get(kind="expert.remind_hours")
    assert (entry.actor, entry.object_id, entry.facts) == (cast.coordinator, cast.expert.pk, {"month": MONTH})
    work.record_outcome(here, Event.HELD, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    actions.remind(OCTOBER, by=cast.coordinator, at=CHECKED)
    actions.remind(OCTOBER, by=cast.coordinator, at=CHECKED)  # once a day: no second row
    entry = LogEntry.objects.get(kind="hourlist.remind")
    assert (entry.actor, entry.object_id) == (cast.coordinator, list_.pk)
