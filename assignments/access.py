"""Who may do what with orders, offers and sessions."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import NAMED, ORDERERS, Role

FIND = permission("assignments.find", _("Find an expert"), *ORDERERS, Role.COORDINATOR)
ORDER = permission(
    "assignments.order", _("Order, change and cancel orders of the own unit"), *ORDERERS, Role.COORDINATOR
)
CONFIRM = permission("assignments.confirm", _("Confirm the unit's orders"), *NAMED, Role.COORDINATOR)
SEE_ORDERS = permission("assignments.see_orders", _("See the unit's orders"), *ORDERERS, Role.COORDINATOR)
HELP_FIND = permission("assignments.help_find", _("Offer an order to an expert"), Role.COORDINATOR)
SEE_SESSIONS = permission(
    "assignments.see_sessions", _("See the agreed times of the unit, an expert the own ones"),
    *ORDERERS, Role.EXPERT, Role.COORDINATOR,
)  # fmt: skip
SEE_OWN_SESSIONS = permission("assignments.see_own_sessions", _("See own offers and times"), Role.EXPERT)
MARK_OUTCOME = permission(
    "assignments.mark_outcome", _("Cancel and move agreed times, mark what happened"),
    *ORDERERS, Role.EXPERT, Role.COORDINATOR,
)  # fmt: skip
EXPORT_SESSIONS = permission(
    "assignments.export_sessions", _("Take out all sessions of a year as a sheet"), Role.COORDINATOR
)
DECIDE_FEE = permission(
    "assignments.decide_fee", _("Decide another fee for a session than the rule gives, with a reason"), Role.COORDINATOR
)
SEE_PROCESSES = permission(
    "assignments.see_processes", _("See the individual and pair work of the unit, an expert the own ones"),
    *ORDERERS, Role.EXPERT, Role.COORDINATOR,
)  # fmt: skip
PLAN_PROCESSES = permission(
    "assignments.plan_processes", _("Write the plan of individual and pair work, open it again"),
    *ORDERERS, Role.COORDINATOR,
)  # fmt: skip
SEE_MEETINGS = permission(
    "assignments.see_meetings", _("See the coordination meetings of the unit, mark decisions as done"),
    *ORDERERS, Role.COORDINATOR,
)  # fmt: skip
KEEP_MEETINGS = permission(
    "assignments.keep_meetings", _("Keep coordination meetings and write their decisions"), Role.COORDINATOR
)
SEE_OFFERS = permission("assignments.see_offers", _("See an offer"), *ORDERERS, Role.EXPERT, Role.COORDINATOR)
ANSWER_OFFERS = permission("assignments.answer_offers", _("Accept or decline an offer"), Role.EXPERT, Role.COORDINATOR)
