"""Who writes an hour list: the expert, and for an expert without a device the coordinator or the unit's named employee.

The named employee writes the rows of the own unit only.
"""

from django.utils.translation import gettext as _

from assignments.models import Session
from experts.models import Expert
from office.choices import NAMED, Role
from office.errors import Refused
from office.models import User


def writes_all(expert: Expert, by: User) -> bool:
    """Whether the person writes the whole month: the expert, or a coordinator."""
    return expert.user_id == by.pk or by.has_role(Role.COORDINATOR)


def units_to_write(expert: Expert, by: User) -> set[int] | None:
    """The units whose rows the person writes for the expert; None: all of them."""
    return None if writes_all(expert, by) else by.holdings.units_as(*NAMED)


def may_write(expert: Expert, unit_id: int, by: User) -> bool:
    units = units_to_write(expert, by)
    return units is None or unit_id in units


def must_write(session: Session, by: User) -> None:
    """Refuses who writes neither the own hours nor those of an expert of the unit. Select ``expert`` with it."""
    if session.expert is None or not may_write(session.expert, session.unit_id, by):
        raise Refused(_("This is not your hour list."))
