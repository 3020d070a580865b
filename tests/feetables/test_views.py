"""Drafting, reading and approving fee tables."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from feetables import actions
from feetables.models import FeeItem, FeeTable
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, example_items, make_fee_table

NOW = at(2026, 12, 1, 9)
SignIn = Callable[[User], Client]
DECISION = {"decided_by": "Aluehallitus", "decided_on": "15.11.2026", "section": "§ 7", "diary_number": "EX/7/2026"}


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def draft(**fields: Any) -> FeeTable:
    return make_fee_table(valid_from=date(2027, 1, 1), approved=False, decided_by="", decided_on=None, **fields)


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "supervisor", "expert_user"])
def test_units_and_experts_do_not_open_the_tables(cast: Cast, client_for: SignIn, who: str) -> None:
    table = make_fee_table()
    client = client_for(getattr(cast, who))
    assert client.get(reverse("feetables:tables")).status_code == 403
    assert client.get(reverse("feetables:table", args=[table.pk])).status_code == 403


def test_finance_reads_and_changes_nothing(cast: Cast, client_for: SignIn) -> None:
    table = draft()
    finance = client_for(cast.finance)
    page = finance.get(reverse("feetables:table", args=[table.pk]))
    assert (page.status_code, page.context["may_change"]) == (200, False)
    for name in ("approve", "table_remove", "item_new", "table_edit"):
        assert finance.post(reverse(f"feetables:{name}", args=[table.pk])).status_code == 403
    assert FeeTable.objects.get().state == "draft"


def test_items_are_told_in_words(coordinator: Client) -> None:
    table = make_fee_table()
    page = coordinator.get(reverse("feetables:table", args=[table.pk]))
    words = {item.code: item.words for item in page.context["items"]}
    assert words["VO"] == "€26.26 per hour, each started quarter of an hour, at least 2\u00a0h"
    assert words["LUE"] == "€100.00–€600.00 an event, agreed on the order"


def test_a_draft_takes_over_the_items_of_another_table(coordinator: Client) -> None:
    former = make_fee_table()
    form = {
        "name": "Palkkiotaulukko 2027",
        "name_sv": "Arvodestabell 2027",
        "valid_from": "1.1.2027",
        "copy_of": former.pk,
    }
    answer = coordinator.post(reverse("feetables:table_new"), form)
    made = FeeTable.objects.get(name="Palkkiotaulukko 2027")
    assert answer["Location"] == reverse("feetables:table", args=[made.pk])
    assert (made.state, made.items.count(), former.items.count()) == ("draft", 11, 11)


def test_an_item_is_changed_while_the_table_is_a_draft(coordinator: Client) -> None:
    item = draft().items.get(code="RYH")
    where = reverse("feetables:item_edit", args=[item.pk])
    form = {f.name: f.value() for f in coordinator.get(where).context["form"]}
    form = {name: value for name, value in form.items() if value is not None} | {"amount": "27,50 €"}
    assert coordinator.post(where, form).status_code == 302
    item.refresh_from_db()
    assert (item.amount, item.step_minutes) == (Decimal("27.50"), 15)


def test_an_item_that_cannot_be_counted_is_refused_and_keeps_what_was_typed(coordinator: Client) -> None:
    table = draft()
    form = {
        "code": "UUSI",
        "name_fi": "Uusi",
        "name_sv": "Ny",
        "purpose": "session",
        "basis": "per_event",
        "amount": "50",
        "amount_max": "49,99",
        "income_type": "336",
    }
    page = coordinator.post(reverse("feetables:item_new", args=[table.pk]), form)
    shown = page.context["form"]
    assert shown.errors == {"__all__": ["The highest amount is below the lowest."]}
    assert (shown["amount"].value(), shown["amount_max"].value()) == ("50", "49,99")
    assert FeeItem.objects.filter(code="UUSI").exists() is False


def test_a_code_stands_once_in_a_table(coordinator: Client) -> None:
    table = draft()
    form = {
        "code": "YKS",
        "name_fi": "Uusi",
        "name_sv": "Ny",
        "purpose": "session",
        "basis": "per_meeting",
        "amount": "50",
        "income_type": "336",
    }
    page = coordinator.post(reverse("feetables:item_new", args=[table.pk]), form)
    assert page.context["form"].errors == {"__all__": ["Fee item with this Fee table and Code already exists."]}


def test_approving_ends_the_table_before_the_day_before(coordinator: Client) -> None:
    former, new = make_fee_table(), draft()
    answer = coordinator.post(reverse("feetables:approve", args=[new.pk]), DECISION)
    assert answer.status_code == 302
    former.refresh_from_db()
    new.refresh_from_db()
    assert (former.valid_to, new.state) == (date(2026, 12, 31), "approved")
    assert (new.decided_by, new.decided_on, new.section, new.diary_number, new.approved_at) == (
        "Aluehallitus",
        date(2026, 11, 15),
        "§ 7",
        "EX/7/2026",
        NOW,
    )
    assert [e.kind for e in LogEntry.objects.all()] == ["feetable.close", "feetable.approve"]


def test_a_table_may_be_approved_after_it_took_effect(coordinator: Client) -> None:
    former = make_fee_table()
    new = make_fee_table(valid_from=date(2026, 7, 1), approved=False, decided_by="", decided_on=None)
    coordinator.post(reverse("feetables:approve", args=[new.pk]), DECISION)
    former.refresh_from_db()
    assert former.valid_to == date(2026, 6, 30)


def test_overlapping_tables_are_refused_in_words(coordinator: Client) -> None:
    make_fee_table(valid_to=date(2027, 3, 31))
    new = draft()
    page = coordinator.post(reverse("feetables:approve", args=[new.pk]), DECISION)
    form = page.context["form"]
    assert form.errors == {"__all__": ["Another approved fee table holds on some of these days."]}
    assert form["diary_number"].value() == "EX/7/2026"
    new.refresh_from_db()
    assert new.state == "draft"


def test_a_table_with_a_gap_is_not_approved(coordinator: Client) -> None:
    new = draft()
    new.items.filter(code="KEH2").delete()
    page = coordinator.post(reverse("feetables:approve", args=[new.pk]), DECISION)
    said = "Development work: there is a gap between two limits of length"
    assert page.context["form"].errors == {"__all__": [said]}
    assert page.context["faults"] == [said]


def test_two_prices_for_one_kind_of_work_are_not_approved(cast: Cast) -> None:
    new = draft()
    new.items.create(
        code="TOINEN", name_fi="T", name_sv="A", kinds=["meeting"], basis="per_meeting", amount=1, income_type="210"
    )
    with pytest.raises(Refused, match="several items for the same work"):
        actions.approve(new, decided_by="A", decided_on=NOW.date(), by=cast.coordinator, at=NOW)


def test_a_decision_of_tomorrow_is_no_decision(coordinator: Client) -> None:
    new = draft()
    page = coordinator.post(reverse("feetables:approve", args=[new.pk]), DECISION | {"decided_on": "2.12.2026"})
    assert page.context["form"].errors == {"decided_on": ["The decision is in the future."]}


def test_an_approved_table_is_never_changed(cast: Cast) -> None:
    table = make_fee_table()
    item = table.items.get(code="YKS")
    item.amount = Decimal(1)
    for act in (
        lambda: actions.save_item(item, by=cast.coordinator, at=NOW),
        lambda: actions.remove_item(item, by=cast.coordinator, at=NOW),
        lambda: actions.save_table(table, by=cast.coordinator, at=NOW),
        lambda: actions.remove_draft(table, by=cast.coordinator, at=NOW),
        lambda: actions.approve(table, decided_by="A", decided_on=NOW.date(), by=cast.coordinator, at=NOW),
    ):
        with pytest.raises(Conflict):
            act()
    assert table.items.get(code="YKS").amount == Decimal(50)


def test_a_second_click_on_approve_changes_nothing(coordinator: Client) -> None:
    new = draft()
    where = reverse("feetables:approve", args=[new.pk])
    first, second = coordinator.post(where, DECISION), coordinator.post(where, DECISION)
    assert (first.status_code, second.status_code) == (302, 302)
    assert LogEntry.objects.filter(kind="feetable.approve").count() == 1


def test_kinds_without_an_item_are_told_before_approving(coordinator: Client) -> None:
    new = draft(items=[item for item in example_items() if item["code"] == "YKS"])
    page = coordinator.get(reverse("feetables:table", args=[new.pk]))
    assert page.context["without"][:2] == ["Pair work", "Group leading"]


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(coordinator: Client, django_assert_max_num_queries: Any, count: int) -> None:
    for year in range(2000, 2000 + count):
        table = make_fee_table(valid_from=date(year, 1, 1), valid_to=date(year, 12, 31))
    for name, args in [("tables", []), ("table", [table.pk]), ("table_new", [])]:
        with django_assert_max_num_queries(10):
            assert coordinator.get(reverse(f"feetables:{name}", args=args)).status_code == 200


def test_the_newest_version_stands_first(coordinator: Client) -> None:
    for year in (2025, 2027, 2024, 2026):
        make_fee_table(valid_from=date(year, 1, 1), approved=False, decided_by="", decided_on=None)
    page = coordinator.get(reverse("feetables:tables"))
    assert [row.valid_from.year for row in page.context["tables"]] == [2027, 2026, 2025, 2024]
