from django.utils.translation import gettext_lazy as _

from fees.access import CHECK_LISTS, OWN_STATEMENTS, SEE_BOARD, SEE_RUNS
from office.navigation import entry

entry(5, _("Month"), "fees:board", SEE_BOARD)
entry(20, _("Hours"), "fees:my_month", OWN_STATEMENTS)
entry(22, _("Hour lists to check"), "fees:check", CHECK_LISTS)
entry(35, _("Payment runs"), "fees:runs", SEE_RUNS)
