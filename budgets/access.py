"""Who sees and sets budgets."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import NAMED, Role

SEE_BUDGETS = permission(
    "budgets.see", _("Follow the unit's budget: used, agreed, forecast"), Role.COORDINATOR, *sorted(NAMED)
)
SET_BUDGETS = permission("budgets.set", _("Set budgets and their warning levels"), Role.COORDINATOR)
