"""The rules of recruitment, without a database."""

from datetime import datetime, timedelta

import pytest

from recruitment.rules import OLDEST, QUICKEST, Seat, decision_problem, interview_problem, may_read_others, pace
from tests.factories import at

NURSE, OTHER = Seat(1, is_professional=True), Seat(2, is_professional=False)


@pytest.mark.parametrize(
    ("seats", "problem"),
    [
        ([NURSE, OTHER], ""),
        ([OTHER, Seat(3, is_professional=True)], ""),
        ([NURSE], "two"),
        ([NURSE, OTHER, Seat(3, is_professional=False)], "two"),
        ([NURSE, Seat(1, is_professional=False)], "same"),
        ([OTHER, Seat(3, is_professional=False)], "professional"),
    ],
    ids=["both", "second-is-professional", "one", "three", "same-person", "none-a-professional"],
)
def test_two_persons_interview_and_one_is_a_professional(seats: list[Seat], problem: str) -> None:
    assert interview_problem(seats) == problem


def test_both_views_come_before_the_decision() -> None:
    given = [Seat(1, is_professional=True, given=True), Seat(2, is_professional=False, given=True)]
    assert decision_problem([]) == "two"
    assert decision_problem([NURSE, given[1]]) == "views"
    assert decision_problem(given) == ""


def test_nobody_reads_the_other_view_before_giving_the_own_one() -> None:
    seats = [Seat(1, is_professional=True, given=True), OTHER]
    assert (may_read_others(seats, 1), may_read_others(seats, 2), may_read_others(seats, 9)) == (True, False, True)


SECOND = timedelta(seconds=1)
OPENED = at(2026, 10, 5, 9)


@pytest.mark.parametrize(
    ("sent", "how"),
    [
        (OPENED + QUICKEST - SECOND, "quick"),
        (OPENED + QUICKEST, ""),
        (OPENED + OLDEST, ""),
        (OPENED + OLDEST + SECOND, "old"),
    ],
    ids=["a-second-too-quick", "just-slow-enough", "just-in-time", "a-second-too-late"],
)
def test_how_a_form_was_sent(sent: datetime, how: str) -> None:
    assert pace(OPENED, sent) == how
