"""The text of a contract as pure functions: placeholders, filling, headings and paragraphs, and a renewal's days."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

#: What R26 wants said of each contract: a text without one of these cannot be saved.
REQUIRED = (
    "name",
    "training",
    "experience",
    "topics",
    "wishes",
    "tasks",
    "kinds",
    "validity",
    "fee_table",
    "free_until_rule",
    "list_day",
    "pay_rule",
    "notice_days",
)
#: What a text may say besides.
OPTIONAL = ("county", "valid_from", "fees")
KNOWN = frozenset(REQUIRED + OPTIONAL)

_PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a text: placeholders nobody knows, required ones that are not there, a brace that is alone."""

    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    lone_brace: bool = False

    def __bool__(self) -> bool:
        return bool(self.unknown or self.missing or self.lone_brace)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text: ``title`` (# ), ``heading`` (## ) or ``paragraph`` (each other line)."""

    kind: str
    text: str


def faults_of(body: str) -> Faults:
    """What must be mended before the text can be kept."""
    named = _PLACEHOLDER.findall(body)
    return Faults(
        unknown=tuple(dict.fromkeys(name for name in named if name not in KNOWN)),
        missing=tuple(name for name in REQUIRED if name not in named),
        lone_brace=any(brace in _PLACEHOLDER.sub("", body) for brace in "{}"),
    )


def fill(body: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, each value on one line. What a value holds is never filled again."""

    def value(found: re.Match[str]) -> str:
        return " ".join(values[found[1]].split())

    return _PLACEHOLDER.sub(value, normal(body))


def normal(text: str) -> str:
    """Line ends and blanks made one way, so that the same text has the same hash whatever browser sent it."""
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))
    return "\n".join(lines) + "\n"


def blocks(text: str) -> list[Block]:
    """Title, headings and paragraphs in their order; each line that is not empty is one."""
    found = []
    for line in text.splitlines():
        words = line.strip()
        if words.startswith("## "):
            found.append(Block("heading", words[3:].strip()))
        elif words.startswith("# "):
            found.append(Block("title", words[2:].strip()))
        elif words:
            found.append(Block("paragraph", words))
    return found


def hash_of(text: str) -> str:
    """SHA-256 of the text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def renewal(valid_from: date, valid_to: date) -> tuple[date, date]:
    """Both days of the next contract: it begins the day after and is as long; whole years stay whole years."""
    begins = valid_to + timedelta(days=1)
    if (begins.month, begins.day) == (valid_from.month, valid_from.day) != (2, 29):
        years = begins.year - valid_from.year
        return begins, begins.replace(year=begins.year + years) - timedelta(days=1)
    return begins, begins + (valid_to - valid_from)


#: What a scan may be, by its first bytes and what it must end with: (ending of the file's name, media type).
_SHAPES = (
    (b"%PDF-", b"%%EOF", "pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82", "png", "image/png"),
    (b"\xff\xd8\xff", b"\xff\xd9", "jpg", "image/jpeg"),
)


def scan_type(content: bytes) -> tuple[str, str] | None:
    """The name's ending and the media type of a scan, told by its content; None when it is none of what we keep."""
    for start, end, suffix, media_type in _SHAPES:
        if content.startswith(start) and end in content[-1024:]:
            return suffix, media_type
    return None
