"""Rows of the checklists, the units' readiness, and the texts an office begins with."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from induction import usual_texts
from induction.actions.common import only_keeper
from induction.actions.guides import save_draft
from induction.models import ChecklistRow, GuideVersion, ReadinessTick
from office.actions import log
from office.errors import Conflict
from office.models import Unit, User
from office.saving import readable, save


def save_row(row: ChecklistRow, *, by: User, at: datetime) -> ChecklistRow:
    """Adds a row at the end or changes one. Ticks that were made keep the words they were made with."""
    only_keeper(by, row.unit_id)
    new = row.pk is None
    with readable():
        if new:
            last = ChecklistRow.objects.of(row.unit_id).filter(sort=row.sort).aggregate(last=Max("place"))["last"]
            row.place = (last or 0) + 1
        save(row)
        log("checklistrow.add" if new else "checklistrow.change", row, by=by, at=at)
    return row


def move_row(row: ChecklistRow, *, up: bool, by: User, at: datetime) -> None:
    """Changes places with the row before or after it. The first one stays first, the last one last."""
    only_keeper(by, row.unit_id)
    with readable():
        rows = list(ChecklistRow.objects.select_for_update().of(row.unit_id).filter(sort=row.sort))
        ids = [found.pk for found in rows]
        here = ids.index(row.pk)
        there = here - 1 if up else here + 1
        if not 0 <= there < len(rows):
            return
        rows[here], rows[there] = rows[there], rows[here]
        for place, found in enumerate(rows, start=1):
            found.place = place
        ChecklistRow.objects.bulk_update(rows, ["place"])
        log("checklistrow.move", row, by=by, at=at)


def mark_ready(unit: Unit, *, on: Collection[int], off: Collection[int], by: User, at: datetime) -> None:
    """Ticks rows of the unit's readiness (ids of rows) and takes ticks away. What is so already stays as it was.

    Conflict when a row is not on the unit's list (any more).
    """
    only_keeper(by, unit.pk)
    with readable():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # one after the other
        wanted = {*on, *off}
        rows = ChecklistRow.objects.for_unit(unit.pk).filter(sort=ChecklistRow.Sort.READINESS, is_active=True)
        found = list(rows.filter(pk__in=wanted))
        if len(found) != len(wanted):
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        for row in found:
            _mark(unit, row, on=row.pk in on, by=by, at=at)


def _mark(unit: Unit, row: ChecklistRow, *, on: bool, by: User, at: datetime) -> None:
    tick, _made = ReadinessTick.objects.get_or_create(
        unit=unit, row=row, defaults={"name_fi": row.name_fi, "name_sv": row.name_sv}
    )
    if (tick.ticked_at is not None) == on:
        return
    tick.name_fi, tick.name_sv = row.name_fi, row.name_sv
    tick.ticked_at, tick.ticked_by = (at, by) if on else (None, None)
    tick.save()
    log("readiness.tick" if on else "readiness.untick", tick, by=by, at=at, name_fi=row.name_fi, name_sv=row.name_sv)


def take_usual(*, by: User, at: datetime) -> tuple[int, bool]:
    """The rows and the common guide that an office begins with: rows that are missing, the guide as a draft.

    Gives how many rows were added and whether the draft was written. Where there is a version nothing is written.
    """
    only_keeper(by, None)
    added = 0
    with readable():
        known = set(ChecklistRow.objects.of(None).values_list("sort", "name_fi"))
        for sort, rows in usual_texts.ROWS.items():
            for name_fi, name_sv in rows:
                if (sort, name_fi) not in known:
                    save_row(ChecklistRow(sort=sort, name_fi=name_fi, name_sv=name_sv), by=by, at=at)
                    added += 1
        drafted = not GuideVersion.objects.filter(unit__isnull=True).exists()
        if drafted:
            fi, sv = usual_texts.GUIDE_FI, usual_texts.GUIDE_SV
            save_draft(None, text_fi=fi, text_sv=sv, seen=0, by=by, at=at)
    return added, drafted
