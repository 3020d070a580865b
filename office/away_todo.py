"""What absences leave to do: units whose named employee is away soon and where nobody stands in."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from office.away import duties, gaps_in
from office.choices import ORDERERS, Role
from office.models import Unit, User
from office.templatetags.erfa import day, localname
from office.todo import Ask, Todo, source
from office.together import Row
from office.workdays import at_wall_clock, local_date

#: So long ahead a task stands on first pages.
AHEAD = timedelta(days=30)


@source
def uncovered(user: User, at: datetime) -> Iterator[Ask]:
    """For the coordinator all units, for the people of a unit their own; a task for each unit, its first days."""
    coordinator = user.has_role(Role.COORDINATOR)
    units = None if coordinator else user.holdings.units_as(*ORDERERS)
    if units is not None and not units:
        return

    def tell(rows: list[Row]) -> Iterator[Todo]:
        named = {row[0]: Unit(pk=row[0], name_fi=row[7], name_sv=row[8]) for row in rows}
        told: set[int] = set()
        for gap in gaps_in(rows, at):
            if gap.unit in told or gap.first > local_date(at) + AHEAD:
                continue
            told.add(gap.unit)
            words = _("%(unit)s: the named employee is away and no deputy is there.")
            words %= {"unit": localname(named[gap.unit])}
            url = reverse("office:unit", args=[gap.unit]) if coordinator else reverse("office:my_away")
            verb = _("Choose a deputy") if coordinator else _("See")
            begins, days = at_wall_clock(gap.first, time(0)), span(gap.first, gap.last)
            yield Todo(words, url, verb, due=begins, due_text=days, urgent=True)

    yield Ask(duties(at, units), tell)


def span(first: date, last: date) -> str:
    """One day, or from a day to a day."""
    return day(first) if first == last else f"{day(first)} – {day(last)}"
