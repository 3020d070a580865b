"""An office that has worked with the first version updates without loss (D11)."""

import json
import os
import subprocess
import sys

from tests.tooling.older_version import PEOPLE
from tests.tooling.servers import ROOT, own_database


def test_d11_a_filled_older_version_is_brought_up_to_today() -> None:
    """D11: people, lists, a run and what stood beside, on PostgreSQL; today's program reads and refuses as ever."""
    with own_database(f"older_{os.getpid()}") as url:
        env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        command = [sys.executable, "-m", "tests.tooling.older_version"]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {
        "people": sorted(PEOPLE),
        "states": ["in_payment"],
        "board": "200.00",
        "run": "200.00",
        "lines": "200.00",
        "budgets": ["12000.00"],
        "secrets": ["/orders/answer/abcdef/", ""],
        "links": [],
        "refused": "frozen_line_is_never_changed",
    }
