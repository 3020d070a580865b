"""The little that a guide's plain text can say: headings, lists, paragraphs. Pure; the template escapes everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True)
class Block:
    """A heading (one line), a list (its points) or a paragraph (its lines)."""

    kind: str
    lines: tuple[str, ...]


def _told(line: str) -> tuple[str, str]:
    """What a line is, and its words."""
    text = line.strip()
    if text.startswith("#"):
        return "heading", text.lstrip("#").strip()
    if text.startswith(("- ", "* ", "• ", "– ")):
        return "list", text[2:].strip()
    return ("paragraph", text) if text else ("", "")


def blocks(text: str) -> Iterator[Block]:
    """``# heading``, ``- point``, other lines are paragraphs; an empty line ends what was before it."""
    for kind, group in groupby(map(_told, text.splitlines()), key=lambda told: told[0]):
        lines = tuple(words for _kind, words in group)
        if kind == "heading":
            yield from (Block("heading", (words,)) for words in lines if words)
        elif kind:
            yield Block(kind, lines)
