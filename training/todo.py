"""What waits for the coordinator: dates of courses that are over and nobody has marked."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from office.choices import Role
from office.formats import day
from office.models import User
from office.todo import Ask, Todo, source
from office.together import Row
from training.models import CourseDate, Participant

MOST = 10


@source
def unmarked(user: User, at: datetime) -> Iterator[Ask]:
    """Dates that have ended, of courses with participants, without attendance."""
    if user.has_role(Role.COORDINATOR):
        places = Participant.objects.filter(course=OuterRef("course")).taking_seat()
        waiting = CourseDate.objects.filter(Exists(places), ends_at__lte=at, marked_at__isnull=True)
        names = ("course__training__name_fi", "course__training__name_sv")
        yield Ask(waiting.values_list("pk", "starts_at", *names)[:MOST], _told)


def _told(rows: list[Row]) -> Iterator[Todo]:
    language = translation.get_language() or "fi"
    for pk, starts_at, name_fi, name_sv in rows:
        course = name_sv if language == "sv" else name_fi
        said = _("Mark who was there: %(course)s, %(day)s") % {"course": course, "day": day(starts_at, language)}
        yield Todo(said, reverse("training:date", args=[pk]), _("Mark"))
