"""The only writers of fee tables. A draft is changed, an approved one never (R17)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import product

from django.utils.translation import gettext_lazy as _

from feetables import conditions
from feetables.choice import for_work
from feetables.dated import amounts_on, worked_out
from feetables.models import DatedAmount, FeeItem, FeeTable
from feetables.rules import Basis, FeeError, bracket_faults
from feetables.states import TABLE
from feetables.texts import FAULTS, fault_words
from office.actions import log, move
from office.choices import TASK_TYPES, Role
from office.errors import Conflict, Refused
from office.models import User
from office.saving import readable, save, trigger_says

for _name in ("approved_fee_table_is_never_changed", "approved_fee_item_is_never_changed"):
    trigger_says(_name, _("An approved fee table is never changed. Make a new draft."))


DAY = timedelta(days=1)


def _coordinator(by: User) -> None:
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))


def _draft(table: FeeTable) -> FeeTable:
    """The row, locked; Conflict when it is approved by now."""
    found = FeeTable.objects.select_for_update().get(pk=table.pk)
    if found.state != FeeTable.State.DRAFT:
        raise Conflict(_("An approved fee table is never changed. Make a new draft."))
    return found


def save_table(table: FeeTable, *, by: User, at: datetime, copy_of: FeeTable | None = None) -> FeeTable:
    """Writes or changes a draft; a new one may take over the items of another table."""
    _coordinator(by)
    with readable():
        new = table.pk is None
        if not new:
            _draft(table)
        save(table)
        if new and copy_of is not None:
            for item in copy_of.items.all():
                item.pk, item.table = None, table
                item._state.adding = True
                save(item)
        log("feetable.add" if new else "feetable.change", table, by=by, at=at)
    return table


def counted(item: FeeItem) -> FeeItem:
    """The item with its amount worked out when it is a share, by the base amount of the table's first day. Refused
    without one.
    """
    if item.percent is None:
        return item
    known = amounts_on(item.table.valid_from, {item.base}).get(item.base)
    own = worked_out(item, known, item.table.valid_from)
    item.amount, item.base_amount = own.amount, own.base_amount
    return item


def uncountable(item: FeeItem) -> Refused:
    """Why the price of the item could not be counted, in words."""
    try:
        item.terms  # noqa: B018 - the engine's own check
    except FeeError as error:
        return Refused(FAULTS.get(error.code, _("This item cannot be counted.")))
    return Refused(_("This item cannot be counted."))


def save_item(item: FeeItem, *, by: User, at: datetime) -> FeeItem:
    """Adds or changes an item of a draft. Refused with a sentence when its price could not be counted."""
    _coordinator(by)
    counted(item)
    try:
        item.terms  # noqa: B018 - the engine's own check
    except FeeError as error:
        raise uncountable(item) from error
    if item.training and item.training not in conditions.trainings():
        raise Refused(_("There is no training with the code %(code)s.") % {"code": item.training})
    with readable():
        _draft(item.table)
        save(item)
        log("feetable.items", item.table, by=by, at=at, code=item.code)
    return item


def save_amount(amount: DatedAmount, *, by: User, at: datetime) -> DatedAmount:
    """A base amount or tax-free maximum from a day on. One that is there is put right: what is agreed keeps its price,
    the history keeps the old amount.
    """
    _coordinator(by)
    with readable():
        there = DatedAmount.objects.select_for_update().filter(code=amount.code, valid_from=amount.valid_from).first()
        old = str(there.amount) if there else ""
        if there is not None:
            amount.pk = there.pk
            amount._state.adding = False
        save(amount)
        log("feetable.amount", amount, by=by, at=at, code=amount.code, amount=str(amount.amount), old=old)
    return amount


def remove_item(item: FeeItem, *, by: User, at: datetime) -> None:
    """Takes an item from a draft."""
    _coordinator(by)
    with readable():
        _draft(item.table)
        log("feetable.items", item.table, by=by, at=at, code=item.code)
        item.delete()


def remove_draft(table: FeeTable, *, by: User, at: datetime) -> None:
    """Removes a draft with its items."""
    _coordinator(by)
    with readable():
        found = _draft(table)
        log("feetable.remove", found, by=by, at=at, name=found.name)
        found.delete()


def faults(table: FeeTable) -> list[str]:
    """Why work could not be priced by the table, kind by kind, in words. Empty: ready."""
    items = list(table.items.all())
    found: list[tuple[str, str]] = []
    for kind, label in TASK_TYPES:
        session = [item for item in items if item.purpose == FeeItem.Purpose.SESSION and kind in item.kinds]
        found += [(str(label), code) for code in dict.fromkeys(_faults_of_kind(session))]
    return [*fault_words(found), *_months_paid_twice(table, items)]


def _months_paid_twice(table: FeeTable, items: list[FeeItem]) -> Iterator[str]:
    """A table that begins within a month: what is paid by the month is known by its code, so another code for it would
    pay that month once more.
    """
    own = {item.code for item in items if item.basis == Basis.PER_MONTH}
    if table.valid_from.day == 1 or not own:
        return
    former = FeeItem.objects.filter(table__state=FeeTable.State.APPROVED, basis=Basis.PER_MONTH.value).exclude(
        table__valid_to__lt=table.valid_from.replace(day=1)
    )
    there = set(former.filter(table__valid_from__lt=table.valid_from).values_list("code", flat=True))
    if there and own - there:
        yield _(
            "The table begins in the middle of a month, and something that is paid by the month has another code than "
            "before (%(codes)s): that month would be paid twice. Keep the code, or begin on the first day of a month."
        ) % {"codes": ", ".join(sorted(own - there))}


def _faults_of_kind(session: list[FeeItem]) -> Iterator[str]:
    """What could not be priced by the items of a kind of work, for one expert and two, on site and remotely."""
    work = [(False, False)]
    if any(item.company or item.way for item in session):
        work = list(product((False, True), (False, True)))
    for two, remote in work:
        try:
            own = for_work(session, two=two, remote=remote)
        except FeeError as error:
            yield error.code
            continue
        for training in sorted({item.training for item in own}):
            yield from _faults_of([item for item in own if item.training == training])


def _faults_of(own: list[FeeItem]) -> tuple[str, ...]:
    """Of the items of one kind of work for the same experts (those with one training, or the others)."""
    brackets = [item for item in own if item.basis == Basis.BY_DURATION]
    if brackets and len(brackets) != len(own):
        return ("mixed",)
    if brackets:
        return bracket_faults([item.terms for item in own])
    return ("several",) if len(own) > 1 else ()


def kinds_without_item(table: FeeTable) -> list[str]:
    """Kinds of work that the table does not pay for: allowed, but to be seen before it is approved."""
    items = [item for item in table.items.all() if item.purpose == FeeItem.Purpose.SESSION]
    return [str(label) for kind, label in TASK_TYPES if not any(kind in item.kinds for item in items)]


def approve(
    table: FeeTable,
    *,
    decided_by: str,
    decided_on: date,
    section: str = "",
    diary_number: str = "",
    by: User,
    at: datetime,
) -> None:
    """Approves a draft with its decision, also after it took effect (R17).

    The open-ended table before it ends the day before. Refused when the table has faults or no items, or another
    approved table holds on some of its days.
    """
    with readable():
        if not table.items.exists():
            raise Refused(_("The table has no items yet."))
        if wrong := faults(table):
            raise Refused("; ".join(wrong))
        before = FeeTable.objects.select_for_update().filter(
            state=FeeTable.State.APPROVED, valid_to__isnull=True, valid_from__lt=table.valid_from
        )
        for former in before:
            former.valid_to = table.valid_from - DAY
            former.save(update_fields=["valid_to"])
            log("feetable.close", former, by=by, at=at, last_day=former.valid_to.isoformat())
        move(
            table,
            TABLE["approve"],
            by=by,
            at=at,
            facts={"decided_on": decided_on.isoformat(), "section": section, "diary_number": diary_number},
            decided_by=decided_by,
            decided_on=decided_on,
            section=section,
            diary_number=diary_number,
            approved_at=at,
            approved_by=by,
        )
