"""What work adds to pages of the registry."""

from datetime import datetime
from typing import Any

from django.db import models

from assignments.actions.orders import trusts_staff
from assignments.models import Session
from assignments.states import SessionState
from office.models import Unit, User
from office.panels import Panel, panel
from office.workdays import local_date

MOST = 10


@panel("absences", 10)
def agreed_on_days_away(_user: User, shown: models.Model, at: datetime) -> Panel | None:
    """Agreed sessions on the expert's days away: they stay until they are moved or cancelled (two queries)."""
    expert: Any = shown
    away = list(expert.absences.filter(last_day__gte=local_date(at)))
    if not away:
        return None
    ahead = Session.objects.filter(expert=expert, state=SessionState.AGREED, ends_at__gt=at)
    rows = ahead.select_related("unit", "order").order_by("starts_at", "pk")
    found = [row for row in rows if any(one.touches(row.starts_at, row.ends_at) for one in away)]
    return Panel("assignments/panel_days_away.html", {"sessions": found[:MOST]}) if found else None


@panel("unit", 30)
def who_orders(_user: User, shown: models.Model, _at: datetime) -> Panel | None:
    """Whether the unit's staff order without confirmation (one query)."""
    if not isinstance(shown, Unit):
        return None
    return Panel("assignments/panel_unit_habits.html", {"pk": shown.pk, "trusts": trusts_staff(shown)})
