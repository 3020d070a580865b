"""The demonstration's budgets: most units well below, some near, some above, one without; raises with their reasons."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from budgets import actions
from budgets.figures import years_of
from desk.demo_cast import UnitCast
from office.models import Unit, User
from office.workdays import at_wall_clock, local_date

#: How the forecast of each unit stands to its budget, in per cent; the second is the named employee's who logs in.
STANDS = (78, 94, 52, 107, 66, 81, 43, 97, 74, 60, 112, 70)
RAISED = {
    "fi": "Lisäys syksyn ryhmään, palvelualueen päätös",
    "sv": "Tillägg för höstens grupp, serviceområdets beslut",
}


def load(units: Sequence[UnitCast], *, coordinator: User, begun: datetime, now: datetime) -> None:
    """Budgets by how the year looks, of the year before a little less; the last unit has none yet."""
    today = local_date(now)
    rows = years_of(Unit.objects.filter(pk__in=[cast.unit.pk for cast in units]), today.year, at=now, offered=False)
    told = {row.unit.pk: row.forecast.total for row in rows}
    for place, cast in enumerate(units[:-1]):
        forecast = told[cast.unit.pk] or Decimal(cast.facts.budget)
        amount = (forecast * 100 / STANDS[place % len(STANDS)]).quantize(Decimal(1)) // 10 * 10
        first = amount - amount // 8 // 100 * 100 if place % 4 == 1 else amount
        for year in sorted({local_date(begun).year, today.year}):
            value = first if year == today.year else (first * 9 // 10) // 10 * 10
            at = min(now, max(begun, at_wall_clock(date(year, 1, 8), time(9))))
            actions.set_budget(cast.unit, year=year, amount=value, by=coordinator, at=at)
        if first != amount:
            reason = RAISED["sv" if "sv" in cast.facts.languages[:1] else "fi"]
            raised_at = max(begun, now - timedelta(days=40))
            actions.set_budget(cast.unit, year=today.year, amount=amount, by=coordinator, at=raised_at, reason=reason)
    actions.count_outlooks(None, at=now)
