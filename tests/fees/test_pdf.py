"""Documents of a run: what people read, what machines read, and that the same facts give the same bytes."""

import csv
import io
import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.utils import translation
from page import ValidationProfile

from fees import pdf
from fees.documents import (
    CORRECTION,
    TRAVEL,
    Line,
    RunData,
    RunSummaryData,
    StatementData,
    UnitReportData,
    late_sum,
    sums_by,
    total,
)
from office.formats import HELSINKI, NBSP
from tests.papers import faults

OFFICE = {
    "fi": "Itä-Uudenmaan hyvinvointialue",
    "sv": "Östra Nylands välfärdsområde",
    "en": "Wellbeing services county of East Uusimaa",
}
RUN = RunData(
    number=7,
    month=date(2026, 10, 1),
    pay_date=date(2026, 11, 30),
    made_at=datetime(2026, 11, 16, 9, 5, tzinfo=UTC),
    office=OFFICE,
)
AT = datetime(2026, 10, 19, 10, 0, tzinfo=HELSINKI)
HELD = Line(
    position=1,
    kind="fee",
    expert_name="Žofia Šimůnková",
    payroll_number="482913",
    unit_code="Y01",
    unit_name_fi="Perhekeskus, Porvoo",
    unit_name_sv="Familjecentret, Borgå",
    cost_centre="4142",
    orderer_name="Marjatta Äijälä",
    approver_name="Marjatta Äijälä",
    starts_at=AT,
    ends_at=AT + timedelta(minutes=105),
    done_starts_at=AT,
    done_ends_at=AT + timedelta(minutes=105),
    outcome="held",
    fee_code="RYH",
    fee_name_fi="Ryhmänohjaus",
    fee_name_sv="Grupphandledning",
    fee_table="Esimerkki 1.1.2026, aluehallitus 11.1.2026 § 7",
    units=Decimal("1.75"),
    unit_name="hour",
    unit_price=Decimal("25.00"),
    amount=Decimal("43.75"),
    income_type="336",
    price={"minutes_paid": 105, "explanation": []},
)
LATE = replace(
    HELD,
    position=2,
    outcome="cancelled_late",
    rule="R11",
    free_until=datetime(2026, 10, 16, 15, 0, tzinfo=HELSINKI),
    received_at=datetime(2026, 10, 19, 8, 15, tzinfo=HELSINKI),
    units=Decimal(1),
    unit_name="meeting",
    unit_price=Decimal("50.00"),
    amount=Decimal("50.00"),
)
JOURNEY = replace(
    HELD,
    position=3,
    kind=TRAVEL,
    units=Decimal("38.20"),
    unit_name="km",
    unit_price=Decimal("0.55"),
    amount=Decimal("21.01"),
    income_type="311",
)
CORRECTED = replace(
    HELD,
    position=4,
    kind=CORRECTION,
    amount=Decimal("-12.50"),
    corrects_run=6,
    corrects_position=41,
    corrects_starts_at=datetime(2026, 9, 3, 9, 0, tzinfo=UTC),
    reason="Kirjattu väärin",
)
ALL = (HELD, LATE, JOURNEY, CORRECTED)


