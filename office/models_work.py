"""Work that takes longer than anybody waits at a page (office.longwork)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class LongWork(models.Model):
    """A piece of work and how far it is. What is left of it are its parts; there are none when it is done."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Broken off")
        FAILED = "failed", _("Not finished")
        DONE = "done", _("Done")

    kind = models.CharField(max_length=40)
    about = models.BigIntegerField()  # id of the record that the work is for
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.RUNNING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("office.User", on_delete=models.SET_NULL, null=True, related_name="+")
    stopped_at = models.DateTimeField(null=True)
    stopped_by = models.ForeignKey("office.User", on_delete=models.SET_NULL, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["kind", "about"], name="one_work_about_a_record"),
            models.CheckConstraint(condition=models.Q(done__lte=models.F("total")), name="work_done_of_total"),
            models.CheckConstraint(
                condition=~models.Q(state="stopped") | models.Q(stopped_at__isnull=False),
                name="stopped_work_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}: {self.done}/{self.total}"


class WorkPart(models.Model):
    """What is left to do. A worker locks a part, does it and deletes it in one transaction: it is done once or not."""

    work = models.ForeignKey(LongWork, on_delete=models.CASCADE, related_name="parts")
    what = models.JSONField()  # names and ids of records, nothing else
    size = models.PositiveIntegerField(default=1)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.work_id}: {self.what}"
