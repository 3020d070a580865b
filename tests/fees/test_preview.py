"""What is looked at before a month is closed (R21, R26): what stops, what warns, what is asked."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from experts.models import Contract
from fees.actions import correct, make_run, preview_run
from fees.models import PaymentRun
from fees.preview import unusual_sums
from fees.rules import unusual
from office.errors import Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, example_items, make_closed_session, make_fee_table
from tests.factories.feetables import items_of
from tests.fees.steps import CLOSED, NOVEMBER, OCTOBER, approved, closed
from tests.fees.test_views import text

NEXT = at(2026, 12, 10, 9)
SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("amount", "months", "asked"),
    [
        pytest.param("500.00", [], False, id="a first payment has nothing beside it"),
        pytest.param("500.00", ["250.00"], False, id="twice as much is usual"),
        pytest.param("500.01", ["250.00"], True, id="a cent more than twice"),
        pytest.param("500.00", ["100.00", "250.00", "40.00"], False, id="the highest month counts"),
        pytest.param("200.00", ["10.00"], False, id="small sums are never asked about"),
        pytest.param("200.01", ["10.00"], True, id="a cent over the floor"),
        pytest.param("300.00", ["-50.00"], True, id="a month of corrections only"),
    ],
)
def test_what_is_unusual(amount: str, months: list[str], *, asked: bool) -> None:
    assert unusual(Decimal(amount), [Decimal(month) for month in months]) is asked


@pytest.fixture
def big_november(cast: Cast) -> None:
    """50,00 in October, and six hundred in November."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    make_closed_session(
        at(2026, 11, 4, 10), expert=cast.expert, unit=cast.unit, kind="lecture", agreed_amount=Decimal(600)
    )
    approved(cast.expert, cast.named, NOVEMBER, moment=at(2026, 12, 5, 9))


@pytest.mark.usefixtures("big_november")
def test_an_unusual_sum_asks_for_a_tick_that_stays_in_the_history(cast: Cast) -> None:
    [ask] = preview_run(NOVEMBER, at=NEXT).asks
    assert (ask.expert_id, ask.amount, ask.highest) == (cast.expert.pk, Decimal("600.00"), Decimal("50.00"))
    with pytest.raises(Refused, match="Look at the unusual sum of Eva Expert first"):
        make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert PaymentRun.objects.count() == 1
    run = make_run(NOVEMBER, by=cast.coordinator, at=NEXT, looked=[cast.expert.pk])
    entry = LogEntry.objects.get(kind="paymentrun.look")
    assert (entry.object_id, entry.actor, entry.facts) == (
        run.pk,
        cast.coordinator,
        {"expert": cast.expert.pk, "amount": "600.00", "highest": "50.00"},
    )


@pytest.mark.usefixtures("big_november")
def test_the_office_s_own_command_notes_that_nobody_looked(cast: Cast) -> None:
    make_run(NOVEMBER, by=None, at=NEXT)
    assert LogEntry.objects.filter(kind="paymentrun.no_look").count() == 1


@pytest.mark.usefixtures("big_november")
def test_the_tick_is_on_the_page(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NEXT)
    client = client_for(cast.coordinator)
    url = reverse("fees:close", args=["2026-11"])
    assert "I have looked at it: Eva Expert, €600.00, highest so far €50.00" in text(client.get(url))
    shown = {"lists": "1", "total": "600.00"}
    refused = client.post(url, shown)
    assert refused.status_code == 409
    assert "Look at the unusual sum of Eva Expert first" in text(refused)
    done = client.post(url, {**shown, "looked": str(cast.expert.pk)}, follow=True)
    assert "Looked at the unusual sum of Eva Expert: €600.00, the highest before €50.00" in text(done)


def test_a_payment_of_more_than_a_year_ago_is_no_measure(cast: Cast) -> None:
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    closed(cast.expert, cast.named, cast.coordinator)
    now = {cast.expert.pk: ("Eva Expert", Decimal(900))}
    assert [ask.highest for ask in unusual_sums(now, date(2027, 10, 1))] == [Decimal("50.00")]
    assert unusual_sums(now, date(2027, 11, 1)) == []


