"""Lists as files for a Finnish spreadsheet: semicolons, days as 31.12.2026, UTF-8 with a mark, nothing that runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

#: What a spreadsheet takes for the beginning of a formula (P12).
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(text: str) -> str:
    """A text that no spreadsheet runs as a formula: an apostrophe before it when it begins like one."""
    text = UNPRINTABLE.sub("", text)
    return f"'{text}" if text.startswith(FORMULA) else text


def _said(value: Any) -> str:
    if isinstance(value, date):
        return f"{value.day}.{value.month}.{value.year}"
    return "" if value is None else harmless(str(value))


def as_csv(headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The list as a file."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(str(heading) for heading in headings)
    for row in rows:
        sheet.writerow(_said(value) for value in row)
    return out.getvalue().encode("utf-8-sig")
