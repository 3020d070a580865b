"""What the actions of induction share."""

from django.utils.translation import gettext_lazy as _

from office.choices import NAMED, Role
from office.errors import Refused
from office.models import User
from office.saving import trigger_says

trigger_says("published_guide_is_never_changed", _("A published version is never changed. Write a new one."))
trigger_says("guide_read_is_never_changed", _("What has been read stays as it was."))
trigger_says("done_induction_has_every_tick", _("Some rows are not ticked yet."))
trigger_says("done_induction_is_never_changed", _("This checklist is done. Open it again first."))


def keeps(by: User, unit_id: int | None) -> bool:
    """What is common is the coordinator's; what is a unit's, its named employee's and deputy's."""
    if unit_id is None:
        return by.has_role(Role.COORDINATOR)
    return unit_id in by.holdings.units_as(*NAMED)


def only_keeper(by: User, unit_id: int | None) -> None:
    """Refuses everybody else."""
    if not keeps(by, unit_id):
        raise Refused(_("You may not do this."))
