"""Questions about hour lists and runs."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from office.choices import NAMED, Role

if TYPE_CHECKING:
    from fees.models import HourList, PaymentRun, Rejection, RunLine
    from office.models import User


class HourListQuerySet(models.QuerySet["HourList"]):
    def visible_to(self, user: "User") -> "HourListQuerySet":
        """The coordinator all, the named employee and deputy their unit's, an expert their own. Finance sees runs."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(unit__in=user.holdings.units_as(*NAMED))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert__user=user)
        return self.filter(seen)

    def to_check_by(self, user: "User") -> "HourListQuerySet":
        """At the unit, waiting for this person; nobody's own, nor what the person sent for somebody else (R23)."""
        at_unit = self.filter(state="at_unit", unit__in=user.holdings.units_as(*NAMED))
        return at_unit.exclude(expert__user=user).exclude(sent_by=user)


class RunQuerySet(models.QuerySet["PaymentRun"]):
    def visible_to(self, user: "User") -> "RunQuerySet":
        """Coordinator and finance."""
        return self if user.has_role(Role.COORDINATOR, Role.FINANCE) else self.none()


class RunLineQuerySet(models.QuerySet["RunLine"]):
    def visible_to(self, user: "User") -> "RunLineQuerySet":
        """Coordinator and finance all, the named employee the unit's, an expert their own."""
        if user.has_role(Role.COORDINATOR, Role.FINANCE):
            return self
        seen = Q(unit__in=user.holdings.units_as(*NAMED))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert__user=user)
        return self.filter(seen)


class RejectionQuerySet(models.QuerySet["Rejection"]):
    def waiting(self) -> "RejectionQuerySet":
        """Not paid and in no other run yet."""
        return self.filter(state="waiting")

    def unpaid_here(self) -> "RejectionQuerySet":
        """What the run of the line does not pay: waiting, or carried into a later run."""
        return self.exclude(state="resent")
