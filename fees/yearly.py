"""What finance and the coordinator take out of a year: annual statements, and every line that was paid."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from assignments.states import Outcome
from fees import annual
from fees.access import SEE_RUNS
from fees.models import RunLine
from office.choices import TASK_TYPES
from office.exporting import Piece, Yearly, yearly
from office.formats import local
from office.sheets import csv_head, csv_rows
from office.workdays import next_month

#: Statements in a part of the work: about a second.
A_PART = 25


def _statement_parts(year: int) -> Iterator[tuple[list[list[int]], int]]:
    found = annual.years(**({"run__pay_date__year": year} if year else {}))
    asked = [[one.year, one.expert_id] for one in found]
    for start in range(0, len(asked), A_PART):
        some = asked[start : start + A_PART]
        yield some, len(some)


def _statements(_year: int, asked: list[list[int]]) -> Iterator[Piece]:
    years, people = {year for year, _pk in asked}, {pk for _year, pk in asked}
    found = annual.years(run__pay_date__year__in=years, expert_id__in=people)
    for one, content in annual.statements([one for one in found if [one.year, one.expert_id] in asked]):
        yield Piece(content, f"{one.year}/{one.filename}", one.noon)


STATEMENTS = yearly(
    Yearly(
        name="annual",
        file="annual-statements",
        title=gettext_lazy("Annual statements"),
        text=gettext_lazy("What each expert was paid in the year, by pay day: a PDF for each, in one ZIP."),
        needed=SEE_RUNS,
        years=annual.years_paid,
        all_years=True,
        parts=_statement_parts,
        make=_statements,
    )
)


WORK, OUTCOMES = dict(TASK_TYPES), dict(Outcome.choices)


def _months(_year: int) -> Iterator[tuple[int, int]]:
    return ((month, 1) for month in range(1, 13))


def _line_head() -> bytes:
    return csv_head(
        [
            _("Payment run"), _("Pay day"), _("Line"), _("Expert"), _("Payroll number"), _("Unit"), _("Cost centre"),
            _("What it pays"), _("Kind of work"), _("Day"), _("Begins"), _("Ends"), _("Outcome"), _("Fee item"),
            _("Quantity"), _("Unit price €"), _("Sum €"), _("Income type"), _("Reason"),
        ]
    )  # fmt: skip


def _lines(year: int, month: int) -> Iterator[Piece]:
    begin = date(year, month, 1)
    found = annual.paid_lines().filter(run__pay_date__gte=begin, run__pay_date__lt=next_month(begin))
    rows = found.order_by("run__number", "position").select_related("run").defer("price")
    yield Piece(csv_rows(_line(one) for one in rows.iterator(chunk_size=500)))


def _line(one: RunLine) -> list[Any]:
    begins, ends = local(one.starts_at), local(one.ends_at)
    return [
        one.run.number, one.run.pay_date, one.position, one.expert_name, one.payroll_number, one.unit_code,
        one.cost_centre, one.get_kind_display(), WORK.get(one.work_kind, one.work_kind), begins.date(),
        f"{begins:%H:%M}", f"{ends:%H:%M}", OUTCOMES.get(one.outcome, one.outcome),
        one.fee_name_sv if get_language() == "sv" else one.fee_name_fi,
        one.units.normalize(), one.unit_price, one.amount, one.income_type, one.reason,
    ]  # fmt: skip


yearly(
    Yearly(
        name="paid_lines",
        file="paid-lines",
        title=gettext_lazy("Everything paid in a year"),
        text=gettext_lazy("Every paid line of the payment runs, by pay day: one sheet (CSV)."),
        needed=SEE_RUNS,
        years=annual.years_paid,
        parts=_months,
        make=_lines,
        head=_line_head,
    )
)
