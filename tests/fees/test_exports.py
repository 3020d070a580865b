"""The files for the payroll house say what the lines say, and nothing in them runs (M4, P12, D8)."""

import csv
import io
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from fees import exports
from fees.actions import correct, make_documents, make_run
from fees.actions.documents import contents, plan
from fees.documents import Line, RunData
from fees.models import PaymentRun, RunDocument
from tests.conftest import Cast
from tests.factories import at, make_closed_session, make_expert
from tests.fees.steps import CLOSED, NOVEMBER, approved, closed

NASTY = 'Mäki;"Änkky"\nLinna'


def parts(run: PaymentRun) -> tuple[RunData, tuple[Line, ...]]:
    papers = [paper for paper in plan(run) if paper.kind == RunDocument.Kind.CSV]
    [(_paper, (data, lines))] = contents(run, papers)
    return data, tuple(lines)


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def euros(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


@pytest.fixture
def run(cast: Cast) -> PaymentRun:
    make_closed_session(at(2026, 10, 6, 9), at(2026, 10, 6, 10, 5), "group", expert=cast.expert, unit=cast.unit)
    make_closed_session(expert=cast.expert, unit=cast.unit, travel_km=Decimal("10.5"))
    odd = make_expert(first_name="=1+1", last_name=NASTY, payroll_number="-77")
    make_closed_session(expert=odd, unit=cast.unit)
    approved(odd, cast.named)
    return closed(cast.expert, cast.named, cast.coordinator)


def test_the_csv_is_for_a_finnish_spreadsheet(run: PaymentRun) -> None:
    content = exports.payroll_csv(*parts(run))
    assert content.startswith("\ufeffMaksuerä;Rivi;Maksupäivä;Henkilönumero;Nimi;Tulolaji;".encode())
    assert content.count(b"\r\n") == 5
    row = table(content)[1]
    assert {name: row[name] for name in ("Maksuerä", "Rivi", "Maksupäivä", "Nimi", "Tulolaji", "Rivilaji")} == {
        "Maksuerä": "1",
        "Rivi": "2",
        "Maksupäivä": "30.11.2026",
        "Nimi": "Eva Expert",
        "Tulolaji": "336",
        "Rivilaji": "palkkio",
    }


def test_a_line_of_hours(run: PaymentRun) -> None:
    row = next(row for row in table(exports.payroll_csv(*parts(run))) if row["Koodi"] == "RYH")
    assert [row[name] for name in ("Päivä", "Alkoi", "Päättyi", "Määrä", "Määräyksikkö", "À-hinta", "Euroa")] == [
        "6.10.2026",
        "09.00",
        "10.05",
        "1,25",
        "tunti",
        "25,00",
        "31,25",
    ]


def test_screen_csv_and_sheet_have_the_same_sum(run: PaymentRun) -> None:
    """M4."""
    rows = table(exports.payroll_csv(*parts(run)))
    book = load_workbook(io.BytesIO(exports.payroll_xlsx(*parts(run))))
    sheet = list(book["Rivit"].iter_rows(values_only=True))
    place = sheet[0].index("Euroa")
    amounts = [Decimal(str(row[place])).quantize(Decimal("0.01")) for row in sheet[1:]]
    assert sum(euros(row["Euroa"]) for row in rows) == sum(amounts) == run.total
    last = list(book["Summat"].iter_rows(values_only=True))[-1]
    assert (last[0], last[2], Decimal(str(last[3])).quantize(Decimal("0.01"))) == ("Yhteensä", len(rows), run.total)


def test_a_name_with_everything_in_it_stays_one_cell(run: PaymentRun) -> None:
    """D8."""
    rows = table(exports.payroll_csv(*parts(run)))
    assert [row["Nimi"] for row in rows].count(f"'=1+1 {NASTY}") == 1
    assert {len(row) for row in rows} == {len(exports.COLUMNS)}


# Lesson P12.
@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_text_is_a_formula(beginning: str) -> None:
    assert exports.harmless(f"{beginning}SUM(A1)") == f"'{beginning}SUM(A1)"


def test_an_ordinary_text_is_left_alone() -> None:
    assert exports.harmless("Žofia O'Brien-Šimůnková") == "Žofia O'Brien-Šimůnková"


def test_the_sheet_holds_no_formula_but_numbers_and_days(run: PaymentRun) -> None:
    sheet: Any = load_workbook(io.BytesIO(exports.payroll_xlsx(*parts(run))))["Rivit"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"n", "s", "inlineStr", "d"}  # no "f"
    head = [cell.value for cell in sheet[1]]
    row = dict(zip(head, [cell.value for cell in sheet[2]], strict=True))
    assert (row["Maksupäivä"], row["Euroa"], row["Nimi"]) == (datetime(2026, 11, 30), 31.25, "Eva Expert")  # noqa: DTZ001


def test_a_correction_names_its_line_and_is_a_number_though_it_begins_with_a_minus(cast: Cast, run: PaymentRun) -> None:
    correct(run.lines.get(fee_code="RYH"), Decimal("-5.50"), by=cast.coordinator, at=CLOSED, reason="-Lyhyempi")
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10))
    [row] = table(exports.payroll_csv(*parts(second)))
    assert [row[name] for name in ("Rivilaji", "Euroa", "Oikaisee", "Selite")] == [
        "oikaisu",
        "-5,50",
        "1/1",
        "'-Lyhyempi",
    ]


def test_the_same_run_gives_the_same_bytes(run: PaymentRun) -> None:
    data, lines = parts(run)
    assert exports.payroll_csv(data, lines) == exports.payroll_csv(data, lines)
    assert exports.payroll_xlsx(data, lines) == exports.payroll_xlsx(data, lines)


def test_all_documents_in_one_archive(run: PaymentRun) -> None:
    make_documents(run)
    first, second = io.BytesIO(), io.BytesIO()
    assert exports.write_zip(run, first) == exports.write_zip(run, second) == run.documents.count()
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(run.documents.order_by("filename").values_list("filename", flat=True))
        assert archive.getinfo("run-0001-payroll.csv").date_time == (2026, 11, 10, 9, 0, 0)
        for document in run.documents.all():
            assert archive.read(document.filename) == bytes(document.content)


def test_the_layout_is_the_one_that_is_written_down() -> None:
    """docs/payroll-format.md names every column, in order."""
    text = (Path(__file__).parents[2] / "docs" / "payroll-format.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ") and "`" in line]
    told = [row[2].strip().strip("`") for row in rows]
    assert told[: len(exports.COLUMNS)] == [name for name, _width in exports.COLUMNS]


def test_days_of_the_sheet_are_local(cast: Cast) -> None:
    """T8: half past midnight is the new day, though not yet in UTC."""
    make_closed_session(at(2026, 10, 7, 0, 30), expert=cast.expert, unit=cast.unit)
    run = closed(cast.expert, cast.named, cast.coordinator)
    [row] = table(exports.payroll_csv(*parts(run)))
    assert (row["Päivä"], row["Alkoi"]) == ("7.10.2026", "00.30")
    assert parts(run)[0].pay_date == date(2026, 11, 30)
