"""Bands: pieces of a page as wide as the page, put one below the other; what stays together goes to the next page.

Points; ``y`` counts from the top of the band or page downwards, in the file upwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from office.paper.file import Bookmark, Node, Page
from office.paper.typeface import Unfit


class Fill(NamedTuple):
    """A filled rectangle: background or line."""

    x: float
    y: float
    width: float
    height: float
    colour: str


class Words(NamedTuple):
    """A line of text, ``y`` at its base."""

    x: float
    y: float
    face: int
    size: float
    colour: str
    glyphs: str


class Mark(NamedTuple):
    """The lines of one element."""

    node: Node
    words: Sequence[Words]


@dataclass(eq=False, slots=True)
class Band:
    """``gap`` is the least distance to the band above, dropped on top of a page. ``keep``: not torn from the next one.

    ``again`` is drawn above it where it begins a page: the heads of a table.
    """

    height: float
    fills: Sequence[Fill] = ()
    marks: Sequence[Mark] = ()
    gap: float = 0
    keep: bool = False
    again: "Band | None" = None
    bookmark: tuple[int, str] | None = None


@dataclass(eq=False, slots=True)
class Flow:
    """Puts bands on pages."""

    size: tuple[float, float]
    top: float
    bottom: float
    pages: list[Page] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)
    _fills: list[str] = field(default_factory=list)
    _words: list[str] = field(default_factory=list)
    _y: float = 0

    def fill(self, bands: Sequence[Band]) -> None:
        """Everything, from the first page on. Raises Unfit when a band is higher than a page."""
        self._turn()
        start = 0
        while start < len(bands):
            end = start
            while bands[end].keep and end + 1 < len(bands):
                end += 1
            self._together(bands[start : end + 1])
            start = end + 1
        self._close()

    def _together(self, bands: Sequence[Band]) -> None:
        high = sum(band.height + band.gap for band in bands)
        if self._y + high <= self.bottom:
            for band in bands:
                self._put(band)
            return
        if len(bands) == 1 or high + self._again(bands[0]) - bands[0].gap <= self.bottom - self.top:
            self._turn(bands[0])
            for band in bands:
                self._put(band)
            return
        for band in bands:  # longer than a page: torn where it must be
            if self._y + band.gap + band.height > self.bottom:
                self._turn(band)
            self._put(band)

    def _again(self, band: Band) -> float:
        return band.again.height if band.again else 0

    def _turn(self, band: Band | None = None) -> None:
        if self.pages:
            self._close()
        self.pages.append(Page())
        self._y = self.top
        if band is not None and band.again is not None:
            self._words.append("/Artifact<</Type/Pagination>>BDC")
            self._put(band.again, artifact=True)
            self._words.append("EMC")

    def _put(self, band: Band, *, artifact: bool = False) -> None:
        if self._y > self.top:
            self._y += band.gap
        if self._y + band.height > self.bottom + 0.01:
            message = "higher than a page"
            raise Unfit(message)
        page, up = self.pages[-1], self.size[1] - self._y
        for x, y, width, height, colour in band.fills:
            self._fills.append(f"{colour} rg {x:.2f} {up - y - height:.2f} {width:.2f} {height:.2f} re f")
        for node, words in band.marks:
            if artifact:
                self._draw(words, up)
                continue
            if node.page is None:
                node.page, node.mark = len(self.pages) - 1, len(page.marked)
            page.marked.append(node)
            self._words.append(f"/{node.tag}<</MCID {node.mark}>>BDC")
            self._draw(words, up)
            self._words.append("EMC")
        if band.bookmark and not artifact:
            self.bookmarks.append(Bookmark(*band.bookmark, page=len(self.pages) - 1, y=up))
        self._y += band.height

    def _draw(self, words: Sequence[Words], up: float) -> None:
        self._words.append("BT")
        for x, y, face, size, colour, glyphs in words:
            self._words.append(f"{colour} rg/F{face} {size} Tf 1 0 0 1 {x:.2f} {up - y:.2f} Tm[{glyphs}]TJ")
        self._words.append("ET")

    def _close(self) -> None:
        page = self.pages[-1]
        if self._fills:
            page.drawn += ["/Artifact BMC", *self._fills, "EMC"]
        page.drawn += self._words
        self._fills, self._words = [], []

    def foot(self, number: int, words: Sequence[Words]) -> None:
        """Words at the foot of a page, which readers aloud leave out."""
        self._draw(words, self.size[1])
        self.pages[number].drawn += ["/Artifact<</Type/Pagination/Subtype/Footer>>BDC", *self._words, "EMC"]
        self._words = []
