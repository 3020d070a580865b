from django.utils.translation import gettext_lazy as _

from desk.access import IMPORT, KEEP_PERIODS
from office.access import ANYBODY
from office.navigation import entry

entry(0, _("My tasks"), "home", ANYBODY)
entry(80, _("Imports"), "desk:imports", IMPORT)
entry(85, _("Retention"), "desk:retention", KEEP_PERIODS)
