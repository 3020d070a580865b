"""What the log tells of a whole story: what happened and where, and nobody by name, address or telephone."""

import json
import logging
import re
from collections.abc import Iterator
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from assignments.models import Order, OrderPlan
from config.logs import JsonLines
from desk.models import UploadedSheet
from experts.models import Expert
from fees import tasks as fee_tasks
from office.models import OutboxMessage, SmsConsent, User
from office.tasks import send_waiting
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table
from tests.stories.reader import Person
from tests.stories.test_month import People, closed_and_paid, october, returned_and_approved, sent, september

pytestmark = pytest.mark.django_db
PHONE = "040 765 4321"


class Log(logging.Handler):
    """Everything from INFO on of every logger, as production writes it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def said(self, *words: str) -> list[str]:
        """Lines with one of the words. Names of our own code are left out: surnames of the cast are among them."""
        ours = {"time", "level", "logger", "address", "places"}
        free = [" ".join(str(value) for key, value in json.loads(one).items() if key not in ours) for one in self.lines]
        looked_for = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)
        return [line for line in free if looked_for.search(line)]


@pytest.fixture
def log() -> Iterator[Log]:
    handler, root = Log(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.setLevel(before)
    root.removeHandler(handler)


def personal_words() -> set[str]:
    """What must stand in no line: of everybody who is known, and what they have written."""
    found: set[str] = set()
    for model, fields in (
        *((model, ("first_name", "last_name", "email", "phone")) for model in (User, Expert)),
        (Order, ("task", "place", "wish", "contact_name", "contact_phone")),
        (OrderPlan, ("goal", "contact_way")),
    ):
        for row in model._default_manager.values_list(*fields):
            found |= set(map(str, row))
    found |= set(OutboxMessage.objects.exclude(subject="").values_list("subject", flat=True))
    found |= set(OutboxMessage.objects.exclude(address="").values_list("address", flat=True))
    digits = {word.replace(" ", "") for word in found if word.replace(" ", "").isdecimal()}
    return {word for word in found | digits if len(word) > 2}


def what_goes_wrong(cast: Cast, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who is refused, a question that fails, a page that breaks, a file that cannot be read."""
    clock(at(2026, 12, 1, 10))
    with monkeypatch.context() as patch:

        def refused(_backend: Any, _mails: Any) -> int:
            raise SMTPRecipientsRefused({"eva@example.org": (550, b"no such reader Eva Expert")})

        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refused)
        OutboxMessage.objects.update(
            state="waiting", sent_at=None, due_at=at(2026, 12, 1, 9), retry_at=None, attempts=0
        )
        send_waiting()
    with monkeypatch.context() as patch:

        def broken(*_args: Any, **_words: Any) -> Any:
            raise RuntimeError(f"Eva Expert, eva@example.org, {PHONE}")

        patch.setattr("office.outbox.as_mail", broken)
        OutboxMessage.objects.update(
            state="waiting", sent_at=None, due_at=at(2026, 12, 1, 9), retry_at=None, attempts=0
        )
        send_waiting()
        patch.setattr("experts.views.render", broken)
        browser = Client(raise_request_exception=False)
        browser.force_login(cast.coordinator)
        assert browser.get(reverse("experts:registry"), {"q": "Eva Expert"}).status_code == 500
        patch.setattr("desk.actions.take", broken)
        assert browser.get(reverse("experts:expert", args=[999_999])).status_code == 404
    cast_file = UploadedSheet.objects.create(
        sort="registry", name="Eva Expert.csv", content=b"x", uploaded_by=cast.coordinator, uploaded_at=at(2026, 12, 1)
    )
    with monkeypatch.context() as patch:
        patch.setattr("desk.actions.take", broken)
        call_command("tick")
    cast_file.refresh_from_db()
    assert cast_file.state == "stopped"


def test_the_log_of_a_whole_month_names_nobody(
    cast: Cast, clock: Clock, log: Log, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    make_fee_table()
    settings.SMS_GATEWAY = "office.sms.LogGateway"
    for one in (User, Expert):
        one.objects.update(phone=PHONE)
    SmsConsent.objects.create(user=cast.expert_user, number="+358407654321", given_at=at(2026, 1, 2))
    named, expert = Person(cast.named), Person(cast.expert_user)
    people = People(Person(cast.orderer), named, expert, Person(cast.coordinator), Person(cast.finance))
    for part in (september, october, sent, returned_and_approved, closed_and_paid):
        part(people, clock)
        send_waiting()
        call_command("tick")
    fee_tasks.make_missing_documents()
    assert len(mail.outbox) > 10
    what_goes_wrong(cast, clock, monkeypatch)

    words = personal_words()
    assert {"Eva", "Nora", "eva@example.org", PHONE, "0407654321", "Walks and talks", "Courage"} <= words
    told = [json.loads(line) for line in log.lines]
    assert {"erfa.messages", "django.request"} <= {one["logger"] for one in told}
    assert [line for line in log.lines if '"error"' in line] != []
    assert log.said(*words) == []
    assert log.said("+358407654321", connection.settings_dict["PASSWORD"] or "no password") == []
