"""Paper: a tagged PDF that is PDF/A-3a (kept for years, data attached) and PDF/UA-1 (read aloud) in one file.

The same words give the same bytes, in this process or another: no clock, no random numbers, our own fonts. Documents of
a run are set by ``office.paper``, which takes a twentieth of the time; what that does not draw, WeasyPrint does. It is
imported when it is needed (a second and 60 MB that web workers should not pay).
"""

import atexit
import io
import re
import threading
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from office.paper.file import Whole, written
from office.paper.setting import HEIGHT, WIDTH, laid_out
from office.paper.typeface import Unfit, faces

STATIC = Path(__file__).resolve().parents[1] / "static"
FONTS = STATIC / "fonts"

#: Says in the file's own description that it is PDF/UA-1, and what that name means (PDF/A wants every name explained).
_IS_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" \
xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/">\
<pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource"><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of PDF/UA that the file follows</pdfaProperty:description>\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""

#: What a browser knows by itself, for the elements in our documents only. The whole of HTML has rules for five
#: pseudo-elements of every element: a tenth of the time of a document.
_ELEMENTS = """
head, title, meta, style { display: none } html, body, div, p, h1, h2 { display: block }
table { display: table } caption { display: table-caption } colgroup { display: table-column-group }
col { display: table-column } thead { display: table-header-group } tbody { display: table-row-group }
tfoot { display: table-row-group } tr { display: table-row } th, td { display: table-cell }
br::before { content: "\\A"; white-space: pre-line } b { font-weight: 700 }
h1 { bookmark-level: 1; bookmark-label: content(text); font-weight: 700 }
h2 { bookmark-level: 2; bookmark-label: content(text); font-weight: 700 }
"""


#: Elements that HTML leaves open and XML does not.
_EMPTY = re.compile(r"<((?:br|col|meta)\b[^>]*)>")
_CLOSED = r"<\1/>"


class _Furniture(NamedTuple):
    page: Any
    fonts: Any
    style: Any
    fetcher: Any
    colours: bytes


