"""Who has looked at what."""

from django.db import models

from experts.models.registry import Expert
from office.models import User


class ReadLog(models.Model):
    """A look at an expert's full record, an export, or a search by topic: who, when, what. Append-only (trigger)."""

    at = models.DateTimeField()
    reader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, null=True, related_name="reads")
    what = models.CharField(max_length=60)

    class Meta:
        ordering = ("-id",)
        indexes = [models.Index(fields=["expert", "-id"], name="reads_of_expert")]

    def __str__(self) -> str:
        return f"{self.what} {self.expert_id}"
