"""The course of a unit's individual and pair work (R8), and the regular meeting that follows it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assignments.models.orders import Order
from assignments.querysets import CoordinationMeetingQuerySet, ProcessQuerySet
from assignments.states import ProcessState
from office.models import Unit, User
from office.validators import no_identity_code


class Process(models.Model):
    """One piece of individual or pair work from plan to ending. Nothing about the client, nothing about health."""

    State = ProcessState

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="process")
    state = models.CharField(_("stage"), max_length=8, choices=State.choices, default=State.PLANNED)
    closing_word = models.CharField(
        _("closing word"),
        max_length=300,
        blank=True,
        validators=[no_identity_code],
        help_text=_("How the work went, in a sentence. Nothing about the client or about health."),
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProcessQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="ended_process_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.state}"


class CoordinationMeeting(models.Model):
    """The regular meeting of the coordinator and a unit (or all units). Its agenda is what changed since the last."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    held_at = models.DateTimeField(_("held"))
    since = models.DateTimeField(_("changes since"))
    note = models.TextField(_("note"), blank=True, validators=[no_identity_code])
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = CoordinationMeetingQuerySet.as_manager()

    class Meta:
        ordering = ("-held_at", "-id")

    def __str__(self) -> str:
        return f"{self.held_at:%Y-%m-%d}"


class MeetingDecision(models.Model):
    """What was decided, who does it, and until when."""

    meeting = models.ForeignKey(CoordinationMeeting, on_delete=models.CASCADE, related_name="decisions")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(_("decision"), max_length=300, validators=[no_identity_code])
    who = models.CharField(_("who does it"), max_length=120, blank=True)
    person = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("who does it")
    )  # who has an account: it stands among their tasks
    due = models.DateField(_("by"), null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("meeting", "id")

    def __str__(self) -> str:
        return self.text
