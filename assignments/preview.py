"""What an order would mean before it is agreed: for each time its free-cancellation limit, days off, what it pays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.common import Conditions, as_agreed
from assignments.models import Order
from assignments.rules import CancellationBasis, RuleError, cancellation_deadline, is_free, minutes
from feetables.conditions import trainings
from feetables.models import FeeItem
from feetables.rules import Basis, FeeError
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
    """What one time pays when it is held as agreed, in euros; `problem` tells why that cannot be said."""

    time: Time
    fee: Decimal = Decimal("0.00")
    travel: Decimal = Decimal("0.00")
    problem: str = ""

    @property
    def total(self) -> Decimal:
        return self.fee + self.travel


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
    """The fee items of an order by the tables of its days; each table is read once (two queries)."""

    def __init__(self, order: Order, first: datetime) -> None:
        self.order = order
        self._conditions = Conditions()
        self.items: list[FeeItem] = []
        self.travel: FeeItem | None = None
        self.problem = ""
        self._first = local_date(first)
        try:
            self.items = self._conditions.session_items(self._first, order, order.expert_id)
            self.travel = self._conditions.travel_item(self._first, order.kind)
        except Refused as error:
            # Without a kilometre price no travel is asked about.
            self.problem = "" if self.items else str(error.message)

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

    def sums(self, times: Sequence[Time]) -> list[Sum]:
        """What each time pays, held as agreed."""
        return [self._sum(time) for time in times]

    def _sum(self, time: Time) -> Sum:
        day = local_date(time.starts_at)
        order = self.order
        try:
            items = self._conditions.session_items(day, order, order.expert_id)
            travel = self._conditions.travel_item(day, order.kind) if order.travel_km else None
            pays = as_agreed(
                [item.terms for item in items],
                time.starts_at,
                time.ends_at,
                agreed_amount=order.agreed_amount,
                fee_declined=order.fee_declined,
                travel_terms=travel.terms if travel else None,
                travel_km=order.travel_km,
            )
        except Refused as error:
            return Sum(time, problem=str(error.message))
        except (RuleError, FeeError) as error:
            return Sum(time, problem=texts.describe_refusal(error))
        return Sum(time, fee=pays["fee"], travel=pays["travel_fee"])


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
