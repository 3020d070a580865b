"""What the ground floor reminds of: units where nobody confirms orders and checks lists."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.choices import NAMED, Role
from office.models import OutboxMessage, RoleGrant, Unit
from office.reminders import Note, Round, holders, reminder


def _nobody(at: datetime) -> QuerySet[Unit]:
    """Units in use with neither a named employee nor a deputy who can sign in."""
    held = RoleGrant.objects.in_force(at).filter(role__in=NAMED, user__is_active=True, unit=OuterRef("pk"))
    return Unit.objects.filter(~Exists(held), is_active=True)


def _still_nobody(_message: OutboxMessage) -> bool:
    return _nobody(timezone.now()).exists()


@reminder(
    "unit_alone",
    _("Units without a named employee or deputy"),
    to=_("Coordinators"),
    when=_("On the first working day of a week at %(clock)s"),
    still_true=_still_nobody,
)
def unit_alone(asked: Round) -> Iterator[Note]:
    """One message with all such units. Two queries."""
    if not asked.begins_week:
        return
    units = list(_nobody(asked.at))
    if units:
        for person in holders(asked.at, Role.COORDINATOR):
            yield Note(person, person, asked.name, reverse("office:units"), {"units": units})
