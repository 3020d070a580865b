"""Versions of the fee table side by side: items aligned by code, what differs said in a word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from feetables.models import FeeItem, FeeTable
from feetables.texts import KINDS, condition_words, item_words


class Change(StrEnum):
    """What an item is against the table before it."""

    SAME = "same"
    OTHER = "other"
    NEW = "new"
    GONE = "gone"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Cell:
    """An item in one table: what it pays in words, and what that is against the column before."""

    words: str
    change: Change


@dataclass(frozen=True, slots=True)
class Aligned:
    """One code in all tables."""

    code: str
    item: FeeItem
    cells: tuple[Cell, ...]

    @property
    def differs(self) -> bool:
        return any(cell.change not in {Change.SAME, Change.ABSENT} for cell in self.cells)


def aligned(tables: Sequence[FeeTable], trainings: Mapping[str, str]) -> list[Aligned]:
    """Every code of the tables (oldest first), in the order of the newest that has it, by its name there."""
    by_code = [{item.code: item for item in table.items.all()} for table in tables]
    codes: dict[str, FeeItem] = {}
    for items in reversed(by_code):
        for code, item in items.items():
            codes.setdefault(code, item)
    rows = []
    for code, newest in codes.items():
        cells = []
        for place, items in enumerate(by_code):
            words = said(items.get(code), trainings)
            before = said(by_code[place - 1].get(code), trainings) if place else words
            cells.append(Cell(words, _change(words, before, first=place == 0)))
        rows.append(Aligned(code, newest, tuple(cells)))
    return rows


def _change(words: str, before: str, *, first: bool) -> Change:
    if not words:
        return Change.GONE if before and not first else Change.ABSENT
    if first or words == before:
        return Change.SAME
    return Change.OTHER if before else Change.NEW


def said(item: FeeItem | None, trainings: Mapping[str, str]) -> str:
    """Everything by which an item pays, in words; "" when there is none."""
    if item is None:
        return ""
    kinds = ", ".join(str(KINDS.get(kind, kind)) for kind in item.kinds)
    parts = [item_words(item), *condition_words(item, trainings), kinds, item.income_type, item.posting]
    return " · ".join(part for part in parts if part)
