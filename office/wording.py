"""Words with placeholders, written by the coordinator. Pure: no template language, nothing is ever run.

A placeholder is ``{{ name }}``. It is replaced by a value in one pass, so that a value that looks like a placeholder
stays what it is (lesson P11).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

PLACEHOLDER = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
#: What looks like the language of templates, or like a placeholder that is not whole.
BRACKETS = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
HTML = re.compile(r"<\s*/?[a-zA-Z!]|&(?:[a-zA-Z]+|#\d+|#x[0-9a-fA-F]+);")


class Wrong(StrEnum):
    """Why words cannot be used."""

    EMPTY = "empty"
    BRACKETS = "brackets"
    HTML = "html"
    UNKNOWN = "unknown"
    MISSING = "missing"
    LINES = "lines"


@dataclass(frozen=True)
class Fault:
    """What is wrong, with the names it is about."""

    wrong: Wrong
    names: tuple[str, ...] = ()


def placeholders(text: str) -> list[str]:
    """The names in the text, each once, in their order."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with values in place of the names. KeyError for a name without a value."""
    return PLACEHOLDER.sub(lambda found: values[found.group(1)], text)


def faults(text: str, *, known: Collection[str], needed: Collection[str], one_line: bool = False) -> list[Fault]:
    """What is wrong with the words, the first thing first; empty when they can be used."""
    if not text.strip():
        return [Fault(Wrong.EMPTY)]
    found = []
    if BRACKETS.search(PLACEHOLDER.sub("", text)):
        found.append(Fault(Wrong.BRACKETS))
    if HTML.search(text):
        found.append(Fault(Wrong.HTML))
    names = placeholders(text)
    if unknown := tuple(name for name in names if name not in known):
        found.append(Fault(Wrong.UNKNOWN, unknown))
    if missing := tuple(name for name in needed if name not in names):
        found.append(Fault(Wrong.MISSING, missing))
    if one_line and "\n" in text.strip():
        found.append(Fault(Wrong.LINES))
    return found
