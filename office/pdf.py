"""Paper: a tagged PDF that is PDF/A-3a (kept for years, data attached) and PDF/UA-1 (read aloud) in one file.

The same words give the same bytes, in this process or another: no clock, no random numbers, our own fonts. WeasyPrint is
imported when the first document is made (a second and 60 MB that web workers should not pay).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import mark_safe

STATIC = Path(__file__).resolve().parents[1] / "static"
FONTS = STATIC / "fonts"

#: Says in the file's own description that it is PDF/UA-1, and what that name means (PDF/A wants every name explained).
_IS_UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>\
<rdf:Description rdf:about="" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" \
xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"><pdfaExtension:schemas><rdf:Bag>\
<rdf:li rdf:parseType="Resource"><pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:schema>PDF/UA identification</pdfaSchema:schema>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource"><pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of PDF/UA that the file follows</pdfaProperty:description>\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


class _Furniture(NamedTuple):
    fonts: Any
    style: Any
    fetcher: Any


@cache
def _furniture() -> _Furniture:
    """Fonts, stylesheet and the fetcher, read once in a process (measured: 20 ms a document otherwise)."""
    from weasyprint import CSS  # noqa: PLC0415  a second to import, only for those who print
    from weasyprint.text.fonts import FontConfiguration  # noqa: PLC0415
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    class OwnFontsOnly(URLFetcher):  # type: ignore[misc]
        """Nothing but our fonts is ever read: no network, no other file, whatever a text contains."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            if not url.startswith(FONTS.as_uri() + "/") or ".." in url:
                message = "Documents read nothing but the project's fonts."
                raise ValueError(message)
            return super().fetch(url, headers)

    fonts = FontConfiguration()
    fetcher = OwnFontsOnly(allowed_protocols=("file",))
    style = CSS(
        string=(STATIC / "css" / "pdf.css").read_text(),
        base_url=(STATIC / "css" / "pdf.css").as_uri(),
        font_config=fonts,
        url_fetcher=fetcher,
    )
    return _Furniture(fonts, style, fetcher)


def _say_ua(_document: Any, pdf: Any) -> None:
    """Adds the PDF/UA identification to the one description of a PDF/A file, left uncompressed for checkers."""
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.compress = False
            packet = b"".join(part if isinstance(part, bytes) else part.encode() for part in item.stream)
            item.stream = [packet.replace(b"</rdf:RDF>", _IS_UA)]


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
    page, ``page_word`` before "1 / 2". ``attachments`` are (file name, content, description); the name's ending tells the
    type.
    """
    from weasyprint import HTML, Attachment  # noqa: PLC0415  see _furniture

    fonts, style, fetcher = _furniture()
    moment = created.isoformat(timespec="seconds")
    page = format_html(
        '<!doctype html><html lang="{}"><head><meta charset="utf-8"><title>{}</title>'
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
    files = [
        Attachment(
            string=content,
            name=name,
            description=description,
            created=created.astimezone(UTC),  # written with a Z whatever its zone
            modified=created.astimezone(UTC),
            relationship="Data",
        )
        for name, content, description in attachments
    ]
    document = HTML(string=page, url_fetcher=fetcher).render(
        font_config=fonts, stylesheets=[style], pdf_variant="pdf/a-3a", attachments=files
    )
    written: bytes = document.write_pdf(pdf_variant="pdf/a-3a", attachments=files, finisher=_say_ua)
    return written
