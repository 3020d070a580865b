"""What budgets add to pages below: to a unit's page, and beside the price of an order before it is sent."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from assignments.actions.orders import trusts_staff
from assignments.preview import Priced
from budgets.access import SEE_BUDGETS
from budgets.figures import each_year_of
from budgets.models import Outlook
from budgets.querysets import follows
from budgets.rules import Level
from office.access import allowed
from office.choices import ORDERERS
from office.models import Unit, User
from office.panels import Panel, panel
from office.workdays import local_date


@panel("unit", 10)
def of_unit(user: User, shown: Any, at: datetime) -> Panel | None:
    """How the year looks, as it was last counted, and the way to the whole (one query)."""
    if not isinstance(shown, Unit) or not allowed(user, SEE_BUDGETS):
        return None
    year = local_date(at).year
    outlook = Outlook.objects.filter(unit=shown, year=year).first()
    return Panel("budgets/panel_unit.html", {"unit": shown, "year": year, "outlook": outlook})


@dataclass(frozen=True)
class Left:
    """What an order takes of a year's budget: ``left`` after what is agreed, ``after`` with this order, too."""

    year: int
    takes: Decimal
    left: Decimal
    level: Level

    @property
    def after(self) -> Decimal:
        return self.left - self.takes


def may_see_left(user: User, unit: Unit) -> bool:
    """Whoever decides about an order sees what is left: the named employee, the deputy, the coordinator, and staff of
    a unit that trusts them to order without confirmation.
    """
    if follows(user, unit.pk):
        return True
    return user.holdings.holds(ORDERERS, unit.pk) and trusts_staff(unit)


@panel("order_price", 10)
def left_for_order(user: User, shown: Any, at: datetime) -> Panel | None:
    """What is left of the unit's budget beside what the order takes. Tells, never forbids. One query."""
    if not isinstance(shown, Priced) or any(one.problem for one in shown.sums):
        return None
    unit = shown.order.unit
    if not may_see_left(user, unit):
        return None
    takes = dict(sorted(shown.by_year().items()))
    years = each_year_of([unit], list(takes), at=at, offered=False)
    told = [
        Left(year, takes[year], found.left, found.level)
        for year, [found] in zip(takes, years, strict=True)
        if found.left is not None
    ]
    return Panel("budgets/panel_order.html", {"unit": unit, "years": told}) if told else None
