"""Who may do what with hours, lists and payments."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import NAMED, Role

SEND_HOURS = permission(
    "fees.send_hours", _("Write and send an hour list, and take it back"), Role.EXPERT, Role.COORDINATOR, *NAMED
)
WRITE_FOR_OTHERS = permission(
    "fees.write_for_others", _("Write the hours of an expert without a device"), Role.COORDINATOR, *NAMED
)
SEE_RECEIPTS = permission("fees.see_receipts", _("See the receipts of journeys"), Role.EXPERT, Role.COORDINATOR, *NAMED)
ANSWER_REQUESTS = permission(
    "fees.answer_requests", _("Answer experts who ask to correct what is approved"), Role.COORDINATOR, *NAMED
)
CHECK_LISTS = permission("fees.check_lists", _("Check, approve and return the unit's hour lists"), *NAMED)
SEE_BOARD = permission("fees.see_board", _("See how far everybody's month is"), Role.COORDINATOR)
CLOSE_MONTH = permission("fees.close_month", _("Close a month into a payment run"), Role.COORDINATOR)
SEE_RUNS = permission("fees.see_runs", _("See payment runs and download their files"), Role.COORDINATOR, Role.FINANCE)
MARK_PAID = permission("fees.mark_paid", _("Mark a payment run as paid"), Role.FINANCE)
MAKE_DIFFERENCES = permission(
    "fees.make_differences", _("Make difference lines when a fee table was approved after its start"), Role.COORDINATOR
)
CORRECT = permission("fees.correct", _("Correct a line in the next payment"), Role.COORDINATOR)
OWN_STATEMENTS = permission("fees.own_statements", _("Read the own fee statements"), Role.EXPERT)
