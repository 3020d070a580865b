"""What may be done with work supervision."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

SEE_GROUPS = permission(
    "supervision.see", _("See supervision groups and dates"), Role.COORDINATOR, Role.EXPERT, Role.SUPERVISOR
)
SIGN_UP = permission("supervision.sign_up", _("Sign up for supervision and off"), Role.EXPERT)
RUN_GROUPS = permission(
    "supervision.run", _("Add and cancel dates of supervision, mark who came"), Role.COORDINATOR, Role.SUPERVISOR
)
CHANGE_GROUPS = permission("supervision.change", _("Add and change supervision groups"), Role.COORDINATOR)