@pytest.fixture(autouse=True)
def set_by_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of a run are never left to WeasyPrint."""
    monkeypatch.delattr("office.pdf._by_weasyprint")


def statement(*lines: Line, language: str = "fi", name: str = "Žofia Šimůnková") -> bytes:
    return pdf.statement(
        StatementData(
            run=RUN, position=17, count=27, language=language, expert_name=name, payroll_number="482913", lines=lines
        )
    )


def report(*lines: Line) -> bytes:
    return pdf.unit_report(
        UnitReportData(
            run=RUN,
            language="fi",
            unit_code="Y01",
            unit_name="Mielenterveys- ja päihdepalvelujen avokuntoutus sekä psykiatrian poliklinikka, Loviisa",
            cost_centre="4142",
            lines=lines,
        )
    )


def summary(*lines: Line) -> bytes:
    return pdf.run_summary(
        RunSummaryData(
            run=RUN,
            language="sv",
            made_by="Leena Niemi",
            lists=133,
            experts=27,
            fees=Decimal("81.25"),
            travel=Decimal("21.01"),
            lines_hash="0123456789abcdef" * 4,
            lines=lines,
        )
    )


def many(count: int) -> tuple[Line, ...]:
    return tuple(replace(HELD, position=n, starts_at=AT + timedelta(days=n)) for n in range(count))


@pytest.mark.parametrize("profile", [ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A], ids=["ua", "a"])
@pytest.mark.parametrize(
    "content",
    [
        pytest.param(lambda: statement(*ALL), id="statement"),
        pytest.param(statement, id="statement without lines"),
        pytest.param(lambda: statement(*many(40), language="sv"), id="statement of several pages"),
        pytest.param(lambda: report(*ALL), id="unit report"),
        pytest.param(report, id="unit report without lines"),
        pytest.param(lambda: summary(*ALL), id="summary"),
    ],
)
def test_every_document_can_be_kept_and_read_aloud(content: Any, profile: ValidationProfile, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content())
    assert faults(path, profile) == []


def test_the_same_facts_give_the_same_bytes() -> None:
    assert statement(*ALL) == statement(*ALL)


def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def test_title_language_and_moment_are_those_of_the_run_not_of_today() -> None:
    file = opened(statement(HELD, language="en"))
    assert str(file.docinfo["/Title"]) == f"Fee statement, October{NBSP}2026, Žofia Šimůnková"
    assert str(file.Root["/Lang"]) == "en"
    assert str(file.docinfo["/CreationDate"]).startswith("D:20261116")


def test_only_our_own_fonts_are_in_the_file() -> None:
    fonts = {
        str(font["/BaseFont"])
        for page in opened(statement(*ALL)).pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all("Source-Sans" in name or "SourceSans" in name for name in fonts), fonts


def test_the_lines_are_attached_for_machines_and_add_up() -> None:
    file = opened(statement(*ALL))
    content = file.attachments["lines.csv"].get_file().read_bytes()
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert [row["amount"] for row in rows] == ["43,75", "50,00", "21,01", "-12,50"]
    assert rows[3]["corrects"] == "6/41"
    assert rows[0]["starts"] == "2026-10-19 10:00"


def test_nothing_typed_becomes_a_formula_in_the_attached_table() -> None:
    line = replace(HELD, expert_name="=1+1", orderer_name="@cmd", reason="+358", unit_name_fi="-Yksikkö")
    text = pdf.lines_csv([line], "fi").decode("utf-8-sig")
    assert ";'=1+1;" in text
    assert ";'@cmd;" in text
    assert text.rstrip().endswith("'+358")
    assert ";'-Yksikkö;" in text


def test_nothing_typed_becomes_markup_or_reaches_for_a_file() -> None:
    """P11: a name with markup is printed as it was typed and fetches nothing."""
    assert statement(HELD, name='<img src="file:///etc/passwd"><b>Helmi</b>')


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (HELD, "Held"),
        (
            replace(HELD, done_ends_at=AT + timedelta(minutes=120)),
            "Held 10:00–12:00, agreed 10:00–11:45",
        ),
        (
            LATE,
            (
                f"Cancelled Mon{NBSP}19{NBSP}Oct at{NBSP}8:15, the free limit was Fri{NBSP}16{NBSP}Oct at{NBSP}15:00: "
                "the agreed fee is paid."
            ),
        ),
        (replace(HELD, outcome="no_show"), "The client did not come: the agreed fee is paid."),
        (replace(HELD, outcome="expert_ill"), "The expert was ill: no fee."),
        (
            replace(HELD, price={"minutes_paid": 120, "minimum_applied": True, "explanation": []}),
            f"Held. At least 2{NBSP}h is paid.",
        ),
        (
            replace(HELD, price={"minutes_paid": 105, "explanation": [["declined", {}]]}),
            "Held. The expert declined the fee.",
        ),
    ],
)
def test_what_happened_is_told_with_its_rule(line: Line, said: str) -> None:
    with translation.override("en"):
        assert pdf.happened(line, "en") == said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (HELD, f"1{NBSP}h{NBSP}45{NBSP}min"),
        (LATE, "1 meeting"),
        (replace(LATE, unit_name="event"), "1 event"),
        (JOURNEY, f"38.2{NBSP}km"),
        (replace(HELD, units=Decimal("1.08333334"), price={}), f"1{NBSP}h{NBSP}5{NBSP}min"),
        (replace(HELD, units=Decimal(0)), "–"),
    ],
)
def test_amounts_of_units_are_said_as_people_count_them(line: Line, said: str) -> None:
    with translation.override("en"):
        assert pdf.quantity(line, "en") == said


def test_totals_are_sums_of_lines() -> None:
    assert total(ALL) == Decimal("102.26")
    assert late_sum(ALL) == Decimal("50.00")
    assert sums_by(ALL, "income_type") == [("311", 1, Decimal("21.01")), ("336", 3, Decimal("81.25"))]


def test_a_long_statement_has_several_pages() -> None:
    assert len(opened(statement(*many(60))).pages) > 1


def test_no_stream_ends_in_a_line_break_of_its_own() -> None:
    """Before "endstream" comes a line break that is not part of it: strict readers could not tell them apart."""
    found = [n for n in range(40) if re.search(rb"[\r\n]\nendstream", statement(HELD, name=f"Helmi {n}"))]
    assert found == []


def text_of(content: bytes, tmp_path: Path) -> str:
    """What a reader sees of a document, in one line."""
    path = tmp_path / "read.pdf"
    path.write_bytes(content)
    found = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True, text=True).stdout
    return " ".join(found.replace(NBSP, " ").split())


#: Beside a session: a meal, with no outcome of its own.
MEAL = replace(HELD, position=5, outcome="", fee_code="ATERIA", units=Decimal(1), unit_name="day", income_type="303")


def test_a_meal_is_no_task_that_came_late(tmp_path: Path) -> None:
    """One task of September with its meal: one task came late, not two."""
    september = replace(HELD, starts_at=AT - timedelta(days=40), ends_at=AT - timedelta(days=40) + timedelta(hours=1))
    meal = replace(MEAL, starts_at=september.starts_at, ends_at=september.ends_at)
    assert "1 task is of an earlier month" in text_of(statement(september, meal, HELD, language="en"), tmp_path)


@pytest.mark.parametrize("made", [report, summary], ids=["unit report", "summary"])
def test_lines_are_counted_alike_in_all_tables_of_a_document(made: Any, tmp_path: Path) -> None:
    """Five lines of the payroll file are five lines by unit or by person, and by income type."""
    said = text_of(made(*ALL, MEAL), tmp_path)
    assert re.search(r"(Yhteensä|Sammanlagt) 5 ", said)
    assert [int(count) for count in re.findall(r"4142 – \d{3} \S+ (\d)", said)] == [1, 1, 3]


def test_the_summary_says_how_its_columns_are_those_of_the_page(tmp_path: Path) -> None:
    """The page counts a correction as what it corrects; the summary has a column for it, and says so."""
    said = text_of(summary(*ALL), tmp_path)
    assert "81,25 €" in said
    assert "27 · 133 · 4" in said
