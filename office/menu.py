"""Menu entries of the ground floor."""

from django.utils.translation import gettext_lazy as _

from office.access import EXPORTS, MANAGE_UNITS, OWN_ABSENCE, OWN_MESSAGES, SEE_OUTBOX
from office.navigation import entry

entry(45, _("Units"), "office:units", MANAGE_UNITS)
entry(70, _("Messages"), "office:outbox", SEE_OUTBOX)
entry(84, _("Lists as files"), "office:exports", EXPORTS)
entry(90, _("Messages"), "office:my_messages", OWN_MESSAGES)
entry(95, _("When I am away"), "office:my_away", OWN_ABSENCE)
