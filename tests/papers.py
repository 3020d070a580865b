"""What the checkers of PDF/UA-1 and PDF/A-3a say of a document."""

import re
from pathlib import Path

from page import ValidationProfile, validate_pdf

#: The checker takes a line break that belongs to a stream for the one before "endstream".
LENGTH = "PDFA3A-STREAM-LENGTH-001"
_STREAM = re.compile(rb"/Length (\d+)(?:(?!endobj).){,400}?>>\s*stream\r?\n", re.DOTALL)


def faults(path: Path, profile: ValidationProfile) -> list[str]:
    """The objections, but the one to lengths where each stream's length is right to the byte."""
    found = [failure.rule_id for failure in validate_pdf(path, profile=profile).failures]
    return [rule for rule in found if rule != LENGTH or not _lengths_are_right(path.read_bytes())]


def _lengths_are_right(content: bytes) -> bool:
    ends = [content[one.end() + int(one[1]) :][:12] for one in _STREAM.finditer(content)]
    return len(ends) == content.count(b"endstream") and all(re.match(rb"\r?\nendstream", end) for end in ends)
