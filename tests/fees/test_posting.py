"""The posting of a fee item goes with its line into every paper of the run, and is frozen there."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from fees import exports, pdf_sums
from fees.actions import correct, make_run
from fees.actions.documents import contents, plan
from fees.actions.paying import reject, send_to_payroll
from fees.documents import Line, RunData
from fees.models import PaymentRun, RunDocument
from fees.pdf import lines_csv
from fees.run import stored_hash
from fees.run_sums import sums_of_run
from feetables.models import FeeItem
from office.models import User
from tests.conftest import Cast
from tests.factories import at, make_closed_session
from tests.fees.steps import CLOSED, NOVEMBER, closed
from tests.fees.test_pdf import ALL, report

FEES, COSTS = "4472", "4475-1"


@pytest.fixture
def run(cast: Cast) -> PaymentRun:
    """A held session with a journey: 50,00 € to 4472 and 5,50 € to 4475-1."""
    make_closed_session(expert=cast.expert, unit=cast.unit, travel_km=Decimal(10))
    with connection.cursor() as cursor:  # as if the approved table of the tests had its accounts
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE feetables_feeitem DISABLE TRIGGER USER")
        FeeItem.objects.filter(code="YKS").update(posting=FEES)
        FeeItem.objects.filter(code="KM").update(posting=COSTS)
        cursor.execute("ALTER TABLE feetables_feeitem ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return closed(cast.expert, cast.named, cast.coordinator)


def test_the_line_keeps_the_posting_of_its_item(run: PaymentRun) -> None:
    assert list(run.lines.values_list("fee_code", "posting")) == [("YKS", FEES), ("KM", COSTS)]
    assert stored_hash(run.pk) == run.lines_hash


def test_a_run_is_grouped_by_cost_centre_posting_and_income_type(run: PaymentRun, cast: Cast) -> None:
    centre = cast.unit.cost_centre
    assert sums_of_run(run).postings == (
        (centre, FEES, "336", Decimal("50.00")),
        (centre, COSTS, "311", Decimal("5.50")),
    )


def test_a_correction_keeps_the_posting_of_its_line(run: PaymentRun, cast: Cast) -> None:
    correct(run.lines.get(fee_code="KM"), Decimal("-1.10"), by=cast.coordinator, at=CLOSED, reason="Lyhyempi")
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10))
    assert list(second.lines.values_list("kind", "posting")) == [("correction", COSTS)]


def test_a_line_rejected_and_paid_later_keeps_its_posting(run: PaymentRun, cast: Cast) -> None:
    send_to_payroll(run, by=cast.finance, at=CLOSED)
    reject(run, [run.lines.get(fee_code="YKS").pk], by=cast.finance, at=CLOSED, reason="No account")
    second = make_run(NOVEMBER, by=cast.coordinator, at=at(2026, 12, 10))
    assert list(second.lines.values_list("kind", "posting")) == [("carried", FEES)]


def test_the_hash_tells_another_posting(run: PaymentRun) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE fees_runline DISABLE TRIGGER USER")
        cursor.execute("UPDATE fees_runline SET posting = '4473' WHERE fee_code = 'YKS'")
        cursor.execute("ALTER TABLE fees_runline ENABLE TRIGGER USER")
    assert stored_hash(run.pk) != run.lines_hash


def _files(run: PaymentRun) -> tuple[RunData, tuple[Line, ...]]:
    [(_paper, (data, lines))] = contents(run, [one for one in plan(run) if one.kind == RunDocument.Kind.CSV])
    return data, tuple(lines)


def test_the_payroll_file_has_the_posting_beside_the_cost_centre(run: PaymentRun) -> None:
    text = exports.payroll_csv(*_files(run)).decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    assert [(row["Koodi"], row["Tiliöinti"]) for row in rows] == [("YKS", FEES), ("KM", COSTS)]


def test_the_sheet_sums_by_posting(run: PaymentRun) -> None:
    book = load_workbook(io.BytesIO(exports.payroll_xlsx(*_files(run))))
    sums = [row for row in book["Summat"].iter_rows(values_only=True) if row[0] == "Tiliöinti"]
    assert sums == [("Tiliöinti", FEES, 1, 50), ("Tiliöinti", COSTS, 1, 5.5)]


@pytest.mark.parametrize("who", ["coordinator", "finance"])
def test_the_page_of_the_run_shows_the_sums(
    run: PaymentRun, cast: Cast, client_for: Callable[[User], Client], who: str
) -> None:
    page = client_for(getattr(cast, who)).get(reverse("fees:run", args=[run.pk])).content.decode()
    assert "By cost centre, posting and income type" in page
    assert f"<td>{FEES}</td><td>336 non-wage compensation</td>" in page


def test_documents_say_the_sums_by_what_bookkeeping_enters_them_by() -> None:
    lines = [replace(line, posting=COSTS if line.income_type == "311" else FEES) for line in ALL]
    assert pdf_sums.postings(pdf_sums.by_posting(lines), "en") == [
        ("4142", FEES, "336 non-wage compensation", "3", "81.25"),
        ("4142", COSTS, "311 kilometre allowance", "1", "21.01"),
    ]
    assert report(*lines) != report(*ALL)
    rows = csv.DictReader(io.StringIO(lines_csv(lines, "fi").decode("utf-8-sig")), delimiter=";")
    assert [row["posting"] for row in rows] == [FEES, FEES, COSTS, FEES]
