"""Words of the history of courses."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.history import Words
from office.models import LogEntry
from training.models import Participant


def _attendance(entry: LogEntry) -> str:
    facts = entry.facts
    return _("attendance marked: %(there)s of %(of)s were there") % {
        "there": facts.get("there", 0),
        "of": facts.get("of", 0),
    }


def words(places: Iterable[Participant]) -> Words:
    """The words of a course's history with the names of its participants."""
    names = {place.pk: str(place.expert) for place in places}

    def named(said: str) -> Callable[[LogEntry], str]:
        return lambda entry: said % {"name": names.get(entry.object_id, "")}

    return {
        **WORDS,
        "participant.enrol": named(_("%(name)s put on the course")),
        "participant.complete": named(_("%(name)s has completed the course")),
        "participant.interrupt": named(_("%(name)s has interrupted the course")),
        "participant.undo": named(_("%(name)s is on the course again")),
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
}
