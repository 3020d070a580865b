"""Reads the worked tables of docs/fee-rules.md (or another text), so that the bookkeeper's text is the test."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from feetables.rules import Basis, Terms

TEXT = Path(__file__).parent.parent / "docs" / "fee-rules.md"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Row = dict[str, str]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


@cache
def _tables(text: Path) -> dict[str, list[Row]]:
    tables: dict[str, list[Row]] = {}
    for name, block in re.findall(
        r"^Table `([^`]+)`:\n\n((?:\|.*\n)+)",
        text.read_text(encoding="utf-8"),
        re.MULTILINE,
    ):
        head, _, *lines = block.splitlines()
        assert name not in tables, f"two tables are named {name}"
        tables[name] = [dict(zip(_cells(head), _cells(line), strict=True)) for line in lines]
    return tables


def table(name: str, text: Path = TEXT) -> list[Row]:
    return _tables(text)[name]


def cases(name: str, text: Path = TEXT) -> pytest.MarkDecorator:
    """A test for each line of the table, named by what the line says."""
    rows = table(name, text)
    return pytest.mark.parametrize("row", rows, ids=[" ".join(filter(None, row.values())) for row in rows])


def day(text: str) -> date:
    """`Thu 2.1.2025` or `2.1.2025`; a weekday that is not the date's fails."""
    weekday, _, numbers = text.rpartition(" ")
    of_month, of_year, year = map(int, numbers.split("."))
    found = date(year, of_year, of_month)
    assert weekday in ("", WEEKDAYS[found.weekday()]), f"{text} is not a {weekday}"
    return found


def month(text: str) -> date:
    of_year, year = map(int, text.split("/"))
    return date(year, of_year, 1)


def euros(text: str) -> Decimal | None:
    return Decimal(text.replace(",", ".")) if text else None


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def duration(text: str) -> int | None:
    """`1 h 45 min`, `2 h` or `45 min` in minutes."""
    if not text:
        return None
    match = re.fullmatch(r"(?:(\d+) h)? ?(?:(\d+) min)?", text)
    assert match, text
    return int(match[1] or 0) * 60 + int(match[2] or 0)


@cache
def items() -> dict[str, Terms]:
    return {
        row["item"]: Terms(
            code=row["item"],
            basis=Basis(row["basis"]),
            amount=amount(row["amount"]),
            amount_max=euros(row["at most"]),
            minimum_minutes=duration(row["at least"]) or 0,
            step_minutes=duration(row["each started"]) or 0,
            over_minutes=duration(row["more than"]),
            up_to_minutes=duration(row["up to and with"]),
            income_type=row["income type"],
        )
        for row in table("items")
    }
