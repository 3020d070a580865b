"""Documents of rows and sums, set by Typst from the same HTML that WeasyPrint draws, in a tenth of the time.

Typst is asked for PDF/A-3a and PDF/UA-1 in one file: a text that no font of ours can draw, or anything else that the
standards refuse, is an error there and not a hole on the page.
"""

import json
import re
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "templates" / "pdf" / "document.typ"
STANDARDS = ["a-3a", "ua-1"]
_SPACE = re.compile(r"[ \t\r\n]+")
#: A word of so many letters may get a hyphen at the end of a line.
LONG = 14
#: What is too long to be a word may be broken anywhere.
_ENDLESS = re.compile(r"\S{40,}")
_BREAK = "\N{ZERO WIDTH SPACE}"


class Unfit(Exception):
    """The document holds something that is not set here; WeasyPrint draws it."""


_own = threading.local()


def _compiler() -> Any:
    """Typst with our fonts, read once in a thread; it reads none of the system's, and no file but the template."""
    import typst  # noqa: PLC0415  20 MB that web workers should not pay until somebody prints

    if not hasattr(_own, "compiler"):
        _own.compiler = typst.Compiler(
            str(TEMPLATE),
            root=str(TEMPLATE.parent),
            font_paths=[str(ROOT / "static" / "fonts")],
            ignore_system_fonts=True,
        )
    return _own.compiler


def typeset(
    body: ET.Element,
    *,
    title: str,
    language: str,
    created: datetime,
    foot: str,
    page_word: str,
    attachments: Sequence[tuple[str, bytes, str]],
) -> bytes:
    """The PDF. The same words give the same bytes. Raises Unfit for what the template does not know."""
    from typst import TypstError  # noqa: PLC0415  see _compiler

    document = {
        "title": title,
        "language": language,
        "created": created.astimezone(UTC).timetuple()[:6],
        "foot": foot,
        "page_word": page_word,
        "attachments": [(name, content.decode(), description) for name, content, description in attachments],
        "blocks": list(_blocks(body)),
    }
    try:
        made: bytes = _compiler().compile(
            format="pdf",
            sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
            pdf_standards=STANDARDS,
            timestamp=int(created.timestamp()),
        )
    except TypstError as error:
        raise Unfit(str(error)) from error
    return made


def _blocks(parent: ET.Element) -> Iterator[dict[str, Any]]:
    """What stands below each other in an element."""
    _no_words(parent.text)
    for element in parent:
        _no_words(element.tail)
        tag, name = element.tag, element.get("class", "")
        match tag, name:
            case (("h1" | "h2"), ""):
                yield {"kind": tag, "text": _words(element)}
            case "p", "":
                yield {"kind": "p", "pieces": _pieces(element)}
            case "div", "":
                yield from _blocks(element)
            case "div", ("keep" | "side"):
                yield {"kind": name, "blocks": list(_blocks(element))}
            case "div", "head":
                left, right = element
                yield {"kind": "head", "left": _pieces(left, "small"), "right": _pieces(right)}
            case "table", "facts":
                (row,) = element.iterfind("tbody/tr")
                found = [{"pieces": _pieces(cell, "small", "b"), "total": cell.get("class") == "total"} for cell in row]
                yield {"kind": "facts", "widths": _widths(element), "cells": found}
            case "table", ("" | "half"):
                yield _table(element)
            case _:
                raise Unfit(f"{tag}.{name}")


def _no_words(text: str | None) -> None:
    if (text or "").strip():
        raise Unfit("words outside of an element")


def _table(element: ET.Element) -> dict[str, Any]:
    parts = {part.tag: part for part in element}
    if parts.keys() - {"caption", "colgroup", "thead", "tbody", "tfoot"} or "thead" not in parts:
        raise Unfit("table")
    heads, body, foot = ([_row(row) for row in parts.get(name, ())] for name in ("thead", "tbody", "tfoot"))
    if len(heads) != 1:
        raise Unfit("thead")
    return {
        "kind": "table",
        "half": element.get("class") == "half",
        "widths": _widths(element),
        "caption": _words(parts["caption"]) if "caption" in parts else "",
        "head": heads[0],
        "body": body,
        "foot": foot,
    }


def _row(row: ET.Element) -> list[dict[str, Any]]:
    return [
        {
            "pieces": _pieces(cell, "small"),
            "number": "n" in (cell.get("class") or "").split(),
            "span": int(cell.get("colspan", "1")),
        }
        for cell in row
    ]


def _widths(table: ET.Element) -> list[int]:
    """The shares of the columns: the classes w8 … w70 of ``col``."""
    shares = [int((col.get("class") or "w")[1:] or 0) for col in table.iterfind("colgroup/col")]
    if not shares or not all(shares):
        raise Unfit("colgroup")
    return shares


def _words(element: ET.Element) -> str:
    return " ".join(words for _mark, words, _long in _pieces(element))


def _pieces(element: ET.Element, *marks: str) -> list[tuple[str, str, bool]]:
    """The text of an element in lines of its own: how it is marked ("" or one of ``marks``), the words, any long."""
    found = [("", element.text or "")]
    for kid in element:
        if len(kid) or kid.tag not in {"br", *marks}:
            raise Unfit(kid.tag)
        if kid.tag != "br":
            found.append((kid.tag, kid.text or ""))
        found.append(("", kid.tail or ""))
    tidy = [(mark, _SPACE.sub(" ", words).strip(" ")) for mark, words in found]
    return [
        (mark, _ENDLESS.sub(lambda word: _BREAK.join(word[0]), words), max(map(len, words.split(" "))) >= LONG)
        for mark, words in tidy
        if words
    ]
