"""Menu entries of induction."""

from django.utils.translation import gettext_lazy as _

from induction.access import KEEP_UNIT, OVERVIEW, READ_GUIDE
from office.navigation import entry

entry(46, _("Induction"), "induction:overview", OVERVIEW)
entry(50, _("Induction"), "induction:my_units", KEEP_UNIT)
entry(65, _("Guide"), "induction:guide", READ_GUIDE)
