"""The checklist of an expert in a unit: begun, ticked, done, opened again (R27)."""

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from induction.actions.common import only_keeper
from induction.models import ChecklistRow, Induction, InductionItem
from induction.states import INDUCTION, InductionState
from office.actions import log, move
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.saving import readable


def _may(induction: Induction, by: User) -> None:
    """The unit's named employee and deputy; nobody inducts themself."""
    only_keeper(by, induction.unit_id)
    if induction.expert.user_id == by.pk:
        raise Refused(_("Somebody else keeps your own checklist."))


def _locked(induction: Induction) -> Induction:
    """The row, locked: a tick and the end of the checklist do not cross."""
    return Induction.objects.select_for_update(of=("self",)).select_related("expert").get(pk=induction.pk)


def _items(induction: Induction, rows: list[ChecklistRow]) -> list[InductionItem]:
    return [
        InductionItem(induction=induction, row=row, name_fi=row.name_fi, name_sv=row.name_sv, place=place)
        for place, row in enumerate(rows, start=1)
    ]


def _template(unit_id: int) -> list[ChecklistRow]:
    rows = ChecklistRow.objects.for_unit(unit_id).filter(sort=ChecklistRow.Sort.INDUCTION, is_active=True)
    return list(rows)


def start(expert: Expert, unit: Unit, *, by: User, at: datetime) -> Induction:
    """Begins the checklist with the rows of the template as they are now. Twice: the same one.

    Refused for an expert who has left, for oneself, and while the template has no rows.
    """
    _may(Induction(expert=expert, unit=unit), by)
    if expert.state == Expert.State.ENDED:
        raise Refused(_("The expert has left."))
    with readable():
        rows = _template(unit.pk)
        if not rows:
            raise Refused(_("The checklist has no rows yet. Add some first."))
        made, new = Induction.objects.get_or_create(
            expert=expert, unit=unit, defaults={"started_at": at, "started_by": by}
        )
        if new:
            InductionItem.objects.bulk_create(_items(made, rows))
            log("induction.start", made, by=by, at=at)
    return made


def tick(induction: Induction, *, on: Collection[int], off: Collection[int], by: User, at: datetime) -> None:
    """Ticks rows of an open checklist (ids of its items) and takes ticks away. What is so already stays as it was.

    Conflict when a row is not on the checklist (any more).
    """
    with readable():
        held = _locked(induction)
        _may(held, by)
        if held.state != InductionState.OPEN:
            raise Refused(_("This checklist is done. Open it again first."))
        items = {item.pk: item for item in held.items.all()}
        if not {*on, *off} <= items.keys():
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        for item in items.values():
            ticked = item.ticked_at is not None
            if item.pk in on and not ticked:
                _set(held, item, "tick", by, at)
            elif item.pk in off and ticked:
                _set(held, item, "untick", by, at)


def _set(induction: Induction, item: InductionItem, what: str, by: User, at: datetime) -> None:
    item.ticked_at, item.ticked_by = (at, by) if what == "tick" else (None, None)
    item.save(update_fields=["ticked_at", "ticked_by"])
    log(f"induction.{what}", induction, by=by, at=at, name_fi=item.name_fi, name_sv=item.name_sv)


def finish(induction: Induction, *, by: User, at: datetime) -> None:
    """Marks the checklist done when every row is ticked. A second click is harmless."""
    with readable():
        held = _locked(induction)
        _may(held, by)
        if held.state == InductionState.DONE:
            return
        if held.items.filter(ticked_at__isnull=True).exists():
            raise Refused(_("Some rows are not ticked yet."))
        move(held, INDUCTION["finish"], by=by, at=at, unit_id=held.unit_id, done_at=at, done_by=by)


def reopen(induction: Induction, *, by: User, at: datetime) -> None:
    """Opens a checklist that was done. Its ticks stay. A second click is harmless."""
    with readable():
        held = _locked(induction)
        _may(held, by)
        if held.state == InductionState.DONE:
            move(held, INDUCTION["reopen"], by=by, at=at, unit_id=held.unit_id, done_at=None, done_by=None)


def refresh(induction: Induction, *, by: User, at: datetime) -> int:
    """Brings an open checklist up to the template: what is ticked stays, what is not follows the template of now.

    Gives how many rows were added. Twice: nothing changes the second time.
    """
    with readable():
        held = _locked(induction)
        _may(held, by)
        if held.state != InductionState.OPEN:
            raise Refused(_("This checklist is done. Open it again first."))
        rows = _template(held.unit_id)
        ticked = {item.row_id: item for item in held.items.filter(ticked_at__isnull=False)}
        places = {row.pk: place for place, row in enumerate(rows, start=1)}
        before = set(held.items.values_list("row_id", "name_fi", "name_sv"))
        held.items.filter(ticked_at__isnull=True).delete()
        for item in ticked.values():
            item.place = places.get(item.row_id, item.place)
        InductionItem.objects.bulk_update(ticked.values(), ["place"])
        fresh = [item for item in _items(held, rows) if item.row_id not in ticked]
        InductionItem.objects.bulk_create(fresh)
        if set(held.items.values_list("row_id", "name_fi", "name_sv")) != before:
            log("induction.refresh", held, by=by, at=at)
    return len([item for item in fresh if item.row_id not in {row_id for row_id, *_names in before}])
