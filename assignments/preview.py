"""What an order would mean before it is agreed: for each time its free-cancellation limit, days off, what it pays."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.conditions import Conditions, as_agreed
from assignments.models import Order, Session
from assignments.pairs import both
from assignments.rules import CancellationBasis, RuleError, cancellation_deadline, is_free, minutes
from feetables.conditions import trainings
from feetables.models import FeeItem
from feetables.rules import ZERO, Basis, FeeError, choose, price
from office import formats
from office.errors import Refused
from office.policies import rules_for
from office.workdays import is_working_day, local_date


@dataclass(frozen=True)
class Time:
    """One time of an order. `late`: its free-cancellation limit has passed already (R15)."""

    starts_at: datetime
    ends_at: datetime
    minutes: int
    free_until: datetime
    late: bool
    day_off: bool

    @property
    def limit(self) -> str:
        """The limit in words."""
        if self.late:
            return _("Cannot be cancelled free of charge: the limit was %(limit)s.") % {
                "limit": texts.moment(self.free_until)
            }
        return _("Free to cancel until %(limit)s.") % {"limit": texts.moment(self.free_until)}


@dataclass(frozen=True)
class Sum:
    """What one time pays when it is held as agreed, in euros; `problem` tells why that cannot be said.

    `tickets`: what they may cost at most, by the receipts; the total holds them in full, as budgets do.
    """

    time: Time
    fee: Decimal = Decimal("0.00")
    travel: Decimal = Decimal("0.00")
    problem: str = ""
    tickets: Decimal = Decimal("0.00")

    @property
    def journey(self) -> Decimal:
        """Travel with tickets at their dearest."""
        return self.travel + self.tickets

    @property
    def total(self) -> Decimal:
        return self.fee + self.journey


@dataclass(frozen=True)
class Planning:
    """What planning a group together pays each expert besides its times, by the hours done; none: not paid apart."""

    minutes: int
    fee: Decimal


@dataclass(frozen=True)
class Priced:
    """An order with what its times pay: what apps above tell of it beside the price (office.panels, "order_price")."""

    order: Order
    sums: Sequence[Sum]

    def by_year(self) -> dict[int, Decimal]:
        """Euros by calendar year of the work, tickets up to what was agreed for them."""
        found: dict[int, Decimal] = {}
        for one in self.sums:
            year = local_date(one.time.starts_at).year
            found[year] = found.get(year, ZERO) + one.total
        return found


def read_times(times: Sequence[tuple[datetime, datetime]], at: datetime) -> list[Time]:
    """The times with their limits as seen at `at`. Two queries, however many they are."""
    rules = rules_for({local_date(starts_at) for starts_at, _ends_at in times})
    read = []
    for starts_at, ends_at in times:
        day = local_date(starts_at)
        free_until = cancellation_deadline(
            starts_at,
            basis=CancellationBasis(rules[day].cancellation_basis),
            at_time=rules[day].cancellation_time,
            closing_days=rules[day].closing_days,
        )
        read.append(
            Time(
                starts_at=starts_at,
                ends_at=ends_at,
                minutes=minutes(starts_at, ends_at),
                free_until=free_until,
                late=not is_free(at, free_until),
                day_off=not is_working_day(day, closing_days=rules[day].closing_days),
            )
        )
    return read


class Fees:
    """The fee items of an order by the tables of its days (one query for all of them).

    ``beside``: the fees of the other one of two experts, whose tables are read already.
    """

    def __init__(self, order: Order, starts: Sequence[datetime], *, beside: "Fees | None" = None) -> None:
        self.order = order
        self._conditions: Conditions = beside._conditions if beside else Conditions()
        if beside is None:
            self._read(order, starts)
        self.items: list[FeeItem] = []
        self.travel: FeeItem | None = None
        self.allowances: list[FeeItem] = []
        self.problem = ""
        self._first = local_date(starts[0])
        try:
            self.items = self._conditions.session_items(self._first, order, order.expert_id)
            self.travel = self._conditions.travel_item(self._first, order.kind)
            self.allowances = self._conditions.allowances(self._first, order.kind)
        except Refused as error:
            # Without a kilometre price no travel is asked about.
            self.problem = "" if self.items else str(error.message)

    def _read(self, order: Order, starts: Sequence[datetime]) -> None:
        self._conditions.read_tables(local_date(one) for one in starts)
        if "lead" in order._state.fields_cache:  # selected with it, as the pages do
            self._conditions.know_pairs(both(order))

    @property
    def ranged(self) -> FeeItem | None:
        """The item whose amount is agreed on the order, inside its range."""
        per_event = (item for item in self.items if item.basis == Basis.PER_EVENT)
        return next((item for item in per_event if item.amount_max is not None), None)

    def words(self) -> list[tuple[FeeItem, str]]:
        """The items of a session in words; while nobody is chosen also those for experts with a training."""
        if self.order.expert_id is not None or not self.items:
            return [(item, item_words(item)) for item in self.items]
        items = self._conditions.all_session_items(self._first, self.order)
        names = trainings() if any(item.training for item in items) else {}
        return [(item, _with_training(item_words(item), names.get(item.training, item.training))) for item in items]

    def planning(self, planned: int) -> Planning | None:
        """What so many minutes of planning together pay, when all of them are done. No query."""
        if not planned:
            return None
        try:
            terms = [item.terms for item in self._conditions.preparation_items(self._first, self.order.kind)]
            fee = price(choose(terms, planned), planned).amount
        except (Refused, FeeError):
            return Planning(planned, ZERO)
        return Planning(planned, ZERO if self.order.fee_declined else fee)

    def sums(self, times: Sequence[Time]) -> list[Sum]:
        """What each time pays, held as agreed."""
        return [self._sum(time) for time in times]

    def _sum(self, time: Time) -> Sum:
        try:
            pays = _pays(self._conditions, self.order, time.starts_at, time.ends_at)
        except Refused as error:
            return Sum(time, problem=str(error.message))
        except (RuleError, FeeError) as error:
            return Sum(time, problem=texts.describe_refusal(error))
        return Sum(time, fee=pays["fee"], travel=pays["travel_fee"], tickets=_tickets(self.order))


def _tickets(order: Order) -> Decimal:
    """What tickets may cost each time."""
    return order.travel_cap or ZERO if order.travel_mode == Order.TravelMode.TICKET else ZERO


def _pays(conditions: Conditions, order: Order, starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    day = local_date(starts_at)
    items = conditions.session_items(day, order, order.expert_id)
    travel = conditions.travel_item(day, order.kind) if order.travel_km else None
    pays = as_agreed(
        [item.terms for item in items],
        starts_at,
        ends_at,
        agreed_amount=order.agreed_amount,
        fee_declined=order.fee_declined,
        travel_terms=travel.terms if travel else None,
        travel_km=order.travel_km,
    )
    allowance = conditions.allowance_item(day, order)
    if allowance is not None:
        pays["travel_fee"] += price(allowance.terms, minutes(starts_at, ends_at)).amount
    return pays


def may_cost(sessions: Iterable[Session]) -> Iterator[tuple[Session, Decimal]]:
    """What times that are not agreed yet may cost, held as agreed, tickets up to their cap; nothing where it cannot be
    said. Select ``order__lead`` with them. Two queries for each fee table of their days, one for what the experts have
    completed, however many times there are.
    """
    times = list(sessions)
    conditions = Conditions()
    conditions.read_trainings(one.order.expert_id for one in times)
    conditions.know_pairs(one.order for one in times)
    for one in times:
        try:
            pays = _pays(conditions, one.order, one.starts_at, one.ends_at)
        except (Refused, RuleError, FeeError):
            yield one, ZERO
            continue
        yield one, pays["fee"] + pays["travel_fee"] + _tickets(one.order)


def _with_training(fee: str, training: str) -> str:
    if not training:
        return fee
    return _("%(fee)s, when the expert has the training “%(training)s”") % {"fee": fee, "training": training}


def item_words(item: FeeItem) -> str:
    """What a fee item pays, in words: "€25.00 an hour"."""
    amount = texts.money(item.amount)
    if item.basis == Basis.PER_HOUR:
        words = _("%(amount)s an hour") % {"amount": amount}
        if item.minimum_minutes:
            words += ", " + _("at least %(minutes)s min are paid") % {"minutes": item.minimum_minutes}
        if item.step_minutes > 1:
            words += ", " + _("each started %(minutes)s min counts") % {"minutes": item.step_minutes}
        return words
    if item.basis == Basis.PER_EVENT and item.amount_max is not None:
        return _("%(low)s–%(high)s an event, as agreed") % {"low": amount, "high": texts.money(item.amount_max)}
    if item.basis == Basis.BY_DURATION:
        return f"{amount}: {_bracket(item)}"
    return {
        Basis.PER_MEETING.value: _("%(amount)s a meeting, whatever its length"),
        Basis.PER_EVENT.value: _("%(amount)s an event"),
        Basis.PER_KM.value: _("%(amount)s a kilometre"),
        Basis.PER_MONTH.value: _("%(amount)s a month"),
    }[item.basis] % {"amount": amount}


def _bracket(item: FeeItem) -> str:
    over, up_to = (None if bound is None else formats.hours(bound) for bound in (item.over_minutes, item.up_to_minutes))
    if up_to is None:
        return _("longer than %(over)s") % {"over": over}
    if not item.over_minutes:
        return _("at most %(up_to)s") % {"up_to": up_to}
    return _("longer than %(over)s, at most %(up_to)s") % {"over": over, "up_to": up_to}
