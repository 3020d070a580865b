"""Paper: a tagged PDF that is PDF/A-3a (kept for years, data attached) and PDF/UA-1 (read aloud) in one file.

The same words give the same bytes, in this process or another: no clock, no random numbers, our own fonts. Documents of
rows and sums are set by Typst (``office.typesetting``) in a tenth of the time; what its template does not know,
WeasyPrint draws. Both are imported when they are needed (a second and 60 MB that web workers should not pay).
"""

import atexit
import io
import re
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

from django.utils.html import format_html
from django.utils.safestring import mark_safe

from office.typesetting import Unfit, typeset

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


#: The fonts are shared by the documents of a process; layout is pure Python, so threads would gain nothing anyway.
_one_at_a_time = threading.Lock()


def _finish(_document: Any, pdf: Any) -> None:
    """Says PDF/UA in the one description of a PDF/A file, left uncompressed for checkers."""
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.compress = False
            item.stream = [b"\n".join(item.stream).replace(b"</rdf:RDF>", _IS_UA)]


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
    try:
        return _by_typst(asked)
    except (ET.ParseError, Unfit):
        with _one_at_a_time:
            return _by_weasyprint(asked)


def _by_typst(asked: _Asked) -> bytes:
    """By Typst, in a tenth of the time. Raises Unfit where its template does not know how."""
    body, title, language, created, foot, page_word, attachments = asked
    root = ET.fromstring(f"<body>{_EMPTY.sub(_CLOSED, body)}</body>")  # noqa: S314  our own templates
    return typeset(
        root,
        title=title,
        language=language,
        created=created,
        foot=foot,
        page_word=page_word,
        attachments=attachments,
    )


def _by_weasyprint(asked: _Asked) -> bytes:
    """By WeasyPrint: contracts, and whatever else Typst is not told how to set."""
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
    content: bytes = document.write_pdf(
        pdf_variant="pdf/a-3a", output_intent="sheet", attachments=files, finisher=_finish
    )
    return content
