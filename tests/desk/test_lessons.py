"""Faults others have made with data, forms and lists, and the tests that would catch them (D2, D4–D7, D10, D15)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.forms import Form
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assignments import actions as work
from assignments.actions.series import Scope, preview_cancel
from assignments.models import Order, Session
from assignments.rules import Event
from experts.models import Contract, Expert
from fees.models import HourList, HourRow, PaymentRun, RunLine
from office.errors import RuleError
from office.forms import ClockField, DayField, DecimalField, MoneyField, PlainText
from office.kinds import TaskType
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_closed_session
from tests.fees.steps import OCTOBER, closed

SignIn = Callable[[User], Client]
NOW = at(2026, 11, 12, 9)


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).replace("\u00a0", " ").split())


# --- D2: what was typed stays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        (DayField(), "31.2.2026"),
        (DayField(), "next Monday"),
        (ClockField(), "9.75"),
        (ClockField(end=True), "25"),
        (DecimalField(), "12,5,5"),
        (MoneyField(), "twelve"),
        (MoneyField(), "-0,001"),
        (PlainText(), "010190-999Y"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_d2_a_field_shows_what_was_typed_with_its_error(field: Any, typed: str, language: str) -> None:
    """D2: our own fields turn nothing typed into something else, or into nothing, in any language."""
    form = type("OneField", (Form,), {"asked": field})({"asked": typed})
    with translation.override(language):
        assert not form.is_valid()
        assert typed in unescape(str(form["asked"]))


def test_d2_one_error_keeps_all_the_rest_also_what_was_ticked(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """D2: a long form with several ticks; only the wrong field says so."""
    clock(NOW)
    url = reverse("experts:expert_new")
    typed = {
        "first_name": "Aino", "last_name": "Uusi-Äijälä", "email": "not an address", "phone": "040 123 4567",
        "municipality": "Porvoo", "language": "sv", "work_languages": ["fi", "sv"], "kinds": ["group", "lecture"],
        "introduction_fi": 'Minä; "itse" <b>',
    }  # fmt: skip
    answer = client_for(cast.coordinator).post(url, typed)
    page = answer.content.decode()
    assert 'aria-invalid="true"' in page
    for name in ("first_name", "last_name", "email", "phone"):
        assert str(typed[name]) in unescape(page)
    for value in ("fi", "sv"):
        assert any(f'value="{value}"' in part and "checked" in part for part in page.split("<input"))
    assert 'Minä; "itse" <b>' in unescape(page)
    assert "<b>" not in page.split("introduction_fi", 1)[1].split("</textarea>")[0]
    assert not Expert.objects.filter(last_name="Uusi-Äijälä").exists()


# --- D4, D5: what paid rows lean on ----------------------------------------------------------------------------------


@pytest.fixture
def run(cast: Cast) -> PaymentRun:
    make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    return closed(cast.expert, cast.named, cast.coordinator)


@pytest.mark.parametrize("parent", ["expert", "unit", "session", "hour_list", "run", "fee table", "orderer", "order"])
def test_d4_nothing_that_a_paid_row_leans_on_is_deleted(cast: Cast, run: PaymentRun, parent: str) -> None:
    """D4: protected by the database, whoever asks."""
    line = run.lines.get()
    assert line.session is not None
    assert line.session.fee_item is not None
    of: dict[str, Any] = {
        "expert": line.expert,
        "unit": line.unit,
        "session": line.session,
        "hour_list": line.hour_list,
        "run": run,
        "fee table": line.session.fee_item.table,
        "orderer": cast.orderer,
        "order": line.session.order,
    }
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        of[parent].delete()
    assert RunLine.objects.get() == line


def test_d4_a_paid_row_keeps_the_names_it_was_paid_under(cast: Cast, run: PaymentRun) -> None:
    """D4: the expert marries, the unit is renamed, the employee leaves, the table ends: the line says what it said."""
    before = RunLine.objects.values().get()
    Expert.objects.filter(pk=cast.expert.pk).update(first_name="Other", last_name="Name", payroll_number="999")
    type(cast.unit).objects.filter(pk=cast.unit.pk).update(name_fi="Uusi", name_sv="Ny", cost_centre="7")
    User.objects.filter(pk=cast.orderer.pk).update(last_name="Else", is_active=False)
    assert RunLine.objects.values().get() == before
    assert (before["expert_name"], before["orderer_name"]) == ("Eva Expert", "Anna Orderer")


def test_d5_cancelling_an_order_leaves_the_work_that_was_done(cast: Cast) -> None:
    """D5: an order with a held time is neither deleted nor cancelled as a whole; what is done stays done and paid."""
    done = make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    ahead = make_agreed_session(
        at(2026, 12, 2, 10), order=done.order, expert=cast.expert, unit=cast.unit, kind=TaskType.GROUP
    )
    before = Session.objects.values().get(pk=done.pk)
    with pytest.raises(RuleError):
        work.cancel_order(done.order, by=cast.coordinator, at=NOW)
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        done.order.delete()
    seal = preview_cancel([ahead], Event.ORDERER_CANCELLED, at=NOW).seal
    work.cancel_series(ahead, Scope.AHEAD, seen=seal, by=cast.orderer, at=NOW)
    assert Session.objects.values().get(pk=done.pk) == before
    assert Session.objects.get(pk=ahead.pk).outcome == "cancelled_in_time"


# --- D6, D7: many at once --------------------------------------------------------------------------------------------


def test_d6_many_are_cancelled_only_after_their_number_and_sum_were_shown(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    """D6: the page says how many and what it costs; nothing is deleted, and each can be looked at afterwards."""
    first = make_agreed_session(
        at(2026, 12, 2, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    for week in (1, 2):
        make_agreed_session(
            first.starts_at + timedelta(weeks=week), order=first.order, expert=cast.expert, unit=cast.unit,
            kind=TaskType.GROUP,
        )  # fmt: skip
    clock(NOW)
    url = reverse("assignments:series_cancel", args=[first.pk])
    client = client_for(cast.orderer)
    client.post(url, {"scope": "ahead", "event": "orderer_cancelled", "seen": ""})
    assert set(Session.objects.values_list("state", flat=True)) == {"agreed"}
    with pytest.raises(RuleError):
        work.cancel_series(first, Scope.AHEAD, seen="another seal", by=cast.orderer, at=NOW)
    assert "3" in text(client.get(url))
    seen = preview_cancel(list(Session.objects.all()), Event.ORDERER_CANCELLED, at=NOW)
    assert seen.count == 3
    work.cancel_series(first, Scope.AHEAD, seen=seen.seal, by=cast.orderer, at=NOW)
    assert Session.objects.filter(order=first.order, state="closed").count() == 3


def test_d7_the_old_times_stay_when_the_new_ones_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """D7: a list is replaced in one transaction, or not at all."""
    facts: dict[str, Any] = {"unit": cast.unit, "kind": str(TaskType.GROUP), "task": "Cooking"}
    times = [(at(2026, 12, day, 10), at(2026, 12, day, 12)) for day in (2, 9)]
    order = work.save_draft(None, by=cast.orderer, at=NOW, times=times, **facts)

    def fail(*_rows: Any, **_more: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(type(Session.objects), "bulk_create", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        work.save_draft(order, by=cast.orderer, at=NOW, times=times[:1], **(facts | {"task": "Baking"}))
    assert [(one.starts_at, one.ends_at) for one in order.sessions.order_by("starts_at")] == times
    assert Order.objects.get().task == "Cooking"


# --- D10: all of it, not only the page -------------------------------------------------------------------------------


def copied(obj: Any, *without: str) -> dict[str, Any]:
    """The columns of a row."""
    return {name: getattr(obj, name) for field in obj._meta.concrete_fields if (name := field.attname) not in without}


def test_d10_five_hundred_people_are_sorted_and_found_over_all_pages(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    """D10: the registry and the board of the month: the last of 500 is found, and the greatest sum comes first."""
    Expert.objects.bulk_create(
        Expert(first_name="Aada", last_name=f"Nimi{n:03}", work_languages=["fi"], payroll_number=f"x{n}")
        for n in range(500)
    )
    session = make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    people = list(Expert.objects.filter(last_name__startswith="Nimi").order_by("last_name"))
    contract = Contract.objects.get(expert=cast.expert)
    Contract.objects.bulk_create(Contract(**copied(contract, "id", "expert_id"), expert=one) for one in people)
    lists = HourList.objects.bulk_create(
        HourList(expert=one, unit=cast.unit, month=OCTOBER, state="at_unit", sent_at=NOW) for one in people
    )
    sessions = Session.objects.bulk_create(
        Session(**copied(session, "id", "uid", "expert_id", "fee"), expert=one, fee=Decimal(number))
        for number, one in enumerate(people)
    )
    HourRow.objects.bulk_create(HourRow(hour_list=one, session=held) for one, held in zip(lists, sessions, strict=True))
    clock(NOW)
    client = client_for(cast.coordinator)
    board = reverse("fees:board_of", args=["2026-10"])
    page = text(client.get(board))
    assert ("Nimi000" in page, "Nimi499" in page) == (True, False)
    assert "Nimi499" in text(client.get(board, {"q": "nimi499"}))
    assert "Nimi499" in text(client.get(board, {"sort": "sum"}))
    assert "Nimi499" in text(client.get(board, {"page": "11"}))
    assert "Nimi499" in text(client.get(reverse("experts:registry"), {"q": "nimi499"}))
    csv = client.get(reverse("fees:board_file", args=["2026-10", "csv"])).content.decode()
    assert csv.count("Nimi") == 500


# --- D15: in and out -------------------------------------------------------------------------------------------------


def test_d15_log_out_in_another_tab_ends_in_the_log_in_page_and_no_loop(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    """D15: signed out elsewhere, the next click leads to the log-in page once, and back to the page from there."""
    clock(NOW)
    client = client_for(cast.coordinator)
    page = reverse("fees:board_of", args=["2026-10"])
    assert client.post(reverse("account_logout")).status_code == 302
    answer = client.get(page, follow=True)
    assert [url for url, _status in answer.redirect_chain] == [f"/accounts/login/?next={page}"]
    assert answer.status_code == 200
    answer = client.get(f"/accounts/login/?next={page}")  # asked again, also twice: the page itself
    assert answer.status_code == 200
    client.force_login(cast.coordinator)
    assert client.get(f"/accounts/login/?next={page}")["Location"] == page


def test_d15_log_out_twice_and_with_an_expired_session_is_harmless(cast: Cast, client_for: SignIn) -> None:
    """D15: the button of an old tab; a GET alone signs nobody out."""
    client = client_for(cast.coordinator)
    assert client.get(reverse("account_logout")).status_code == 200
    assert client.get(reverse("home")).status_code == 200
    for _twice in range(2):
        answer = client.post(reverse("account_logout"), follow=True)
        assert answer.status_code == 200
        assert len(answer.redirect_chain) <= 2
    client.cookies["sessionid"] = "expired-and-gone"
    answer = client.post(reverse("account_logout"), follow=True)
    assert (answer.status_code, len(answer.redirect_chain) <= 2) == (200, True)


def test_d15_a_log_in_that_is_given_up_leads_to_a_page_that_works(client: Client) -> None:
    """D15: no code typed, a wrong one, the page of the code opened by itself: a page in words, never a fault."""
    for name in ("account_login", "account_request_login_code", "account_confirm_login_code"):
        answer = client.get(reverse(name), follow=True)
        assert answer.status_code == 200
