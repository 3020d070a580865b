"""What the fee tables and policies of a day ask and pay, and what a session freezes when it is agreed (R4, R13)."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.free import check_expert as check_expert
from assignments.actions.free import check_future as check_future
from assignments.actions.free import check_present as check_present
from assignments.actions.free import check_times as check_times
from assignments.actions.free import check_trained as check_trained
from assignments.actions.free import lock_expert as lock_expert
from assignments.actions.free import planned as planned
from assignments.actions.free import spans as spans
from assignments.models import Order
from assignments.rules import (
    BY_OUTCOME,
    CancellationBasis,
    Consequence,
    Outcome,
    cancellation_deadline,
    consequence,
    minutes,
)
from experts.models import Expert
from feetables.choice import for_expert, for_work
from feetables.dated import on_day
from feetables.models import FeeItem, FeeTable
from feetables.rules import Terms, choose
from office.asked_once import Question
from office.errors import Refused
from office.policies import Rules, rules_for
from office.workdays import is_working_day, local_date
from training import conditions as trainings
from training.rules import completed_by

ZERO = Decimal("0.00")


_OF_DAYS = Question(lambda first, last: FeeItem.objects.of_days([first, last]), first=date, last=date)


def has_two(order: Order) -> bool:
    """Whether two experts do the work together: the order has the second one's beside it, or is that one."""
    return order.companion_id is not None or (
        order.pk is not None and Order.objects.filter(companion=order.pk).exists()
    )


