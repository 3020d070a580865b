"""An expert changes the own e-mail address: asked for in the program, confirmed from the new address."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import Expert
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
OLD, NEW = "eva@example.org", "eva.new@example.org"


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    clock(NOW)


def ask(client: Client, email: str = NEW) -> Any:
    return client.post(reverse("experts:address"), {"email": email})


def link(number: int = -1) -> str:
    """The path of the link that was sent."""
    paths = OutboxMessage.objects.filter(kind="address_to_confirm").order_by("pk").values_list("secret", flat=True)
    return list(paths)[number]


def addresses(cast: Cast) -> tuple[str, str]:
    return (Expert.objects.get(pk=cast.expert.pk).email, User.objects.get(pk=cast.expert_user.pk).email)


def test_nothing_changes_before_the_link_is_used(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.expert_user)
    ask(client, "  Eva.New@Example.ORG ")
    message = OutboxMessage.objects.get(kind="address_to_confirm")
    assert (message.to_address, message.recipient) == (NEW, None)
    page = client.get(link()).content.decode()
    assert NEW in page
    assert addresses(cast) == (OLD, OLD)


def test_the_button_changes_record_and_sign_in_and_tells_the_old_address(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.expert_user)
    ask(client)
    client.post(link())
    assert addresses(cast) == (NEW, NEW)
    told = OutboxMessage.objects.get(kind="address_changed")
    assert told.to_address == OLD
    assert NEW not in told.subject + told.body
    logged = list(LogEntry.objects.of(cast.expert).values_list("kind", "facts"))
    assert [kind for kind, _facts in logged] == ["expert.address_asked", "expert.change"]
    assert "example.org" not in str(logged)


def test_a_link_is_used_once(cast: Cast, client_for: Any, clock: Clock) -> None:
    client = client_for(cast.expert_user)
    ask(client)
    clock(NOW + timedelta(minutes=1))
    ask(client, "third@example.org")
    client.post(link(0))
    for path in (link(0), link(1)):
        assert "Your address has changed since this link was made." in client.post(path).content.decode()
    assert addresses(cast) == (NEW, NEW)


@pytest.mark.parametrize(
    ("late", "after"),
    [
        pytest.param(timedelta(days=2), NEW, id="two days"),
        pytest.param(timedelta(days=2, seconds=1), OLD, id="a second more"),
    ],
)
def test_the_link_is_good_for_two_days(cast: Cast, client_for: Any, clock: Clock, late: timedelta, after: str) -> None:
    client = client_for(cast.expert_user)
    ask(client)
    clock(NOW + late)
    client.post(link())
    assert addresses(cast) == (after, after)


def test_somebody_elses_link_does_nothing(cast: Cast, client_for: Any) -> None:
    ask(client_for(cast.expert_user))
    other = client_for(cast.second_expert_user)
    assert "This link belongs to another account." in other.post(link()).content.decode()
    assert addresses(cast) == (OLD, OLD)
    assert User.objects.get(pk=cast.second_expert_user.pk).email == "otto@example.org"
    assert Client().post(link()).status_code == 302
    assert addresses(cast) == (OLD, OLD)


@pytest.mark.parametrize("rubbish", ["x", "eyJ1c2VyIjoxfQ:1abc:sig"])
def test_a_made_up_link_is_refused(cast: Cast, client_for: Any, rubbish: str) -> None:
    path = reverse("experts:address_confirm", args=[rubbish])
    assert "This link is not good. Ask for a new one." in client_for(cast.expert_user).post(path).content.decode()


def test_an_address_of_somebody_else_is_refused_only_behind_the_link(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.expert_user)
    told = ask(client, cast.orderer.email)
    assert told.status_code == 302
    page = client.post(link()).content.decode()
    assert "This e-mail address is in use." in page
    assert addresses(cast) == (OLD, OLD)


def test_ones_own_address_again_and_rubbish_keep_what_was_typed(cast: Cast, client_for: Any) -> None:
    client = client_for(cast.expert_user)
    assert "This is your address already." in ask(client, OLD).content.decode()
    page = ask(client, "not an address").content.decode()
    assert 'value="not an address"' in page
    assert not OutboxMessage.objects.filter(kind="address_to_confirm").exists()
