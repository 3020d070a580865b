"""What takes an expert's time besides sessions, told by the apps above in their ``busy.py``; read at start.

The one question behind the search, the steps and saving (R10): a source that is registered counts in all of them.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.functional import Promise

from experts.querysets import ExpertQuerySet

Times = Sequence[tuple[datetime, datetime]]
#: Times (UTC, half-open) → rows that take the time of their ``expert`` at one of them, with ``starts_at``, ``ends_at``.
Rows = Callable[[Times], QuerySet[Any]]


_SOURCES: list[tuple[str | Promise, Rows]] = []


def busy(words: str | Promise) -> Callable[[Rows], Rows]:
    """Registers a source; ``words`` name what takes the time: "work supervision"."""

    def register(rows: Rows) -> Rows:
        _SOURCES.append((words, rows))
        return rows

    return register


def without_busy(experts: ExpertQuerySet, times: Times) -> ExpertQuerySet:
    """Those whom no source takes at any of the times. No query of its own."""
    for _words, rows in _SOURCES if times else ():
        experts = experts.exclude(pk__in=rows(times).values("expert"))
    return experts


#: The number of the source, the row's key, its beginning and end.
Row = tuple[int, int, datetime, datetime]


def each_source(expert: int, start: datetime, end: datetime) -> list[QuerySet[Any, Row]]:
    """What takes the expert's time then, by source; for a union."""
    return [
        rows([(start, end)])
        .filter(expert=expert)
        .order_by()
        .annotate(source=Value(number))
        .values_list("source", "pk", "starts_at", "ends_at")
        for number, (_words, rows) in enumerate(_SOURCES)
    ]


def taken_by(source: int) -> str:
    """What a source is, in words."""
    return str(_SOURCES[source][0])


def busy_otherwise(expert_id: int, times: Times) -> bool:
    """Whether anything takes the expert's time at one of the times. A query a source."""
    return any(rows(times).filter(expert=expert_id).exists() for _words, rows in _SOURCES if times)
