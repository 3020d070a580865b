"""Permissions of the front desk."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

IMPORT = permission("desk.import", _("Take the office's own files"), Role.COORDINATOR)
