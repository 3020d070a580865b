"""What waits for the coordinator: dates of courses that are over and nobody has marked."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from office.choices import Role
from office.formats import day
from office.models import User
from office.templatetags.erfa import localname
from office.todo import Todo, source
from training.models import CourseDate, Participant

MOST = 10


@source
def unmarked(user: User, at: datetime) -> Iterable[Todo]:
    """Dates that have ended, of courses with participants, without attendance (one query)."""
    if not user.has_role(Role.COORDINATOR):
        return []
    places = Participant.objects.filter(course=OuterRef("course")).taking_seat()
    waiting = CourseDate.objects.filter(Exists(places), ends_at__lte=at, marked_at__isnull=True)
    language = translation.get_language() or "fi"
    return [
        Todo(
            sentence=_("Mark who was there: %(course)s, %(day)s")
            % {"course": localname(held.course.training), "day": day(held.starts_at, language)},
            url=reverse("training:date", args=[held.pk]),
            verb=_("Mark"),
        )
        for held in waiting.select_related("course__training")[:MOST]
    ]
