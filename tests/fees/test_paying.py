"""A run on its way: sent, rejected in part, sent again or carried, paid; nothing twice and nothing lost (M8, M12)."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from fees.actions import correct, make_documents, make_run, mark_paid, reject, resend, send_to_payroll
from fees.models import HourList, PaymentRun, Rejection, RunLine
from fees.paying import explained, rejections_of
from fees.run import stored_hash
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session, make_expert, make_unit, make_user
from tests.fees.steps import NOVEMBER, approved, closed
from tests.fees.test_runs import both
from tests.fees.test_runs import threads as threads
from tests.fees.test_views import text

SENT = at(2026, 11, 27, 9)
PAY_DAY = at(2026, 11, 30, 9)
NEXT = at(2026, 12, 10, 9)
NEXT_PAY_DAY = at(2026, 12, 31, 9)

SignIn = Callable[[User], Client]


@pytest.fixture
def run(cast: Cast) -> PaymentRun:
    """Two experts: 50,00 + 5,50 travel, and 50,00; the payroll house has the file."""
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(10))
    other = make_expert(first_name="Aino", last_name="Zetterberg")
    make_closed_session(at(2026, 10, 8, 10), expert=other, unit=cast.unit)
    approved(other, cast.named)
    made = closed(cast.expert, cast.named, cast.coordinator)
    send_to_payroll(made, by=cast.finance, at=SENT)
    return made


def line(run: PaymentRun, position: int) -> RunLine:
    return run.lines.get(position=position)


def rejected(run: PaymentRun, cast: Cast, *positions: int, reason: str = "No account") -> list[Rejection]:
    lines = [line(run, position).pk for position in positions]
    return reject(run, lines, by=cast.finance, at=SENT, reason=reason)


def test_the_run_says_who_sent_it_and_when(cast: Cast, run: PaymentRun) -> None:
    run.refresh_from_db()
    assert (run.state, run.sent_at, run.sent_by) == ("sent", SENT, cast.finance)
    with pytest.raises(Conflict):
        send_to_payroll(run, by=cast.finance, at=PAY_DAY)
    run.refresh_from_db()
    assert run.sent_at == SENT


def test_a_run_that_was_not_sent_is_not_paid(cast: Cast) -> None:
    make_closed_session(expert=cast.expert, unit=cast.unit)
    made = closed(cast.expert, cast.named, cast.coordinator)
    with pytest.raises(Conflict):
        mark_paid(made, by=cast.finance, at=PAY_DAY)
    assert HourList.objects.get().state == "in_payment"


def test_before_the_pay_day_a_reason_is_asked(cast: Cast, run: PaymentRun) -> None:
    with pytest.raises(Refused, match="The pay day has not come"):
        mark_paid(run, by=cast.finance, at=SENT)
    mark_paid(run, by=cast.finance, at=SENT, reason="The payroll house is closed on Monday")
    run.refresh_from_db()
    assert run.state == "paid"
    assert LogEntry.objects.get(kind="paymentrun.pay").reason == "The payroll house is closed on Monday"


# Lesson T9.
def test_on_the_pay_day_nothing_is_asked_though_it_is_still_yesterday_in_utc(cast: Cast, run: PaymentRun) -> None:
    mark_paid(run, by=cast.finance, at=at(2026, 11, 30, 0, 30))
    run.refresh_from_db()
    assert run.state == "paid"


def test_several_lines_are_rejected_at_once_and_the_coordinator_is_told(cast: Cast, run: PaymentRun) -> None:
    before = stored_hash(run.pk)
    rejected(run, cast, 1, 2)
    assert list(Rejection.objects.values_list("line__position", "state", "reason")) == [
        (1, "waiting", "No account"),
        (2, "waiting", "No account"),
    ]
    assert stored_hash(run.pk) == before == run.lines_hash
    entry = LogEntry.objects.get(kind="paymentrun.reject")
    assert (entry.actor, entry.reason, entry.facts) == (
        cast.finance,
        "No account",
        {"lines": [1, 2], "total": "55.50"},
    )
    assert OutboxMessage.objects.get(kind="rows_rejected").recipient == cast.coordinator


def test_rejecting_twice_notes_once(cast: Cast, run: PaymentRun) -> None:
    rejected(run, cast, 1)
    with pytest.raises(Conflict):
        rejected(run, cast, 1, 2)
    assert Rejection.objects.count() == 1


@pytest.mark.parametrize(
    ("reason", "positions", "words"),
    [
        pytest.param(" ", [1], "Write why", id="no reason"),
        pytest.param("Account", [], "Choose the lines", id="no line"),
        pytest.param("131052-308T", [1], "identity code", id="an identity code"),
    ],
)
def test_what_is_missing_is_said(cast: Cast, run: PaymentRun, reason: str, positions: list[int], words: str) -> None:
    with pytest.raises(Refused, match=words):
        rejected(run, cast, *positions, reason=reason)
    assert Rejection.objects.count() == 0


def test_a_line_of_another_run_is_not_rejected(cast: Cast, run: PaymentRun) -> None:
    make_closed_session(at(2026, 11, 4, 10), expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named, NOVEMBER)
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    with pytest.raises(Conflict):
        reject(run, [line(run, 1).pk, line(second, 1).pk], by=cast.finance, at=SENT, reason="No account")
    assert Rejection.objects.count() == 0


@pytest.mark.parametrize("who", ["coordinator", "named", "expert_user"])
def test_only_finance_does_any_of_it(cast: Cast, run: PaymentRun, who: str) -> None:
    [rejection] = rejected(run, cast, 1)
    by = getattr(cast, who)
    with pytest.raises(Refused):
        send_to_payroll(run, by=by, at=SENT)
    with pytest.raises(Refused):
        reject(run, [line(run, 2).pk], by=by, at=SENT, reason="x")
    with pytest.raises(Refused):
        resend(run, [rejection.pk], by=by, at=SENT)
    with pytest.raises(Refused):
        mark_paid(run, by=by, at=PAY_DAY)
    assert list(Rejection.objects.values_list("state", flat=True)) == ["waiting"]


def test_a_line_sent_again_is_in_a_file_of_its_own_and_paid_by_the_run(cast: Cast, run: PaymentRun) -> None:
    make_documents(run)
    first, second = rejected(run, cast, 1, 2)
    assert resend(run, [second.pk], by=cast.finance, at=SENT) == 2
    make_documents(run)
    made = run.documents.get(filename="run-0001-payroll-2.csv")
    [row] = csv.DictReader(io.StringIO(bytes(made.content).decode("utf-8-sig")), delimiter=";")
    assert (row["Rivi"], row["Euroa"], row["Tila"]) == ("2", "5,50", "uudelleen")
    assert run.documents.filter(kind="csv").count() == 2
    with pytest.raises(Conflict):
        resend(run, [first.pk, second.pk], by=cast.finance, at=SENT)
    first.refresh_from_db()
    assert first.state == "waiting"
    sums = explained(run, rejections_of(run))
    assert (sums.total, sums.waiting, sums.resent, sums.paid) == (
        Decimal("105.50"),
        Decimal("50.00"),
        Decimal("5.50"),
        Decimal("55.50"),
    )


def test_m12_a_wrong_payroll_number_is_mended_in_what_is_sent_or_paid_again(cast: Cast, run: PaymentRun) -> None:
    """M12: rejected for its number: what goes again has the one known now, the frozen lines keep theirs."""
    again, later = rejected(run, cast, 1, 2)
    old = again.line.payroll_number
    cast.expert.payroll_number = "777"
    cast.expert.save()
    resend(run, [again.pk], by=cast.finance, at=SENT)
    make_documents(run)
    cast.expert.payroll_number = "778"
    cast.expert.save()
    for name, number in (("run-0001-payroll.csv", old), ("run-0001-payroll-2.csv", "777")):
        content = bytes(run.documents.get(filename=name).content).decode("utf-8-sig")
        first = next(csv.DictReader(io.StringIO(content), delimiter=";"))
        assert (first["Rivi"], first["Henkilönumero"]) == ("1", number)
    make_closed_session(at(2026, 11, 4, 10), expert=cast.expert, unit=cast.unit)
    approved(cast.expert, cast.named, NOVEMBER)
    following = make_run(NOVEMBER, by=cast.coordinator, at=NEXT, documents=False)
    assert set(following.lines.values_list("payroll_number", flat=True)) == {"778"}
    assert set(run.lines.filter(expert=cast.expert).values_list("payroll_number", flat=True)) == {old}
    assert following.lines.get(kind="carried").corrects == later.line


def test_nothing_goes_again_without_a_line_or_with_one_that_is_not_of_the_run(cast: Cast, run: PaymentRun) -> None:
    """No empty file, and none with only a part of what was ticked."""
    [first] = rejected(run, cast, 1)
    with pytest.raises(Refused, match="Choose the lines"):
        resend(run, [], by=cast.finance, at=SENT)
    with pytest.raises(Conflict):
        resend(run, [first.pk, first.pk + 1], by=cast.finance, at=SENT)
    first.refresh_from_db()
    assert (first.state, first.part) == ("waiting", None)


def test_a_line_may_be_rejected_again_and_sent_a_third_time(cast: Cast, run: PaymentRun) -> None:
    [first] = rejected(run, cast, 1)
    resend(run, [first.pk], by=cast.finance, at=SENT)
    [again] = rejected(run, cast, 1)
    assert explained(run, rejections_of(run)).paid == Decimal("55.50")
    assert resend(run, [again.pk], by=cast.finance, at=SENT) == 3
    assert explained(run, rejections_of(run)).paid == Decimal("105.50")


def test_a_rejected_line_waits_and_the_next_run_pays_it_once(cast: Cast, run: PaymentRun) -> None:
    """M12: not paid twice, not lost, and nobody's list says paid before it is."""
    rejected(run, cast, 1, 2)
    mark_paid(run, by=cast.finance, at=PAY_DAY)
    states = dict(HourList.objects.values_list("expert__last_name", "state"))
    assert states == {"Expert": "in_payment", "Zetterberg": "paid"}
    assert not OutboxMessage.objects.filter(kind="paid", recipient=cast.expert_user).exists()

    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    lines = list(second.lines.values_list("position", "kind", "corrects__position", "amount", "reason", "income_type"))
    assert lines == [
        (1, "carried", 1, Decimal("50.00"), "No account", "336"),
        (2, "carried", 2, Decimal("5.50"), "No account", "311"),
    ]
    assert (second.fees, second.travel, second.total) == (Decimal("50.00"), Decimal("5.50"), Decimal("55.50"))
    assert set(Rejection.objects.values_list("state", "carried_by__run__number")) == {("carried", 2)}
    with pytest.raises(Refused, match="Nothing has been approved"):
        make_run(date(2026, 12, 1), by=cast.coordinator, at=at(2027, 1, 11))

    send_to_payroll(second, by=cast.finance, at=NEXT)
    mark_paid(second, by=cast.finance, at=NEXT_PAY_DAY)
    assert set(HourList.objects.values_list("state", flat=True)) == {"paid"}
    assert OutboxMessage.objects.filter(kind="paid", recipient=cast.expert_user).count() == 1
    paid = explained(run, rejections_of(run)).paid + explained(second, rejections_of(second)).paid
    assert paid == Decimal("105.50")


