"""Lists as files for a Finnish spreadsheet: semicolons, days as 31.12.2026, UTF-8 with a mark, nothing that runs."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
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
    if isinstance(value, Decimal):  # a sum below zero is a number, no formula
        return f"{value:f}".replace(".", ",")
    return "" if value is None else harmless(str(value))


def as_csv(headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The list as a file."""
    return csv_head(headings) + csv_rows(rows)


def csv_head(headings: Sequence[Any]) -> bytes:
    """The beginning of a list: the mark and the headings."""
    return csv_rows([[str(heading) for heading in headings]], "utf-8-sig")


def csv_rows(rows: Iterable[Sequence[Any]], encoding: str = "utf-8") -> bytes:
    """Rows of a list, to follow what is there."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        sheet.writerow(_said(value) for value in row)
    return out.getvalue().encode(encoding)


def as_xlsx(title: str, headings: Sequence[Any], rows: Iterable[Sequence[Any]]) -> bytes:
    """The list as a workbook: texts as harmless texts, numbers and days as what they are."""
    from openpyxl import Workbook  # noqa: PLC0415 - heavy, and only this needs it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above
    from openpyxl.styles import Font  # noqa: PLC0415 - as above

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    bold = []
    for heading in headings:
        cell = WriteOnlyCell(sheet, value=str(heading))
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    for row in rows:
        sheet.append([_in_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _in_cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415 - as above

    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]  # a day is as good as a moment
        cell.number_format = "d.m.yyyy"
        return cell
    return value if value is None or isinstance(value, int | Decimal) else harmless(str(value))
