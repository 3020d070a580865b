"""The clock of budgets."""

from celery import shared_task
from django.utils import timezone

from budgets.actions import count_when_due


@shared_task
def tick_outlooks() -> None:
    """The tick: counts how the year looks, once an hour; harmless at any time and as often as one likes."""
    count_when_due(at=timezone.now())
