"""Trainings and courses to begin a test with."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from experts.models import Expert
from office.models import User
from training.models import Course, CourseDate, ExternalTraining, Participant, Training

from tests.factories import at, make_user  # isort: skip

_number = count(1)
MONDAY_9 = at(2026, 9, 7, 9)


def make_training(code: str = "", *, kinds: Sequence[str] = (), **fields: Any) -> Training:
    n = next(_number)
    code = code or f"training-{n}"
    values = {"name_fi": f"Koulutus {code}", "name_sv": f"Utbildning {code}"} | fields
    return Training.objects.create(code=code, kinds=list(kinds), **values)


def make_course(
    training: Training | None = None, *, starts: Sequence[datetime] = (MONDAY_9,), seats: int = 8, hours: int = 3
) -> Course:
    """A course with a date of three hours at each beginning."""
    course = Course.objects.create(
        training=training or make_training(), trainer="Tina Trainer", seats=seats, created_at=at(2026, 8, 1)
    )
    CourseDate.objects.bulk_create(
        CourseDate(course=course, starts_at=start, ends_at=start + timedelta(hours=hours), place="Library")
        for start in starts
    )
    return course


def make_place(course: Course, expert: Expert, *, completed_on: date | None = None) -> Participant:
    """On the course, or through it."""
    if completed_on is None:
        return Participant.objects.create(course=course, expert=expert)
    return Participant.objects.create(
        course=course, expert=expert, state=Participant.State.COMPLETED, ended_on=completed_on, ended_by=make_user()
    )


def complete(expert: Expert, training: Training, on: date) -> Participant:
    """The expert has completed the training on the day."""
    return make_place(make_course(training), expert, completed_on=on)


def make_external(expert: Expert, *, by: User | None = None, **fields: Any) -> ExternalTraining:
    values = {"name": "First aid", "completed_on": date(2026, 5, 4), "minutes": 480} | fields
    return ExternalTraining.objects.create(expert=expert, noted_by=by or make_user(), **values)
