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


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        pytest.param("fees_runline", "fees_runline_is_never_emptied", id="lines"),
        pytest.param("fees_rundocument", "fees_rundocument_is_never_emptied", id="documents"),
        pytest.param("fees_paymentrun", "fees_paymentrun_is_never_emptied", id="runs"),
        pytest.param("fees_correction", "fees_correction_is_never_emptied", id="corrections"),
        pytest.param("fees_rejection", "fees_rejection_is_never_emptied", id="rejections"),
        pytest.param("fees_hourrow", "fees_hourrow_is_never_emptied", id="rows"),
        pytest.param("fees_hourlist", "fees_hourlist_is_never_emptied", id="lists"),
    ],
)
@pytest.mark.django_db
def test_m15_what_is_paid_cannot_be_emptied(refused: Callable[[str], str], tables: str, rule: str) -> None:
    """M15: TRUNCATE, which no trigger of rows sees, is refused too, with everything that hangs on the table."""
    assert refused(f"TRUNCATE {tables} CASCADE").endswith("_is_never_emptied")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = %s AND tgenabled = 'O'", [rule])
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    "field",
    [
        pytest.param("expert", id="another person"),
        pytest.param("unit", id="another unit"),
        pytest.param("hour_list", id="another list"),
        pytest.param("session", id="another time"),
    ],
)
@pytest.mark.parametrize("kind", ["fee", "carried", "correction"])
def test_m17_a_line_is_of_its_own_work_and_a_correction_of_its_line(
    cast: Cast, run: PaymentRun, kind: str, field: str
) -> None:
    """M17, M6: neither a new line nor a correction can name another payee or unit than the work that earned it."""
    make_closed_session(at(2026, 11, 4, 10), expert=cast.second_expert, unit=cast.other_unit)
    approved(cast.second_expert, cast.other_named, NOVEMBER)
    other = make_run(NOVEMBER, by=cast.coordinator, at=NEXT, documents=False).lines.get(kind="fee")
    line = run.lines.get(kind="fee")
    fields = {"pk": None, "position": 99, "kind": kind, field: getattr(other, field)}
    if kind != "fee":
        fields["corrects"] = run.lines.get(kind="fee")
    for name, value in fields.items():
        setattr(line, name, value)
    with pytest.raises(IntegrityError, match=r"line_is_of_its_work|session_paid_once"), transaction.atomic():
        line.save(force_insert=True)


def test_m17_a_line_of_nobody_is_refused(run: PaymentRun) -> None:
    """What the foreign keys would have refused: a person, unit, list or line that is not there."""
    for field in ("expert_id", "unit_id", "hour_list_id", "session_id", "corrects_id"):
        line = run.lines.get(kind="fee")
        line.pk, line.position, line.kind, line.corrects_id = None, 99, "correction", run.lines.get(kind="fee").pk
        setattr(line, field, 999_999)
        with pytest.raises(IntegrityError, match="line_is_of_its_work"), transaction.atomic():
            line.save(force_insert=True)


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        pytest.param("DELETE FROM fees_hourlist", "paid_list_stays", id="list"),
        pytest.param("DELETE FROM assignments_session", "paid_session_stays", id="session"),
        pytest.param("DELETE FROM fees_runline WHERE kind = 'fee'", "corrected_line_stays", id="corrected line"),
    ],
)
def test_what_lines_name_stays_as_long_as_they_do(
    cast: Cast, run: PaymentRun, refused: Callable[[str], str], sql: str, rule: str
) -> None:
    """Also when nothing else held it: the other guards rest here."""
    correct(run.lines.get(kind="fee"), Decimal("5.00"), by=cast.coordinator, at=CLOSED, reason="x")
    make_run(NOVEMBER, by=cast.coordinator, at=NEXT, documents=False)
    rest = (
        "locked_list_is_never_changed_early",
        "approved_session_is_locked",
        "frozen_line_is_never_changed_early",
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, trigger in zip(("fees_hourlist", "assignments_session", "fees_runline"), rest, strict=True):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # keys would refuse it too, later
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


def test_a_session_is_paid_once(cast: Cast, run: PaymentRun) -> None:
    """M16: the same session in another run is refused even if a row got there."""
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
