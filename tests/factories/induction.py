"""Rows, guides and checklists to begin a test with."""

from datetime import datetime
from typing import Any

from experts.models import Expert
from induction.models import ChecklistRow, GuideVersion, Induction, InductionItem
from induction.states import GuideState
from office.models import Unit, User
from tests.factories import LONG_AGO, make_user

SORT = ChecklistRow.Sort


def make_row(
    unit: Unit | None = None, name: str = "Avaimet", *, sort: str = SORT.INDUCTION, **fields: Any
) -> ChecklistRow:
    place = ChecklistRow.objects.of(unit.pk if unit else None).filter(sort=sort).count() + 1
    values: dict[str, Any] = {"name_fi": name, "name_sv": f"{name} (sv)", "place": place} | fields
    return ChecklistRow.objects.create(unit=unit, sort=sort, **values)


def make_guide(
    unit: Unit | None = None, *, by: User | None = None, published: bool = True, at: datetime = LONG_AGO, **fields: Any
) -> GuideVersion:
    by = by or make_user()
    number = GuideVersion.objects.filter(unit=unit).count() + 1
    values: dict[str, Any] = {"text_fi": "# Näin\nTule ovesta.", "text_sv": "# Så här\nKom in.", "number": number}
    if published:
        values |= {"state": GuideState.PUBLISHED, "published_at": at, "published_by": by}
    values |= {"changed_at": at, "changed_by": by, "saves": 1} | fields
    return GuideVersion.objects.create(unit=unit, **values)


def make_induction(
    expert: Expert, unit: Unit, rows: list[ChecklistRow], *, by: User, at: datetime = LONG_AGO
) -> Induction:
    made = Induction.objects.create(expert=expert, unit=unit, started_at=at, started_by=by)
    InductionItem.objects.bulk_create(
        InductionItem(induction=made, row=row, name_fi=row.name_fi, name_sv=row.name_sv, place=place)
        for place, row in enumerate(rows, start=1)
    )
    return made
