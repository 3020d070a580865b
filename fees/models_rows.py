"""What belongs to single rows of an hour list: receipts, rows added afterwards, what is being typed, requests."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from fees.querysets_rows import ReceiptQuerySet, RequestQuerySet
from fees.states import RequestState
from office.models import User
from office.validators import no_identity_code


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


class AddedRow(models.Model):
    """That a time was added to the month afterwards, against an agreed order: what it was, who ordered it and why.

    The time itself is a session like all others. Frozen with the list (trigger).
    """

    class What(models.TextChoices):
        MEETING = "meeting", _("one more meeting")
        PREPARATION = "preparation", _("preparation")

    session = models.OneToOneField(Session, on_delete=models.PROTECT, related_name="added")
    what = models.CharField(_("what was done"), max_length=12, choices=What.choices)
    ordered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("ordered by"))
    why = models.CharField(_("why it was not agreed before"), max_length=300, validators=[no_identity_code])
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"))

    class Meta:
        ordering = ("session",)
        constraints = [models.CheckConstraint(condition=~Q(why=""), name="added_row_says_why")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.what}"


class RowDraft(models.Model):
    """What somebody is typing about a time, kept on the server until it is saved for good (D1, P13).

    Only who typed it sees it. ``version`` grows with each saving, so that another window does not write over it.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="drafts")
    written_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    values: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        ordering = ("session",)
        constraints = [models.UniqueConstraint(fields=["session", "written_by"], name="one_draft_of_a_row")]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.version}"


class CorrectionRequest(models.Model):
    """The expert asks to correct a time that the unit has approved: what it should be, and the answer."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="correction_requests")
    state = models.CharField(_("state"), max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    wanted = models.CharField(_("what it should be, and why"), max_length=300, validators=[no_identity_code])
    asked_at = models.DateTimeField(_("asked"))
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(_("answer"), max_length=300, blank=True, validators=[no_identity_code])
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    correction = models.OneToOneField(
        "fees.Correction", on_delete=models.SET_NULL, null=True, blank=True, related_name="asked_for"
    )

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(state="open"),
                name="one_open_request_a_session",
                violation_error_message=_("A correction of this time has been asked for already."),
            ),
            models.CheckConstraint(condition=~Q(wanted=""), name="request_says_what"),
            models.CheckConstraint(
                condition=Q(state="open", answered_at__isnull=True)
                | (~Q(state="open") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="answered_request_has_its_moment",
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(answer=""), name="declined_request_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}: {self.state}"
