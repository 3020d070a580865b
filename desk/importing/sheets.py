"""Reading an office's own sheets: CSV of any usual encoding and separator, and XLSX. Pure: bytes in, rows of text out.

Formulas are read as the text they are, never computed.
"""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from office.sheets import UNPRINTABLE

#: A row that holds at least this share of the needed headings is the heading row.
ENOUGH = 0.5
LOOK_AT = 20
#: Lists of an office are far smaller. More would fill the memory of who reads it: 5 MB unpack to gigabytes.
UNPACKED = 200 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Fault:
    """Why a row (or a whole file, row 0) is refused: file, row number as in the sheet, column, reason in words."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = _("row %(row)s") % {"row": self.row} if self.row else _("the file")
        return f"{self.file}, {place}{f', {self.column}' if self.column else ''}: {self.reason}"


class SheetError(Exception):
    """A file that cannot be read as a sheet of this sort."""


@dataclass(frozen=True)
class Line:
    """A row of the sheet by our own column names; ``heads`` gives the heading as it stands in the file."""

    number: int
    cells: Mapping[str, str]
    heads: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def _plain(text: str) -> str:
    """For comparing headings: no case, no spaces at the ends, one form of letters."""
    return unicodedata.normalize("NFC", " ".join(text.split())).casefold()


def decode(content: bytes) -> str:
    """UTF-8 with or without BOM, else Windows-1252 (what a Finnish Excel writes)."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetError(_("The file is neither UTF-8 nor Windows-1252 text."))


def _csv_rows(content: bytes) -> list[list[str]]:
    text = decode(content)
    head = "\n".join(text.splitlines()[:LOOK_AT])
    separator = max(";\t,", key=head.count)
    try:
        return _kept(
            [UNPRINTABLE.sub("", cell).strip() for cell in row[:MOST_COLUMNS]]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        )
    except csv.Error as error:
        raise SheetError(
            _("The file is no list: a cell of it is endless, or a quotation mark is not closed.")
        ) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value.day}.{value.month}.{value.year}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return UNPRINTABLE.sub("", str(value)).strip()


def _xlsx_rows(content: bytes) -> list[list[str]]:
    from xml.etree.ElementTree import ParseError  # noqa: PLC0415 - only beside its use
    from zipfile import BadZipFile, ZipFile  # noqa: PLC0415 - as above
    from zlib import error as ZlibError  # noqa: N812, PLC0415 - as above

    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and only imports need it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415 - as above

    broken = (
        BadZipFile,
        InvalidFileException,
        KeyError,
        IndexError,
        ValueError,
        OSError,
        EOFError,
        ParseError,
        ZlibError,
    )
    try:
        with ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > UNPACKED:
                raise SheetError(_("The file is far larger unpacked than a list of the office. Save the list anew."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size; one formatted to the end says a million rows
            return _kept([_cell(value) for value in row[:MOST_COLUMNS]] for row in sheet.iter_rows(values_only=True))
        finally:
            book.close()
    except broken as error:
        raise SheetError(_("The file is not an Excel workbook (xlsx).")) from error


def _kept(rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows with their numbers: empty ones stay between, not after the last. Raises SheetError: too many."""
    found: list[list[str]] = []
    empty = 0
    for row in rows:
        if not any(row):
            empty += 1
            continue
        if len(found) + empty >= MOST_ROWS:
            raise SheetError(_("The file has more than %(most)s rows. Take it in parts.") % {"most": MOST_ROWS})
        found += [[] for _gap in range(empty)]
        found.append(row)
        empty = 0
    return found


def rows_of(name: str, content: bytes) -> list[list[str]]:
    """All rows as text, by the file's ending. Raises SheetError."""
    if name.lower().endswith((".xlsx", ".xlsm")):
        return _xlsx_rows(content)
    if name.lower().endswith((".csv", ".txt")):
        return _csv_rows(content)
    raise SheetError(_("Only CSV and Excel (xlsx) files can be read."))


def _match(row: Sequence[str], headings: Mapping[str, Iterable[str]]) -> dict[int, str]:
    """Which position holds which of our columns. A heading that ends in a year (budget 2026) matches its beginning."""
    found: dict[int, str] = {}
    for position, text in enumerate(row):
        head = _plain(text)
        for column, names in headings.items():
            if column not in found.values() and any(
                head == _plain(name) or (name.endswith("*") and head.startswith(_plain(name[:-1]))) for name in names
            ):
                found[position] = column
                break
    return found


def read(
    name: str, content: bytes, headings: Mapping[str, Iterable[str]], needed: Iterable[str]
) -> tuple[list[Line], dict[str, str]]:
    """The lines below the heading row, and each column's heading as written. Raises SheetError: what is missing."""
    rows = rows_of(name, content)
    best: dict[int, str] = {}
    at = 0
    for number, row in enumerate(rows[:LOOK_AT]):
        found = _match(row, headings)
        if len(found) > len(best):
            best, at = found, number
    needed = list(needed)
    if len(set(best.values()) & set(needed)) < ENOUGH * len(needed):
        raise SheetError(_("No heading row was found."))
    missing = [next(iter(headings[column])).rstrip("*") for column in needed if column not in best.values()]
    if missing:
        raise SheetError(_("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)})
    heads = {column: rows[at][position] for position, column in best.items()}
    lines = []
    for number, row in enumerate(rows[at + 1 :], at + 2):
        cells = {column: row[position] if position < len(row) else "" for position, column in best.items()}
        if any(cells.values()):
            lines.append(Line(number, cells, heads))
    if not lines:
        raise SheetError(_("The file has no rows."))
    return lines, heads
