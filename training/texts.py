"""Words of the history of courses."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.history import Words
from office.models import LogEntry


def _attendance(entry: LogEntry) -> str:
    facts = entry.facts
    return _("attendance marked: %(there)s of %(of)s were there") % {
        "there": facts.get("there", 0),
        "of": facts.get("of", 0),
    }


WORDS: Words = {
    "training.add": gettext_lazy("training added"),
    "training.change": gettext_lazy("training changed"),
    "course.add": gettext_lazy("course added"),
    "course.change": gettext_lazy("course changed"),
    "course.dates": gettext_lazy("dates added"),
    "course.date_removed": gettext_lazy("a date removed"),
    "course.taken_off": gettext_lazy("somebody taken off the course"),
    "course.attendance": _attendance,
    "participant.enrol": gettext_lazy("somebody put on the course"),
    "participant.complete": gettext_lazy("marked as completed"),
    "participant.interrupt": gettext_lazy("marked as interrupted"),
    "participant.undo": gettext_lazy("mark taken back"),
}
