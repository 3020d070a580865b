"""Corrections after the approval are asked for, accepted or declined with a reason (R23, L2, L7, L12, M8)."""

from collections.abc import Callable
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.models import Session
from fees import actions
from fees.messages import RUN_CORRECTED
from fees.models import Correction, CorrectionRequest, HourList, RunLine
from office.choices import Role
from office.errors import Conflict, Refused
from office.kinds import TaskType
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_closed_session
from tests.fees.steps import CLOSED, OCTOBER, SENT, approved

SignIn = Callable[[User], Client]
ASKED = at(2026, 11, 6, 9)


def text(response: Any) -> str:
    return " ".join(unescape(response.content.decode()).replace("\u00a0", " ").split())


@pytest.fixture
def session(cast: Cast) -> Session:
    return make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )


@pytest.fixture
def in_list(cast: Cast, session: Session) -> HourList:
    return approved(cast.expert, cast.named)


def ask(cast: Cast, session: Session, **said: Any) -> CorrectionRequest:
    values: dict[str, Any] = {"by": cast.expert_user, "at": ASKED} | said
    return actions.ask_correction(session, "It ended at 11.30, not at 11", **values)


def kinds(about: CorrectionRequest) -> set[tuple[str, str]]:
    rows = OutboxMessage.objects.filter(about_type="fees.correctionrequest", about_id=about.pk)
    return set(rows.values_list("kind", "recipient__first_name"))


def test_before_the_run_the_list_comes_back_to_be_mended(cast: Cast, session: Session, in_list: HourList) -> None:
    asked = ask(cast, session)
    assert kinds(asked) == {("correction_asked", "Nora"), ("correction_asked", "Dan")}
    actions.accept_request(asked, by=cast.named, at=ASKED)
    in_list.refresh_from_db()
    asked.refresh_from_db()
    assert (in_list.state, in_list.rows.get().return_reason) == ("returned", "It ended at 11.30, not at 11")
    assert (asked.state, asked.answered_by, asked.correction) == ("accepted", cast.named, None)
    assert not Correction.objects.exists()


def test_the_coordinator_answers_before_the_run_with_a_reason(cast: Cast, session: Session, in_list: HourList) -> None:
    """L7: nobody of the unit answers, and the month must not wait; the history says who opened it and why."""
    asked = ask(cast, session)
    with pytest.raises(Refused, match="instead of the unit"):
        actions.accept_request(asked, by=cast.coordinator, at=ASKED)
    in_list.refresh_from_db()
    assert in_list.state == "approved"
    actions.accept_request(asked, by=cast.coordinator, at=ASKED, answer="Nora is ill, the diary says so")
    in_list.refresh_from_db()
    assert (in_list.state, in_list.return_reason) == ("returned", "Nora is ill, the diary says so")
    assert (in_list.rows.get().return_reason, in_list.approved_by) == ("It ended at 11.30, not at 11", None)
    step = LogEntry.objects.of(in_list).get(kind="hourlist.mend")
    assert (step.actor, step.reason) == (cast.coordinator, "Nora is ill, the diary says so")
    [again] = actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=ASKED)
    assert actions.approve([again], by=cast.named, at=ASKED) == 1


def test_the_coordinator_opens_no_list_that_nobody_asked_about(cast: Cast, session: Session, in_list: HourList) -> None:
    """The unit's approval is the unit's: the coordinator neither takes it back nor returns the list."""
    for act in (
        lambda: actions.unapprove(in_list, by=cast.coordinator, at=ASKED),
        lambda: actions.return_list(in_list, by=cast.coordinator, at=ASKED, reason="x"),
    ):
        with pytest.raises(Refused):
            act()


