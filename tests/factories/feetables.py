"""Fee tables of other counties, as their sheets say them."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

from feetables.models import DatedAmount, FeeItem, FeeTable
from tests.factories import DATA

TABLES = DATA / "fee_tables"
NUMBERS = ("minimum_minutes", "step_minutes", "over_minutes", "up_to_minutes")
EUROS = ("amount", "amount_max", "percent")


def items_of(name: str) -> list[dict[str, Any]]:
    """The rows of a sheet as fields of FeeItem; what a row leaves empty is not there."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = [{key: text for key, text in row.items() if text} for row in csv.DictReader(file, delimiter=";")]
    return [{key: _value(key, text) for key, text in row.items()} for row in rows]


def _value(key: str, text: str) -> Any:
    if key == "kinds":
        return text.split(",")
    if key in NUMBERS:
        return int(text)
    if key in EUROS:
        return Decimal(text)
    return text == "1" if key == "whole" else text


def dated(code: str, day: date, amount: str) -> DatedAmount:
    """A base amount or tax-free maximum, put right when there is one from that day."""
    made, _new = DatedAmount.objects.update_or_create(code=code, valid_from=day, defaults={"amount": Decimal(amount)})
    return made


def known_maxima() -> None:
    """The kilometre rates of the Tax Administration, also where an earlier test has emptied every table."""
    for year, amount in ((2024, "0.57"), (2025, "0.59"), (2026, "0.55")):
        dated("km", date(year, 1, 1), amount)


def make_draft(*items: dict[str, Any], day: date = date(2027, 1, 1), name: str = "Luonnos") -> FeeTable:
    """A draft with items as they are given; amounts of shares must be there."""
    table = FeeTable.objects.create(name=name, valid_from=day)
    given = {"name_fi": "Palkkio", "name_sv": "Arvode", "income_type": "336", "kinds": ["group"]}
    FeeItem.objects.bulk_create(FeeItem(table=table, **(given | item)) for item in items)
    return table
