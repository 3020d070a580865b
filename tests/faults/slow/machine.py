"""The worker and the clock of docker-compose.yml as processes, beside a real Redis; on the test's own database."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.faults.mailserver import MailServer
from tests.tooling.servers import REDIS, ROOT, answers, database_url, free_port, running, until
from tests.tooling.test_compose import SERVICES, environment


class Redis:
    """A Redis server that is stopped and started on the same port, and keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self.port, self._folder = free_port(), folder
        self._process: ExitStack | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        assert REDIS is not None
        command = [REDIS, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = ExitStack()
        self._process.enter_context(
            running([*command, "--dir", str(self._folder)], dict(os.environ), self._folder / "redis.log")
        )
        until(lambda: answers(self.port), "Redis answers")

    def stop(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None


@dataclass
class Process:
    """A worker or a clock, in a group of its own with its children."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def is_alive(self) -> bool:
        return self.popen.poll() is None

    def said(self) -> str:
        return self.log.read_text()

    def kill(self) -> None:
        """-9 for it and all its children, at the same instant."""
        if self.is_alive:
            os.killpg(self.popen.pid, signal.SIGKILL)
            self.popen.wait()

    def end(self) -> None:
        """In order: the task under way is finished."""
        self.popen.terminate()
        try:
            self.popen.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.kill()


@dataclass
class Machine:
    """Processes that are ended with the test, whatever happens."""

    env: dict[str, str]
    redis: Redis
    server: MailServer
    folder: Path
    started: list[Process] = field(default_factory=list)
    web_port: int = field(default_factory=free_port)

    def _start(self, service: str) -> Process:
        number = len(self.started)
        words = [word.replace("/tmp/", f"{self.folder}/{number}-") for word in SERVICES[service]["command"]]  # noqa: S108
        if service == "worker":
            words += ["--hostname", f"worker{number}@%h"]
        words = [word.replace("0.0.0.0:8000", f"127.0.0.1:{self.web_port}") for word in words]
        log = self.folder / f"{number}-{service}.log"
        env = self.env | {"BEAT_FILE": str(self.folder / f"{number}-beat-alive")}
        with log.open("wb") as output:
            popen = subprocess.Popen(
                words,
                cwd=ROOT,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(Process(popen, log))
        return self.started[-1]

    def worker(self, *, wait: bool = True) -> Process:
        made = self._start("worker")
        if wait:
            until(lambda: " ready." in made.said(), "the worker is ready")
        return made

    def beat(self) -> Process:
        return self._start("beat")

    def web(self) -> Process:
        made = self._start("web")
        self.wait(lambda: answers(self.web_port), "the web server answers")
        return made

    def manage(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        command = [f"{self.env['PATH'].split(':')[0]}/python", "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=check)

    def wait(self, true: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """With the end of each log, should it not come."""
        try:
            until(true, what, seconds)
        except AssertionError as error:
            ends = "\n".join(f"--- {one.log.name}\n{one.said()[-3000:]}" for one in self.started)
            raise AssertionError(f"{error}\n{ends}") from error


@contextmanager
def machine(folder: Path, server: MailServer) -> Iterator[Machine]:
    redis = Redis(folder)
    redis.start()
    env = environment(
        {
            "DATABASE_URL": database_url(str(connection.settings_dict["NAME"])),
            "REDIS_URL": redis.url,
            "EMAIL_PORT": str(server.port),
            "DEFAULT_FROM_EMAIL": settings.DEFAULT_FROM_EMAIL,
        }
    )
    made = Machine(env, redis, server, folder)
    try:
        yield made
    finally:
        for one in made.started:
            one.kill()
        redis.stop()
