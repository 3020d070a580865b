"""Who has agreed work in which unit, told to induction, which stands beside the orders (R27)."""

from typing import Any

from django.db.models import QuerySet

from assignments.models import Session
from induction.work import tells_work


@tells_work
def sessions() -> "QuerySet[Any]":
    """Agreed sessions, and those in which the expert was there."""
    return Session.objects.taking_time().order_by()
