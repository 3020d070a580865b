"""The private cluster, the port and the list of commands, as a new checkout meets them."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from scripts.serve import listen
from tests.tooling.servers import ROOT


def pg(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run([checkout / "scripts/pg", *words], env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout whose path is too long for a Unix socket, so that the cluster must stand elsewhere."""
    folder = tmp_path / ("long-" * 20)
    (folder / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "pg", folder / "scripts" / "pg")
    try:
        yield folder
    finally:
        pg(folder, "remove")


def test_a_cluster_starts_keeps_its_data_and_goes_without_trace(checkout: Path) -> None:
    started = pg(checkout, "start")
    assert started.returncode == 0, started.stderr
    url = (checkout / "var" / "database_url").read_text().strip()
    place = Path(pg(checkout, "place").stdout.strip())
    assert not place.is_relative_to(checkout)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT unnest(ARRAY['Öhman', 'Åberg', 'Äijälä', 'Zeder']) AS name")
        names = connection.execute("SELECT name FROM kept ORDER BY name").fetchall()
        assert [name for (name,) in names] == ["Zeder", "Åberg", "Äijälä", "Öhman"]
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert pg(checkout, "stop").returncode == 0
    assert pg(checkout, "status").returncode == 3
    assert pg(checkout, "start").returncode == 0
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (4,)
    assert pg(checkout, "remove").returncode == 0
    assert not place.exists()


def test_a_checkout_moved_elsewhere_gets_a_place_of_its_own(checkout: Path, tmp_path: Path) -> None:
    """Two checkouts never share a cluster, not even a copy and its original."""
    first = pg(checkout, "place").stdout
    copy = tmp_path / ("copy-" * 20)
    shutil.copytree(checkout, copy)
    assert pg(copy, "place").stdout != first
    assert pg(checkout, "place").stdout == first


def test_two_servers_started_at_once_get_two_ports() -> None:
    with closing(listen("127.0.0.1", 8700)) as first, closing(listen("127.0.0.1", 8700)) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_every_command_of_make_is_in_its_list() -> None:
    targets = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[0].split()
    listed = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\w+)", listed, re.MULTILINE) == targets


def test_locked_files_hold_hashes_and_no_address() -> None:
    """An address would bind the project to one person's mirror."""
    for name in ("requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        packages = re.split(r"\n(?=\S)", text.strip())
        assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_the_developers_lock_holds_every_package_of_the_other() -> None:
    def pinned(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pinned("requirements.lock") - pinned("requirements-dev.lock") == set()
