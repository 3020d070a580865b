"""Budgets in versions, the same as last year, warning levels, and how a year looked when it was counted."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from budgets import actions
from budgets.actions import count_when_due, same_again, set_budget, set_same_again
from budgets.models import Budget, Outlook, WarningLevels
from office.errors import Conflict, Refused
from office.history import sentence
from office.models import LogEntry, Unit, User
from office.texts import WORDS
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session, make_unit

pytestmark = pytest.mark.django_db
NOW = at(2026, 11, 5, 9)
SignIn = Callable[[User], Client]


def amounts(unit: Unit, year: int = 2026) -> list[str]:
    return [str(row.amount) for row in Budget.objects.versions(unit.pk, year)]


# --- versions --------------------------------------------------------------------------------------------------------


def test_a_raise_is_a_new_version_with_its_reason(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    client = client_for(cast.coordinator)
    where = reverse("budgets:set", args=[cast.unit.pk])
    client.post(where, {"year": "2026", "amount": "12 000,50"})
    page = client.get(where)
    assert page.context["form"]["seen"].value() == "12000.50"
    page = client.post(where, {"year": "2026", "amount": "13000", "seen": "12000.50"})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["reason"])
    assert page.context["form"]["amount"].value() == "13000"
    answer = client.post(where, {"year": "2026", "amount": "13000", "seen": "12000,50", "reason": "More groups"})
    assert answer.headers["Location"] == reverse("budgets:unit", args=[cast.unit.pk]) + "?year=2026"
    versions = Budget.objects.versions(cast.unit.pk, 2026)
    found = [(str(row.amount), row.reason, row.set_by, row.set_at) for row in versions]
    assert found == [
        ("13000.00", "More groups", cast.coordinator, NOW),
        ("12000.50", "", cast.coordinator, NOW),
    ]
    entry = LogEntry.objects.filter(kind="unit.budget").latest("pk")
    assert (entry.actor, entry.reason, entry.facts) == (
        cast.coordinator, "More groups", {"year": 2026, "amount": "13000.00"},
    )  # fmt: skip
    with translation.override("en"):
        assert sentence(entry, WORDS) == "Carla Coordinator: budget of 2026: €13,000.00 – More groups"
    text = client.get(reverse("budgets:unit", args=[cast.unit.pk])).content.decode()
    assert "<b>€13,000.00</b>, Carla Coordinator: More groups" in text
    assert "<b>€12,000.50</b>, Carla Coordinator" in text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        pytest.param({"amount": "paljon"}, "amount", id="no number"),
        pytest.param({"amount": "-1"}, "amount", id="below nothing"),
        pytest.param({"amount": ""}, "amount", id="empty"),
        pytest.param({"amount": "99999999999"}, "amount", id="too much"),
        pytest.param({"amount": "5", "reason": "131052-308T"}, "reason", id="an identity code"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    cast: Cast, client_for: SignIn, clock: Clock, typed: dict[str, str], field: str
) -> None:
    clock(NOW)
    page = client_for(cast.coordinator).post(reverse("budgets:set", args=[cast.unit.pk]), {"year": "2026"} | typed)
    assert (page.status_code, list(page.context["form"].errors)) == (422, [field])
    assert page.context["form"]["amount"].value() == typed["amount"]
    assert Budget.objects.count() == 0


def test_the_second_click_and_somebody_quicker(cast: Cast) -> None:
    facts = {"year": 2026, "by": cast.coordinator, "at": NOW}
    set_budget(cast.unit, amount=Decimal(100), **facts)  # type: ignore[arg-type]  # one set of facts for all
    with pytest.raises(Refused, match="This is the budget already"):
        set_budget(cast.unit, amount=Decimal(100), reason="Again", **facts)  # type: ignore[arg-type]
    with pytest.raises(Conflict, match="Somebody else"):
        set_budget(cast.unit, amount=Decimal(300), reason="x", seen=Decimal(50), **facts)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="Write why"):
        set_budget(cast.unit, amount=Decimal(300), reason="  ", **facts)  # type: ignore[arg-type]
    assert amounts(cast.unit) == ["100.00"]


@pytest.mark.parametrize("who", ["named", "deputy", "orderer", "finance", "expert_user"])
def test_only_the_coordinator_sets(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    with pytest.raises(Refused):
        set_budget(cast.unit, year=2026, amount=Decimal(1), by=by, at=NOW)
    with pytest.raises(Refused):
        set_same_again(2027, seal="0:0", by=by, at=NOW)
    with pytest.raises(Refused):
        actions.add_levels(WarningLevels(valid_from=date(2027, 1, 1)), by=by, at=NOW)
    assert (Budget.objects.count(), WarningLevels.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    "sql",
    ["UPDATE budgets_budget SET amount = 1", "UPDATE budgets_budget SET reason = 'x'", "DELETE FROM budgets_budget"],
)
def test_a_version_is_never_changed(cast: Cast, sql: str) -> None:
    set_budget(cast.unit, year=2026, amount=Decimal(100), by=cast.coordinator, at=NOW)
    with pytest.raises(IntegrityError, match="budget_is_never_changed"), transaction.atomic(), connection.cursor() as c:
        c.execute(sql)
    assert amounts(cast.unit) == ["100.00"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"amount": Decimal(-1)}, "less than nothing", id="below nothing"),
        pytest.param({"year": 1999}, "year", id="a year that is none of ours"),
    ],
)
def test_what_the_database_refuses(cast: Cast, fields: dict[str, object], words: str) -> None:
    values = {"year": 2026, "amount": Decimal(1)} | fields
    with pytest.raises(Refused, match=words):
        set_budget(cast.unit, **values, by=cast.coordinator, at=NOW)  # type: ignore[arg-type]


# --- the same as last year -------------------------------------------------------------------------------------------


def test_the_same_as_last_year_for_all_that_have_none(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    gone = make_unit("Y09")
    for unit, amount in ((cast.unit, 100), (cast.other_unit, 200), (gone, 300)):
        set_budget(unit, year=2026, amount=Decimal(amount), by=cast.coordinator, at=NOW)
    set_budget(cast.other_unit, year=2026, amount=Decimal(250), by=cast.coordinator, at=NOW, reason="More")
    third = make_unit("Y03")
    set_budget(third, year=2026, amount=Decimal(5), by=cast.coordinator, at=NOW)
    set_budget(third, year=2027, amount=Decimal(7), by=cast.coordinator, at=NOW)
    Unit.objects.filter(pk=gone.pk).update(is_active=False)
    client = client_for(cast.coordinator)
    where = reverse("budgets:same_again", args=[2027])
    page = client.get(where)
    assert [(unit.code, amount) for unit, amount in page.context["again"].budgets] == [("Y01", 100), ("Y02", 250)]
    seal = page.context["again"].seal
    set_budget(cast.unit, year=2026, amount=Decimal(110), by=cast.coordinator, at=NOW, reason="More")
    page = client.post(where, {"seal": seal})
    assert page.status_code == 422
    assert "This has changed meanwhile" in page.content.decode()
    assert Budget.objects.in_force(2027).count() == 1
    client.post(where, {"seal": page.context["again"].seal, "reason": "County board 12.11.2026"})
    assert (amounts(cast.unit, 2027), amounts(cast.other_unit, 2027), amounts(third, 2027), amounts(gone, 2027)) == (
        ["110.00"], ["250.00"], ["7.00"], [],
    )  # fmt: skip
    assert set(Budget.objects.filter(year=2027, unit=cast.unit).values_list("reason", flat=True)) == {
        "County board 12.11.2026"
    }
    assert client.post(where, {"seal": seal}).status_code == 422  # a second click sets nothing
    assert same_again(2027).budgets == ()


# --- warning levels --------------------------------------------------------------------------------------------------


def test_levels_are_dated_and_never_begin_in_the_past(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    client = client_for(cast.coordinator)
    where = reverse("budgets:levels")
    assert "above 90 %, over it above 100 %" in client.get(where).content.decode()
    page = client.post(where, {"valid_from": "1.11.2026", "near": "80", "over": "95"})
    assert "begin today or later" in page.content.decode()
    page = client.post(where, {"valid_from": "1.12.2026", "near": "95", "over": "95"})
    assert "The first level must be lower" in page.content.decode()
    client.post(where, {"valid_from": "1.12.2026", "near": "80", "over": "95"})
    page = client.post(where, {"valid_from": "1.12.2026", "near": "70", "over": "95"})
    assert "Levels from this day on are there already." in page.content.decode()
    row = WarningLevels.objects.get()
    assert (row.valid_from, row.near, row.over) == (date(2026, 12, 1), 80, 95)
    client.post(reverse("budgets:levels_remove", args=[row.pk]))
    assert WarningLevels.objects.count() == 0
    begun = WarningLevels.objects.create(valid_from=NOW.date(), near=50, over=60)
    client.post(reverse("budgets:levels_remove", args=[begun.pk]))
    assert WarningLevels.objects.count() == 1


# --- counted by the clock --------------------------------------------------------------------------------------------


def test_the_clock_counts_once_an_hour(cast: Cast) -> None:
    make_closed_session(at(2026, 10, 7, 10), expert=cast.expert, unit=cast.unit)
    assert count_when_due(at=NOW) == 2
    assert count_when_due(at=NOW + timedelta(minutes=59)) == 0
    Unit.objects.filter(pk=make_unit().pk).update(is_active=False)
    assert count_when_due(at=NOW + timedelta(minutes=59)) == 0
    assert count_when_due(at=NOW + timedelta(minutes=60)) == 2
    make_unit()
    assert count_when_due(at=NOW + timedelta(minutes=61)) == 3
    assert count_when_due(at=at(2027, 1, 1, 0)) == 3  # a new year begins
    row = Outlook.objects.get(unit=cast.unit, year=2026)
    assert (row.level, row.budget, row.forecast) == (0, None, Decimal(50))


def test_the_tick_counts(cast: Cast, clock: Clock) -> None:
    clock(NOW)
    call_command("tick", stdout=StringIO())
    assert Outlook.objects.filter(year=2026, counted_at=NOW).count() == 2
