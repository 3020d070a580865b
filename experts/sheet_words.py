"""Headings and words of the registry's sheet: Finnish, Swedish, English first, then how offices write them, too.

What an export writes in one language, an import reads in any.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.utils import translation

from office.choices import TASK_TYPES, WORK_LANGUAGES
from office.kinds import TaskType

HEADINGS: dict[str, tuple[str, ...]] = {
    "last_name": ("Sukunimi", "Efternamn", "Last name"),
    "first_name": ("Etunimi", "Förnamn", "First name"),
    "email": ("Sähköposti", "E-post", "E-mail", "Email"),
    "phone": ("Puhelin", "Telefon", "Telephone", "Phone"),
    "municipality": ("Kunta", "Kommun", "Municipality"),
    "areas": ("Toimialueet", "Områden", "Areas", "Alueet"),
    "language": ("Asiointikieli", "Kontaktspråk", "Contact language"),
    "work_languages": ("Työskentelykielet", "Arbetsspråk", "Working languages"),
    "kinds": ("Tehtävälajit", "Uppdragstyper", "Kinds of work"),
    "topics": ("Aihealueet", "Erfarenhetsområden", "Topics"),
    "training": ("Koulutus", "Utbildning", "Training"),
    "contract_from": ("Sopimus alkaa", "Avtalet börjar", "Contract begins"),
    "contract_to": ("Sopimus päättyy", "Avtalet slutar", "Contract ends", "Avtalet upphör"),
    "tax_card": (
        "Verokortti toimitettu (vuosi)",
        "Skattekort levererat (år)",
        "Tax card delivered (year)",
        "Skattekort lämnat (år)",
    ),
    "payroll_number": ("Palkansaajanumero", "Löntagarnummer", "Payroll number"),
    "state": ("Tila", "Status", "State"),
    "note": ("Huom.", "Anm.", "Note", "Huom", "Anmärkning"),
}
NEEDED = ("last_name", "first_name", "email", "language", "contract_from")
PLACE = {"fi": 0, "sv": 1, "en": 2}

#: Words for a contract without an end.
FOR_NOW = ("toistaiseksi", "tills vidare", "until it is ended")

LANGUAGES = {"fi": "fi", "suomi": "fi", "finska": "fi", "sv": "sv", "ruotsi": "sv", "svenska": "sv", "en": "en"}
LANGUAGES |= {"finnish": "fi", "swedish": "sv", "english": "en", "englanti": "en", "engelska": "en"}

WORK_LANGUAGE_WORDS = {
    **LANGUAGES,
    "saame": "se",
    "pohjoissaame": "se",
    "nordsamiska": "se",
    "venäjä": "ru",
    "ryska": "ru",
    "viro": "et",
    "estniska": "et",
    "arabia": "ar",
    "arabiska": "ar",
    "somali": "so",
    "somaliska": "so",
    "ukraina": "uk",
    "ukrainska": "uk",
    "viittomakieli": "fsl",
    "teckenspråk": "fsl",
}

KIND_WORDS = {
    "yksilötyö": TaskType.INDIVIDUAL,
    "individuellt arbete": TaskType.INDIVIDUAL,
    "työpari": TaskType.PAIR,
    "pararbete": TaskType.PAIR,
    "ryhmä": TaskType.GROUP,
    "grupp": TaskType.GROUP,
    "luento": TaskType.LECTURE,
    "föreläsning": TaskType.LECTURE,
    "kehittämistyö": TaskType.DEVELOPMENT,
    "utvecklingsarbete": TaskType.DEVELOPMENT,
    "vastaanotto, ajanvaraus": TaskType.APPOINTMENT,
    "mottagning, tidsbokning": TaskType.APPOINTMENT,
    "vastaanotto, walk-in": TaskType.WALK_IN,
    "mottagning, walk-in": TaskType.WALK_IN,
    "kokous": TaskType.MEETING,
    "möte": TaskType.MEETING,
}


def heading(column: str, language: str) -> str:
    """The heading that an export writes."""
    return HEADINGS[column][PLACE.get(language, 0)]


@cache
def work_language_words() -> Mapping[str, str]:
    """Any word for a language → its code: the offices' words and those of our own pages, in all languages."""
    return {**_own_words(WORK_LANGUAGES), **WORK_LANGUAGE_WORDS}


@cache
def kind_words() -> Mapping[str, str]:
    """Any word for a kind of work → its code."""
    return {**_own_words(TASK_TYPES), **{word: kind.value for word, kind in KIND_WORDS.items()}}


def _own_words(choices: list[tuple[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for language in PLACE:
        with translation.override(language):
            found |= {str(label).casefold(): code for code, label in choices}
    return found | {code: code for code, _label in choices}
