"""Trainings in a person's data (office.rights). Kept until an erasure: work and fees ask for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.formats import hours
from office.rights import Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from training.models import Attendance, ExternalTraining, Participant

MINUTE = timedelta(minutes=1)

TRAININGS = record_class(
    "trainings",
    gettext_lazy("Courses and trainings from elsewhere"),
    36,
    ["training.Participant", "training.Attendance", "training.ExternalTraining"],
    lambda person: {
        "training.Participant": Participant.objects.filter(expert=person.expert_id),
        "training.Attendance": Attendance.objects.filter(participant__expert=person.expert_id),
        "training.ExternalTraining": ExternalTraining.objects.filter(expert=person.expert_id),
    },
)


@TRAININGS.collects
def _trainings(person: Person) -> Iterator[Section]:
    places = Participant.objects.filter(expert=person.expert_id).with_time().select_related("course__training")
    timed = [(place, place.time // MINUTE) for place in places.order_by("id")]  # type: ignore[attr-defined]  # annotated
    yield from section(
        "courses",
        _("Courses"),
        (
            [
                fact("training", _("Training"), place.course.training.code, localname(place.course.training)),
                fact("trainer", _("Trainer"), place.course.trainer),
                *read(place, "state", "ended_on"),
                fact("minutes", _("Hours"), minutes, hours(minutes)),
            ]
            for place, minutes in timed
        ),
    )
    there = Attendance.objects.filter(participant__expert=person.expert_id).select_related("date__course__training")
    yield from section(
        "course_dates",
        _("Dates of courses where you were"),
        (
            [
                fact("training", _("Training"), localname(held.date.course.training)),
                *read(held.date, "starts_at", "ends_at", "place"),
            ]
            for held in there.order_by("date__starts_at", "id")
        ),
    )
    external = ExternalTraining.objects.filter(expert=person.expert_id).select_related("training", "noted_by")
    yield from section(
        "external_trainings",
        _("Trainings from elsewhere"),
        (
            [
                *read(held, "name", "organiser", "completed_on", "minutes"),
                fact("counts_as", _("Counts as"), localname(held.training) or None),
                fact("noted_by", _("Noted by"), str(held.noted_by)),
            ]
            for held in external
        ),
    )


@TRAININGS.erases
def _no_trainings(person: Person, _name: str, _at: datetime) -> int:
    found = TRAININGS.rows(person)
    attendances, places = found["training.Attendance"], found["training.Participant"]
    return sum(clear(attendances, places, found["training.ExternalTraining"]).values())
