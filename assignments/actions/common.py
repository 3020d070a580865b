"""What the actions share: who acts for whom, the conditions of a day, one transaction with readable refusals."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import OperationalError
from django.db.models import Q, QuerySet
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
from assignments.models import Order, Session
from assignments.pairs import other_of
from assignments.rules import (
    BY_OUTCOME,
    CancellationBasis,
    Consequence,
    Outcome,
    RuleError,
    cancellation_deadline,
    consequence,
    minutes,
)
from experts.models import Expert
from feetables.choice import for_expert, for_work
from feetables.dated import on_day
from feetables.models import FeeItem, FeeTable
from feetables.rules import FeeError, Terms, choose
from office.actions import one_log
from office.asked_once import Question
from office.away import is_away
from office.choices import NAMED, ORDERERS, Role
from office.errors import Conflict, Refused
from office.models import RoleGrant, Unit, User
from office.policies import Rules, rules_for
from office.saving import readable
from office.validators import has_identity_code
from office.workdays import local_date
from training import conditions as trainings
from training.rules import completed_by

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK = "40P01"
ZERO = Decimal("0.00")


def act(function: Callable[P, R]) -> Callable[P, R]:
    """An action: one transaction; what the rules or the database refuse is Refused in words, and nothing is left."""

    @wraps(function)
    def acting(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with readable(), one_log():
                return function(*args, **kwargs)
        except (RuleError, FeeError) as error:
            raise Refused(texts.describe_refusal(error)) from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
                raise Conflict(_("Somebody else changed this at the same moment. Try again.")) from error
            raise

    return acting


# --- people ----------------------------------------------------------------------------------------------------------


def acts_as(user: User, unit_id: int, expert: Expert | None) -> set[Role]:
    """The parts that a person plays towards a thing of this unit and this expert: orderers, the expert, coordinator."""
    parts: set[Role] = {role for role in ORDERERS if user.holdings.holds({role}, unit_id)}
    if user.has_role(Role.COORDINATOR):
        parts.add(Role.COORDINATOR)
    if expert is not None and expert.user_id == user.pk and user.has_role(Role.EXPERT):
        parts.add(Role.EXPERT)
    return parts


def must_be(user: User, roles: Iterable[str], unit_id: int, expert: Expert | None = None) -> set[Role]:
    """Refuses who plays none of the parts; tells the parts."""
    parts = acts_as(user, unit_id, expert)
    if not parts & set(roles):
        raise Refused(_("You may not do this."))
    return parts


def in_stead_of(user: User, expert: Expert) -> User | None:
    """The expert's account when somebody else acts for the expert (by telephone), for the log."""
    return None if expert.user_id == user.pk else expert.user


def holders(roles: Iterable[str], unit: Unit | None, at: datetime) -> list[User]:
    """Active people with one of the roles (in the unit) now."""
    grants = RoleGrant.objects.in_force(at).filter(role__in=[str(role) for role in roles], unit=unit)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("pk"))


def _named(unit: Unit, at: datetime) -> list[RoleGrant]:
    """Named employee and deputy with their people, and whether each is away (``is_away``). One query."""
    grants = RoleGrant.objects.in_force(at).filter(role__in=NAMED, unit=unit, user__is_active=True)
    return list(grants.annotate(is_away=is_away(local_date(at))).select_related("user").order_by("user_id"))


def confirmers(unit: Unit, at: datetime) -> list[User]:
    """Who confirms a unit's orders: the named employee and the deputy; without both or with both away, also the
    coordinators.
    """
    found = _named(unit, at)
    people = {one.user_id: one.user for one in found}
    if all(one.is_away for one in found):  # type: ignore[attr-defined]  # annotated
        people |= {one.pk: one for one in coordinators(at)}
    return list(people.values())


def coordinators(at: datetime) -> list[User]:
    return holders([Role.COORDINATOR], None, at)


