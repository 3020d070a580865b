"""Messages to applicants, who have no account, and to interviewers. None tells a topic."""

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from office.models import OutboxMessage
from office.outbox import kind
from recruitment.models import Application, Interview
from recruitment.states import ApplicationState


def _still(*states: str) -> Callable[[OutboxMessage], bool]:
    def ask(message: OutboxMessage) -> bool:
        return Application.objects.filter(pk=message.about_id, state__in=states).exists()

    return ask


def _same_time(message: OutboxMessage) -> bool:
    """The interview is still ahead of a decision and at the time that the message tells (N9)."""
    found = Interview.objects.filter(
        application=message.about_id, application__state=ApplicationState.INTERVIEW_BOOKED
    ).first()
    return found is not None and message.once.endswith(moment_key(found))


def moment_key(interview: Interview) -> str:
    """Tells one time of an interview from another."""
    return interview.starts_at.isoformat()


RECEIVED = kind(
    "application_received",
    _("An application has arrived"),
    to=_("The applicant"),
    when=_("When an application arrives"),
)
INTERVIEW_TIME = kind(
    "application_interview",
    _("The time of an applicant's interview"),
    to=_("The applicant"),
    when=_("When an interview is booked or moved"),
    still_true=_same_time,
)
INTERVIEW_GIVEN = kind(
    "interview_given",
    _("You interview an applicant"),
    to=_("The interviewer"),
    when=_("When an interview is booked or moved"),
    still_true=_same_time,
)
ACCEPTED = kind(
    "application_accepted",
    _("An applicant is accepted"),
    to=_("The applicant"),
    when=_("When an applicant is accepted"),
    still_true=_still(ApplicationState.ACCEPTED),
)
NOT_ACCEPTED = kind(
    "application_not_accepted",
    _("An applicant is not accepted"),
    to=_("The applicant"),
    when=_("When an applicant is not accepted"),
    still_true=_still(ApplicationState.NOT_ACCEPTED),
)
WITHDRAWN = kind(
    "application_withdrawn",
    _("An application is withdrawn"),
    to=_("The applicant"),
    when=_("When an application is withdrawn"),
    still_true=_still(ApplicationState.WITHDRAWN),
)
