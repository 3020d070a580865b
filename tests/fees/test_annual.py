"""Annual statements say to the cent what was paid on the pay days of a year."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from page import ValidationProfile

from experts.models import Expert
from fees import annual, annual_pdf, yearly
from fees.actions import correct, make_documents, make_run, mark_paid, reject, resend, send_to_payroll
from fees.models import PaymentRun, RunLine
from fees.month import year_of
from fees.yearly import STATEMENTS
from feetables.rules import ZERO
from office.choices import Role
from office.models import User
from tests.conftest import Cast
from tests.factories import at, make_closed_session, make_expert, make_fee_table, make_user
from tests.factories.feetables import items_of
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved, paid
from tests.papers import faults

DECEMBER = at(2026, 12, 10)


@pytest.fixture
def finance() -> User:
    return make_user(roles=[Role.FINANCE], language="en")


@pytest.fixture
def helmi(cast: Cast) -> Expert:
    user = make_user(roles=[Role.EXPERT], language="sv")
    return make_expert(first_name="Helmi", last_name="Äijö", user=user, payroll_number="77", language="sv")


@pytest.fixture
def october(cast: Cast, helmi: Expert, finance: User) -> PaymentRun:
    """50,00 and a journey of 13,20 for Helmi, 50,00 for the other; paid on 30 November 2026."""
    make_closed_session(at(2026, 10, 7, 10), expert=helmi, unit=cast.unit, travel_km=Decimal(24))
    make_closed_session(at(2026, 10, 8, 10), expert=cast.expert, unit=cast.unit)
    approved(helmi, cast.named)
    approved(cast.expert, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    paid(run, finance, at(2026, 11, 30, 12))
    return run


def lines_in(content: bytes) -> list[dict[str, str]]:
    with pikepdf.open(io.BytesIO(content)) as file:
        table = file.attachments["lines.csv"].get_file().read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(table), delimiter=";"))


def amounts(content: bytes) -> list[Decimal]:
    return [Decimal(row["amount"].replace(",", ".")) for row in lines_in(content)]


def test_it_is_the_sum_of_the_lines_that_were_paid(october: PaymentRun, helmi: Expert) -> None:
    [year] = annual.years(expert=helmi)
    assert (year.year, year.total, year.payments, year.filename) == (2026, Decimal("63.20"), 1, "annual-2026-77.pdf")
    assert amounts(annual.statement(year)) == [Decimal("50.00"), Decimal("13.20")]
    everybody = annual.years(run__pay_date__year=2026)
    assert sum(one.total for one in everybody) == october.total
    assert [one.expert_name for one in everybody] == ["Eva Expert", "Helmi Äijö"]
    shown = year_of(helmi, 2026)
    assert shown.paid + shown.paid_travel == year.total


@pytest.mark.usefixtures("october")
def test_the_pay_day_counts_not_the_month_of_the_work(cast: Cast, helmi: Expert, finance: User) -> None:
    """December's work is paid in January: it belongs to the next year."""
    make_closed_session(at(2026, 12, 9, 10), expert=helmi, unit=cast.unit)
    approved(helmi, cast.named, date(2026, 12, 1), moment=at(2027, 1, 5))
    run = make_run(date(2026, 12, 1), by=cast.coordinator, at=at(2027, 1, 11))
    assert [one.year for one in annual.years(expert=helmi)] == [2026]  # made is not paid
    paid(run, finance, at(2027, 1, 29, 12))
    assert [(one.year, one.total) for one in annual.years(expert=helmi)] == [
        (2027, Decimal("50.00")),
        (2026, Decimal("63.20")),
    ]


