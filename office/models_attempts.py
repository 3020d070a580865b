"""What is counted against guessing, for all processes of the server together."""

from django.db import models


class Attempt(models.Model):
    """A row of Django's cache in the database (``CACHES``), which alone writes it: sign-ins tried, codes used.

    ``cache_key`` is a keyed fingerprint: it names neither an address nor a person.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("expires",)

    def __str__(self) -> str:
        return f"{self.expires:%Y-%m-%d %H:%M}"
