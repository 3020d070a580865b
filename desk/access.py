"""Permissions of the front desk."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

IMPORT = permission("desk.import", _("Take the office's own files"), Role.COORDINATOR)
OWN_DATA = permission("desk.own_data", _("Download all data about oneself"), Role.EXPERT)
GIVE_DATA = permission(
    "desk.give_data", _("Download an expert's data on their behalf, erase an expert"), Role.COORDINATOR
)
KEEP_PERIODS = permission(
    "desk.periods", _("Decide how long records are kept, and see what was removed"), Role.COORDINATOR
)
