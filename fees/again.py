"""Stored work counted by another fee table: for what a draft would have cost, and for differences to what was paid.

A table is read once with its base amounts and the experts' trainings; then each piece of work is a few lookups.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import gettext as _

from assignments import texts
from assignments.again import Work, priced
from assignments.rules import BY_OUTCOME, Consequence, Outcome, Pays, RuleError, minutes
from fees.models import BesideLine
from feetables.choice import for_expert, for_work
from feetables.dated import worked_out
from feetables.models import DatedAmount, FeeItem, FeeTable
from feetables.rules import Basis, FeeError, Price, Terms, price
from office.errors import Refused
from office.workdays import local_date
from training.conditions import done_by_everybody
from training.rules import completed_by


@dataclass(frozen=True, slots=True)
class Who:
    """Who did the work and how: what conditions of items ask; ``preparation``: it was preparation agreed apart."""

    expert_id: int
    two: bool
    remote: bool
    preparation: bool = False


class Earns(NamedTuple):
    """A line that a session earns beside its own: for what once, and euros. ``of_work``: it is the month of work."""

    once: str
    code: str
    amount: Decimal
    of_work: bool


class Uncounted(Exception):
    """The table has no price for this work; the message says why, for people."""


def _same(item: FeeItem, old: FeeItem, kind: str) -> bool:
    """Whether an item is for the same as one of another table: costs by their code, an allowance by its maximum."""
    if item.purpose != old.purpose or kind not in (item.kinds or [kind]):
        return False
    if old.purpose == FeeItem.Purpose.TRAVEL:
        return bool(old.limit) and item.limit == old.limit
    return item.code == old.code


class Book:
    """A fee table ready to count with. At most three queries, whatever the work."""

    def __init__(self, table: FeeTable) -> None:
        self.table = table
        self.items = list(table.items.all())
        self._session = [item for item in self.items if item.purpose == FeeItem.Purpose.SESSION]
        self._preparation = [item for item in self.items if item.purpose == FeeItem.Purpose.PREPARATION]
        self._known: dict[tuple[object, ...], tuple[Terms, ...]] = {}

    @cached_property
    def _trained(self) -> Mapping[int, dict[str, date]]:
        return done_by_everybody() if any(item.training for item in self._session) else {}

    @cached_property
    def _steps(self) -> dict[str, tuple[list[date], list[DatedAmount]]]:
        """Code → first days, and the base amounts from them on."""
        codes = {item.base for item in self.items if item.percent is not None}
        found: dict[str, tuple[list[date], list[DatedAmount]]] = defaultdict(lambda: ([], []))
        rows = DatedAmount.objects.filter(code__in=codes).order_by("code", "valid_from") if codes else ()
        for row in rows:
            found[row.code][0].append(row.valid_from)
            found[row.code][1].append(row)
        return found

    def _base(self, code: str, day: date) -> DatedAmount | None:
        days, rows = self._steps.get(code, ([], []))
        place = bisect_right(days, day)
        return rows[place - 1] if place else None

    def _terms(self, item: FeeItem, day: date) -> Terms:
        return (item if item.percent is None else worked_out(item, self._base(item.base, day), day)).terms

    def terms(self, kind: str, day: date, who: Who) -> tuple[Terms, ...]:
        """The session's own items for the work. Raises Uncounted, FeeError."""
        of_purpose = self._preparation if who.preparation else self._session
        own = [item for item in of_purpose if kind in (item.kinds or ([kind] if who.preparation else []))]
        if any(item.company or item.way for item in own):
            own = for_work(own, two=who.two, remote=who.remote)
        if any(item.training for item in own):
            own = for_expert(own, completed_by(self._trained.get(who.expert_id, {}), day))
        if not own:
            raise Uncounted(_("The table has no item for this work."))
        return self._remembered(own, day)

    def travel(self, kind: str, day: date) -> Terms:
        """The price of a kilometre. Raises Uncounted."""
        for item in self.items:
            if item.purpose == FeeItem.Purpose.TRAVEL and item.basis == Basis.PER_KM and kind in (item.kinds or [kind]):
                return self._remembered([item], day)[0]
        raise Uncounted(_("The table has no kilometre allowance."))

    def beside(self, line: BesideLine, kind: str, day: date, who: Who) -> Price:
        """What a line beside the sessions pays by the table: the item of its code, or for a month of work what the
        session's own items say. Raises Uncounted, FeeError.
        """
        old = line.item
        if old.purpose == FeeItem.Purpose.SESSION:
            found = [terms for terms in self.terms(kind, day, who) if terms.basis is Basis.PER_MONTH]
        else:
            found = list(self._remembered([item for item in self.items if _same(item, old, kind)], day))
        if len(found) != 1:
            raise Uncounted(_("The table has no item for this work."))
        if found[0].basis is Basis.PER_MONTH:
            return price(found[0], 0)
        session = line.session
        begins, ends = session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at
        return price(found[0], minutes(begins, ends))

    def earned(
        self, session_id: int, unit_id: int, expert_id: int, work: Work, terms: Iterable[Terms]
    ) -> Iterator[Earns]:
        """What a session with its outcome earns beside its own line, as ``fees.beside`` pays it; allowances are agreed.

        ``terms``: the session's own, where it may be paid by the month.
        """
        if BY_OUTCOME[Outcome(work.outcome)].pays is Pays.NOTHING:
            return
        day = local_date(work.starts_at)
        monthly = [one for one in terms if one.basis is Basis.PER_MONTH and not work.fee_declined]
        own = [item for item in self.costs if work.kind in item.kinds]
        for one in (*monthly, *(self._remembered(own, day) if own else ())):
            by_month = one.basis is Basis.PER_MONTH
            once = f"month:{expert_id}:{unit_id}:{day:%Y-%m}" if by_month else f"session:{session_id}"
            length = 0 if by_month else minutes(work.starts_at, work.ends_at)
            yield Earns(f"{once}:{one.code}", one.code, price(one, length).amount, one in monthly)

    @cached_property
    def costs(self) -> list[FeeItem]:
        """What is paid beside sessions."""
        return [item for item in self.items if item.purpose == FeeItem.Purpose.BESIDE]

    @cached_property
    def allowances(self) -> list[FeeItem]:
        """Meal and daily allowances, which are agreed with a journey."""
        travel = [item for item in self.items if item.purpose == FeeItem.Purpose.TRAVEL]
        return [item for item in travel if item.limit and item.basis != Basis.PER_KM]

    @property
    def beside_sessions(self) -> bool:
        """Whether sessions can earn lines beside their own by it."""
        return bool(self.costs) or any(item.basis == Basis.PER_MONTH for item in self._session)

    def on_day(self, item: FeeItem, day: date) -> Terms:
        """An item as it pays on the day. Refused when its base amount is not known then."""
        return self._remembered([item], day)[0]

    def _remembered(self, items: list[FeeItem], day: date) -> tuple[Terms, ...]:
        bases = tuple(self._base(item.base, day) for item in items if item.percent is not None)
        key = (*(item.pk for item in items), *(base.pk if base else None for base in bases))
        if key not in self._known:
            self._known[key] = tuple(self._terms(item, day) for item in items)
        return self._known[key]

    def count(self, work: Work, who: Who, *, travelled: bool) -> Consequence:
        """What the work pays by the table; ``travelled``: travel was agreed. Raises Uncounted with the reason."""
        day = local_date(work.starts_at)
        try:
            terms = self.terms(work.kind, day, who)
            return priced(work, terms, self.travel(work.kind, day) if travelled else None)
        except Refused as error:
            raise Uncounted(str(error.message)) from error
        except (FeeError, RuleError) as error:
            raise Uncounted(texts.describe_refusal(error)) from error