def test_a_row_without_a_contract_on_its_day_stops_the_run(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """R26: the database keeps contracts above their sessions; what came otherwise is named with its row."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Contract.objects.filter(expert=cast.expert).update(valid_from=date(2026, 10, 8))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    preview = preview_run(OCTOBER, at=CLOSED)
    assert [(stop.expert_id, stop.month) for stop in preview.row_stops] == [(cast.expert.pk, OCTOBER)]
    with pytest.raises(Refused, match=r"Eva Expert, .*no contract in force on the day"):
        make_run(OCTOBER, by=cast.coordinator, at=CLOSED)
    clock(CLOSED)
    page = text(client_for(cast.coordinator).get(reverse("fees:close", args=["2026-10"])))
    assert f"/fees/experts/{cast.expert.pk}/2026-10/" in page
    assert "no contract in force on the day" in page
    assert "Make the payment run" not in page


@pytest.mark.parametrize("paid", ["a journey", "a month", "nothing"])
def test_what_is_paid_beside_a_fee_of_nothing_needs_a_contract_too(cast: Cast, paid: str) -> None:
    """A declined fee with a journey, work paid by the month. A row that pays nothing stops none."""
    make_fee_table(items=items_of("satakunta_2023") if paid == "a month" else example_items())
    session = make_closed_session(
        at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(24) if paid == "a journey" else None,
        fee_declined=paid != "a month",
    )  # fmt: skip
    assert session.fee == 0
    approved(cast.expert, cast.named)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Contract.objects.filter(expert=cast.expert).update(valid_from=date(2026, 10, 8))
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    stops = preview_run(OCTOBER, at=CLOSED).row_stops
    assert [stop.expert_id for stop in stops] == ([] if paid == "nothing" else [cast.expert.pk])


def test_a_missing_tax_card_warns_and_stops_nothing(cast: Cast) -> None:
    """R21."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named)
    preview = preview_run(OCTOBER, at=CLOSED)
    assert "no tax card of 2026 for non-wage compensation" in [notice.text for notice in preview.warnings]
    assert (preview.stops, preview.row_stops, preview.asks) == ((), (), ())
    assert make_run(OCTOBER, by=cast.coordinator, at=CLOSED).total == Decimal("50.00")


@pytest.mark.usefixtures("big_november")
def test_the_command_asks_who_has_looked_and_keeps_who_it_was(
    cast: Cast, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    clock(NEXT)
    with pytest.raises(CommandError) as error:
        call_command("close_month", "2026-11")
    assert str(error.value).splitlines() == [
        "Look at the unusual sum of Eva Expert first, and tick that you have.",
        "Unusual sums. When you have looked at them, close with --looked YOUR-EMAIL:",
        "  Eva Expert: €600.00, highest before €50.00",
    ]
    with pytest.raises(CommandError, match=r"x@example\.org is no coordinator"):
        call_command("close_month", "2026-11", "--looked", "x@example.org")
    assert PaymentRun.objects.count() == 1
    call_command("close_month", "2026-11", "--looked", cast.coordinator.email)
    assert "Payment run 2" in capsys.readouterr().out
    assert LogEntry.objects.get(kind="paymentrun.look").actor == cast.coordinator


def test_a_run_of_a_correction_alone_shows_whose_it_is_before_it_is_made(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    """No list waits, a plus does: its unit, income type and sum stand on the page before the button."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    run = closed(cast.expert, cast.named, cast.coordinator)
    correct(run.lines.get(kind="fee"), Decimal("12.50"), by=cast.coordinator, at=CLOSED, reason="Longer")
    clock(NEXT)
    shown = text(client_for(cast.coordinator).get(reverse("fees:close", args=["2026-11"])))
    assert "Make the payment run: 0 lists, €12.50" in shown
    assert "By income type" in shown
