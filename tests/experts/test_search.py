"""The registry searched by everything, in Finnish order; saved views."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import Absence, Area, ReadLog, SavedView, TopicGroup
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert, make_topic

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 5, 9)
REGISTRY = "/registry/experts/"


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def listed(client: Client, **asked: Any) -> list[str]:
    page = client.get(reverse("experts:registry"), asked)
    assert page.context["form"].errors == {}
    return [row.last_name for row in page.context["page_obj"]]


PEOPLE = ["Aho", "Ähö", "Åho", "Öman", "Oman", "Hämäläinen", "Hamalainen", "Sjöblom", "von Essen", "O'Neill"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("aho", ["Aho"]),
        ("AHO", ["Aho"]),
        ("ähö", ["Ähö"]),
        ("ÄHÖ", ["Ähö"]),
        ("a\u0308ho\u0308", ["Ähö"]),
        ("åho", ["Åho"]),
        ("oman", ["Oman"]),
        ("ÖMAN", ["Öman"]),
        ("hämä", ["Hämäläinen"]),
        ("hama", ["Hamalainen"]),
        ("SJÖB", ["Sjöblom"]),
        ("essen von", ["von Essen"]),
        ("o'ne", ["O'Neill"]),
        ("%", []),
        ("_", []),
        ("\\", []),
    ],
    ids=lambda value: str(value).encode("unicode_escape").decode() if isinstance(value, str) else "",
)
def test_a_is_not_ae_and_capitals_do_not_matter(coordinator: Client, cast: Cast, typed: str, found: list[str]) -> None:
    for n, name in enumerate(PEOPLE):
        make_expert(last_name=name, first_name="Zed", email=f"z{n}@example.org", user=False, contract=False)
    assert listed(coordinator, q=typed) == found


def test_names_stand_in_finnish_order(coordinator: Client, cast: Cast) -> None:
    for n, name in enumerate(PEOPLE):
        make_expert(last_name=name, first_name="Zed", email=f"z{n}@example.org", user=False, contract=False)
    shown = listed(coordinator, q="Zed")
    assert shown.index("Oman") < shown.index("Åho") < shown.index("Ähö") < shown.index("Öman") == len(shown) - 1


@pytest.mark.parametrize(
    "typed",
    [
        "Åkerlund", "åke ÅKER", "ake.akerlund@", "Lapinjärvi", "LAPINJÄRVI åke", "payroll-77", "77", "050 123 4567",
        "0501234567", "+358 50 1234567", "123 4567",
    ],
)  # fmt: skip
def test_one_field_finds_by_name_address_town_number_and_telephone(coordinator: Client, cast: Cast, typed: str) -> None:
    make_expert(
        first_name="Åke",
        last_name="Åkerlund",
        email="ake.akerlund@example.org",
        phone="+358 50 123 4567",
        municipality="Lapinjärvi",
        payroll_number="77" if typed == "77" else "payroll-77",
        user=False,
    )
    make_expert(phone="040 999 8888", municipality="Askola", payroll_number="5", user=False)
    assert listed(coordinator, q=typed) == ["Åkerlund"]


def test_a_few_digits_are_no_telephone(coordinator: Client, cast: Cast) -> None:
    make_expert(phone="050 123 4567", payroll_number="9", user=False)
    assert listed(coordinator, q="123") == []


def test_every_filter_narrows(coordinator: Client, cast: Cast) -> None:
    group = TopicGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp")
    topic, other = make_topic("Velat", group=group), make_topic("Muu")
    askola, sipoo = (Area.objects.create(name_fi=name, name_sv=name) for name in ("Askola", "Sipoo"))
    wanted = make_expert(
        last_name="Wanted", topics=[topic], kinds=["group"], work_languages=["ar"], remote=False, user=False
    )
    wanted.areas.add(askola)
    unwanted = make_expert(
        last_name="Unwanted", topics=[other], kinds=["meeting"], work_languages=["so"], on_site=False
    )
    unwanted.areas.add(sipoo)
    Absence.objects.create(expert=wanted, first_day=date(2026, 10, 5), last_day=date(2026, 10, 5))
    Absence.objects.create(expert=unwanted, first_day=date(2026, 10, 6), last_day=date(2026, 10, 6))
    for asked in (
        {"topic": topic.pk}, {"topic": f"group-{group.pk}"}, {"kind": "group", "language": "ar"}, {"language": "ar"},
        {"way": "on_site", "area": askola.pk, "q": "wanted"}, {"state": "away"}, {"look": "no_account"},
    ):  # fmt: skip
        assert listed(coordinator, **asked) == ["Wanted"], asked
    assert sorted(listed(coordinator, area=sipoo.pk)) == ["Expert", "Other", "Unwanted"]  # no areas: everywhere


def test_a_break_that_ran_out_counts_as_active(coordinator: Client, cast: Cast) -> None:
    make_expert(last_name="Back", state="paused", pause_until=date(2026, 10, 5))
    make_expert(last_name="Resting", state="paused", pause_until=date(2026, 10, 6))
    make_expert(last_name="Gone", state="ended")
    assert listed(coordinator, state="active") == ["Back", "Expert", "Other"]
    assert listed(coordinator, state="paused") == ["Resting"]
    assert listed(coordinator, state="ended") == ["Gone"]


def test_a_search_by_group_is_noted_with_its_name_for_the_coordinator_only(
    coordinator: Client, cast: Cast, client_for: SignIn
) -> None:
    group = TopicGroup.objects.create(name_fi="Secretgroup", name_sv="Hemlig")
    topic = make_topic("Secrettopic", group=group)
    for asked in (topic.pk, f"group-{group.pk}"):
        coordinator.get(reverse("experts:registry"), {"topic": asked})
    assert [look.what for look in ReadLog.objects.order_by("pk")] == [
        f"topic search:{topic.pk}",
        f"topic search:group-{group.pk}",
    ]
    page = coordinator.get(reverse("experts:looks")).content.decode()
    assert "search by topic: Secretgroup" in page
    assert "search by topic: Secrettopic" in page
    assert client_for(cast.expert_user).get(reverse("experts:looks")).status_code == 403


@pytest.mark.parametrize("asked", [{"topic": "group-x"}, {"topic": "999999"}, {"area": "x"}, {"state": "zzz"}])
def test_filters_that_are_not_there_are_told_and_nothing_breaks(
    coordinator: Client, cast: Cast, asked: dict[str, str]
) -> None:
    page = coordinator.get(reverse("experts:registry"), asked)
    assert page.status_code == 200
    assert list(page.context["form"].errors) == list(asked)
    assert ReadLog.objects.count() == 0


# --- saved views -----------------------------------------------------------------------------------------------------


def test_a_view_is_saved_opened_and_removed(coordinator: Client, cast: Cast) -> None:
    query = "q=%C3%A4&state=active&page=7&next=//evil.example&kind="
    answer = coordinator.post(reverse("experts:view_save"), {"name": "Ääkköset", "query": query})
    view = SavedView.objects.get()
    assert (view.user, view.page, view.name, view.query) == (
        cast.coordinator, "registry", "Ääkköset", "q=%C3%A4&state=active",
    )  # fmt: skip
    assert answer["Location"] == f"{reverse('experts:registry')}?q=%C3%A4&state=active"
    page = coordinator.get(answer["Location"])
    assert '<a href="?q=%C3%A4&amp;state=active" aria-current="true">Ääkköset</a>' in page.content.decode()
    coordinator.post(reverse("experts:view_remove", args=[view.pk]))
    assert SavedView.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"name": "Views", "query": "state=active"}, "You have a saved view of this name."),
        ({"name": "", "query": "state=active"}, "This field is required."),
        ({"name": "131052-308T", "query": "state=active"}, "This looks like a personal identity code."),
        ({"name": "New", "query": "page=2"}, "Choose some filters first."),
    ],
    ids=["twice", "no name", "identity code", "no filters"],
)
def test_a_view_that_cannot_be_saved(coordinator: Client, cast: Cast, sent: dict[str, str], said: str) -> None:
    SavedView.objects.create(user=cast.coordinator, page="registry", name="Views", query="q=a")
    page = coordinator.post(reverse("experts:view_save"), sent, follow=True)
    assert [str(message).startswith(said) for message in page.context["messages"]] == [True]
    assert SavedView.objects.count() == 1


def test_views_are_ones_own(coordinator: Client, cast: Cast, client_for: SignIn) -> None:
    from tests.factories import make_user  # noqa: PLC0415 - only here

    other = make_user(roles=["coordinator"])
    theirs = SavedView.objects.create(user=other, page="registry", name="Theirs", query="q=a")
    assert "Theirs" not in coordinator.get(reverse("experts:registry")).content.decode()
    assert coordinator.post(reverse("experts:view_remove", args=[theirs.pk])).status_code == 404
    assert SavedView.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("count", [1, 30])
def test_at_most_ten_queries(coordinator: Client, cast: Cast, django_assert_max_num_queries: Any, count: int) -> None:
    group = TopicGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp")
    topic = make_topic(group=group)
    area = Area.objects.create(name_fi="Askola", name_sv="Askola")
    for n in range(count):
        expert = make_expert(user=False, topics=[topic])
        expert.areas.add(area)
        Absence.objects.create(expert=expert, first_day=date(2026, 10, 1), last_day=date(2026, 10, 9))
        SavedView.objects.create(user=cast.coordinator, page="registry", name=f"View {n}", query="q=a")
    with django_assert_max_num_queries(10):
        asked = {"q": "Lived", "topic": f"group-{group.pk}", "area": area.pk, "state": "active"}
        assert len(listed(coordinator, **asked)) == count
    with django_assert_max_num_queries(10):
        coordinator.get(reverse("experts:looks"))
