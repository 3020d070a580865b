"""The dates of a month: when lists are due, when it is paid, when the payment is reported."""

from dataclasses import dataclass
from datetime import date

from office.policies import rules_for
from office.workdays import list_due_day, next_month, pay_day, reporting_deadline


@dataclass(frozen=True)
class Dates:
    """R19: ``due``. R20: ``pay``. ``report``: by when the payroll house reports the payment."""

    due: date
    pay: date
    report: date


def dates_of(month: date) -> Dates:
    """The dates of a worked month, each by the policy that holds then (one query)."""
    after = next_month(month)
    rules = rules_for([month, after])
    pay = pay_day(month, adjust=rules[after].pay_day_moves)
    return Dates(list_due_day(month, due_day=rules[month].list_due_day), pay, reporting_deadline(pay))
