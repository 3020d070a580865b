"""Documents set by Typst: the same words in the same order as by WeasyPrint, and what is left to WeasyPrint."""

import io
import subprocess
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pikepdf
import pytest

from office import pdf, typesetting
from office.typesetting import Unfit

AT = datetime(2026, 11, 16, 9, 5, tzinfo=UTC)
HEAD = '<div class="head"><p class="office">Itä<small>Koordinointi</small></p><p class="run">Erä 7<br>1 / 2</p></div>'
EUROPE = [
    "Áile-Márjá Ŋuorvváŧ-Čearru Đ.",
    "Świętosława Żółć-Łęcka",
    "Gülşen İpekçioğlu-Ağaoğlu",
    "Ελένη Παπαδοπούλου",
    "Олександра Ґонтаренко-Щербакова",
    "Þórður Ægisson, Mărțișor Țiței",
]


def table(rows: int, name: str = "Äijälä") -> str:
    row = f"<tr><th scope='row'>1.2.</th><td>{name}<small>Loviisa</small></td><td class='n'>1,00</td></tr>"
    return (
        '<table><caption>Rivit</caption><colgroup><col class="w20"><col class="w60"><col class="w20"></colgroup>'
        "<thead><tr>"
        '<th scope="col">Päivä</th><th scope="col">Kuka</th><th scope="col" class="n">€</th></tr></thead>'
        f"<tbody>{row * rows}</tbody><tfoot><tr><th scope='row' colspan='2'>Yhteensä</th>"
        f"<td class='n'>{rows},00</td></tr></tfoot></table>"
    )


def made(body: str, **more: Any) -> bytes:
    return pdf.render(body, title="Erittely", language="fi", created=AT, page_word="Sivu", **more)


def refuse(asked: object) -> bytes:
    raise Unfit(repr(asked))


@pytest.fixture
def no_weasyprint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_by_weasyprint", refuse)


@pytest.fixture
def left_to_weasyprint(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    found: list[bytes] = []
    slow = pdf._by_weasyprint

    def noted(asked: pdf._Asked) -> bytes:
        found.append(slow(asked))
        return found[-1]

    monkeypatch.setattr(pdf, "_by_weasyprint", noted)
    return found


def words(content: bytes, folder: Path) -> list[list[str]]:
    (folder / "a.pdf").write_bytes(content)
    read = ["pdftotext", "-layout", str(folder / "a.pdf"), "-"]
    text = subprocess.run(read, capture_output=True, check=True, text=True).stdout
    return [page.split() for page in text.split("\f")]


def all_of(pages: list[list[str]]) -> list[str]:
    return [word for page in pages for word in page]


@pytest.mark.parametrize("rows", [1, 20, 70])
def test_it_says_the_same_as_weasyprint(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"{HEAD}<h1>Erittely</h1>{table(rows, 'Perhekeskus, Porvoo ja Loviisa · Ağaoğlu')}<p>Loppu.</p>"
    quick = words(made(body, foot="Taulukko 2026"), tmp_path)
    monkeypatch.setattr(pdf, "_by_typst", refuse)
    slow = words(made(body, foot="Taulukko 2026"), tmp_path)
    assert len(quick) == len(slow)
    if rows < 70:  # of several pages, one may hold a row more
        assert quick == slow
    assert sorted(all_of(quick)) == sorted(all_of(slow))


@pytest.mark.usefixtures("no_weasyprint")
@pytest.mark.parametrize("name", EUROPE)
def test_names_with_any_letter_of_europe_are_drawn(name: str, tmp_path: Path) -> None:
    assert name.split(maxsplit=1)[0] in all_of(words(made(f"{HEAD}<h1>{name}</h1>{table(2, name)}"), tmp_path))


@pytest.mark.usefixtures("no_weasyprint")
@pytest.mark.parametrize(
    "typed", ["*Anna* _Maija_", "#pagebreak()", "$x$ @anna <b>", "= Anna", "Anna\\Maija", "// Anna"]
)
def test_what_people_typed_is_never_markup(typed: str, tmp_path: Path) -> None:
    """P11: a name with signs of the template's language is drawn as it was typed."""
    found = words(made(f"{HEAD}{table(1, escape(typed))}"), tmp_path)
    assert len(found) == 2  # one page, and what pdftotext writes after the last
    assert " ".join(typed.split()) in " ".join(found[0])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>Helmi\x0bNiemi</p>", id="a control character"),
        pytest.param("<ul><li>Rivi</li></ul>", id="another element"),
        pytest.param("<p>Rivi <b>lihava</b></p>", id="bold within a text"),
        pytest.param("irrallaan", id="words outside of an element"),
        pytest.param("<p>\U00014400</p>", id="a letter that no font has"),
    ],
)
def test_what_it_does_not_draw_weasyprint_does(body: str, left_to_weasyprint: list[bytes]) -> None:
    content = made(body)
    assert left_to_weasyprint == [content]
    assert content.startswith(b"%PDF-1.7")


@pytest.mark.usefixtures("no_weasyprint")
def test_the_same_words_give_the_same_bytes_whatever_was_made_before(monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(f"{HEAD}<h1>Žofia</h1>")
    for name in EUROPE:
        made(f"{HEAD}<h1>{name}</h1>")
    monkeypatch.setattr(typesetting, "_own", threading.local())
    assert made(f"{HEAD}<h1>Žofia</h1>") == first


@pytest.mark.usefixtures("no_weasyprint")
def test_heads_come_again_on_each_page_and_the_sum_never_stands_alone(tmp_path: Path) -> None:
    for rows in range(15, 32):
        pages = words(made(table(rows)), tmp_path)[:-1]
        assert all("Päivä" in page for page in pages), rows
        assert "Äijälä" in pages[-1], rows
        assert all_of(pages).count("1.2.") == rows


@pytest.mark.usefixtures("no_weasyprint")
def test_heads_that_come_again_are_for_eyes_only() -> None:
    """Read aloud, a table of several pages has one head and one foot."""
    file = pikepdf.open(io.BytesIO(made(table(70))))
    tags = [str(one["/S"]) for one in file.objects if isinstance(one, pikepdf.Dictionary) and "/S" in one]
    assert len(file.pages) > 1
    assert [tags.count(tag) for tag in ("/Table", "/THead", "/TFoot", "/Caption")] == [1, 1, 1, 1]


@pytest.mark.usefixtures("no_weasyprint")
def test_a_row_higher_than_a_page_loses_no_word(tmp_path: Path) -> None:
    pages = words(made(table(1, "sana " * 4000)), tmp_path)[:-1]
    assert len(pages) > 1
    assert all_of(pages).count("sana") == 4000


# Lesson D12.
@pytest.mark.usefixtures("no_weasyprint")
def test_a_word_wider_than_its_column_is_broken(tmp_path: Path) -> None:
    word = "Kehitysvammapsykiatrinenpoliklinikka"
    (page, _end) = words(made(table(1, word * 4)), tmp_path)
    read = "".join(page).replace("\N{ZERO WIDTH SPACE}", "").replace("1,00", "")
    assert word * 4 in read
    assert word * 4 not in " ".join(page).replace("\N{ZERO WIDTH SPACE}", "")


@pytest.mark.usefixtures("no_weasyprint")
@pytest.mark.parametrize("rows", [0, 1])
def test_what_stays_together_is_not_torn(rows: int, tmp_path: Path) -> None:
    filler = "<p>rivi</p>" * 37
    pages = words(made(f"{filler}{'<p>rivi</p>' * rows}<div class='keep'>{table(8)}</div>"), tmp_path)[:-1]
    assert ["Äijälä" in page for page in pages] == [False, True]
