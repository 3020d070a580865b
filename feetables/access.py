"""What may be done with fee tables."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

SEE_TABLES = permission("feetables.see", _("See the fee tables"), Role.COORDINATOR, Role.FINANCE)
CHANGE_TABLES = permission("feetables.change", _("Draft and approve fee tables"), Role.COORDINATOR)
