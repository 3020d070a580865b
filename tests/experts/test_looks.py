"""Who has looked: the coordinator's list of all looks, the expert's own."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import ReadLog
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 5, 9)


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def looks(cast: Cast) -> None:
    rows = [
        (at(2026, 10, 1, 0, 5), cast.coordinator, cast.expert, "page"),
        (at(2026, 10, 1, 23, 55), cast.finance, cast.second_expert, "edit"),
        (at(2026, 10, 2, 0, 0), cast.coordinator, None, "export"),
        (at(2026, 10, 2, 12), cast.orderer, None, "topic search:1"),
    ]
    ReadLog.objects.bulk_create(ReadLog(at=when, reader=who, expert=whom, what=what) for when, who, whom, what in rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["topic search:1", "export", "edit", "page"]),
        ({"reader": "carla COORD"}, ["export", "page"]),
        ({"expert": "otto"}, ["edit"]),
        ({"day": "1.10.2026"}, ["edit", "page"]),
        ({"what": "topic search"}, ["topic search:1"]),
        ({"reader": "carla", "expert": "eva", "day": "2.10.2026"}, []),
    ],
    ids=["all", "who", "whom", "a day in Helsinki", "what", "nothing"],
)
def test_the_coordinator_filters_all_looks(
    cast: Cast, client_for: SignIn, looks: None, asked: dict[str, str], found: list[str]
) -> None:
    page = client_for(cast.coordinator).get(reverse("experts:looks"), asked)
    assert [look.what for look, _words in page.context["rows"]] == found
    assert ReadLog.objects.count() == 4  # looking at the looks is no look at a record


def test_pages_of_fifty(cast: Cast, client_for: SignIn) -> None:
    ReadLog.objects.bulk_create(
        ReadLog(at=NOW, reader=cast.finance, expert=cast.expert, what="page") for _ in range(51)
    )
    client = client_for(cast.coordinator)
    assert [len(client.get(reverse("experts:looks"), {"page": n}).context["rows"]) for n in (1, 2)] == [50, 1]


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_nobody_else_sees_all_looks(cast: Cast, client_for: SignIn, who: str) -> None:
    assert client_for(getattr(cast, who)).get(reverse("experts:looks")).status_code == 403


def test_the_expert_reads_own_looks_and_what_is_not_written_down(cast: Cast, client_for: SignIn, looks: None) -> None:
    client_for(cast.coordinator).get(reverse("experts:expert", args=[cast.expert.pk]))
    client_for(cast.coordinator).get(reverse("experts:expert_edit", args=[cast.expert.pk]))
    client_for(cast.orderer).get(reverse("assignments:find"))
    page = client_for(cast.expert_user).get(reverse("experts:reads", args=[cast.expert.pk]))
    assert [look["text"] for look in page.context["looks"]] == [
        "Carla Coordinator: the form for changes",
        "Carla Coordinator: the whole record",
        "Carla Coordinator: the whole record",
    ]
    assert "Units see only what the expert has agreed to show; that is not written down." in page.content.decode()
