from django.utils.translation import gettext_lazy as _

from budgets.access import SEE_BUDGETS
from office.navigation import entry

entry(47, _("Budgets"), "budgets:overview", SEE_BUDGETS)
