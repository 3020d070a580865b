"""Applications in each state, written directly; what the office does is tested through actions."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from office.models import User
from recruitment.models import Application, Interview, Interviewer
from recruitment.rules import PRIVACY_NOTICE
from tests.factories import LONG_AGO, at

MONDAY = at(2026, 10, 12, 14)
SUBJECTS = {code: {"assessment": "suits", "notes": "Talked calmly."} for code in Interviewer.Subject.values}


def make_application(**fields: Any) -> Application:
    """An application received on 1.10.2026 by the web form; not handled yet."""
    values: dict[str, Any] = {
        "first_name": "Ylva",
        "last_name": "Ny",
        "email": "ylva@example.org",
        "language": "sv",
        "received_on": date(2026, 10, 1),
        "consent_at": LONG_AGO,
        "consent_version": PRIVACY_NOTICE,
        "form_key": uuid4(),
    } | fields
    topics = values.pop("topics", [])
    made = Application.objects.create(**values)
    made.topics.set(topics)
    return made


def make_interview(
    application: Application, *users: User, starts_at: datetime = MONDAY, given: int = 0, state: str = ""
) -> Interview:
    """An interview by two; the first is the professional. The first ``given`` of them have given their views."""
    interview = Interview.objects.create(application=application, starts_at=starts_at, place="Mannerheimgatan 1")
    for seat, user in enumerate(users, 1):
        Interviewer.objects.create(
            interview=interview,
            seat=seat,
            user=user,
            is_professional=seat == 1,
            title="Nurse" if seat == 1 else "",
            **(
                {"subjects": SUBJECTS, "overall": "suits", "summary": f"View {seat}", "given_at": starts_at}
                if seat <= given
                else {}
            ),
        )
    state = state or ("interviewed" if given else "interview_booked")
    Application.objects.filter(pk=application.pk).update(state=state)
    application.refresh_from_db()
    return interview
