"""What each kind of work asks besides what all orders ask (R8, R9). Pure: no Django, no clock, no translated text."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from office.kinds import TaskType

#: More meetings than this are told a reason for (R8).
USUAL_MEETINGS = 3

_PROCESS = ("goal", "meetings", "more_reason", "spacing", "first_joint", "contact_way")
_GROUP = ("first_day", "last_day", "co_leader", "preparation_minutes", "end_reasons")
_LECTURE = ("theme", "audience", "audience_size", "equipment")
_PERIOD = ("first_day", "last_day")

#: The questions of each kind, in the order of the form; nothing more is asked and nothing else is kept.
ASKED: Mapping[str, tuple[str, ...]] = {
    TaskType.INDIVIDUAL: _PROCESS,
    TaskType.PAIR: _PROCESS,
    TaskType.GROUP: _GROUP,
    TaskType.LECTURE: _LECTURE,
    TaskType.DEVELOPMENT: (),
    TaskType.APPOINTMENT: _PERIOD,
    TaskType.WALK_IN: _PERIOD,
    TaskType.MEETING: (),
}
#: Those that must be answered.
NEEDED: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys((TaskType.INDIVIDUAL, TaskType.PAIR), ("goal", "meetings", "spacing", "contact_way")),
    **dict.fromkeys((TaskType.GROUP, TaskType.APPOINTMENT, TaskType.WALK_IN), _PERIOD),
    TaskType.LECTURE: ("theme", "audience"),
}
#: Agreed for a period in advance (R9).
WITH_PERIOD = frozenset({TaskType.GROUP, TaskType.APPOINTMENT, TaskType.WALK_IN})


def missing(kind: str, plan: Mapping[str, Any]) -> list[str]:
    """The names of the answers that are lacking; more than three meetings need a reason (R8)."""
    lacking = [name for name in NEEDED.get(kind, ()) if not plan.get(name)]
    if "more_reason" in ASKED[kind] and (plan.get("meetings") or 0) > USUAL_MEETINGS and not plan.get("more_reason"):
        lacking.append("more_reason")
    return lacking


def outside(first: date | None, last: date | None, days: Iterable[date]) -> list[date]:
    """The days that are not in the period, both ends included; a side that is not told does not limit."""
    return [day for day in days if (first and day < first) or (last and day > last)]
