"""What may be done with applications."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import ORDERERS, Role

KEEP_APPLICATIONS = permission(
    "recruitment.keep", _("See applications, enter them, book interviews and decide"), Role.COORDINATOR
)
INTERVIEW = permission(
    "recruitment.interview",
    _("Interview an applicant to whom one has been assigned, and write the own view"),
    Role.COORDINATOR,
    *ORDERERS,
)
