"""What may be done with trainings."""

from django.utils.translation import gettext_lazy as _

from office.access import permission
from office.choices import Role

KEEP_TRAINING = permission(
    "training.keep", _("Keep trainings and courses, and who has completed what"), Role.COORDINATOR
)