def test_a_rejected_line_counts_when_it_is_paid(cast: Cast, helmi: Expert, finance: User) -> None:
    """Left out while it waits; once, in the run that carries it."""
    make_closed_session(at(2026, 10, 7, 10), expert=helmi, unit=cast.unit, travel_km=Decimal(24))
    approved(helmi, cast.named)
    first = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    send_to_payroll(first, by=finance, at=CLOSED)
    reject(first, [first.lines.get(kind="travel").pk], by=finance, at=CLOSED, reason="Väärä tili")
    mark_paid(first, by=finance, at=at(2026, 11, 30, 12))
    assert [one.total for one in annual.years(expert=helmi)] == [Decimal("50.00")]
    shown = year_of(helmi, 2026)
    assert (shown.paid, shown.paid_travel, shown.coming_travel) == (Decimal("50.00"), ZERO, Decimal("13.20"))
    make_closed_session(at(2026, 11, 11, 10), expert=helmi, unit=cast.unit)
    approved(helmi, cast.named, NOVEMBER, moment=at(2026, 12, 5))
    second = make_run(NOVEMBER, by=cast.coordinator, at=DECEMBER)
    paid(second, finance, at(2026, 12, 31, 12))
    [year] = annual.years(expert=helmi)
    assert (year.total, year.payments) == (Decimal("113.20"), 2)
    assert sum(amounts(annual.statement(year))) == Decimal("113.20")
    shown = year_of(helmi, 2026)
    assert (shown.paid, shown.paid_travel, shown.coming_travel) == (Decimal("100.00"), Decimal("13.20"), ZERO)