@pytest.mark.parametrize("who", ["named", "coordinator"])
def test_who_asked_for_somebody_does_not_answer(
    cast: Cast, client_for: SignIn, session: Session, in_list: HourList, who: str
) -> None:
    """Four eyes: asked for an expert without a device, answered by somebody else, before the run and after it."""
    by: User = getattr(cast, who)
    asked = ask(cast, session, by=by)
    line: dict[str, Any] = {}
    for _before_and_after in range(2):
        with pytest.raises(Refused, match="does not answer it"):
            actions.accept_request(asked, by=by, at=ASKED, answer="x", **line)
        with pytest.raises(Refused, match="does not answer it"):
            actions.decline_request(asked, "No", by=by, at=ASKED)
        if not line:
            run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
            line = {"line": run.lines.get(kind="fee"), "amount": Decimal(5)}
    assert list(CorrectionRequest.objects.to_answer_by(by)) == []
    page = text(client_for(by).get(reverse("fees:request", args=[asked.pk])))
    assert "Somebody else of the unit or the office does." in page
    assert "Accept the correction" not in page
    assert list(CorrectionRequest.objects.to_answer_by(cast.deputy)) == [asked]


def test_l12_finance_is_told_when_what_a_run_has_is_corrected(cast: Cast, session: Session, in_list: HourList) -> None:
    """L12: a change after the close is told to finance, once, without names; taken back it is told no more."""
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    asked = ask(cast, session, at=CLOSED)
    line = run.lines.get(kind="fee")
    actions.accept_request(asked, by=cast.named, at=CLOSED, line=line, amount=Decimal("12.50"))
    [mail] = OutboxMessage.objects.filter(kind="run_corrected")
    assert (mail.recipient, mail.about_type, mail.about_id) == (cast.finance, "fees.paymentrun", run.pk)
    assert "12.50" in mail.body.replace(",", ".")
    assert "Expert" not in mail.subject + mail.body
    assert RUN_CORRECTED.still_true is not None
    assert RUN_CORRECTED.still_true(mail)
    actions.drop_correction(Correction.objects.get(), by=cast.coordinator, at=CLOSED)
    assert not RUN_CORRECTED.still_true(mail)


def test_nobody_corrects_their_own_fees(cast: Cast, session: Session, in_list: HourList) -> None:
    """L9, P8: the coordinator who is an expert too."""
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    line = run.lines.get(kind="fee")
    grant(cast.expert_user, Role.COORDINATOR)
    with pytest.raises(Refused, match="their own fees"):
        actions.correct(line, Decimal("12.50"), by=cast.expert_user, at=CLOSED, reason="Longer")
    minus = actions.correct(line, Decimal(-5), by=cast.coordinator, at=CLOSED, reason="Shorter")
    with pytest.raises(Refused, match="their own fees"):
        actions.drop_correction(minus, by=cast.expert_user, at=CLOSED)
    assert Correction.objects.get() == minus


def test_a_list_that_comes_back_tells_it_once(cast: Cast, session: Session, in_list: HourList) -> None:
    """N4: one event, one message."""
    asked = ask(cast, session)
    actions.accept_request(asked, by=cast.named, at=ASKED)
    to_expert = OutboxMessage.objects.filter(recipient=cast.expert_user, due_at__gte=ASKED)
    assert [message.kind for message in to_expert] == ["list_returned"]


@pytest.mark.parametrize("who", ["named", "deputy", "coordinator"])
def test_after_the_run_a_line_of_the_next_run_puts_it_right(
    cast: Cast, session: Session, in_list: HourList, who: str
) -> None:
    """L2, R23: what is in the run stays as it is."""
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    asked = ask(cast, session, at=CLOSED)
    assert ("correction_asked", "Carla") in kinds(asked)
    line = run.lines.get(kind="fee")
    by = getattr(cast, who)
    actions.accept_request(asked, by=by, at=CLOSED, line=line, amount=Decimal("12.50"), answer="Seen in the diary")
    asked.refresh_from_db()
    correction = Correction.objects.get()
    assert (correction.corrects, correction.amount, correction.made_by) == (line, Decimal("12.50"), by)
    assert (asked.state, asked.correction) == ("accepted", correction)
    assert ("correction_answered", "Eva") in kinds(asked)
    line.refresh_from_db()
    assert line.amount == session.fee


