"""What an expert was paid in a year, for benefits and taxation: every line that was paid on a pay day of that year.

A line that the payroll house rejected counts when it is paid: in its own run when it was sent again, else in the run
that carries it. Nothing is counted but sums of frozen lines, so a statement says to the cent what was paid.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from django.conf import settings
from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, Sum, Value, When

from fees.actions.documents import COLUMNS
from fees.annual_pdf import AnnualData, PaidLine, Payment, annual
from fees.documents import Line
from fees.models import PaymentRun, Rejection, RunLine
from fees.rules import COST_TYPES
from fees.run import IS_TRAVEL
from fees.states import RunState

#: Experts whose lines are read together.
SOME = 50


@dataclass(frozen=True)
class Year:
    """What somebody was paid in a year, in so many payments, the last one on ``last``. Euros."""

    year: int
    expert_id: int
    expert_name: str
    payroll_number: str
    total: Decimal
    payments: int
    last: date

    @property
    def filename(self) -> str:
        return f"annual-{self.year}-{self.payroll_number or f'id{self.expert_id}'}.pdf"

    @property
    def noon(self) -> datetime:
        """The moment that an archive tells of it: always the same."""
        return datetime.combine(self.last, time(12), tzinfo=UTC)


def paid_lines() -> QuerySet[RunLine]:
    """Every line that has been paid. Its year is that of the pay day."""
    unpaid = Rejection.objects.filter(line=OuterRef("pk")).unpaid_here()
    return RunLine.objects.filter(~Exists(unpaid), run__state=RunState.PAID)


def years_paid() -> list[int]:
    """The years in which anybody was paid, the newest first."""
    paid = PaymentRun.objects.filter(state=RunState.PAID).order_by()
    return sorted(set(paid.values_list("pay_date__year", flat=True)), reverse=True)


def years(*words: str, **where: object) -> list[Year]:
    """Who was paid something in which year: the newest year first, in it by name; with these words in it. One query."""
    named = [Q(expert_name__icontains=word) for word in words]
    found = (
        paid_lines()
        .filter(*named, **where)
        .order_by()
        .values("run__pay_date__year", "expert_id", "expert__last_name", "expert__first_name")
        .annotate(
            name=Max("expert_name"), no=Max("payroll_number"), sum=Sum("amount"),
            payments=Count("run", distinct=True), last=Max("run__pay_date"),
        )
        .order_by("-run__pay_date__year", "expert__last_name", "expert__first_name", "expert_id")
    )  # fmt: skip
    return [
        Year(
            one["run__pay_date__year"],
            one["expert_id"],
            one["name"],
            one["no"],
            one["sum"],
            one["payments"],
            one["last"],
        )
        for one in found
    ]


def statements(found: Collection[Year]) -> Iterator[tuple[Year, bytes]]:
    """The annual statements, each as a PDF; the lines of some experts at a time are in memory."""
    todo = list(found)
    for start in range(0, len(todo), SOME):
        some = todo[start : start + SOME]
        lines = _lines(some)
        for one in some:
            language, own = lines[one.year, one.expert_id]
            data = AnnualData(
                year=one.year,
                language=language,
                office=dict(settings.COUNTY_NAME),
                expert_name=one.expert_name,
                payroll_number=one.payroll_number,
                lines=tuple(own),
            )
            yield one, annual(data)


def _lines(some: Collection[Year]) -> dict[tuple[int, int], tuple[str, list[PaidLine]]]:
    """By year and expert the language of the last line and the lines. One query."""
    wanted = {(one.year, one.expert_id) for one in some}
    stored = paid_lines().filter(
        run__pay_date__year__in={year for year, _pk in wanted}, expert_id__in={pk for _year, pk in wanted}
    )
    rows = stored.order_by("run__number", "position").values_list(
        "run__pay_date__year", "expert_id", "expert_language",
        "run__number", "run__month", "run__pay_date", "run__paid_at",
        Case(When(IS_TRAVEL | Q(income_type__in=COST_TYPES), then=Value(True)), default=Value(False)), *COLUMNS,
    )  # fmt: skip
    found: dict[tuple[int, int], tuple[str, list[PaidLine]]] = {}
    for year, expert_id, language, number, month, pay_date, paid_at, travel, *fields in rows.iterator(chunk_size=500):
        if (year, expert_id) in wanted:
            own = found.get((year, expert_id), ("", []))[1]
            own.append(PaidLine(Payment(number, month, pay_date, paid_at), travel, Line(*fields)))
            found[year, expert_id] = (language, own)
    return found


def statement(one: Year) -> bytes:
    """One annual statement."""
    ((_year, content),) = statements([one])
    return content
