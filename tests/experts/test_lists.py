"""The office's own lists: groups, topics, areas."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from experts import actions
from experts.choices import topic_choices
from experts.models import Area, Topic, TopicGroup
from experts.usual_topics import USUAL_AREAS, USUAL_TOPICS, load_usual
from office.errors import Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_topic

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 5, 9)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn, clock: Clock) -> Client:
    clock(NOW)
    return client_for(cast.coordinator)


def test_groups_are_added_renamed_and_ordered(coordinator: Client) -> None:
    for name in ("Yksi", "Kaksi", "Kolme"):
        coordinator.post(reverse("experts:topic_group_new"), {"name_fi": name, "name_sv": f"{name} sv"})
    first, _second, third = TopicGroup.objects.all()
    assert [group.name_fi for group in TopicGroup.objects.all()] == ["Yksi", "Kaksi", "Kolme"]
    coordinator.post(reverse("experts:topic_group_move", args=[third.pk]), {"to": "up"})
    coordinator.post(reverse("experts:topic_group_move", args=[first.pk]), {"to": "up"})  # is the first already
    coordinator.post(reverse("experts:topic_group", args=[first.pk]), {"name_fi": "Uno", "name_sv": "Ett"})
    assert [group.name_fi for group in TopicGroup.objects.all()] == ["Uno", "Kolme", "Kaksi"]
    kinds = list(LogEntry.objects.values_list("kind", flat=True).order_by("pk"))
    assert kinds == ["topicgroup.add"] * 3 + ["topicgroup.order", "topicgroup.change"]


def test_a_topic_gets_a_group_and_an_area_is_put_out_of_use(coordinator: Client) -> None:
    group = TopicGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp")
    form = {"code": "debts", "name_fi": "Velat", "name_sv": "Skulder", "group": group.pk, "is_active": "on"}
    coordinator.post(reverse("experts:topic_new"), form)
    assert Topic.objects.get().group == group
    coordinator.post(reverse("experts:area_new"), {"name_fi": "Askola", "name_sv": "Askola", "is_active": "on"})
    area = Area.objects.get()
    coordinator.post(reverse("experts:area", args=[area.pk]), {"name_fi": "Askola", "name_sv": "Askola"})
    assert [(found.name_fi, found.is_active) for found in Area.objects.all()] == [("Askola", False)]
    assert coordinator.get(reverse("experts:topics")).status_code == 200


@pytest.mark.parametrize("page", ["topic_group_new", "area_new"])
def test_a_name_is_there_once_and_what_was_typed_stays(coordinator: Client, page: str) -> None:
    TopicGroup.objects.create(name_fi="Sama", name_sv="Samma")
    Area.objects.create(name_fi="Sama", name_sv="Samma")
    answer = coordinator.post(reverse(f"experts:{page}"), {"name_fi": "SAMA", "name_sv": "Annan"})
    assert answer.context["form"].errors
    assert answer.context["form"]["name_sv"].value() == "Annan"
    assert (TopicGroup.objects.count(), Area.objects.count()) == (1, 1)


def test_only_the_coordinator_keeps_the_lists(cast: Cast) -> None:
    group = TopicGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp")
    for act in (
        lambda: actions.save_topic_group(group, by=cast.named, at=NOW),
        lambda: actions.move_topic_group(group, 1, by=cast.named, at=NOW),
        lambda: actions.save_area(Area(name_fi="A", name_sv="A"), by=cast.named, at=NOW),
        lambda: actions.set_areas(cast.second_expert, [], by=cast.expert_user, at=NOW),
    ):
        with pytest.raises(Refused, match="You may not do this"):
            act()


def test_the_usual_lists_are_loaded_once_and_never_over_the_offices_own(db: None) -> None:
    load_usual()
    load_usual()
    assert (Topic.objects.count(), Area.objects.count()) == (len(USUAL_TOPICS), len(USUAL_AREAS))
    assert Topic.objects.filter(group__isnull=True).count() == 0
    Topic.objects.all().delete()
    make_topic("Oma")
    load_usual()
    assert Topic.objects.count() == 1


def test_choices_stand_under_their_groups_in_finnish_order(db: None) -> None:
    last, first = (TopicGroup.objects.create(name_fi=name, name_sv=name, place=n) for n, name in ((20, "B"), (10, "A")))
    topics = {name: make_topic(name, group=group) for name, group in (("Öljy", last), ("Aho", last), ("Zeta", first))}
    loose = make_topic("Irrallinen")
    assert topic_choices(empty="–") == [
        ("", "–"),
        ("A", [(str(topics["Zeta"].pk), "Zeta")]),
        ("B", [(str(topics["Aho"].pk), "Aho"), (str(topics["Öljy"].pk), "Öljy")]),
        ("Other topics", [(str(loose.pk), "Irrallinen")]),
    ]
