"""Questions about experts and contracts."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from office.choices import ORDERERS, Role

if TYPE_CHECKING:
    from experts.models import Contract, Expert
    from office.models import User


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: "User") -> "ExpertQuerySet":
        """The full record: the coordinator's, and the expert's own. (Staff search shows published facts only.)"""
        if user.has_role(Role.COORDINATOR):
            return self
        return self.filter(user=user)

    def findable_by(self, user: "User") -> "ExpertQuerySet":
        """Active experts that people who order may find; nobody else finds anybody."""
        if user.has_role(Role.COORDINATOR, *ORDERERS):
            return self.filter(state="active")
        return self.none()

    def search(self, text: str) -> "ExpertQuerySet":
        """By any words of the name, e-mail, municipality or payroll number; ä and ö without case."""
        found = self
        for word in text.split():
            found = found.filter(
                Q(first_name__icontains=word)
                | Q(last_name__icontains=word)
                | Q(email__icontains=word)
                | Q(municipality__icontains=word)
                | Q(payroll_number__startswith=word)
            )
        return found

    def with_contract(self, day: date, kind: str = "") -> "ExpertQuerySet":
        """Experts whose contract covers the day (and the kind of work)."""
        from experts.models import Contract  # noqa: PLC0415 - models import querysets

        contracts = Contract.objects.covering(day, kind).filter(expert=OuterRef("pk"))
        return self.filter(Exists(contracts))


class ContractQuerySet(models.QuerySet["Contract"]):
    def covering(self, day: "date | datetime", kind: str = "") -> "ContractQuerySet":
        """Signed contracts that hold on the day (both ends included) and name the kind of work."""
        found = self.filter(
            Q(valid_to__isnull=True) | Q(valid_to__gte=day), state__in=["in_force", "ended"], valid_from__lte=day
        )
        return found.filter(kinds__contains=[kind]) if kind else found
