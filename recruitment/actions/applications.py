"""Applications: received by the web form, entered by the coordinator, corrected, looked at."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from office.errors import Refused
from office.models import User
from office.saving import readable, save
from office.workdays import local_date
from recruitment import messages
from recruitment.actions.common import coordinator_only, locked, logged, write_to
from recruitment.guard import count_arrival
from recruitment.models import Application, Decision, Look
from recruitment.rules import PRIVACY_NOTICE
from recruitment.states import ApplicationState

Ids = Collection[int]


def receive(fields: Mapping[str, Any], topics: Ids, areas: Ids, *, key: UUID, sender: str, at: datetime) -> Application:
    """An application from the public form, with consent. The same form again gives the same application.

    Refused when a field or the limit by the hour does not allow it. The applicant gets a confirmation by mail.
    """
    return _add(Application(**fields), topics, areas, key=key, sender=sender, by=None, at=at)


def enter(
    fields: Mapping[str, Any],
    topics: Ids,
    areas: Ids,
    *,
    key: UUID,
    source: str,
    received_on: date,
    by: User,
    at: datetime,
) -> Application:
    """The coordinator writes down what somebody told by telephone, on paper or face to face, with their consent."""
    coordinator_only(by)
    application = Application(**fields, source=source, received_on=received_on, entered_by=by)
    return _add(application, topics, areas, key=key, by=by, at=at)


def _add(
    application: Application,
    topics: Ids,
    areas: Ids,
    *,
    key: UUID,
    by: User | None,
    at: datetime,
    sender: str = "",
) -> Application:
    if made := Application.objects.filter(form_key=key).first():
        return made
    application.form_key = key
    application.email = application.email.strip().lower()
    application.received_on = application.received_on or local_date(at)
    application.consent_at, application.consent_version = at, PRIVACY_NOTICE
    try:
        with readable():
            if sender:
                count_arrival(sender, at=at)
            save(application)
            application.topics.set(topics)
            application.areas.set(areas)
            Decision.objects.create(application=application, state=ApplicationState.RECEIVED, at=at, by=by)
            logged("receive", application, by=by, at=at, source=application.source)
            if application.email:
                write_to(application, messages.RECEIVED, at=at, once="received")
    except Refused:
        if made := Application.objects.filter(form_key=key).first():  # the second click was quicker
            return made
        raise
    return application


def change(
    application: Application, fields: Mapping[str, Any], topics: Ids, areas: Ids, *, by: User, at: datetime
) -> None:
    """Corrects an application (R25; the applicant's right). Only the names of changed fields are logged."""
    coordinator_only(by)
    with readable():
        held = locked(application)
        changed = [name for name, value in fields.items() if getattr(held, name) != value]
        for name in changed:
            setattr(held, name, fields[name])
        for name, ids in (("topics", topics), ("areas", areas)):
            many = getattr(held, name)
            if set(many.values_list("pk", flat=True)) != set(ids):
                many.set(ids)
                changed.append(name)
        if changed:
            save(held)
            logged("change", held, by=by, at=at, fields=sorted(changed))


def noted_look(application: Application, what: str, *, by: User, at: datetime) -> None:
    """Notes a look: ``page``, ``edit`` or ``interview``."""
    Look.objects.create(at=at, reader=by, application=application, what=what)
