"""What the database itself refuses, whoever asks: tried by raw SQL and direct writes."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg import sql

from assignments.models import Session
from experts.models import Contract, ReadLog
from office.choices import Role
from office.models import RoleGrant
from tests.conftest import Cast
from tests.factories import at, grant, make_agreed_session, make_closed_session, make_contract, make_expert, make_user

pytestmark = pytest.mark.django_db
TEN = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)


def refuses(name: str) -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match=name)


# --- an expert is never in two sessions at once ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        pytest.param(TEN, TEN + HOUR, id="the same time"),
        pytest.param(TEN + HOUR / 2, TEN + HOUR, id="inside"),
        pytest.param(TEN - HOUR, TEN + 2 * HOUR, id="around"),
        pytest.param(TEN - HOUR, TEN + timedelta(minutes=1), id="a minute into it"),
    ],
)
def test_overlap_is_refused(cast: Cast, starts_at: object, ends_at: object) -> None:
    make_agreed_session(TEN, TEN + HOUR, expert=cast.expert, unit=cast.unit)
    with refuses("expert_never_in_two_sessions"), transaction.atomic():
        make_agreed_session(starts_at, ends_at, expert=cast.expert, unit=cast.other_unit)  # type: ignore[arg-type]


@pytest.mark.parametrize("start", [pytest.param(TEN - HOUR, id="before"), pytest.param(TEN + HOUR, id="after")])
def test_one_after_the_other_is_no_overlap(cast: Cast, start: object) -> None:
    make_agreed_session(TEN, TEN + HOUR, expert=cast.expert)
    make_agreed_session(start, expert=cast.expert)  # type: ignore[arg-type]
    assert Session.objects.count() == 2


def test_another_expert_may_work_at_the_same_time(cast: Cast) -> None:
    make_agreed_session(TEN, expert=cast.expert)
    make_agreed_session(TEN, expert=cast.second_expert)
    assert Session.objects.count() == 2


def test_a_cancelled_time_is_free_again_a_held_one_is_not(cast: Cast) -> None:
    make_closed_session(TEN, event="orderer_cancelled", received_at=TEN - HOUR, expert=cast.expert)
    make_closed_session(TEN, expert=cast.expert)
    with refuses("expert_never_in_two_sessions"), transaction.atomic():
        make_agreed_session(TEN, expert=cast.expert)


# --- no work outside the contract (R26) ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_at", "fits"),
    [
        pytest.param(at(2026, 9, 30, 23), False, id="the evening before the first day"),
        pytest.param(at(2026, 10, 1, 0), True, id="midnight of the first day in Helsinki"),
        pytest.param(at(2026, 10, 31, 23), True, id="late on the last day"),
        pytest.param(at(2026, 11, 1, 0), False, id="midnight after the last day"),
    ],
)
def test_work_is_inside_the_contract_by_the_calendar_of_helsinki(starts_at: object, fits: bool) -> None:  # noqa: FBT001 - a table
    expert = make_expert(contract=False)
    make_contract(expert, valid_from=date(2026, 10, 1), valid_to=date(2026, 10, 31))
    if fits:
        assert make_agreed_session(starts_at, expert=expert).pk  # type: ignore[arg-type]
        return
    with refuses("session_inside_contract"), transaction.atomic():
        make_agreed_session(starts_at, expert=expert)  # type: ignore[arg-type]


def test_a_kind_of_work_that_the_contract_does_not_name_is_refused() -> None:
    expert = make_expert(kinds=["individual", "group"])
    with refuses("session_inside_contract"), transaction.atomic():
        make_agreed_session(TEN, kind="lecture", expert=expert)


def test_a_draft_contract_covers_nothing() -> None:
    expert = make_expert(contract=False)
    make_contract(expert, state=Contract.State.DRAFT)
    with refuses("session_inside_contract"), transaction.atomic():
        make_agreed_session(TEN, expert=expert)


def test_a_contract_cannot_be_shortened_over_agreed_work(cast: Cast) -> None:
    make_agreed_session(TEN, expert=cast.expert)
    contracts = Contract.objects.filter(expert=cast.expert)
    with refuses("contract_keeps_its_sessions"), transaction.atomic():
        contracts.update(valid_to=date(2026, 10, 6))
    contracts.update(valid_to=date(2026, 10, 7))
    assert contracts.get().valid_to == date(2026, 10, 7)


def test_contracts_of_an_expert_do_not_share_a_day(cast: Cast) -> None:
    with refuses("contracts_do_not_overlap"), transaction.atomic():
        make_contract(cast.expert, valid_from=date(2027, 12, 31), valid_to=None)
    make_contract(cast.expert, valid_from=date(2028, 1, 1), valid_to=None)
    make_contract(cast.expert, valid_from=date(2027, 6, 1), valid_to=None, state=Contract.State.DRAFT)


# --- one named employee ----------------------------------------------------------------------------------------------


def test_a_unit_has_one_named_employee_at_a_time(cast: Cast) -> None:
    successor = make_user()
    with refuses("one_named_employee_at_a_time"), transaction.atomic():
        grant(successor, Role.UNIT_CONTACT, cast.unit, since=TEN)
    RoleGrant.objects.filter(user=cast.named).update(valid_to=TEN)
    grant(successor, Role.UNIT_CONTACT, cast.unit, since=TEN)


@pytest.mark.parametrize(("role", "in_unit"), [("staff", False), ("unit_contact", False), ("finance", True)])
def test_unit_roles_are_held_in_a_unit_others_are_not(cast: Cast, role: str, in_unit: bool) -> None:  # noqa: FBT001 - a table
    with refuses("grant_unit_matches_role"), transaction.atomic():
        RoleGrant.objects.create(user=cast.supervisor, role=role, unit=cast.unit if in_unit else None, valid_from=TEN)


# --- rows that are never changed -------------------------------------------------------------------------------------


def test_a_look_that_was_logged_stays_as_it_was(cast: Cast) -> None:
    """Old rows may be removed by retention, none is ever changed."""
    ReadLog.objects.create(at=TEN, reader=cast.coordinator, expert=cast.expert, what="record")
    with refuses("read_log_is_never_changed"), transaction.atomic():
        ReadLog.objects.update(what="nothing")
    assert [read.what for read in ReadLog.objects.all()] == ["record"]


def test_refusals_carry_a_constraint_name_to_recognise_them_by(cast: Cast) -> None:
    expert = make_expert(contract=False)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        make_agreed_session(TEN, expert=expert)
    cause = refusal.value.__cause__
    assert (cause.sqlstate, cause.diag.constraint_name) == ("23514", "session_inside_contract")  # type: ignore[union-attr]


TRIGGERS = {
    "approved_session_is_locked": "assignments_session",
    "contract_keeps_its_sessions": "experts_contract",
    "document_is_never_changed": "fees_rundocument",
    "frozen_line_is_never_changed": "fees_runline",
    "locked_list_is_never_changed": "fees_hourlist",
    "locked_row_is_never_changed": "fees_hourrow",
    "log_is_append_only": "office_logentry",
    "read_log_is_never_changed": "experts_readlog",
    "run_is_never_changed": "fees_paymentrun",
    "session_inside_contract": "assignments_session",
    "taken_correction_is_never_changed": "fees_correction",
}


def test_all_guards_stand_in_the_database_and_are_switched_on() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")
        )
        standing = dict(cursor.fetchall())
    assert {name: table for name, table in standing.items() if name in TRIGGERS} == TRIGGERS
