"""What a fee table pays that work has no line of: costs and allowances that did not exist before (R17).

A difference line corrects a paid line and takes its income type and posting (R23, M17). What was never a line has none
to correct: the office is told what and how much, and decides (docs/decisions/0021). Questions only.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from assignments.again import Work
from assignments.rules import BY_OUTCOME, Outcome, TravelPaid, minutes
from fees.again import Book
from feetables.models import FeeItem
from office.errors import Refused
from office.workdays import local_date

Purpose = FeeItem.Purpose


@dataclass(frozen=True)
class NewCost:
    """An item without a line: how many sessions it concerns, how many lines it would have made, and their euros.

    No lines and None where it had to be agreed beforehand.
    """

    code: str
    name_fi: str
    name_sv: str
    sessions: int
    lines: int = 0
    amount: Decimal | None = None


class Journey(NamedTuple):
    """What of a session tells whether an allowance could have been agreed with its journey."""

    work: Work
    table_id: int | None
    allowance_id: int | None
    travel_fee: Decimal

    @property
    def made(self) -> bool:
        """Whether its travel is paid as made; after a late cancellation only what is not refunded is."""
        paid = BY_OUTCOME[Outcome(self.work.outcome)].travel is TravelPaid.MADE
        return paid and bool(self.work.done_km if self.work.travel_cap is None else self.travel_fee)


class NewAllowances:
    """Journeys that were made without an allowance which only this table has. One query, and none when it has none."""

    def __init__(self, book: Book) -> None:
        self._book = book
        limits = {item.limit for item in book.allowances}
        rows = FeeItem.objects.filter(purpose=Purpose.TRAVEL, limit__in=limits).values_list("table", "limit")
        self._had = set(rows.order_by()) if limits else set()
        self._found: Counter[str] = Counter()

    def see(self, journey: Journey) -> None:
        """``journey``: of a session with its outcome."""
        if not self._book.allowances or journey.allowance_id is not None or not journey.made:
            return
        work = journey.work
        length = minutes(work.done_starts_at or work.starts_at, work.done_ends_at or work.ends_at)
        for item in self._book.allowances:
            if work.kind not in (item.kinds or [work.kind]) or (journey.table_id, item.limit) in self._had:
                continue
            try:
                fits = self._book.on_day(item, local_date(work.starts_at)).fits(length)
            except Refused:
                continue  # its base amount is not known on the day
            if fits:
                self._found[item.code] += 1

    def found(self) -> list[NewCost]:
        return [
            NewCost(item.code, item.name_fi, item.name_sv, self._found[item.code])
            for item in self._book.allowances
            if self._found[item.code]
        ]
