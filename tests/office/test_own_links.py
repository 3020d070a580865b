"""A link that acts for its reader stands in the reader's mail and nowhere else (lessons P10, P14)."""

import re
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assignments.actions import confirm
from assignments.models import Offer
from experts.actions.addresses import ask_for_address
from office import outbox_actions, sending
from office.choices import MessageState as State
from office.errors import Refused
from office.models import OutboxMessage, User
from office.outbox_links import OWN_LINK
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table, make_order

NOW = at(2026, 10, 5, 9)
MASK = "[the recipient&#x27;s own link]"
SECRET = re.compile(r"/orders/answer/[^\s/]+/|/registry/me/address/[^\s/]+/")
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def offered(cast: Cast, **fields: Any) -> OutboxMessage:
    make_fee_table()
    times = [(NOW + timedelta(days=9), NOW + timedelta(days=9, hours=1))]
    order = make_order(
        unit=cast.unit, orderer=cast.orderer, state="to_confirm", expert=cast.expert, times=times, **fields
    )
    confirm(order, by=cast.named, at=NOW)
    return OutboxMessage.objects.get(kind="offer")


@pytest.fixture
def offer(cast: Cast) -> OutboxMessage:
    return offered(cast)


@pytest.fixture
def address(cast: Cast) -> OutboxMessage:
    ask_for_address(cast.expert, "new@example.org", by=cast.expert_user, at=NOW)
    return OutboxMessage.objects.get(kind="address_to_confirm")


@pytest.fixture(params=["offer", "address"])
def message(request: pytest.FixtureRequest) -> OutboxMessage:
    found: OutboxMessage = request.getfixturevalue(request.param)
    return found


def sent(message: OutboxMessage) -> str:
    assert sending.send(message.pk, at=NOW)
    return str(mail.outbox[-1].body)


def test_the_mail_has_the_link_and_the_stored_text_a_mark(message: OutboxMessage) -> None:
    assert (message.body.count(OWN_LINK), SECRET.findall(message.body)) == (1, [])
    text = sent(message)
    assert (len(SECRET.findall(text)), OWN_LINK in text) == (1, False)


def test_the_link_of_the_mail_answers_the_offer(offer: OutboxMessage) -> None:
    [link] = SECRET.findall(sent(offer))
    Client().post(link, {"answer": "no"})
    assert Offer.objects.get().state == "declined"


def test_the_secret_is_forgotten_when_the_message_has_left(message: OutboxMessage) -> None:
    assert SECRET.fullmatch(message.secret)
    sent(message)
    assert OutboxMessage.objects.get(pk=message.pk).secret == ""


