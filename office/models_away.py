"""When an employee is away (office.away)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from office.fields import DateRange, Int8Range
from office.querysets import AwayQuerySet


class Away(models.Model):
    """An employee is away from a day through a last one (Helsinki, both included). Nobody asks or keeps why."""

    user = models.ForeignKey("office.User", on_delete=models.PROTECT, related_name="aways", verbose_name=_("person"))
    first_day = models.DateField(_("first day"))
    last_day = models.DateField(_("last day"))
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey("office.User", on_delete=models.PROTECT, related_name="+")

    objects = AwayQuerySet.as_manager()

    class Meta:
        ordering = ("first_day", "id")
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")),
                name="away_ends_after_it_begins",
                violation_error_message=_("The last day is before the first one."),
            ),
            ExclusionConstraint(
                name="one_absence_at_a_time",
                expressions=[
                    (Int8Range("user_id"), RangeOperators.EQUAL),
                    (DateRange("first_day", "last_day"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("An absence on these days is written down already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.first_day} – {self.last_day}"
