"""Lesson D12: no English is left in the Finnish and Swedish office. Both catalogues are whole, and a template says no
word past them.
"""

import re
from pathlib import Path

import pytest

from scripts import translate
from tests.tooling.servers import ROOT

TEMPLATES = ROOT / "templates"
#: Shows the parts of the pages to who builds them, in development only.
FOR_BUILDERS = {"styleguide.html"}
#: Names, kinds of files, and each language in its own words.
NAMES = {"Erfa", "CSV", "XLSX", "PDF", "km", "Suomi", "Svenska", "English", "suomeksi", "på svenska", "Lue suomeksi"}
NAMES |= {"Läs på svenska"}
#: Classes of a page, given to its frame as a block.
CLASSES = re.compile(r"\{% block (?:main|body)_class %\}.*?\{% endblock %\}")
NOT_SAID = re.compile(
    r"\{%-?\s*blocktranslate\b.*?%\}.*?\{%\s*endblocktranslate\s*%\}|\{%\s*comment\b.*?endcomment\s*%\}"
    r"|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}|<!--.*?-->|<(style|script)\b.*?</\1>",
    re.DOTALL,
)
SAID_IN_A_TAG = re.compile(r"""\b(?:alt|title|placeholder|aria-label|aria-description)="([^"]*)\"""")
WORD = re.compile(r"[^\W\d_]{2}")


def untranslated(source: str) -> set[str]:
    """What a template would say in every language alike."""
    left = NOT_SAID.sub("|", CLASSES.sub("", source))
    said = [*SAID_IN_A_TAG.findall(left), *re.split(r"[|·–()\n]", re.sub(r"<[^>]*>", "|", left))]
    return {" ".join(text.split()).strip("_ ") for text in said if WORD.search(text)} - NAMES


@pytest.mark.parametrize(
    ("source", "found"),
    [
        pytest.param("<p>{% translate 'Hours' %} {{ hours }} – Erfa (PDF)</p>", set(), id="translated"),
        pytest.param("{% blocktranslate trimmed %}\nAll of it\n{% endblocktranslate %}", set(), id="block"),
        pytest.param("<p>Hours {{ hours }}</p>", {"Hours"}, id="bare"),
        pytest.param('<img alt="A chart">', {"A chart"}, id="in-a-tag"),
        pytest.param('<a title="{% translate "Back" %}">←</a>', set(), id="translated-in-a-tag"),
    ],
)
def test_what_is_not_translated_is_seen(source: str, found: set[str]) -> None:
    assert untranslated(source) == found


def test_d12_no_template_says_a_word_past_the_catalogues() -> None:
    pages = [path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}]
    assert len(pages) > 100
    found = {
        str(path.relative_to(TEMPLATES)): words
        for path in pages
        if path.name not in FOR_BUILDERS and (words := untranslated(Path(path).read_text()))
    }
    assert found == {}


def test_d12_both_catalogues_say_every_text_of_the_office() -> None:
    template = translate.extract_all()
    assert len(template) > 4000
    found = {
        code: translate.faults(template, translate.po_path(code).read_text(), code) for code in translate.LANGUAGES
    }
    assert found == {"fi": [], "sv": []}
