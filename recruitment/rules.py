"""Rules of recruitment. Pure: no Django, no clock, no words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: The privacy notice that applicants agree to, by the day it was written. A new text gets a new day.
PRIVACY_NOTICE = date(2026, 6, 1)

#: Nobody reads and fills the form in less time; a form open for longer is shown again.
QUICKEST = timedelta(seconds=5)
OLDEST = timedelta(hours=12)
#: Applications taken in an hour: from one address (a library's computers share one), and altogether.
HOURLY_FROM_ONE = 5
HOURLY_IN_ALL = 60

INTERVIEWERS = 2

#: An open application on which nothing has happened for so long is removed: the consent was for an assessment, and one
#: that led nowhere is kept no longer either. The coordinator's decision stands above it (*Retention*, by this name).
STILL_MONTHS = 12
STILL_LEAST = 3
LEFT = "applications_left"
#: So long before, the coordinator is asked to decide.
STILL_WARNING = timedelta(days=30)


@dataclass(frozen=True)
class Seat:
    """An interviewer: who, whether a professional of health or social care, whether the own view is given."""

    user_id: int
    is_professional: bool
    given: bool = False


def interview_problem(seats: Sequence[Seat]) -> str:
    """R25: two different persons, one of them a professional. ``"two"``, ``"same"``, ``"professional"`` or ``""``."""
    if len(seats) != INTERVIEWERS:
        return "two"
    if len({seat.user_id for seat in seats}) != INTERVIEWERS:
        return "same"
    if not any(seat.is_professional for seat in seats):
        return "professional"
    return ""


def decision_problem(seats: Sequence[Seat]) -> str:
    """What is missing before a decision on an interview: as above, or ``"views"`` while a view is not given."""
    problem = interview_problem(seats)
    if not problem and not all(seat.given for seat in seats):
        return "views"
    return problem


def may_read_others(seats: Sequence[Seat], user_id: int) -> bool:
    """Nobody sees another's view before giving the own one; who does not interview sees what is given."""
    return all(seat.given for seat in seats if seat.user_id == user_id)


def pace(opened_at: datetime, sent_at: datetime) -> str:
    """How a form was sent: ``"quick"``, ``"old"`` or ``""``."""
    if sent_at - opened_at < QUICKEST:
        return "quick"
    return "old" if sent_at - opened_at > OLDEST else ""
