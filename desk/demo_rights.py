"""Data protection in the demonstration office: somebody erased, somebody who can be, reports of the nightly job."""

from datetime import datetime, time, timedelta

from desk.erasure import erase
from desk.retention import carry_out
from experts import actions as registry
from experts.models import Absence, Contract, Expert
from office.models import User
from office.periods import add_months
from office.workdays import at_wall_clock, local_date

#: Two who have left without having worked: the first is erased, the second can be.
LEFT = (("Irja", "Koskentalo", "fi", "Sipoo"), ("Folke", "Sandvall", "sv", "Lappträsk"))
DAY = timedelta(days=1)


def load(*, coordinator: User, begun: datetime, now: datetime) -> None:
    """After all work: an erasure some weeks ago, old days away that went last night, some that would go next."""
    today = local_date(now)
    gone, leaving = (_left(*person, by=coordinator, at=begun) for person in LEFT)
    erase(gone, by=coordinator, at=at_wall_clock(today - 40 * DAY, time(10, 15)))
    kept = add_months(today, -12)
    first = Expert.objects.order_by("pk")[:2]
    Absence.objects.bulk_create(
        [
            Absence(expert=first[0], first_day=kept - 12 * DAY, last_day=kept - 2 * DAY),
            Absence(expert=first[1], first_day=kept - 40 * DAY, last_day=kept - 33 * DAY),
            Absence(expert=leaving, first_day=kept - 5 * DAY, last_day=kept - DAY),  # over its time since this morning
        ]
    )
    carry_out(by=None, at=at_wall_clock(today - DAY, time(3, 30)))


def _left(first_name: str, last_name: str, language: str, municipality: str, *, by: User, at: datetime) -> Expert:
    fields = {
        "first_name": first_name,
        "last_name": last_name,
        "phone": "040 000 2000",
        "language": language,
        "municipality": municipality,
        "work_languages": [language],
        "kinds": [],
    }
    expert = registry.add_expert(fields, by=by, at=at)
    day = local_date(at)
    Contract.objects.create(  # signed on paper before the office came to Erfa, and over
        expert=expert,
        valid_from=day.replace(year=day.year - 2, day=1),
        valid_to=day - DAY,
        kinds=["group"],
        signed_on=day.replace(year=day.year - 2, day=1),
        state=Contract.State.IN_FORCE,
    )
    registry.end(expert, by=by, at=at + 30 * DAY, reason=Expert.StateReason.MOVED)
    return expert
