"""The columns of the registry's sheet: how a cell is read, and how it is written."""

from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.widgets import Widget

from experts.models import Area, Expert, Topic
from experts.sheet_words import FOR_NOW, LANGUAGES, PLACE, kind_words, work_language_words
from office import cells
from office.choices import TASK_TYPES, WORK_LANGUAGES

#: Column → attribute of the expert (``sheet_…`` hang on it, see experts.sheet_rows), in the order of an export.
COLUMNS = {
    "last_name": "last_name",
    "first_name": "first_name",
    "email": "email",
    "phone": "phone",
    "municipality": "municipality",
    "areas": "sheet_areas",
    "language": "language",
    "work_languages": "work_languages",
    "kinds": "kinds",
    "topics": "sheet_topics",
    "training": "training",
    "contract_from": "sheet_from",
    "contract_to": "sheet_to",
    "tax_card": "sheet_year",
    "payroll_number": "payroll_number",
    "state": "sheet_state",
    "note": "note",
}


class Words:
    """Words of the county's own lists, read once, and of codes in the reader's language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in PLACE else "fi"
        name = "name_sv" if self.language == "sv" else "name_fi"
        self.topics = {topic.code: topic for topic in Topic.objects.all()}
        self.topic_words = cells.folded(_names(self.topics.values(), "code"))
        self.topic_names = {code: str(getattr(topic, name)) for code, topic in self.topics.items()}
        areas = list(Area.objects.all())
        self.area_words = cells.folded(_names(areas, "pk"))
        self.area_names = {area.pk: str(getattr(area, name)) for area in areas}
        with translation.override(self.language):
            self.kinds = {code: str(label) for code, label in TASK_TYPES}
            self.languages = {code: str(label) for code, label in WORK_LANGUAGES}
            self.states = {code: str(label) for code, label in Expert.State.choices}
        self.state_words = {code: code for code in Expert.State.values}
        for spoken in PLACE:
            with translation.override(spoken):
                self.state_words |= {str(label).casefold(): code for code, label in Expert.State.choices}

    def topics_told(self, codes: Iterable[str]) -> str:
        return "; ".join(self.topic_names[code] for code in codes)


def _names(rows: Iterable[Any], code: str) -> list[tuple[str, str]]:
    return [(name, str(getattr(row, code))) for row in rows for name in (row.name_fi, row.name_sv)]


class Cell(Widget):  # type: ignore[misc]  # the library has no types
    """A cell that is read by a function of ``office.cells`` and shown by another."""

    def __init__(self, parse: Callable[[str], Any], show: Callable[[Any], Any] | None = None) -> None:
        super().__init__()
        self.parse, self.show = parse, show

    def clean(self, value: Any, **_kwargs: Any) -> Any:
        """Raises CellError, which is a ValueError: the library gathers it."""
        return self.parse(value or "")

    def render(self, value: Any, **_kwargs: Any) -> Any:
        """Text, a number or a day; nothing as the empty text."""
        if self.show is not None:
            return self.show(value)
        return "" if value is None else value


def _last_day(value: str) -> date | None:
    return None if value.casefold() in ("", *FOR_NOW) else cells.day(value)


def columns(words: Words) -> dict[str, Field]:
    """The fields of the resource, by column."""
    name = partial(cells.text, longest=80, needed=True)
    several = cells.several
    told: dict[str, Cell] = {
        "last_name": Cell(name),
        "first_name": Cell(name),
        "email": Cell(partial(cells.email, needed=False)),
        "phone": Cell(partial(cells.text, longest=40)),
        "municipality": Cell(partial(cells.text, longest=60)),
        "areas": Cell(
            lambda text: [int(pk) for pk in several(text, words.area_words, _("area"))],
            lambda pks: "; ".join(words.area_names[pk] for pk in pks),
        ),
        "language": Cell(
            lambda text: cells.one_of(text, LANGUAGES, _("language")), lambda code: words.languages.get(code, code)
        ),
        "work_languages": Cell(
            lambda text: several(text, work_language_words(), _("language")),
            lambda codes: "; ".join(words.languages.get(code, code) for code in codes),
        ),
        "kinds": Cell(
            lambda text: several(text, kind_words(), _("kind of work")),
            lambda codes: "; ".join(words.kinds.get(code, code) for code in codes),
        ),
        "topics": Cell(lambda text: several(text, words.topic_words, _("topic")), words.topics_told),
        "training": Cell(cells.text),
        "contract_from": Cell(lambda text: cells.day(text) if text else None),
        "contract_to": Cell(_last_day),
        "tax_card": Cell(cells.year),
        "payroll_number": Cell(lambda text: cells.text(text, longest=20) or None),
        "state": Cell(
            lambda text: cells.one_of(text, words.state_words, _("state")) if text else "",
            lambda code: words.states.get(code, code),
        ),
        "note": Cell(partial(cells.text, longest=10_000)),
    }
    return {
        column: Field(attribute=attribute, column_name=column, widget=told[column])
        for column, attribute in COLUMNS.items()
    }
