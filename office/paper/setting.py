"""Sets the pages of a document of a run: the HTML of ``templates/pdf`` without a browser's generality.

It knows what those documents are made of and nothing else: the head, headings, paragraphs, tables of fixed columns, the
box of facts, the box at the side. Whatever else it meets (another element, a letter that our font lacks, a row
higher than a page) raises ``Unfit``, and WeasyPrint makes the document. Its measures are those of static/css/pdf.css.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from xml.etree.ElementTree import Element

from office.paper.bands import Band, Fill, Flow, Mark, Words
from office.paper.file import Node
from office.paper.typeface import BOLD, REGULAR, Face, Unfit, Word, faces

INK, GREY, DEEP = ".106 .137 .149", ".329 .357 .365", ".031 .235 .271"
TEAL, SAND, RULE = ".051 .329 .376", ".953 .937 .898", ".839 .816 .761"

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM
LEFT, TOP, BOTTOM = 17 * MM, 16 * MM, HEIGHT - 20 * MM
ROOM = WIDTH - 2 * LEFT


class Style(NamedTuple):
    """``leading`` is the line's height by the size in points."""

    face: int
    size: float
    leading: float
    colour: str


BODY = Style(REGULAR, 9.2, 1.34, INK)
SMALL = Style(REGULAR, 8.4, 1.32, GREY)
FOOT = Style(REGULAR, 7.8, 1.35, GREY)
STYLES: dict[str, dict[str, Style]] = {
    "p": {"": BODY},
    "h1": {"": Style(BOLD, 20, 1.15, INK)},
    "h2": {"": Style(BOLD, 11.5, 1.25, INK)},
    "side": {"": Style(BOLD, 10, 1.25, INK)},
    "caption": {"": Style(BOLD, 11.5, 1.34, INK)},
    "office": {"": Style(BOLD, 11, 1.3, DEEP), "small": Style(REGULAR, 9.4, 1.3, GREY)},
    "run": {"": Style(REGULAR, 9.2, 1.45, GREY)},
    "thead": {"": Style(REGULAR, 8.2, 1.2, GREY)},
    "tbody": {"": BODY, "small": SMALL},
    "tfoot": {"": Style(BOLD, 9.2, 1.34, INK)},
    "facts": {"": BODY, "small": Style(REGULAR, 8.2, 1.34, GREY), "b": Style(BOLD, 11, 1.3, INK)},
    "foot": {"": FOOT},
    "total": {"": BODY, "small": Style(REGULAR, 8.2, 1.34, GREY), "b": Style(BOLD, 17, 1.1, DEEP)},
}
_SPACE = re.compile(r"[ \t\r\n]+")
#: A line may also be broken after a hyphen or dash within a word, and after a slash before a letter.
_INSIDE = re.compile(r"(?<=\w[-–])(?=\w)|(?<=\w/)(?=[^\W\d])")


class Lines(NamedTuple):
    """A text in lines: (glyphs, width in points) of each, and the letters that it needs."""

    lines: tuple[tuple[str, float], ...]
    letters: frozenset[tuple[int, str]]


@lru_cache(maxsize=8192)
def broken(text: str, face_number: int, size: float, room: float) -> Lines:
    """A text in lines not wider than ``room`` points; a word that is wider is broken where it must be."""
    face = faces()[face_number]
    limit = room * 1000 / size + 0.01
    lines: list[tuple[str, float]] = []
    letters: set[frozenset[tuple[int, str]]] = set()
    line, width = "", 0
    for word in text.split(" "):
        glued = False
        for piece in (word,) if word.isalpha() else _INSIDE.split(word):
            for part in _parts(face, piece, limit):
                letters.add(part.letters)
                gap = face.space_width if line and not glued else 0
                if line and width + gap + part.width > limit:
                    lines.append((line if glued else line + face.space, width))
                    line, width, gap = "", 0, 0
                line += (face.space if gap else "") + part.glyphs
                width += gap + part.width
                glued = True
    lines.append((line, width))
    tidy = tuple((glyphs.replace("><", ""), round(wide * size / 1000, 3)) for glyphs, wide in lines)
    return Lines(tidy, frozenset().union(*letters))


def _parts(face: Face, text: str, limit: float) -> Iterator[Word]:
    """A word, or as much of it at a time as fits a line."""
    whole = face.word(text)
    while whole.width > limit and len(text) > 1:
        fits = 1
        while fits < len(text) and face.word(text[: fits + 1]).width <= limit:
            fits += 1
        yield face.word(text[:fits])
        text = text[fits:]
        whole = face.word(text)
    if text:
        yield whole


