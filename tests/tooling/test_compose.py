"""docker-compose.yml keeps to the Compose specification, and its very commands run on this machine without Docker."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import psycopg
import pytest
import yaml

from tests.tooling.servers import (
    REDIS,
    ROOT,
    Mailbox,
    free_port,
    mailbox,
    own_database,
    redis_server,
    running,
    until,
)

HERE = Path(__file__).parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["migrate", "web", "worker", "beat"]
WORDS = {
    "POSTGRES_PASSWORD": "stand-in",
    "ALLOWED_HOSTS": "erfa.example.org",
    "CSRF_TRUSTED_ORIGINS": "https://erfa.example.org",
    "SITE_URL": "https://erfa.example.org",
    "SECRET_KEY": "a-stand-in-key-of-many-letters-for-the-test-only-0123456789",
    "DEFAULT_FROM_EMAIL": "erfa@example.org",
    "EMAIL_HOST": "127.0.0.1",
    "COUNTY_NAME_FI": "Esimerkkialue",
    "COUNTY_NAME_SV": "Exempelområdet",
    "COUNTY_NAME_EN": "Example county",
}


def test_the_file_keeps_to_the_specification() -> None:
    schema = json.loads((HERE / "compose-spec.json").read_text())
    jsonschema.Draft201909Validator.check_schema(schema)
    errors = [error.message for error in jsonschema.Draft201909Validator(schema).iter_errors(COMPOSE)]
    assert errors == []


def test_the_schema_would_see_a_fault() -> None:
    schema = json.loads((HERE / "compose-spec.json").read_text())
    broken = {"services": {"web": {"image": "erfa", "comand": "gunicorn"}}}
    assert not jsonschema.Draft201909Validator(schema).is_valid(broken)


def test_the_services_are_the_four_of_ours_and_two_of_others() -> None:
    assert sorted(SERVICES) == sorted([*OURS, "db", "redis"])


def test_only_the_web_server_is_published_and_only_to_this_machine() -> None:
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["${WEB_ADDRESS:-127.0.0.1:8000}:8000"]
    }


def test_whatever_is_secret_or_the_offices_own_must_be_given() -> None:
    """No default for a secret: a compose file that starts without a key starts with a known one."""
    text = (ROOT / "docker-compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    assert required == set(WORDS)


def test_the_variables_are_those_that_production_reads() -> None:
    """A variable that no setting reads is a mistake, as is one that production requires and nobody gives."""
    settings = "".join((ROOT / "config" / "settings" / name).read_text() for name in ("base.py", "production.py"))
    read = set(re.findall(r'(?:environ\.get|required|words|flag)\(\s*"(\w+)"', settings))
    given = set(SERVICES["web"]["environment"])
    assert given - read == set()
    assert set(re.findall(r'(?:required|words)\("(\w+)"', settings)) - given == set()


def test_every_variable_is_in_the_manual() -> None:
    manual = (ROOT / "docs" / "operation.md").read_text()
    variables = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert sorted(variable for variable in variables if f"`{variable}`" not in manual) == []


def test_the_image_carries_no_key_and_no_data() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "USER erfa" in dockerfile
    assert "--require-hashes" in dockerfile
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"


@dataclass(frozen=True)
class Machine:
    """The services of the compose file, running here."""

    env: dict[str, str]
    port: int
    letters: Mailbox
    logs: Path

    def manage(self, *words: str) -> str:
        """The output of a management command with the production settings."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def environment(changes: dict[str, str]) -> dict[str, str]:
    """The environment of our services as Compose would make it, but for where the servers are."""
    given = {}
    for name, value in SERVICES["web"]["environment"].items():
        with_words = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: WORDS[match[1]], str(value))
        given[name] = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda match: match[2], with_words)
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "LD_LIBRARY_PATH"}}
    kept["PATH"] = f"{Path(sys.executable).parent}:{kept.get('PATH', '')}"
    return kept | given | {"DJANGO_SETTINGS_MODULE": "config.settings.production"} | changes


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Everything that `docker compose up` starts, from its own commands, beside a real PostgreSQL and a real Redis."""
    if REDIS is None:
        pytest.skip("no Redis server on this machine: apt-get install redis-server")
    folder = tmp_path_factory.mktemp("compose")
    port = free_port()

    def command(service: str) -> list[str]:
        words = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in SERVICES[service]["command"]]
        return [word.replace("/tmp/", f"{folder}/") for word in words]  # noqa: S108 - the container's own

    with ExitStack() as stack:
        letters = stack.enter_context(mailbox())
        env = environment(
            {
                "DATABASE_URL": stack.enter_context(own_database(f"compose_{os.getpid()}")),
                "REDIS_URL": stack.enter_context(redis_server(folder)),
                "EMAIL_PORT": str(letters.port),
            }
        )
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"],
            cwd=ROOT,
            env=env,
            check=True,
        )
        subprocess.run(command("migrate"), cwd=ROOT, env=env, check=True, capture_output=True)
        for service in ("web", "worker", "beat"):
            stack.enter_context(running(command(service), env, folder / f"{service}.log"))
        yield Machine(env, port, letters, folder)


def test_the_web_server_is_healthy(machine: Machine) -> None:
    """Asked as the container's health check asks: in the name of an allowed host, over plain HTTP from inside."""
    check = SERVICES["web"]["healthcheck"]["test"]
    assert check[0] == "CMD"
    words = [word.replace("127.0.0.1:8000", f"127.0.0.1:{machine.port}") for word in check[1:]]

    def healthy() -> bool:
        return subprocess.run(words, cwd=ROOT, env=machine.env, capture_output=True, check=False).returncode == 0

    until(healthy, "the health check")


def test_a_message_goes_through_broker_worker_and_mail_server(machine: Machine) -> None:
    machine.manage(
        "shell",
        "--verbosity",
        "0",
        "-c",
        """
from django.utils import timezone
from office.models import OutboxMessage, User
from office.tasks import send_waiting
now = timezone.now()
user = User.objects.create(email="aino@example.org")
OutboxMessage.objects.create(recipient=user, kind="test", language="fi", subject="Työaika", body="Hei ä",
    about_type="office.user", about_id=user.pk, once="compose", created_at=now, due_at=now)
send_waiting.delay()
""",
    )
    until(lambda: len(machine.letters.letters) == 1, "the letter")
    assert "To: aino@example.org" in machine.letters.letters[0]
    with psycopg.connect(machine.env["DATABASE_URL"]) as connection:

        def sent() -> bool:
            return connection.execute("SELECT state, error FROM office_outboxmessage").fetchall() == [("sent", "")]

        connection.autocommit = True
        until(sent, "the row says that it was sent")


def test_the_worker_is_healthy(machine: Machine) -> None:
    kind, shell = SERVICES["worker"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    command = ["sh", "-c", shell.replace("$$", "$")]
    env = machine.env | {"HOSTNAME": os.uname().nodename}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "pong" in done.stdout


def test_the_clock_has_the_ticks_of_the_settings(machine: Machine) -> None:
    until(lambda: "beat: Starting" in (machine.logs / "beat.log").read_text(), "the clock starts")
    schedule = machine.manage(
        "shell",
        "--verbosity",
        "0",
        "-c",
        "from celery import current_app as app\napp.loader.import_default_modules()\n"
        "print(sorted(e['task'] for e in app.conf.beat_schedule.values() if e['task'] not in app.tasks))",
    )
    assert schedule.strip() == "[]"
