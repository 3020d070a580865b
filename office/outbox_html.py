"""The same text as HTML: one function makes both the second half of a mail and what the pages show.

Paragraphs, lists and links are read from the plain text, and nothing else: whatever somebody has typed is text and is
escaped (lesson P11). Only an address of this program, alone on its line, becomes a link.
"""

from dataclasses import dataclass, field

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Line:
    """A line of text, or a link with its words."""

    text: str
    url: str = ""


@dataclass
class Block:
    """A paragraph (``lines``) or a list (``items``, each with its lines)."""

    lines: list[Line] = field(default_factory=list)
    items: list[list[Line]] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    """The text as paragraphs and lists, in its order."""
    found: list[Block] = []
    for paragraph in text.replace("\r\n", "\n").strip().split("\n\n"):
        block: Block | None = None
        for row in paragraph.split("\n"):
            if not row.strip():
                continue
            if row.startswith("- "):
                last = block or (found[-1] if found else None)
                if last is None or not last.items:
                    last = Block()
                    found.append(last)
                block = last
                block.items.append([Line(row[2:].strip())])
            elif block is not None and block.items and row.startswith("  "):
                block.items[-1].append(_line(row.strip(), block.items[-1], in_list=True))
            else:
                if block is None or block.items:
                    block = Block()
                    found.append(block)
                block.lines.append(_line(row.strip(), block.lines))
    return found


def _line(row: str, before: list[Line], *, in_list: bool = False) -> Line:
    """A line of its own; a link takes the words of the line before it: in a list all of them, otherwise the last
    sentence of one that ends with a colon.
    """
    if not is_own_link(row):
        return Line(row)
    leads = bool(before) and not before[-1].url and (in_list or before[-1].text.endswith(":"))
    if not leads:
        return Line(_("Open in Erfa"), row)
    text, _space, last = before.pop().text.rstrip(":").rpartition(". ")  # a button says one sentence
    if text and not in_list:
        before.append(Line(f"{text}."))
    return Line(f"{text}. {last}" if text and in_list else last, row)


def is_own_link(row: str) -> bool:
    """Whether the line is an address of this program and nothing else."""
    return row.startswith(f"{settings.SITE_URL}/") and " " not in row


def as_html(subject: str, text: str, language: str) -> str:
    """The mail's HTML: a page of its own in the language, without pictures, scripts or anything from elsewhere."""
    with translation.override(language):
        said = {"subject": subject, "language": language, "blocks": blocks(text)}
        return render_to_string("emails/mail.html", said)
