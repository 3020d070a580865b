"""Retention: what is over its time goes, by a job that reports what it removed."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.models import Min, Q
from django.utils.translation import gettext_lazy as _

from desk.access import KEEP_PERIODS
from desk.models import RemovalReport, RetentionRun
from desk.periods import months_of
from office.access import allowed
from office.errors import Refused
from office.models import Heartbeat, User
from office.periods import border as border_of
from office.rights import RecordClass, classes, tally
from office.workdays import at_wall_clock, local_date

#: Rows of one DELETE: a class that nobody removed for years must not fill the memory.
BATCH = 5000
#: When the clock does it, in Finland.
NIGHT = time(3, 30)


@dataclass(frozen=True)
class Due:
    """A record class and what of it is over its time on a day: what ended before ``border``."""

    found: RecordClass
    months: int
    border: date
    rows: int
    oldest: date | None


def due(*, at: datetime) -> list[Due]:
    """What would go now; changes nothing. A fixed number of queries."""
    today = local_date(at)
    periods = months_of()
    kept = [found for found in classes() if found.over is not None]
    borders = {found.code: border_of(today, periods[found.code]) for found in kept}
    counted = tally({found.code: found.over_its_time(borders[found.code]) for found in kept})
    return [
        Due(found, periods[found.code], borders[found.code], counted[found.code].rows, counted[found.code].oldest)
        for found in kept
    ]


def carry_out(*, by: User | None, at: datetime) -> RetentionRun:
    """Removes what is over its time, each class in a transaction of its own, and reports it. Twice finds nothing more.

    ``by`` None: the clock. From the last class to the first: fees go before orders, orders before contracts.
    """
    if by is not None and not allowed(by, KEEP_PERIODS):
        raise Refused(_("You may not do this."))
    run = RetentionRun.objects.create(at=at, by=by)
    today = local_date(at)
    periods = months_of()
    for found in reversed(classes()):
        if found.over is not None:
            _remove(run, found, border_of(today, periods[found.code]), today)
    return run


def carry_out_when_due(*, at: datetime) -> int:
    """Once a night, from half past three in Finland on, however often and late it is asked; 1 when it did.

    One of two clocks does it (compare-and-swap). A moment ahead was written by a clock that has been put back since.
    """
    night = at_wall_clock(local_date(at), NIGHT)
    if at < night:
        return 0
    Heartbeat.objects.bulk_create([Heartbeat(name="retention", at=night - timedelta(days=1))], ignore_conflicts=True)
    last = Heartbeat.objects.filter(Q(at__lt=night) | Q(at__gt=at), name="retention")
    if not last.update(at=at):
        return 0
    carry_out(by=None, at=at)
    return 1


def _remove(run: RetentionRun, found: RecordClass, border: date, today: date) -> None:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:  # the triggers let old rows go only under this mark (decision 0014)
                cursor.execute("SELECT set_config('erfa.retention', %s, TRUE)", [today.isoformat()])
            oldest = found.over_its_time(border).order_by().aggregate(oldest=Min("ended"))["oldest"]
            tables = _batches(found, border) if oldest else {}
            with connection.cursor() as cursor:  # what still leans on a row is told here, not at the very end
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
                cursor.execute("SELECT set_config('erfa.retention', '', TRUE)")
    except DatabaseError as error:
        problem = str(error).splitlines()[0][:300]
        RemovalReport.objects.create(run=run, record_class=found.code, removed=0, border=border, problem=problem)
        return
    if tables:
        head = _head(found, border)
        RemovalReport.objects.create(
            run=run,
            record_class=found.code,
            removed=tables.get(head, 0),
            tables=tables,
            oldest=oldest,
            border=border,
        )


def _head(found: RecordClass, border: date) -> str:
    return str(found.over_its_time(border).model._meta.label)


def _batches(found: RecordClass, border: date) -> Mapping[str, int]:
    assert found.remove is not None, found.code  # noqa: S101 - a fault of ours
    removed: Counter[str] = Counter()
    ids: list[Any] = list(found.over_its_time(border).order_by().values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        removed.update(found.remove(ids[start : start + BATCH]))
    return dict(removed)
