"""A month walked by the people who walk it, for the tests of this folder."""

from datetime import date, datetime

from experts.models import Expert
from fees.actions import approve, make_run, mark_paid, send_month, send_to_payroll
from fees.models import HourList, PaymentRun
from office.models import User
from tests.factories import at

OCTOBER = date(2026, 10, 1)
NOVEMBER = date(2026, 11, 1)
SEPTEMBER = date(2026, 9, 1)

SENT = at(2026, 11, 2, 9)
CHECKED = at(2026, 11, 5, 9)
CLOSED = at(2026, 11, 10, 9)


def sent(expert: Expert, month: date = OCTOBER, *, moment: datetime = SENT) -> HourList:
    """The expert sends the month; there must be one list."""
    assert expert.user is not None
    [list_] = send_month(expert, month, by=expert.user, at=moment)
    return list_


def approved(expert: Expert, by: User, month: date = OCTOBER, *, moment: datetime = CHECKED) -> HourList:
    list_ = sent(expert, month)
    approve([list_], by=by, at=moment)
    list_.refresh_from_db()
    return list_


def closed(expert: Expert, named: User, coordinator: User, month: date = OCTOBER) -> PaymentRun:
    """Sent, approved and in a run."""
    approved(expert, named, month)
    return make_run(month, by=coordinator, at=CLOSED)


def paid(run: PaymentRun, finance: User, moment: datetime, **more: str) -> None:
    """Sent to the payroll house and paid."""
    send_to_payroll(run, by=finance, at=moment)
    mark_paid(run, by=finance, at=moment, **more)
