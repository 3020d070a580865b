"""Who has a calendar."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import ORDERERS, Role

SEE_CALENDAR = permission(
    "calendars.see", _("See the calendar of one's own times or one's unit, and subscribe to it"),
    *ORDERERS, Role.EXPERT, Role.COORDINATOR, Role.SUPERVISOR,
)  # fmt: skip
