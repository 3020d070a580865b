"""Sheets that were uploaded for a look before they are taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from desk.reports import ErasureReport as ErasureReport
from desk.reports import RemovalReport as RemovalReport
from desk.reports import RetentionRun as RetentionRun
from office.choices import Language
from office.models import User


class UploadedSheet(models.Model):
    """A file between its dry run and being taken. Its content is dropped when it has been taken, or after a day.

    ``attempt`` grows with every piece of work on it: work that was left behind finds that it is no longer its turn.
    """

    class Sort(models.TextChoices):
        UNITS = "units", _("Units")
        FEE_TABLE = "fee_table", _("Fee table")
        REGISTRY = "registry", _("Registry of experts")
        HOURS = "hours", _("Hours of a month")

    class State(models.TextChoices):
        LOOKING = "looking", _("being read")
        LOOKED = "looked", _("waits for your decision")
        TAKING = "taking", _("being taken")
        TAKEN = "taken", _("taken")
        STOPPED = "stopped", _("broken off")

    sort = models.CharField(_("what it holds"), max_length=10, choices=Sort.choices)
    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.FI)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.LOOKING)
    attempt = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)  # how often this attempt was begun
    beat_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    skip_bad_rows = models.BooleanField(default=False)
    approver = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    report = models.JSONField(null=True, blank=True)
    seen = models.CharField(max_length=64, blank=True)
    asked_again = models.BooleanField(default=False)
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=200, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def at_work(self) -> bool:
        return self.state in {self.State.LOOKING, self.State.TAKING}
