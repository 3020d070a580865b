"""Who has completed what, as a condition of work and of fees. Pure: no Django, no clock, no translated text."""

from collections.abc import Iterable, Mapping
from datetime import date

#: The code of a training → the first day on which it was completed.
Done = Mapping[str, date]


def has(done: Done, code: str, day: date) -> bool:
    """Whether the training was completed by the day; the day of completion itself counts."""
    return code in done and done[code] <= day


def completed_by(done: Done, day: date) -> frozenset[str]:
    """The codes of everything completed by the day, that day included."""
    return frozenset(code for code in done if has(done, code, day))


def lacking(required: Iterable[str], done: Done, day: date) -> list[str]:
    """What a kind of work requires and the expert has not completed by the day, in the order asked."""
    return [code for code in required if not has(done, code, day)]
