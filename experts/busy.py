"""What takes an expert's time besides sessions, told by the apps above in their ``busy.py``; read at start.

The one question behind the search, the steps and saving (R10): a source that is registered counts in all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Value
from django.utils.functional import Promise

from experts.querysets import ExpertQuerySet
from office.asked_once import Question

Times = Sequence[tuple[datetime, datetime]]
#: Times (UTC, half-open) → rows that take the time of their ``expert`` at one of them, with ``starts_at``, ``ends_at``.
Rows = Callable[[Times], QuerySet[Any]]


@dataclass(frozen=True)
class Taken:
    """A time that is taken, and by what, in words."""

    what: str
    starts_at: datetime
    ends_at: datetime


_SOURCES: list[tuple[str | Promise, Rows]] = []
#: The same in their order, asked of one expert over one stretch of time.
_ASKED: list[Question[tuple[datetime, datetime]]] = []


def busy(words: str | Promise) -> Callable[[Rows], Rows]:
    """Registers a source; ``words`` name what takes the time: "work supervision"."""

    def register(rows: Rows) -> Rows:
        _SOURCES.append((words, rows))
        _ASKED.append(
            Question(
                lambda expert, start, end: (
                    rows([(start, end)]).filter(expert=expert).values_list("starts_at", "ends_at")
                ),
                expert=int,
                start=datetime,
                end=datetime,
            )
        )
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


def taken_otherwise(expert_id: int, times: Times) -> list[Taken]:
    """What takes the expert's time at the times. A query a source."""
    if not times:
        return []
    start, end = min(begins for begins, _ends in times), max(ends for _begins, ends in times)
    return [
        Taken(str(words), starts_at, ends_at)
        for (words, _rows), asked in zip(_SOURCES, _ASKED, strict=True)
        for starts_at, ends_at in asked(expert=expert_id, start=start, end=end)
        if any(starts_at < ends and begins < ends_at for begins, ends in times)
    ]
