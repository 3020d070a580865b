"""Texts are found in templates and code without gettext, and a catalogue with a fault is refused."""

import gettext
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from django.template import Context, Template
from django.utils import translation

from scripts import translate

Found = tuple[str | None, str | tuple[str, ...]]


def found_in(source: str, method: Any = translate.extract_template) -> list[Found]:
    messages = extract(method, BytesIO(source.encode()), translate.KEYWORDS)
    return [(context, message) for _line, message, _comments, context in messages]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('{% translate "Hour list" %}', [(None, "Hour list")], id="translate"),
        pytest.param("{% trans 'Hour list' as title %}", [(None, "Hour list")], id="old-name-single-quotes"),
        pytest.param('{% translate "It\'s late" %}', [(None, "It's late")], id="apostrophe"),
        pytest.param('{% translate "100 %" %}', [(None, "100 %%")], id="percent-sign-doubled-as-Django-does"),
        pytest.param('{% translate "May" context "month" %}', [("month", "May")], id="context"),
        pytest.param("{% translate subject %}", [], id="a-variable-is-not-a-text"),
        pytest.param('{% translate "a" %}{% translate "b" %}', [(None, "a"), (None, "b")], id="two-on-a-line"),
        pytest.param('{{ name|default:_("nobody") }}', [(None, "nobody")], id="filter-argument"),
        pytest.param('{{ _("Close")|title }}', [(None, "Close")], id="variable-literal"),
        pytest.param('{% include "x" with title=_("Fees (gross)") %}', [(None, "Fees (gross)")], id="tag-argument"),
        pytest.param('{% if a == _("Yes") or a == _("No") %}', [(None, "Yes"), (None, "No")], id="two-in-a-tag"),
        pytest.param('{% comment %}{% translate "not" %}{% endcomment %}', [], id="comment"),
        pytest.param('<p>gettext("raw")</p>', [], id="plain-text-that-looks-like-a-call"),
        pytest.param(
            "{% blocktranslate %}Dear {{ name }}, 5 % \"more\" 'now'{% endblocktranslate %}",
            [(None, "Dear %(name)s, 5 %% \"more\" 'now'")],
            id="block",
        ),
        pytest.param(
            "{% blocktranslate trimmed %}\n  First line\n  (second) line\n{% endblocktranslate %}",
            [(None, "First line (second) line")],
            id="trimmed",
        ),
        pytest.param(
            "{% blocktranslate %}first\nsecond{% endblocktranslate %}",
            [(None, "first\nsecond")],
            id="block-of-two-lines",
        ),
        pytest.param(
            "{% blocktranslate trimmed count n=x|length %}\na row\n{% plural %}\n{{ n }} rows\n{% endblocktranslate %}",
            [(None, ("a row", "%(n)s rows"))],
            id="plural-trimmed",
        ),
        pytest.param(
            '{% blocktranslate context "fee" count n=n %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}',
            [("fee", ("%(n)s line", "%(n)s lines"))],
            id="plural-with-context",
        ),
        pytest.param(
            '{% blocktranslate with who=name|default:_("nobody") %}For {{ who }}{% endblocktranslate %}',
            [(None, "nobody"), (None, "For %(who)s")],
            id="text-in-the-opening-tag",
        ),
        pytest.param(
            "{% blocktranslate %}Ääkköset – 60,00 €{% endblocktranslate %}",
            [(None, "Ääkköset – 60,00 €")],
            id="letters",
        ),
    ],
)
def test_texts_of_a_template(source: str, expected: list[Found]) -> None:
    assert found_in(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param('_("Hour list")', [(None, "Hour list")], id="underscore"),
        pytest.param('gettext_lazy("a " "b")', [(None, "a b")], id="joined"),
        pytest.param(
            'ngettext_lazy("%(n)s row", "%(n)s rows", "n")', [(None, ("%(n)s row", "%(n)s rows"))], id="plural"
        ),
        pytest.param('pgettext("month", "May")', [("month", "May")], id="context"),
        pytest.param('npgettext_lazy("fee", "line", "lines", n)', [("fee", ("line", "lines"))], id="plural-context"),
        pytest.param('_(f"not {x}")', [], id="f-string-is-no-text"),
        pytest.param("_(variable)", [], id="variable"),
    ],
)
def test_texts_of_python(source: str, expected: list[Found]) -> None:
    assert found_in(source, "python") == expected


def test_what_is_collected_is_what_django_looks_up() -> None:
    """The id that a template asks for when it is rendered is the id that was collected."""
    source = (
        '{% load i18n %}{% blocktranslate trimmed with who=name count n=n context "fee" %}\n {{ n }} row, {{ who }} 5 %'
        '\n{% plural %}\n {{ n }} rows, {{ who }} 5 %\n{% endblocktranslate %}|{% translate "5 %" context "fee" %}'
    )
    asked: list[Found] = []

    class Spy(gettext.NullTranslations):
        def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
            asked.append((context, (msgid1, msgid2)))
            return super().npgettext(context, msgid1, msgid2, n)

        def pgettext(self, context: str, message: str) -> str:
            asked.append((context, message))
            return super().pgettext(context, message)

    with translation.override("fi"), pytest.MonkeyPatch.context() as patch:
        spy = Spy()
        active: Any = vars(translation)["_trans"]
        patch.setattr(active, "npgettext", spy.npgettext, raising=False)
        patch.setattr(active, "pgettext", spy.pgettext, raising=False)
        rendered = Template(source).render(Context({"name": "Aino", "n": 2}))
    assert rendered == "2 rows, Aino 5 %|5 %"
    assert asked == found_in(source)


