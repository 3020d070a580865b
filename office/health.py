"""Whether the program can do its work: database, broker, clock, messages. Counts and times, nothing about people."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.models import Case, Min, When
from django.db.models.functions import Coalesce

from office.choices import MessageState
from office.models import Heartbeat, OutboxMessage

#: The clock ticks every minute.
CLOCK_LATE = timedelta(minutes=10)
#: A message leaves within seconds; when the mail server is away, or no worker at work, it waits.
MESSAGE_LATE = timedelta(minutes=30)
BROKER_SECONDS = 2


@dataclass
class Health:
    """``parts`` says ``ok`` or what is wrong of each part; ``seconds`` how long ago something was."""

    parts: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, int | None] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        return all(said in {"ok", "none", "not yet"} for said in self.parts.values())


def look(*, at: datetime) -> Health:
    """Asks every part. Never raises: what cannot be asked is told as wrong."""
    found = Health()
    found.parts["broker"] = _broker()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        tick, oldest = last_tick(), oldest_unsent(at=at)
    except Error:
        found.parts["database"] = "no answer"
        return found
    found.parts["database"] = "ok"
    found.seconds["last_tick"] = ago(tick, at)
    found.parts["clock"] = "not yet" if tick is None else "late" if at - tick > CLOCK_LATE else "ok"
    found.seconds["oldest_unsent_message"] = ago(oldest, at)
    found.parts["messages"] = "late" if oldest and at - oldest > MESSAGE_LATE else "ok"
    return found


def last_tick() -> datetime | None:
    """When the clock last sent what was due; None before it has ever ticked."""
    return Heartbeat.objects.filter(name="clock").values_list("at", flat=True).first()


def oldest_unsent(*, at: datetime) -> datetime | None:
    """Since when the oldest message waits that should have left: due, or claimed and not sent.

    One that the mail server has put off is due again after its pause; one that never got to it waits since it was due.
    """
    unsent = OutboxMessage.objects.filter(state__in=[MessageState.WAITING, MessageState.SENDING])
    since = Case(When(attempts__gt=0, then=Coalesce("retry_at", "due_at")), default="due_at")
    unsent = unsent.annotate(since=since).filter(since__lte=at)
    oldest: datetime | None = unsent.aggregate(oldest=Min("since"))["oldest"]
    return oldest


def ago(moment: datetime | None, at: datetime) -> int | None:
    """Whole seconds since the moment; 0 for one ahead (a clock that was set back)."""
    return None if moment is None else max(0, int((at - moment).total_seconds()))


def _broker() -> str:
    if not settings.REDIS_URL:
        return "none"
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=BROKER_SECONDS, socket_connect_timeout=BROKER_SECONDS
        )
        with client:
            client.ping()
    except (redis.RedisError, OSError, ValueError):
        return "no answer"
    return "ok"
