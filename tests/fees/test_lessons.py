"""Faults that others have made, with the tests that would catch them here (L5–L7, L11, M7, M10, M11, D13, D14)."""

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.test import Client
from django.urls import reverse
from page import ValidationProfile

from assignments import actions as work
from assignments.models import Session
from assignments.rules import Event
from fees import actions, paper
from fees.models import HourList, PaymentRun
from office.choices import Role
from office.errors import Refused
from office.kinds import TaskType
from office.models import LogEntry, OutboxMessage, RoleGrant, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_closed_session
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, OCTOBER, SENT, approved
from tests.papers import faults

SignIn = Callable[[User], Client]
MONTH = "2026-10"


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


def group(cast: Cast, start: Any, minutes: int = 60, **fields: Any) -> Session:
    common: dict[str, Any] = {"expert": cast.expert, "unit": cast.unit, "orderer": cast.orderer, "kind": TaskType.GROUP}
    return make_agreed_session(start, start + timedelta(minutes=minutes), **common | fields)


def mark(client: Client, session: Session, **said: str) -> Any:
    values = {f"s{session.pk}-{name}": value for name, value in said.items()}
    month = f"{session.starts_at.astimezone():%Y-%m}"
    return client.post(reverse("fees:my_month_of", args=[month]), values | {"act": "save"})


# --- borders of months -----------------------------------------------------------------------------------------------


def test_l5_a_month_that_ends_inside_a_week_locks_its_own_days_only(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    """L5: Saturday the 31st is approved, Sunday the 1st of the same week is still to be marked."""
    october, november = group(cast, at(2026, 10, 31, 10)), group(cast, at(2026, 11, 1, 10))
    work.record_outcome(october, Event.HELD, by=cast.expert_user, at=SENT)
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    actions.approve([list_], by=cast.named, at=CHECKED)
    clock(CHECKED)
    client = client_for(cast.expert_user)
    assert mark(client, november, choice="agreed").status_code == 302
    november.refresh_from_db()
    assert november.outcome == "held"
    with pytest.raises(Refused):
        work.undo_outcome(october, by=cast.named, at=CHECKED)


@pytest.mark.parametrize(
    ("start", "month"),
    [
        pytest.param(at(2026, 10, 31, 23, 30), "2026-10", id="half an hour before the month ends, winter"),
        pytest.param(at(2026, 11, 1, 0, 0), "2026-11", id="as it begins, winter"),
        pytest.param(at(2026, 6, 30, 23, 30), "2026-06", id="half an hour before the month ends, summer"),
        pytest.param(at(2026, 7, 1, 0, 30), "2026-07", id="half an hour after it begins, summer"),
    ],
)
def test_l6_the_month_is_the_one_in_helsinki(
    cast: Cast, client_for: SignIn, clock: Clock, start: Any, month: str
) -> None:
    """L6: the night of a month's end belongs to the month of the wall clock."""
    session = group(cast, start)
    clock(at(2026, 12, 20, 9))
    shown = text(client_for(cast.expert_user).get(reverse("fees:my_month_of", args=[month])))
    assert f'id="time-{session.pk}"' in shown


# --- exits of states -------------------------------------------------------------------------------------------------


def test_l7_a_returned_list_is_mended_and_sent_again_with_new_rows(cast: Cast) -> None:
    """L7: after a return everything can be sent, also what came in between."""
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    actions.return_list(list_, by=cast.named, at=CHECKED, reason="The 14th is missing")
    late = group(cast, at(2026, 10, 14, 10))
    work.record_outcome(late, Event.HELD, by=cast.expert_user, at=CHECKED)
    [again] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=CHECKED)
    assert (again.pk, again.state, again.rows.count()) == (list_.pk, "at_unit", 2)


def test_l11_a_return_says_why_and_never_that_it_is_approved(cast: Cast) -> None:
    """L11."""
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    with pytest.raises(Refused, match="Write why the list is returned"):
        actions.return_list(list_, by=cast.named, at=CHECKED, reason=" ")
    actions.return_list(list_, by=cast.named, at=CHECKED, reason="The end is wrong")
    mail = OutboxMessage.objects.get(kind="list_returned")
    assert "The end is wrong" in mail.body
    assert "approved" not in (mail.subject + mail.body).casefold()


# --- money -----------------------------------------------------------------------------------------------------------


def test_m7_a_long_group_day_cancelled_late_pays_what_it_would_have_paid_held(cast: Cast) -> None:
    """M7: nothing is taken off by itself; six hours are six hours, held or cancelled late."""
    day = group(cast, at(2026, 10, 7, 9), minutes=360)
    assert day.agreed_fee == Decimal("150.00")
    cancelled = work.record_outcome(day, Event.ORDERER_CANCELLED, by=cast.orderer, at=at(2026, 10, 7, 8))
    assert (cancelled.outcome, cancelled.fee) == ("cancelled_late", day.agreed_fee)


