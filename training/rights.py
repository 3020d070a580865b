"""Trainings in a person's data (office.rights)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.rights import Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from training.models import Attendance, ExternalTraining, Participant

TRAININGS = record_class(
    "trainings",
    gettext_lazy("Trainings"),
    35,
    ["training.Participant", "training.Attendance", "training.ExternalTraining"],
    lambda person: {
        "training.Participant": Participant.objects.filter(expert=person.expert_id),
        "training.Attendance": Attendance.objects.filter(participant__expert=person.expert_id),
        "training.ExternalTraining": ExternalTraining.objects.filter(expert=person.expert_id),
    },
)


@TRAININGS.collects
def _trainings(person: Person) -> Iterator[Section]:
    places = Participant.objects.filter(expert=person.expert_id).select_related("course__training").order_by("id")
    yield from section(
        "trainings",
        _("Trainings"),
        (
            [
                fact("training", _("Training"), place.course.training.code, localname(place.course.training)),
                *read(place.course, "trainer"),
                *read(place, "state", "ended_on"),
            ]
            for place in places
        ),
    )
    dates = Attendance.objects.filter(participant__expert=person.expert_id).select_related("date__course__training")
    yield from section(
        "training_dates",
        _("Dates of trainings"),
        (
            [
                fact("training", _("Training"), row.date.course.training.code, localname(row.date.course.training)),
                *read(row.date, "starts_at", "ends_at", "place"),
            ]
            for row in dates.order_by("date__starts_at", "id")
        ),
    )
    external = ExternalTraining.objects.filter(expert=person.expert_id).order_by("completed_on", "id")
    yield from section(
        "external_trainings",
        _("Trainings elsewhere"),
        (read(row, "name", "organiser", "completed_on", "minutes") for row in external),
    )


@TRAININGS.erases
def _no_trainings(person: Person, _name: str, _at: datetime) -> int:
    rows = TRAININGS.rows(person)
    return sum(
        clear(rows["training.Attendance"], rows["training.Participant"], rows["training.ExternalTraining"]).values()
    )