def test_what_was_carried_is_rejected_and_carried_again(cast: Cast, run: PaymentRun) -> None:
    rejected(run, cast, 2)
    mark_paid(run, by=cast.finance, at=PAY_DAY)
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    send_to_payroll(second, by=cast.finance, at=NEXT)
    rejected(second, cast, 1)
    mark_paid(second, by=cast.finance, at=NEXT_PAY_DAY)
    assert HourList.objects.get(expert=cast.expert).state == "in_payment"
    third = make_run(date(2026, 12, 1), by=cast.coordinator, at=at(2027, 1, 11))
    assert (third.travel, third.lines.get().corrects) == (Decimal("5.50"), second.lines.get())
    send_to_payroll(third, by=cast.finance, at=at(2027, 1, 12))
    mark_paid(third, by=cast.finance, at=at(2027, 2, 1))
    assert HourList.objects.get(expert=cast.expert).state == "paid"


def test_a_rejected_line_is_mended_by_a_correction_beside_the_one_that_pays_it(cast: Cast, run: PaymentRun) -> None:
    rejected(run, cast, 1)
    correct(line(run, 1), Decimal("-20.00"), by=cast.coordinator, at=SENT, reason="One hour less")
    mark_paid(run, by=cast.finance, at=PAY_DAY)
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert list(second.lines.values_list("kind", "amount")) == [
        ("correction", Decimal("-20.00")),
        ("carried", Decimal("50.00")),
    ]
    with pytest.raises(Refused, match="Correct the line that was rejected"):
        correct(second.lines.get(kind="carried"), Decimal(-1), by=cast.coordinator, at=NEXT, reason="x")


