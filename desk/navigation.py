from django.utils.translation import gettext_lazy as _

from office.access import ANYBODY
from office.navigation import entry

entry(0, _("My tasks"), "home", ANYBODY)