def test_a_correction_needs_its_amount_and_line(cast: Cast, session: Session, in_list: HourList) -> None:
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    asked = ask(cast, session, at=CLOSED)
    with pytest.raises(Refused, match="by how much"):
        actions.accept_request(asked, by=cast.named, at=CLOSED, line=run.lines.get(kind="fee"))
    with pytest.raises(Refused, match="by how much"):
        actions.accept_request(asked, by=cast.named, at=CLOSED, amount=Decimal(5))
    assert CorrectionRequest.objects.get().state == "open"


def test_declined_with_a_reason(cast: Cast, session: Session, in_list: HourList) -> None:
    asked = ask(cast, session)
    with pytest.raises(Refused, match="Write why it stays"):
        actions.decline_request(asked, " ", by=cast.named, at=ASKED)
    actions.decline_request(asked, "The room was free at 11", by=cast.named, at=ASKED)
    asked.refresh_from_db()
    in_list.refresh_from_db()
    assert (asked.state, asked.answer, in_list.state) == ("declined", "The room was free at 11", "approved")
    mail = OutboxMessage.objects.get(kind="correction_answered")
    assert "The room was free at 11" in mail.body
    ask(cast, session)  # L7: after a no one may ask again


def test_taken_back_by_who_asked(cast: Cast, session: Session, in_list: HourList) -> None:
    asked = ask(cast, session)
    with pytest.raises(Refused):
        actions.withdraw_request(asked, by=cast.second_expert_user, at=ASKED)
    actions.withdraw_request(asked, by=cast.expert_user, at=ASKED)
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_a_second_click_changes_nothing(cast: Cast, session: Session, in_list: HourList) -> None:
    """M8."""
    asked = ask(cast, session)
    with pytest.raises(Conflict):
        ask(cast, session)
    actions.accept_request(asked, by=cast.named, at=ASKED)
    with pytest.raises(Conflict):
        actions.accept_request(asked, by=cast.named, at=ASKED)
    with pytest.raises(Conflict):
        actions.decline_request(asked, "No", by=cast.deputy, at=ASKED)


def test_what_is_not_approved_is_mended_not_asked_for(cast: Cast, session: Session) -> None:
    with pytest.raises(Refused, match="has not approved this time"):
        ask(cast, session)
    actions.send_month(cast.expert, OCTOBER, by=cast.expert_user, at=SENT)
    with pytest.raises(Refused, match="has not approved this time"):
        ask(cast, session)


@pytest.mark.parametrize("who", ["second_expert_user", "finance", "other_named", "stranger"])
def test_others_neither_ask_nor_answer(cast: Cast, session: Session, in_list: HourList, who: str) -> None:
    with pytest.raises(Refused):
        ask(cast, session, by=getattr(cast, who))
    asked = ask(cast, session)
    with pytest.raises(Refused):
        actions.decline_request(asked, "No", by=getattr(cast, who), at=ASKED)


def test_nobody_answers_the_own_request(cast: Cast, session: Session, in_list: HourList) -> None:
    """L9: the expert who is the deputy too."""
    grant(cast.expert_user, Role.DEPUTY, cast.unit)
    asked = ask(cast, session)
    with pytest.raises(Refused, match="Nobody checks their own"):
        actions.accept_request(asked, by=cast.expert_user, at=ASKED)
    waiting = CorrectionRequest.objects
    waiting.update(asked_by=cast.deputy)  # somebody else has asked for the expert
    assert not waiting.to_answer_by(cast.expert_user).exists()
    assert list(waiting.to_answer_by(cast.named)) == list(waiting.to_answer_by(cast.coordinator)) == [asked]


# --- the pages -------------------------------------------------------------------------------------------------------