def test_statement_and_unit_report_of_the_later_run_tell_it(cast: Cast, run: PaymentRun) -> None:
    rejected(run, cast, 1)
    mark_paid(run, by=cast.finance, at=PAY_DAY)
    second = make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    make_documents(second)
    [row] = csv.DictReader(
        io.StringIO(bytes(second.documents.get(kind="csv").content).decode("utf-8-sig")), delimiter=";"
    )
    assert (row["Rivilaji"], row["Oikaisee"], row["Selite"], row["Tila"]) == (
        "siirretty",
        "1/1",
        "No account",
        "siirretty",
    )
    assert second.documents.filter(kind__in=["statement", "unit_report", "summary"]).count() == 5


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        pytest.param("UPDATE fees_rejection SET reason = 'x'", "rejection_is_never_changed", id="another reason"),
        pytest.param("UPDATE fees_rejection SET state = 'waiting', part = NULL, settled_at = NULL",
                     "rejection_is_never_changed", id="waiting again"),
        pytest.param("DELETE FROM fees_rejection", "rejection_is_never_changed", id="away"),
        pytest.param("UPDATE fees_paymentrun SET sent_at = now()", "run_is_never_changed", id="sent another day"),
        pytest.param("UPDATE fees_paymentrun SET state = 'made', sent_at = NULL, sent_by_id = NULL",
                     "run_is_never_changed", id="not sent after all"),
    ],
)  # fmt: skip
def test_the_database_refuses(cast: Cast, run: PaymentRun, sql: str, rule: str) -> None:
    [rejection] = rejected(run, cast, 1)
    resend(run, [rejection.pk], by=cast.finance, at=SENT)
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    cause: Any = error.value.__cause__
    assert cause.diag.constraint_name == rule


