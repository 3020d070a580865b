"""The commands of docs/operation.md back up a database and restore it into a new one, whole."""

import os
import re
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

from tests.tooling.servers import ROOT, own_database

MANUAL = (ROOT / "docs" / "operation.md").read_text()


def command_of_the_manual(program: str) -> str:
    """The one line of the manual that begins with the program."""
    lines = re.findall(rf"^    ({program} .*)$", MANUAL, re.MULTILINE)
    assert len(lines) == 1, f"{program} stands in the manual {len(lines)} times"
    return str(lines[0])


def run(command: str, folder: Path, **env: str) -> None:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def facts(url: str) -> dict[str, int]:
    """How many rows every table has, and how many constraints, indexes, triggers and functions there are."""
    with psycopg.connect(url) as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        counts = {}
        for table in tables:
            row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
            assert row is not None
            counts[table] = int(row[0])
        for what, query in {
            "constraints": "SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
            "indexes": "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'",
            "triggers": "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal",
            "functions": "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
        }.items():
            row = connection.execute(query).fetchone()
            assert row is not None
            counts[f"({what})"] = int(row[0])
        return counts


def test_what_is_backed_up_comes_back_whole(tmp_path: Path) -> None:
    name = f"backup_{os.getpid()}"
    with own_database(name) as url, own_database(f"{name}_new") as new:
        office = [sys.executable, "manage.py"]
        env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings.dev"}
        for words in (["migrate", "--no-input", "--verbosity", "0"], ["load_demo"]):
            done = subprocess.run([*office, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
        run(command_of_the_manual("pg_dump"), tmp_path, DATABASE_URL=url)
        run(command_of_the_manual("pg_restore"), tmp_path, NEW_DATABASE_URL=new)
        before = facts(url)
        assert facts(new) == before
        assert before["office_user"] > 0
        assert before["(triggers)"] > 0


def test_a_restore_over_data_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    with own_database(f"backup_{os.getpid()}_over") as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept (n integer)")
            connection.execute("INSERT INTO kept VALUES (1)")
        run(command_of_the_manual("pg_dump"), tmp_path, DATABASE_URL=url)
        before = facts(url)
        done = subprocess.run(
            ["sh", "-c", command_of_the_manual("pg_restore")],
            cwd=tmp_path,
            env=os.environ | {"NEW_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode != 0
        assert facts(url) == before
