"""Interviews (R25): two persons, one of them a professional; each writes the own view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from office.choices import ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import post
from office.saving import readable, save
from recruitment import messages
from recruitment.actions.common import coordinator_only, locked, logged, take, write_to
from recruitment.models import Application, Interview, Interviewer
from recruitment.rules import Seat, interview_problem
from recruitment.states import ApplicationState
from recruitment.texts import MISSING

State = ApplicationState
MAY_INTERVIEW = frozenset({Role.COORDINATOR, *ORDERERS})


@dataclass(frozen=True)
class Asked:
    """Who is asked to interview, and with which title when a professional of health or social care."""

    user: User
    is_professional: bool
    title: str = ""


def book(
    application: Application,
    asked: Sequence[Asked],
    *,
    starts_at: datetime,
    place: str,
    remote: bool,
    by: User,
    at: datetime,
) -> Interview:
    """Books the interview, or changes it until there is a decision. The moment is UTC.

    Refused when the interviewers are not two different persons who may interview, one of them a professional (R25), or
    when somebody who has given a view would be left out. The applicant and the interviewers get the time, once for each
    time, when it is ahead.
    """
    coordinator_only(by)
    problem = interview_problem([Seat(one.user.pk, one.is_professional) for one in asked])
    if problem:
        raise Refused(MISSING[problem])
    if not all(one.user.is_active and one.user.has_role(*MAY_INTERVIEW) for one in asked):
        raise Refused(_("Somebody of them cannot interview: it takes an account with a role in a unit or the county."))
    with readable():
        held = locked(application)
        if held.state not in {State.RECEIVED, State.INTERVIEW_BOOKED, State.INTERVIEWED}:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        found = Interview.objects.filter(application=held).first() or Interview(application=held)
        found.starts_at, found.place, found.remote = starts_at, place.strip(), remote
        save(found)
        _seat(found, asked)
        if held.state == State.RECEIVED:
            take(held, "book", by=by, at=at)
        else:
            logged("rebook", held, by=by, at=at)
        application.state = held.state
        if starts_at > at and held.state == State.INTERVIEW_BOOKED:
            _tell(held, found, asked, at=at)
    return found


def _seat(interview: Interview, asked: Sequence[Asked]) -> None:
    """Those who stay keep what they have written; who has given a view cannot be left out."""
    wanted = {one.user.pk: one for one in asked}
    seated = list(interview.interviewers.all())
    if any(row.given_at and row.user_id not in wanted for row in seated):
        raise Refused(_("Somebody who has given a view cannot be taken off the interview."))
    gone = [row.pk for row in seated if row.user_id not in wanted]
    interview.interviewers.filter(pk__in=gone).delete()
    kept = {row.user_id: row for row in seated if row.user_id in wanted}
    free = iter(sorted({1, 2} - {row.seat for row in kept.values()}))
    for user_id, one in wanted.items():
        row = kept.get(user_id)
        if row and row.given_at:
            continue
        row = row or Interviewer(interview=interview, user=one.user, seat=next(free))
        row.is_professional = one.is_professional
        row.title = one.title.strip()
        save(row)
    problem = interview_problem([Seat(row.user_id, row.is_professional) for row in interview.interviewers.all()])
    if problem:
        raise Refused(MISSING[problem])


def _tell(application: Application, interview: Interview, asked: Sequence[Asked], *, at: datetime) -> None:
    key = messages.moment_key(interview)
    write_to(application, messages.INTERVIEW_TIME, at=at, once=key, interview=interview)
    for one in asked:
        post(messages.INTERVIEW_GIVEN, one.user, about=application, at=at, once=key, interview=interview)


def hold(application: Application, *, by: User, at: datetime) -> None:
    """The interview was held. Refused before it begins."""
    coordinator_only(by)
    with readable():
        held = locked(application)
        if held.state == State.INTERVIEWED:
            return
        found = Interview.objects.filter(application=held).first()
        if found is not None and found.starts_at > at:
            raise Refused(_("The interview has not begun yet."))
        take(held, "hold", by=by, at=at)
    application.state = held.state


def write_view(
    row: Interviewer,
    subjects: Mapping[str, Mapping[str, str]],
    *,
    overall: str,
    summary: str,
    give: bool,
    by: User,
    at: datetime,
) -> None:
    """Keeps the interviewer's own view; ``give`` makes it final. The first view given says the interview was held.

    Refused for somebody else's, before the interview, when one was given already, and after a decision. Giving the same
    a second time does nothing.
    """
    if row.user_id != by.pk:
        raise Refused(_("You may not do this."))
    with readable():
        interview = Interview.objects.select_related("application").get(pk=row.interview_id)
        held = locked(interview.application)
        row = Interviewer.objects.get(pk=row.pk)
        if row.given_at is not None:
            if give:
                return
            raise Refused(_("Your view is given and is not changed any more."))
        if held.state not in {State.INTERVIEW_BOOKED, State.INTERVIEWED}:
            raise Conflict(_("There is a decision already."))
        row.subjects = {code: dict(told) for code, told in subjects.items() if any(told.values())}
        row.overall, row.summary = overall, summary.strip()
        if give:
            if interview.starts_at > at:
                raise Refused(_("The interview has not begun yet."))
            row.given_at = at
        save(row)
        if give:
            logged("view", held, by=by, at=at)
            if held.state == State.INTERVIEW_BOOKED:
                take(held, "hold", by=None, at=at)
