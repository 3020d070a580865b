"""Every session of a year as a sheet, for the county's own statistics. No topics, no free text, no addresses."""

from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.db.models import Max, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments.access import EXPORT_SESSIONS
from assignments.models import Session
from office.exporting import Piece, Yearly, yearly
from office.formats import local
from office.sheets import csv_head, csv_rows
from office.templatetags.erfa import localname
from office.workdays import at_wall_clock, local_date, next_month


def _years() -> list[int]:
    found = Session.objects.order_by().aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if found["first"] is None:
        return []
    return list(range(local_date(found["last"]).year, local_date(found["first"]).year - 1, -1))


def _months(_year: int) -> Iterator[tuple[int, int]]:
    return ((month, 1) for month in range(1, 13))


def _head() -> bytes:
    return csv_head(
        [
            _("Session"), _("Order"), _("Unit"), _("Name of the unit"), _("Kind of work"), _("Day"), _("Begins"),
            _("Ends"), _("Hours"), _("Expert"), _("Payroll number"), _("State"), _("Outcome"), _("Held from"),
            _("Held until"), _("Fee €"), _("Travel €"), _("Rule"),
        ]
    )  # fmt: skip


def _rows(year: int, month: int) -> Iterator[Piece]:
    begin = date(year, month, 1)
    first, last = at_wall_clock(begin, time(0)), at_wall_clock(next_month(begin), time(0))
    found = Session.objects.filter(starts_at__gte=first, starts_at__lt=last).order_by("starts_at", "pk")
    found = found.select_related("unit", "expert").defer("terms", "travel_terms", "price", "travel_price")
    yield Piece(csv_rows(_row(one) for one in found.iterator(chunk_size=500)))


def _row(one: Session) -> list[Any]:
    begins, ends = local(one.starts_at), local(one.ends_at)
    expert = one.expert
    return [
        one.pk, one.order_id, one.unit.code, localname(one.unit), one.get_kind_display(), begins.date(),
        f"{begins:%H:%M}", f"{ends:%H:%M}", _hours(one), expert.sort_name if expert else "",
        expert.payroll_number or "" if expert else "", one.get_state_display(),
        one.get_outcome_display() if one.outcome else "", _clock(one.done_starts_at), _clock(one.done_ends_at),
        one.fee, one.travel_fee, one.rule,
    ]  # fmt: skip


def _hours(one: Session) -> Decimal:
    minutes = int((one.ends_at - one.starts_at).total_seconds() // 60)
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def _clock(moment: Any) -> str:
    return f"{local(moment):%H:%M}" if moment else ""


yearly(
    Yearly(
        name="sessions",
        file="sessions",
        title=gettext_lazy("Sessions of a year"),
        text=gettext_lazy(
            "Every session with its unit, expert, outcome and fee: one sheet (CSV). No topics, no free text."
        ),
        needed=EXPORT_SESSIONS,
        years=_years,
        parts=_months,
        make=_rows,
        head=_head,
    )
)
