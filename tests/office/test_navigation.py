"""The menu: nobody is shown an entry that would refuse them."""

from collections.abc import Callable

import pytest
from django.http import HttpRequest
from django.test import Client
from django.urls import resolve, reverse

from office.access import PERMISSIONS
from office.choices import Role
from office.models import User
from office.navigation import AIR, ENTRIES, ROOM, Shown, folded, menu
from tests.conftest import Cast

pytestmark = pytest.mark.django_db

NAMES = sorted({entry.url_name for entry in ENTRIES})
PLAYED_BY = {
    Role.COORDINATOR: "coordinator",
    Role.UNIT_CONTACT: "named",
    Role.DEPUTY: "deputy",
    Role.STAFF: "orderer",
    Role.EXPERT: "expert_user",
    Role.FINANCE: "finance",
    Role.SUPERVISOR: "supervisor",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_leads_to_a_view_that_its_readers_may_see(name: str) -> None:
    view = resolve(reverse(name)).func
    for entry in ENTRIES:
        if entry.url_name == name:
            assert entry.permission.roles <= view.permission.roles, entry.label  # type: ignore[attr-defined]


def test_entries_use_registered_permissions() -> None:
    assert {entry.permission.name for entry in ENTRIES} <= set(PERMISSIONS)


@pytest.mark.parametrize("role", list(Role))
def test_every_entry_shown_opens(
    cast: Cast, http: Callable[..., HttpRequest], client_for: Callable[[User], Client], role: Role
) -> None:
    user = getattr(cast, PLAYED_BY[role])
    browser = client_for(user)
    shown = menu(http(user))
    refused = [
        (str(item.label), code) for item in shown if (code := browser.get(item.url).status_code) not in {200, 302}
    ]
    assert refused == []


@pytest.mark.parametrize("role", list(Role))
def test_the_first_entry_is_my_tasks_and_no_address_comes_twice(
    cast: Cast, http: Callable[..., HttpRequest], role: Role
) -> None:
    shown = menu(http(getattr(cast, PLAYED_BY[role])))
    assert (str(shown[0].label), shown[0].url) == ("My tasks", "/")
    assert len({item.url for item in shown}) == len(shown)


def test_the_page_one_is_on_is_marked(cast: Cast, http: Callable[..., HttpRequest]) -> None:
    assert [str(item.label) for item in menu(http(cast.coordinator, "/")) if item.current] == ["My tasks"]


def shown(*labels: str, current: str = "") -> list[Shown]:
    return [Shown(label, f"/{label}/", label == current) for label in labels]


def test_what_fits_stands_in_the_row() -> None:
    entries = shown("My tasks", "Orders", "Messages")
    assert (folded(entries).front, folded(entries).more) == (entries, [])


def test_the_last_entries_are_folded_when_the_row_is_full() -> None:
    wide = "x" * 30
    entries = shown(*(f"{wide}{n}" for n in range(6)), current=f"{wide}5")
    found = folded(entries)
    assert found.front + found.more == entries
    assert sum(len(str(item.label)) + AIR for item in found.front) + len("More") + AIR <= ROOM
    assert len(found.front) == 3
    assert found.more_is_current
    assert not folded(shown("My tasks", current="My tasks")).more_is_current


def test_never_a_single_entry_alone_under_more() -> None:
    entries = shown("x" * 60, "y" * 60, "z" * 14)
    assert [str(item.label) for item in folded(entries).more] == ["y" * 60, "z" * 14]


def test_nobody_s_menu_is_empty_but_of_who_has_no_role(cast: Cast, http: Callable[..., HttpRequest]) -> None:
    assert folded(menu(http(cast.coordinator)))
    assert not folded([])


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_coordinator_finds_every_entry_in_the_row_or_under_more(
    cast: Cast, client_for: Callable[[User], Client], http: Callable[..., HttpRequest], language: str
) -> None:
    User.objects.filter(pk=cast.coordinator.pk).update(language=language)
    page = client_for(cast.coordinator).get("/units/").content.decode()
    for item in menu(http(cast.coordinator)):
        assert page.count(f'<a href="{item.url}"') >= 1, item.label
    assert page.count('<details class="more"><summary') == 1