def _side(unit: int, orderer: int, at: datetime, day: date) -> QuerySet[RoleGrant]:
    here = Q(unit=unit, role__in=NAMED)
    ordering = Q(user=orderer, role__in=ORDERERS | {Role.COORDINATOR}) & (Q(unit=None) | Q(unit=unit))
    grants = RoleGrant.objects.in_force(at).filter(here | ordering, user__is_active=True)
    return grants.annotate(is_away=is_away(day)).select_related("user").order_by("user_id", "pk")


_SIDE = Question(_side, unit=int, orderer=int, at=datetime, day=date)


def unit_side(order: Order, at: datetime) -> list[User]:
    """Whom the unit hears through: the orderer who still works there, and the named employee.

    The deputy as well while the named employee is away, and when there is none. One query; a second one when there is
    nobody, and the coordinators hear it.
    """
    found = _SIDE(unit=order.unit_id, orderer=order.orderer_id, at=at, day=local_date(at))
    named = [one for one in found if one.role in NAMED]
    first = [one for one in named if one.role == Role.UNIT_CONTACT]
    covered = any(not one.is_away for one in first)  # type: ignore[attr-defined]  # annotated
    orderer = [one for one in found if one.user_id == order.orderer_id]
    people = {one.user_id: one.user for one in [*(first if covered else named), *orderer]}
    return list(people.values()) or coordinators(at)


# --- text ------------------------------------------------------------------------------------------------------------


def no_codes(*written: str) -> None:
    """No personal identity code in any free text, whoever brings it."""
    if any(has_identity_code(text) for text in written):
        raise Refused(_("This looks like a personal identity code. Write nothing by which a person can be recognised."))


# --- conditions ------------------------------------------------------------------------------------------------------


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


def travel_agreed(mode: str, km: Decimal | None, cap: Decimal | None) -> tuple[str, Decimal | None, Decimal | None]:
    """How the expert travels, as agreed beforehand: by car so many kilometres, or by ticket up to a cap in euros."""
    if mode == Order.TravelMode.TICKET:
        if not cap or cap <= 0:
            raise Refused(_("Agree on how much tickets cost at most, in euros."))
        return mode, None, cap
    return (Order.TravelMode.CAR, km, None) if km else ("", None, None)


def allowance_agreed(allowance: str, mode: str) -> str:
    """The allowance that goes with an agreed journey. Refused without one."""
    if allowance and not mode:
        raise Refused(_("An allowance goes with a journey: agree on the travel too."))
    return allowance


def check_other(order: Order, expert: Expert) -> None:
    """Nobody is both experts of a group. Raises Refused."""
    other = other_of(order)
    if other is not None and (
        other.expert_id == expert.pk
        or other.offers.filter(expert=expert, state__in=["queued", "waiting", "can", "accepted"]).exists()
    ):
        raise Refused(_("%(expert)s is the other one of the two experts already.") % {"expert": expert.short_name})


def check_orderable(order: Order, at: datetime, expert: Expert | None) -> list[Session]:
    """What must be true of an order before it is asked of anybody; returns its times. Raises Refused.

    Times in the future and in order, a fee (and kilometre allowance) for each by the table of its day, the agreed
    amount inside its range; with an expert also contract and free time.
    """
    sessions = planned(order)
    if not sessions:
        raise Refused(_("The order has no times yet."))
    times = spans(sessions)
    check_times(times)
    check_future(times, at)
    conditions = Conditions()
    conditions.read_policies(starts_at for starts_at, _ends_at in times)
    for starts_at, ends_at in times:
        conditions.agreement(order, starts_at, ends_at, at, expert)
    if expert is not None:
        if expert.state_on(local_date(at)) != Expert.State.ACTIVE:
            raise Refused(_("%(expert)s does not take orders now.") % {"expert": expert.short_name})
        check_other(order, expert)
        check_expert(expert, order.kind, times)
        check_present(expert, times)
    return sessions
