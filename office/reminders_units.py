"""What the ground floor reminds of: units where nobody confirms orders and checks lists, now or on days to come."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.away import uncovered, who_is_told
from office.choices import NAMED, Role
from office.messages import AWAY_UNCOVERED
from office.models import OutboxMessage, RoleGrant, Unit
from office.reminders import Note, Round, holders, reminder, start_of, told_of
from office.workdays import local_date


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


def _still_uncovered(message: OutboxMessage) -> bool:
    """After the day the key names the units."""
    return bool(uncovered(timezone.now(), set(told_of(message)[1:])))


@reminder(
    "away_uncovered",
    _("A named employee is away without a deputy"),
    to=_("Coordinators, and everybody who has a role in the unit"),
    when=_("%(days)s days before at %(clock)s, and on the first working day of a week until somebody stands in"),
    days=(7, 1),
    still_true=_still_uncovered,
)
def away_uncovered(asked: Round) -> Iterator[Note]:
    """One message a person for all such units. Who has been told today, when it was written down, is not told twice."""
    days = {day for number in asked.before for day in asked.coming(number)}
    today = local_date(asked.at)
    found = [
        one
        for one in uncovered(asked.at)
        if one.gap.first in days or (asked.begins_week and one.gap.first <= today <= one.gap.last)
    ]
    if not found:
        return
    told = OutboxMessage.objects.filter(kind=AWAY_UNCOVERED.name, created_at__gte=start_of(today))
    already = set(told.values_list("recipient", flat=True))
    for person, theirs, url in who_is_told(found, asked.at):
        if person.pk in already:
            continue
        once = "-".join([f"{asked.today:%Y%m%d}", *(str(pk) for pk in sorted({one.unit.pk for one in theirs})[:12])])
        yield Note(person, person, once, url, {"uncovered": theirs})
