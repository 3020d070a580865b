"""Questions about budgets."""

from typing import TYPE_CHECKING

from django.db import models

from office.choices import NAMED, Role

if TYPE_CHECKING:
    from budgets.models import Budget
    from office.models import User
    from office.querysets import UnitQuerySet


class BudgetQuerySet(models.QuerySet["Budget"]):
    def in_force(self, year: int) -> "BudgetQuerySet":
        """The newest version of each unit's budget of the year."""
        return self.filter(year=year).order_by("unit_id", "-id").distinct("unit_id")

    def versions(self, unit_id: int, year: int) -> "BudgetQuerySet":
        """What the budget has been, the newest first, with who set it."""
        return self.filter(unit=unit_id, year=year).select_related("set_by").order_by("-id")


def follows(user: "User", unit_id: int) -> bool:
    """Whether the person follows the unit's money."""
    return user.has_role(Role.COORDINATOR) or user.holdings.holds(NAMED, unit_id)


def followed_by(user: "User", units: "UnitQuerySet") -> "UnitQuerySet":
    """Of the units those whose money the person follows: the coordinator all, named employee and deputy their own."""
    if user.has_role(Role.COORDINATOR):
        return units
    return units.filter(pk__in=user.holdings.units_as(*NAMED))
