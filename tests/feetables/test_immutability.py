"""An approved fee table stays as it was decided (R17): the database itself refuses."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from feetables.models import FeeItem, FeeTable
from office.errors import Refused
from office.saving import readable
from tests.factories import at, make_fee_table

pytestmark = pytest.mark.django_db


def refused(change: Callable[[], object], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        change()


def test_an_item_of_an_approved_table_is_never_changed() -> None:
    make_fee_table()
    refused(lambda: FeeItem.objects.filter(code="RYH").update(amount="30.00"), "approved_fee_item_is_never_changed")


def test_an_item_of_an_approved_table_is_never_deleted() -> None:
    make_fee_table()
    refused(lambda: FeeItem.objects.filter(code="RYH").delete(), "approved_fee_item_is_never_changed")


def test_the_decision_of_an_approved_table_is_never_changed() -> None:
    make_fee_table()
    refused(lambda: FeeTable.objects.update(decided_by="somebody"), "approved_fee_table_is_never_changed")


def test_an_approved_table_may_end_when_another_follows() -> None:
    table = make_fee_table()
    FeeTable.objects.update(valid_to=at(2026, 12, 31).date())
    table.refresh_from_db()
    assert table.valid_to == at(2026, 12, 31).date()


def test_a_draft_is_changed_freely() -> None:
    table = FeeTable.objects.create(name="Next year", valid_from=at(2027, 1, 1).date())
    FeeItem.objects.create(
        table=table, code="KOK", name_fi="Kokous", name_sv="Möte", basis="per_meeting", amount="50", income_type="210"
    )
    FeeItem.objects.filter(table=table).update(amount="55.00")
    assert FeeTable.objects.filter(pk=table.pk).delete()[0] == 2


def test_the_refusal_is_a_sentence() -> None:
    make_fee_table()
    with pytest.raises(Refused, match="An approved fee table is never changed"), readable():
        FeeItem.objects.filter(code="RYH").update(amount="30.00")
