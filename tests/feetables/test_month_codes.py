"""What is paid by the month is known by its code: a table that begins within a month keeps it (R17)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from feetables import actions
from feetables.models import FeeTable
from office.errors import Refused
from tests.conftest import Cast
from tests.factories import at, example_items, make_fee_table

PHONE = {
    "code": "PUH", "name_fi": "Puhelinkulut", "name_sv": "Telefonkostnader", "purpose": "beside",
    "kinds": ["individual"], "basis": "per_month", "amount": Decimal("6.00"), "income_type": "311", "posting": "4475",
}  # fmt: skip
RENAMED = PHONE | {"code": "PUH2", "amount": Decimal("7.00")}
NEW = {"approved": False, "decided_by": "", "decided_on": None, "name": "Palkkiotaulukko 10/2026"}


def table(day: date, *items: dict[str, Any], **values: Any) -> FeeTable:
    return make_fee_table(valid_from=day, items=[*example_items(), *items], **values)


def approve(draft: FeeTable, cast: Cast) -> str:
    actions.approve(
        draft, decided_by="Aluehallitus", decided_on=date(2026, 9, 1), by=cast.coordinator, at=at(2026, 9, 1)
    )
    draft.refresh_from_db()
    return draft.state


def test_another_code_within_a_month_would_pay_it_twice_and_is_refused(cast: Cast) -> None:
    FeeTable.objects.all().delete()
    table(date(2026, 1, 1), PHONE)
    draft = table(date(2026, 10, 15), RENAMED, **NEW)
    assert len(actions.faults(draft)) == 1
    with pytest.raises(Refused, match=r"another code than before \(PUH2\): that month would be paid twice"):
        approve(draft, cast)
    draft.refresh_from_db()
    assert draft.state == FeeTable.State.DRAFT


@pytest.mark.parametrize(
    ("day", "former", "new"),
    [
        (date(2026, 10, 15), [PHONE], [PHONE | {"amount": Decimal("7.00")}]),
        (date(2026, 10, 1), [PHONE], [RENAMED]),
        (date(2026, 10, 15), [], [PHONE]),
        (date(2026, 10, 15), [PHONE], []),
    ],
    ids=["the same code", "first day of a month", "a cost that is new", "a cost that ends"],
)
def test_otherwise_a_month_has_one_price_and_the_table_is_approved(
    cast: Cast, day: date, former: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    FeeTable.objects.all().delete()
    table(date(2026, 1, 1), *former)
    draft = table(day, *new, **NEW)
    assert actions.faults(draft) == []
    assert approve(draft, cast) == FeeTable.State.APPROVED


def test_a_table_that_ended_in_an_earlier_month_does_not_count(cast: Cast) -> None:
    FeeTable.objects.all().delete()
    table(date(2026, 1, 1), PHONE, valid_to=date(2026, 9, 30))
    table(date(2026, 10, 1), valid_to=date(2026, 10, 14), name="Väliaikainen")
    assert actions.faults(table(date(2026, 10, 15), RENAMED, **NEW)) == []
