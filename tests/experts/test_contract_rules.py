"""The text of a contract: placeholders, filling, pieces, a renewal's days, what a scan may be. Pure."""

from datetime import date

import pytest

from experts import contract_fill, rules
from tests.factories.contracts import JPEG, PDF, PNG

ALL = " ".join(f"{{{name}}}" for name in rules.REQUIRED)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_model_texts_are_whole_and_alike(language: str) -> None:
    body = contract_fill.model_text(language)
    assert not rules.faults_of(body)
    kinds = [piece.kind for piece in rules.blocks(body)]
    assert kinds == [piece.kind for piece in rules.blocks(contract_fill.model_text("fi"))]
    assert kinds.count("heading") == 11


@pytest.mark.parametrize(
    ("body", "unknown", "missing", "lone"),
    [
        (ALL, (), (), False),
        (ALL + " {nam} {nam} {}", ("nam", ""), (), False),
        (ALL.replace("{name}", ""), (), ("name",), False),
        (ALL + " {county} {fees} {valid_from}", (), (), False),
        (ALL + " { here", (), (), True),
        (ALL + " {na\nme}", (), (), True),
    ],
    ids=["whole", "unknown", "missing", "optional", "brace", "over-two-lines"],
)
def test_placeholders_are_checked(body: str, unknown: tuple[str, ...], missing: tuple[str, ...], lone: bool) -> None:  # noqa: FBT001 - a table
    found = rules.faults_of(body)
    assert (found.unknown, found.missing, found.lone_brace) == (unknown, missing, lone)
    assert bool(found) is bool(unknown or missing or lone)


def test_what_a_value_holds_is_never_filled_or_taken_for_a_heading() -> None:
    values = {"name": "{tasks}\n## Free money", "tasks": "none"}
    assert rules.fill("{name}: {tasks}", values) == "{tasks} ## Free money: none\n"
    assert [piece.kind for piece in rules.blocks(rules.fill("I am {name}.", values))] == ["paragraph"]


def test_the_same_words_have_the_same_hash_whatever_the_browser_sent() -> None:
    assert rules.normal("a \r\nb\r") == rules.normal("a\nb\n") == "a\nb\n"
    assert rules.hash_of("ä\n") == "ac6f010e65c9ea739dbdaa21427edd5ef60c6d461ef4d619c003e3ab62453a56"


@pytest.mark.parametrize(
    ("first", "last", "next_first", "next_last"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2027, 12, 31)),
        (date(2027, 1, 1), date(2027, 12, 31), date(2028, 1, 1), date(2028, 12, 31)),
        (date(2026, 1, 1), date(2027, 12, 31), date(2028, 1, 1), date(2029, 12, 31)),
        (date(2027, 3, 1), date(2028, 2, 29), date(2028, 3, 1), date(2029, 2, 28)),
        (date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 31)),
        (date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 6)),
        (date(2024, 2, 29), date(2028, 2, 28), date(2028, 2, 29), date(2032, 2, 28)),
    ],
)
def test_a_renewal_begins_the_day_after_and_is_as_long(
    first: date, last: date, next_first: date, next_last: date
) -> None:
    assert rules.renewal(first, last) == (next_first, next_last)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (PDF, ("pdf", "application/pdf")),
        (PNG, ("png", "image/png")),
        (JPEG, ("jpg", "image/jpeg")),
        (b"", None),
        (b"<html><script>alert(1)</script></html>%%EOF", None),
        (b"MZ\x90\0" + PDF, None),
        (b"%PDF-1.7 broken off", None),
        (b"GIF89a;", None),
    ],
    ids=["pdf", "png", "jpeg", "empty", "page", "program", "broken", "gif"],
)
def test_a_scan_is_known_by_its_content(content: bytes, found: tuple[str, str] | None) -> None:
    assert rules.scan_type(content) == found
