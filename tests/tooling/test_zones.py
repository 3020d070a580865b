"""The rules of time say the same wherever the machine stands (T14)."""

import os
import subprocess
import sys

import pytest

from tests.tooling.servers import ROOT

#: They need no database, so they are quick.
PURE = ["tests/office/test_workdays.py", "tests/office/test_inputs.py", "tests/assignments/test_rules.py"]


@pytest.mark.parametrize("zone", ["UTC", "Europe/Helsinki", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_t14_the_rules_say_the_same_wherever_the_machine_stands(zone: str) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *PURE]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