def test_the_database_refuses_a_rejection_of_a_paid_run(cast: Cast, run: PaymentRun) -> None:
    [rejection] = rejected(run, cast, 1)
    mark_paid(run, by=cast.finance, at=PAY_DAY)
    with pytest.raises(Conflict):
        rejected(run, cast, 2)
    with pytest.raises(Conflict):
        resend(run, [rejection.pk], by=cast.finance, at=PAY_DAY)
    with pytest.raises(IntegrityError, match="only_a_sent_run_is_rejected"), transaction.atomic():
        Rejection.objects.create(line=line(run, 2), reason="x", rejected_at=SENT, rejected_by=cast.finance)


@pytest.mark.django_db(transaction=True)
def test_of_rejecting_and_paying_at_once_one_wins_and_nothing_is_lost(threads: ThreadPoolExecutor) -> None:
    unit = make_unit("Y01")
    expert, coordinator, finance = make_expert(), make_user(roles=[Role.COORDINATOR]), make_user(roles=[Role.FINANCE])
    named = make_user(roles=[(Role.UNIT_CONTACT, unit)])
    make_closed_session(expert=expert, unit=unit)
    run = closed(expert, named, coordinator)
    send_to_payroll(run, by=finance, at=SENT)
    one = run.lines.get().pk

    def refuse() -> None:
        reject(run, [one], by=finance, at=PAY_DAY, reason="No account")

    ended = both(threads, refuse, lambda: mark_paid(PaymentRun.objects.get(), by=finance, at=PAY_DAY))
    assert ended in (["Conflict", "done"], ["done", "done"])
    waiting = Rejection.objects.filter(state="waiting").count()
    assert HourList.objects.get().state == ("in_payment" if waiting else "paid")


# --- the pages -------------------------------------------------------------------------------------------------------


def test_finance_walks_it_through_the_pages(cast: Cast, client_for: SignIn, clock: Clock, run: PaymentRun) -> None:
    clock(SENT)
    client = client_for(cast.finance)
    nothing = client.post(reverse("fees:run_reject", args=[run.pk]), {"reason": "No account"})
    assert (nothing.status_code, "Choose the lines that were rejected." in text(nothing)) == (422, True)
    assert "No account" in nothing.content.decode()
    lines = [line(run, 1).pk, line(run, 2).pk]
    client.post(reverse("fees:run_reject", args=[run.pk]), {"line": lines, "reason": "No account"})
    page = text(client.get(reverse("fees:run", args=[run.pk])))
    assert "<dt>Waiting for payment</dt><dd>€55.50</dd>" in page
    assert '<dt>To be paid by this run</dt><dd class="big">€50.00</dd>' in page
    assert "Why is it paid before the pay day?" in page
    client.post(reverse("fees:run_resend", args=[run.pk]), {"rejection": Rejection.objects.latest("pk").pk})
    assert "payroll file 2" in text(client.get(reverse("fees:run", args=[run.pk])))
    client.post(reverse("fees:run_pay", args=[run.pk]), {"reason": "Closed on Monday"})
    page = text(client.get(reverse("fees:run", args=[run.pk])))
    assert '<dt>Paid by this run</dt><dd class="big">€55.50</dd>' in page
    assert "Rejected by the payroll house: lines 1, 2 – No account" in page


def test_the_coordinator_reads_and_has_no_button(cast: Cast, client_for: SignIn, run: PaymentRun) -> None:
    rejected(run, cast, 1)
    client = client_for(cast.coordinator)
    page = client.get(reverse("fees:run", args=[run.pk])).content.decode()
    assert "No account" in page
    assert ("/pay/" not in page and "/resend/" not in page) or 'type="checkbox"' not in page
    assert client.post(reverse("fees:run_reject", args=[run.pk]), {"line": 1, "reason": "x"}).status_code == 403
    assert client.post(reverse("fees:run_send", args=[run.pk])).status_code == 403


def test_the_run_of_many_rejections_asks_no_more(
    cast: Cast, client_for: SignIn, run: PaymentRun, django_assert_max_num_queries: Any
) -> None:
    rejected(run, cast, 1, 2, 3)
    client = client_for(cast.finance)
    for name in ("fees:run", "fees:run_lines"):
        with django_assert_max_num_queries(10):
            client.get(reverse(name, args=[run.pk]))
