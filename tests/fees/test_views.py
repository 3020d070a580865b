"""The screens of hours: an expert marks and sends, the unit checks, the coordinator closes, finance pays."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from assignments.actions import record_outcome, undo_outcome
from assignments.models import Session
from assignments.rules import Event
from fees import actions
from fees.models import Correction, HourList, PaymentRun
from office.choices import Role
from office.kinds import TaskType
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_closed_session, make_expert, make_unit

SignIn = Callable[[User], Client]
OCTOBER = at(2026, 10, 1).date()
MONTH = "2026-10"
NOVEMBER_5 = at(2026, 11, 5, 9)
DECEMBER_1 = at(2026, 12, 1, 9)


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


def agreed(cast: Cast, day: int, hour: int = 10, kind: str = TaskType.GROUP, **fields: Any) -> Session:
    start = at(2026, 10, day, hour)
    fields = {"unit": cast.unit, "orderer": cast.orderer, "expert": cast.expert} | fields
    return make_agreed_session(start, kind=kind, **fields)


def held(cast: Cast, day: int, hour: int = 10, **fields: Any) -> Session:
    start = at(2026, 10, day, hour)
    usual: dict[str, Any] = {"unit": cast.unit, "orderer": cast.orderer, "expert": cast.expert, "kind": TaskType.GROUP}
    fields = usual | fields
    return make_closed_session(start, **fields)


def sent(cast: Cast, day: int = 7, **fields: Any) -> HourList:
    session = held(cast, day, **fields)
    assert session.expert is not None
    assert session.expert.user is not None
    return actions.send_month(session.expert, OCTOBER, by=session.expert.user, at=NOVEMBER_5)[0]


def marks(session: Session, **said: str) -> dict[str, str]:
    return {f"s{session.pk}-{name}": value for name, value in said.items()}


# --- the expert ------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(cast: Cast, client_for: SignIn, clock: Clock) -> tuple[Client, str]:
    clock(NOVEMBER_5)
    return client_for(cast.expert_user), reverse("fees:my_month_of", args=[MONTH])


def test_every_agreed_time_is_already_a_row(cast: Cast, page: tuple[Client, str]) -> None:
    agreed(cast, 7)
    agreed(cast, 14)
    client, url = page
    shown = text(client.get(url))
    assert "Hours, October 2026" in shown
    assert "2 times, 2 to check" in shown
    assert "Send by Mon 9 Nov 2026. The fee is paid on Mon 30 Nov 2026." in shown


def test_the_rest_as_agreed_in_one_press_then_send(cast: Cast, page: tuple[Client, str]) -> None:
    first, second = agreed(cast, 7), agreed(cast, 14)
    client, url = page
    client.post(url, {"act": "all"})
    for session in (first, second):
        session.refresh_from_db()
        assert (session.outcome, session.fee) == ("held", Decimal("25.00"))
    answer = client.post(url, {"act": "send"}, follow=True)
    assert "Sent to 1 unit. Altogether €50.00." in text(answer)
    hour_list = HourList.objects.get()
    assert (hour_list.state, hour_list.rows.count()) == ("at_unit", 2)


def test_changed_times_are_paid_by_the_hours_done(cast: Cast, page: tuple[Client, str]) -> None:
    session = agreed(cast, 7)
    client, url = page
    client.post(url, marks(session, choice="changed", starts="10", ends="11.20", reason="It went on") | {"act": "save"})
    session.refresh_from_db()
    # 1 h 20 min: each started quarter of an hour counts, 1,5 h at 25,00
    assert (session.outcome, session.fee, session.change_reason) == ("held", Decimal("37.50"), "It went on")
    assert session.agreed_fee == Decimal("25.00")


def test_what_did_not_happen_says_what(cast: Cast, page: tuple[Client, str]) -> None:
    session = agreed(cast, 7)
    client, url = page
    client.post(url, marks(session, choice="not", event="nobody_came", used_for="Planned") | {"act": "save"})
    session.refresh_from_db()
    assert (session.outcome, session.fee, session.time_used_for) == ("nobody_came", Decimal("25.00"), "Planned")


def test_an_error_saves_nothing_and_keeps_what_was_typed(cast: Cast, page: tuple[Client, str]) -> None:
    right, wrong = agreed(cast, 7), agreed(cast, 14)
    client, url = page
    said = marks(right, choice="agreed") | marks(wrong, choice="changed", starts="10", ends="25.00", reason="Longer")
    answer = client.post(url, said | {"act": "save"})
    assert answer.status_code == 422
    shown = text(answer)
    assert "Nothing was saved yet. Mend what is marked below." in shown
    assert 'value="25.00"' in shown
    assert 'value="Longer"' in shown
    right.refresh_from_db()
    assert right.outcome == ""


def test_a_reason_with_an_identity_code_is_refused(cast: Cast, page: tuple[Client, str]) -> None:
    session = agreed(cast, 7)
    client, url = page
    said = marks(session, choice="changed", starts="10", ends="12", reason="010190-999Y was late")
    answer = client.post(url, said | {"act": "save"})
    assert (answer.status_code, Session.objects.get().outcome) == (422, "")


def test_a_mark_can_be_changed_until_the_list_is_approved(cast: Cast, page: tuple[Client, str]) -> None:
    session = agreed(cast, 7)
    client, url = page
    client.post(url, marks(session, choice="agreed") | {"act": "save"})
    client.post(url, marks(session, choice="not", event="expert_ill") | {"act": "save"})
    session.refresh_from_db()
    assert (session.outcome, session.fee) == ("expert_ill", Decimal("0.00"))


def test_saving_the_same_again_changes_nothing(cast: Cast, page: tuple[Client, str]) -> None:
    session = agreed(cast, 7)
    client, url = page
    said = marks(session, choice="agreed", starts="10.00", ends="11.00") | {"act": "save"}
    client.post(url, said)
    recorded = Session.objects.get().recorded_at
    assert "Nothing had changed." in text(client.post(url, said, follow=True))
    assert Session.objects.get().recorded_at == recorded


def test_a_sent_list_can_be_taken_back(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    client = client_for(cast.expert_user)
    client.post(reverse("fees:take_back", args=[hour_list.pk]))
    hour_list.refresh_from_db()
    assert hour_list.state == "open"


def test_another_expert_s_list_is_not_there(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    client = client_for(cast.second_expert_user)
    assert client.post(reverse("fees:take_back", args=[hour_list.pk])).status_code == 404
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


def test_a_colleague_s_month_is_not_there(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    held(cast, 7)
    url = reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])
    assert client_for(cast.second_expert_user).get(url).status_code == 404


def test_the_coordinator_marks_for_an_expert_without_a_device(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    session = agreed(cast, 7)
    url = reverse("fees:month_of_expert", args=[cast.expert.pk, MONTH])
    client_for(cast.coordinator).post(url, marks(session, choice="agreed") | {"act": "send"})
    hour_list = HourList.objects.get()
    assert (hour_list.state, hour_list.sent_by) == ("at_unit", cast.coordinator)


@pytest.mark.parametrize("number", [1, 30])
def test_the_month_asks_the_database_as_often_for_thirty_rows_as_for_one(
    cast: Cast, page: tuple[Client, str], django_assert_num_queries: Any, number: int
) -> None:
    for day in range(1, number + 1):
        held(cast, day, kind=TaskType.INDIVIDUAL)
    client, url = page
    with django_assert_num_queries(7):
        client.get(url)


# --- the unit --------------------------------------------------------------------------------------------------------


def test_exceptions_stand_first_the_rest_is_one_act(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    changed = sent(cast, done=(at(2026, 10, 7, 10), at(2026, 10, 7, 12)))
    plain = sent(cast, 8, expert=cast.second_expert)
    client = client_for(cast.named)
    shown = text(client.get(reverse("fees:check")))
    assert shown.index("Look at these one by one") < shown.index("As agreed")
    assert "Approve 1 list, €25.00" in shown
    client.post(reverse("fees:approve"), {"list": [plain.pk], "rows": "1", "total": "25.00"})
    for hour_list, state in ((plain, "approved"), (changed, "at_unit")):
        hour_list.refresh_from_db()
        assert hour_list.state == state


def test_another_sum_than_the_one_shown_approves_nothing(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    answer = client_for(cast.named).post(
        reverse("fees:approve"), {"list": [hour_list.pk], "rows": "1", "total": "24.00"}, follow=True
    )
    assert "The hours have changed since you opened the page." in text(answer)
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


@pytest.mark.parametrize("page", ["fees:check", "fees:hour_list"])
@pytest.mark.parametrize("how", ["the orderer tells", "the expert sends again"])
def test_another_outcome_of_the_same_sum_is_not_approved_unseen(
    cast: Cast, client_for: SignIn, clock: Clock, page: str, how: str
) -> None:
    """Held as agreed when the page was opened; the client did not come when the button is pressed. Both pay 25,00."""
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    session = hour_list.rows.get().session
    client = client_for(cast.named)
    shown = client.get(reverse(page, args=[] if page == "fees:check" else [hour_list.pk]))
    said = {
        name: re.findall(rf'name="{name}" value="([^"]+)"', text(shown)) for name in ("list", "rows", "total", "shown")
    }
    clock(NOVEMBER_5 + timedelta(minutes=2))
    if how == "the orderer tells":
        session = undo_outcome(session, by=cast.orderer, at=NOVEMBER_5 + timedelta(minutes=1))
        record_outcome(session, Event.NO_SHOW, by=cast.orderer, at=NOVEMBER_5 + timedelta(minutes=1))
    else:
        actions.take_back(hour_list, by=cast.expert_user, at=NOVEMBER_5 + timedelta(minutes=1))
        actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=NOVEMBER_5 + timedelta(minutes=1))
    answer = client.post(reverse("fees:approve"), said, follow=True)
    assert "The hours have changed since you opened the page." in text(answer)
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"
    again = client.get(reverse("fees:hour_list", args=[hour_list.pk]))
    said = {name: re.findall(rf'name="{name}" value="([^"]+)"', text(again)) for name in said}
    client.post(reverse("fees:approve"), said)
    hour_list.refresh_from_db()
    assert hour_list.state == "approved"


@pytest.mark.parametrize("said", [{}, {"rows": "1", "total": "x"}], ids=str)
def test_rubbish_approves_nothing(cast: Cast, client_for: SignIn, clock: Clock, said: dict[str, str]) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    answer = client_for(cast.named).post(reverse("fees:approve"), said and said | {"list": hour_list.pk}, follow=True)
    assert "This has changed meanwhile." in text(answer)
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


@pytest.mark.parametrize(("field", "value"), [("list", "x"), ("list", "²"), ("on_paper", "²"), ("list", "9" * 5000)])
def test_what_is_no_id_names_no_list(cast: Cast, client_for: SignIn, clock: Clock, field: str, value: str) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    said = {"list": [hour_list.pk], "rows": "1", "total": "25.00", field: [hour_list.pk, value]}
    assert client_for(cast.named).post(reverse("fees:approve"), said).status_code == 404
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


@pytest.mark.parametrize("field", ["list", "on_paper"])
def test_another_unit_s_list_among_the_own_approves_none(
    cast: Cast, client_for: SignIn, clock: Clock, field: str
) -> None:
    """P6."""
    clock(NOVEMBER_5)
    own = sent(cast)
    foreign = sent(cast, 8, expert=cast.second_expert, unit=cast.other_unit)
    said = {"list": [own.pk], "rows": "1", "total": "25.00", field: [own.pk, foreign.pk]}
    assert client_for(cast.named).post(reverse("fees:approve"), said).status_code == 404
    assert set(HourList.objects.values_list("state", flat=True)) == {"at_unit"}


def test_another_unit_s_list_cannot_be_approved_or_seen(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    client = client_for(cast.other_named)
    client.post(reverse("fees:approve"), {"list": [hour_list.pk], "rows": "1", "total": "25.00"})
    assert client.get(reverse("fees:hour_list", args=[hour_list.pk])).status_code == 404
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


def test_nobody_approves_their_own_list_on_the_screen_either(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    grant(cast.expert_user, Role.DEPUTY, make_unit("Y09"))
    unit = make_unit("Y09") if not cast.expert_user.grants.filter(unit__code="Y09").exists() else None
    assert unit is None
    own_unit = cast.expert_user.grants.get(role=Role.DEPUTY).unit
    hour_list = sent(cast, unit=own_unit)
    client = client_for(cast.expert_user)
    assert "Nobody checks their own hour list." in text(client.get(reverse("fees:check")))
    answer = client.post(reverse("fees:approve"), {"list": [hour_list.pk], "rows": "1", "total": "25.00"}, follow=True)
    assert "Nobody checks their own hour list." in text(answer)
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


def test_a_list_goes_back_with_a_reason_for_the_row(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    row = hour_list.rows.get()
    client = client_for(cast.named)
    url = reverse("fees:hour_list", args=[hour_list.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    client.post(url, {"reason": "Please look again", f"row-{row.pk}": "Was it an hour?"})
    hour_list.refresh_from_db()
    row.refresh_from_db()
    assert (hour_list.state, hour_list.return_reason, row.return_reason) == (
        "returned",
        "Please look again",
        "Was it an hour?",
    )
    month = text(client_for(cast.expert_user).get(reverse("fees:my_month_of", args=[MONTH])))
    assert "The unit asks: Please look again" in month
    assert "Was it an hour?" in month


@pytest.mark.parametrize("number", [1, 30])
def test_the_check_asks_as_often_for_thirty_lists_as_for_one(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_num_queries: Any, number: int
) -> None:
    clock(NOVEMBER_5)
    for _ in range(number):
        sent(cast, expert=make_expert())
    client = client_for(cast.named)
    with django_assert_num_queries(8):
        client.get(reverse("fees:check"))


# --- the coordinator -------------------------------------------------------------------------------------------------


def approved(cast: Cast) -> HourList:
    hour_list = sent(cast)
    actions.approve([hour_list], by=cast.named, at=NOVEMBER_5)
    hour_list.refresh_from_db()
    return hour_list


def test_the_board_tells_who_is_waited_for(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    sent(cast)
    agreed(cast, 8, expert=cast.second_expert)
    shown = text(client_for(cast.coordinator).get(reverse("fees:board_of", args=[MONTH])))
    assert "Lists by</dt><dd>Mon 9 Nov 2026" in shown
    assert "Pay day</dt><dd>Mon 30 Nov 2026" in shown
    assert "Nora Named, Dan Deputy" in shown
    assert "1 time not marked" in shown


@pytest.mark.parametrize("month", ["2026-13", "rubbish", "0000-00"])
def test_a_month_that_is_none_is_not_there(cast: Cast, client_for: SignIn, clock: Clock, month: str) -> None:
    clock(NOVEMBER_5)
    assert client_for(cast.coordinator).get(reverse("fees:board_of", args=[month])).status_code == 404


@pytest.mark.parametrize("number", [1, 30])
def test_the_board_asks_as_often_for_thirty_people_as_for_one(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_num_queries: Any, number: int
) -> None:
    clock(NOVEMBER_5)
    for _ in range(number):
        sent(cast, expert=make_expert())
    client = client_for(cast.coordinator)
    with django_assert_num_queries(8):
        client.get(reverse("fees:board_of", args=[MONTH]))


def test_the_close_shows_what_it_would_pay_before_it_pays(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    approved(cast)
    client = client_for(cast.coordinator)
    url = reverse("fees:close", args=[MONTH])
    assert "Make the payment run: 1 list, €25.00" in text(client.get(url))
    assert PaymentRun.objects.count() == 0
    client.post(url, {"lists": "1", "total": "25.00"})
    run = PaymentRun.objects.get()
    assert (run.number, run.total) == (1, Decimal("25.00"))


def test_a_month_closes_once(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOVEMBER_5)
    approved(cast)
    client = client_for(cast.coordinator)
    url = reverse("fees:close", args=[MONTH])
    client.post(url, {"lists": "1", "total": "25.00"})
    again = client.post(url, {"lists": "1", "total": "25.00"})
    assert (again.status_code, PaymentRun.objects.count()) == (409, 1)
    assert "has been closed already: payment run 1" in text(client.get(url))


# --- finance ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(cast: Cast, clock: Clock, django_capture_on_commit_callbacks: Any) -> PaymentRun:
    clock(NOVEMBER_5)
    approved(cast)
    with django_capture_on_commit_callbacks(execute=True):
        return actions.make_run(OCTOBER, by=cast.coordinator, at=NOVEMBER_5)


def test_finance_downloads_all_of_it_as_one_zip(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    answer = client_for(cast.finance).get(reverse("fees:run_zip", args=[run.pk]))
    names = ZipFile(BytesIO(b"".join(answer.streaming_content))).namelist()  # type: ignore[attr-defined]
    assert sorted(name.rpartition(".")[2] for name in names) == ["csv", "pdf", "pdf", "pdf", "pdf", "pdf", "xlsx"]


def test_reading_changes_nothing(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    client = client_for(cast.finance)
    for document in run.documents.all():
        assert client.get(reverse("fees:document", args=[document.pk])).status_code == 200
    client.get(reverse("fees:run", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == "made"


def test_finance_marks_the_run_as_paid_once(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    client = client_for(cast.finance)
    url = reverse("fees:run_pay", args=[run.pk])
    client.post(reverse("fees:run_send", args=[run.pk]))
    client.post(url, {"reason": "Asked for"})
    again = client.post(url, follow=True)
    assert "This has changed meanwhile." in text(again)
    run.refresh_from_db()
    assert (run.state, run.paid_by) == ("paid", cast.finance)
    assert HourList.objects.get().state == "paid"


def test_the_coordinator_cannot_mark_a_run_as_paid(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    assert client_for(cast.coordinator).post(reverse("fees:run_pay", args=[run.pk])).status_code == 403
    run.refresh_from_db()
    assert run.state == "made"


def test_the_expert_reads_only_the_own_statement(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    document = run.documents.get(kind="statement")
    url = reverse("fees:my_statement", args=[document.pk])
    assert client_for(cast.expert_user).get(url)["Content-Type"] == "application/pdf"
    assert client_for(cast.second_expert_user).get(url).status_code == 404


def test_a_correction_waits_for_the_next_run(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    line = run.lines.get()
    client = client_for(cast.coordinator)
    url = reverse("fees:correct", args=[line.pk])
    wrong = client.post(url, {"amount": "nothing", "reason": "An hour was missing"})
    assert wrong.status_code == 422
    assert "An hour was missing" in text(wrong)
    client.post(url, {"amount": "12,50", "reason": "An hour was missing"})
    correction = Correction.objects.get()
    assert (correction.amount, correction.corrects) == (Decimal("12.50"), line)
    client.post(reverse("fees:drop_correction", args=[correction.pk]))
    assert Correction.objects.count() == 0


def test_finance_corrects_nothing(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    url = reverse("fees:correct", args=[run.lines.get().pk])
    assert client_for(cast.finance).post(url, {"amount": "1", "reason": "x"}).status_code == 403
    assert Correction.objects.count() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "sNaN"},
        {"total": "Infinity"},
        {"rows": "x"},
        {"total": "1e9", "rows": "-1"},
        {"shown": "x"},
        {"shown": "2026-11-05"},
    ],
)
def test_what_no_page_of_ours_sends_approves_nothing(
    cast: Cast, client_for: SignIn, clock: Clock, wrong: dict[str, str]
) -> None:
    clock(NOVEMBER_5)
    hour_list = sent(cast)
    said = {"list": str(hour_list.pk), "rows": "1", "total": "25.00"} | wrong
    answer = client_for(cast.named).post(reverse("fees:approve"), said, HTTP_REFERER=reverse("fees:check"))
    assert answer.status_code == 302
    hour_list.refresh_from_db()
    assert hour_list.state == "at_unit"


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "1999-12", "2026-13"])
def test_a_month_without_days_before_or_after_is_not_there(cast: Cast, client_for: SignIn, month: str) -> None:
    client = client_for(cast.coordinator)
    for name in ("fees:board_of", "fees:close"):
        assert client.get(reverse(name, args=[month])).status_code == 404
    assert client_for(cast.expert_user).get(reverse("fees:my_month_of", args=[month])).status_code == 404
