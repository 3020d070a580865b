"""Our own typesetter: the same words in the same places as WeasyPrint, and what it leaves to WeasyPrint."""

import io
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from office import pdf
from office.paper.setting import broken
from office.paper.typeface import BOLD, REGULAR, Unfit, faces

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


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) reads the pages")
@pytest.mark.parametrize("rows", [1, 20, 70])
def test_each_page_says_the_same_as_by_weasyprint(rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = f"{HEAD}<h1>Erittely</h1>{table(rows, 'Perhekeskus, Porvoo ja Loviisa · Ağaoğlu')}<p>Loppu.</p>"
    ours = words(made(body, foot="Taulukko 2026"), tmp_path)
    monkeypatch.setattr(pdf, "_by_us", refuse)
    assert words(made(body, foot="Taulukko 2026"), tmp_path) == ours


@pytest.mark.usefixtures("no_weasyprint")
@pytest.mark.parametrize("name", EUROPE)
def test_names_with_any_letter_of_europe_are_ours_to_draw(name: str) -> None:
    file = pikepdf.open(io.BytesIO(made(f"{HEAD}<h1>{name}</h1>{table(2, name)}")))
    font = file.pages[0]["/Resources"]["/Font"]["/F0"]
    told = font["/ToUnicode"].read_bytes().decode()
    assert all(f"<{ord(letter):04x}>" in told for letter in name if letter != " ")


@pytest.mark.usefixtures("no_weasyprint")
def test_a_composed_letter_is_drawn_by_its_own_glyph() -> None:
    assert faces()[REGULAR].word("e\N{COMBINING ACUTE ACCENT}").glyphs == faces()[REGULAR].word("é").glyphs


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<h1>محمد</h1>", id="letters that our font lacks"),
        pytest.param("<p>Helmi\x0bNiemi</p>", id="a control character"),
        pytest.param("<ul><li>Rivi</li></ul>", id="another element"),
        pytest.param("<p>Rivi <b>lihava</b></p>", id="bold within a text"),
        pytest.param("<p>" + "sana " * 4000 + "</p>", id="higher than a page"),
        pytest.param("irrallaan", id="words outside of an element"),
    ],
)
def test_what_it_does_not_draw_weasyprint_does(body: str, left_to_weasyprint: list[bytes]) -> None:
    content = made(body)
    assert left_to_weasyprint == [content]
    assert content.startswith(b"%PDF-1.7")


@pytest.mark.usefixtures("no_weasyprint")
def test_the_same_words_give_the_same_bytes_whatever_was_made_before() -> None:
    first = made(f"{HEAD}<h1>Žofia</h1>")
    for name in EUROPE:
        made(f"{HEAD}<h1>{name}</h1>")
    broken.cache_clear()
    faces.cache_clear()
    assert made(f"{HEAD}<h1>Žofia</h1>") == first


@pytest.mark.usefixtures("no_weasyprint")
def test_heads_come_again_on_each_page_for_eyes_only_and_the_sum_never_stands_alone() -> None:
    for rows in range(15, 32):
        file = pikepdf.open(io.BytesIO(made(table(rows))))
        last = file.pages[-1].Contents.read_bytes().decode()
        cells = re.findall(r"^/(TH|TD)<<", last, re.MULTILINE)
        assert len(cells) >= 2 + 3, rows  # the sum's two and those of a row at least
        if len(file.pages) > 1:
            assert "/Artifact<</Type/Pagination>>BDC" in last
            assert file.Root.StructTreeRoot.K[0].K[0].K[1]["/S"] == "/THead"


@pytest.mark.usefixtures("no_weasyprint")
def test_a_word_wider_than_its_column_is_broken_and_nothing_leaves_the_column() -> None:
    lines = broken("Kehitysvammapsykiatrinenpoliklinikka ja Lapinjärvi", BOLD, 9.2, 60)
    assert len(lines.lines) >= 4
    assert all(0 < width <= 60.01 for _glyphs, width in lines.lines)


@pytest.mark.usefixtures("no_weasyprint")
@pytest.mark.parametrize("rows", [0, 1])
def test_what_stays_together_is_not_torn(rows: int) -> None:
    filler = "<p>rivi</p>" * 37
    kept = f'<div class="keep">{table(8)}</div>'
    file = pikepdf.open(io.BytesIO(made(f"{filler}{'<p>rivi</p>' * rows}{kept}")))
    assert [
        len(re.findall(r"^/(?:TH|TD)<<", page.Contents.read_bytes().decode(), re.MULTILINE)) for page in file.pages
    ] == [0, 29]
