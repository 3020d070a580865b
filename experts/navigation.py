"""Menu entries of the registry."""

from django.utils.translation import gettext_lazy as _

from experts.access import OWN_DETAILS, SEE_REGISTRY
from office.navigation import entry

entry(40, _("Registry"), "experts:registry", SEE_REGISTRY)
entry(41, _("Contracts"), "experts:contracts", SEE_REGISTRY)
entry(70, _("My details"), "experts:me", OWN_DETAILS)
