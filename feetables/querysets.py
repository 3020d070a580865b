"""Which table holds when."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from feetables.models import FeeTable


class FeeTableQuerySet(models.QuerySet["FeeTable"]):
    def in_force(self, day: date) -> "FeeTable | None":
        """The approved table that holds on ``day``, its items fetched."""
        return (
            self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), state="approved", valid_from__lte=day)
            .prefetch_related("items")
            .first()
        )
