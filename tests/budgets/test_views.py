"""Pages of budgets: who sees which unit, what they show, files, and what the first page and an order tell."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from assignments import actions as work
from assignments.models import UnitHabits
from budgets.actions import add_levels, count_outlooks, set_budget
from budgets.models import Budget, Outlook, WarningLevels
from office.models import Unit, User
from office.todo import todos
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    fee_table_on,
    make_agreed_session,
    make_closed_session,
    make_expert,
    make_fee_table,
    make_offer,
    make_order,
    make_unit,
)

pytestmark = pytest.mark.django_db
NOW = at(2026, 11, 5, 9)
SignIn = Callable[[User], Client]
AHEAD = (at(2026, 12, 9, 10), at(2026, 12, 9, 11))


def give(unit: Unit, amount: str, cast: Cast, year: int = 2026, reason: str = "Decided") -> Budget:
    return set_budget(unit, year=year, amount=Decimal(amount), by=cast.coordinator, at=NOW, reason=reason)


def worked(cast: Cast, unit: Unit | None = None, *, months: tuple[int, ...] = (8, 9, 10)) -> None:
    """A meeting of 50,00 in each of the months."""
    for month in months:
        make_closed_session(at(2026, month, 7, 10), expert=cast.expert, unit=unit or cast.unit)


def page_of(client: Client, unit: Unit, query: str = "") -> Any:
    return client.get(reverse("budgets:unit", args=[unit.pk]) + query)


# --- who sees what ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200), ("named", 200), ("deputy", 200), ("other_named", 404), ("orderer", 403),
        ("stranger", 403), ("finance", 403), ("expert_user", 403), ("supervisor", 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["unit", "unit_file"])
def test_who_follows_a_unit(cast: Cast, client_for: SignIn, clock: Clock, who: str, status: int, page: str) -> None:
    clock(NOW)
    where = reverse(f"budgets:{page}", args=[cast.unit.pk])
    assert client_for(getattr(cast, who)).get(where).status_code == status


def test_a_former_named_employee_sees_nothing_from_that_minute(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """P16."""
    client = client_for(cast.named)
    clock(NOW)
    assert page_of(client, cast.unit).status_code == 200
    cast.named.grants.update(valid_to=NOW)
    assert page_of(client, cast.unit).status_code == 403


def test_the_list_holds_the_own_units_only_and_so_does_its_file(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """P1, P3: a named employee of two of three units."""
    clock(NOW)
    third = make_unit()
    cast.named.grants.create(role="deputy", unit=third, valid_from=at(2026, 1, 1, 9))
    worked(cast, cast.other_unit)
    client = client_for(cast.named)
    page = client.get(reverse("budgets:overview"))
    assert {found.unit for found in page.context["years"]} == {cast.unit, third}
    assert page.context["sums"].forecast == 0
    rows = list(
        csv.reader(
            io.StringIO(client.get(reverse("budgets:overview_file") + "?form=csv").content.decode("utf-8-sig")),
            delimiter=";",
        )
    )
    assert {row[0] for row in rows[1:]} == {cast.unit.code, third.code}


def test_who_follows_one_unit_comes_to_it(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    answer = client_for(cast.deputy).get(reverse("budgets:overview") + "?year=2027")
    assert answer.headers["Location"] == reverse("budgets:unit", args=[cast.unit.pk]) + "?year=2027"


@pytest.mark.parametrize("query", ["?year=abc", "?year=1999", "?year=99999999999999999999", "?year=-2026", "?year=²"])
def test_a_year_that_is_none_is_no_page(cast: Cast, client_for: SignIn, clock: Clock, query: str) -> None:
    clock(NOW)
    assert page_of(client_for(cast.named), cast.unit, query).status_code == 404


# --- the pages -------------------------------------------------------------------------------------------------------


def test_the_chart_and_the_table_tell_the_same(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    worked(cast)
    make_agreed_session(*AHEAD, expert=cast.expert, unit=cast.unit)
    give(cast.unit, "1000", cast)
    page = page_of(client_for(cast.named), cast.unit)
    text = page.content.decode()
    svg = text[text.index('<svg viewBox="0 0 340') : text.index("</figure>")]
    assert 'role="img" aria-labelledby="chart-title chart-desc"' in svg
    assert "style=" not in text
    drawn = re.findall(r'class="sum"[^>]*>([^<]*)<', svg)
    rows = re.findall(r"<tr>(.*?)</tr>", text[text.index("<tbody>") : text.index("</tbody>")])
    table = [re.findall(r'class="num">([^<]*)<', row) for row in rows]
    assert drawn == [cells[5] for cells in table] == ["0.00"] * 7 + ["50.00"] * 5
    assert [cells[:5] for cells in table[7:]] == [
        ["0.00", "0.00", "0.00", "50.00", "0.00"],  # August to October: told, not sent
        ["0.00", "0.00", "0.00", "50.00", "0.00"],
        ["0.00", "0.00", "0.00", "50.00", "0.00"],
        ["0.00", "0.00", "0.00", "0.00", "50.00"],  # November: expected
        ["0.00", "0.00", "0.00", "50.00", "0.00"],  # December: agreed, the average reached
    ]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_pages_open_in_each_language(cast: Cast, client_for: SignIn, clock: Clock, language: str) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "100", cast)
    User.objects.filter(pk=cast.coordinator.pk).update(language=language)
    client = client_for(User.objects.get(pk=cast.coordinator.pk))
    assert page_of(client, cast.unit).status_code == 200
    assert client.get(reverse("budgets:overview")).status_code == 200


@pytest.mark.parametrize(
    ("query", "codes"),
    [
        pytest.param("", ["Y02", "Y01", "Y03"], id="the worst first"),
        pytest.param("?sort=unit", ["Y01", "Y02", "Y03"], id="by name"),
        pytest.param("?sort=-budget", ["Y01", "Y02", "Y03"], id="by budget"),
        pytest.param("?sort=budget", ["Y03", "Y02", "Y01"], id="by budget, smallest first"),
        pytest.param("?sort=nonsense", ["Y02", "Y01", "Y03"], id="an unknown sorting"),
        pytest.param("?level=3", ["Y02"], id="only those over"),
        pytest.param("?level=0", ["Y03"], id="only those without a budget"),
        pytest.param("?level=9", ["Y02", "Y01", "Y03"], id="an unknown level"),
    ],
)
def test_sorting_and_filtering(cast: Cast, client_for: SignIn, clock: Clock, query: str, codes: list[str]) -> None:
    clock(NOW)
    make_unit("Y03", name_fi="Ö-yksikkö", name_sv="Ö")
    worked(cast)
    worked(cast, cast.other_unit, months=(7,))
    make_closed_session(at(2026, 10, 20, 10), expert=cast.second_expert, unit=cast.other_unit)
    make_closed_session(at(2026, 10, 21, 10), expert=cast.second_expert, unit=cast.other_unit)
    give(cast.unit, "1000", cast)
    give(cast.other_unit, "120", cast)
    page = client_for(cast.coordinator).get(reverse("budgets:overview") + query)
    assert [found.unit.code for found in page.context["years"]] == codes
    assert [(stage.label, stage.count) for stage in page.context["stages"]] == [
        ("Over the budget", 1), ("Near the budget", 0), ("Within the budget", 1), ("No budget", 1),
    ]  # fmt: skip


def test_only_one_service_area(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    other = make_unit()
    area = other.service_area
    page = client_for(cast.coordinator).get(reverse("budgets:overview") + f"?area={area.pk}")
    assert {found.unit.service_area for found in page.context["years"]} == {area}
    assert len(page.context["form"].fields["area"].choices) == 1 + len(
        {unit.service_area_id for unit in Unit.objects.all()}
    )


def test_a_unit_in_no_use_is_shown_only_with_money(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    worked(cast, cast.other_unit)
    Unit.objects.filter(pk__in=[cast.other_unit.pk, make_unit("Y03").pk]).update(is_active=False)
    page = client_for(cast.coordinator).get(reverse("budgets:overview"))
    assert {found.unit.code for found in page.context["years"]} == {"Y01", "Y02"}


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_max_num_queries: Any, count: int
) -> None:
    clock(NOW)
    make_fee_table()
    for number in range(count):
        unit = make_unit()
        make_closed_session(at(2026, 10, 7, 10), expert=make_expert(), unit=unit)
        make_offer(make_order(unit=unit, times=[AHEAD]), cast.expert)
        give(unit, "50", cast)
        make_offer(make_order(unit=cast.unit, times=[AHEAD]), make_expert())
        give(cast.unit, str(1000 + number), cast)
        WarningLevels.objects.create(valid_from=date(2027, 1, 1 + number))
    client = client_for(cast.coordinator)
    for where in (
        reverse("budgets:overview"), reverse("budgets:unit", args=[cast.unit.pk]), reverse("budgets:levels"),
        reverse("budgets:same_again", args=[2027]), reverse("budgets:overview_file"),
        reverse("budgets:set", args=[cast.unit.pk]), reverse("office:unit", args=[cast.unit.pk]),
    ):  # fmt: skip
        with django_assert_max_num_queries(10):
            assert client.get(where).status_code == 200


# --- files -----------------------------------------------------------------------------------------------------------


def test_the_files_hold_what_the_pages_show_and_nothing_that_runs(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """P12: a unit whose name begins like a formula; money is numbers, also below zero."""
    clock(NOW)
    Unit.objects.filter(pk=cast.unit.pk).update(name_fi="=1+1", name_sv="@x")
    worked(cast)
    give(cast.unit, "100", cast)
    client = client_for(cast.coordinator)
    book = load_workbook(io.BytesIO(client.get(reverse("budgets:overview_file")).content))
    head, first, *_rest = list(book.active.values)  # type: ignore[union-attr]
    row = dict(zip(head, first, strict=True))
    assert (row["Unit"], row["Budget €"], row["Agreed €"], row["Left €"], row["State"]) == (
        "'=1+1", 100, 150, -50, "Over the budget",
    )  # fmt: skip
    text = client.get(reverse("budgets:overview_file") + "?form=csv").content.decode("utf-8-sig")
    row = next(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert (row["Unit"], row["Left €"], row["Forecast €"]) == ("'=1+1", "-50,00", "250,00")
    text = client.get(reverse("budgets:unit_file", args=[cast.unit.pk]) + "?form=csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 13
    assert (rows[9]["Month"], rows[9]["Agreed €"], rows[12]["Month"], rows[12]["Forecast €"]) == (
        "October 2026", "50,00", "Whole year", "250,00",
    )  # fmt: skip


# --- what the first page and an order tell ---------------------------------------------------------------------------


def told(user: User, moment: Any = NOW) -> list[str]:
    return [todo.sentence for todo in todos(User.objects.get(pk=user.pk), moment) if "budget" in todo.sentence]


def test_a_warning_waits_on_the_first_page_until_somebody_takes_note(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "270", cast)
    near = "Near the budget: Loviisan mielenterveystoimisto, forecast of the year €250.00 (92.6\u00a0%)"
    assert (told(cast.named), told(cast.deputy), told(cast.orderer)) == ([near], [near], [])
    assert told(cast.coordinator) == ["The forecast of 1 unit comes near its budget."]
    assert told(cast.other_named) == []
    nora = client_for(cast.named)
    page = page_of(nora, cast.unit)
    assert (page.context["found"].level.name, page.context["waits"]) == ("NEAR", True)
    for _click in range(2):
        nora.post(reverse("budgets:noted", args=[cast.unit.pk]), {"level": "2"})
    assert (told(cast.named), told(cast.deputy)) == ([], [])
    assert len(told(cast.coordinator)) == 1  # takes note for the office apart
    assert page_of(nora, cast.unit).context["waits"] is False
    client_for(cast.coordinator).post(reverse("budgets:noted", args=[cast.unit.pk]), {"level": "2"})
    assert told(cast.coordinator) == []
    give(cast.unit, "200", cast)  # it gets worse
    assert told(cast.named)[0].startswith("Over the budget: ")
    assert told(cast.coordinator) == ["The forecast of 1 unit goes over its budget."]
    give(cast.unit, "2000", cast)
    give(cast.unit, "270", cast)  # it was well for a while: the note is forgotten
    assert told(cast.named) == [near]


@pytest.mark.parametrize("level", ["", "0", "1", "4", "x"])
def test_only_a_warning_is_noted(cast: Cast, client_for: SignIn, clock: Clock, level: str) -> None:
    clock(NOW)
    where = reverse("budgets:noted", args=[cast.unit.pk])
    assert client_for(cast.named).post(where, {"level": level}).status_code == 404


def test_last_years_warning_waits_for_nobody(cast: Cast) -> None:
    worked(cast)
    give(cast.unit, "100", cast)
    assert told(cast.named, at(2027, 1, 4, 9)) == []


def test_what_is_stored_is_what_the_page_counts(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "1000", cast)
    add_levels(WarningLevels(valid_from=NOW.date(), near=20, over=40), by=cast.coordinator, at=NOW)
    count_outlooks(None, at=NOW + timedelta(hours=1))
    for found in client_for(cast.coordinator).get(reverse("budgets:overview")).context["years"]:
        row = Outlook.objects.get(unit=found.unit, year=2026)
        assert (row.level, row.budget, row.forecast) == (found.level, found.budget, found.forecast.total)
    assert Outlook.objects.get(unit=cast.unit).level == 2


def draft(cast: Cast, **fields: Any) -> Any:
    fee_table_on(AHEAD[0].date())
    return make_order(unit=cast.unit, orderer=cast.orderer, expert=cast.expert, times=[AHEAD], **fields)


LEFT = "This order takes €50.00. Left of the budget after what is agreed: €850.00. After this order €800.00 is left."


@pytest.mark.parametrize(
    ("who", "trusts", "sees"),
    [
        pytest.param("named", False, True, id="the named employee"),
        pytest.param("deputy", False, True, id="the deputy"),
        pytest.param("coordinator", False, True, id="the coordinator"),
        pytest.param("orderer", False, False, id="staff"),
        pytest.param("orderer", True, True, id="staff whom the unit trusts"),
    ],
)
def test_who_decides_sees_what_is_left(
    cast: Cast,
    client_for: SignIn,
    clock: Clock,
    who: str,
    trusts: bool,  # noqa: FBT001
    sees: bool,  # noqa: FBT001
) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "1000", cast)
    if trusts:
        UnitHabits.objects.create(unit=cast.unit, trusts_staff=True)
    order = draft(cast)
    page = client_for(getattr(cast, who)).get(reverse("assignments:order_check", args=[order.pk]))
    assert (LEFT in page.content.decode()) is sees


def test_the_named_employee_sees_it_beside_the_yes_and_is_never_held_up(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "160", cast)
    order = draft(cast, state="to_confirm", travel_mode="ticket", travel_cap=Decimal("20.00"))
    nora = client_for(cast.named)
    page = nora.get(reverse("assignments:order", args=[order.pk])).content.decode()
    assert "This order takes €70.00. Left of the budget after what is agreed: €10.00." in page
    assert "With this order more is agreed than the budget; it can be sent all the same." in page
    work.confirm(order, by=cast.named, at=NOW)
    order.refresh_from_db()
    assert order.state == "offered"
    assert "This order takes" not in nora.get(reverse("assignments:order", args=[order.pk])).content.decode()


def test_an_order_over_new_year_is_told_by_year(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    make_fee_table()
    give(cast.unit, "500", cast)
    give(cast.unit, "700", cast, year=2027)
    times = [AHEAD, (at(2027, 1, 13, 10), at(2027, 1, 13, 11)), (at(2027, 1, 20, 10), at(2027, 1, 20, 11))]
    order = make_order(unit=cast.unit, orderer=cast.orderer, expert=cast.expert, times=times)
    page = client_for(cast.named).get(reverse("assignments:order_check", args=[order.pk])).content.decode()
    assert "Budget of the unit, 2026" in page
    assert "This order takes €50.00. Left of the budget after what is agreed: €500.00." in page
    assert "This order takes €100.00. Left of the budget after what is agreed: €700.00." in page


def test_without_a_budget_an_order_tells_nothing(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    page = client_for(cast.named).get(reverse("assignments:order_check", args=[draft(cast).pk]))
    assert "Left of the budget" not in page.content.decode()


@pytest.mark.parametrize("who", ["named", "orderer", "coordinator"])
def test_the_pages_of_an_order_stay_within_ten_questions(
    cast: Cast, client_for: SignIn, clock: Clock, django_assert_max_num_queries: Any, who: str
) -> None:
    clock(NOW)
    give(cast.unit, "1000", cast)
    UnitHabits.objects.create(unit=cast.unit, trusts_staff=True)
    client = client_for(getattr(cast, who))
    for state, name in (("draft", "order_check"), ("to_confirm", "order")):
        order = draft(cast, state=state)
        with django_assert_max_num_queries(10):
            page = client.get(reverse(f"assignments:{name}", args=[order.pk]))
        assert ("Left of the budget" in page.content.decode()) is (state == "draft" or who != "orderer")


def test_the_units_page_leads_to_its_budget(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    worked(cast)
    give(cast.unit, "100", cast)
    with translation.override("en"):
        page = client_for(cast.coordinator).get(reverse("office:unit", args=[cast.unit.pk])).content.decode()
    assert reverse("budgets:unit", args=[cast.unit.pk]) in page
    assert "Over the budget" in page
