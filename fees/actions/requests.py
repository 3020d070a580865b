"""Corrections after the approval, asked for by the expert: accepted or declined by the unit or the coordinator.

Before the run has the list, accepting opens it again: the approval falls and the list goes back to the expert with the
words of the request. After that a plus or minus line goes into the next run (R23). Four eyes: neither the expert nor
who asked for the expert answers, and the coordinator, who answers instead of the unit, says why.
"""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from assignments.actions.people import coordinators, holders
from assignments.models import Session
from fees.actions.checking import checked_text, mend_list
from fees.actions.runs import correct
from fees.messages import CORRECTION_ANSWERED, CORRECTION_ASKED
from fees.models import CorrectionRequest, HourList, HourRow, RunLine
from fees.states import MENDABLE, REQUEST, ListState
from fees.writing import must_write
from office import outbox
from office.actions import log, move
from office.choices import NAMED, Role
from office.errors import Conflict, Refused
from office.models import User
from office.saving import readable


def list_of(session: Session) -> HourList | None:
    """The hour list that the time is on."""
    row = HourRow.objects.select_related("hour_list__unit", "hour_list__expert__user").filter(session=session).first()
    return row.hour_list if row else None


def ask_correction(session: Session, wanted: str, *, by: User, at: datetime) -> CorrectionRequest:
    """The expert says what an approved time should be, and why. Who answers gets a message.

    Raises Refused for a time that is not approved (mend it yourself) and without words, Conflict for a second request.
    """
    wanted = checked_text(wanted)
    if not wanted:
        raise Refused(_("Write what it should be, and why."))
    with readable():
        session = Session.objects.select_for_update(of=("self",)).select_related("expert__user", "unit").get(
            pk=session.pk
        )  # fmt: skip
        must_write(session, by)
        list_ = list_of(session)
        if list_ is None or list_.state in MENDABLE:
            raise Refused(_("The unit has not approved this time: take the list back, or mend the time."))
        if CorrectionRequest.objects.filter(session=session, state="open").exists():
            raise Conflict(_("A correction of this time has been asked for already."))
        made = CorrectionRequest.objects.create(session=session, wanted=wanted, asked_at=at, asked_by=by)
        behalf = session.expert.user if session.expert and session.expert.user_id != by.pk else None
        log("correctionrequest.ask", made, by=by, at=at, on_behalf_of=behalf, to_state="open", reason=wanted)
        people = holders(NAMED, session.unit, at)
        if list_.state != ListState.APPROVED or not people:
            people += coordinators(at)
        own = session.expert.user_id if session.expert else None
        for person in {person.pk: person for person in people}.values():
            if person.pk not in {own, by.pk}:
                outbox.post(
                    CORRECTION_ASKED, person, about=made, at=at, expert=str(session.expert), month=list_.month,
                    wanted=wanted,
                )  # fmt: skip
    return made


def withdraw_request(asked: CorrectionRequest, *, by: User, at: datetime) -> None:
    """Who asked takes it back, while nobody has answered."""
    must_write(Session.objects.select_related("expert").get(pk=asked.session_id), by)
    unit_id = asked.session.unit_id
    move(asked, REQUEST["withdraw"], by=by, at=at, unit_id=unit_id, answered_at=at, answered_by=by)


def _to_answer(asked: CorrectionRequest, by: User) -> tuple[CorrectionRequest, HourList]:
    asked = CorrectionRequest.objects.select_for_update(of=("self",)).select_related("session__expert__user").get(
        pk=asked.pk
    )  # fmt: skip
    session = asked.session
    if session.expert is not None and session.expert.user_id == by.pk:
        raise Refused(_("Nobody checks their own hour list."))
    if asked.asked_by_id == by.pk:
        raise Refused(_("Who asked for a correction does not answer it. Somebody else of the unit or the office does."))
    if not by.has_role(Role.COORDINATOR) and not by.holdings.holds(NAMED, session.unit_id):
        raise Refused(_("The unit's named employee, the deputy or the coordinator answers."))
    list_ = list_of(session)
    if list_ is None or asked.state != "open":
        raise Conflict(_("This has changed meanwhile. Look at the page again."))
    return asked, list_


def answers_instead(asked: CorrectionRequest, by: User) -> bool:
    """Whether the person would answer instead of the unit's named employee and deputy."""
    return not by.holdings.holds(NAMED, asked.session.unit_id)


def decline_request(asked: CorrectionRequest, answer: str, *, by: User, at: datetime) -> None:
    """It stays as it is, with a reason that the expert reads."""
    answer = checked_text(answer)
    if not answer:
        raise Refused(_("Write why it stays as it is."))
    with transaction.atomic():
        asked, _list = _to_answer(asked, by)
        move(
            asked, REQUEST["decline"], by=by, at=at, unit_id=asked.session.unit_id, reason=answer, answer=answer,
            answered_at=at, answered_by=by,
        )  # fmt: skip
        _tell(asked, at)


def accept_request(
    asked: CorrectionRequest,
    *,
    by: User,
    at: datetime,
    answer: str = "",
    line: RunLine | None = None,
    amount: Decimal | None = None,
) -> None:
    """The expert is right. Before the run the list goes back to the expert to be mended.

    After it ``amount`` (plus or minus, euros) corrects ``line`` in the next run. Raises Refused, also for a coordinator
    without ``answer``, and Conflict.
    """
    answer = checked_text(answer)
    with transaction.atomic():
        asked, list_ = _to_answer(asked, by)
        if not answer and answers_instead(asked, by):
            raise Refused(_("Write why you accept it instead of the unit."))
        correction = None
        if list_.state in {ListState.IN_PAYMENT, ListState.PAID}:
            if line is None or line.session_id != asked.session_id or amount is None:
                raise Refused(_("Write by how much the line is corrected."))
            correction = correct(line, amount, by=by, at=at, reason=answer or asked.wanted, asked=True)
        move(
            asked, REQUEST["accept"], by=by, at=at, unit_id=asked.session.unit_id, answer=answer, answered_at=at,
            answered_by=by, correction=correction,
        )  # fmt: skip
        if correction is not None:
            _tell(asked, at)  # a list that goes back tells it by itself (N4)
        elif list_.state in {ListState.APPROVED, ListState.AT_UNIT}:  # the unit may have taken its approval back
            row = HourRow.objects.get(session=asked.session_id)
            mend_list(list_, by=by, at=at, reason=answer or asked.wanted, rows={row.pk: asked.wanted})


def _tell(asked: CorrectionRequest, at: datetime) -> None:
    expert = asked.session.expert
    if expert is not None:
        outbox.post(
            CORRECTION_ANSWERED, expert.user, about=asked, at=at, accepted=asked.state == "accepted",
            answer=asked.answer, starts_at=asked.session.starts_at,
            amount=asked.correction.amount if asked.correction else None,
        )  # fmt: skip
