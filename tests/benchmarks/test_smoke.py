"""The bench runs from its own data to its table. Nothing is said about time."""

import os
import subprocess
import sys
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def test_a_small_office_is_measured_and_leaves_no_database(db: None) -> None:
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    words = ["--experts", "3", "--in-unit", "2", "--months", "2", "--entries", "3", "--repeat", "1"]
    words += ["--registry", "3,5", "--rows", "4", "--messages", "6"]
    run = subprocess.Popen(
        [sys.executable, "-m", "benchmarks", *words],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    out, err = run.communicate(timeout=300)
    assert run.returncode == 0, err
    table = out.split("\n---")[-1].splitlines()[1:]
    told = [line.split("  ")[0] for line in table if line.strip()]
    assert told == [
        "approver's list, 2 lists",
        "one person-month",
        "month board, 3 people",
        "growth of approver's list, 2 lists, 6 to 18 entries",
        "growth of one person-month, 6 to 18 entries",
        "growth of month board, 3 people, 9 to 18 entries",
        "budgets of all 2 units",
        "a unit's budget by month",
        "month board, the figures only",
        "one write: an outcome, p50",
        "money of a month, 9 lines",
        "one statement, 3 entries, PDF",
        "money + 8 documents, 2 threads",
        *(
            f"registry {what}, {size} experts"
            for size in (3, 5)
            for what in ("list", "search by name", "search by topic and town", "last page")
        ),
        "registry from a sheet, 4 rows taken",
        "6 messages composed and stored",
        "6 messages handed over, 2 processes",
        "6 messages, both",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [f"erfa_bench_{run.pid}"])
        assert cursor.fetchone() == (0,)
