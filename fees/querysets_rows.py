"""Questions about what belongs to single rows."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from office.choices import NAMED, Role

if TYPE_CHECKING:
    from fees.models_rows import Receipt  # noqa: F401 - named in the annotation of the class
    from office.models import User


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: "User") -> "ReceiptQuerySet":
        """The coordinator all, the named employee and deputy their unit's, an expert their own."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(session__unit__in=user.holdings.units_as(*NAMED))
        if user.has_role(Role.EXPERT):
            seen |= Q(session__expert__user=user)
        return self.filter(seen)
