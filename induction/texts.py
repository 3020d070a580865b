"""Words of the history and of refusals; a guide in the reader's language."""

from dataclasses import dataclass

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from induction.formatting import Block, blocks
from induction.models import GuideVersion
from office.history import Words
from office.models import LogEntry


def _row(entry: LogEntry) -> str:
    name = "name_sv" if get_language() == "sv" else "name_fi"
    return str(entry.facts.get(name, ""))


def _ticked(entry: LogEntry) -> str:
    return _("ticked: %(row)s") % {"row": _row(entry)}


def _unticked(entry: LogEntry) -> str:
    return _("took the tick away: %(row)s") % {"row": _row(entry)}


WORDS: Words = {
    "induction.start": gettext_lazy("checklist begun"),
    "induction.tick": _ticked,
    "induction.untick": _unticked,
    "induction.finish": gettext_lazy("induction done"),
    "induction.reopen": gettext_lazy("checklist opened again"),
    "induction.refresh": gettext_lazy("rows brought up to date"),
    "readiness.tick": _ticked,
    "readiness.untick": _unticked,
    "guideversion.save": gettext_lazy("draft saved"),
    "guideversion.drop": gettext_lazy("draft removed"),
    "guideversion.publish": gettext_lazy("published"),
    "guideversion.publish_common": gettext_lazy("published"),
    "guideversion.read": gettext_lazy("read"),
    "checklistrow.add": gettext_lazy("row added"),
    "checklistrow.change": gettext_lazy("row changed"),
    "checklistrow.move": gettext_lazy("row moved"),
}


@dataclass(frozen=True)
class ShownText:
    """A guide's text as it is shown: ``language`` of the text, ``other`` the language it can be read in as well."""

    language: str
    blocks: tuple[Block, ...]
    other: str
    is_missing: bool


def shown_text(version: GuideVersion, wanted: str = "") -> ShownText:
    """The text in the wanted language, else the reader's (English readers: Finnish), else the one that there is."""
    reader = "sv" if get_language() == "sv" else "fi"
    texts = {"fi": version.text_fi, "sv": version.text_sv}
    asked = wanted if wanted in texts else reader
    other = "sv" if asked == "fi" else "fi"
    if texts[asked]:
        return ShownText(asked, tuple(blocks(texts[asked])), other if texts[other] else "", is_missing=False)
    return ShownText(other, tuple(blocks(texts[other])), "", is_missing=True)
