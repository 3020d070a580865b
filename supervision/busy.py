"""A date of work supervision for which an expert has signed up takes the expert's time (R10)."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from experts.busy import Times, busy
from supervision.models import Attendance


@busy(_("work supervision"))
def supervision(expert: Any, times: Times) -> QuerySet[Any]:
    """Dates that are not cancelled, with the expert signed up or present."""
    clash = Q(pk__in=[])
    for starts_at, ends_at in times:
        clash |= Q(meeting__starts_at__lt=ends_at, meeting__ends_at__gt=starts_at)
    there = [Attendance.State.SIGNED_UP, Attendance.State.PRESENT]
    return Attendance.objects.filter(
        clash, expert=expert, state__in=there, meeting__cancelled_at__isnull=True
    ).annotate(starts_at=F("meeting__starts_at"), ends_at=F("meeting__ends_at"))
