"""Menu entries of ordering and of the expert's own pages."""

from django.utils.translation import gettext_lazy as _

from assignments.access import FIND, SEE_MEETINGS, SEE_ORDERS, SEE_OWN_SESSIONS, SEE_PROCESSES
from office.navigation import entry

entry(10, _("Find an expert"), "assignments:find", FIND)
entry(10, _("My sessions"), "assignments:my_sessions", SEE_OWN_SESSIONS)
entry(15, _("Orders"), "assignments:orders", SEE_ORDERS)
entry(20, _("Sessions"), "assignments:unit_sessions", SEE_ORDERS)
entry(45, _("Processes"), "assignments:processes", SEE_PROCESSES)
entry(46, _("Coordination meetings"), "assignments:meetings", SEE_MEETINGS)