class Conditions:
    """Fee tables and policies of the days asked about, each read once in an action."""

    def __init__(self) -> None:
        self._tables: dict[date, FeeTable | None] = {}
        self._own: dict[int, list[FeeItem]] = {}
        self._rules: dict[date, Rules] = {}
        self._done: dict[int, dict[str, date]] = {}
        self._worked_out: dict[date, list[FeeItem]] = {}
        self._two: dict[int | None, bool] = {}
        self._together: set[int | None] = set()

    def read_policies(self, moments: Iterable[datetime]) -> None:
        """Reads the policies of many days at once (two queries)."""
        self._rules |= rules_for({local_date(moment) for moment in moments})

    def read_tables(self, days: Iterable[date]) -> None:
        """Reads the fee tables of many days at once (one query). A day without any is asked for again by itself."""
        wanted = set(days)
        if not wanted:
            return
        items: dict[FeeTable, list[FeeItem]] = {}
        for item in _OF_DAYS(first=min(wanted), last=max(wanted)):
            items.setdefault(item.table, []).append(item)
        for table, own in items.items():
            self._own[table.pk] = own
            self._tables |= {day: table for day in wanted if table.holds_on(day)}

    def read_trainings(self, experts: Iterable[int | None]) -> None:
        """Reads what many experts have completed at once (one query)."""
        wanted = {expert for expert in experts if expert is not None}
        self._done |= trainings.done_by_each(wanted) if wanted else {}

    def know_pairs(self, orders: Iterable[Order]) -> None:
        """Who works by two among orders that were selected with ``lead``: no query. Experts of a pair are asked about
        together.
        """
        for order in orders:
            self._together.add(order.expert_id)
            self._two[order.pk] = order.companion_id is not None or getattr(order, "lead", None) is not None

    def _items(self, day: date) -> list[FeeItem]:
        if day not in self._tables:
            known = next((table for table in self._tables.values() if table and table.holds_on(day)), None)
            if known is None:
                self.read_tables([day])
            if day not in self._tables:
                self._tables[day] = known or FeeTable.objects.in_force(day)
        table = self._tables[day]
        if table is None:
            raise Refused(_("No approved fee table holds on %(day)s.") % {"day": texts.day(day)})
        if day not in self._worked_out:
            self._worked_out[day] = on_day(self._own.get(table.pk) or table.items.all(), day)
        return self._worked_out[day]

    def all_session_items(self, day: date, order: Order) -> list[FeeItem]:
        """Every item for a session of this order on the day, whoever does it: by its kind, by one expert or two, on
        site or remotely. Refused without any.
        """
        kind = order.kind
        found = [item for item in self._items(day) if item.purpose == FeeItem.Purpose.SESSION and kind in item.kinds]
        if any(item.company or item.way for item in found):
            if order.pk not in self._two:
                self._two[order.pk] = has_two(order)
            found = for_work(found, two=self._two[order.pk], remote=order.remote)
        if not found:
            raise Refused(_("The fee table has no fee for this kind of work on %(day)s.") % {"day": texts.day(day)})
        return found

    def session_items(self, day: date, order: Order, expert_id: int | None) -> list[FeeItem]:
        """The items for a session of the expert: one, or all its duration brackets. Refused without any.

        An item that asks for a training is for those who have completed it by the day, the item without it for the
        others. While nobody is chosen: the item without a condition, else the first with one.
        """
        found = self.all_session_items(day, order)
        if not any(item.training for item in found):
            return found
        if expert_id is None:
            first = min(item.training for item in found)
            return [item for item in found if item.training == first]
        if expert_id not in self._done:
            self.read_trainings(self._together | {expert_id})
        own = for_expert(found, completed_by(self._done[expert_id], day))
        if not own:
            raise Refused(
                _("On %(day)s this kind of work has a fee only with a training that the expert has not completed.")
                % {"day": texts.day(day)}
            )
        return own

    def preparation_items(self, day: date, kind: str) -> list[FeeItem]:
        """The items for preparation of this kind of work, which the table pays apart. Refused without any."""
        found = [
            item
            for item in self._items(day)
            if item.purpose == FeeItem.Purpose.PREPARATION and kind in (item.kinds or [kind])
        ]
        if not found:
            raise Refused(
                _("The fee table pays no preparation of this kind of work on %(day)s.") % {"day": texts.day(day)}
            )
        return found

    def travel_item(self, day: date, kind: str) -> FeeItem:
        """The price of a kilometre on the day."""
        for item in self._items(day):
            if (
                item.purpose == FeeItem.Purpose.TRAVEL
                and item.terms.basis == "per_km"
                and kind in (item.kinds or [kind])
            ):
                return item
        raise Refused(_("The fee table has no kilometre allowance on %(day)s.") % {"day": texts.day(day)})

    def allowance_item(self, day: date, order: Order) -> FeeItem | None:
        """What is paid beside the journey on the day, None when nothing was agreed. Refused without one item for it."""
        if not order.allowance:
            return None
        found = [item for item in self.allowances(day, order.kind) if item.limit == order.allowance]
        if len(found) != 1:
            words = {"what": order.get_allowance_display(), "day": texts.day(day)}
            raise Refused(
                _("The fee table has several amounts for this: %(what)s, %(day)s. Ask the coordinator.") % words
                if found
                else _("The fee table pays none on %(day)s: %(what)s.") % words
            )
        return found[0]

    def allowances(self, day: date, kind: str) -> list[FeeItem]:
        """Meal and daily allowances of the table: items of travel that are compared with a tax-free maximum."""
        return [
            item
            for item in self._items(day)
            if item.purpose == FeeItem.Purpose.TRAVEL
            and item.limit in Order.Allowance.values
            and kind in (item.kinds or [kind])
        ]

    def is_day_off(self, moment: datetime) -> bool:
        """A weekend, a holiday (R12) or a closing day of the office."""
        day = local_date(moment)
        if day not in self._rules:
            self.read_policies([moment])
        return not is_working_day(day, closing_days=self._rules[day].closing_days)

    def free_until(self, starts_at: datetime) -> datetime:
        """R11-R13: the free-cancellation limit of a session, by the policy of its day (UTC)."""
        day = local_date(starts_at)
        if day not in self._rules:
            self.read_policies([starts_at])
        rules = self._rules[day]
        return cancellation_deadline(
            starts_at,
            basis=CancellationBasis(rules.cancellation_basis),
            at_time=rules.cancellation_time,
            closing_days=rules.closing_days,
        )

    def agreement(
        self, order: Order, starts_at: datetime, ends_at: datetime, at: datetime, expert: Expert | None = None
    ) -> dict[str, Any]:
        """What a session of the order freezes when it is agreed at ``at`` (R4, R13). Refused when it has no price.

        ``expert``: who is to be asked, when the order does not name them yet.
        """
        day = local_date(starts_at)
        items = self.session_items(day, order, expert.pk if expert else order.expert_id)
        by_ticket = order.travel_mode == Order.TravelMode.TICKET
        travel = self.travel_item(day, order.kind) if order.travel_km or by_ticket else None
        allowance = self.allowance_item(day, order)
        terms = [item.terms for item in items]
        code = choose(terms, minutes(starts_at, ends_at)).code
        return {
            "agreed_at": at,
            "free_until": self.free_until(starts_at),
            "fee_item": next(item for item in items if item.code == code),
            "terms": [item.to_json() for item in terms],
            "agreed_amount": order.agreed_amount,
            "fee_declined": order.fee_declined,
            "travel_item": travel,
            "travel_terms": travel.terms.to_json() if travel else None,
            "travel_km": order.travel_km,
            "travel_cap": order.travel_cap if by_ticket else None,
            "allowance_item": allowance,
            "allowance_terms": allowance.terms.to_json() if allowance else None,
        } | as_agreed(
            terms,
            starts_at,
            ends_at,
            agreed_amount=order.agreed_amount,
            fee_declined=order.fee_declined,
            travel_terms=travel.terms if travel else None,
            travel_km=order.travel_km,
        )


def as_agreed(
    terms: Iterable[Terms],
    starts_at: datetime,
    ends_at: datetime,
    *,
    agreed_amount: Decimal | None,
    fee_declined: bool,
    travel_terms: Terms | None,
    travel_km: Decimal | None,
) -> dict[str, Any]:
    """The stored results of a session that is held as agreed."""
    agreed = minutes(starts_at, ends_at)
    result = consequence(
        BY_OUTCOME[Outcome.HELD],
        terms=tuple(terms),
        agreed_minutes=agreed,
        done_minutes=agreed,
        agreed_amount=agreed_amount,
        fee_declined=fee_declined,
        travel_terms=travel_terms,
        travel_km_agreed=travel_km,
        travel_km_made=travel_km,
    )
    return {"agreed_fee": result.fee.amount} | stored(result)


def stored(result: Consequence) -> dict[str, Any]:
    """A consequence as the fields of a session."""
    return {
        "fee": result.fee.amount,
        "price": result.fee.to_json(),
        "travel_fee": result.travel.amount if result.travel else ZERO,
        "travel_price": result.travel.to_json() if result.travel else None,
    }