def test_m10_reading_and_printing_change_no_state(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """M10: every page and paper of a list leaves it where it is."""
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    list_ = approved(cast.expert, cast.named)
    clock(CLOSED)
    before = LogEntry.objects.count()
    own = [reverse("fees:my_month_of", args=[MONTH]), reverse("fees:hour_paper", args=[MONTH])]
    unit = [reverse("fees:check"), reverse("fees:hour_list", args=[list_.pk])]
    for who, urls in ((cast.expert_user, own), (cast.named, unit)):
        for url in urls:
            assert client_for(who).get(url).status_code == 200
    list_.refresh_from_db()
    assert (list_.state, list_.run, LogEntry.objects.count(), PaymentRun.objects.count()) == (
        "approved", None, before, 0,
    )  # fmt: skip


def test_m11_a_late_cancellation_is_on_the_list_by_itself(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """M11: nobody has to claim it."""
    session = group(cast, at(2026, 10, 7, 10))
    work.record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=at(2026, 10, 7, 9))
    clock(SENT)
    client = client_for(cast.expert_user)
    url = reverse("fees:my_month_of", args=[MONTH])
    assert "Pays €25.00" in text(client.get(url))
    client.post(url, {"act": "send"})
    assert [row.session_id for row in HourList.objects.get().rows.all()] == [session.pk]


# --- typing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "ends"),
    [
        ("12", (12, 0)), ("12.00", (12, 0)), ("12:00", (12, 0)), ("1200", (12, 0)), ("klo 12", (12, 0)),
        ("11,5", (11, 30)), ("1130", (11, 30)),
    ],
)  # fmt: skip
def test_d13_a_time_is_read_as_people_type_it(
    cast: Cast, client_for: SignIn, clock: Clock, typed: str, ends: tuple[int, int]
) -> None:
    """D13."""
    session = group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    answer = mark(client_for(cast.expert_user), session, choice="changed", starts="10", ends=typed, reason="Longer")
    assert answer.status_code == 302
    session.refresh_from_db()
    assert session.done_ends_at == at(2026, 10, 7, *ends)


@pytest.mark.parametrize("typed", ["24.30", "11.5", "noon", "11.60"])
def test_d13_what_is_not_understood_is_said_never_ignored(
    cast: Cast, client_for: SignIn, clock: Clock, typed: str
) -> None:
    """D13."""
    session = group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    answer = mark(client_for(cast.expert_user), session, choice="changed", starts="10", ends=typed, reason="Longer")
    assert answer.status_code == 422
    assert f'value="{typed}"' in text(answer)
    session.refresh_from_db()
    assert session.outcome == ""


def test_d14_an_evening_group_that_ends_after_midnight(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """D14: 21.30–0.30 are three hours, and the work belongs to the day it began."""
    session = group(cast, at(2026, 10, 31, 21, 30), minutes=120)
    clock(SENT)
    answer = mark(client_for(cast.expert_user), session, choice="changed", starts="21.30", ends="0.30", reason="Longer")
    assert answer.status_code == 302
    session.refresh_from_db()
    assert (session.done_ends_at, session.fee) == (at(2026, 11, 1, 0, 30), Decimal("75.00"))
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    assert list_.month == OCTOBER


def test_d13_24_00_is_midnight_where_something_ends(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """D13: 21.30–24.00 is an evening; as a beginning it is asked back."""
    session = group(cast, at(2026, 10, 30, 21, 30), minutes=120)
    clock(SENT)
    client = client_for(cast.expert_user)
    answer = mark(client, session, choice="changed", starts="24.00", ends="0.30", reason="Longer")
    assert (answer.status_code, "Midnight is 0.00" in text(answer)) == (422, True)
    answer = mark(client, session, choice="changed", starts="21.30", ends="24.00", reason="Longer")
    assert answer.status_code == 302
    session.refresh_from_db()
    assert session.done_ends_at == at(2026, 10, 31, 0)


def test_d14_an_end_before_the_beginning_is_not_a_day(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """D14: 13–12 is a mistake, not 23 hours."""
    session = group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    answer = mark(client_for(cast.expert_user), session, choice="changed", starts="13", ends="12", reason="Wrong")
    assert answer.status_code == 422
    assert "longer than 12 hours" in text(answer)


# --- who approves ----------------------------------------------------------------------------------------------------


# Lesson P16.
def test_the_successor_checks_from_the_same_minute(cast: Cast, clock: Clock) -> None:
    """Hand-over: the list that waits is the successor's, and no more the former named employee's."""
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    [list_] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    RoleGrant.objects.filter(user=cast.named, unit=cast.unit).update(valid_to=CHECKED)
    grant(cast.orderer, Role.UNIT_CONTACT, cast.unit, since=CHECKED)
    clock(CHECKED)
    former, successor = User.objects.get(pk=cast.named.pk), User.objects.get(pk=cast.orderer.pk)
    assert list(HourList.objects.to_check_by(former)) == []
    with pytest.raises(Refused):
        actions.approve([list_], by=former, at=CHECKED)
    assert list(HourList.objects.to_check_by(successor)) == [list_]
    actions.approve([list_], by=successor, at=CHECKED)


def test_one_unit_that_waits_holds_up_no_other(cast: Cast) -> None:
    """R19: each unit approves its own part, and the run takes what is approved."""
    mine: dict[str, Any] = {"expert": cast.expert, "kind": TaskType.GROUP}
    make_closed_session(at(2026, 10, 7, 10), unit=cast.unit, orderer=cast.orderer, **mine)
    make_closed_session(at(2026, 10, 8, 10), unit=cast.other_unit, orderer=cast.stranger, **mine)
    here, there = sorted(
        actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT), key=lambda one: one.unit_id
    )
    actions.approve([here], by=cast.named, at=CHECKED)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    there.refresh_from_db()
    assert (run.total, there.state) == (Decimal("25.00"), "at_unit")
    actions.approve([there], by=cast.other_named, at=CLOSED)
    later = actions.make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10, 9), documents=False)
    assert later.total == Decimal("25.00")


