"""Rows of the checklists, readiness, the usual texts, and the overview of all units."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from induction import actions
from induction.models import ChecklistRow, GuideVersion, Induction, ReadinessTick
from induction.usual_texts import ROWS
from office.errors import Conflict, Refused
from office.models import LogEntry, Unit, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_expert, make_unit
from tests.factories.induction import SORT, make_guide, make_induction, make_row

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def nora(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.named)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def url(name: str, *args: int | str) -> str:
    return reverse(f"induction:{name}", args=args)


def names(unit: Unit | None, sort: str = SORT.INDUCTION) -> list[str]:
    return list(ChecklistRow.objects.of(unit.pk if unit else None).filter(sort=sort).values_list("name_fi", flat=True))


def test_rows_are_added_changed_and_moved(cast: Cast, nora: Client) -> None:
    for name in ("Ovi", "Kahvi", "Tauko"):
        nora.post(url("row_new", cast.unit.pk, "induction"), {"name_fi": name, "name_sv": name, "is_active": "on"})
    door, coffee, _pause = ChecklistRow.objects.order_by("place")
    assert (door.unit, door.sort, door.place) == (cast.unit, "induction", 1)
    nora.post(url("row_move", coffee.pk), {"to": "up"})
    assert names(cast.unit) == ["Kahvi", "Ovi", "Tauko"]
    nora.post(url("row_move", coffee.pk), {"to": "up"})  # the first stays first
    nora.post(url("row_move", door.pk), {"to": "down"})
    nora.post(url("row_move", door.pk), {"to": "down"})
    assert names(cast.unit) == ["Kahvi", "Tauko", "Ovi"]
    nora.post(url("row_edit", coffee.pk), {"name_fi": "Kahvi ja tee", "name_sv": "Kaffe och te"})
    coffee.refresh_from_db()
    assert (coffee.name_fi, coffee.is_active) == ("Kahvi ja tee", False)
    assert "Not in use" in nora.get(url("unit_texts", cast.unit.pk)).content.decode()


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"name_fi": "", "name_sv": "Kaffe"}, ["name_fi"]),
        ({"name_fi": "Soita 131052-308T", "name_sv": "Kaffe"}, ["name_fi"]),
        ({"name_fi": "x" * 161, "name_sv": "Kaffe"}, ["name_fi"]),
        ({"name_fi": "Avaimet", "name_sv": "Kaffe"}, ["__all__"]),
    ],
    ids=["empty", "identity-code", "too-long", "twice"],
)
def test_bad_rows_are_told_and_kept(cast: Cast, nora: Client, typed: dict[str, str], errors: list[str]) -> None:
    make_row(cast.unit, "Avaimet")
    page = nora.post(url("row_new", cast.unit.pk, "induction"), typed)
    assert list(page.context["form"].errors) == errors
    assert 'value="Kaffe"' in page.content.decode()
    assert ChecklistRow.objects.count() == 1


def test_everybody_changes_their_own_rows_only(
    cast: Cast, nora: Client, coordinator: Client, client_for: SignIn
) -> None:
    common, own = make_row(None, "Yhteinen"), make_row(cast.unit, "Oma")
    olga = client_for(cast.other_named)
    typed = {"name_fi": "Muutettu", "name_sv": "Ändrad"}
    tried = [(nora, common), (olga, common), (olga, own), (coordinator, own)]
    for client, row in tried:
        assert client.get(url("row_edit", row.pk)).status_code == 404
        assert client.post(url("row_edit", row.pk), typed).status_code == 404
        assert client.post(url("row_move", row.pk), {"to": "up"}).status_code == 404
    assert olga.post(url("row_new", cast.unit.pk, "induction"), typed).status_code == 404
    assert nora.post(url("common_row_new", "induction"), typed).status_code == 403
    assert nora.get(url("row_new", cast.unit.pk, "nonsense")).status_code == 404
    assert [*names(None), *names(cast.unit)] == ["Yhteinen", "Oma"]
    for row, by in ((common, cast.named), (own, cast.coordinator), (own, cast.other_named)):
        with pytest.raises(Refused, match="You may not do this"):
            actions.save_row(row, by=by, at=NOW)
        with pytest.raises(Refused, match="You may not do this"):
            actions.move_row(row, up=True, by=by, at=NOW)


def test_a_unit_becomes_ready_row_by_row(cast: Cast, nora: Client, coordinator: Client) -> None:
    phone, room = make_row(None, "Puhelin", sort=SORT.READINESS), make_row(cast.unit, "Huone", sort=SORT.READINESS)
    make_row(cast.other_unit, "Toisen yksikön", sort=SORT.READINESS)
    assert "Not ready yet" in nora.get(url("unit", cast.unit.pk)).content.decode()
    nora.post(url("ready", cast.unit.pk), {"on": [phone.pk]})
    nora.post(url("ready", cast.unit.pk), {"on": [phone.pk, room.pk], "was": [phone.pk]})
    assert [(t.row, t.ticked_by, t.ticked_at) for t in ReadinessTick.objects.order_by("pk")] == [
        (phone, cast.named, NOW),
        (room, cast.named, NOW),
    ]
    page = nora.get(url("unit", cast.unit.pk)).content.decode()
    assert "Ready for experts" in page
    assert "Toisen" not in page
    assert "Ready" in coordinator.get(reverse("office:unit", args=[cast.unit.pk])).content.decode()
    ready = {
        unit.code: (unit.ready_ticks, unit.ready_rows) for unit in coordinator.get(url("overview")).context["units"]
    }
    assert ready == {"Y01": (2, 2), "Y02": (0, 2)}
    nora.post(url("ready", cast.unit.pk), {"on": [room.pk], "was": [phone.pk, room.pk]})
    assert "Not ready yet" in nora.get(url("unit", cast.unit.pk)).content.decode()
    told = nora.get(url("readiness_history", cast.unit.pk)).content.decode()
    assert "Nora Named: took the tick away: Puhelin" in told
    kinds = list(LogEntry.objects.order_by("pk").values_list("kind", flat=True))
    assert kinds == ["readiness.tick", "readiness.tick", "readiness.untick"]


def test_a_changed_row_keeps_the_words_that_were_ticked(cast: Cast, nora: Client) -> None:
    row = make_row(None, "Puhelin", sort=SORT.READINESS)
    actions.mark_ready(cast.unit, on=[row.pk], off=(), by=cast.deputy, at=NOW)
    row.name_fi = "Puhelin ja sähköposti"
    actions.save_row(row, by=cast.coordinator, at=NOW)
    page = nora.get(url("unit", cast.unit.pk)).content.decode()
    assert "Puhelin<br>" in page
    assert "sähköposti" not in page
    new = make_row(None, "Uusi", sort=SORT.READINESS)
    assert "Not ready yet" in nora.get(url("unit", cast.unit.pk)).content.decode()
    new.is_active = False
    actions.save_row(new, by=cast.coordinator, at=NOW)
    assert "Ready for experts" in nora.get(url("unit", cast.unit.pk)).content.decode()


def test_rows_of_another_unit_or_list_are_no_ticks(cast: Cast, nora: Client, client_for: SignIn) -> None:
    foreign = [
        make_row(cast.other_unit, "Toisen", sort=SORT.READINESS),
        make_row(None, "Perehdytys"),
        make_row(None, "Ei käytössä", sort=SORT.READINESS, is_active=False),
    ]
    for row in foreign:
        with pytest.raises(Conflict):
            actions.mark_ready(cast.unit, on=[row.pk], off=(), by=cast.named, at=NOW)
        nora.post(url("ready", cast.unit.pk), {"on": [row.pk]})
    assert client_for(cast.other_named).post(url("ready", cast.unit.pk), {"on": []}).status_code == 404
    with pytest.raises(Refused):
        actions.mark_ready(cast.unit, on=(), off=(), by=cast.coordinator, at=NOW)
    assert ReadinessTick.objects.count() == 0


def test_the_usual_texts_are_taken_once(cast: Cast, coordinator: Client, nora: Client) -> None:
    assert "Take the usual texts" in coordinator.get(url("common")).content.decode()
    kept = make_row(None, ROWS["induction"][0][0])
    for _click in range(2):
        coordinator.post(url("usual"))
    assert ChecklistRow.objects.count() == sum(len(rows) for rows in ROWS.values())
    assert ChecklistRow.objects.filter(unit__isnull=False).count() == 0
    kept.refresh_from_db()
    assert kept.name_sv == "Tilat, avaimet ja kulku taloon (sv)"  # what is there is not written over
    draft = GuideVersion.objects.get()
    assert (draft.unit, draft.state, draft.number, draft.saves) == (None, "draft", 1, 1)
    assert "Salassapito" in draft.text_fi
    assert "Tystnadsplikt" in draft.text_sv
    assert nora.post(url("usual")).status_code == 403
    page = coordinator.get(url("version", draft.pk)).content.decode()
    assert "<h3>Salassapito</h3>" in page


def test_my_units(cast: Cast, nora: Client, client_for: SignIn) -> None:
    assert nora.get(url("my_units")).headers["Location"] == url("unit", cast.unit.pk)
    grant(cast.named, "deputy", cast.other_unit)
    page = client_for(User.objects.get(pk=cast.named.pk)).get(url("my_units"))
    assert [unit.code for unit in page.context["units"]] == ["Y01", "Y02"]


@pytest.mark.parametrize(
    ("look", "told"),
    [
        ("", ["Y01", "Y02"]),
        ("not_ready", ["Y02"]),
        ("new", ["Y02"]),
        ("open", ["Y01"]),
        ("no_guide", ["Y02"]),
        ("nonsense", ["Y01", "Y02"]),
    ],
)
def test_the_overview_filters(cast: Cast, coordinator: Client, look: str, told: list[str]) -> None:
    row = make_row(None, "Puhelin", sort=SORT.READINESS)
    actions.mark_ready(cast.unit, on=[row.pk], off=(), by=cast.named, at=NOW)
    make_guide(cast.unit)
    make_induction(cast.expert, cast.unit, [], by=cast.named)
    make_unit("Y09", is_active=False)
    for unit in (cast.unit, cast.other_unit):  # in the first unit the work of who has a checklist
        day = 7 if unit == cast.unit else 8
        make_agreed_session(at(2026, 10, day, 10), expert=cast.expert, unit=unit, agreed_at=at(2026, 10, 1, 9))
    page = coordinator.get(url("overview"), {"look": look})
    assert [unit.code for unit in page.context["units"]] == told


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any, count: int
) -> None:
    rows = [make_row(None, f"Rivi {n}") for n in range(count)]
    for n in range(count):
        make_row(cast.unit, f"Valmis {n}", sort=SORT.READINESS)
        unit = make_unit()
        grant(cast.named, "deputy", unit)
        make_guide(unit)
        expert = make_expert(first_name="Aino")
        make_induction(expert, cast.unit, rows[:3], by=cast.named)
        for where in (unit, cast.unit):
            hour = 10 if where == unit else 13
            make_agreed_session(at(2026, 10, 7, hour), expert=expert, unit=where, agreed_at=at(2026, 10, 1, 9))
        make_guide(cast.unit)
    ready = ChecklistRow.objects.filter(unit=cast.unit).values_list("pk", flat=True)
    actions.mark_ready(cast.unit, on=list(ready), off=(), by=cast.named, at=NOW)
    mine = Induction.objects.filter(unit=cast.unit).latest("pk")
    named = User.objects.get(pk=cast.named.pk)
    pages = [
        (cast.coordinator, "overview", []),
        (cast.coordinator, "common", []),
        (cast.coordinator, "unit", [cast.unit.pk]),
        (named, "my_units", []),
        (named, "unit", [cast.unit.pk]),
        (named, "unit_texts", [cast.unit.pk]),
        (named, "checklist", [mine.pk]),
        (named, "start", [cast.unit.pk]),
        (named, "readiness_history", [cast.unit.pk]),
    ]
    for user, name, args in pages:
        client = client_for(user)
        with django_assert_max_num_queries(10):
            assert client.get(url(name, *args)).status_code == 200, name
    coordinator = client_for(cast.coordinator)
    with django_assert_max_num_queries(10):
        assert coordinator.get(reverse("office:unit", args=[cast.unit.pk])).status_code == 200
