"""The dated rows that the rules ask for: policy in force, the office's own closing days."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, time

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import QuerySet

from office.asked_once import Question
from office.models import ClosingDay, Policy


@dataclass(frozen=True)
class Rules:
    """The county's rules on a day, with the office's own closing days."""

    cancellation_basis: str
    cancellation_time: time
    list_due_day: int
    pay_day_moves: bool
    closing_days: Collection[date]


def rules_for(days: Iterable[date]) -> dict[date, Rules]:
    """For each day the policy that has begun latest (the defaults of R11 and R19 when none has).

    One query, a second one only while there is no policy at all.
    """
    policies = _policies()
    days_off = policies[0].closing if policies else closing().values_list("day", flat=True)
    closing_days = frozenset(days_off)
    return {
        day: _rules(next((row for row in policies if row.valid_from <= day), Policy(valid_from=day)), closing_days)
        for day in days
    }


def closing() -> QuerySet[ClosingDay]:
    """The office's own closing days, for a question that reads them beside its rows."""
    return ClosingDay.objects.order_by("day")


_policies = Question(
    lambda: Policy.objects.order_by("-valid_from").annotate(closing=ArraySubquery(closing().values("day")))
)


def rules_on(day: date) -> Rules:
    """The policy of one day."""
    return rules_for([day])[day]


def _rules(policy: Policy, closing_days: Collection[date]) -> Rules:
    at_time = policy.cancellation_time
    return Rules(
        cancellation_basis=policy.cancellation_basis,
        cancellation_time=at_time if isinstance(at_time, time) else time.fromisoformat(at_time),
        list_due_day=policy.list_due_day,
        pay_day_moves=policy.pay_day_moves,
        closing_days=closing_days,
    )