def test_from_the_page_of_the_month_to_the_answer(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, in_list: HourList
) -> None:
    """L12: a change after the approval never happens silently."""
    clock(ASKED)
    expert, named = client_for(cast.expert_user), client_for(cast.named)
    month = reverse("fees:my_month_of", args=["2026-10"])
    url = reverse("fees:ask_correction", args=[session.pk])
    assert url in text(expert.get(month))
    answer = expert.post(url, {"wanted": "  "})
    assert answer.status_code == 422
    shown = text(expert.post(url, {"wanted": "It ended at 11.30"}, follow=True))
    assert "You asked for a correction" in shown
    asked = CorrectionRequest.objects.get()
    assert "1 correction asked for" in text(named.get(reverse("fees:check")))
    assert "Eva Expert asks for a correction." in text(named.get(reverse("home")))
    page = reverse("fees:request", args=[asked.pk])
    assert "the approval of the whole list falls" in text(named.get(page))
    assert named.post(page, {"act": "decline", "answer": ""}).status_code == 422
    shown = text(named.post(page, {"act": "decline", "answer": "As agreed"}, follow=True))
    assert "The correction was declined." in shown
    assert "Answer: As agreed" in text(expert.get(month))


def test_the_coordinator_corrects_a_paid_line_on_the_page(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, in_list: HourList
) -> None:
    actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    clock(CLOSED)
    asked = ask(cast, session, at=CLOSED)
    client = client_for(cast.coordinator)
    page = reverse("fees:request", args=[asked.pk])
    line = RunLine.objects.get(kind="fee")
    said = {"act": "accept", "line": str(line.pk)}
    assert client.post(page, said).status_code == 422
    assert "Needed: you answer instead of the unit." in text(client.get(page))
    answer = client.post(page, said | {"amount": "12,50"})
    assert (answer.status_code, "why you accept it instead" in text(answer)) == (422, True)
    assert 'value="12,50"' in text(answer)  # D2: what was typed is there
    client.post(page, said | {"amount": "12,50", "answer": "The unit's diary says so"})
    assert Correction.objects.get().amount == Decimal("12.50")
    assert "€12.50" in text(client.get(page))


def test_a_foreign_request_is_not_there(cast: Cast, client_for: SignIn, session: Session, in_list: HourList) -> None:
    """P5."""
    asked = ask(cast, session)
    assert client_for(cast.other_named).get(reverse("fees:request", args=[asked.pk])).status_code == 404
    assert client_for(cast.second_expert_user).get(reverse("fees:ask_correction", args=[session.pk])).status_code == 404


def test_a_line_of_another_time_is_not_there(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, in_list: HourList
) -> None:
    """P6: the id of another unit's line in the answer."""
    foreign = make_closed_session(
        at(2026, 10, 8, 10), unit=cast.other_unit, expert=cast.second_expert, orderer=cast.stranger
    )
    actions.send_month(cast.second_expert, OCTOBER, by=cast.second_expert_user, at=ASKED)
    actions.approve(HourList.objects.filter(unit=cast.other_unit), by=cast.other_named, at=ASKED)
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    asked = ask(cast, session, at=CLOSED)
    said = {"act": "accept", "amount": "12,50", "answer": "", "line": run.lines.get(session=foreign, kind="fee").pk}
    clock(CLOSED)
    answer = client_for(cast.named).post(reverse("fees:request", args=[asked.pk]), said)
    assert (answer.status_code, Correction.objects.count()) == (404, 0)


# --- what becomes of a list and its requests -------------------------------------------------------------------------


def test_the_unit_is_told_when_the_coordinator_opens_its_list(cast: Cast, session: Session, in_list: HourList) -> None:
    """Who, which list and why, to the named employee and the deputy; nobody of the unit did it."""
    asked = ask(cast, session)
    actions.accept_request(asked, by=cast.coordinator, at=ASKED, answer="The diary says so")
    mails = OutboxMessage.objects.filter(kind="list_opened").order_by("recipient__first_name")
    assert [mail.recipient for mail in mails] == [cast.deputy, cast.named]
    assert mails[0].about_id == in_list.pk
    for words in (
        str(cast.coordinator), "Eva Expert", "October 2026", "It ended at 11.30, not at 11", "The diary says so",
    ):  # fmt: skip
        assert words in mails[0].body.replace("\u00a0", " ")


