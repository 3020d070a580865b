"""What belongs to single rows of an hour list: receipts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from fees.querysets_rows import ReceiptQuerySet
from office.models import User


class Receipt(models.Model):
    """A receipt of a journey: the photograph, read and written anew, or the PDF, with its hash.

    Never changed; added and removed only until the unit has approved the list (trigger), then kept with it.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="receipt_files")
    filename = models.CharField(_("file"), max_length=80)
    media_type = models.CharField(max_length=40)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(_("size"))
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by"))

    objects = ReceiptQuerySet.as_manager()

    class Meta:
        ordering = ("session", "id")
        constraints = [
            models.UniqueConstraint(
                fields=["session", "sha256"],
                name="receipt_once",
                violation_error_message=_("This receipt is here already."),
            ),
            models.CheckConstraint(
                condition=Q(media_type__in=["application/pdf", "image/jpeg"]), name="receipt_is_pdf_or_picture"
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_picture(self) -> bool:
        return self.media_type == "image/jpeg"
