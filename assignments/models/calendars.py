"""Private calendar addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.models import User


class CalendarFeed(models.Model):
    """A subscription address: whoever has it reads the calendar, so it can be revoked. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=60, blank=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("user", "-id")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.name}"
