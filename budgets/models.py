"""Budgets in dated versions, the warning levels, and how each unit's year looked when it was last counted."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from budgets.querysets import BudgetQuerySet
from office.models import Unit, User
from office.validators import no_identity_code


class Budget(models.Model):
    """What a unit may spend on the work of a calendar year, in euros. The newest row counts; none is ever changed."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="budgets", verbose_name=_("unit"))
    year = models.PositiveSmallIntegerField(_("year"))
    amount = models.DecimalField(_("budget, €"), max_digits=12, decimal_places=2)
    reason = models.CharField(_("decision or reason"), max_length=200, blank=True, validators=[no_identity_code])
    set_at = models.DateTimeField(_("set"))
    # Nobody: by the office's own command, or before it was noted who.
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ("unit", "year", "id")
        indexes = [models.Index(fields=["year", "unit", "-id"], name="budget_of_year")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="budget_is_not_negative",
                violation_error_message=_("A budget cannot be less than nothing."),
            ),
            models.CheckConstraint(
                condition=Q(year__range=(2000, 2100)),
                name="budget_year_is_of_our_time",
                violation_error_message=_("There is no budget of such a year."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year}: {self.amount}"


class WarningLevels(models.Model):
    """From which share of the budget on a forecast is warned of (dated rows; the latest that has begun holds)."""

    valid_from = models.DateField(
        _("from"), unique=True, error_messages={"unique": _("Levels from this day on are there already.")}
    )
    near = models.PositiveSmallIntegerField(
        _("near the budget above, %"), default=90, validators=[MinValueValidator(1), MaxValueValidator(999)]
    )
    over = models.PositiveSmallIntegerField(
        _("over the budget above, %"), default=100, validators=[MinValueValidator(2), MaxValueValidator(1000)]
    )

    class Meta:
        ordering = ("valid_from",)
        constraints = [
            models.CheckConstraint(
                condition=Q(near__lt=F("over")),
                name="near_is_below_over",
                violation_error_message=_("The first level must be lower than the second."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from}: {self.near}, {self.over}"


class Outlook(models.Model):
    """How the year of a unit looked when it was last counted, so that the first page need not count (budgets.tasks).

    ``level`` as in ``budgets.rules.Level``. What the unit or the coordinator has taken note of waits for them no more
    until the level rises.
    """

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="outlooks")
    year = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    forecast = models.DecimalField(max_digits=12, decimal_places=2)
    counted_at = models.DateTimeField()
    unit_noted = models.PositiveSmallIntegerField(default=0)
    office_noted = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("year", "unit")
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="one_outlook_a_year")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.year}: {self.level}"
