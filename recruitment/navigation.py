"""Menu entry of recruitment."""

from django.utils.translation import gettext_lazy as _

from office.navigation import entry
from recruitment.access import KEEP_APPLICATIONS

entry(42, _("Recruitment"), "recruitment:applications", KEEP_APPLICATIONS)
