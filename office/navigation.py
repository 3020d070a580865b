"""The main menu as data: each app adds its entries in ``apps.py``'s neighbour ``navigation.py``; roles decide."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from office.access import Permission, allowed


@dataclass(frozen=True)
class Entry:
    """A menu entry: shown to who holds the permission, in order of ``place``."""

    place: int
    label: str | Promise
    url_name: str
    permission: Permission


ENTRIES: list[Entry] = []


@dataclass(frozen=True)
class Shown:
    label: str | Promise
    url: str
    current: bool
    count: int | None = None


def entry(place: int, label: str | Promise, url_name: str, needed: Permission) -> None:
    """Registers a menu entry."""
    ENTRIES.append(Entry(place, label, url_name, needed))


#: Room of a row of the menu on a screen 1280 pixels wide, in characters; each entry has air of its own beside them.
ROOM = 144.0
AIR = 3.5


@dataclass(frozen=True)
class Menu:
    """``front`` stands in the row; ``more`` is what has no room there, folded."""

    front: list[Shown]
    more: list[Shown]

    def __bool__(self) -> bool:
        return bool(self.front)

    @property
    def more_is_current(self) -> bool:
        return any(item.current for item in self.more)


def folded(entries: list[Shown]) -> Menu:
    """What fits in one row, in order of ``place``; the last ones are folded, never a single one alone."""
    width = [len(str(item.label)) + AIR for item in entries]
    if sum(width) <= ROOM:
        return Menu(entries, [])
    left = ROOM - len(str(_("More"))) - AIR
    front = 0
    while front < len(entries) - 2 and width[front] <= left:
        left -= width[front]
        front += 1
    return Menu(entries[:front], entries[front:])


def menu(request: HttpRequest) -> list[Shown]:
    """The entries for the person, the current one marked."""
    entries = []
    for item in sorted(ENTRIES, key=lambda found: found.place):
        if not allowed(request.user, item.permission):
            continue
        try:
            entries.append((item.label, reverse(item.url_name)))
        except NoReverseMatch:  # pragma: no cover - a wrong name fails in tests/office/test_navigation
            continue
    here = [url for _label, url in entries if request.path == url or (url != "/" and request.path.startswith(url))]
    current = max(here, key=len, default="")  # /orders/find/ is not also /orders/
    return [Shown(label, url, url == current) for label, url in entries]
