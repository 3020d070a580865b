"""Rows are put and changed by SQL that stands already, as Django would do it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from experts.models import Contract
from office.actions import log, one_log
from office.models import LogEntry, OutboxMessage, Unit
from office.stored import change, put, put_once
from tests.factories import at, make_expert, make_unit, make_user

pytestmark = pytest.mark.django_db

NOW = at(2026, 9, 21, 9)


def message(once: str, **fields: Any) -> OutboxMessage:
    values: dict[str, Any] = {
        "recipient": make_user(), "kind": "account_made", "language": "fi", "subject": f"% {once}", "body": "äå",
        "about_type": "office.unit", "about_id": 1, "state": "waiting", "created_at": NOW, "due_at": NOW,
    }  # fmt: skip
    return OutboxMessage(once=once, **values | fields)


def plain(one: Any) -> dict[str, Any]:
    return {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}


def test_several_rows_in_one_statement_in_their_order(django_assert_num_queries: Any) -> None:
    unit, person = make_unit(), make_user()
    rows = [
        LogEntry(
            at=NOW, actor=person, kind=f"unit.{n}", object_type="office.unit", object_id=unit.pk, facts={"n": [n, "ä"]}
        )
        for n in range(3)
    ]
    with django_assert_num_queries(1):
        put(rows)
    stored = list(LogEntry.objects.order_by("pk"))
    assert [plain(one) for one in stored] == [plain(one) for one in rows]
    assert [one.kind for one in stored] == ["unit.0", "unit.1", "unit.2"]
    assert not any(one._state.adding for one in rows)


def test_lists_and_none_are_stored_as_django_stores_them() -> None:
    contract = Contract.objects.get(expert=make_expert())
    change(Contract, {"id": contract.pk}, {"kinds": ["group", "pair"], "valid_to": None})
    contract.refresh_from_db()
    assert (contract.kinds, contract.valid_to) == (["group", "pair"], None)


def test_nothing_to_put(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        put([])
        put_once([], "once")


def test_what_is_there_stays_and_tells_its_key(django_assert_num_queries: Any) -> None:
    first = message("a", subject="Before")
    put_once([first], "once")
    again, new = message("a", subject="After"), message("b")
    with django_assert_num_queries(2):  # the second one reads the key of what was there
        put_once([again, new], "once")
    assert again.pk == first.pk
    assert list(OutboxMessage.objects.order_by("pk").values_list("once", "subject")) == [("a", "Before"), ("b", "% b")]


def test_the_constraints_hold() -> None:
    with pytest.raises(IntegrityError, match="message_names_one_reader"), transaction.atomic():
        put_once([message("a", recipient=None)], "once")


def test_changes_only_while_it_is_as_thought() -> None:
    unit = make_unit("A")
    make_unit("B", place="There")
    assert change(Unit, {"id": unit.pk, "place": "elsewhere"}, {"place": "Here"}) == 0
    assert change(Unit, {"id": unit.pk, "place": unit.place}, {"place": "Here", "service_area": unit.service_area}) == 1
    assert list(Unit.objects.order_by("code").values_list("place", flat=True)) == ["Here", "There"]


class TestOneLog:
    """Log rows of an action by one statement, and none of an action that fails."""

    def test_written_at_the_end_in_their_order(self, django_assert_num_queries: Any) -> None:
        unit = make_unit()
        with one_log():
            log("unit.a", unit, by=None, at=NOW)
            with one_log():
                log("unit.b", unit, by=None, at=NOW)
            log("unit.c", unit, by=None, at=NOW)
            assert not LogEntry.objects.exists()
            assertion = django_assert_num_queries(1)
            assertion.__enter__()
        assertion.__exit__(None, None, None)
        assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["unit.a", "unit.b", "unit.c"]

    def test_what_fails_leaves_none(self) -> None:
        unit = make_unit()

        def fails(kind: str) -> None:
            with one_log():
                log(kind, unit, by=None, at=NOW)
                raise ValueError(kind)

        with one_log():
            log("unit.a", unit, by=None, at=NOW)
            with pytest.raises(ValueError, match=r"unit\.b"):
                fails("unit.b")
        with pytest.raises(ValueError, match=r"unit\.c"):
            fails("unit.c")
        log("unit.d", unit, by=None, at=NOW)
        assert list(LogEntry.objects.order_by("pk").values_list("kind", flat=True)) == ["unit.a", "unit.d"]
