"""Sections that an app adds to a page of an app below it: a training to an expert's page. Told in ``panels.py``.

The page below knows nothing of the app above; it shows what is registered, in the order of ``place``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from office.models import User


@dataclass(frozen=True)
class Panel:
    """One section: its template gets ``panel.context`` besides the page's own context."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


Source = Callable[["User", Any, datetime], Panel | None]
_SOURCES: dict[str, list[tuple[int, Source]]] = {}


def panel(page: str, place: int) -> Callable[[Source], Source]:
    """Registers ``function(user, shown, at)`` for a page; None: nothing to show. Few queries, none in loops."""

    def register(function: Source) -> Source:
        _SOURCES.setdefault(page, []).append((place, function))
        return function

    return register


def panels(page: str, user: "User", shown: Any, at: datetime) -> list[Panel]:
    """What the apps above add to the page. ``shown``: what it is about, mostly a record."""
    sources = sorted(_SOURCES.get(page, []), key=lambda pair: pair[0])
    return [found for _place, tell in sources if (found := tell(user, shown, at)) is not None]
