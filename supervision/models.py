"""Work supervision (R10): groups, dates, sign-up, attendance."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import Language
from office.models import User
from supervision.querysets import GroupQuerySet, MeetingQuerySet


class SupervisionGroup(models.Model):
    """A group with its supervisor, who may be from outside."""

    name_fi = models.CharField(_("name in Finnish"), max_length=120)
    name_sv = models.CharField(_("name in Swedish"), max_length=120)
    supervisor = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="supervision_groups", verbose_name=_("supervisor")
    )
    language = models.CharField(_("language"), max_length=2, choices=Language.choices, default=Language.FI)
    seats = models.PositiveSmallIntegerField(_("seats"), default=8)
    is_active = models.BooleanField(_("active"), default=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ("name_fi",)

    def __str__(self) -> str:
        return self.name_fi


class SupervisionMeeting(models.Model):
    """One date of a group. Times are UTC, half-open."""

    group = models.ForeignKey(SupervisionGroup, on_delete=models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    place = models.CharField(_("place"), max_length=200)
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="supervision_ends_after_start"),
            models.UniqueConstraint(fields=["group", "starts_at"], name="supervision_date_once"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id}: {self.starts_at:%Y-%m-%d %H:%M}"


class Attendance(models.Model):
    """An expert's place at a date: signed up, and whether they came."""

    class State(models.TextChoices):
        SIGNED_UP = "signed_up", _("Signed up")
        SIGNED_OFF = "signed_off", _("Signed off")
        PRESENT = "present", _("Present")
        ABSENT = "absent", _("Absent")

    meeting = models.ForeignKey(SupervisionMeeting, on_delete=models.CASCADE, related_name="attendances")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="supervision")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SIGNED_UP)

    class Meta:
        ordering = ("meeting", "expert")
        constraints = [models.UniqueConstraint(fields=["meeting", "expert"], name="one_place_at_a_date")]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.expert_id}"
