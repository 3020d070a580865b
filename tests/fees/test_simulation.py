"""What the work of a period would have cost by a draft."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assignments.again import Work, priced
from assignments.models import Session
from assignments.rules import Event
from fees.simulation import simulate, year_until
from feetables.models import FeeItem, FeeTable
from feetables.rules import Basis, Terms, total
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session, make_fee_table
from tests.fees.test_differences import new_items

SignIn = Callable[[User], Client]
NOW = at(2026, 12, 1, 9)
YEAR = (date(2025, 12, 1), date(2026, 11, 30))


def draft(**amounts: str) -> FeeTable:
    return make_fee_table(
        valid_from=date(2027, 1, 1), approved=False, decided_by="", decided_on=None, items=new_items(**amounts)
    )


def october(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit, travel_km=Decimal(24))
    make_closed_session(at(2026, 10, 8, 10), at(2026, 10, 8, 13), "walk_in", expert=cast.expert, unit=cast.other_unit)
    make_closed_session(
        at(2026, 10, 9, 10), expert=cast.expert, unit=cast.unit, event=Event.ORDERER_CANCELLED,
        received_at=at(2026, 10, 9, 8),
    )  # fmt: skip


def test_old_new_and_difference_by_item_and_by_unit(cast: Cast) -> None:
    october(cast)
    found = simulate(draft(), *YEAR)
    assert [(row.code, row.sum.lines, str(row.sum.old), str(row.sum.new)) for row in found.items] == [
        ("KM", 1, "13.20", "12.00"),
        ("VO", 1, "78.78", "81.00"),
        ("YKS", 2, "100.00", "104.00"),
    ]
    assert [(row.unit.code, str(row.sum.old), str(row.sum.difference)) for row in found.units] == [
        ("Y01", "113.20", "2.80"),
        ("Y02", "78.78", "2.22"),
    ]
    assert (found.total.lines, str(found.total.new), str(found.total.difference)) == (4, "197.00", "5.02")
    assert Session.objects.filter(fee_item__table=found.table).count() == 0


def test_the_table_that_paid_would_have_cost_the_same(cast: Cast) -> None:
    october(cast)
    found = simulate(FeeTable.objects.get(), *YEAR)
    assert (str(found.total.difference), found.uncounted) == ("0.00", [])


def test_preparation_is_counted_by_its_own_item(cast: Cast) -> None:
    make_fee_table()
    prepared = make_closed_session(at(2026, 10, 7, 10), None, "group", expert=cast.expert, unit=cast.unit)
    Session.objects.filter(pk=prepared.pk).update(fee_item=FeeItem.objects.get(code="VALM"))
    assert str(simulate(draft(VALM="30.00", RYH="40.00"), *YEAR).total.difference) == "5.00"


def test_days_at_the_border_belong_to_helsinki(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 9, 30, 23), expert=cast.expert, unit=cast.unit)
    make_closed_session(at(2026, 10, 1, 0), at(2026, 10, 1, 1), expert=cast.expert, unit=cast.unit)
    assert simulate(draft(), date(2026, 10, 1), date(2026, 10, 31)).total.lines == 1


def test_what_cannot_be_counted_keeps_its_sum_and_is_told(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 10, 9, 10), None, "lecture", expert=cast.expert, unit=cast.unit)
    found = simulate(draft(LUE="350.00"), *YEAR)
    assert (str(found.total.old), str(found.total.difference)) == ("300.00", "0.00")
    assert found.uncounted == [("The agreed amount must be between €350.00 and €600.00.", 1)]


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2026, 12, 1), YEAR),
        (date(2026, 12, 31), YEAR),
        (date(2027, 1, 15), (date(2026, 1, 1), date(2026, 12, 31))),
        (date(2028, 3, 1), (date(2027, 3, 1), date(2028, 2, 29))),
    ],
)
def test_the_last_twelve_whole_months(day: date, months: tuple[date, date]) -> None:
    assert year_until(day) == months


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn, clock: Clock) -> Client:
    clock(NOW)
    return client_for(cast.coordinator)


def test_the_page_and_its_files_say_the_same(cast: Cast, coordinator: Client) -> None:
    october(cast)
    table = draft()
    page = coordinator.get(reverse("fees:simulation", args=[table.pk]))
    assert str(page.context["found"].total.difference) == "5.02"
    sheet = coordinator.get(reverse("fees:simulation_file", args=[table.pk, "csv"]))
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["item", "KM", "Kilometrikorvaus", "1", "13,20", "12,00", "-1,20"]
    assert rows[-1] == ["altogether", "", "", "4", "191,98", "197,00", "5,02"]
    book = load_workbook(io.BytesIO(coordinator.get(reverse("fees:simulation_file", args=[table.pk, "xlsx"])).content))
    assert list(book.worksheets[0].values)[-1][3:] == (4, 191.98, 197, 5.02)
    assert coordinator.get(reverse("fees:simulation_file", args=[table.pk, "pdf"])).status_code == 404


def test_a_chosen_period(cast: Cast, coordinator: Client) -> None:
    october(cast)
    where = reverse("fees:simulation", args=[draft().pk])
    found = coordinator.get(where, {"first": "8.10.2026", "last": "8.10.2026"}).context["found"]
    assert (found.total.lines, str(found.total.difference)) == (1, "2.22")
    page = coordinator.get(where, {"first": "8.10.2026", "last": "7.10.2026"})
    assert (page.context["found"], page.context["form"].errors) == (
        None,
        {"last": ["The end is before the beginning."]},
    )


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    cast: Cast, coordinator: Client, django_assert_max_num_queries: Any, count: int
) -> None:
    make_fee_table()
    for day in range(count):
        make_closed_session(at(2026, 9, 1, 8) + timedelta(days=day), expert=cast.expert, unit=cast.unit)
    table = draft()
    with django_assert_max_num_queries(10):
        page = coordinator.get(reverse("fees:simulation", args=[table.pk]))
    assert page.context["found"].total.lines == count


# --- the engine on stored facts --------------------------------------------------------------------------------------

START = at(2026, 10, 7, 10)
WORK = st.builds(
    lambda length, done, km: Work(
        "walk_in", "held", START, START + timedelta(minutes=length), START, START + timedelta(minutes=done), None,
        False, km, km, None, None,
    ),
    st.integers(1, 600), st.integers(1, 600), st.none() | st.decimals(min_value=0, max_value=500, places=1),
)  # fmt: skip
TERMS = Terms(code="VO", basis=Basis.PER_HOUR, amount=Decimal("26.26"), income_type="336", step_minutes=15)
TRAVEL = Terms(code="KM", basis=Basis.PER_KM, amount=Decimal("0.55"), income_type="311")


@settings(deadline=None)  # twelve sums; the machine may be busy
@given(st.lists(WORK, max_size=6), st.integers(0, 6))
def test_counting_again_in_any_order_and_by_parts_never_changes_a_cent(work: list[Work], cut: int) -> None:
    sums = [priced(one, (TERMS,), TRAVEL).total for one in work]
    again = [priced(one, (TERMS,), TRAVEL).total for one in reversed(work)]
    assert total(sums) == total(again) == total([total(sums[:cut]), total(sums[cut:])])
