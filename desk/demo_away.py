"""Absences of the demonstration: one that a deputy covers, one in which the deputy is away too, one that runs now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from desk.demo_cast import UnitCast
from office.away import note
from office.models import User
from office.workdays import local_date, next_working_day


def load(units: Sequence[UnitCast], *, coordinator: User, now: datetime) -> None:
    """In the first unit the deputy stands in; in the second nobody does; in the third the deputy is away now."""
    today = local_date(now)
    soon = next_working_day(today + timedelta(days=8))
    first, second, third = units[:3]
    note(first.named, soon, soon + timedelta(days=6), by=first.named, at=now)
    note(second.named, soon, soon + timedelta(days=4), by=second.named, at=now)
    note(second.deputy, soon, soon + timedelta(days=2), by=coordinator, at=now)
    note(third.deputy, today, today + timedelta(days=3), by=third.deputy, at=now)
