"""Sheets that were uploaded for a look before they are taken."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.models import User


class UploadedSheet(models.Model):
    """A file between its dry run and being taken. Its content is dropped when it has been taken, or after a day."""

    class Sort(models.TextChoices):
        UNITS = "units", _("Units")
        FEE_TABLE = "fee_table", _("Fee table")
        REGISTRY = "registry", _("Registry of experts")
        HOURS = "hours", _("Hours of a month")

    sort = models.CharField(_("what it holds"), max_length=10, choices=Sort.choices)
    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    result = models.CharField(_("result"), max_length=200, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name
