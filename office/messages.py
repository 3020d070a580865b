"""Messages of the ground floor."""

from django.utils.translation import gettext_lazy as _

from office.models import OutboxMessage, RoleGrant
from office.outbox import kind


def _grant_holds(message: OutboxMessage) -> bool:
    """A role that was ended before its message left is not told any more (N9)."""
    held = RoleGrant.objects.filter(pk=message.about_id).first()
    return held is not None and held.valid_to != held.valid_from


ACCOUNT_MADE = kind("account_made", _("You have an account"), to=_("The person"), when=_("When an account is made"))
ROLE_GIVEN = kind(
    "role_given",
    _("You have a new task in a unit"),
    to=_("The person"),
    when=_("When a role is given or handed over"),
    still_true=_grant_holds,
)
