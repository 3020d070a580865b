"""A training as the condition of a fee item: on the form, the page, approving, taking over, the import."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from desk.importing.files import take
from feetables import actions
from feetables.models import FeeItem, FeeTable
from office.errors import Refused
from office.models import User
from tests.conftest import Cast
from tests.factories import at, make_fee_table
from tests.factories.training import make_training

NOW = at(2026, 11, 12, 10)
SHEET = Path(__file__).parents[1] / "data" / "fee_table.csv"
ITEM = {
    "code": "RYHK",
    "name_fi": "Ryhmä, koulutettu",
    "name_sv": "Grupp, utbildad",
    "purpose": "session",
    "kinds": ["group"],
    "basis": "per_hour",
    "amount": "29",
    "step_minutes": "15",
    "income_type": "336",
    "training": "group-leader",
}


@pytest.fixture
def coordinator(cast: Cast, client_for: Callable[[User], Client]) -> Client:
    make_training("group-leader", name_fi="Ryhmänohjaaja")
    return client_for(cast.coordinator)


@pytest.fixture
def draft(cast: Cast) -> FeeTable:
    return make_fee_table(valid_from=date(2027, 1, 1), approved=False)


def add(coordinator: Client, draft: FeeTable, **changes: Any) -> Any:
    return coordinator.post(reverse("feetables:item_new", args=[draft.pk]), ITEM | changes)


def test_an_item_names_a_training_and_the_page_tells_it(coordinator: Client, draft: FeeTable, cast: Cast) -> None:
    assert add(coordinator, draft).status_code == 302
    assert draft.items.get(code="RYHK").training == "group-leader"
    page = coordinator.get(reverse("feetables:table", args=[draft.pk])).content.decode()
    assert page.count("only with the training Ryhmänohjaaja") == 1
    assert actions.faults(draft) == []  # trained and untrained side by side
    copy = FeeTable(name="Copy", name_sv="Kopia", valid_from=date(2028, 1, 1))
    actions.save_table(copy, copy_of=draft, by=cast.coordinator, at=NOW)
    assert copy.items.get(code="RYHK").training == "group-leader"


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"training": "unknown"}, "training", "Select a valid choice. unknown is not one of the available choices."),
        (
            {"purpose": "preparation"},
            "training",
            "Only a session&#x27;s own fee can depend on a training.",
        ),
    ],
    ids=["no such training", "preparation"],
)
def test_a_condition_that_cannot_be_is_told_by_its_field(
    coordinator: Client, draft: FeeTable, changes: dict[str, str], field: str, says: str
) -> None:
    page = add(coordinator, draft, **changes)
    assert says in page.content.decode()
    assert list(page.context["form"].errors) == [field]
    assert not draft.items.filter(code="RYHK").exists()


def test_the_action_and_the_database_refuse_it_too(cast: Cast, draft: FeeTable) -> None:
    item = draft.items.get(code="RYH")
    item.training = "unknown"
    with pytest.raises(Refused, match="There is no training with the code unknown"):
        actions.save_item(item, by=cast.coordinator, at=NOW)
    with pytest.raises(IntegrityError, match="training_only_for_a_session"), transaction.atomic():
        draft.items.filter(code="KM").update(training="unknown")


def test_two_items_with_the_same_training_are_a_fault(coordinator: Client, draft: FeeTable) -> None:
    add(coordinator, draft)
    add(coordinator, draft, code="RYHK2")
    assert actions.faults(draft) == ["Group leading: there are several items for the same work"]


def test_the_brackets_of_a_training_are_whole_by_themselves(draft: FeeTable) -> None:
    make_training("group-leader")
    item = draft.items.get(code="KEH1")
    item.pk, item.code, item.training = None, "KEH1K", "group-leader"
    item._state.adding = True
    item.save()
    assert actions.faults(draft) == ["Development work: long work has no item"]


# --- the import ------------------------------------------------------------------------------------------------------


def sheet(training: str, code: str = "RYH") -> bytes:
    """The office's own sheet with one more column, filled in one row."""
    heading, *rows = SHEET.read_text(encoding="utf-8-sig").splitlines()
    filled = [f"{row};{training if row.startswith(code + ';') else ''}" for row in rows]
    return "\n".join([f"{heading};Koulutusehto", *filled]).encode()


@pytest.mark.django_db
def test_the_sheet_brings_the_condition_along_and_twice_is_the_same() -> None:
    make_training("group-leader")
    for added, same in ((10, 0), (0, 10)):
        report = take("fee_table", "fee_table.csv", sheet("group-leader"), by=None, at=NOW)
        assert (report.faults, report.added > 0, report.same > 0) == ([], added > 0, same > 0)
    found = FeeItem.objects.exclude(training="").values_list("code", "training", "amount")
    assert list(found) == [("RYH", "group-leader", Decimal("25.00"))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("training", "code", "says"),
    [
        ("nothing", "RYH", "There is no training with the code nothing."),
        ("group-leader", "KM", "Only a session's own fee can depend on a training."),
    ],
    ids=["no such training", "travel"],
)
def test_a_condition_that_cannot_be_is_told_by_its_row(training: str, code: str, says: str) -> None:
    make_training("group-leader")
    report = take("fee_table", "fee_table.csv", sheet(training, code), by=None, at=NOW)
    assert [(fault.column, fault.reason) for fault in report.faults] == [("Koulutusehto", says)]
    assert not FeeTable.objects.exists()