class Sheet:
    """One document on its way: the bands, the tree, the letters that it needs of each font."""

    def __init__(self) -> None:
        self.tree = Node("Document")
        self.bands: list[Band] = []
        self.letters: tuple[set[frozenset[tuple[int, str]]], ...] = (set(), set())
        self._below = 0.0  # the margin of the band above

    # --- words -------------------------------------------------------------------------------------------------------

    def lines(
        self, pieces: Sequence[tuple[str, str]], kind: str, *, x: float, y: float, room: float, right: bool = False
    ) -> tuple[list[Words], float]:
        """Pieces of text below each other from ``y`` on: the lines and where they end."""
        words: list[Words] = []
        styles, last = STYLES[kind], len(pieces) - 1
        for number, (mark, text) in enumerate(pieces):
            if mark not in styles:
                raise Unfit(f"{mark} in {kind}")
            face, size, leading, colour = styles[mark]
            found = broken(text, face, size, room)
            self.letters[face].add(found.letters)
            high = size * leading
            base = (high + size * (1.024 - 0.4)) / 2  # the font's ascent and descent in the middle of the line
            for glyphs, width in found.lines:
                at = x + room - width if right else x
                words.append(Words(at, y + base, face, size, colour, glyphs))
                y += high
            if number < last:  # what is below each other is not one word to a reader
                words[-1] = words[-1]._replace(glyphs=words[-1].glyphs + faces()[face].space)
        return words, y

    def _add(self, band: Band, above: float, below: float) -> None:
        """Margins of neighbours overlap: the greater one counts."""
        band.gap = max(self._below, above)
        self._below = below
        self.bands.append(band)

    def text(self, element: Element, kind: str, above: float, below: float) -> None:
        """A heading or a paragraph."""
        tag = element.tag.upper()
        words, y = self.lines(_pieces_of(element), kind, x=LEFT, y=0, room=ROOM)
        band = Band(y, marks=[Mark(self.tree.add(tag), words)], keep=tag != "P")
        if tag != "P":
            band.bookmark = (int(tag[1]), _said(element))
        self._add(band, above, below)

    # --- boxes -------------------------------------------------------------------------------------------------------

    def head(self, element: Element) -> None:
        """Whose document it is, and what it belongs to on the right."""
        left, right = element
        if (left.get("class"), right.get("class")) != ("office", "run"):
            raise Unfit("head")
        wide = ROOM * 0.65
        office, below = self.lines(_pieces_of(left), "office", x=LEFT, y=0, room=wide)
        run, also = self.lines(_pieces_of(right), "run", x=LEFT + wide, y=0, room=ROOM - wide, right=True)
        high = max(below, also) + 5
        marks = [Mark(self.tree.add("P"), office), Mark(self.tree.add("P"), run)]
        self._add(Band(high + 1.6, [Fill(LEFT, high, ROOM, 1.6, TEAL)], marks), 0, 12)

    def side(self, element: Element) -> None:
        """A box with a heading and paragraphs."""
        y, gap = 8.0, 0.0
        marks: list[Mark] = []
        bookmark: tuple[int, str] | None = None
        for part in element:
            kind = {"h2": "side", "p": "p"}.get(part.tag)
            if kind is None:
                raise Unfit(part.tag)
            words, y = self.lines(_pieces_of(part), kind, x=LEFT + 10, y=y + gap, room=ROOM - 20)
            marks.append(Mark(self.tree.add(part.tag.upper()), words))
            bookmark = bookmark or ((2, _said(part)) if part.tag == "h2" else None)
            gap = 2.0 if part.tag == "h2" else 5.0
        y += 10
        self._add(Band(y, [Fill(LEFT, 0, ROOM, y, SAND)], marks, bookmark=bookmark), 0, 0)

    def keep(self, element: Element) -> None:
        """What is not torn over pages."""
        first = len(self.bands)
        self.blocks(element)
        for band in self.bands[first:-1]:
            band.keep = True

    # --- tables ------------------------------------------------------------------------------------------------------

    def facts(self, element: Element) -> None:
        """The box below the heading: a table of one row, each cell a name and what it is."""
        edges = _columns_of(element, LEFT + 3, ROOM - 3)
        (row,) = element.iterfind("tbody/tr")
        node = self.tree.add("Table").add("TBody").add("TR")
        marks, high = [], 0.0
        for cell, x, end in zip(row, edges[:-1], edges[1:], strict=True):
            total = cell.get("class") == "total"
            room = end - x - 20
            words, y = self.lines(
                _pieces_of(cell), "total" if total else "facts", x=x + 10, y=6, room=room, right=total
            )
            marks.append(Mark(node.add(*_cell(cell)), words))
            high = max(high, y + 7)
        fills = [Fill(LEFT, 0, ROOM, high, SAND), Fill(LEFT, 0, 3, high, TEAL)]
        self._add(Band(high, fills, marks), 0, 14)

    def table(self, element: Element) -> None:
        """A table: caption, heads that come again on each page, rows, a sum that stays with the last row."""
        wide = ROOM * 0.6 if element.get("class") == "half" else ROOM
        edges = _columns_of(element, LEFT, wide)
        table = self.tree.add("Table")
        above = 0.0
        head: Band | None = None
        for part in element:
            if part.tag == "colgroup":
                continue
            if part.tag == "caption":
                words, y = self.lines(_pieces_of(part), "caption", x=LEFT, y=0, room=wide)
                self._add(Band(y + 3, marks=[Mark(table.add("Caption"), words)], keep=True), above, 0)
                continue
            rows = [
                self._row(row, part.tag, table_part, edges)
                for table_part in [table.add(_PARTS[part.tag])]
                for row in part
            ]
            if part.tag == "thead":
                (head,) = rows
                head.keep = True
            elif part.tag == "tfoot":
                self.bands[-1].keep = True
            for band in rows:
                band.again = head if band is not head else None
                self._add(band, 0, 0)
        self._below = 11

    def _row(self, row: Element, part: str, into: Node, edges: Sequence[float]) -> Band:
        node = into.add("TR")
        line, thick = (RULE, 0.4) if part == "tbody" else (INK, 0.9)
        cells, column, high = [], 0, 0.0
        for cell in row:
            span = int(cell.get("colspan", "1"))
            number = "n" in (cell.get("class") or "").split()
            x, end = edges[column], edges[column + span]
            column += span
            before, after = (3, 0) if number else (0, 6)
            words, y = self.lines(
                _pieces_of(cell), part, x=x + before, y=3, room=end - x - before - after, right=number
            )
            cells.append((node.add(*_cell(cell)), words, y))
            high = max(high, y)
        if column != len(edges) - 1:
            raise Unfit("columns")
        if part == "thead":  # its words stand at the bottom
            cells = [(made, [one._replace(y=one.y + high - y) for one in words], y) for made, words, y in cells]
        high += 3.4
        return Band(
            high + thick, [Fill(edges[0], high, edges[-1] - edges[0], thick, line)], [Mark(*cell[:2]) for cell in cells]
        )

    # --- all of it ---------------------------------------------------------------------------------------------------

    def blocks(self, parent: Element) -> None:
        """What stands below each other in an element."""
        if (parent.text or "").strip():
            raise Unfit("text")
        for element in parent:
            if (element.tail or "").strip():
                raise Unfit("text")
            what = f"{element.tag}.{element.get('class', '')}"
            if what == "h1.":
                self.text(element, "h1", 0, 9)
            elif what == "h2.":
                self.text(element, "h2", 15, 3)
            elif what == "p.":
                self.text(element, "p", 0, 5)
            elif what == "div.":
                self.blocks(element)
            elif what in _BOXES:
                _BOXES[what](self, element)
            else:
                raise Unfit(what)


