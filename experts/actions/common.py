"""What the actions of the registry share."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts.models import Expert, ReadLog
from office.choices import Role
from office.errors import Refused
from office.models import User

#: What stands in ``ReadLog.what`` before the id of the topic, or of a group as ``group-<id>``.
TOPIC_SEARCH = "topic search"


def coordinator_only(by: User) -> None:
    """Refuses everybody else."""
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def noted_topic_search(topic: int | str, *, by: User, at: datetime) -> None:
    """Notes a search by topic: who, when, and which (``topic``: its id, or ``group-<id>`` for a whole group).

    It concerns no single expert; only the coordinator's list of all looks tells the topic.
    """
    ReadLog.objects.create(at=at, reader=by, expert=None, what=f"{TOPIC_SEARCH}:{topic}")


def noted_topics_shown(experts: Collection[int], *, by: User, at: datetime) -> None:
    """Notes that topics without consent were shown to the coordinator in the search (ids of experts)."""
    if not experts:
        return
    own = Expert.objects.filter(user=by).values_list("pk", flat=True) if by.has_role(Role.EXPERT) else ()
    ReadLog.objects.bulk_create(
        ReadLog(at=at, reader=by, expert_id=pk, what="topics shown") for pk in sorted(set(experts) - set(own))
    )


def noted_export(experts: Iterable[Expert], what: str, *, by: User, at: datetime) -> None:
    """Notes an export (``export``, ``export with topics``): once as such, and in the log of each who is in it.

    One statement for all. One's own record is no look.
    """
    seen = [None, *(one for one in experts if one.user_id != by.pk)]
    ReadLog.objects.bulk_create(ReadLog(at=at, reader=by, expert=one, what=what) for one in seen)


def noted_read(expert: Expert | None, what: str, *, by: User, at: datetime) -> ReadLog | None:
    """Notes a look at a full record (``page``), or at many through a file. One's own record is no look (None)."""
    if expert is not None and expert.user_id == by.pk:
        return None
    return ReadLog.objects.create(at=at, reader=by, expert=expert, what=what)