PO = translate.HEADER.format(name="Finnish", code="fi")


def faults(
    *entries: str, template: str = '_("Hours"); ngettext("%(n)s row", "%(n)s rows", n)', header: str = PO
) -> list[str]:
    catalog = Catalog(fuzzy=False)
    for context, message in found_in(template, "python"):
        catalog.add(message, context=context)
    return translate.faults(catalog, header + "\n\n".join(entries) + "\n", "fi")


HOURS = 'msgid "Hours"\nmsgstr "Tunnit"'
ROWS = 'msgid "%(n)s row"\nmsgid_plural "%(n)s rows"\nmsgstr[0] "%(n)s rivi"\nmsgstr[1] "%(n)s riviä"'


# Lesson D12.
def test_a_whole_catalogue_has_no_fault() -> None:
    assert faults(HOURS, ROWS) == []


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        pytest.param([ROWS], ["'Hours' is missing"], id="missing"),
        pytest.param([HOURS.replace("Tunnit", ""), ROWS], ["'Hours' is not translated"], id="empty"),
        pytest.param([HOURS, ROWS.replace("%(n)s riviä", "")], ["'%(n)s row' is not translated"], id="one-form-empty"),
        pytest.param(["#, fuzzy\n" + HOURS, ROWS], ["'Hours' is marked fuzzy"], id="fuzzy"),
        pytest.param(
            [HOURS, ROWS, 'msgid "Old"\nmsgstr "Vanha"'], ["'Old' is left over: no code has it"], id="left-over"
        ),
        pytest.param(
            [HOURS, ROWS, '#~ msgid "Old"\n#~ msgstr "Vanha"'], ["'Old' is left over (obsolete)"], id="obsolete"
        ),
        pytest.param([HOURS, ROWS, HOURS.replace("Tunnit", "Tunteja")], ["a text stands twice"], id="twice"),
        pytest.param(
            [HOURS, ROWS.replace("%(n)s riviä", "%(m)s riviä")],
            ["'%(n)s row' has other placeholders than the English: '%(m)s riviä'"],
            id="placeholder",
        ),
        pytest.param(
            [HOURS.replace("Tunnit", "<b>Tunnit"), ROWS],
            ["'Hours' has other tags than the English: '<b>Tunnit'"],
            id="markup",
        ),
    ],
)
def test_faults_are_told(entries: list[str], expected: list[str]) -> None:
    assert faults(*entries) == expected


def test_a_fuzzy_header_is_told() -> None:
    """Babel's own compiler leaves such a file out with one line of output."""
    assert faults(HOURS, ROWS, header="#, fuzzy\n" + PO.split("\n", 1)[1]) == [
        "the header is marked fuzzy",
        "the header is not ours",
    ]


def test_compiled_catalogue_answers_and_is_the_same_bytes_twice(tmp_path: Path) -> None:
    folder = tmp_path / "locale" / "fi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO + HOURS + "\n\n" + ROWS + "\n", encoding="utf-8")
    translate.compile_all(tmp_path)
    first = (folder / "django.mo").read_bytes()
    (folder / "django.mo").unlink()
    translate.compile_all(tmp_path)
    assert (folder / "django.mo").read_bytes() == first
    catalog = gettext.GNUTranslations(BytesIO(first))
    assert [
        catalog.gettext("Hours"),
        catalog.ngettext("%(n)s row", "%(n)s rows", 1),
        catalog.ngettext("%(n)s row", "%(n)s rows", 0),
    ] == [
        "Tunnit",
        "%(n)s rivi",
        "%(n)s riviä",
    ]


def test_update_keeps_translations_and_is_stable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second update changes nothing; a text that went away goes; new ones come without a translation, sorted."""
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "views.py").write_text('_("Hours")\n_("Apples")\n')
    folder = tmp_path / "locale" / "fi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO + HOURS + '\n\nmsgid "Old"\nmsgstr "Vanha"\n', encoding="utf-8")
    monkeypatch.setattr(translate, "ROOT", tmp_path)
    monkeypatch.setattr(translate, "LANGUAGES", {"fi": "Finnish"})
    monkeypatch.setattr(translate, "extract_all", lambda root=tmp_path, original=translate.extract_all: original(root))
    translate.update()
    first = (folder / "django.po").read_text(encoding="utf-8")
    translate.update()
    assert (folder / "django.po").read_text(encoding="utf-8") == first
    assert first == (
        PO + '#: office/views.py\nmsgid "Apples"\nmsgstr ""\n\n#: office/views.py\nmsgid "Hours"\nmsgstr "Tunnit"\n'
    )


def test_a_text_with_and_without_a_plural_is_told(tmp_path: Path) -> None:
    """Catalogues hold it once, with its plural; gettext without a number would not find it there."""
    folder = tmp_path / "templates"
    folder.mkdir()
    (folder / "one.html").write_text('{% translate "It suits" %}{% translate "Yes" %}{% translate "No" context "a" %}')
    counted = "{% blocktranslate count n=n %}It suits{% plural %}They suit{% endblocktranslate %}"
    (folder / "two.html").write_text(counted + "{% blocktranslate count n=n %}No{% plural %}Nos{% endblocktranslate %}")
    assert translate.both_ways(tmp_path) == ["It suits"]
