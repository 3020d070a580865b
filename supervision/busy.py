"""A date of work supervision for which an expert has signed up takes the expert's time (R10)."""

from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from experts.busy import Times, busy
from office.spans import MeetsOne
from supervision.models import Attendance


@busy(_("work supervision"))
def supervision(times: Times) -> QuerySet[Any]:
    """Dates that are not cancelled, with the expert signed up or present."""
    rows = [(ends_at, starts_at) for starts_at, ends_at in times]
    clash = MeetsOne("{0} < %s AND {1} > %s", ("meeting__starts_at", "meeting__ends_at"), rows)
    there = [Attendance.State.SIGNED_UP, Attendance.State.PRESENT]
    found = Attendance.objects.filter(clash, state__in=there, meeting__cancelled_at__isnull=True)
    return found.annotate(starts_at=F("meeting__starts_at"), ends_at=F("meeting__ends_at"))
