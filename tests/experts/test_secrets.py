"""A topic without consent: no page, file or mail of anybody but the coordinator and the expert holds its name.

Every address of the world is opened as everybody; what comes back (also inside archives) is searched.
"""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch
from django.utils import translation

from experts.models import ExpertTopic, TopicGroup
from office.models import OutboxMessage
from tests.conftest import Clock
from tests.conftest import cast as cast_fixture
from tests.factories import make_topic
from tests.matrices.test_urls import NAMES, address
from tests.matrices.world import NOW, World, build

pytestmark = pytest.mark.django_db
SECRET, GROUP = "Xsecrettopicx", "Xsecretgroupx"
#: Everybody but those whose business it is. Staff choose among the office's topics, so theirs is out of use.
OTHERS = [
    "anonymous", "named", "deputy", "staff", "other_expert", "finance", "supervisor", "stranger", "other_named",
    "other_supervisor",
]  # fmt: skip


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The world of the tables, whose expert has a topic that nobody else may know of."""
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        cast = cast_fixture.__wrapped__(None)  # type: ignore[attr-defined]  # the fixture's own function
        made = build(cast)
        group = TopicGroup.objects.create(name_fi=GROUP, name_sv=GROUP)
        topic = make_topic(SECRET, name_sv=SECRET, code=SECRET.lower(), group=group, is_active=False)
        ExpertTopic.objects.create(expert=cast.expert, topic=topic, published=False)
        yield made
        transaction.set_rollback(True)


def content_of(answer: Any) -> bytes:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return b"\n".join(archive.read(name) for name in archive.namelist())
    return bytes(content)


def opened(client: Client, path: str) -> bytes:
    with transaction.atomic():
        answer = client.get(path)
        found = content_of(answer)
        transaction.set_rollback(True)
    return found.lower()


@pytest.mark.parametrize("name", NAMES)
def test_no_address_tells_a_topic_without_consent(name: str, world: World, clock: Clock) -> None:
    clock(NOW)
    try:
        path = address(name, world)
    except (NoReverseMatch, KeyError):
        pytest.skip("no such object in the world")
    told = [
        who
        for who in OTHERS
        if any(word.lower().encode() in opened(world.clients[who], path) for word in (SECRET, GROUP))
    ]
    assert told == []


def test_the_search_would_find_it(world: World, clock: Clock) -> None:
    """A test that cannot fail is worse than none: those who may see it do see it."""
    clock(NOW)
    for who, name in (("coordinator", "experts:expert"), ("expert", "experts:me")):
        page = opened(world.clients[who], address(name, world))
        assert (who, SECRET.lower().encode() in page) == (who, True)


def test_no_mail_tells_it(world: World) -> None:
    assert [m.pk for m in OutboxMessage.objects.all() if SECRET in m.subject + m.body] == []
