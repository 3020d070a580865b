"""A version of the fee table as the file that the import reads (docs/fee-table-format.md), in Finnish."""

from collections.abc import Mapping
from typing import Any

from desk.importing.words import AMOUNTS, BASES, COMPANIES, FEE_HEADINGS, FEE_KINDS, PURPOSES, WAYS
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis
from office.sheets import as_csv

#: Without hours: "minimum" says in whole minutes what hours cannot.
COLUMNS = tuple(name for name in FEE_HEADINGS if name != "minimum")


def _first(words: Mapping[str, Any]) -> dict[Any, str]:
    """Value → its first word."""
    found: dict[Any, str] = {}
    for word, value in words.items():
        found.setdefault(value, word)
    return found


KINDS = {kinds[0]: word for kinds, word in _first(FEE_KINDS).items() if len(kinds) == 1}


def fee_table_file(table: FeeTable) -> bytes:
    """Every item with all that it says. Taken in again it gives the same items."""
    rows = [_row(table, item) for item in table.items.all()]
    return as_csv([FEE_HEADINGS[name][0] for name in COLUMNS], [[row[name] for name in COLUMNS] for row in rows])


def _row(table: FeeTable, item: FeeItem) -> dict[str, Any]:
    nothing = "matka" if item.purpose == FeeItem.Purpose.TRAVEL else "kaikki"
    return {
        "code": item.code,
        "name_fi": item.name_fi,
        "name_sv": item.name_sv,
        "kind": ", ".join(KINDS[kind] for kind in item.kinds) or nothing,
        "basis": _first(BASES)[Basis(item.basis)],
        "amount": "" if item.percent is not None else item.amount,
        "amount_max": "" if item.amount_max is None else item.amount_max,
        "step": item.step_minutes or "",
        "income_type": item.income_type,
        "posting": item.posting,
        "training": item.training,
        "purpose": _first(PURPOSES)[item.purpose],
        "minimum_minutes": item.minimum_minutes or "",
        "over": "" if item.over_minutes is None else item.over_minutes,
        "up_to": "" if item.up_to_minutes is None else item.up_to_minutes,
        "percent": "" if item.percent is None else f"{item.percent.normalize():f}".replace(".", ","),
        "base": _first(AMOUNTS).get(item.base, ""),
        "whole": "kyllä" if item.whole else "",
        "limit": _first(AMOUNTS).get(item.limit, ""),
        "company": _first(COMPANIES).get(item.company, ""),
        "way": _first(WAYS).get(item.way, ""),
        "valid_from": table.valid_from,
        "note": item.note,
    }
