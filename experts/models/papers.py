"""Papers that are not kept, only that they were delivered or seen (R21, domain: privacy)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from experts.models.registry import Expert
from office.models import User


class TaxCard(models.Model):
    """Only that it was delivered to the payroll house, for which year and kind (R21)."""

    class Kind(models.TextChoices):
        WAGE = "wage", _("wages")
        NON_WAGE = "non_wage", _("non-wage compensation")

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="tax_cards")
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("for"), max_length=8, choices=Kind.choices, default=Kind.NON_WAGE)
    delivered_on = models.DateField(_("delivered on"), null=True, blank=True)
    noted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("expert", "-year")
        constraints = [models.UniqueConstraint(fields=["expert", "year", "kind"], name="tax_card_once")]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.year}"


class SeenPaper(models.Model):
    """A paper that the office has seen and given back: what, when, by whom, until when it holds. No copy is kept."""

    class Kind(models.TextChoices):
        CRIMINAL_RECORD = "criminal_record", _("criminal record extract")
        YEL = "yel", _("certificate of self-employed person's pension insurance (YEL)")

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="seen_papers")
    kind = models.CharField(_("paper"), max_length=16, choices=Kind.choices)
    shown_on = models.DateField(_("shown on"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    seen_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("seen by"))

    class Meta:
        ordering = ("expert", "kind", "-shown_on", "-id")
        constraints = [
            models.UniqueConstraint(fields=["expert", "kind", "shown_on"], name="paper_seen_once_a_day"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("shown_on")),
                name="paper_valid_after_shown",
                violation_error_message=_("The end is before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.expert_id}: {self.kind}"
