"""Menu entry of supervision."""

from django.utils.translation import gettext_lazy as _

from office.navigation import entry
from supervision.access import SEE_GROUPS

entry(60, _("Supervision"), "supervision:groups", SEE_GROUPS)
