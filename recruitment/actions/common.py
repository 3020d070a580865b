"""What the actions of recruitment share."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from office.actions import log, move
from office.choices import Role
from office.errors import Refused
from office.models import User
from office.outbox import Kind, Outsider, post
from recruitment.models import Application, Decision, Interviewer
from recruitment.rules import Seat
from recruitment.states import APPLICATION


def coordinator_only(by: User) -> None:
    """Refuses everybody else."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def locked(application: Application) -> Application:
    """The row, locked: one step at a time."""
    return Application.objects.select_for_update(of=("self",)).get(pk=application.pk)


def seats_of(application: Application) -> list[Seat]:
    """The interviewers of the application."""
    rows = Interviewer.objects.filter(interview__application=application)
    return [Seat(row.user_id, row.is_professional, row.given_at is not None) for row in rows]


def take(
    application: Application,
    step: str,
    *,
    by: User | None,
    at: datetime,
    note: str = "",
    reason: str = "",
    **changes: Any,
) -> None:
    """One step, and its row for the application's page. The note stays out of the log, which is never removed."""
    move(application, APPLICATION[step], by=by, at=at, **changes)
    Decision.objects.create(
        application=application, state=application.state, at=at, by=by, reason=reason, note=note.strip()
    )


def write_to(application: Application, kind: Kind, *, at: datetime, once: str, **context: Any) -> None:
    """A message to the applicant; without an e-mail address it becomes a task to telephone or post."""
    whom = Outsider(str(application), application.email, application.language)
    post(kind, whom, about=application, at=at, once=once, **context)


def logged(what: str, application: Application, *, by: User | None, at: datetime, **facts: Any) -> None:
    """A log row that names nobody and no topic."""
    log(f"application.{what}", application, by=by, at=at, **facts)
