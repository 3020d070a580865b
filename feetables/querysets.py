"""Which table holds when."""

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from feetables.models import FeeItem, FeeTable


class FeeTableQuerySet(models.QuerySet["FeeTable"]):
    def in_force(self, day: date) -> "FeeTable | None":
        """The approved table that holds on ``day``, its items fetched."""
        return (
            self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), state="approved", valid_from__lte=day)
            .prefetch_related("items")
            .first()
        )


class FeeItemQuerySet(models.QuerySet["FeeItem"]):
    def of_days(self, days: Collection[date]) -> "FeeItemQuerySet":
        """The items, with their tables, of the approved tables that hold between the first and the last of the days."""
        tables = Q(table__valid_to__isnull=True) | Q(table__valid_to__gte=min(days))
        return self.filter(tables, table__state="approved", table__valid_from__lte=max(days)).select_related("table")