@cache
def _furniture() -> _Furniture:
    """Fonts, stylesheet and the fetcher, read once in a process (measured: 20 ms a document otherwise)."""
    from cssselect2 import ElementWrapper  # type: ignore[import-untyped]  # noqa: PLC0415
    from weasyprint import CSS, HTML  # noqa: PLC0415  a second to import, only for those who print
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    class OwnFontsOnly(URLFetcher):  # type: ignore[misc]
        """Nothing but our fonts is ever read: no network, no other file, whatever a text contains."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(FONTS.as_uri() + "/") or ".." in url:
                message = "Documents read nothing but the project's fonts."
                raise ValueError(message)
            return super().fetch(url, headers)

    plain = CSS(string=_ELEMENTS)

    class Page(HTML):  # type: ignore[misc]
        """HTML that knows only the elements our documents use."""

        def __init__(self, string: str, url_fetcher: Any) -> None:
            # Ours is XML but for empty elements, and C reads that at once: a tenth of the time of a document. What is
            # not (a control character that somebody pasted) is read as HTML, as WeasyPrint does.
            try:
                root = ET.fromstring(_EMPTY.sub(_CLOSED, string))  # noqa: S314  our own templates
            except ET.ParseError:
                super().__init__(string=string, url_fetcher=url_fetcher)
                return
            self.base_url, self.url_fetcher, self.media_type = None, url_fetcher, "print"
            self.wrapper_element = ElementWrapper.from_html_root(root, content_language=None)
            self.etree_element = self.wrapper_element.etree_element

        def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: ARG002, FBT001, FBT002  as in HTML
            return [plain]

    fonts = FontConfiguration()
    fetcher = OwnFontsOnly(allowed_protocols=("file",))
    style = CSS(
        string=(STATIC / "css" / "pdf.css").read_text(),
        base_url=(STATIC / "css" / "pdf.css").as_uri(),
        font_config=fonts,
        url_fetcher=fetcher,
    )
    atexit.register(_furniture.cache_clear)  # the fonts' folder is removed while Python can still do it
    return _Furniture(Page, fonts, style, fetcher, _colours())


@cache
def _colours() -> bytes:
    """The colour profile that WeasyPrint brings along (and opens anew for every document)."""
    where = find_spec("weasyprint")
    if where is None or where.origin is None:  # pragma: no cover - it is in the lock file
        raise RuntimeError
    return (Path(where.origin).parent / "pdf" / "sRGB2014.icc").read_bytes()


#: A line break of the stream's own before the one that belongs to "endstream".
_AMBIGUOUS = re.compile(rb"[\r\n]\nendstream")
#: How often a file is written anew, each time a little different, until none of its streams ends so (1 of 60 does).
NUDGES = 5

#: The fonts are shared by the documents of a process; layout is pure Python, so threads would gain nothing anyway.
_one_at_a_time = threading.Lock()


def _finish(nudge: int) -> Callable[[Any, Any], None]:
    """What is done to the file before it is written.

    Says PDF/UA in the one description of a PDF/A file, left uncompressed for checkers. And no stream may end in a line
    break of its own: before "endstream" comes one that is not part of it, and strict readers cannot tell them apart.
    """
    settled = _settled()

    def finish(_document: Any, pdf: Any) -> None:
        if nudge:
            pdf.info["Nudge"] = nudge
        for item in pdf.objects:
            if not hasattr(item, "compress"):
                continue
            if item.extra.get("Type") == "/Metadata":
                item.compress = False
                item.stream = [_content(item).replace(b"</rdf:RDF>", _IS_UA)]
            elif "Length1" in item.extra or "Type" in item.extra:  # a font or a file: not ours to change
                item.compress = item.compress and not _ends_badly(_content(item))
            else:  # instructions for a page: an empty line more changes the check sum that ends the compressed stream
                content = _content(item)
                while item.compress and _ends_badly(content):
                    content += b"\n"
                item.stream = [content]
        pdf.objects = [item if item.free == "f" else settled(item) for item in pdf.objects]

    return finish


@cache
def _settled() -> Callable[[Any], Any]:
    """What turns an object of the file into bytes once: they are asked for twice, for the file and its identifier."""
    from pydyf import Object  # noqa: PLC0415  see _furniture

    class Settled(Object):  # type: ignore[misc]
        """The bytes of an object."""

        data = b""
        compressible = False

        def __init__(self, made: Any) -> None:
            self.number, self.generation, self.free, self.offset = made.number, made.generation, made.free, made.offset
            self.data, self.compressible = made.data, made.compressible

    return Settled


def _content(stream: Any) -> bytes:
    """The bytes of a stream before it is compressed, joined as pydyf joins them."""
    parts = (getattr(part, "data", part) for part in stream.stream)
    return b"\n".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)


def _ends_badly(content: bytes) -> bool:
    """Whether this, compressed, ends in CR or LF: its last byte is that of the Adler-32 check sum."""
    return zlib.adler32(content) & 0xFF in b"\r\n"


class _Asked(NamedTuple):
    """A document that is asked for: see ``render``."""

    body: str
    title: str
    language: str
    created: datetime
    foot: str
    page_word: str
    attachments: Sequence[tuple[str, bytes, str]]


def render(
    body: str,
    *,
    title: str,
    language: str,
    created: datetime,
    foot: str = "",
    page_word: str = "",
    attachments: Sequence[tuple[str, bytes, str]] = (),
) -> bytes:
    """The document whose ``<body>`` holds ``body`` (safe HTML), as bytes of a PDF/A-3a + PDF/UA-1 file.

    ``created`` (aware) is when the facts were frozen, not when the file is made. ``foot`` stands at the bottom of every
    page, ``page_word`` before "1 / 2". ``attachments`` are (file name, content, description); the name's ending tells
    the type.
    """
    asked = _Asked(body, title, language, created, foot, page_word, attachments)
    with _one_at_a_time:
        try:
            return _by_us(asked)
        except (ET.ParseError, Unfit):
            return _by_weasyprint(asked)


def _by_us(asked: _Asked) -> bytes:
    """By our own typesetter, in a twentieth of the time. Raises Unfit where that does not know how."""
    root = ET.fromstring(f"<body>{_EMPTY.sub(_CLOSED, asked.body)}</body>")  # noqa: S314  our own templates
    sheet, flow = laid_out(root, asked.foot, asked.page_word)
    fonts = [(face, face.cut(frozenset().union(*some))) for face, some in zip(faces(), sheet.letters, strict=True)]
    return written(
        Whole(
            title=asked.title,
            language=asked.language,
            created=asked.created,
            size=(WIDTH, HEIGHT),
            pages=flow.pages,
            tree=sheet.tree,
            bookmarks=flow.bookmarks,
            fonts=fonts,
            colours=_colours(),
            attachments=asked.attachments,
        )
    )


def _by_weasyprint(asked: _Asked) -> bytes:
    """By WeasyPrint: contracts, and whatever our typesetter does not draw."""
    from weasyprint import Attachment  # noqa: PLC0415  see _furniture
    from weasyprint.css import ColorProfile  # noqa: PLC0415

    body, title, language, created, foot, page_word, attachments = asked
    page_of, fonts, style, fetcher, colours = _furniture()
    moment = created.isoformat(timespec="seconds")
    page = format_html(
        '<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
        '<meta name="dcterms.created" content="{}"><meta name="dcterms.modified" content="{}"></head>'
        '<body data-foot="{}" data-page="{}">{}</body></html>',
        language,
        title,
        moment,
        moment,
        foot,
        page_word,
        mark_safe(body),  # noqa: S308  made by our own templates, which escape what people typed
    )
    intent = ColorProfile(io.BytesIO(colours), "sRGB2014.icc", "relative-colorimetric", (["r"], ["g"], ["b"]))
    document = page_of(string=page, url_fetcher=fetcher).render(
        font_config=fonts,
        stylesheets=[style],
        pdf_variant="pdf/a-3a",
        output_intent="sheet",
        color_profiles={"sheet": intent},
    )
    content = b""
    for nudge in range(NUDGES):
        files = [
            Attachment(
                string=data,
                name=name,
                description=description,
                created=created.astimezone(UTC),  # written with a Z whatever its zone
                modified=created.astimezone(UTC),
                relationship="Data",
            )
            for name, data, description in attachments
        ]
        content = document.write_pdf(
            pdf_variant="pdf/a-3a", output_intent="sheet", attachments=files, finisher=_finish(nudge)
        )
        if not _AMBIGUOUS.search(content):
            break
    return content
