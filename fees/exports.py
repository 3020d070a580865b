"""Files for the payroll house (docs/payroll-format.md), and all documents of a run in one archive.

Made from frozen lines only; the same run gives the same bytes.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from fees.documents import CARRIED, CORRECTION, TRAVEL, Line, RunData, Tallies, Tally, sums_of
from fees.models import PaymentRun
from office import formats
from office.archives import entry
from office.sheets import harmless as harmless

#: Heading, width in the sheet. The file is the county's, so its headings are in Finnish whoever downloads it.
COLUMNS = (
    ("Maksuerä", 10), ("Rivi", 7), ("Maksupäivä", 12), ("Henkilönumero", 15), ("Nimi", 28), ("Tulolaji", 9),
    ("Rivilaji", 10), ("Koodi", 8), ("Nimike", 28), ("Yksikkö", 9), ("Kustannuspaikka", 16), ("Tiliöinti", 12),
    ("Päivä", 12), ("Alkoi", 8), ("Päättyi", 8), ("Määrä", 14), ("Määräyksikkö", 14), ("À-hinta", 10), ("Euroa", 12),
    ("Oikaisee", 10), ("Selite", 30), ("Tilaaja", 24), ("Hyväksyjä", 24), ("Tila", 12),
)  # fmt: skip
KINDS = {"fee": "palkkio", TRAVEL: "matka", CORRECTION: "oikaisu", CARRIED: "siirretty"}
UNITS = {
    "hour": "tunti", "meeting": "kerta", "event": "tilaisuus", "km": "km", "month": "kuukausi", "receipt": "kuitti",
    "correction": "oikaisu", "day": "päivä",
}  # fmt: skip


def _state(run: RunData, line: Line) -> str:
    """Whether the payroll house has had the line before: sent again in a supplementary file, or carried by this run."""
    if run.part > 1:
        return "uudelleen"
    return "siirretty" if line.kind == CARRIED else "uusi"


def _values(run: RunData, line: Line) -> list[Any]:
    """The cells of a line: texts made harmless, numbers as numbers, days as days."""
    starts = formats.local(line.done_starts_at or line.starts_at)
    ends = formats.local(line.done_ends_at or line.ends_at)
    corrects = f"{line.corrects_run}/{line.corrects_position}" if line.corrects_run is not None else ""
    return [
        run.number, line.position, run.pay_date, harmless(line.payroll_number), harmless(line.expert_name),
        line.income_type, KINDS[line.kind], harmless(line.fee_code), harmless(line.fee_name_fi),
        harmless(line.unit_code), harmless(line.cost_centre), harmless(line.posting),
        starts.date(), f"{starts:%H.%M}", f"{ends:%H.%M}",
        line.units, UNITS[line.unit_name], line.unit_price, line.amount, corrects, harmless(line.reason),
        harmless(line.orderer_name), harmless(line.approver_name), _state(run, line),
    ]  # fmt: skip


def _said(value: Any) -> str:
    if isinstance(value, Decimal):
        shown = value.normalize() if value != value.to_integral() else value.quantize(Decimal(1))
        text = f"{max(shown, value.quantize(Decimal('0.01')), key=_decimals):f}"
        return text.replace(".", ",")
    if isinstance(value, (int, str)):
        return str(value)
    return f"{value.day}.{value.month}.{value.year}"


def _decimals(value: Decimal) -> int:
    return -int(value.as_tuple().exponent)


def payroll_csv(run: RunData, lines: Iterable[Line]) -> bytes:
    """Every line of the run: semicolons, decimal commas, days as 31.12.2026, UTF-8 with a mark, CRLF."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";", lineterminator="\r\n")
    sheet.writerow(heading for heading, _width in COLUMNS)
    for line in lines:
        sheet.writerow(_said(value) for value in _values(run, line))
    return out.getvalue().encode("utf-8-sig")


def payroll_xlsx(run: RunData, lines: Iterable[Line]) -> bytes:
    """The same lines as a sheet with real numbers and days, a second sheet with the sums. Goes through them once."""
    incomes, units, centres, postings, whole = Tallies(), Tallies(), Tallies(), Tallies(), Tally()

    def rows() -> Iterator[list[Any]]:
        for line in lines:
            incomes.add(line.income_type, line)
            units.add(line.unit_code, line)
            centres.add(line.cost_centre, line)
            postings.add(line.posting, line)
            whole.add(line)
            yield _values(run, line)

    book = Workbook(write_only=True)
    _sheet(book.create_sheet("Rivit"), COLUMNS, rows())
    sums: list[list[Any]] = [["Tulolaji", *row] for row in sums_of(incomes)]
    sums += [["Yksikkö", harmless(name), *rest] for name, *rest in sums_of(units)]
    sums += [["Kustannuspaikka", harmless(name), *rest] for name, *rest in sums_of(centres)]
    sums += [["Tiliöinti", harmless(name), *rest] for name, *rest in sums_of(postings)]
    sums.append(["Yhteensä", "", whole.lines, whole.total])
    _sheet(book.create_sheet("Summat"), (("Mistä", 18), ("Koodi", 16), ("Rivejä", 10), ("Euroa", 14)), sums)
    out = io.BytesIO()
    book.save(out)
    return _settled(out, run.made_at)


def _sheet(sheet: Any, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> None:
    for number, (_heading, width) in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    bold = []
    for heading, _width in columns:
        cell = WriteOnlyCell(sheet, value=heading)
        cell.font = Font(bold=True)
        bold.append(cell)
    sheet.append(bold)
    cells = _Cells(sheet)
    for row in rows:
        sheet.append([cells.of(column, value) for column, value in enumerate(row)])


class _Cells:
    """Cells that look like numbers and days, one for a column: a row is written at once, so they are used again."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._made: dict[tuple[int, str], Any] = {}

    def of(self, column: int, value: Any) -> Any:
        if isinstance(value, (int, str)):
            return value
        look = "d.m.yyyy"
        if isinstance(value, Decimal):
            look = "0.00######" if _decimals(value.normalize()) > 2 else "0.00"
        cell = self._made.get((column, look))
        if cell is None:
            cell = self._made[column, look] = WriteOnlyCell(self._sheet)
            cell.number_format = look
        cell.value = value  # a Decimal is written digit by digit
        if not isinstance(value, Decimal):
            cell.number_format = look  # a day brings a look of its own
        return cell


def _settled(written: IO[bytes], made_at: datetime) -> bytes:
    """The same archive with the run's moment for every clock in it, so that it has the same bytes each time."""
    stamp = made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            new.writestr(entry(name, made_at), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write_zip(run: PaymentRun, file: IO[bytes]) -> int:
    """All documents of a run into an open file, in the order of their names; a few in memory at a time. Says how many.

    Taking them away changes nothing (M10).
    """
    count = 0
    with zipfile.ZipFile(file, "w") as archive:
        for document in run.documents.order_by("filename").iterator(chunk_size=20):
            # A PDF is compressed already.
            how = zipfile.ZIP_DEFLATED if document.filename.endswith(".csv") else zipfile.ZIP_STORED
            archive.writestr(entry(document.filename, run.made_at), bytes(document.content), how)
            count += 1
    return count
