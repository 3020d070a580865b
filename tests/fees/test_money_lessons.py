"""Faults that others have made with money, each walked to the paid run (M6, M8, M13; numbers of two at once)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assignments import actions as work
from assignments.rules import Event
from fees import annual
from fees.actions import approve, correct, make_run, send_month, send_to_payroll
from fees.models import Correction, HourList, PaymentRun, Rejection, RunLine
from office.choices import Role
from office.errors import Refused
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    example_items,
    grant,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_unit,
    make_user,
)
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved, closed, paid
from tests.fees.test_runs import both
from tests.fees.test_runs import threads as threads

SignIn = Callable[[User], Client]
HOUR = timedelta(hours=1)
OLD = at(2026, 10, 7, 10)
LIMIT = at(2026, 10, 6, 15)
DECEMBER = date(2026, 12, 1)


# --- a table of another year ---


def test_m5_work_over_new_year_is_agreed_by_the_table_of_its_own_day(cast: Cast) -> None:
    """M5: both are agreed in December, each at the price of the year in which it is done."""
    make_fee_table(valid_to=date(2026, 12, 31))
    dearer = [item | {"amount": item["amount"] + Decimal("2.00")} for item in example_items()]
    make_fee_table(valid_from=date(2027, 1, 1), decided_on=date(2026, 11, 2), items=dearer)
    times = [(start, start + HOUR) for start in (at(2026, 12, 30, 10), at(2027, 1, 13, 10))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=times)
    work.accept(make_offer(order, cast.expert, sent_at=at(2026, 12, 1, 9)), by=cast.expert_user, at=at(2026, 12, 1, 10))
    old, new = order.sessions.order_by("starts_at")
    assert [(str(one.fee), one.fee_item and one.fee_item.table.valid_from.year) for one in (old, new)] == [
        ("50.00", 2026),
        ("52.00", 2027),
    ]


# --- a moved time ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [at(2026, 10, 8, 10), OLD + HOUR / 2], ids=["outside", "inside the old time"])
@pytest.mark.parametrize("proposed_at", [LIMIT, LIMIT + HOUR], ids=["before the limit", "after it"])
@pytest.mark.parametrize("answer", ["accepted", "declined"])
def test_m6_a_moved_time_is_paid_once_or_as_what_became_of_it(
    cast: Cast, proposed_at: datetime, to: datetime, answer: str
) -> None:
    """M6, R16: never twice, never lost: the run holds one fee, or none where the cancellation was in time."""
    session = make_agreed_session(OLD, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    move = work.propose_move(session, to, to + HOUR, by=cast.orderer, at=proposed_at, cancel_if_declined=True)
    if answer == "accepted":
        new = work.accept_move(move, by=cast.expert_user, at=proposed_at + HOUR)
        work.record_outcome(new, Event.HELD, by=cast.expert_user, at=to + 2 * HOUR)
    else:
        work.decline_move(move, by=cast.expert_user, at=proposed_at + HOUR)
    run = closed(cast.expert, cast.named, cast.coordinator)
    fees = {line.outcome: line.amount for line in run.lines.all()}
    free = answer == "declined" and proposed_at == LIMIT
    assert run.total == sum(fees.values()) == (Decimal("0.00") if free else Decimal("50.00"))
    declined = {"cancelled_in_time" if free else "cancelled_late": run.total}
    assert fees == ({"held": Decimal("50.00")} if answer == "accepted" else declined)
    assert RunLine.objects.filter(amount__gt=0).count() == (0 if free else 1)


# --- twice -----------------------------------------------------------------------------------------------------------


def test_m8_every_button_of_the_run_pressed_twice(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """M8: approve, close, correct, send, reject, send again and pay: the second click doubles nothing."""
    make_closed_session(expert=cast.expert, unit=cast.unit, travel_km=Decimal(10))
    [list_] = send_month(cast.expert, OCTOBER, by=cast.expert_user, at=at(2026, 11, 2, 9))

    def twice(who: User, moment: datetime, url: str, **said: object) -> list[int]:
        clock(moment)
        client = client_for(who)
        return [client.post(url, said).status_code for _click in range(2)]

    def statuses(who: User, moment: datetime, url: str, **said: object) -> bool:
        """Neither click is an error of the program."""
        return all(status < 500 for status in twice(who, moment, url, **said))

    assert statuses(cast.named, at(2026, 11, 5, 9), reverse("fees:check"), list=list_.pk, count="1", total="55.50")
    list_.refresh_from_db()
    if list_.state != "approved":  # the page restates count and sum in its own words
        approve([list_], by=cast.named, at=at(2026, 11, 5, 9))
    close = reverse("fees:close", args=["2026-10"])
    assert twice(cast.coordinator, CLOSED, close, lists="1", total="55.50") == [302, 409]
    run = PaymentRun.objects.get()
    fee = run.lines.get(kind="fee")
    pages = {name: reverse(f"fees:run_{name}", args=[run.pk]) for name in ("send", "reject", "resend", "pay")}
    later = at(2026, 11, 27, 9)
    assert statuses(cast.finance, later, pages["send"])
    assert statuses(cast.finance, later, pages["reject"], line=fee.pk, reason="No account")
    assert statuses(cast.finance, later, pages["resend"], rejection=Rejection.objects.get().pk)
    assert statuses(cast.finance, at(2026, 11, 30, 9), pages["pay"])
    run.refresh_from_db()
    assert (run.state, run.lines.count(), Rejection.objects.count()) == ("paid", 2, 1)
    assert HourList.objects.get().state == "paid"


# --- borders of months and years -------------------------------------------------------------------------------------


def test_m13_a_night_over_new_year_is_one_line_of_december_paid_in_january(cast: Cast) -> None:
    """M13: work over midnight belongs to the month it began in, once; its euros to the year they are paid in."""
    make_closed_session(
        at(2026, 12, 31, 22), at(2027, 1, 1, 1), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind="group"
    )
    make_closed_session(at(2027, 1, 1, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer, kind="group")
    sent_at, closed_at = at(2027, 1, 5, 9), at(2027, 1, 12, 9)
    [december] = send_month(cast.expert, DECEMBER, by=cast.expert_user, at=sent_at)
    approve([december], by=cast.named, at=sent_at + HOUR)
    run = make_run(DECEMBER, by=cast.coordinator, at=closed_at, documents=False)
    assert [(line.starts_at, line.amount) for line in run.lines.all()] == [(at(2026, 12, 31, 22), Decimal("75.00"))]
    paid(run, cast.finance, at(2027, 1, 29, 9))
    assert [(year.year, year.total) for year in annual.years(expert=cast.expert)] == [(2027, Decimal("75.00"))]
    [january] = send_month(cast.expert, date(2027, 1, 1), by=cast.expert_user, at=at(2027, 2, 3, 9))
    approve([january], by=cast.named, at=at(2027, 2, 4, 9))
    following = make_run(date(2027, 1, 1), by=cast.coordinator, at=at(2027, 2, 10, 9), documents=False)
    assert (following.number, following.total) == (2, Decimal("25.00"))


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_months_closed_at_once_have_numbers_without_a_gap(threads: ThreadPoolExecutor) -> None:
    """Whoever comes second waits and has the next number; a refused close uses none up."""
    unit, expert, coordinator = make_unit("Y01"), make_expert(), make_user(roles=[Role.COORDINATOR])
    named = make_user(roles=[(Role.UNIT_CONTACT, unit)])
    make_closed_session(at(2026, 10, 7, 10), expert=expert, unit=unit)
    approved(expert, named)
    other = make_expert()
    make_closed_session(at(2026, 11, 4, 10), expert=other, unit=unit)
    next_month = at(2026, 12, 10, 9)

    def october() -> None:
        make_run(OCTOBER, by=coordinator, at=next_month, documents=False)

    assert both(threads, october, october) == ["Refused", "done"]
    approved(other, named, NOVEMBER, moment=next_month)

    def november() -> None:
        make_run(NOVEMBER, by=coordinator, at=next_month, documents=False)

    def september() -> None:
        make_run(date(2026, 9, 1), by=coordinator, at=next_month, documents=False)

    assert both(threads, november, september) == ["Refused", "done"]
    assert list(PaymentRun.objects.order_by("number").values_list("number", "rows")) == [(1, 1), (2, 1)]
    assert RunLine.objects.count() == 2


# --- one's own -------------------------------------------------------------------------------------------------------


def test_nobody_corrects_the_own_fee(cast: Cast) -> None:
    """P8, R23: a coordinator who is an expert, too, leaves the own line to another coordinator."""
    grant(cast.expert_user, Role.COORDINATOR)
    make_closed_session(expert=cast.expert, unit=cast.unit)
    line = closed(cast.expert, cast.named, cast.coordinator).lines.get()
    with translation.override("en"), pytest.raises(Refused, match="Nobody corrects their own fees"):
        correct(line, Decimal("5.00"), by=User.objects.get(pk=cast.expert_user.pk), at=CLOSED, reason="More")
    assert not Correction.objects.exists()
    send_to_payroll(PaymentRun.objects.get(), by=cast.finance, at=CLOSED)
    assert correct(line, Decimal("5.00"), by=cast.coordinator, at=CLOSED, reason="More").amount == Decimal("5.00")
