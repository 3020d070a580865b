"""The clock of offers: what is over its time goes on to the next, what is nearly over is reminded of."""

from celery import shared_task
from django.utils import timezone

from assignments.actions import expire_due, lapse_due, remind_due


@shared_task
def tick_offers() -> None:
    """The tick: harmless at any time and as often as one likes."""
    at = timezone.now()
    expire_due(at=at)
    lapse_due(at=at)
    remind_due(at=at)
