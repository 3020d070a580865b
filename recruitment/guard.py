"""Against machines that send forms, without a third party: a stamp, a field to leave empty, a limit by the hour.

The stamp is signed: which form it is (one form makes one application) and when it was opened. The limits stand in the
database, so that they hold for all processes of the server. What is kept of the sender is a keyed fingerprint of the
network address, for an hour. Two sent in the same instant may pass a limit together: it is a brake, not a lock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from allauth.account.adapter import get_adapter
from django.core import signing
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from office.errors import Refused
from recruitment.models import Arrival
from recruitment.rules import HOURLY_FROM_ONE, HOURLY_IN_ALL

SALT = "recruitment.form"
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Stamp:
    """Which form, and when it was opened."""

    key: UUID
    opened_at: datetime

    @classmethod
    def new(cls, at: datetime, key: UUID | None = None) -> "Stamp":
        return cls(key or uuid4(), at)

    @classmethod
    def read(cls, text: str) -> "Stamp | None":
        """None when it was not signed here."""
        try:
            key, opened = signing.loads(text, salt=SALT)
            return cls(UUID(key), datetime.fromisoformat(opened))
        except (signing.BadSignature, ValueError, TypeError):
            return None

    def __str__(self) -> str:
        return signing.dumps([str(self.key), self.opened_at.isoformat()], salt=SALT)


def sender(request: HttpRequest) -> str:
    """A fingerprint of the sender's network address; without the server's key it leads back to nobody."""
    address = get_adapter().get_client_ip(request)
    return str(salted_hmac(SALT, address).hexdigest()[:32])


def count_arrival(sender_: str, *, at: datetime) -> None:
    """Counts one form. Refused when there were too many within the hour. Older counts are removed."""
    Arrival.objects.filter(at__lte=at - HOUR).delete()
    counts = Arrival.objects.aggregate(all=Count("pk"), own=Count("pk", filter=Q(sender=sender_)))
    if counts["own"] >= HOURLY_FROM_ONE or counts["all"] >= HOURLY_IN_ALL:
        raise Refused(
            _("Very many applications have come within the hour. Wait an hour and send again, or telephone us.")
        )
    Arrival.objects.create(at=at, sender=sender_)
