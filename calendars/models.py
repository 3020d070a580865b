"""Private calendar addresses."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from office.models import User
from office.validators import no_identity_code


class Feed(models.Model):
    """A subscription address. Whoever has it reads the calendar, so it can be revoked; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=60, validators=[no_identity_code])
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.name}"
