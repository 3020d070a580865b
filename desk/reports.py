"""Reports of erasures and of retention: what went, when, how many. No names. Never changed (triggers)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.models import User


class ErasureReport(models.Model):
    """What was done when an expert was erased. ``removed`` and ``kept`` are by record class (office.rights)."""

    expert_number = models.BigIntegerField(_("number of the expert"), unique=True)  # the row itself goes one day
    at = models.DateTimeField(_("erased"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    account_stays = models.BooleanField(default=False)
    removed = models.JSONField(default=dict)  # {"contracts": 2}
    kept = models.JSONField(default=dict)  # {"fees": {"rows": 12, "until": "2036-10-31"}}

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.expert_number}"


class RetentionRun(models.Model):
    """The retention job was carried out. ``by`` is empty when the clock did it."""

    at = models.DateTimeField(_("carried out"))
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-at", "-id")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class RemovalReport(models.Model):
    """What a run of the job removed of a record class, or why it could not."""

    run = models.ForeignKey(RetentionRun, on_delete=models.PROTECT, related_name="removals")
    record_class = models.SlugField(_("records"), max_length=40)
    removed = models.PositiveIntegerField(_("removed"))
    tables = models.JSONField(default=dict)  # {"fees.RunLine": 120}: with what hung on them
    oldest = models.DateField(_("oldest"), null=True)
    border = models.DateField(_("ended before"))
    problem = models.CharField(_("problem"), max_length=300, blank=True)

    class Meta:
        ordering = ("run", "id")
        constraints = [models.UniqueConstraint(fields=["run", "record_class"], name="one_removal_of_a_class")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.record_class} {self.removed}"
