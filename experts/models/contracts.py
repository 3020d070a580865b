"""Commission contracts (R26)."""

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.models.registry import Expert
from experts.querysets import ContractQuerySet
from feetables.models import FeeTable
from office.choices import TASK_TYPES
from office.fields import DateRange, Int8Range


class Contract(models.Model):
    """A commission contract (R26): no work is agreed outside its validity (both days included)."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        IN_FORCE = "in_force", _("In force")
        ENDED = "ended", _("Ended early")

    expert = models.ForeignKey(Expert, on_delete=models.PROTECT, related_name="contracts", verbose_name=_("expert"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    kinds = ArrayField(models.CharField(max_length=20, choices=TASK_TYPES), verbose_name=_("kinds of work"))
    fee_table = models.ForeignKey(
        FeeTable,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contracts",
        verbose_name=_("fee table"),
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)

    objects = ContractQuerySet.as_manager()

    class Meta:
        ordering = ("expert", "-valid_from")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="contract_ends_after_start",
                violation_error_message=_("The end is before the beginning."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(signed_on__isnull=False),
                name="contract_in_force_is_signed",
                violation_error_message=_("A contract in force has a day of signing."),
            ),
            models.CheckConstraint(
                condition=~Q(state="ended", valid_to__isnull=True), name="ended_contract_has_an_end"
            ),
            ExclusionConstraint(
                name="contracts_do_not_overlap",
                expressions=[
                    (Int8Range("expert_id"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=["in_force", "ended"]),
                violation_error_message=_("The expert has another contract on some of these days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.valid_from}–{self.valid_to or ''}"

    def covers(self, day: date, kind: str) -> bool:
        """Whether work of this kind may be agreed for the day."""
        inside = self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
        return self.state != self.State.DRAFT and inside and kind in self.kinds
