"""The decisions: training, accepted, not accepted, withdrawn. Each with its day, its decider and its reason."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts import actions as registry
from experts.models import Expert
from office.choices import WORK_LANGUAGES
from office.errors import Conflict, Refused
from office.models import User
from office.outbox import Kind
from office.saving import readable
from office.workdays import local_date
from recruitment import messages
from recruitment.actions.common import coordinator_only, locked, seats_of, take, write_to
from recruitment.models import Application
from recruitment.rules import decision_problem
from recruitment.states import APPLICATION, ApplicationState
from recruitment.texts import MISSING
from training.actions import enrol
from training.models import Course

State = ApplicationState


def _both_views(application: Application) -> None:
    problem = decision_problem(seats_of(application))
    if problem:
        raise Refused(MISSING[problem])


def to_training(
    application: Application, *, course: Course | None = None, note: str = "", by: User, at: datetime
) -> None:
    """The applicant goes to the introduction training before the decision. Refused before both views are given."""
    coordinator_only(by)
    with readable():
        held = locked(application)
        if held.state == State.TRAINING:
            return
        if held.state == State.INTERVIEWED:
            _both_views(held)
        take(held, "train", by=by, at=at, note=note, course=course)


def accept(
    application: Application,
    *,
    note: str = "",
    tell: bool = False,
    words: str = "",
    enrolled: bool = False,
    by: User,
    at: datetime,
) -> Expert:
    """The applicant becomes an expert of the registry: topics unpublished, an account when there is an e-mail address.

    Refused before both views are given, and when the registry refuses (the address is another expert's). ``enrolled``:
    goes on the course of the application, too. A second click gives the same expert.
    """
    coordinator_only(by)
    with readable():
        held = locked(application)
        if held.state == State.ACCEPTED and held.expert is not None:
            return held.expert
        if not held.is_open:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        _both_views(held)
        expert = _expert_of(held, by=by, at=at)
        take(held, "accept", by=by, at=at, note=note, expert=expert)
        if enrolled and held.course is not None:
            enrol(held.course, expert, by=by, at=at)
        if tell:
            write_to(held, messages.ACCEPTED, at=at, once="accepted", words=words.strip())
    return expert


def _expert_of(held: Application, *, by: User, at: datetime) -> Expert:
    fields = {
        name: getattr(held, name)
        for name in ("first_name", "last_name", "email", "phone", "municipality", "language", "training")
    }
    fields["work_languages"] = [held.language] if held.language in dict(WORK_LANGUAGES) else []
    topics = dict.fromkeys(held.topics.values_list("pk", flat=True), False)
    areas = list(held.areas.values_list("pk", flat=True))
    return registry.add_expert(fields, topics, by=by, at=at, account=bool(held.email), areas=areas)


def decline(
    application: Application,
    *,
    reason: str,
    note: str = "",
    tell: bool = False,
    words: str = "",
    by: User,
    at: datetime,
) -> None:
    """Not accepted, with a reason. After an interview only with both views."""
    coordinator_only(by)
    with readable():
        held = locked(application)
        if held.state in {State.INTERVIEWED, State.TRAINING}:
            _both_views(held)
        _end(held, "decline", messages.NOT_ACCEPTED, reason=reason, note=note, tell=tell, words=words, by=by, at=at)


def withdraw(
    application: Application,
    *,
    reason: str,
    note: str = "",
    tell: bool = False,
    words: str = "",
    by: User,
    at: datetime,
) -> None:
    """The applicant does not go on, or cannot be reached."""
    coordinator_only(by)
    with readable():
        _end(
            locked(application),
            "withdraw",
            messages.WITHDRAWN,
            reason=reason,
            note=note,
            tell=tell,
            words=words,
            by=by,
            at=at,
        )


def _end(
    held: Application,
    step: str,
    kind: Kind,
    *,
    reason: str,
    note: str,
    tell: bool,
    words: str,
    by: User,
    at: datetime,
) -> None:
    if held.state == APPLICATION[step].target:
        return  # a second click
    if reason not in Application.Reason.values:
        raise Refused(_("Choose a reason."))
    take(held, step, by=by, at=at, note=note, reason=reason, end_reason=reason, closed_on=local_date(at))
    if tell:
        write_to(held, kind, at=at, once=step, words=words.strip())
