"""Messages of the ground floor."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from office.away import touched_by
from office.models import Away, OutboxMessage, RoleGrant
from office.outbox import kind


def _grant_holds(message: OutboxMessage) -> bool:
    """A role that was ended before its message left is not told any more (N9)."""
    held = RoleGrant.objects.filter(pk=message.about_id).first()
    return held is not None and held.valid_to != held.valid_from


def _still_uncovered(message: OutboxMessage) -> bool:
    """The absence stands, and still nobody stands in."""
    away = Away.objects.select_related("user").filter(pk=message.about_id).first()
    return away is not None and bool(touched_by(away, timezone.now()))


ACCOUNT_MADE = kind("account_made", _("You have an account"), to=_("The person"), when=_("When an account is made"))
ROLE_GIVEN = kind(
    "role_given",
    _("You have a new task in a unit"),
    to=_("The person"),
    when=_("When a role is given or handed over"),
    still_true=_grant_holds,
)
AWAY_UNCOVERED = kind(
    "away_uncovered",
    _("A named employee is away without a deputy"),
    to=_("Coordinators, and everybody who has a role in the unit"),
    when=_("When an absence is written down and nobody stands in"),
    still_true=_still_uncovered,
)
