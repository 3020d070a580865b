"""What of a run is paid, waits, was sent again or rides on a later run (questions only)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from fees.models import PaymentRun, Rejection, RunLine
from fees.states import RejectionState
from feetables.rules import ZERO


@dataclass(frozen=True)
class Explained:
    """The total of a run taken apart: ``total`` less ``waiting`` and ``carried`` is ``paid``; ``resent`` is in it."""

    total: Decimal
    waiting: Decimal
    carried: Decimal
    resent: Decimal

    @property
    def paid(self) -> Decimal:
        return self.total - self.waiting - self.carried


def rejections_of(run: PaymentRun) -> QuerySet[Rejection]:
    """The rejected lines of a run in the order of the lines; one line may have been rejected again."""
    found = Rejection.objects.filter(line__run=run).select_related("line", "carried_by__run", "rejected_by")
    return found.order_by("line__position", "id")


def explained(run: PaymentRun, rejections: Iterable[Rejection]) -> Explained:
    """The sums by what became of each rejected line. A line sent again and rejected again counts as waiting only."""
    last = {rejection.line_id: rejection for rejection in rejections}
    sums = {state.value: ZERO for state in RejectionState}
    for rejection in last.values():
        sums[rejection.state] += rejection.line.amount
    return Explained(run.total, sums["waiting"], sums["carried"], sums["resent"])


def added_lines(run: PaymentRun) -> dict[str, tuple[int, Decimal] | None]:
    """Count and sum of the lines that came from earlier runs: ``correction`` and ``carried``; None where none are."""
    found = run.lines.filter(kind__in=[RunLine.Kind.CORRECTION, RunLine.Kind.CARRIED]).order_by()
    rows = found.values_list("kind").annotate(Count("id"), Sum("amount"))
    sums = {kind: (count, amount) for kind, count, amount in rows}
    return {"correction": sums.get("correction"), "carried": sums.get("carried")}
