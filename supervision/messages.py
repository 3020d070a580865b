"""Messages about supervision."""

from django.utils.translation import gettext_lazy as _

from office.models import OutboxMessage
from office.outbox import kind
from supervision.models import SupervisionMeeting


def _cancelled(message: OutboxMessage) -> bool:
    return SupervisionMeeting.objects.filter(pk=message.about_id, cancelled_at__isnull=False).exists()


SUPERVISION_CANCELLED = kind(
    "supervision_cancelled",
    _("A date of supervision is cancelled"),
    to=_("Experts who have signed up"),
    when=_("When a date of supervision is cancelled"),
    still_true=_cancelled,
)
