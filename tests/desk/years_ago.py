"""Work that was done and paid long ago, for the tests of retention and erasure."""

from datetime import date, timedelta
from typing import Any

from experts.models import Contract, Expert
from fees.actions import approve, make_run, mark_paid, send_month, send_to_payroll
from fees.models import HourList, PaymentRun, RunDocument
from fees.rules import first_of
from office.workdays import at_wall_clock, next_month
from tests.conftest import Cast
from tests.factories import LONG_AGO, at, fee_table_on, make_closed_session, make_contract, make_expert


def contract_of(expert: Expert, year: int) -> Contract:
    """A contract for one year long ago."""
    return make_contract(expert, valid_from=date(year, 1, 1), valid_to=date(year, 12, 31))


def paid_month(cast: Cast, month: date, *, expert: Expert | None = None, paid: bool = True) -> PaymentRun:
    """One session of the month, sent, approved, in a run with its statement, paid (``paid`` False: not yet)."""
    expert = expert or cast.expert
    assert expert.user is not None
    month = first_of(month)
    fee_table_on(month)
    if not expert.contracts.filter(valid_from__year=month.year).exists():
        contract_of(expert, month.year)
    start = at(month.year, month.month, 7, 10)
    after = next_month(month)
    make_closed_session(
        start,
        expert=expert,
        unit=cast.unit,
        orderer=cast.orderer,
        agreed_at=start - timedelta(days=20),
    )
    send_month(expert, month, by=expert.user, at=at(after.year, after.month, 2, 9))
    approve(list(HourList.objects.filter(month=month)), by=cast.named, at=at(after.year, after.month, 5, 9))
    run = make_run(month, by=cast.coordinator, at=at(after.year, after.month, 10, 9), documents=False)
    for one in {line.expert_id for line in run.lines.all()}:
        name = f"{run.number}-{one}.pdf"
        RunDocument.objects.create(
            run=run, kind="statement", expert_id=one, filename=name, content=b"%PDF-1.7", sha256="0" * 64, size=8
        )  # fmt: skip
    if paid:
        send_to_payroll(run, by=cast.finance, at=at_wall_clock(run.pay_date, LONG_AGO.time()))
        mark_paid(run, by=cast.finance, at=at_wall_clock(run.pay_date, LONG_AGO.time()))
    run.refresh_from_db()
    return run


def ended_expert(**fields: Any) -> Expert:
    """An expert who has left, with an account and no contract."""
    values: dict[str, Any] = {
        "first_name": "Lea",
        "last_name": "Leaver",
        "email": "lea@example.org",
        "contract": False,
    } | fields
    return make_expert(state=Expert.State.ENDED, state_since=date(2025, 1, 1), **values)
