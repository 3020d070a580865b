"""fee_table.csv: one version of the fee table (docs/fee-table-format.md)."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _

from desk.importing.report import Change, Difference, Report, Row, RowRefused
from desk.importing.sheets import Line
from desk.importing.words import (
    AMOUNTS,
    BASES,
    COMPANIES,
    FEE_HEADINGS,
    FEE_KINDS,
    PREPARATION_WORDS,
    PURPOSES,
    TRAVEL_WORDS,
    WAYS,
    YES,
)
from feetables.conditions import trainings
from feetables.dated import amounts_on
from feetables.forms_items import PURPOSES as PURPOSES_OF
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis, FeeError, bracket_faults, share
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


def _kinds(text: str) -> list[str]:
    """One word or several, with commas between."""
    words = [part for part in text.split(",") if part.strip()] or [text]
    known = {word: word for word in FEE_KINDS}
    return [kind.value for word in words for kind in FEE_KINDS[cells.one_of(word, known, _("kind of work"))]]


def _word(text: str, known: Mapping[str, str]) -> str:
    """A word of a list; empty is none."""
    return cells.one_of(text, known, _("word")) if text.strip() else ""


def _purpose(kind: str, names: Iterable[str]) -> str:
    """What an item is for, in a sheet that does not say so."""
    if kind.strip().casefold() in TRAVEL_WORDS:
        return FeeItem.Purpose.TRAVEL
    preparation = any(name.casefold().startswith(PREPARATION_WORDS) for name in names)
    return FeeItem.Purpose.PREPARATION if preparation else FeeItem.Purpose.SESSION


def _for(item: FeeItem) -> tuple[object, ...]:
    """For whom and for which work an item is."""
    return item.purpose, item.kinds, item.training, item.company, item.way


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
        kinds: list[str] = row.get("kind", _kinds, [])
        basis = row.get("basis", lambda text: BASES[cells.one_of(text, {w: w for w in BASES}, _("basis"))], None)
        valid_from = row.get("valid_from", cells.day, None)
        note = row.get("note", cells.text, "")
        names = [row.get(name, partial(needed, longest=120), "") for name in ("name_fi", "name_sv")]
        item = FeeItem(
            code=code,
            name_fi=names[0],
            name_sv=names[1],
            purpose=row.get("purpose", partial(_word, known=PURPOSES), "") or _purpose(line["kind"], names),
            kinds=kinds,
            basis=basis.value if basis else "",
            amount=row.get("amount", cells.number, None) or Decimal(0),
            amount_max=row.get("amount_max", cells.number, None),
            minimum_minutes=row.get("minimum_minutes", cells.whole, None) or 0,
            step_minutes=row.get("step", cells.whole, None) or 0,
            over_minutes=row.get("over", cells.whole, None),
            up_to_minutes=row.get("up_to", cells.whole, None),
            income_type=row.get("income_type", needed, ""),
            posting=row.get("posting", partial(cells.text, longest=20), ""),
            training=row.get("training", self._training, ""),
            percent=row.get("percent", partial(cells.number, decimals=3), None),
            base=row.get("base", partial(_word, known=AMOUNTS), ""),
            whole=bool(row.get("whole", partial(_word, known=YES), "")),
            limit=row.get("limit", partial(_word, known=AMOUNTS), ""),
            company=row.get("company", partial(_word, known=COMPANIES), ""),
            way=row.get("way", partial(_word, known=WAYS), ""),
            note=note,
        )
        if hours := row.get("minimum", cells.number, None):
            item.minimum_minutes = int(hours * 60)
        if basis is Basis.BY_DURATION and item.over_minutes is None and item.up_to_minutes is None:
            if (limits := bracket(note)) is None:
                row.refuse("note", _("Say the hours, for example 2-4."))
            else:
                item.over_minutes, item.up_to_minutes = limits
        if not line["amount"] and item.percent is None:
            row.refuse("amount", _("The amount is missing."))
        if valid_from and self.valid_from and valid_from != self.valid_from:
            row.refuse("valid_from", _("All rows of a table begin on the same day."))
        if any(other.code == code for other in self.items):
            row.refuse("code", _("The same code is there twice."))
        row.check()
        self._check(item, row, valid_from)
        self.valid_from = valid_from
        self.items.append(item)
        return Change.ADDED

    def _check(self, item: FeeItem, row: Row, valid_from: date | None) -> None:
        """What no page would let through either. Works out an amount that is a share."""
        if item.training and item.purpose != FeeItem.Purpose.SESSION:
            row.refuse("training", _("Only a session's own fee can depend on a training."))
        if item.purpose not in PURPOSES_OF[item.basis]:
            row.refuse("basis", _("What is counted so cannot be for this."))
        if item.percent is not None and valid_from is not None:
            known = amounts_on(valid_from, {item.base}).get(item.base)
            if known is None:
                row.refuse("base", _("This amount is not known on the first day of the table. Enter it first."))
            else:
                item.amount, item.base_amount = share(known.amount, item.percent, whole=item.whole), known.amount
        row.check()
        try:
            item.terms  # noqa: B018 - the engine's own check
            item.clean_fields(exclude=["table", "base_amount"])
        except FeeError as error:
            raise RowRefused(
                (row.head("code"), _("The row says two things at once (%(code)s).") % {"code": error.code})
            ) from None
        except ValidationError as error:
            raise RowRefused((row.head("code"), " ".join(error.messages))) from None

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
            same_kind = [other.terms for other in self.items if _for(other) == _for(item)]
            of_session = item.purpose == FeeItem.Purpose.SESSION
            if of_session and item.basis == Basis.BY_DURATION and bracket_faults(same_kind):
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
    return {item.code: (item.terms, item.name_fi, item.name_sv, _for(item), item.limit, item.posting) for item in items}
