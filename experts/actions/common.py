"""What the actions of the registry share."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts.models import Expert, ReadLog, Topic
from office.choices import Role
from office.errors import Refused
from office.models import User

#: What stands in ``ReadLog.what`` before the code of the topic, or of the group as ``group-<id>``.
TOPIC_SEARCH = "topic search"


def coordinator_only(by: User) -> None:
    """Refuses everybody else."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def noted_topic_search(topic_id: int, *, by: User, at: datetime) -> None:
    """Notes a search by topic: who, when, and the topic's code. It concerns no single expert; only the coordinator's
    list of all looks tells the topic.
    """
    code = Topic.objects.filter(pk=topic_id).values_list("code", flat=True).first()
    ReadLog.objects.create(at=at, reader=by, expert=None, what=f"{TOPIC_SEARCH}:{code or topic_id}")


def noted_read(expert: Expert | None, what: str, *, by: User, at: datetime) -> None:
    """Notes a look at a full record (``page``), an export, or a search by topic. One's own record is no look."""
    if expert is None or expert.user_id != by.pk:
        ReadLog.objects.create(at=at, reader=by, expert=expert, what=what)