def test_a_line_that_was_sent_again_is_paid_by_its_run(cast: Cast, helmi: Expert, finance: User) -> None:
    make_closed_session(at(2026, 10, 7, 10), expert=helmi, unit=cast.unit)
    approved(helmi, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    send_to_payroll(run, by=finance, at=CLOSED)
    line = run.lines.get()
    reject(run, [line.pk], by=finance, at=CLOSED, reason="Väärä tili")
    resend(run, [line.rejections.get().pk], by=finance, at=CLOSED)
    mark_paid(run, by=finance, at=at(2026, 11, 30, 12))
    assert [one.total for one in annual.years(expert=helmi)] == [Decimal("50.00")]


def test_a_correction_is_in_it_by_the_income_type_of_its_line(
    cast: Cast, october: PaymentRun, helmi: Expert, finance: User
) -> None:
    travel = october.lines.get(kind="travel")
    correct(travel, Decimal("-3.20"), by=cast.coordinator, at=DECEMBER, reason="Kilometrit väärin")
    second = make_run(NOVEMBER, by=cast.coordinator, at=DECEMBER)
    paid(second, finance, at(2026, 12, 31, 12))
    [year] = annual.years(expert=helmi)
    content = annual.statement(year)
    assert year.total == sum(amounts(content)) == Decimal("60.00")
    assert {row["income_type"] for row in lines_in(content) if row["kind"] in {"travel", "correction"}} == {"311"}


def test_costs_beside_a_fee_are_no_fee(
    cast: Cast, helmi: Expert, finance: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Satakunta: 100 € a month and 36 € of costs."""
    make_fee_table(items=items_of("satakunta_2023"))
    make_closed_session(at(2026, 10, 7, 10), None, "individual", expert=helmi, unit=cast.unit)
    approved(helmi, cast.named)
    run = make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    paid(run, finance, at(2026, 11, 30, 12))
    told: dict[str, object] = {}
    monkeypatch.setattr(annual_pdf, "render_to_string", lambda _name, context: told.update(context) or "<p>-</p>")
    [year] = annual.years(expert=helmi)
    annual.statement(year)
    assert (year.total, told["sums"]) == (Decimal("136.00"), ("100,00", "36,00", "136,00"))


def test_every_document_is_tagged_and_the_same_again(october: PaymentRun, helmi: Expert, tmp_path: Path) -> None:
    [year] = annual.years(expert=helmi)
    content = annual.statement(year)
    assert content == annual.statement(year)
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    for profile in (ValidationProfile.PDF_UA_1, ValidationProfile.PDF_A_3A):
        assert faults(path, profile) == []
    with pikepdf.open(path) as file:
        assert (str(file.Root["/Lang"]), str(file.docinfo["/CreationDate"])[:10]) == ("sv", "D:20261130")


def archive(client: Client, year: int) -> bytes:
    """The ZIP that was asked for on the page, made at once as there is no worker, taken away."""
    page = client.post(reverse("office:exports"), {"list": "annual", "year": year})
    assert page.status_code == 302, page.status_code
    response: Any = client.get(f"{page['Location']}file/")
    return b"".join(response.streaming_content)


def test_all_years_of_everybody_in_one_archive(october: PaymentRun, client: Client, finance: User) -> None:
    client.force_login(finance)
    content = archive(client, 0)
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        assert zipped.testzip() is None
        assert len(zipped.namelist()) == 2
        assert "2026/annual-2026-77.pdf" in zipped.namelist()
        assert sum(sum(amounts(zipped.read(name))) for name in zipped.namelist()) == october.total
    assert archive(client, 2026) == content
    assert client.post(reverse("office:exports"), {"list": "annual", "year": 2025}).status_code == 404


@pytest.mark.usefixtures("october")
def test_a_part_of_the_archive_holds_a_few_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """D9: however many were paid, a part of the work makes so many of them, and each is kept by itself."""
    monkeypatch.setattr(yearly, "A_PART", 1)
    parts = list(STATEMENTS.parts(2026))
    assert [size for _people, size in parts] == [1, 1]
    assert [[piece.name for piece in STATEMENTS.make(2026, people)] for people, _size in parts] == [
        [f"2026/{one.filename}"] for one in annual.years()
    ]


def test_an_expert_sees_the_own_years_only(october: PaymentRun, helmi: Expert, client: Client, cast: Cast) -> None:
    assert helmi.user is not None
    make_documents(october)
    client.force_login(helmi.user)
    shown = client.get(reverse("fees:my_payments")).content.decode()
    assert reverse("fees:my_annual", args=[2026]) in shown
    assert "63,20" in shown
    response = client.get(reverse("fees:my_annual", args=[2026]))
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert sum(amounts(response.content)) == Decimal("63.20")
    assert client.get(reverse("fees:my_annual", args=[2025])).status_code == 404
    assert client.get(reverse("fees:annual_statement", args=[2026, cast.expert.pk])).status_code == 403


def test_the_office_finds_somebody_by_name(october: PaymentRun, client: Client, finance: User, helmi: Expert) -> None:
    client.force_login(finance)
    shown = client.get(reverse("fees:annual_of", args=[2026]), {"q": "äijö"}).content.decode()
    assert reverse("fees:annual_statement", args=[2026, helmi.pk]) in shown
    assert "Eva Expert" not in shown
    response = client.get(reverse("fees:annual_statement", args=[2026, helmi.pk]))
    assert sum(amounts(response.content)) == Decimal("63.20")


@pytest.mark.parametrize("people", [1, 30])
def test_the_page_asks_as_often_for_thirty_as_for_one(cast: Cast, finance: User, client: Client, people: int) -> None:
    for _number in range(people):
        expert = make_expert()
        make_closed_session(at(2026, 10, 7, 10), expert=expert, unit=cast.unit)
        approved(expert, cast.named)
    paid(make_run(OCTOBER, by=cast.coordinator, at=CLOSED), finance, at(2026, 11, 30, 12))
    client.force_login(finance)
    client.get(reverse("fees:annual"))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse("fees:annual"))
    assert len(queries) <= 6


def test_looking_changes_nothing(october: PaymentRun, client: Client, finance: User) -> None:
    """M10."""
    client.force_login(finance)
    before = list(PaymentRun.objects.values()), list(RunLine.objects.order_by("pk").values())
    someone = october.lines.all()[0].expert_id
    for name, arguments in (("annual", []), ("annual_statement", [2026, someone])):
        response: Any = client.get(reverse(f"fees:{name}", args=arguments))
        assert response.status_code == 200
        b"".join(response)
    assert (list(PaymentRun.objects.values()), list(RunLine.objects.order_by("pk").values())) == before
