"""Which lines stand beside the sessions of hour lists: what is paid by the month, or beside a session's fee.

One line for each expert, unit and month, or for each session; never twice. Questions only (docs/decisions).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from assignments.rules import BY_OUTCOME, Outcome, Pays, TravelPaid, minutes
from fees.models import BesideLine, HourRow
from feetables.dated import on_day
from feetables.models import FeeItem
from feetables.rules import ZERO, Basis, Price, Terms, Unit, price
from office.workdays import local_date, month_of

Purpose = FeeItem.Purpose


def sums(list_ids: Collection[int]) -> dict[int, Decimal]:
    """Hour list → euros of its lines beside sessions (one query); without any it is not there."""
    found = BesideLine.objects.filter(hour_list__in=list_ids).order_by().values_list("hour_list_id")
    return dict(found.annotate(Sum("amount")))


def wanted(list_ids: Collection[int]) -> dict[str, BesideLine]:
    """What the lists should have by the outcomes as they are now, not saved: by what it is paid for. Three queries.

    What another list has is left out: a session that comes late for its month earns the month no second time.
    """
    rows = list(
        HourRow.objects.filter(hour_list__in=list_ids)
        .select_related("session__fee_item", "session__allowance_item", "hour_list")
        .order_by("session__starts_at", "session")
    )
    tables = {row.session.fee_item.table_id for row in rows if row.session.fee_item}
    beside = FeeItem.objects.filter(table__in=tables, purpose=Purpose.BESIDE)
    items: dict[int, list[FeeItem]] = {}
    for item in beside.order_by("pk"):
        items.setdefault(item.table_id, []).append(item)
    found: dict[str, BesideLine] = {}
    for row in rows:
        session = row.session
        if session.fee_item is None or session.fee_item.purpose != Purpose.SESSION:
            continue  # preparation is an added row of its own
        if BY_OUTCOME[Outcome(session.outcome)].pays is Pays.NOTHING:
            continue
        own = [item for item in items.get(session.fee_item.table_id, []) if session.kind in item.kinds]
        for earned in _earned(row, own):
            if earned.once not in found:
                found[earned.once] = _line(row, earned)
    elsewhere = BesideLine.objects.filter(once__in=found).exclude(hour_list__in=list_ids)
    for once in elsewhere.values_list("once", flat=True):
        del found[once]
    return found


@dataclass(frozen=True, slots=True)
class Earned:
    """A line that a session earns: by which item, for what, and what it pays."""

    item: FeeItem
    once: str
    price: Price


def _earned(row: HourRow, items: list[FeeItem]) -> Iterator[Earned]:
    session = row.session
    month = month_of(session.starts_at)
    for_month = f"month:{session.expert_id}:{session.unit_id}:{month:%Y-%m}"
    if session.fee_item and (by_month := _by_month(row)):
        yield Earned(session.fee_item, f"{for_month}:{by_month.code}", _monthly(by_month, month))
    day = local_date(session.starts_at)
    if (allowance := _allowance(row)) is not None and session.allowance_item is not None:
        # One on a day, whichever unit comes first.
        yield Earned(session.allowance_item, f"allowance:{session.expert_id}:{day:%Y-%m-%d}", allowance)
    for item in on_day(items, day):
        terms = item.terms
        if terms.basis is Basis.PER_MONTH:
            yield Earned(item, f"{for_month}:{item.code}", _monthly(terms, month))
        else:
            length = minutes(session.starts_at, session.ends_at)
            yield Earned(item, f"session:{session.pk}:{item.code}", _with(price(terms, length), "beside"))


def _allowance(row: HourRow) -> Price | None:
    """The meal or daily allowance agreed with the journey, when the journey was made. A day's share of a bracket that
    the work is too short for is not paid.
    """
    session = row.session
    terms = session.frozen_allowance
    if terms is None or BY_OUTCOME[Outcome(session.outcome)].travel is not TravelPaid.MADE:
        return None
    made = session.done_km if session.travel_cap is None else session.travel_fee
    if not made:
        return None
    length = minutes(session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at)
    if not terms.fits(length):
        return None
    priced = price(terms, length)
    facts = [fact for fact in priced.explanation if fact[0] != "per_meeting"]
    told = ("allowance", {"unit_price": str(priced.unit_price)})
    return replace(priced, unit=Unit.DAY, explanation=(told, *facts))


def _by_month(row: HourRow) -> Terms | None:
    """The terms of a session that is paid by the month, unless the expert works without a fee (R24)."""
    session = row.session
    if session.fee_declined or session.override_fee is not None:
        return None
    return next((terms for terms in session.price_terms if terms.basis is Basis.PER_MONTH), None)


def _monthly(terms: Terms, month: date) -> Price:
    return _with(price(terms, 0), "once_a_month", month=f"{month.month}/{month.year}")


def _with(priced: Price, code: str, **params: str) -> Price:
    return replace(priced, explanation=(*priced.explanation, (code, params)))


def _line(row: HourRow, earned: Earned) -> BesideLine:
    return BesideLine(
        hour_list_id=row.hour_list_id,
        session=row.session,
        item_id=earned.item.pk,
        code=earned.price.code,
        amount=earned.price.amount,
        price=earned.price.to_json(),
        once=earned.once,
    )


def stale(list_ids: Collection[int]) -> bool:
    """Whether outcomes have changed since the lists were sent, so that their lines are no longer these."""
    there = BesideLine.objects.filter(hour_list__in=list_ids).values_list("once", "hour_list_id", "amount")
    now = {(line.once, line.hour_list_id, line.amount) for line in wanted(list_ids).values()}
    return set(there) != now


def of_lists(list_ids: Collection[int]) -> list[BesideLine]:
    """The lines of lists with their items, in order of time (one query)."""
    return list(BesideLine.objects.filter(hour_list__in=list_ids).select_related("item", "session"))


def total_of(lines: list[BesideLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)
