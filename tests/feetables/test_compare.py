"""Versions of the fee table side by side."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feetables.compare import aligned
from feetables.models import FeeTable
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, example_items, make_fee_table
from tests.factories.feetables import make_draft

SignIn = Callable[[User], Client]
HOURLY = {"basis": "per_hour", "amount": Decimal(25), "step_minutes": 15}


def pair() -> tuple[FeeTable, FeeTable]:
    old = make_draft({"code": "A", **HOURLY}, {"code": "B", **HOURLY}, {"code": "C", **HOURLY}, day=date(2026, 1, 1))
    new = make_draft(
        {"code": "A", **HOURLY}, {"code": "B", **HOURLY, "amount": Decimal(26)}, {"code": "D", **HOURLY}, name="Uusi"
    )
    return old, new


def test_items_are_aligned_by_code_and_what_differs_is_said_in_a_word(db: None) -> None:
    rows = aligned(pair(), {})
    assert [(row.code, row.cells[0].change, row.cells[1].change, row.differs) for row in rows] == [
        ("A", "same", "same", False),
        ("B", "same", "other", True),
        ("D", "absent", "new", True),
        ("C", "same", "gone", True),
    ]
    assert [cell.words for cell in rows[1].cells] == [
        "€25.00 per hour, each started quarter of an hour · Group leading · 336",
        "€26.00 per hour, each started quarter of an hour · Group leading · 336",
    ]


@pytest.mark.parametrize(
    "change", [{"income_type": "214"}, {"kinds": ["lecture"]}, {"way": "remote"}, {"company": "two"}]
)
def test_every_thing_by_which_an_item_pays_is_compared(db: None, change: dict[str, Any]) -> None:
    old = make_draft({"code": "A", **HOURLY}, day=date(2026, 1, 1))
    new = make_draft({"code": "A", **HOURLY, **change})
    assert [row.differs for row in aligned((old, new), {})] == [True]


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn, clock: Clock) -> Client:
    clock(at(2026, 12, 1, 9))
    return client_for(cast.coordinator)


def test_the_page_shows_what_differs_first(coordinator: Client) -> None:
    old, new = pair()
    where = reverse("feetables:compare")
    page = coordinator.get(where, {"t": [new.pk, old.pk]})
    assert [table.pk for table in page.context["tables"]] == [old.pk, new.pk]
    assert [row.code for row in page.context["rows"]] == ["B", "D", "C"]
    assert [row.code for row in coordinator.get(where, {"t": [new.pk, old.pk], "all": [1]}).context["rows"]] == list(
        "ABDC"
    )
    text = page.content.decode()
    assert all(word in text for word in ("Different", "New", "No longer there"))


@pytest.mark.parametrize("chosen", [["1"], ["x", "999999999999"]])
def test_one_table_is_nothing_to_compare(coordinator: Client, chosen: list[str]) -> None:
    assert coordinator.get(reverse("feetables:compare"), {"t": chosen})["Location"] == reverse("feetables:tables")


@pytest.mark.parametrize("times", [1, 3])
def test_few_questions_to_the_database(coordinator: Client, django_assert_max_num_queries: Any, times: int) -> None:
    items = [item | {"code": f"{item['code']}{n}"} for n in range(times) for item in example_items()]
    pks = [
        make_fee_table(valid_from=date(year, 1, 1), approved=False, decided_by="", decided_on=None, items=items).pk
        for year in (2024, 2025, 2026, 2027)
    ]
    wanted: dict[str, list[int]] = {"t": pks, "all": [1]}
    with django_assert_max_num_queries(10):
        page = coordinator.get(reverse("feetables:compare"), wanted)
    assert (len(page.context["tables"]), len(page.context["rows"])) == (4, 11 * times)


def test_without_a_choice_the_two_newest_are_shown(coordinator: Client) -> None:
    old, new = pair()
    make_draft({"code": "A", **HOURLY}, day=date(2020, 1, 1))
    assert [table.pk for table in coordinator.get(reverse("feetables:compare")).context["tables"]] == [old.pk, new.pk]
