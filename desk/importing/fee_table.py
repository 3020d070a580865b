"""fee_table.csv: one version of the fee table."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db.models import Q
from django.utils.translation import gettext as _

from desk.importing.report import Change, Difference, Report, Row, RowRefused
from desk.importing.sheets import Line
from desk.importing.words import BASES, FEE_HEADINGS, FEE_KINDS, PREPARATION_WORDS, TRAVEL_WORDS
from feetables.conditions import trainings
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis, FeeError, bracket_faults
from office import cells
from office.actions import log
from office.models import User

HEADINGS = FEE_HEADINGS
NEEDED = ("code", "name_fi", "name_sv", "kind", "basis", "amount", "income_type", "valid_from")


def bracket(note: str) -> tuple[int | None, int | None] | None:
    """“2-4” (hours): more than 2 h and up to and with 4 h, as minutes; “0-2” and “4-” are open at one end."""
    found = re.fullmatch(r"\s*(\d+)\s*[-–]\s*(\d*)\s*h?\s*", note)
    if not found:
        return None
    over = int(found[1]) * 60 or None
    return over, int(found[2]) * 60 if found[2] else None


class Importer:
    """Takes the lines of fee_table.csv. The table is approved when ``decision`` names the deciding body."""

    def __init__(self, report: Report, heads: dict[str, str], *, by: User | None, at: datetime) -> None:
        self.report, self.by, self.at, self.heads = report, by, at, heads
        self.items: list[FeeItem] = []
        self.valid_from: date | None = None
        self.approve = True
        self.trainings = trainings()

    def row(self, line: Line) -> Change:
        """One item; the table itself is written by ``finish`` when all rows are known."""
        row = Row(line)
        needed = partial(cells.text, needed=True)
        code = row.get("code", partial(needed, longest=20), "")
        kind_word = row.line["kind"].strip().casefold()
        row.get("kind", lambda text: cells.one_of(text, {word: word for word in FEE_KINDS}, _("kind of work")), "")
        basis = row.get("basis", lambda text: BASES[cells.one_of(text, {w: w for w in BASES}, _("basis"))], None)
        valid_from = row.get("valid_from", cells.day, None)
        note = row.get("note", cells.text, "")
        names = [row.get(name, partial(needed, longest=120), "") for name in ("name_fi", "name_sv")]
        amount, amount_max = row.get("amount", cells.number, None), row.get("amount_max", cells.number, None)
        minimum = row.get("minimum", cells.number, None)
        step = row.get("step", cells.whole, None)
        income_type = row.get("income_type", needed, "")
        posting = row.get("posting", partial(cells.text, longest=20), "")
        training = row.get("training", self._training, "")
        limits = bracket(note)
        if amount is None:
            row.refuse("amount", _("The amount is missing."))
        if basis is Basis.BY_DURATION and limits is None:
            row.refuse("note", _("Say the hours, for example 2-4."))
        if valid_from and self.valid_from and valid_from != self.valid_from:
            row.refuse("valid_from", _("All rows of a table begin on the same day."))
        if any(item.code == code for item in self.items):
            row.refuse("code", _("The same code is there twice."))
        row.check()
        travel = kind_word in TRAVEL_WORDS
        preparation = any(name.casefold().startswith(PREPARATION_WORDS) for name in names)
        session = FeeItem.Purpose.PREPARATION if preparation else FeeItem.Purpose.SESSION
        if training and (travel or preparation):
            row.refuse("training", _("Only a session's own fee can depend on a training."))
            row.check()
        item = FeeItem(
            code=code,
            name_fi=names[0],
            name_sv=names[1],
            purpose=FeeItem.Purpose.TRAVEL if travel else session,
            kinds=[kind.value for kind in FEE_KINDS[kind_word]],
            basis=basis.value if basis else "",
            amount=amount or Decimal(0),
            amount_max=amount_max,
            minimum_minutes=int((minimum or 0) * 60),
            step_minutes=step or 0,
            over_minutes=limits[0] if basis is Basis.BY_DURATION and limits else None,
            up_to_minutes=limits[1] if basis is Basis.BY_DURATION and limits else None,
            income_type=income_type,
            posting=posting,
            training=training,
            note=note,
        )
        try:
            _terms = item.terms
        except FeeError as error:
            raise RowRefused(
                (row.head("code"), _("The row says two things at once (%(code)s).") % {"code": error.code})
            ) from None
        self.valid_from = valid_from
        self.items.append(item)
        return Change.ADDED

    def _training(self, text: str) -> str:
        """The code of a training of the office; a wrong one would be a fee for nobody."""
        code = cells.text(text, longest=40)
        if code and code not in self.trainings:
            raise cells.CellError(_("There is no training with the code %(code)s.") % {"code": code})
        return code

    def finish(self) -> None:
        """Writes the table, unless the same one is there."""
        if not self.items or self.valid_from is None:
            return
        for item in self.items:
            same_kind = [
                other.terms
                for other in self.items
                if (other.kinds, other.purpose, other.training) == (item.kinds, item.purpose, item.training)
            ]
            if item.basis == Basis.BY_DURATION and bracket_faults(same_kind):
                raise RowRefused(
                    (
                        self.heads.get("note", ""),
                        _("The hours of %(code)s leave a gap or overlap.") % {"code": item.code},
                    )
                )
        there = FeeTable.objects.filter(valid_from=self.valid_from, state=FeeTable.State.APPROVED).first()
        if there is not None:
            if self._same(there):
                self.report.same, self.report.added = self.report.added, 0
                return
            raise RowRefused(
                (
                    self.heads.get("valid_from", ""),
                    _("Another approved table begins on the same day: an approved table is never changed."),
                )
            )
        self._close_the_former(self.valid_from)
        approval = {
            "state": FeeTable.State.APPROVED,
            "approved_at": self.at,
            "approved_by": self.by,
            "decided_by": self.report.file,
            "decided_on": self.valid_from,
        }
        begins = f"{self.valid_from.day}.{self.valid_from.month}.{self.valid_from.year}"
        table = FeeTable.objects.create(
            # data of the county, not words of the page
            name=f"Palkkiotaulukko {begins}",
            name_sv=f"Arvodestabell {begins}",
            valid_from=self.valid_from,
            **(approval if self.approve else {}),
        )
        for item in self.items:
            item.table = table
        FeeItem.objects.bulk_create(self.items)
        log("feetable.imported", table, by=self.by, at=self.at, file=self.report.file)
        self.report.differences.append(Difference(0, str(table)))

    def _close_the_former(self, begins: date) -> None:
        """The table in force ends the day before: tables never overlap."""
        if not self.approve:
            return
        former = FeeTable.objects.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=begins), state=FeeTable.State.APPROVED, valid_from__lt=begins
        )
        for table in former:
            FeeTable.objects.filter(pk=table.pk).update(valid_to=begins - timedelta(days=1))
            log("feetable.followed", table, by=self.by, at=self.at, file=self.report.file)

    def _same(self, table: FeeTable) -> bool:
        return _facts(table.items.all()) == _facts(self.items)


def _facts(items: Iterable[FeeItem]) -> dict[str, object]:
    """What makes two tables the same, by code."""
    return {
        item.code: (item.terms, item.name_fi, item.name_sv, item.purpose, item.kinds, item.training) for item in items
    }
