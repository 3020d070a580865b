"""Menu entry of the calendar."""

from django.utils.translation import gettext_lazy as _

from calendars.access import SEE_CALENDAR
from office.navigation import entry

entry(25, _("Calendar"), "calendars:calendar", SEE_CALENDAR)
