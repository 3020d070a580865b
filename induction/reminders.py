"""What induction reminds of: checklists that are open, new people without one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from induction.board import with_state
from office.choices import NAMED
from office.models import OutboxMessage, RoleGrant, Unit, User
from office.reminders import Note, Round, reminder


def _open(at: datetime) -> QuerySet[Any]:
    """Units in use where somebody waits for an induction or its end."""
    units = Unit.objects.filter(is_active=True)
    return with_state(units, at).filter(Q(new_people__gt=0) | Q(open_inductions__gt=0))


def _still_open(message: OutboxMessage) -> bool:
    at = timezone.now()
    held = RoleGrant.objects.in_force(at).filter(role__in=NAMED, user=message.recipient_id)
    return _open(at).filter(pk__in=held.values("unit")).exists()


@reminder(
    "induction_open",
    _("Inductions to begin or to finish"),
    to=_("Named employees and deputies"),
    when=_("On the first working day of a week at %(clock)s"),
    still_true=_still_open,
)
def induction_open(asked: Round) -> Iterator[Note]:
    """R27: one message a person for all their units. Two queries."""
    if not asked.begins_week:
        return
    units = {unit.pk: unit for unit in _open(asked.at)}
    held = RoleGrant.objects.in_force(asked.at).filter(role__in=NAMED, user__is_active=True, unit__in=units)
    found: dict[User, set[int]] = {}
    for one in held.select_related("user").order_by("user_id", "pk"):
        found.setdefault(one.user, set()).add(one.unit_id or 0)
    for user, theirs in found.items():
        said = {
            "open": sum(units[pk].open_inductions for pk in theirs),
            "new": sum(units[pk].new_people for pk in theirs),
        }
        yield Note(user, user, asked.name, reverse("induction:my_units"), said)
