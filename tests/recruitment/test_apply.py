"""The public form as an applicant meets it, and as machines that send forms meet it."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from experts.models import Area, TopicGroup
from office.models import LogEntry, OutboxMessage
from recruitment import actions
from recruitment.guard import Stamp
from recruitment.models import Application, Arrival, Decision
from recruitment.rules import HOURLY_FROM_ONE, HOURLY_IN_ALL, PRIVACY_NOTICE
from tests.conftest import Clock
from tests.factories import at, make_topic

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
URL = "/recruitment/apply/"
MINUTE = timedelta(minutes=1)

TYPED: dict[str, Any] = {
    "first_name": "Ylva",
    "last_name": "Öst",
    "email": "Ylva@Example.org",
    "phone": "040 123 4567",
    "language": "sv",
    "municipality": "Lovisa",
    "own_words": "Jag har gått en lång väg.",
    "training": "Erfarenhetsexpertutbildning 2024",
    "background": "Kamratstöd",
    "wishes": "Grupper",
    "heard_from": "event",
    "consent": "on",
    "website": "",
}


@pytest.fixture(autouse=True)
def _now(clock: Clock, client: Client) -> None:
    clock(NOW)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"


def opened(client: Client) -> str:
    """The stamp of a form that was opened now."""
    page = client.get(URL)
    return str(page.context["form"]["stamp"].value())


def send(client: Client, clock: Clock, *, stamp: str = "", after: timedelta = MINUTE, **typed: Any) -> Any:
    if not stamp:
        clock(NOW)
        stamp = opened(client)
    clock(NOW + after)
    return client.post(URL, TYPED | {"stamp": stamp} | typed)


def errors(answer: Any) -> list[str]:
    form = answer.context["form"]
    return [str(error) for found in form.errors.values() for error in found]


class TestSomebodyApplies:
    def test_in_swedish_without_an_account(
        self, client: Client, clock: Clock, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        topic = make_topic("Masennus", name_sv="Depression")
        area = Area.objects.create(name_fi="Loviisa", name_sv="Lovisa")
        client.post(reverse("set_language"), {"language": "sv", "next": URL})
        page = client.get(URL)
        assert page.headers["Content-Language"] == "sv"
        assert page.context["form"]["language"].value() == "sv"
        assert "Depression" in page.content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            answer = send(client, clock, topics=[topic.pk], areas=[area.pk])
        assert (answer.status_code, answer.headers["Location"]) == (302, reverse("recruitment:thanks"))

        made = Application.objects.get()
        assert (made.first_name, made.last_name, made.email) == ("Ylva", "Öst", "ylva@example.org")
        assert (made.state, made.source, made.received_on) == ("received", "web", date(2026, 10, 5))
        assert (made.consent_at, made.consent_version) == (NOW + MINUTE, PRIVACY_NOTICE)
        assert (list(made.topics.all()), list(made.areas.all())) == ([topic], [area])
        assert [(row.state, row.by, row.at) for row in Decision.objects.all()] == [("received", None, NOW + MINUTE)]
        assert [(row.kind, row.actor, row.facts) for row in LogEntry.objects.all()] == [
            ("application.receive", None, {"source": "web"})
        ]
        [sent] = mail.outbox
        assert (sent.to, sent.extra_headers["Content-Language"]) == (["ylva@example.org"], "sv")
        for secret in ("Depression", "Masennus", "Ylva", "väg"):
            assert secret not in f"{sent.subject}{sent.body}"
        message = OutboxMessage.objects.get()
        assert (message.recipient, message.name, message.language) == (None, "Ylva Öst", "sv")

    def test_the_page_speaks_the_language_that_was_chosen_before_sign_in(self, client: Client) -> None:
        for language in ("fi", "sv", "en"):
            client.post(reverse("set_language"), {"language": language, "next": URL})
            assert client.get(URL).headers["Content-Language"] == language
            assert client.get(reverse("recruitment:thanks")).headers["Content-Language"] == language

    def test_a_telephone_number_is_enough(self, client: Client, clock: Clock) -> None:
        assert send(client, clock, email="").status_code == 302
        assert (Application.objects.get().email, OutboxMessage.objects.count()) == ("", 0)

    def test_topics_stand_under_their_groups(self, client: Client) -> None:
        group = TopicGroup.objects.create(name_fi="Mielenterveys", name_sv="Mental hälsa", place=1)
        make_topic("Masennus", group=group)
        make_topic("Yksinäisyys")
        make_topic("Vanha", is_active=False)
        choices = client.get(URL).context["form"].fields["topics"].choices
        assert [(str(head), [name for _pk, name in rows]) for head, rows in choices] == [
            ("Mielenterveys", ["Masennus"]),
            ("Other topics", ["Yksinäisyys"]),
        ]

    # Lesson R7.
    def test_sent_twice_is_one_application_and_one_mail(
        self, client: Client, clock: Clock, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        stamp = opened(client)
        with django_capture_on_commit_callbacks(execute=True):
            first = send(client, clock, stamp=stamp)
            again = send(client, clock, stamp=stamp)
        assert first.headers["Location"] == again.headers["Location"] == reverse("recruitment:thanks")
        assert (Application.objects.count(), Arrival.objects.count(), len(mail.outbox)) == (1, 1, 1)

    def test_the_privacy_notice_is_linked_and_of_the_day_that_is_stored(self, client: Client) -> None:
        assert f'href="{reverse("privacy")}#applicants"' in client.get(URL).content.decode()
        page = client.get(reverse("privacy")).content.decode()
        assert 'id="applicants"' in page
        assert f"This section is of {PRIVACY_NOTICE:%-d.%-m.%Y}." in page

    def test_few_questions_to_the_database(self, client: Client, django_assert_max_num_queries: Any) -> None:
        for _n in range(30):
            make_topic()
        with django_assert_max_num_queries(2):
            client.get(URL)


class TestNothingTypedIsLost:
    def test_an_identity_code_is_refused_by_its_field(self, client: Client, clock: Clock) -> None:
        topic = make_topic("Masennus")
        page = send(client, clock, own_words="Olen 010190-123A.", wishes="Ryhmiä", topics=[topic.pk])
        form = page.context["form"]
        assert list(form.errors) == ["own_words"]
        assert "personal identity code" in str(form.errors["own_words"])
        kept = {name: form[name].value() for name in TYPED}
        assert kept == TYPED | {"own_words": "Olen 010190-123A.", "wishes": "Ryhmiä", "consent": True}
        assert form["topics"].value() == [str(topic.pk)]
        assert Application.objects.count() == 0

    @pytest.mark.parametrize(
        ("typed", "field", "words"),
        [
            ({"first_name": ""}, "first_name", "required"),
            ({"email": "", "phone": ""}, "email", "so that we can reach you"),
            ({"email": "ylva"}, "email", "valid email"),
            ({"phone": "after six"}, "phone", "040 123 4567"),
            ({"consent": ""}, "consent", "consent"),
            ({"language": "ru"}, "language", "valid choice"),
            ({"topics": ["77"]}, "topics", "not one of the available choices"),
            ({"training": "x" * 201}, "training", "at most 200"),
            ({"first_name": "010190A123A"}, "first_name", "identity code"),
        ],
        ids=["name", "no-contact", "e-mail", "telephone", "consent", "language", "topic", "long", "code-in-name"],
    )
    def test_errors_stand_by_their_field(
        self, client: Client, clock: Clock, typed: dict[str, Any], field: str, words: str
    ) -> None:
        make_topic()
        page = send(client, clock, **typed)
        form = page.context["form"]
        assert (page.status_code, list(form.errors)) == (200, [field])
        assert words in str(form.errors[field])
        assert form["own_words"].value() == TYPED["own_words"]
        assert Application.objects.count() == 0

    def test_after_the_correction_it_is_the_same_form(self, client: Client, clock: Clock) -> None:
        page = send(client, clock, first_name="")
        stamp = page.context["form"]["stamp"].value()
        assert send(client, clock, stamp=stamp, after=2 * MINUTE).status_code == 302
        assert Application.objects.count() == 1


class TestMachines:
    def test_too_quick_is_asked_again_and_then_goes(self, client: Client, clock: Clock) -> None:
        page = send(client, clock, after=timedelta(seconds=2))
        assert errors(page) == ["That was very quick. Please look your answers through and send again."]
        assert page.context["form"]["own_words"].value() == TYPED["own_words"]
        stamp = page.context["form"]["stamp"].value()
        assert send(client, clock, stamp=stamp, after=timedelta(seconds=9)).status_code == 302

    def test_too_old_is_asked_again_and_then_goes(self, client: Client, clock: Clock) -> None:
        late = timedelta(hours=13)
        stamp = opened(client)
        page = send(client, clock, stamp=stamp, after=late)
        assert errors(page) == ["The page has been open for long. Nothing is lost: please send again."]
        fresh = page.context["form"]["stamp"].value()
        first, second = Stamp.read(stamp), Stamp.read(fresh)
        assert first is not None
        assert second is not None
        assert (first.key, second.opened_at) == (second.key, NOW + late)
        assert send(client, clock, stamp=fresh, after=late + MINUTE).status_code == 302

    @pytest.mark.parametrize("stamp", ["x", "WyJh:1abc:def"])
    def test_a_stamp_of_ones_own_is_refused(self, client: Client, clock: Clock, stamp: str) -> None:
        page = send(client, clock, stamp=stamp)
        assert (page.status_code, Application.objects.count()) == (200, 0)
        assert Stamp.read(page.context["form"]["stamp"].value()) is not None

    def test_the_field_that_people_leave_empty(self, client: Client, clock: Clock) -> None:
        page = send(client, clock, website="https://spam.example")
        assert errors(page) == ["A field that people leave empty was filled. It is empty now: please send again."]
        assert (page.context["form"]["website"].value(), Application.objects.count()) == ("", 0)

    def test_a_limit_by_the_hour_for_one_address(self, client: Client, clock: Clock) -> None:
        for n in range(HOURLY_FROM_ONE):
            assert send(client, clock, email=f"a{n}@example.org").status_code == 302
        page = send(client, clock, after=59 * MINUTE)
        assert errors(page)[0].startswith("Very many applications have come within the hour.")
        assert page.context["form"]["own_words"].value() == TYPED["own_words"]
        elsewhere = Client(REMOTE_ADDR="198.51.100.7")
        assert send(elsewhere, clock, after=59 * MINUTE).status_code == 302
        assert send(client, clock, after=61 * MINUTE).status_code == 302
        assert Arrival.objects.filter(at__lte=NOW + MINUTE).count() == 0

    def test_a_limit_by_the_hour_altogether(self, client: Client, clock: Clock) -> None:
        Arrival.objects.bulk_create(Arrival(at=NOW, sender=str(n)) for n in range(HOURLY_IN_ALL))
        page = send(client, clock)
        assert errors(page)[0].startswith("Very many applications have come within the hour.")
        assert Application.objects.count() == 0

    def test_the_address_behind_the_proxy_is_counted(self, clock: Clock, settings: Any) -> None:
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        for n in range(HOURLY_FROM_ONE + 1):
            through = Client(HTTP_X_FORWARDED_FOR=f"203.0.113.9, 198.51.100.{n}")
            assert send(through, clock).status_code == 302

    def test_no_address_is_kept(self, clock: Clock) -> None:
        send(Client(REMOTE_ADDR="198.51.100.7"), clock)
        assert re.fullmatch("[0-9a-f]{32}", Arrival.objects.get().sender)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_application() -> None:
    key, start = uuid4(), Barrier(2)
    fields = {"first_name": "Ylva", "last_name": "Öst", "email": "ylva@example.org", "language": "sv"}

    def click(moment: datetime) -> int:
        try:
            start.wait()
            return actions.receive(fields, [], [], key=key, sender="a", at=moment).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(click, [NOW, NOW]))
    assert made == [Application.objects.get().pk] * 2
    assert OutboxMessage.objects.count() == 1
