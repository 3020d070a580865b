"""Sums of lines in words, for the documents of a run: by expert, by income type, by what bookkeeping enters them by."""

from collections.abc import Iterable
from dataclasses import dataclass

from fees import documents
from fees.documents import Line, Tallies, Tally
from fees.texts import income_word
from office import formats

DASH = "–"


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum in words: ``parts`` are its figures, the last one the sum itself."""

    name: str
    parts: tuple[str, ...]


def figures(tally: Tally, language: str) -> tuple[str, str, str, str, str]:
    """Count of lines, fees, travel, corrections and sum, in words."""
    sums = (tally.fees, tally.travel, tally.earlier, tally.total)
    fees, travel, earlier, together = (formats.number(figure, language, 2) for figure in sums)
    return formats.number(tally.lines, language), fees, travel, earlier, together


def parts(lines: Iterable[Line], language: str) -> tuple[str, str, str, str, str]:
    tally = Tally()
    for line in lines:
        tally.add(line)
    return figures(tally, language)


def income_sums(lines: Iterable[Line], language: str) -> list[Sum]:
    found = Tallies()
    for line in lines:
        found.add(line.income_type, line)
    return incomes(found, language)


def incomes(found: Tallies, language: str) -> list[Sum]:
    return [
        Sum(
            f"{code} {income_word(code)}".strip(),
            (formats.number(count, language), formats.number(amount, language, 2)),
        )
        for code, count, amount in documents.sums_of(found)
    ]


def posting_of(line: Line) -> tuple[str, str, str]:
    """By what bookkeeping enters a line."""
    return line.cost_centre, line.posting, line.income_type


def by_posting(lines: Iterable[Line]) -> Tallies:
    found = Tallies()
    for line in lines:
        found.add(posting_of(line), line)
    return found


def postings(found: Tallies, language: str) -> list[tuple[str, str, str, str, str]]:
    """Cost centre, posting, income type with its word, count of lines and sum."""
    return [
        (
            centre,
            posting or DASH,
            f"{income} {income_word(income)}".strip(),
            formats.number(tally.lines, language),
            formats.number(tally.total, language, 2),
        )
        for (centre, posting, income), tally in sorted(found.items())
    ]
