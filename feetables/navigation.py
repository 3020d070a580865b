"""Menu entries of the fee tables."""

from django.utils.translation import gettext_lazy as _

from feetables.access import SEE_TABLES
from office.navigation import entry

entry(50, _("Fee tables"), "feetables:tables", SEE_TABLES)
