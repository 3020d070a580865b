"""Messages of the demonstration that wait for the coordinator: on hold, to telephone, told, not needed."""

from datetime import datetime

from office import outbox_actions as actions
from office.choices import MessageState
from office.models import OutboxMessage, User


def load(*, coordinator: User, now: datetime) -> None:
    """A message of each sort, of the newest that have left or wait."""
    by, at = coordinator, now
    waiting = list(OutboxMessage.objects.filter(state=MessageState.WAITING).order_by("-id")[:3])
    for message in waiting[:1]:
        actions.hold(message, by=by, at=at)
    for message in waiting[2:3]:
        actions.discard(message, "Kerrottu puhelimessa.", by=by, at=at)
    newest = OutboxMessage.objects.filter(state=MessageState.SENT).order_by("-id").values_list("pk", flat=True)[20:26:2]
    numbers = list(newest)
    OutboxMessage.objects.filter(pk__in=numbers).update(
        state=MessageState.BY_HAND, sent_at=None, claimed_at=None, attempts=0
    )
    for message in OutboxMessage.objects.filter(pk__in=numbers[:1]):
        actions.tell(message, "telephone", by=by, at=at)
