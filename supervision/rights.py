"""Work supervision in a person's data (office.rights)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.personal import first_moment
from office.rights import Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from office.workdays import HELSINKI
from supervision.models import Attendance

SUPERVISION = record_class(
    "supervision",
    gettext_lazy("Work supervision"),
    70,
    ["supervision.Attendance"],
    lambda person: {"supervision.Attendance": Attendance.objects.filter(expert=person.expert_id)},
)


@SUPERVISION.collects
def _places(person: Person) -> Iterator[Section]:
    found = Attendance.objects.filter(expert=person.expert_id).select_related("meeting__group")
    yield from section(
        "supervision",
        _("Work supervision"),
        (
            [
                fact("group", _("Group"), localname(place.meeting.group)),
                *read(place.meeting, "starts_at", "ends_at", "place"),
                *read(place, "state"),
            ]
            for place in found.order_by("meeting__starts_at", "id")
        ),
    )


@SUPERVISION.erases
def _no_places(person: Person, _name: str, _at: datetime) -> int:
    return sum(clear(Attendance.objects.filter(expert=person.expert_id)).values())


@SUPERVISION.retained(months=24, since=gettext_lazy("the date of the group"))
def _old_places(border: date) -> QuerySet[Any]:
    found = Attendance.objects.filter(meeting__ends_at__lt=first_moment(border))
    return found.annotate(ended=TruncDate("meeting__ends_at", tzinfo=HELSINKI))


@SUPERVISION.removes
def _remove(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(Attendance.objects.filter(pk__in=ids))
