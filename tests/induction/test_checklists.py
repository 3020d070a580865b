"""An expert's checklist in a unit: begun, ticked, done, opened again, and who sees it (R27)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from experts.models import Expert
from induction import actions
from induction.models import ChecklistRow, Induction, InductionItem
from office import todo
from office.errors import Conflict, Refused, RuleError
from office.models import LogEntry, RoleGrant, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_agreed_session, make_expert, make_unit, make_user
from tests.factories.induction import make_induction, make_row

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def rows(cast: Cast) -> list[ChecklistRow]:
    return [make_row(None, "Avaimet"), make_row(None, "Ihmiset"), make_row(cast.unit, "Hälytin")]


@pytest.fixture
def begun(cast: Cast, rows: list[ChecklistRow]) -> Induction:
    return make_induction(cast.expert, cast.unit, rows, by=cast.named)


@pytest.fixture
def nora(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.named)


def ticks(induction: Induction) -> list[tuple[str, str]]:
    return [
        (item.name_fi, item.ticked_by.first_name if item.ticked_by else "")
        for item in induction.items.order_by("place")
    ]


def ids(induction: Induction) -> list[int]:
    return list(induction.items.order_by("place").values_list("pk", flat=True))


def url(name: str, *args: int) -> str:
    return reverse(f"induction:{name}", args=args)


def work_of(cast: Cast, expert: Expert | None = None, day: int = 7) -> None:
    make_agreed_session(
        at(2026, 10, day, 10),
        expert=expert or cast.expert,
        unit=cast.unit,
        orderer=cast.orderer,
        agreed_at=at(2026, 10, 1, 9),
    )


def test_from_the_first_agreed_work_to_done(
    cast: Cast, nora: Client, client_for: SignIn, rows: list[ChecklistRow]
) -> None:
    assert [t for t in todo.todos(cast.named, NOW) if "induction" in t.sentence] == []
    work_of(cast)
    told = [(t.sentence, t.due) for t in todo.todos(cast.named, NOW) if "induction" in t.sentence]
    name = "Loviisan mielenterveystoimisto"
    assert told == [(f"1 expert has agreed work in {name} and no induction yet.", at(2026, 10, 7, 10))]
    assert [t for t in todo.todos(cast.other_named, NOW) if "induction" in t.sentence] == []

    for _click in range(2):
        answer = nora.post(url("start", cast.unit.pk), {"expert": str(cast.expert.pk)})
    made = Induction.objects.get()
    assert answer.headers["Location"] == url("checklist", made.pk)
    assert (made.expert, made.unit, made.state, made.started_by) == (cast.expert, cast.unit, "open", cast.named)
    assert ticks(made) == [("Avaimet", ""), ("Ihmiset", ""), ("Hälytin", "")]
    sentences = [t.sentence for t in todo.todos(cast.deputy, NOW) if "nduction" in t.sentence]
    assert sentences == [f"1 induction is open in {name}."]

    first, second, third = ids(made)
    nora.post(url("tick", made.pk), {"on": [first, second]})
    client_for(cast.deputy).post(url("tick", made.pk), {"on": [second, third], "was": [second], "finish": "1"})
    made.refresh_from_db()
    assert ticks(made) == [("Avaimet", "Nora"), ("Ihmiset", "Nora"), ("Hälytin", "Dan")]
    assert (made.state, made.done_by, made.done_at) == ("done", cast.deputy, NOW)
    assert [t for t in todo.todos(cast.named, NOW) if "induction" in t.sentence] == []
    kinds = list(LogEntry.objects.filter(kind__startswith="induction").values_list("kind", "actor__first_name"))
    assert kinds == [
        ("induction.start", "Nora"),
        ("induction.tick", "Nora"),
        ("induction.tick", "Nora"),
        ("induction.tick", "Dan"),
        ("induction.finish", "Dan"),
    ]
    page = nora.get(url("checklist", made.pk)).content.decode()
    assert "Dan Deputy: ticked: Hälytin" in page
    assert "Open again" in page


def test_two_pages_do_not_undo_each_other(cast: Cast, nora: Client, client_for: SignIn, begun: Induction) -> None:
    first, second, _third = ids(begun)
    nora.post(url("tick", begun.pk), {"on": [first]})
    client_for(cast.deputy).post(url("tick", begun.pk), {"on": [second]})  # the page was opened before Nora's tick
    assert ticks(begun)[:2] == [("Avaimet", "Nora"), ("Ihmiset", "Dan")]
    nora.post(url("tick", begun.pk), {"on": [first, second], "was": [first]})  # a second tick stays the first one's
    assert ticks(begun)[:2] == [("Avaimet", "Nora"), ("Ihmiset", "Dan")]
    nora.post(url("tick", begun.pk), {"on": [second], "was": [first, second]})
    assert ticks(begun)[:2] == [("Avaimet", ""), ("Ihmiset", "Dan")]
    last = LogEntry.objects.latest("pk")
    assert (last.kind, last.facts["name_fi"]) == ("induction.untick", "Avaimet")


def test_not_done_before_every_row_is_ticked(cast: Cast, nora: Client, begun: Induction) -> None:
    first, *_rest = ids(begun)
    answer = nora.post(url("tick", begun.pk), {"on": [first], "finish": "1"}, follow=True)
    assert "Some rows are not ticked yet." in answer.content.decode()
    begun.refresh_from_db()
    assert begun.state == "open"
    assert ticks(begun)[0] == ("Avaimet", "Nora")  # the ticks are saved all the same
    with pytest.raises(IntegrityError, match="done_induction_has_every_tick"), transaction.atomic():
        Induction.objects.update(state="done", done_at=NOW, done_by=cast.named)


def test_a_done_checklist_keeps_its_ticks_until_it_is_opened_again(cast: Cast, nora: Client, begun: Induction) -> None:
    everything = ids(begun)
    actions.tick(begun, on=everything, off=(), by=cast.named, at=NOW)
    for _click in range(2):
        actions.finish(begun, by=cast.named, at=NOW)
    with pytest.raises(Refused, match="This checklist is done"):
        actions.tick(begun, on=(), off=everything[:1], by=cast.named, at=NOW)
    with pytest.raises(Refused, match="This checklist is done"):
        actions.refresh(begun, by=cast.named, at=NOW)
    with pytest.raises(IntegrityError, match="done_induction_is_never_changed"), transaction.atomic():
        InductionItem.objects.filter(pk=everything[0]).update(ticked_at=None, ticked_by=None)
    for _click in range(2):
        nora.post(url("reopen", begun.pk))
    begun.refresh_from_db()
    assert (begun.state, begun.done_at, begun.done_by) == ("open", None, None)
    assert [who for _name, who in ticks(begun)] == ["Nora"] * 3
    assert LogEntry.objects.filter(kind="induction.finish").count() == 1
    assert LogEntry.objects.filter(kind="induction.reopen").count() == 1


def test_a_change_of_the_rows_does_not_change_ticks(
    cast: Cast, nora: Client, begun: Induction, rows: list[ChecklistRow]
) -> None:
    first, second, _third = ids(begun)
    actions.tick(begun, on=[first], off=(), by=cast.named, at=NOW)
    keys, people, alarm = rows
    keys.name_fi, people.name_fi, alarm.is_active = "Avaimet ja ovet", "Työntekijät", False
    actions.save_row(keys, by=cast.coordinator, at=NOW)
    actions.save_row(people, by=cast.coordinator, at=NOW)
    actions.save_row(alarm, by=cast.named, at=NOW)
    make_row(cast.unit, "Kahvi")
    assert ticks(begun) == [("Avaimet", "Nora"), ("Ihmiset", ""), ("Hälytin", "")]
    page = nora.get(url("checklist", begun.pk)).content.decode()
    assert "The rows have changed since" in page
    for _click in range(2):
        nora.post(url("refresh", begun.pk))
    assert ticks(begun) == [("Avaimet", "Nora"), ("Työntekijät", ""), ("Kahvi", "")]
    assert ids(begun)[0] == first
    assert LogEntry.objects.filter(kind="induction.refresh").count() == 1
    assert "The rows have changed since" not in nora.get(url("checklist", begun.pk)).content.decode()
    answer = nora.post(url("tick", begun.pk), {"on": [second]}, follow=True)  # from a page that is old by now
    assert "This has changed meanwhile" in answer.content.decode()


def test_rows_of_another_checklist_are_no_ticks_of_this_one(cast: Cast, nora: Client, begun: Induction) -> None:
    other = make_induction(cast.second_expert, cast.other_unit, [make_row(None, "Muu")], by=cast.other_named)
    for foreign in (ids(other)[0], 10**17):
        with pytest.raises(Conflict):
            actions.tick(begun, on=[foreign], off=(), by=cast.named, at=NOW)
        nora.post(url("tick", begun.pk), {"on": [str(foreign), ids(begun)[0]]})
    nora.post(url("tick", begun.pk), {"on": ["", "-1", "x", "9" * 40]})
    assert [who for _name, who in ticks(other) + ticks(begun)] == ["", "", "", ""]


def test_no_rows_no_checklist(cast: Cast) -> None:
    with pytest.raises(Refused, match="no rows yet"):
        actions.start(cast.expert, cast.unit, by=cast.named, at=NOW)
    assert Induction.objects.count() == 0


def test_nobody_inducts_themself(cast: Cast, client_for: SignIn, rows: list[ChecklistRow]) -> None:
    expert = make_expert(user=cast.deputy)
    grant(cast.deputy, "expert")
    with pytest.raises(Refused, match="Somebody else keeps your own checklist"):
        actions.start(expert, cast.unit, by=cast.deputy, at=NOW)
    made = actions.start(expert, cast.unit, by=cast.named, at=NOW)
    dan = client_for(User.objects.get(pk=cast.deputy.pk))
    page = dan.get(url("checklist", made.pk)).content.decode()
    assert "Save the ticks" not in page
    dan.post(url("tick", made.pk), {"on": ids(made)})
    assert [who for _name, who in ticks(made)] == ["", "", ""]


def test_only_experts_who_may_be_found_begin(cast: Cast, nora: Client, rows: list[ChecklistRow]) -> None:
    left = make_expert(first_name="Lea", state="ended")
    paused = make_expert(first_name="Pirjo", state="paused")
    for asked in (str(left.pk), str(paused.pk), "0", "x", "", "9" * 40):
        assert nora.post(url("start", cast.unit.pk), {"expert": asked}).status_code == 404
    assert Induction.objects.count() == 0
    work_of(cast, paused)
    assert nora.post(url("start", cast.unit.pk), {"expert": str(paused.pk)}).status_code == 302


def test_before_work_is_agreed_the_unit_sees_no_surname(cast: Cast, nora: Client, rows: list[ChecklistRow]) -> None:
    """R5: an expert is found by the first name; the surname neither shows nor matches."""
    page = nora.get(url("start", cast.unit.pk) + "?q=eva").content.decode()
    assert "Eva E." in page
    assert "Expert</p>" not in page
    assert nora.get(url("start", cast.unit.pk) + "?q=expert").context["people"] == []
    made = actions.start(cast.expert, cast.unit, by=cast.named, at=NOW)
    assert "<h1>Eva E.</h1>" in nora.get(url("checklist", made.pk)).content.decode()
    work_of(cast)
    assert "<h1>Eva Expert</h1>" in nora.get(url("checklist", made.pk)).content.decode()
    Expert.objects.filter(pk=cast.expert.pk).update(shown_after=[])
    assert "<h1>Eva E.</h1>" in nora.get(url("checklist", made.pk)).content.decode()
    assert "Eva Expert" not in nora.get(url("unit", cast.unit.pk)).content.decode()


def test_the_expert_sees_the_own_checklist_only(cast: Cast, client_for: SignIn, begun: Induction) -> None:
    eva, otto = client_for(cast.expert_user), client_for(cast.second_expert_user)
    page = eva.get(url("checklist", begun.pk)).content.decode()
    assert "What I have been shown" in page
    assert "Save the ticks" not in page
    assert eva.post(url("tick", begun.pk), {"on": ids(begun)}).status_code == 403
    assert otto.get(url("checklist", begun.pk)).status_code == 404
    assert "0 of 3 ticked" in eva.get(reverse("experts:me")).content.decode()
    assert [who for _name, who in ticks(begun)] == ["", "", ""]


def test_the_coordinator_sees_and_does_not_tick(cast: Cast, client_for: SignIn, begun: Induction) -> None:
    coordinator = client_for(cast.coordinator)
    assert "Save the ticks" not in coordinator.get(url("checklist", begun.pk)).content.decode()
    assert coordinator.post(url("tick", begun.pk), {"on": ids(begun)}).status_code == 403
    page = coordinator.get(reverse("experts:expert", args=[cast.expert.pk])).content.decode()
    assert "0 of 3 ticked" in page
    with pytest.raises(Refused, match="You may not do this"):
        actions.tick(begun, on=ids(begun), off=(), by=cast.coordinator, at=NOW)


def test_another_units_named_employee_meets_nothing(cast: Cast, client_for: SignIn, begun: Induction) -> None:
    olga = client_for(cast.other_named)
    for name, pk in (("checklist", begun.pk), ("unit", cast.unit.pk), ("readiness_history", cast.unit.pk)):
        assert olga.get(url(name, pk)).status_code == 404
    for name, pk in (("tick", begun.pk), ("reopen", begun.pk), ("refresh", begun.pk), ("start", cast.unit.pk)):
        assert olga.post(url(name, pk), {"on": ids(begun), "expert": cast.expert.pk}).status_code == 404
    steps: list[Callable[[], Any]] = [
        lambda: actions.start(cast.second_expert, cast.unit, by=cast.other_named, at=NOW),
        lambda: actions.finish(begun, by=cast.other_named, at=NOW),
        lambda: actions.reopen(begun, by=cast.other_named, at=NOW),
        lambda: actions.refresh(begun, by=cast.other_named, at=NOW),
    ]
    for step in steps:
        with pytest.raises(Refused, match="You may not do this"):
            step()
    assert Induction.objects.count() == 1


def test_a_former_named_employee_keeps_nothing(cast: Cast, client_for: SignIn, begun: Induction) -> None:
    RoleGrant.objects.filter(user=cast.named).update(valid_to=NOW)
    former = User.objects.get(pk=cast.named.pk)
    assert client_for(former).get(url("checklist", begun.pk)).status_code == 403
    grant(former, "unit_contact", make_unit())
    former = User.objects.get(pk=cast.named.pk)
    assert client_for(former).get(url("checklist", begun.pk)).status_code == 404
    assert client_for(former).post(url("tick", begun.pk), {"on": ids(begun)}).status_code == 404
    assert [t for t in todo.todos(former, NOW) if "nduction" in t.sentence] == []
    successor = make_user()
    grant(successor, "unit_contact", cast.unit, since=NOW)
    assert client_for(successor).post(url("tick", begun.pk), {"on": ids(begun)}).status_code == 302
    assert begun.items.filter(ticked_by=successor).count() == 3


@pytest.mark.parametrize("who", ["orderer", "finance", "supervisor", "stranger"])
def test_others_have_no_induction(cast: Cast, client_for: SignIn, begun: Induction, who: str) -> None:
    client = client_for(getattr(cast, who))
    for name, pk in (("checklist", begun.pk), ("unit", cast.unit.pk)):
        assert client.get(url(name, pk)).status_code == 403
    for name in ("overview", "common", "my_units", "guide"):
        assert client.get(url(name)).status_code == 403


# Lesson R6.
@pytest.mark.django_db(transaction=True)
def test_begun_at_once_by_two_once(transactional_db: None) -> None:
    unit, expert = make_unit(), make_expert()
    people = [make_user(roles=[("unit_contact", unit)]), make_user(roles=[("deputy", unit)])]
    make_row(unit)
    start = Barrier(2)

    def one(user: User) -> str:
        try:
            start.wait(timeout=10)
            with translation.override("en"):
                return str(actions.start(expert, unit, by=user, at=NOW).pk)
        except RuleError as refusal:
            return str(refusal.message)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = set(pool.map(one, people))
    made = Induction.objects.get()
    assert answers == {str(made.pk)}
    assert made.items.count() == 1
    assert LogEntry.objects.filter(kind="induction.start").count() == 1
