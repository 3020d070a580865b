"""Messages about courses."""

from django.utils.translation import gettext_lazy as _

from office.models import OutboxMessage
from office.outbox import kind
from training.models import Participant


def _on_course(message: OutboxMessage) -> bool:
    return Participant.objects.filter(pk=message.about_id, state=Participant.State.ENROLLED).exists()


COURSE_PLACE = kind(
    "course_place",
    _("A place on a course"),
    to=_("The expert"),
    when=_("When a place on a course is given"),
    still_true=_on_course,
)
