"""What is approved is locked, what is paid is never changed: refused by the database itself (L1, L2, L4, M15, R23)."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from assignments.models import Session
from fees.actions import correct, make_run
from fees.models import Correction, HourList, HourRow, PaymentRun, RunDocument, RunLine
from tests.conftest import Cast
from tests.factories import at, make_closed_session
from tests.fees.steps import CHECKED, CLOSED, NOVEMBER, approved, closed
from tests.fees.steps import paid as send_and_pay

NEXT = at(2026, 12, 10, 9)


@pytest.fixture
def session(cast: Cast) -> Session:
    return make_closed_session(expert=cast.expert, unit=cast.unit, travel_km=Decimal(10))


@pytest.fixture
def run(cast: Cast, session: Session) -> PaymentRun:
    made = closed(cast.expert, cast.named, cast.coordinator)
    RunDocument.objects.create(
        run=made, kind="csv", filename="x.csv", content=b"x", sha256=hashlib.sha256(b"x").hexdigest(), size=1
    )
    return made


@pytest.fixture
def paid(cast: Cast, run: PaymentRun) -> PaymentRun:
    send_and_pay(run, cast.finance, NEXT)
    return run


@pytest.fixture
def refused() -> Callable[[str], str]:
    """Raw SQL that must be refused; says by which rule."""

    def execute(sql: str) -> str:
        with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        cause: Any = error.value.__cause__
        return str(cause.diag.constraint_name)

    return execute


APPROVED = [
    pytest.param("UPDATE assignments_session SET fee = 99", "approved_session_is_locked", id="a fee"),
    pytest.param("UPDATE assignments_session SET starts_at = starts_at", "approved_session_is_locked", id="a touch"),
    pytest.param("UPDATE assignments_session SET outcome = 'moved'", "approved_session_is_locked", id="an outcome"),
    pytest.param("DELETE FROM fees_hourrow", "locked_row_is_never_changed", id="a row away"),
    pytest.param("UPDATE fees_hourrow SET return_reason = 'x'", "locked_row_is_never_changed", id="a row changed"),
    pytest.param("DELETE FROM fees_hourlist", "locked_list_is_never_changed", id="the list away"),
    pytest.param("UPDATE fees_hourlist SET month = '2026-09-01'", "locked_list_is_never_changed", id="another month"),
]


# Lesson L4.
@pytest.mark.parametrize(("sql", "rule"), APPROVED)
def test_approved(cast: Cast, session: Session, refused: Callable[[str], str], sql: str, rule: str) -> None:
    approved(cast.expert, cast.named)
    assert refused(sql) == rule


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        *APPROVED,
        pytest.param("UPDATE fees_hourlist SET state = 'approved'", "locked_list_is_never_changed", id="back"),
        pytest.param("UPDATE fees_runline SET amount = 1", "frozen_line_is_never_changed", id="a line changed"),
        pytest.param("UPDATE fees_runline SET expert_name = 'x'", "frozen_line_is_never_changed", id="a name"),
        pytest.param("DELETE FROM fees_runline", "frozen_line_is_never_changed", id="a line away"),
        pytest.param("UPDATE fees_paymentrun SET number = 7", "run_is_never_changed", id="a number"),
        pytest.param("UPDATE fees_paymentrun SET total = 1, fees = 1, travel = 0", "run_is_never_changed", id="a sum"),
        pytest.param("UPDATE fees_paymentrun SET lines_hash = 'x'", "run_is_never_changed", id="the hash"),
        pytest.param("DELETE FROM fees_paymentrun", "run_is_never_changed", id="a run away"),
        pytest.param("UPDATE fees_rundocument SET content = ''", "document_is_never_changed", id="a document changed"),
        pytest.param("DELETE FROM fees_rundocument", "document_is_never_changed", id="a document away"),
    ],
)
def test_in_payment(run: PaymentRun, refused: Callable[[str], str], sql: str, rule: str) -> None:
    assert refused(sql) == rule


# Lesson M15.
@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        pytest.param("UPDATE fees_hourlist SET state = 'in_payment'", "locked_list_is_never_changed", id="list"),
        pytest.param("UPDATE fees_paymentrun SET state = 'made', paid_at = NULL", "run_is_never_changed", id="run"),
        pytest.param("UPDATE fees_paymentrun SET paid_at = now()", "run_is_never_changed", id="moment"),
        pytest.param("UPDATE fees_runline SET amount = 1", "frozen_line_is_never_changed", id="line"),
        pytest.param("UPDATE assignments_session SET fee = 99", "approved_session_is_locked", id="session"),
        pytest.param("DELETE FROM assignments_session", "approved_session_is_locked", id="session away"),
    ],
)
def test_paid(paid: PaymentRun, refused: Callable[[str], str], sql: str, rule: str) -> None:
    assert refused(sql) == rule


def test_a_correction_that_a_run_has_taken(cast: Cast, run: PaymentRun, refused: Callable[[str], str]) -> None:
    line = run.lines.get(kind="fee")
    correct(line, Decimal("5.00"), by=cast.coordinator, at=CLOSED, reason="x")
    make_run(NOVEMBER, by=cast.coordinator, at=NEXT)
    assert refused("UPDATE fees_correction SET amount = 6") == "taken_correction_is_never_changed"
    assert refused("DELETE FROM fees_correction") == "taken_correction_is_never_changed"
    assert Correction.objects.get().line == RunLine.objects.get(kind="correction")


def test_a_row_is_not_slipped_onto_an_approved_list(cast: Cast, session: Session) -> None:
    """L1."""
    list_ = approved(cast.expert, cast.named)
    late = make_closed_session(at(2026, 10, 20, 10), expert=cast.expert, unit=cast.unit)
    with pytest.raises(IntegrityError, match="locked_row_is_never_changed"), transaction.atomic():
        HourRow.objects.create(hour_list=list_, session=late)


# Lesson M16.
def test_a_session_is_paid_once(cast: Cast, run: PaymentRun) -> None:
    """The same session in another run: refused even if a row got there."""
    line = run.lines.get(kind="fee")
    line.pk = None
    line.position = 99
    with pytest.raises(IntegrityError, match="session_paid_once"), transaction.atomic():
        line.save(force_insert=True)


def test_a_session_that_is_not_approved_may_be_mended(cast: Cast, session: Session) -> None:
    HourList.objects.create(
        expert=cast.expert, unit=cast.unit, month=at(2026, 10, 1).date(), state="at_unit", sent_at=CHECKED
    ).rows.create(session=session)
    assert Session.objects.filter(pk=session.pk).update(change_reason="Began later") == 1
