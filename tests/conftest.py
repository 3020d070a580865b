"""The cast, the clock and the strict rig that all tests share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import AppConfig
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone, translation

from experts.models import Expert
from office.choices import Role
from office.models import Policy, Unit, User
from tests.factories import make_expert, make_unit, make_user

#: What Django writes where a template names a variable that is not there (config.settings.test).
UNDEFINED = b"UNDEFINED-VARIABLE"


@dataclass(frozen=True)
class Cast:
    """The same people in every story. All read English; the names tell the part they play."""

    unit: Unit
    other_unit: Unit
    coordinator: User
    orderer: User
    named: User
    deputy: User
    expert: Expert
    second_expert: Expert
    finance: User
    supervisor: User
    stranger: User  # orders in the other unit
    other_named: User

    @property
    def expert_user(self) -> User:
        assert self.expert.user is not None
        return self.expert.user

    @property
    def second_expert_user(self) -> User:
        assert self.second_expert.user is not None
        return self.second_expert.user


@pytest.fixture(scope="session", autouse=True)
def _tests_may_empty_tables() -> Iterator[None]:
    """Between tests with transactions of their own Django empties all tables; what refuses TRUNCATE rests meanwhile."""
    emptied = DatabaseOperations.execute_sql_flush

    def resting(self: Any, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class JOIN pg_trigger ON tgrelid = pg_class.oid WHERE tgtype & 32 > 0"
            )
            tables = [name for (name,) in cursor.fetchall()]
        switched = "ALTER TABLE {} {} TRIGGER {}_is_never_emptied;"
        off, on = ([switched.format(name, what, name) for name in tables] for what in ("DISABLE", "ENABLE"))
        emptied(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", resting)
        yield


@pytest.fixture
def cast(db: None) -> Cast:
    unit = make_unit("Y01", name_fi="Loviisan mielenterveystoimisto", name_sv="Lovisa mentalvårdsbyrå")
    other = make_unit("Y02", name_fi="Porvoon päihdepoliklinikka", name_sv="Borgå missbrukspoliklinik")

    def person(first: str, last: str, *roles: str | tuple[str, Unit | None]) -> User:
        return make_user(f"{first.lower()}@county.example.org", roles=roles, first_name=first, last_name=last)

    return Cast(
        unit=unit,
        other_unit=other,
        coordinator=person("Carla", "Coordinator", Role.COORDINATOR),
        orderer=person("Anna", "Orderer", (Role.STAFF, unit)),
        named=person("Nora", "Named", (Role.UNIT_CONTACT, unit)),
        deputy=person("Dan", "Deputy", (Role.DEPUTY, unit)),
        expert=make_expert(first_name="Eva", last_name="Expert", email="eva@example.org"),
        second_expert=make_expert(first_name="Otto", last_name="Other", email="otto@example.org"),
        finance=person("Fia", "Finance", Role.FINANCE),
        supervisor=person("Sue", "Supervisor", Role.SUPERVISOR),
        stranger=person("Stan", "Stranger", (Role.STAFF, other)),
        other_named=person("Olga", "Othernamed", (Role.UNIT_CONTACT, other)),
    )


@receiver(post_migrate)
def _first_policy_comes_back(sender: AppConfig, plan: Sequence[object] = (), **_told: object) -> None:
    """A test with transactions of its own empties every table, also of what migrations have put there: without the
    first policy each page asks one question more, now and in later runs on the same database (``--reuse-db``).
    """
    if sender.label == "office" and not plan:  # no migration is under way: the table is as the models are
        Policy.objects.get_or_create(valid_from=date(2020, 1, 1))


@pytest.fixture
def client_for(db: None) -> Callable[[User], Client]:
    """A signed-in browser of the person. A client for each person: log-ins do not mix."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


class Clock:
    """Django's clock, held still: ``timezone.now()`` gives this moment until it is set again."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch

    def __call__(self, moment: datetime) -> datetime:
        assert moment.tzinfo, "a moment needs a time zone: use at(…)"
        self._patch.setattr(timezone, "now", lambda: moment)
        return moment


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """``clock(at(2026, 10, 5, 9))``: the moment that views, tasks and commands see."""
    return Clock(monkeypatch)


@pytest.fixture(autouse=True)
def strict_rig(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No undefined template variable in any answer; sign-ins survive a moved clock; English until told otherwise."""
    settings.SESSION_COOKIE_AGE = int(timedelta(days=36500).total_seconds())
    ask = Client.request

    def request(client: Client, **asked: Any) -> Any:
        answer = ask(client, **asked)
        if not answer.streaming and answer.get("Content-Type", "").startswith("text/"):
            place = answer.content.find(UNDEFINED)
            assert place < 0, (
                f"{asked.get('PATH_INFO')}: {answer.content[place : place + 120].decode(errors='replace')}"
            )
        return answer

    monkeypatch.setattr(Client, "request", request)
    with translation.override("en"):
        yield


@pytest.fixture
def http(rf: Any) -> Callable[..., HttpRequest]:
    """A bare request of a person, for what wants one without a whole page."""

    def request(user: User, path: str = "/", **extra: Any) -> HttpRequest:
        made: HttpRequest = rf.get(path, **extra)
        made.user = user
        return made

    return request
