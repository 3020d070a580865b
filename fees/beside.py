"""Which lines stand beside the sessions of hour lists: what is paid by the month, or beside a session's fee.

One line for each expert, unit and month, or for each session; never twice. Questions only (docs/decisions).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from assignments.models import Session
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
    items = _items({row.session.fee_item.table_id for row in rows if row.session.fee_item})
    found: dict[str, BesideLine] = {}
    for row in rows:
        for earned in _earned(row.session, items):
            if earned.once not in found:
                found[earned.once] = _line(row, earned)
    elsewhere = BesideLine.objects.filter(once__in=found).exclude(hour_list__in=list_ids)
    for once in elsewhere.values_list("once", flat=True):
        del found[once]
    return found


def coming(sessions: QuerySet[Session]) -> Iterator[tuple[Session, Decimal]]:
    """What agreed sessions that are on no list yet will earn beside their fees: each month's sum with its first one.

    What a list has already is left out. Three queries.
    """
    by_month = Q(fee_item__basis=Basis.PER_MONTH.value) | Q(allowance_item__isnull=False)
    of_table = Exists(FeeItem.objects.filter(table=OuterRef("fee_item__table"), purpose=Purpose.BESIDE))
    found = sessions.filter(by_month | of_table, fee_item__purpose=Purpose.SESSION)
    found = found.select_related("fee_item", "allowance_item")
    agreed = list(found.order_by("starts_at", "pk"))
    items = _items({session.fee_item.table_id for session in agreed if session.fee_item})
    told: dict[str, tuple[Session, Decimal]] = {}
    for session in agreed:
        for earned in _earned(session, items):
            told.setdefault(earned.once, (session, earned.price.amount))
    there = set(BesideLine.objects.filter(once__in=told).values_list("once", flat=True))
    return (told[once] for once in told if once not in there)


def any_item() -> QuerySet[FeeItem]:
    """Items in force that pay by the month or beside a fee: where there are none, nothing is to be asked."""
    found = FeeItem.objects.filter(Q(basis=Basis.PER_MONTH.value) | Q(purpose=Purpose.BESIDE))
    return found.filter(table__state="approved").order_by()


def _items(tables: Collection[int]) -> dict[int, list[FeeItem]]:
    """The items beside the sessions of these fee tables, by table."""
    items: dict[int, list[FeeItem]] = {}
    for item in FeeItem.objects.filter(table__in=tables, purpose=Purpose.BESIDE).order_by("pk"):
        items.setdefault(item.table_id, []).append(item)
    return items


@dataclass(frozen=True, slots=True)
class Earned:
    """A line that a session earns: by which item, for what, and what it pays."""

    item: FeeItem
    once: str
    price: Price


def _earned(session: Session, items: Mapping[int, list[FeeItem]]) -> Iterator[Earned]:
    """By the session's outcome; one without an outcome is taken to be held."""
    if session.fee_item is None or session.fee_item.purpose != Purpose.SESSION:
        return  # preparation is an added row of its own
    if session.outcome and BY_OUTCOME[Outcome(session.outcome)].pays is Pays.NOTHING:
        return
    month = month_of(session.starts_at)
    for_month = f"month:{session.expert_id}:{session.unit_id}:{month:%Y-%m}"
    if by_month := _by_month(session):
        yield Earned(session.fee_item, f"{for_month}:{by_month.code}", _monthly(by_month, month))
    day = local_date(session.starts_at)
    if (allowance := _allowance(session)) is not None and session.allowance_item is not None:
        # One on a day, whichever unit comes first.
        yield Earned(session.allowance_item, f"allowance:{session.expert_id}:{day:%Y-%m-%d}", allowance)
    own = [item for item in items.get(session.fee_item.table_id, []) if session.kind in item.kinds]
    for item in on_day(own, day):
        terms = item.terms
        if terms.basis is Basis.PER_MONTH:
            yield Earned(item, f"{for_month}:{item.code}", _monthly(terms, month))
        else:
            length = minutes(session.starts_at, session.ends_at)
            yield Earned(item, f"session:{session.pk}:{item.code}", _with(price(terms, length), "beside"))


def _allowance(session: Session) -> Price | None:
    """The meal or daily allowance agreed with the journey, when the journey was made; before the outcome is told it is
    taken to be. A day's share of a bracket that the work is too short for is not paid.
    """
    terms = session.frozen_allowance
    if terms is None:
        return None
    if session.outcome:
        made = session.done_km if session.travel_cap is None else session.travel_fee
        if BY_OUTCOME[Outcome(session.outcome)].travel is not TravelPaid.MADE or not made:
            return None
    length = minutes(session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at)
    if not terms.fits(length):
        return None
    priced = price(terms, length)
    facts = [fact for fact in priced.explanation if fact[0] != "per_meeting"]
    told = ("allowance", {"unit_price": str(priced.unit_price)})
    return replace(priced, unit=Unit.DAY, explanation=(told, *facts))


def _by_month(session: Session) -> Terms | None:
    """The terms of a session that is paid by the month, unless the expert works without a fee (R24)."""
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
