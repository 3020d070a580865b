"""Menu entry of trainings."""

from django.utils.translation import gettext_lazy as _

from office.navigation import entry
from training.access import KEEP_TRAINING

entry(44, _("Training"), "training:courses", KEEP_TRAINING)