def test_nobody_is_told_of_what_the_unit_did_itself(cast: Cast, session: Session, in_list: HourList) -> None:
    actions.accept_request(ask(cast, session), by=cast.deputy, at=ASKED)
    assert not OutboxMessage.objects.filter(kind="list_opened").exists()


@pytest.mark.parametrize("who", ["named", "coordinator"])
def test_a_request_is_answered_after_the_unit_took_its_approval_back(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, in_list: HourList, who: str
) -> None:
    """The approval has fallen already: yes sends the list to the expert, and asks for no amount of a line."""
    clock(ASKED)
    asked = ask(cast, session)
    actions.unapprove(in_list, by=cast.named, at=ASKED)
    page = reverse("fees:request", args=[asked.pk])
    assert "The approval has been taken back." in text(client_for(cast.named).get(page))
    client_for(getattr(cast, who)).post(page, {"act": "accept", "answer": "Yes"})
    asked.refresh_from_db()
    in_list.refresh_from_db()
    assert (asked.state, in_list.state) == ("accepted", "returned")


@pytest.mark.parametrize(("asker", "becomes"), [("expert_user", "accepted"), ("named", "withdrawn")])
def test_a_list_that_goes_back_settles_what_was_asked(
    cast: Cast, session: Session, in_list: HourList, asker: str, becomes: str
) -> None:
    """The expert mends it now: nobody has to answer for a time that is not approved. Who asked does not grant it."""
    asked = ask(cast, session, by=getattr(cast, asker))
    actions.unapprove(in_list, by=cast.deputy, at=ASKED)
    in_list.refresh_from_db()
    actions.return_list(in_list, by=cast.named, at=ASKED, reason="Look at the times")
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == (becomes, cast.named)
    assert list(CorrectionRequest.objects.to_answer_by(cast.deputy)) == []


def test_two_requests_of_a_list_are_settled_by_one_answer(cast: Cast, session: Session) -> None:
    other = make_closed_session(
        at(2026, 10, 14, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind=TaskType.GROUP
    )
    approved(cast.expert, cast.named)
    first, second = ask(cast, session), ask(cast, other)
    actions.accept_request(first, by=cast.named, at=ASKED)
    second.refresh_from_db()
    assert second.state == "accepted"


def test_a_list_taken_back_takes_its_requests_back(cast: Cast, session: Session, in_list: HourList) -> None:
    asked = ask(cast, session)
    actions.unapprove(in_list, by=cast.named, at=ASKED)
    in_list.refresh_from_db()
    actions.take_back(in_list, by=cast.expert_user, at=ASKED)
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by) == ("withdrawn", cast.expert_user)


def test_the_named_employee_takes_back_what_was_asked_for_the_expert(
    cast: Cast, session: Session, in_list: HourList
) -> None:
    """Asked for somebody without a device, by mistake."""
    asked = ask(cast, session, by=cast.named)
    actions.withdraw_request(asked, by=cast.named, at=ASKED)
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_a_correction_taken_back_waits_for_an_answer_again(cast: Cast, session: Session, in_list: HourList) -> None:
    """What the expert was promised is not lost in silence: who answers sees it again, and a newer request stays one."""
    run = actions.make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    line = run.lines.get(kind="fee")
    asked = ask(cast, session, at=CLOSED)
    actions.accept_request(asked, by=cast.named, at=CLOSED, line=line, amount=Decimal("12.50"))
    actions.drop_correction(Correction.objects.get(), by=cast.coordinator, at=CLOSED)
    asked.refresh_from_db()
    assert (asked.state, asked.answered_by, asked.correction) == ("open", None, None)
    assert list(CorrectionRequest.objects.to_answer_by(cast.named)) == [asked]
    actions.accept_request(asked, by=cast.named, at=CLOSED, line=line, amount=Decimal("15.00"))
    newer = ask(cast, session, at=CLOSED)
    actions.drop_correction(Correction.objects.get(), by=cast.coordinator, at=CLOSED)
    assert list(CorrectionRequest.objects.to_answer_by(cast.named)) == [newer]
