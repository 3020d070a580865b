"""What the actions of the registry share."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts.models import Expert, ReadLog
from office.choices import Role
from office.errors import Refused
from office.models import User


def coordinator_only(by: User) -> None:
    """Refuses everybody else."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def noted_read(expert: Expert | None, what: str, *, by: User, at: datetime) -> None:
    """Notes a look at a full record (``page``), an export, or a search by topic. One's own record is no look."""
    if expert is None or expert.user_id != by.pk:
        ReadLog.objects.create(at=at, reader=by, expert=expert, what=what)
