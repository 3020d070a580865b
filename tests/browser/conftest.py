"""A real Chromium before the real program: one server in this process, so that its clock can be moved.

The demonstration office is loaded once and read by many tests; a test that writes takes an empty office (``bare``).
"""

import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from desk import actions as imports
from desk import demo
from fees.models import PaymentRun, RunDocument
from office.models import User
from tests.browser.moment import NOW
from tests.conftest import Cast, Clock
from tests.conftest import cast as cast_fixture
from tests.factories import DATA, make_fee_table

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: Any,
    django_db_keepdb: bool,  # noqa: FBT001 - a fixture
) -> Iterator[None]:
    """The test database. pytest-django makes it for tests in transactions only; ours are seen by a server.

    ``--reuse-db`` keeps it with the demonstration in it: quick while writing tests, never when they count.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[], keepdb=django_db_keepdb)
    yield
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def playwright_running(django_db_setup: None) -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright_running: Playwright) -> Iterator[Browser]:
    program = which("chromium")
    if program is None:
        pytest.fail("Chromium is missing. As root: apt-get install --no-install-recommends -y chromium", pytrace=False)
    browser = playwright_running.chromium.launch(executable_path=program, args=ARGUMENTS)
    yield browser
    browser.close()


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Says nothing: what fails is told by the test."""


class Server(ThreadedWSGIServer):
    daemon_threads = False  # a request of a page that was left ends before the server does

    def handle_error(self, *args: Any) -> None:
        """A browser that hangs up is no error."""


class Office:
    """The server, what is in its database, and what went wrong inside."""

    def __init__(self, url: str, filled: str) -> None:
        self.url = url
        self.filled = filled
        self.errors: list[str] = []

    def note(self, request: Any = None, **_facts: Any) -> None:
        self.errors.append(f"{request.path if request else ''}: {sys.exc_info()[1]!r}")

    def fill(self, what: str) -> None:
        """Empties the database and fills it with the demonstration (``demo``), or with nothing (``bare``)."""
        if self.filled != what:
            if self.filled:
                call_command("flush", interactive=False, verbosity=0)
            self.filled = "half"
            if what == "demo":
                self._demonstrate()
            self.filled = what

    def _demonstrate(self) -> None:
        """The demonstration, with empty files for the payment runs (making them is tested elsewhere) and one sheet."""
        with pytest.MonkeyPatch.context() as patch:
            Clock(patch)(NOW)
            assert demo.load(now=NOW, documents=False) == []
        for run in PaymentRun.objects.order_by("number"):
            files: list[dict[str, Any]] = [{"kind": kind} for kind in ("csv", "xlsx")]
            both = [{"language": "fi"}, {"language": "sv"}]
            files += ({"kind": "summary", **language} for language in both)
            for kind, of, ways in (("statement", "expert_id", [{}]), ("unit_report", "unit_id", both)):
                whose = set(run.lines.values_list(of, flat=True))
                files += ({"kind": kind, of: pk, **language} for pk in whose for language in ways)
            for number, facts in enumerate(files):
                RunDocument.objects.create(
                    run=run, filename=f"{number}-{facts['kind']}.pdf", content=b"", sha256="0" * 64, size=1, **facts
                )
        coordinator = User.objects.get(email=demo.LOGINS[0].email)
        content = (DATA / "registry_messy.xlsx").read_bytes()
        sheet = imports.upload("registry", "registry_messy.xlsx", content, by=coordinator, at=NOW)
        imports.work(sheet.pk, at=NOW)


@pytest.fixture(scope="session")
def office(
    playwright_running: Playwright, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The running program, with static files as production serves them: compressed, hashes in their names."""
    static = override_settings(
        STATIC_ROOT=str(tmp_path_factory.mktemp("static")),
        WHITENOISE_USE_FINDERS=False,
        WHITENOISE_AUTOREFRESH=False,
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        },
    )
    # Playwright keeps an event loop in this thread; Django would refuse its database here.
    with static, django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        call_command("collectstatic", interactive=False, verbosity=0)
        server = Server(("127.0.0.1", 0), QuietHandler)
        server.set_app(WSGIHandler())
        thread = threading.Thread(target=server.serve_forever, name="server")
        thread.start()
        kept = "" if demo.is_empty() else "demo" if RunDocument.objects.exists() else "?"
        running = Office(f"http://127.0.0.1:{server.server_port}", kept)
        got_request_exception.connect(running.note)
        yield running
        got_request_exception.disconnect(running.note)
        server.shutdown()
        server.server_close()
        thread.join()
        connection.close()


@pytest.fixture
def demonstration(office: Office, clock: Clock) -> Office:
    """The demonstration office at ``NOW``. To be read; what a test writes may not disturb the others."""
    office.fill("demo")
    office.errors.clear()
    clock(NOW)
    return office


@pytest.fixture
def bare(office: Office, clock: Clock) -> Office:
    """An office without anybody, for a story of one's own."""
    office.fill("bare")
    office.filled = "half"  # whoever comes next begins anew
    office.errors.clear()
    return office


@pytest.fixture
def people(bare: Office) -> Cast:
    """The cast in an empty office with the example fee table, seen by the server (in no transaction of the test)."""
    make_fee_table()
    return cast_fixture.__wrapped__(None)  # type: ignore[attr-defined, no-any-return]  # the fixture's own function


class Visitor:
    """A person's browser. Everything that its pages complain about is a fault."""

    def __init__(self, office: Office, context: BrowserContext) -> None:
        self.office = office
        self.context = context
        self.page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)

    def _console(self, message: Any) -> None:
        # A refused form comes back as a page with its own status; Chromium notes that.
        if message.type in {"error", "warning"} and not re.search("status of (409|422)", message.text):
            self.complaints.append(f"console: {message.text}")

    def _failed(self, request: Any) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a page that was left, a file that was saved
            self.complaints.append(f"{request.url}: {request.failure}")

    def open(self, path: str) -> Page:
        """Goes to the address and expects a page."""
        answer = self.page.goto(self.office.url + path)
        assert not self.office.errors, self.office.errors
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.page


def new_visitor(office: Office, chromium: Browser, user: User | None, *, width: int = 1280, **how: Any) -> Visitor:
    """A browser of one's own, signed in. Its time zone is not the office's, so that no page leans on it."""
    how = {"locale": "fi-FI", "timezone_id": "America/New_York", "viewport": {"width": width, "height": 800}} | how
    context = chromium.new_context(**how)
    context.set_default_timeout(15_000)
    if user is not None:
        client = Client()
        client.force_login(user)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": office.url}])
    return Visitor(office, context)


Opener = Callable[..., Visitor]


@pytest.fixture
def visit(office: Office, chromium: Browser) -> Iterator[Opener]:
    """``visit(user, width=360)``: a new browser. Complaints are told when the test ends."""
    visitors: list[Visitor] = []

    def visit(user: User | None, **how: Any) -> Visitor:
        visitors.append(new_visitor(office, chromium, user, **how))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()
    assert not [told for visitor in visitors for told in visitor.complaints]
    assert not office.errors
