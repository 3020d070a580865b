"""The page of messages: all for the coordinator, the own ones for everybody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from office.models import LogEntry, OutboxMessage, User
from office.outbox import KINDS
from tests.conftest import Cast, Clock
from tests.factories import at, make_order

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def make_message(recipient: User, *, state: str = "waiting", subject: str = "You have an offer", **fields: Any) -> Any:
    number = OutboxMessage.objects.count()
    values = {
        "kind": "account_made",
        "language": "en",
        "body": "Hello!\n\n<b>https://erfa.example.org/</b>",
        "about_type": "office.user",
        "about_id": recipient.pk,
        "once": f"test {number}",
        "created_at": NOW,
        "due_at": NOW,
        "sent_at": NOW if state == "sent" else None,
    } | fields
    return OutboxMessage.objects.create(recipient=recipient, subject=subject, state=state, **values)


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_everybody_else_sees_own_messages_only(cast: Cast, client_for: SignIn, who: str) -> None:
    user = getattr(cast, who)
    own, foreign = make_message(user), make_message(cast.stranger)
    client = client_for(user)
    assert client.get(reverse("office:outbox")).status_code == 403
    assert client.get(reverse("office:message", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("office:send_again", args=[own.pk])).status_code == 403
    page = client.get(reverse("office:my_messages"))
    assert [row.pk for row in page.context["page_obj"]] == [own.pk]
    assert client.get(reverse("office:message", args=[own.pk])).status_code == 200


def test_filters_by_person_subject_and_state(coordinator: Client, cast: Cast) -> None:
    wanted = make_message(cast.expert_user, state="failed", subject="Your contract is in force")
    make_message(cast.expert_user, subject="Your contract is in force")
    make_message(cast.named, state="failed")
    page = coordinator.get(reverse("office:outbox"), {"q": "eva contract", "state": "failed"})
    assert [row.pk for row in page.context["page_obj"]] == [wanted.pk]
    assert page.context["to_do"] == 1


def test_a_message_to_somebody_without_an_account(coordinator: Client, cast: Cast) -> None:
    make_message(cast.expert_user)
    shown = OutboxMessage.objects.filter(recipient=cast.expert_user).get()
    OutboxMessage.objects.filter(pk=shown.pk).update(recipient=None, name="Ylva Ny", address="ylva@example.org")
    page = coordinator.get(reverse("office:outbox"), {"q": "ylva"})
    assert [row.to_name for row in page.context["page_obj"]] == ["Ylva Ny"]
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    assert b"Ylva Ny (ylva@example.org)" in page.content


def test_a_message_is_shown_as_text(coordinator: Client, cast: Cast) -> None:
    shown = make_message(cast.expert_user)
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    assert b"&lt;b&gt;https://erfa.example.org/&lt;/b&gt;" in page.content


def test_a_failed_message_is_sent_again(
    coordinator: Client, cast: Cast, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    failed = make_message(cast.expert_user, state="failed", attempts=5, error="TimeoutError")
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("office:send_again", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.state, failed.sent_at, failed.error) == ("sent", NOW, "")
    assert [mail.to for mail in mailoutbox] == [["eva@example.org"]]
    assert [e.kind for e in LogEntry.objects.all()] == ["outboxmessage.resend"]


@pytest.mark.parametrize("state", ["waiting", "sending", "sent", "dropped", "by_hand"])
def test_only_what_failed_is_sent_again(coordinator: Client, cast: Cast, mailoutbox: Any, state: str) -> None:
    message = make_message(cast.expert_user, state=state)
    page = coordinator.get(reverse("office:message", args=[message.pk]))
    assert page.context["may_resend"] is False
    coordinator.post(reverse("office:send_again", args=[message.pk]))
    message.refresh_from_db()
    assert (message.state, mailoutbox) == (state, [])


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    coordinator: Client, client_for: SignIn, cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        shown = make_message(cast.expert_user)
    eva = client_for(cast.expert_user)
    for client, name, args in [
        (coordinator, "outbox", []),
        (coordinator, "kinds", []),
        (coordinator, "message", [shown.pk]),
        (eva, "my_messages", []),
    ]:
        with django_assert_max_num_queries(10):
            assert client.get(reverse(f"office:{name}", args=args)).status_code == 200


# --- parts, people, records ------------------------------------------------------------------------------------------


def test_the_parts_and_their_numbers(coordinator: Client, cast: Cast) -> None:
    for state in ["waiting", "sending", "to_gather", "on_hold", "failed", "failed", "by_hand", "sent", "told"]:
        make_message(cast.expert_user, state=state)
    gone = make_message(cast.named, state="dropped")
    page = coordinator.get(reverse("office:outbox"), {"state": "dropped"})
    assert [row.pk for row in page.context["page_obj"]] == [gone.pk]
    assert [(stage["count"], stage["current"]) for stage in page.context["stages"]] == [
        (3, False),
        (1, False),
        (2, False),
        (1, False),
        (1, False),
        (1, False),
        (1, True),
    ]
    page = coordinator.get(reverse("office:outbox"), {"state": "failed", "person": str(cast.named.pk)})
    assert list(page.context["page_obj"]) == []
    assert [stage["count"] for stage in page.context["stages"]] == [0, 0, 0, 0, 0, 0, 1]
    assert page.context["stages"][0]["url"] == f"?state=waiting&person={cast.named.pk}"


def test_the_newest_first_by_the_moment_then_by_number(coordinator: Client, cast: Cast) -> None:
    second, third = make_message(cast.named), make_message(cast.named)
    first = make_message(cast.named, created_at=at(2026, 10, 1, 9))
    page = coordinator.get(reverse("office:outbox"))
    assert [row.pk for row in page.context["page_obj"]] == [third.pk, second.pk, first.pk]


@pytest.mark.parametrize(
    "query",
    [
        {"person": "999999999"},
        {"about": "assignments.order:999999999"},
        {"about": "assignments.order:" + "9" * 40},
        {"about": "office.user:1"},
        {"about": "nonsense"},
    ],
    ids=lambda query: next(iter(query.values()))[:30],
)
def test_an_unknown_person_or_record_shows_nothing(coordinator: Client, cast: Cast, query: dict[str, str]) -> None:
    make_message(cast.named)
    page = coordinator.get(reverse("office:outbox"), query)
    assert (page.status_code, list(page.context["page_obj"])) == (200, [])


@pytest.mark.parametrize("query", [{"person": "x"}, {"person": "-1"}, {"state": "x"}, {"kind": "x"}, {"page": "x"}])
def test_an_address_that_makes_no_sense_shows_everything(
    coordinator: Client, cast: Cast, query: dict[str, str]
) -> None:
    shown = make_message(cast.named)
    page = coordinator.get(reverse("office:outbox"), query)
    assert [row.pk for row in page.context["page_obj"]] == [shown.pk]


def test_everything_about_one_order(coordinator: Client, cast: Cast) -> None:
    times = [(at(2026, 11, 3, 9), at(2026, 11, 3, 10))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=times)
    other = make_order(unit=cast.unit, orderer=cast.orderer)
    session = order.sessions.get()
    wanted = [
        make_message(cast.orderer, about_type="assignments.order", about_id=order.pk),
        make_message(cast.expert_user, about_type="assignments.session", about_id=session.pk),
    ]
    make_message(cast.orderer, about_type="assignments.order", about_id=other.pk)
    page = coordinator.get(reverse("office:outbox"), {"about": f"assignments.order:{order.pk}"})
    assert [row.pk for row in page.context["page_obj"]] == [row.pk for row in reversed(wanted)]
    assert f"Messages: order {order.pk}" in page.content.decode()


def test_everything_about_one_expert(coordinator: Client, cast: Cast) -> None:
    own = make_message(cast.expert_user)
    told = make_message(cast.coordinator, about_type="experts.expert", about_id=cast.expert.pk)
    make_message(cast.second_expert_user)
    page = coordinator.get(reverse("office:outbox"), {"about": f"experts.expert:{cast.expert.pk}"})
    assert [row.pk for row in page.context["page_obj"]] == [told.pk, own.pk]


# --- acts ------------------------------------------------------------------------------------------------------------

ACTS = ["hold", "release", "tell", "edit", "discard"]


@pytest.mark.parametrize("act", ACTS)
def test_only_the_coordinator_acts(cast: Cast, client_for: SignIn, act: str) -> None:
    own = make_message(cast.named)
    assert client_for(cast.named).post(reverse(f"office:message_{act}", args=[own.pk])).status_code == 403
    assert LogEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("waiting", ["discard", "edit", "hold"]),
        ("on_hold", ["discard", "edit", "release"]),
        ("failed", ["discard", "edit", "resend", "tell"]),
        ("by_hand", ["discard", "tell"]),
        ("sending", []),
        ("sent", []),
        ("told", []),
        ("dropped", []),
        ("gathered", []),
        ("to_gather", ["discard", "hold"]),
    ],
)
def test_the_page_offers_what_can_be_done_now(coordinator: Client, cast: Cast, state: str, steps: list[str]) -> None:
    shown = make_message(cast.expert_user, state=state)
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    people = ("discard", "edit", "hold", "release", "resend", "tell")
    assert sorted(step for step in people if page.context["may"][step]) == steps
    offered = {
        word
        for word in ("hold", "release", "told", "edit", "discard", "send-again")
        if f"/{word}/" in str(page.content)
    }
    assert offered == {{"tell": "told", "resend": "send-again"}.get(step, step) for step in steps}


def test_hold_then_release_on_the_page(
    coordinator: Client, cast: Cast, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    shown = make_message(cast.expert_user)
    page = coordinator.post(reverse("office:message_hold", args=[shown.pk]), follow=True)
    assert "Nothing is sent until the message is released." in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("office:message_release", args=[shown.pk]))
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(reverse("office:message_release", args=[shown.pk]))  # the second click
    shown.refresh_from_db()
    assert (shown.state, len(mailoutbox)) == ("sent", 1)
    assert [entry.kind for entry in LogEntry.objects.order_by("id")] == ["outboxmessage.hold", "outboxmessage.release"]


def test_a_text_is_edited_and_sent_at_once(
    coordinator: Client, cast: Cast, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    shown = make_message(cast.expert_user)
    address = reverse("office:message_edit", args=[shown.pk])
    seen = coordinator.get(address).context["form"]["seen"].value()
    typed = {"subject": "A better subject", "body": "A better text", "seen": seen, "release": "1"}
    with django_capture_on_commit_callbacks(execute=True):
        coordinator.post(address, typed)
    assert [(mail.subject, mail.body) for mail in mailoutbox] == [("A better subject", "A better text")]
    page = coordinator.get(reverse("office:message", args=[shown.pk]))
    assert (page.context["edited"].actor, page.context["edited"].at) == (cast.coordinator, NOW)
    assert "Text edited Mon" in page.content.decode()


def test_what_was_typed_stays_when_the_message_left_meanwhile(coordinator: Client, cast: Cast) -> None:
    shown = make_message(cast.expert_user)
    address = reverse("office:message_edit", args=[shown.pk])
    seen = coordinator.get(address).context["form"]["seen"].value()
    OutboxMessage.objects.filter(pk=shown.pk).update(state="sending", claimed_at=NOW)
    page = coordinator.post(address, {"subject": "My words", "body": "My text", "seen": seen})
    assert page.context["form"].non_field_errors() == ["The message is being sent at this moment. Nothing was changed."]
    assert page.context["form"]["body"].value() == "My text"
    shown.refresh_from_db()
    assert (shown.subject, shown.state) == ("You have an offer", "sending")


def test_no_identity_code_in_a_text_or_reason(coordinator: Client, cast: Cast) -> None:
    shown = make_message(cast.expert_user)
    typed = {"subject": "Hello", "body": "About 131052-308T", "seen": "x"}
    page = coordinator.post(reverse("office:message_edit", args=[shown.pk]), typed)
    assert list(page.context["form"].errors) == ["body"]
    page = coordinator.post(reverse("office:message_discard", args=[shown.pk]), {"reason": "131052-308T"})
    assert list(page.context["form"].errors) == ["reason"]
    shown.refresh_from_db()
    assert shown.state == "waiting"


def test_not_needed_with_a_reason(coordinator: Client, cast: Cast) -> None:
    shown = make_message(cast.expert_user)
    address = reverse("office:message_discard", args=[shown.pk])
    assert list(coordinator.post(address, {"reason": ""}).context["form"].errors) == ["reason"]
    page = coordinator.post(address, {"reason": "Told in the corridor"}, follow=True)
    assert "Carla Coordinator: not needed – Told in the corridor" in page.content.decode()
    shown.refresh_from_db()
    assert shown.state == "dropped"


@pytest.mark.parametrize("how", ["telephone", "post"])
def test_told_by_hand_is_noted_with_who_and_when(coordinator: Client, cast: Cast, how: str) -> None:
    shown = make_message(cast.expert_user, state="by_hand")
    page = coordinator.post(reverse("office:message_tell", args=[shown.pk]), {"how": how}, follow=True)
    assert [(line.at, line.text) for line in page.context["history"]] == [(NOW, f"Carla Coordinator: told by {how}")]
    shown.refresh_from_db()
    assert shown.state == "told"


@pytest.mark.parametrize("act", ["edit", "discard"])
def test_a_page_that_is_too_old_leads_back(coordinator: Client, cast: Cast, act: str) -> None:
    shown = make_message(cast.expert_user, state="sent")
    page = coordinator.get(reverse(f"office:message_{act}", args=[shown.pk]))
    assert (page.status_code, page.headers["Location"]) == (302, reverse("office:message", args=[shown.pk]))


# --- what the program sends ------------------------------------------------------------------------------------------


def test_every_kind_is_told_with_its_number(coordinator: Client, cast: Cast) -> None:
    make_message(cast.expert_user)
    page = coordinator.get(reverse("office:kinds"))
    rows = {row["kind"].name: row for row in page.context["kinds"]}
    assert set(rows) == set(KINDS)
    assert (rows["account_made"]["count"], rows["role_given"]["count"]) == (1, 0)


def test_every_kind_says_to_whom_and_when(coordinator: Client) -> None:
    rows = coordinator.get(reverse("office:kinds")).context["kinds"]
    assert [row["kind"].name for row in rows if not (row["to"] and row["when"])] == []


def test_the_pages_of_an_order_and_an_expert_lead_to_their_messages(coordinator: Client, cast: Cast) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking")
    for label, address in [
        (f"assignments.order:{order.pk}", reverse("assignments:order", args=[order.pk])),
        (f"experts.expert:{cast.expert.pk}", reverse("experts:expert", args=[cast.expert.pk])),
    ]:
        assert f"{reverse('office:outbox')}?about={label}" in coordinator.get(address).content.decode()


def test_the_orderer_is_not_led_to_pages_of_the_coordinator(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking")
    page = client_for(cast.orderer).get(reverse("assignments:order", args=[order.pk]))
    assert reverse("office:outbox") + "?about" not in page.content.decode()
