"""Base amounts and tax-free maxima on a day, and the items that are a share of one."""

from collections.abc import Collection, Iterable
from copy import copy
from datetime import date

from django.utils.translation import gettext as _

from feetables.models import KM, DatedAmount, FeeItem, FeeTable
from feetables.rules import Basis, share
from office.errors import Refused


def amounts_on(day: date, codes: Collection[str] | None = None) -> dict[str, DatedAmount]:
    """Code → the amount that holds on the day (one query); a code that has none by then is not there."""
    rows = DatedAmount.objects.filter(valid_from__lte=day)
    if codes is not None:
        rows = rows.filter(code__in=codes)
    return {row.code: row for row in rows.order_by("code", "-valid_from").distinct("code")}


def on_day(items: Iterable[FeeItem], day: date) -> list[FeeItem]:
    """The items as they pay on the day: a share is worked out from the base amount of that day.

    No query when none is a share. Refused when a base amount is not known by then.
    """
    found = list(items)
    if codes := {item.base for item in found if item.percent is not None}:
        known = amounts_on(day, codes)
        found = [item if item.percent is None else worked_out(item, known.get(item.base), day) for item in found]
    return found


def worked_out(item: FeeItem, base: DatedAmount | None, day: date) -> FeeItem:
    """A copy of the item with the amount of that base amount. Refused without one."""
    if base is None:
        name = DatedAmount.Code(item.base).label if item.base in DatedAmount.Code.values else item.base
        raise Refused(
            _("The amount “%(name)s” is not known on %(day)s. Enter it first.")
            % {"name": name, "day": f"{day.day}.{day.month}.{day.year}"}
        )
    own = copy(item)
    own.base_amount = base.amount
    if item.percent is not None:
        own.amount = share(base.amount, item.percent, whole=item.whole)
    return own


def limit_of(item: FeeItem) -> str:
    """With which tax-free maximum the item is compared; "" for none."""
    return item.limit or (KM if item.basis == Basis.PER_KM else "")


def above_maximum(table: FeeTable, items: Iterable[FeeItem]) -> list[tuple[FeeItem, DatedAmount]]:
    """Items that pay more than the tax-free maximum on the table's first day, or from a later one while it holds.

    A county may pay less; what is above is taxed. One query.
    """
    compared = [(item, limit_of(item)) for item in items if limit_of(item)]
    if not compared:
        return []
    rows = DatedAmount.objects.filter(code__in={code for _item, code in compared}).order_by("code", "valid_from")
    if table.valid_to is not None:
        rows = rows.filter(valid_from__lte=table.valid_to)
    steps: dict[str, list[DatedAmount]] = {}
    for row in rows:
        own = steps.setdefault(row.code, [])
        if row.valid_from <= table.valid_from:
            own.clear()  # an older one has been followed before the table begins
        own.append(row)
    found = []
    for item, code in compared:
        for row in steps.get(code, []):
            amount = item.amount
            if item.percent is not None and item.base == code:
                amount = share(row.amount, item.percent, whole=item.whole)
            if amount > row.amount:
                found.append((item, row))
                break
    return found
