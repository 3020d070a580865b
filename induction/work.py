"""Who has agreed work in which unit. The floor above knows it (orders stand beside this app) and tells it here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

#: Whoever had a session in the unit later than this ago works there.
LATELY = timedelta(days=180)

Teller = Callable[[], "QuerySet[Any]"]
_TELLERS: list[Teller] = []


def tells_work(function: Teller) -> Teller:
    """Registers who tells: a queryset without order whose rows have ``expert``, ``unit``, ``starts_at``, ``ends_at``.

    Only work that is agreed or took place. One teller is enough; the last one counts.
    """
    _TELLERS[:] = [function]
    return function


def agreed_work() -> "QuerySet[Any]":
    """The sessions, to be filtered, counted or used in a subquery."""
    return _TELLERS[0]()
