"""The mail server of a test, the program led to it, and somebody to be reminded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from office import outbox, reminders
from office.models import User
from office.reminders import Note, Round, Setting
from tests.factories import make_unit, make_user
from tests.faults.mailserver import MailServer, backend, mail_server

PEOPLE = 3


@pytest.fixture
def server(settings: Any, transactional_db: None) -> Iterator[MailServer]:
    """A mail server that this process sends to. The database is real: what is committed stays until the end."""
    with mail_server() as running:
        for name, value in backend(running).items():
            setattr(settings, name, value)
        yield running


@pytest.fixture
def everybody(monkeypatch: pytest.MonkeyPatch, server: MailServer) -> list[User]:
    """One reminder, to all, on each working day at nine."""
    unit = make_unit("Y01")
    people = [make_user(language="fi") for _number in range(PEOPLE)]
    own = reminders.REMINDERS["unit_alone"]
    kind = replace(own.kind, still_true=None)

    def find(asked: Round) -> Iterator[Note]:
        for user in people:
            yield Note(user, unit, asked.name, f"/units/{unit.pk}/", {"units": [unit]})

    only = reminders.Reminder(own.name, kind, own.to, own.when, Setting(True, time(9), ()), True, find)
    monkeypatch.setattr(reminders, "REMINDERS", {own.name: only})
    monkeypatch.setitem(outbox.KINDS, kind.name, kind)
    return people
