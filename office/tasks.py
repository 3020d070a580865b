"""Tasks of the ground floor. They take ids; the clock is read here."""

from threading import Thread

from celery import shared_task
from django.conf import settings
from django.db import connection
from django.utils import timezone

from office import by_hand, exporting, longwork, reminders, sending

#: How many workers are asked to make an export together. One that finds nothing left goes.
HANDS = 2


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


@shared_task
def make_export(export_id: int) -> None:
    """Makes parts of an export beside others who do; goes on where an earlier try stopped."""
    work = longwork.find(exporting.EXPORT, export_id)
    if work is not None:
        longwork.go_on(work.pk, at=timezone.now())


@shared_task
def go_on_with_exports() -> None:
    """The tick: exports that are not finished and that nobody has broken off; old ones go."""
    at = timezone.now()
    exporting.drop_old(at=at)
    longwork.go_on_with_all(exporting.EXPORT, at=at)


def start_export(export_id: int) -> None:
    """Has it made: by workers, or without any beside the answer to the click."""
    if settings.CELERY_TASK_ALWAYS_EAGER and not connection.in_atomic_block:
        Thread(target=_beside, args=[export_id]).start()
        return
    for _hand in range(1 if settings.CELERY_TASK_ALWAYS_EAGER else HANDS):
        make_export.delay(export_id)


def _beside(export_id: int) -> None:
    try:
        make_export(export_id)
    finally:
        connection.close()
