"""Questions about what belongs to single rows."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from office.choices import NAMED, Role

if TYPE_CHECKING:
    from fees.models_rows import CorrectionRequest, Receipt  # noqa: F401 - named in the annotations of the classes
    from office.models import User


def _seen(user: "User") -> Q:
    """Of the unit's named employee and deputy, and an expert's own."""
    seen = Q(session__unit__in=user.holdings.units_as(*NAMED))
    if user.has_role(Role.EXPERT):
        seen |= Q(session__expert__user=user)
    return seen


class ReceiptQuerySet(models.QuerySet["Receipt"]):
    def visible_to(self, user: "User") -> "ReceiptQuerySet":
        """The coordinator all, the named employee and deputy their unit's, an expert their own."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(_seen(user))


class RequestQuerySet(models.QuerySet["CorrectionRequest"]):
    def visible_to(self, user: "User") -> "RequestQuerySet":
        """The coordinator all, the named employee and deputy their unit's, an expert their own."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(_seen(user))

    def to_answer_by(self, user: "User") -> "RequestQuerySet":
        """Open ones that this person answers: nobody's own, nor what the person asked for somebody else (R23)."""
        found = self.filter(state="open").exclude(session__expert__user=user).exclude(asked_by=user)
        if user.has_role(Role.COORDINATOR):
            return found
        return found.filter(session__unit__in=user.holdings.units_as(*NAMED))
