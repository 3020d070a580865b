"""What a table approved after its start pays that paid work has no line of: told plainly, and made by nobody (R17)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments.models import Session
from assignments.rules import Event
from fees.actions import make_run
from fees.actions.differences import make_differences
from fees.differences import not_covered, of_lines
from fees.simulation import simulate
from feetables import actions as tables
from feetables.models import FeeTable
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, example_items, make_closed_session, make_fee_table
from tests.factories.feetables import items_of
from tests.fees.steps import CLOSED, OCTOBER, approved
from tests.fees.test_allowances import MEAL, PART_DAY
from tests.fees.test_views import text

SignIn = Callable[[User], Client]
DECIDED = at(2026, 11, 20, 9)
PHONE = {
    "code": "PUH", "name_fi": "Puhelinkulut", "name_sv": "Telefonkostnader", "purpose": "beside",
    "kinds": ["individual"], "basis": "per_month", "amount": Decimal("6.00"), "income_type": "311", "posting": "4475",
}  # fmt: skip
SNACK = PHONE | {"code": "EVAS", "name_fi": "Eväät", "name_sv": "Matsäck", "basis": "per_meeting", "amount": Decimal(2)}


def held(cast: Cast, day: int, kind: str = "individual", **more: Any) -> Session:
    return make_closed_session(at(2026, 10, day, 10), kind=kind, **{"expert": cast.expert, "unit": cast.unit} | more)


def paid(cast: Cast) -> None:
    approved(cast.expert, cast.named)
    make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)


def retroactive(cast: Cast, *items: dict[str, Any], of: list[dict[str, Any]] | None = None) -> FeeTable:
    """A table from October on, approved in November."""
    table = make_fee_table(
        valid_from=date(2026, 10, 1), approved=False, decided_by="", decided_on=None, name="Taulukko 10/2026",
        items=[*(example_items() if of is None else of), *items],
    )  # fmt: skip
    tables.approve(table, decided_by="Aluehallitus", decided_on=date(2026, 11, 19), by=cast.coordinator, at=DECIDED)
    return table


def told(table: FeeTable) -> list[tuple[str, int, int, str]]:
    return [(one.code, one.sessions, one.lines, str(one.amount)) for one in not_covered(table)]


def test_costs_that_did_not_exist_are_told_with_times_and_euros(cast: Cast) -> None:
    """By the month once, beside each time as often as it was; what pays nothing earns nothing; no line is made."""
    make_fee_table()
    held(cast, 7)
    held(cast, 8)
    held(cast, 9, "group")
    held(cast, 14, event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 5, 8))
    paid(cast)
    table = retroactive(cast, PHONE, SNACK)
    assert told(table) == [("EVAS", 2, 2, "4.00"), ("PUH", 2, 1, "6.00")]
    assert list(of_lines(table)) == []
    assert make_differences(table, {}, by=cast.coordinator, at=DECIDED) == []


def test_what_has_its_line_is_not_told(cast: Cast) -> None:
    """Costs and months that were paid have differences of their own, also under another code of the month."""
    make_fee_table(items=items_of("satakunta_2023"))
    held(cast, 7)
    paid(cast)
    table = retroactive(
        cast, of=[item | ({"code": "TUKI2"} if item["code"] == "TUKI" else {}) for item in items_of("satakunta_2023")]
    )
    assert told(table) == []


def test_work_by_the_meeting_that_the_table_pays_by_the_month(cast: Cast) -> None:
    """The paid line differs by all of it; the month has no line and is told."""
    make_fee_table()
    held(cast, 7)
    held(cast, 8)
    paid(cast)
    table = retroactive(cast, of=items_of("satakunta_2023"))
    assert ("TUKI", 2, 1, "100.00") in told(table)
    assert ("TUKIK", 2, 1, "36.00") in told(table)
    assert [one.new.amount for one in of_lines(table) if one.new] == [Decimal("0.00"), Decimal("0.00")]


def test_an_allowance_is_told_for_journeys_that_could_have_had_it(cast: Cast) -> None:
    """The journey was made and the work lasted long enough; nobody agreed on it, so there is no sum."""
    make_fee_table()
    held(cast, 7, travel_km=Decimal(24))
    make_closed_session(
        at(2026, 10, 8, 9), at(2026, 10, 8, 16), "group", expert=cast.expert, unit=cast.unit, travel_km=Decimal(24)
    )
    held(cast, 9)
    held(cast, 14, travel_km=Decimal(24), event=Event.ORDERER_CANCELLED, received_at=at(2026, 10, 14, 8))
    paid(cast)
    day = PART_DAY | {"percent": None, "base": "", "base_amount": None}
    table = retroactive(cast, MEAL, day)
    assert told(table) == [("ATE", 2, 0, "None"), ("OPR", 1, 0, "None")]
    simulated = simulate(table, date(2026, 10, 1), date(2026, 10, 31))
    assert [(one.code, one.sessions) for one in simulated.not_covered] == [("ATE", 2), ("OPR", 1)]
    assert str(simulated.total.difference) == "0.00"


def test_an_allowance_that_the_old_table_had_is_nothing_new(cast: Cast) -> None:
    make_fee_table(items=[*example_items(), MEAL])
    held(cast, 7, travel_km=Decimal(24))
    paid(cast)
    assert told(retroactive(cast, MEAL)) == []


def test_only_work_on_the_days_of_the_table_is_told(cast: Cast) -> None:
    make_fee_table()
    make_closed_session(at(2026, 9, 30, 10), kind="individual", expert=cast.expert, unit=cast.unit)
    held(cast, 7)
    for month in (date(2026, 9, 1), OCTOBER):
        approved(cast.expert, cast.named, month)
    make_run(OCTOBER, by=cast.coordinator, at=CLOSED, documents=False)
    assert told(retroactive(cast, SNACK)) == [("EVAS", 1, 1, "2.00")]


@pytest.mark.parametrize("count", [1, 30])
def test_the_pages_say_it_in_few_questions(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_max_num_queries: Any, count: int
) -> None:
    make_fee_table()
    for n in range(count):
        make_closed_session(
            at(2026, 10, 1 + n % 28, 8 + n // 28 * 2), kind="individual", expert=cast.expert, unit=cast.unit,
            travel_km=Decimal(24),
        )  # fmt: skip
    paid(cast)
    table = retroactive(cast, SNACK, MEAL)
    clock(DECIDED)
    coordinator = client_for(cast.coordinator)
    with django_assert_max_num_queries(10):
        page = text(coordinator.get(reverse("fees:differences", args=[table.pk])))
    times = "1 time" if count == 1 else "30 times"
    lines = "1 line by the table, €2.00" if count == 1 else "30 lines by the table, together €60.00"
    assert f"Eväät (EVAS): {times}, {lines}" in page
    assert f"Ateriakorvaus (ATE): {times}, journeys made without it" in page
    url = reverse("fees:simulation", args=[table.pk])
    with django_assert_max_num_queries(10):
        page = text(coordinator.get(url, {"first": "1.10.2026", "last": "31.10.2026"}))
    assert "They are in no sum on this page." in page
