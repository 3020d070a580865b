"""What may be done with inductions."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import NAMED, Role

OVERVIEW = permission(
    "induction.overview", _("See which units are ready, and keep the common guide and rows"), Role.COORDINATOR
)
SEE_UNIT = permission(
    "induction.see", _("See a unit's guide, checklists and who works there"), Role.COORDINATOR, *NAMED
)
KEEP_UNIT = permission("induction.keep", _("Keep the unit's guide and checklists, induct experts"), *NAMED)
KEEP = permission("induction.keep_texts", _("Change guides and rows of checklists"), Role.COORDINATOR, *NAMED)
SEE_CHECKLIST = permission(
    "induction.checklist", _("See what an expert has been shown"), Role.COORDINATOR, Role.EXPERT, *NAMED
)
READ_GUIDE = permission("induction.read", _("Read the guide of one's work"), Role.EXPERT)
