"""Work that takes longer than anybody waits at a page (office.longwork)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.choices import Language


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


class Export(models.Model):
    """A year's list that somebody asked for as a file (office.exporting): long work, theirs alone, kept for a day."""

    sort = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.FI)
    asked_by = models.ForeignKey("office.User", on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(_("asked for"))

    class Meta:
        ordering = ("-id",)
        constraints = [models.UniqueConstraint(fields=["asked_by", "sort", "year"], name="export_asked_once")]

    def __str__(self) -> str:
        return f"{self.sort} {self.year}"


class ExportFile(models.Model):
    """A piece of an export: a file of its archive (``name``), or a month's rows of its sheet."""

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="files")
    place = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    made_for = models.DateTimeField(null=True)  # the moment that the archive tells
    size = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ("place",)
        constraints = [models.UniqueConstraint(fields=["export", "place"], name="export_piece_once")]

    def __str__(self) -> str:
        return f"{self.export_id}: {self.place} {self.name}"
