"""The main menu as data: each app adds its entries in ``apps.py``'s neighbour ``navigation.py``; roles decide."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

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


def menu(request: HttpRequest) -> list[Shown]:
    """The entries for the person, the current one marked."""
    shown = []
    for item in sorted(ENTRIES, key=lambda found: found.place):
        if not allowed(request.user, item.permission):
            continue
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:  # pragma: no cover - a wrong name fails in tests/office/test_navigation
            continue
        current = request.path == url if url == "/" else request.path.startswith(url)
        shown.append(Shown(item.label, url, current))
    return shown
