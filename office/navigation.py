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
