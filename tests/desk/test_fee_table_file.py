"""The file of a fee table holds every shape: given out and taken in again, it is the same table."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desk.importing.fee_table_file import fee_table_file
from desk.importing.files import take
from desk.importing.words import FEE_HEADINGS
from feetables.models import FeeItem, FeeTable
from office.models import User
from tests.conftest import Cast
from tests.factories import at, example_items, make_fee_table
from tests.factories.feetables import dated, items_of, make_draft
from tests.factories.training import make_training

DAY = date(2027, 1, 1)
NOW = at(2026, 12, 1, 9)
GROUP: dict[str, Any] = {"basis": "per_hour", "amount": Decimal("25.00"), "kinds": ["group"]}
TRAVEL: dict[str, Any] = {"purpose": "travel", "kinds": [], "basis": "per_meeting", "amount": Decimal("13.50")}
#: What the tables of others have not.
SHAPES: list[dict[str, Any]] = [
    GROUP | {"code": "A", "step_minutes": 15, "minimum_minutes": 100, "posting": "4472-1", "note": "vähintään 1 h 40"},
    GROUP | {"code": "B", "company": "two"},
    GROUP | {"code": "C", "company": "alone", "way": "remote"},
    GROUP | {"code": "D", "training": "group-leader", "way": "on_site"},
    {"code": "E", "basis": "by_duration", "amount": Decimal(55), "up_to_minutes": 90, "kinds": ["development", "pair"]},
    {"code": "F", "basis": "by_duration", "amount": Decimal(110), "over_minutes": 90, "kinds": ["development", "pair"]},
    GROUP | {"code": "G", "purpose": "preparation", "kinds": []},
    TRAVEL | {"code": "H", "limit": "meal", "income_type": "303"},
    TRAVEL
    | {
        "code": "I", "limit": "part-day", "percent": Decimal("80.5"), "base": "part-day", "base_amount": Decimal(25),
        "amount": Decimal("20.13"),
    },
    TRAVEL
    | {
        "code": "J", "basis": "per_km", "percent": Decimal(60), "base": "km", "base_amount": Decimal("0.55"),
        "amount": Decimal("0.33"),
    },
    {"code": "K", "basis": "per_month", "amount": Decimal(6), "purpose": "beside", "kinds": ["appointment"]},
    {
        "code": "L", "basis": "per_meeting", "percent": Decimal("1.8"), "base": "price-base", "whole": True,
        "base_amount": Decimal(57300), "amount": Decimal(1031), "kinds": ["individual"],
    },
]  # fmt: skip


def facts(table: FeeTable) -> list[dict[str, Any]]:
    return list(
        table.items.order_by("code").values(
            *(field.attname for field in FeeItem._meta.concrete_fields if field.name not in {"id", "table"})
        )
    )


@pytest.fixture(autouse=True)
def amounts(db: None) -> None:
    make_training("group-leader")
    for code, amount in (("meal", "13.50"), ("part-day", "25.00"), ("km", "0.55"), ("price-base", "57300.00")):
        dated(code, date(2026, 1, 1), amount)


def there_and_back(table: FeeTable) -> None:
    before, content = facts(table), fee_table_file(table)
    FeeTable.objects.all().delete()
    report = take("fee_table", "fee_table.csv", content, by=None, at=NOW, approve_table=False)
    assert (report.faults, report.added) == ([], len(before))
    assert facts(FeeTable.objects.get()) == before


def test_every_shape_comes_back_as_it_was() -> None:
    there_and_back(make_draft(*SHAPES, day=DAY))


@pytest.mark.parametrize("name", ["kokoa_2018", "satakunta_2023"])
def test_the_tables_of_others_come_back(name: str) -> None:
    there_and_back(make_draft(*items_of(name), day=DAY))


def test_the_table_of_shares_comes_back() -> None:
    """Jönköping: the amounts of shares are worked out again by the base amount of the first day."""
    shares = {"0.9": "516", "1.8": "1031", "3.6": "2063"}
    items = [
        item | {"amount": Decimal(shares[str(item["percent"])]), "base_amount": Decimal(57300)}
        for item in items_of("jonkoping_2024")
    ]
    there_and_back(make_draft(*items, day=DAY))


def test_the_table_of_the_example_comes_back() -> None:
    there_and_back(make_fee_table(valid_from=DAY, approved=False, decided_by="", decided_on=None))


def test_swedish_headings_and_words() -> None:
    sheet = (
        "Kod;Namn (fi);Namn (sv);Uppdragstyp;Enhet;Belopp;Inkomstslag;I kraft från;Ändamål;Erfarenhetsexperter;"
        "Genomförande;Kontering\n"
        "RYH;Ryhmä;Grupp;grupp, tidsbokning;timme;25,00;336;1.1.2027;träff;två;på distans;4472\n"
        "KULU;Kulut;Kostnader;grupp;månad;36,00;311;1.1.2027;dessutom;;;\n"
    )
    assert take("fee_table", "a.csv", sheet.encode(), by=None, at=NOW, approve_table=False).faults == []
    told = FeeItem.objects.order_by("code").values_list("code", "purpose", "kinds", "company", "way", "posting")
    assert list(told) == [
        ("KULU", "beside", ["group"], "", "", ""),
        ("RYH", "session", ["group", "appointment"], "two", "remote", "4472"),
    ]


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("Perusmäärä", "hintaperusmäärä", "The row says two things at once"),
        ("Tarkoitus", "lisäksi", "What is counted so cannot be for this."),
        ("Toteutus", "kotona", "Unknown word “kotona”."),
        ("Tiliöinti", "4472!", "An account is figures and letters"),
    ],
    ids=["a base without per cent", "an hour beside a fee", "no such word", "no account"],
)
def test_what_no_page_lets_through_is_told_by_its_row(column: str, value: str, says: str) -> None:
    sheet = (
        "Tunnus;Nimi (fi);Nimi (sv);Tehtävälaji;Yksikkö;Määrä;Tulolaji;Voimassa alkaen;" + column + "\n"
        "RYH;Ryhmä;Grupp;ryhmä;tunti;25,00;336;1.1.2027;" + value + "\n"
    )
    [fault] = take("fee_table", "a.csv", sheet.encode(), by=None, at=NOW).faults
    assert fault.row == 2
    assert fault.reason.startswith(says)
    assert not FeeTable.objects.exists()


def test_a_share_of_what_is_not_known_is_told() -> None:
    sheet = (
        "Tunnus;Nimi (fi);Nimi (sv);Tehtävälaji;Yksikkö;Määrä;Tulolaji;Voimassa alkaen;Prosenttia;Perusmäärä\n"
        "RYH;Ryhmä;Grupp;ryhmä;kerta;;336;1.1.2027;10;oma\n"
    )
    [fault] = take("fee_table", "a.csv", sheet.encode(), by=None, at=NOW).faults
    assert (fault.column, fault.reason) == (
        "Perusmäärä",
        "This amount is not known on the first day of the table. Enter it first.",
    )


def test_the_layout_that_is_written_down_names_every_column() -> None:
    text = (Path(__file__).parents[2] / "docs" / "fee-table-format.md").read_text(encoding="utf-8")
    told = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("| `")]
    wanted = {headings[0].rstrip("*"): headings[1] for headings in FEE_HEADINGS.values() if headings[0] != "Huom."}
    found = {finnish.strip().strip("`"): swedish.strip().strip("`") for finnish, swedish in told}
    assert found == wanted | {"Huom.": "Anm."}


def test_the_page_gives_the_file(cast: Cast, client_for: Callable[[User], Client]) -> None:
    table = make_fee_table(items=example_items())
    answer = client_for(cast.finance).get(reverse("desk:fee_table_file", args=[table.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row["Tunnus"] for row in rows] == [item["code"] for item in example_items()]
    assert answer["Content-Disposition"] == 'attachment; filename="fee-table-2026-01-01.csv"'
    page = client_for(cast.finance).get(reverse("feetables:table", args=[table.pk])).content.decode()
    assert reverse("desk:fee_table_file", args=[table.pk]) in page
