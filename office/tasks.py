"""Tasks of the ground floor. They take ids; the clock is read here."""

from celery import shared_task
from django.utils import timezone

from office import by_hand, reminders, sending


@shared_task
def send_message(message_id: int) -> None:
    """Sends one message of the outbox; harmless when it has been sent."""
    sending.send(message_id, at=timezone.now())


@shared_task
def send_messages(ids: list[int]) -> None:
    """Sends these messages over one connection; harmless for those that have been sent."""
    sending.send_these(ids, at=timezone.now())


@shared_task
def send_waiting() -> None:
    """The tick: whatever is due and has not left; what is told by hand is asked whether it still holds."""
    by_hand.close_overtaken(at=timezone.now())
    sending.send_waiting(at=timezone.now())


@shared_task
def tick_reminders() -> None:
    """The tick: whoever is to be reminded, once; late ticks catch up."""
    reminders.tick(at=timezone.now())
