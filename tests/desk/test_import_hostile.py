"""Files made to harm, or badly made by a program: refused in words, never with the memory of a worker."""

import io
import tracemalloc
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from desk.importing.sheets import MOST_ROWS, SheetError, rows_of

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(*rows: list[str]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]  # a new book has a sheet
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is this."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(workbook(["a"]))) as old, ZipFile(out, "w", ZIP_DEFLATED) as new:
        for part in old.namelist():
            new.writestr(part, xml if part == "xl/worksheets/sheet1.xml" else old.read(part))
    return out.getvalue()


def cells(*told: tuple[str, str], says: str = "A1:B2") -> bytes:
    rows = "".join(
        f'<row r="{place.lstrip("ABCDEFX")}"><c r="{place}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for place, text in told
    )
    return (
        f'<worksheet xmlns="{SPREADSHEET}"><dimension ref="{says}"/><sheetData>{rows}</sheetData></worksheet>'.encode()
    )


def test_a_bomb_is_not_unpacked() -> None:
    """Half a megabyte that is 300 megabytes inside."""
    bomb = with_sheet(b"<worksheet>" + b" " * 300_000_000 + b"</worksheet>")
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(SheetError, match="far larger unpacked"):
            rows_of("list.xlsx", bomb)
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_a_sheet_formatted_to_its_end_is_read_for_what_is_in_it() -> None:
    """Excel says a million rows of 16 384 columns when somebody has coloured all of it."""
    found = with_sheet(cells(("A1", "Name"), ("A4", "Ann"), says="A1:XFD1048576"))
    tracemalloc.start()
    try:
        assert rows_of("list.xlsx", found) == [["Name"], [], [], ["Ann"]]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_a_row_far_below_is_refused_in_words() -> None:
    with pytest.raises(SheetError, match=f"more than {MOST_ROWS} rows"):
        rows_of("list.xlsx", with_sheet(cells(("A1", "Name"), (f"A{MOST_ROWS + 1}", "Ann"))))
    with pytest.raises(SheetError, match=f"more than {MOST_ROWS} rows"):
        rows_of("list.csv", b"a;b\n" + b"1;2\n" * MOST_ROWS)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04 not at all",
        workbook(["a"])[:-200],
        with_sheet(b"<worksheet><sheetData><row"),
        with_sheet(b""),
        b"",
    ],
    ids=["html", "begins like one", "cut off", "broken inside", "empty inside", "empty"],
)
def test_what_is_no_workbook_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(SheetError, match="not an Excel workbook"):
        rows_of("list.xlsx", content)


def test_an_endless_cell_is_refused_in_words() -> None:
    with pytest.raises(SheetError, match="is no list"):
        rows_of("list.csv", b'a;b\n"' + b"x" * 200_000)
