"""The page of lessons names a test for each, and each of these tests says which lesson it is."""

import re
from pathlib import Path

import pytest

from tests.tooling.servers import ROOT

PAGE = (ROOT / "docs" / "lessons.md").read_text()
#: How many lessons each part has.
PARTS = {"L": 12, "M": 17, "T": 15, "R": 11, "P": 16, "N": 9, "D": 15}
ROWS = re.findall(r"^\| ([LMTRPND]\d+) \| (.+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_every_lesson_is_there_once_and_in_order() -> None:
    wanted = [f"{part}{number}" for part, last in PARTS.items() for number in range(1, last + 1)]
    assert [number for number, _what, _tests in ROWS] == wanted


def around(path: Path, name: str) -> str:
    """A test with what stands above it; the whole file when the page names the file."""
    lines = path.read_text().splitlines()
    if not name:
        return "\n".join(lines)
    starts = [number for number, line in enumerate(lines) if line.lstrip().startswith(f"def {name}(")]
    assert len(starts) == 1, f"{path} has {len(starts)} of {name}"
    first = last = starts[0]
    while first and lines[first - 1].strip():
        first -= 1
    while last + 1 < len(lines) and not lines[last + 1].lstrip().startswith(("def ", "class ", "@")):
        last += 1
    return "\n".join(lines[first : last + 1])


@pytest.mark.parametrize(("number", "tests"), [(number, tests) for number, _what, tests in ROWS])
def test_its_tests_are_there_and_say_its_number(number: str, tests: str) -> None:
    named = re.findall(r"`([\w/]+\.py)(?:::(test_\w+))?`", tests)
    assert named
    said = rf"\b{number}\b|test_{number.lower()}_"
    if number.startswith("R"):  # R1–R30 are rules of the office too
        said = rf"[Ll]essons?\W(?:.*\W)?{number}\b|\b{number} of the (?:lessons|races)"
    for file, name in named:
        path = ROOT / "tests" / file
        assert path.is_file(), f"{file} is not there"
        assert re.search(said, around(path, name)), f"{file}::{name} does not say {number}"
