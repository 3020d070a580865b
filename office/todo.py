"""What waits for a person: one sentence, a due time, one verb. Each app tells its own in ``todo.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from office.together import Row, ask_together

if TYPE_CHECKING:
    from office.models import User


@dataclass(frozen=True)
class Todo:
    """A row of the first page. ``due`` is the moment, ``due_text`` its words; ``urgent`` marks what runs out soon."""

    sentence: str
    url: str
    verb: str
    due: datetime | None = None
    due_text: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Ask:
    """A question of a source: a ``values_list`` queryset, and what its rows mean. All are asked in one query."""

    rows: "QuerySet[Any, Any]"
    tell: "Callable[[list[Row]], Iterable[Todo]]"


Source = Callable[["User", datetime], Iterable[Todo | Ask]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Registers a function that tells what waits for a person at a moment, or asks (``Ask``); no queries in loops."""
    SOURCES.append(function)
    return function


def todos(user: "User", at: datetime) -> list[Todo]:
    """Everything that waits for the person, the soonest first, what has no date last."""
    items = [item for tell in SOURCES for item in tell(user, at)]
    found = [item for item in items if isinstance(item, Todo)]
    asks = [item for item in items if isinstance(item, Ask)]
    for ask, rows in zip(asks, ask_together([ask.rows for ask in asks]), strict=True):
        found += ask.tell(rows)
    return sorted(found, key=lambda todo: (todo.due is None, todo.due or at))