# --- on paper --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "title"),
    [("fi", "Työ- ja tuntilista"), ("sv", "Arbets- och timlista"), ("en", "Work and hour list")],
)
def test_the_list_on_paper_is_tagged_and_in_its_language(
    cast: Cast, client_for: SignIn, clock: Clock, tmp_path: Path, language: str, title: str
) -> None:
    group(cast, at(2026, 10, 7, 10), travel_km=Decimal(12))
    clock(SENT)
    url = reverse("fees:hour_paper_of", args=[cast.expert.pk, MONTH])
    for who in (cast.named, cast.coordinator):
        answer = client_for(who).get(url, {"language": language})
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        with pikepdf.open(io.BytesIO(answer.content)) as paper:
            assert str(paper.Root.Lang) == language
            assert bool(paper.Root.MarkInfo.Marked) is True
            assert title in str(paper.docinfo["/Title"])
        path = tmp_path / "a.pdf"
        path.write_bytes(answer.content)
        for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
            assert faults(path, profile) == []
    assert client_for(cast.other_named).get(url).status_code == 404
    assert client_for(cast.named).get(url, {"language": "de"}).status_code == 404


def test_the_check_page_says_whose_month_is_not_sent(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    shown = text(client_for(cast.named).get(reverse("fees:check")))
    assert "Not sent yet: October 2026" in shown
    assert reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH]) in shown
    assert "Not sent yet" not in text(client_for(cast.other_named).get(reverse("fees:check")))


def test_a_paper_that_came_back_is_found_by_its_number(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """All rows of the month are on the page that the number leads to; foreign and wrong numbers lead nowhere."""
    group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    number = paper.number_of(cast.expert, OCTOBER)
    url = reverse("fees:paper_back")
    page = reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])
    for who in (cast.named, cast.deputy, cast.coordinator):
        for typed in (number, number.replace("-", " / "), f" {number} "):
            assert client_for(who).get(url, {"number": typed})["Location"] == page
    assert client_for(cast.expert_user).get(url, {"number": number}).status_code == 403
    for wrong in ("", "rubbish", "0-2026-10", f"{cast.expert.pk}-2026-13", "99999999999-2026-10", "²-2026-10"):
        shown = text(client_for(cast.named).get(url, {"number": wrong}, follow=True))
        assert "There is no list of this number here." in shown
    assert "no list of this number" in text(client_for(cast.other_named).get(url, {"number": number}, follow=True))
    assert number in text(client_for(cast.named).get(page))


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) reads the paper")
def test_the_paper_carries_its_number(cast: Cast, client_for: SignIn, clock: Clock, tmp_path: Path) -> None:
    group(cast, at(2026, 10, 7, 10))
    clock(SENT)
    answer = client_for(cast.named).get(reverse("fees:hour_paper_of", args=[cast.expert.pk, MONTH]), {"language": "fi"})
    path = tmp_path / "paper.pdf"
    path.write_bytes(answer.content)
    read = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    assert paper.number_of(cast.expert, OCTOBER) in read