_PARTS = {"thead": "THead", "tbody": "TBody", "tfoot": "TFoot"}
_BOXES = {
    "div.head": Sheet.head,
    "div.keep": Sheet.keep,
    "div.side": Sheet.side,
    "table.facts": Sheet.facts,
    "table.": Sheet.table,
    "table.half": Sheet.table,
}


def _cell(cell: Element) -> tuple[str, str]:
    """The element of a cell: heads say of what, wide ones how wide."""
    inside = ""
    if cell.tag == "th":
        inside = "/Scope/Column" if cell.get("scope") == "col" else "/Scope/Row"
    if span := cell.get("colspan"):
        inside += f"/ColSpan {int(span)}"
    return cell.tag.upper(), f"/A<</O/Table{inside}>>" if inside else ""


def _columns_of(table: Element, left: float, room: float) -> list[float]:
    """The edges of the columns, by the classes w8 … w70 of ``col``; together they take the whole room."""
    shares = [int((col.get("class") or "w")[1:] or 0) for col in table.iterfind("colgroup/col")]
    if not shares or not all(shares):
        raise Unfit("colgroup")
    edges, whole = [left], sum(shares)
    for share in shares:
        edges.append(edges[-1] + room * share / whole)
    return edges


def _pieces_of(element: Element) -> list[tuple[str, str]]:
    """The text of an element in lines of its own: what it is marked as, the words."""
    if not len(element):
        text = _SPACE.sub(" ", element.text or "").strip(" ")
        return [("", text)] if text else []
    found = [["", element.text or ""]]
    for kid in element:
        if len(kid) or kid.tag not in {"small", "b", "br"}:
            raise Unfit(kid.tag)
        if kid.tag != "br":
            found.append([kid.tag, kid.text or ""])
        found.append(["", kid.tail or ""])
    tidy = [(mark, _SPACE.sub(" ", text).strip(" ")) for mark, text in found]
    return [(mark, text) for mark, text in tidy if text]


def _said(element: Element) -> str:
    """All words of an element."""
    return " ".join(text for _mark, text in _pieces_of(element))


def laid_out(body: Element, foot: str, page_word: str) -> tuple[Sheet, Flow]:
    """The pages of a document's body. ``foot`` stands at the bottom of every page, ``page_word`` before "1 / 2"."""
    sheet = Sheet()
    sheet.blocks(body)
    flow = Flow((WIDTH, HEIGHT), TOP, BOTTOM)
    flow.fill(sheet.bands)
    y = BOTTOM + 3 * MM
    for number in range(len(flow.pages)):
        left, _end = sheet.lines([("", foot)] if foot else [], "foot", x=LEFT, y=y, room=ROOM * 0.8)
        count = f"{page_word} {number + 1} / {len(flow.pages)}"
        right, _end = sheet.lines([("", count)], "foot", x=LEFT + ROOM * 0.8, y=y, room=ROOM * 0.2, right=True)
        flow.foot(number, [*left, *right])
    return sheet, flow