def test_the_secret_is_kept_for_the_next_attempt(message: OutboxMessage, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.office.test_outbox.Refusing"
    assert not sending.send(message.pk, at=NOW)
    assert SECRET.fullmatch(OutboxMessage.objects.get(pk=message.pk).secret)


@pytest.mark.parametrize("how", ["discard", "tell", "no address", "inactive"])
def test_the_secret_is_forgotten_when_the_message_ends_otherwise(offer: OutboxMessage, cast: Cast, how: str) -> None:
    if how == "discard":
        outbox_actions.discard(offer, "Not needed", by=cast.coordinator, at=NOW)
    elif how == "tell":
        OutboxMessage.objects.filter(pk=offer.pk).update(state=State.FAILED)
        outbox_actions.tell(OutboxMessage.objects.get(), "telephone", by=cast.coordinator, at=NOW)
    else:
        change: dict[str, Any] = {"email": ""} if how == "no address" else {"is_active": False}
        User.objects.filter(email=offer.to_address).update(**change)
        assert not sending.send(offer.pk, at=NOW)
    after = OutboxMessage.objects.get(pk=offer.pk)
    assert (after.secret, after.state in {State.DROPPED, State.TOLD, State.BY_HAND}) == ("", True)


def test_the_database_refuses_a_secret_of_an_ended_message(offer: OutboxMessage) -> None:
    with pytest.raises(IntegrityError, match="ended_message_has_no_secret"), transaction.atomic():
        OutboxMessage.objects.filter(pk=offer.pk).update(state=State.DROPPED)


@pytest.mark.parametrize("page", ["message", "message_edit", "message_discard"])
def test_no_page_of_the_coordinator_shows_the_secret(
    message: OutboxMessage, cast: Cast, client_for: SignIn, page: str
) -> None:
    shown = client_for(cast.coordinator).get(reverse(f"office:{page}", args=[message.pk]))
    assert shown.status_code == 200
    assert (SECRET.findall(shown.content.decode()), OWN_LINK in shown.content.decode()) == ([], False)
    assert (MASK in shown.content.decode()) == (page != "message_discard")


def test_neither_list_nor_search_knows_the_secret(offer: OutboxMessage, cast: Cast, client_for: SignIn) -> None:
    token = offer.secret.split("/")[-2]
    listed = client_for(cast.coordinator).get(reverse("office:outbox"), {"q": token})
    assert list(listed.context["page_obj"]) == []


def test_the_reader_too_sees_it_masked(offer: OutboxMessage, cast: Cast, client_for: SignIn) -> None:
    shown = client_for(cast.expert_user).get(reverse("office:message", args=[offer.pk])).content.decode()
    assert (SECRET.findall(shown), MASK in shown) == ([], True)
    assert reverse("assignments:offer", args=[offer.about_id]) in shown  # the page behind the log-in


def test_a_download_of_the_data_does_not_hold_it(offer: OutboxMessage, cast: Cast, client_for: SignIn) -> None:
    answer: Any = client_for(cast.expert_user).post(reverse("desk:my_data_file"))
    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as file:
        texts = [file.read(name).decode(errors="replace") for name in file.namelist()]
    assert "An offer of work for you" in "".join(texts)
    assert [offer.secret.split("/")[-2] in text or OWN_LINK in text for text in texts] == [False] * len(texts)


def edit(client: Client, message: OutboxMessage, change: Callable[[str], str]) -> Any:
    address = reverse("office:message_edit", args=[message.pk])
    form = client.get(address).context["form"]
    told = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return client.post(address, told | {"body": change(told["body"])})


def test_an_edited_text_keeps_the_link(message: OutboxMessage, cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.coordinator)
    assert edit(client, message, lambda text: "A word before.\n" + text).status_code == 302
    after = OutboxMessage.objects.get(pk=message.pk)
    assert (after.body.count(OWN_LINK), after.secret) == (1, message.secret)
    outbox_actions.release(after, by=cast.coordinator, at=NOW)
    text = sent(after)
    assert text.startswith("A word before.")
    assert message.secret in text


def test_taking_the_link_out_is_refused_with_a_sentence(message: OutboxMessage, cast: Cast, client_for: SignIn) -> None:
    page = edit(client_for(cast.coordinator), message, lambda _text: "Just call me.")
    assert "The reader cannot answer without the own link." in page.content.decode()
    assert "Just call me." in page.content.decode()
    assert OutboxMessage.objects.get(pk=message.pk).body == message.body


def test_a_message_without_a_link_gets_none(cast: Cast) -> None:
    plain = OutboxMessage.objects.create(
        recipient=cast.named, kind="account_made", language="en", subject="Hello", body="Text",
        about_type="office.user", about_id=1, once="plain", created_at=NOW, due_at=NOW,
    )  # fmt: skip
    seen = outbox_actions.mark_of(plain)
    with pytest.raises(Refused, match="This message has no own link"):
        outbox_actions.edit(plain, "Hello", f"Text {OWN_LINK}", seen=seen, by=cast.coordinator, at=NOW)


def test_words_of_a_user_never_become_the_link(cast: Cast) -> None:
    message = offered(cast, task=f"Send {OWN_LINK} on to me")
    assert "Send  on to me" in message.body
    assert message.body.count(OWN_LINK) == 1


def test_the_migration_takes_the_secrets_out_of_old_texts(offer: OutboxMessage) -> None:
    path, whole = offer.secret, offer.body.replace(OWN_LINK, f"http://localhost:8000{offer.secret}")
    OutboxMessage.objects.filter(pk=offer.pk).update(body=whole, secret="")
    old = OutboxMessage.objects.create(
        name="Eva", kind="offer", language="en", subject="Old", body=whole, about_type="assignments.offer", about_id=1,
        once="old", created_at=NOW, due_at=NOW, state=State.SENT, sent_at=NOW,
    )  # fmt: skip
    import_module("office.migrations.0008_own_links_apart").apart(apps, None)
    after = OutboxMessage.objects.get(pk=offer.pk)
    assert (after.body, after.secret) == (offer.body, path)
    old.refresh_from_db()
    assert (old.body, old.secret) == (offer.body, "")
