"""The audit log as sentences. Each app brings its own words for its kinds of rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from office.models import LogEntry

Words = Mapping[str, "str | Promise | Callable[[LogEntry], str]"]


@dataclass(frozen=True)
class Line:
    """A row of ``components/history.html``."""

    at: datetime
    text: str


def sentence(entry: LogEntry, words: Words) -> str:
    """``Kaisa Koordinaattori, for Aino Aalto: contract signed. Reason``."""
    found = words.get(entry.kind, entry.kind)
    what = found(entry) if callable(found) else str(found)
    who = str(entry.actor) if entry.actor else _("The program")
    if entry.on_behalf_of:
        who = _("%(who)s, for %(other)s") % {"who": who, "other": entry.on_behalf_of}
    text = f"{who}: {what}"
    return f"{text} – {entry.reason}" if entry.reason else text


def lines(entries: Iterable[LogEntry], words: Words) -> list[Line]:
    """The rows for the page, newest first."""
    return [Line(entry.at, sentence(entry, words)) for entry in sorted(entries, key=lambda e: -e.pk)]
