"""One machine a test: Redis, mail server, and whatever the test starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from config.celery import app
from tests.faults.mailserver import MailServer
from tests.faults.slow.machine import Machine, machine
from tests.tooling.servers import REDIS


@pytest.fixture
def office(server: MailServer, tmp_path: Path, settings: Any) -> Iterator[Machine]:
    """This process is the web server: what it starts goes to the Redis of the test."""
    if REDIS is None:
        pytest.skip("no Redis server on this machine: apt-get install redis-server")
    with machine(tmp_path, server) as made:
        settings.REDIS_URL = made.redis.url
        before = {name: app.conf[name] for name in ("broker_url", "task_always_eager")}
        app.conf.update(broker_url=made.redis.url, task_always_eager=False)
        cast("Any", app)._after_fork()  # forgets the connections of before
        yield made
        app.conf.update(before)
        cast("Any", app)._after_fork()  # forgets the connections of before
