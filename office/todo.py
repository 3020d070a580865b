"""What waits for a person: one sentence, a due time, one verb. Each app tells its own in ``todo.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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


Source = Callable[["User", datetime], Iterable[Todo]]
SOURCES: list[Source] = []


def source(function: Source) -> Source:
    """Registers a function that tells what waits for a person at a moment (few queries, none in loops)."""
    SOURCES.append(function)
    return function


def todos(user: "User", at: datetime) -> list[Todo]:
    """Everything that waits for the person, the soonest first, what has no date last."""
    found = [todo for tell in SOURCES for todo in tell(user, at)]
    return sorted(found, key=lambda todo: (todo.due is None, todo.due or at))
