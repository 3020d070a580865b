"""Individual and pair work from plan to closing word, its board, and the coordination meeting."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments import actions
from assignments.actions import meetings as keep
from assignments.agenda import agenda
from assignments.models import CoordinationMeeting, MeetingDecision, Order, OrderPlan, Process, Session
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from office.todo import todos
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db
WED_10 = at(2026, 10, 7, 10)
AFTER = at(2026, 10, 7, 12)
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


def process(cast: Cast, *starts: datetime, **plan: Any) -> Process:
    """An agreed piece of individual work with its sessions."""
    made: list[Session] = []
    for start in starts or (WED_10,):
        made.append(
            make_agreed_session(
                start, unit=cast.unit, orderer=cast.orderer, expert=cast.expert, agreed_at=at(2026, 9, 15, 9),
                order=made[0].order if made else None,
            )
        )  # fmt: skip
    if plan:
        OrderPlan.objects.create(order=made[0].order, **plan)
    return Process.objects.create(order=made[0].order)


# --- stages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "number"), [("individual", 1), ("pair", 1), ("group", 0), ("lecture", 0)])
def test_made_when_the_order_is_agreed(cast: Cast, kind: str, number: int) -> None:
    more: dict[str, Any] = {"agreed_amount": 300} if kind == "lecture" else {}
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind=kind, times=[(WED_10, WED_10 + HOUR)], **more)
    offer = make_offer(order, cast.expert)
    actions.accept(offer, by=cast.expert_user, at=at(2026, 9, 3, 9))
    assert Process.objects.filter(order=order, state="planned").count() == number


def test_the_first_meeting_held_begins_it_and_taking_it_back_too(cast: Cast) -> None:
    found = process(cast)
    session = Session.objects.get()
    actions.record_outcome(session, "held", by=cast.expert_user, at=AFTER)
    found.refresh_from_db()
    assert found.state == "running"
    actions.undo_outcome(session, by=cast.expert_user, at=AFTER)
    found.refresh_from_db()
    assert found.state == "planned"
    assert list(LogEntry.objects.filter(kind__startswith="process").values_list("kind", flat=True).order_by("pk")) == [
        "process.begin", "process.back",
    ]  # fmt: skip


def test_a_client_who_does_not_come_begins_nothing(cast: Cast) -> None:
    found = process(cast)
    actions.record_outcome(Session.objects.get(), "no_show", by=cast.expert_user, at=AFTER)
    found.refresh_from_db()
    assert found.state == "planned"


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("orderer", True), ("named", True), ("coordinator", True), ("expert_user", True),
        ("stranger", False), ("second_expert_user", False), ("finance", False),
    ],
)  # fmt: skip
def test_who_ends_it(cast: Cast, who: str, *, may: bool) -> None:
    found = process(cast)
    actions.record_outcome(Session.objects.get(), "held", by=cast.expert_user, at=AFTER)
    found.refresh_from_db()
    person = getattr(cast, who)
    if not may:
        with pytest.raises(Refused):
            actions.end_process(found, "It went well", by=person, at=AFTER)
        return
    actions.end_process(found, "It went well", by=person, at=AFTER)
    found.refresh_from_db()
    assert (found.state, found.closing_word, found.ended_at, found.ended_by) == ("ended", "It went well", AFTER, person)
    with pytest.raises(Conflict):
        actions.end_process(found, "Again", by=person, at=AFTER)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param("", "closing word", id="nothing"),
        pytest.param("131052-308T", "identity code", id="an identity code"),
        pytest.param("It went well", "agreed meetings", id="a meeting is ahead"),
    ],
)
def test_what_does_not_end_it(cast: Cast, words: str, told: str) -> None:
    found = process(cast)
    with pytest.raises(Refused, match=told):
        actions.end_process(found, words, by=cast.orderer, at=AFTER)
    found.refresh_from_db()
    assert (found.state, found.closing_word) == ("planned", "")


def test_it_goes_on_after_all(cast: Cast) -> None:
    found = process(cast)
    actions.record_outcome(Session.objects.get(), "orderer_cancelled", by=cast.orderer, at=at(2026, 10, 1, 9))
    actions.end_process(found, "Nothing came of it", by=cast.orderer, at=AFTER)
    with pytest.raises(Refused):
        actions.open_process(found, by=cast.expert_user, at=AFTER)
    actions.open_process(found, by=cast.orderer, at=AFTER)
    found.refresh_from_db()
    assert (found.state, found.closing_word, found.ended_at) == ("planned", "", None)


# --- the page --------------------------------------------------------------------------------------------------------


def test_story_of_a_process(cast: Cast, clock: Clock) -> None:
    found = process(cast, WED_10, goal="To go out again", meetings=2, spacing="weekly", contact_way="Call Anna")
    clock(AFTER)
    eva = Person(cast.expert_user).open(f"/orders/sessions/{Session.objects.get().pk}/")
    eva.press("Held as agreed").follow("The plan and all meetings")
    assert "Meetings: 1 held of 2" in eva.sees
    assert "take part in work supervision" in eva.sees
    assert "To go out again" in eva.sees
    anna = Person(cast.orderer).open(f"/orders/processes/{found.pk}/").follow("End the process")
    anna.press("End the process", closing_word="Code 131052-308T")
    assert Process.objects.get().state == "running"
    anna.press("End the process", closing_word="The goal was reached")
    assert "The goal was reached" in anna.sees
    anna.press("It goes on after all")
    assert Process.objects.get().state == "running"


@pytest.mark.parametrize(
    ("plan", "starts", "warned"),
    [
        pytest.param({"meetings": 1}, 2, "more than the 1 meetings of the plan", id="over the plan"),
        pytest.param({"meetings": 2}, 2, "", id="as planned"),
        pytest.param({}, 4, "without a plan: as a rule there are one to three", id="no plan, four"),
        pytest.param({}, 3, "", id="no plan, three"),
    ],
)
def test_more_meetings_than_planned_is_told(
    cast: Cast, clock: Clock, plan: dict[str, Any], starts: int, warned: str
) -> None:
    found = process(cast, *(WED_10 + n * timedelta(weeks=1) for n in range(starts)), **plan)
    clock(AFTER)
    person = Person(cast.orderer).open(f"/orders/processes/{found.pk}/")
    assert ("Say why, and how many there will be" in person.sees, warned in person.sees) == (bool(warned), True)


def test_story_more_than_three_asks_why(cast: Cast, clock: Clock) -> None:
    found = process(cast)
    clock(AFTER)
    anna = Person(cast.orderer).open(f"/orders/processes/{found.pk}/").follow("Write the plan")
    said = {"goal": "To go out again", "meetings": "5", "spacing": "every week", "contact_way": "Call Anna"}
    anna.press("Save the plan", **said)
    assert "Say why there are more." in anna.sees
    anna.press("Save the plan", more_reason="The way there is practised too")
    assert OrderPlan.objects.get().meetings == 5
    assert (anna.address.endswith(f"/{found.pk}/"), "The way there is practised too" in anna.sees) == (True, True)


# --- the board -------------------------------------------------------------------------------------------------------


def test_the_board_by_stage(cast: Cast, clock: Clock) -> None:
    process(cast)
    other = make_agreed_session(WED_10, unit=cast.other_unit, expert=cast.second_expert)
    Process.objects.create(order=other.order)
    clock(AFTER)
    anna = Person(cast.orderer).open("/orders/processes/")
    assert ("1 process" in anna.sees, "2 processes" in anna.sees) == (True, False)
    carla = Person(cast.coordinator).open("/orders/processes/")
    assert "2 processes" in carla.sees
    assert "No such processes" in carla.open("/orders/processes/?stage=ended").sees
    assert "1 process" in carla.open(f"/orders/processes/?unit={cast.unit.pk}").sees
    assert "2 processes" in carla.open("/orders/processes/?stage=x").sees


def test_thirty_processes_cost_as_much_as_one(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(AFTER)
    counts = []
    client = client_for(cast.coordinator)
    for number in (1, 29):
        for n in range(number):
            process(cast, at(2026, 11, 2, 8) + (n + 40 * number) * HOUR, meetings=1)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("assignments:processes")).status_code == 200
        counts.append(len(seen))
    assert (counts[0] == counts[1], counts[1] <= 10) == (True, True)


@pytest.mark.parametrize("who", ["stranger", "other_named", "second_expert_user", "finance"])
def test_the_process_of_others_is_not_there(cast: Cast, client_for: SignIn, who: str) -> None:
    found = process(cast)
    client = client_for(getattr(cast, who))
    for name in ("process", "process_plan", "process_end"):
        assert client.get(reverse(f"assignments:{name}", args=[found.pk])).status_code in {403, 404}
    assert client.post(reverse("assignments:process_end", args=[found.pk]), {"closing_word": "x"}).status_code in {
        403, 404,
    }  # fmt: skip
    found.refresh_from_db()
    assert found.state == "planned"


# --- coordination meetings -------------------------------------------------------------------------------------------

SINCE, HELD = at(2026, 9, 1, 9), at(2026, 10, 8, 9)


def meeting(cast: Cast, **fields: Any) -> CoordinationMeeting:
    values = {"held_at": HELD, "since": SINCE} | fields
    unit = values.pop("unit", cast.unit)
    return keep.write_meeting(unit, by=cast.coordinator, at=HELD, **values)


def test_the_agenda_is_what_changed_since_the_last_one(cast: Cast) -> None:
    new = make_order(unit=cast.unit, orderer=cast.orderer, state="to_confirm", created_at=at(2026, 9, 2, 9))
    make_order(unit=cast.unit, orderer=cast.orderer, state="to_confirm", created_at=SINCE)  # told last time
    looking = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", created_at=at(2026, 8, 2, 9))
    make_order(unit=cast.other_unit, state="looking", created_at=at(2026, 9, 2, 9))
    make_order(unit=cast.unit, orderer=cast.orderer, created_at=at(2026, 9, 2, 9))  # a draft is nobody else's
    ended = process(cast)
    session = Session.objects.get(order=ended.order)
    actions.record_outcome(session, "orderer_cancelled", by=cast.orderer, at=at(2026, 10, 6, 16))
    actions.end_process(ended, "Nothing came of it", by=cast.orderer, at=AFTER)
    told = agenda(meeting(cast))
    assert {part.title: [order.pk for order in part.orders] for part in told.parts} == {
        "Waiting without an expert": [looking.pk],
        "New orders": [new.pk],
        "Agreed": [ended.order_id],
        "More meetings than planned": [],
        "Ended processes": [ended.order_id],
    }
    assert told.late == [session]


def test_a_group_for_two_experts_is_one_row_while_it_is_written(cast: Cast) -> None:
    written = {"unit": cast.unit, "orderer": cast.orderer, "state": "to_confirm", "kind": "group"}
    first, second = (make_order(created_at=at(2026, 9, 2, 9), **written) for _one in range(2))  # type: ignore[arg-type]
    Order.objects.filter(pk=first.pk).update(companion=second)
    [new] = [part.orders for part in agenda(meeting(cast)).parts if part.title == "New orders"]
    assert [order.pk for order in new] == [first.pk]


def test_a_second_click_writes_no_second_meeting_and_no_second_task(cast: Cast) -> None:
    made = meeting(cast)
    assert meeting(cast) == made
    assert meeting(cast, unit=None) != made
    said: dict[str, Any] = {"person": cast.orderer, "due": date(2026, 10, 20), "by": cast.coordinator, "at": HELD}
    decided = keep.add_decision(made, "Call the clinic", **said)
    assert keep.add_decision(made, "Call the clinic", **said) == decided
    assert keep.add_decision(made, "Find a room", **said) != decided
    keep.mark_decision(decided, done=True, by=cast.orderer, at=HELD)
    assert keep.add_decision(made, "Call the clinic", **said) != decided  # to be done once more


def test_what_was_left_open_comes_again(cast: Cast) -> None:
    first = meeting(cast, held_at=at(2026, 9, 10, 9))
    done = keep.add_decision(first, "Call the clinic", who="Nora", by=cast.coordinator, at=HELD)
    left = keep.add_decision(first, "Find a room", who="Anna", due=date(2026, 10, 1), by=cast.coordinator, at=HELD)
    keep.mark_decision(done, done=True, by=cast.named, at=HELD)
    with pytest.raises(Conflict):
        keep.mark_decision(done, done=True, by=cast.named, at=HELD)
    second = meeting(cast, since=first.held_at)
    told = agenda(second)
    assert (told.earlier, told.decisions) == ([left], [])
    assert agenda(meeting(cast, unit=None)).earlier == []


@pytest.mark.parametrize("due", [date(2026, 10, 9), date(2026, 12, 1), None], ids=["near", "far", "without a day"])
def test_a_decision_is_a_task_of_who_does_it(cast: Cast, clock: Clock, due: date | None) -> None:
    """On the first page from the meeting on until it is ticked off; nobody else's, and no more of who has left."""
    clock(HELD)
    task = "Decided at a coordination meeting: Call the clinic"
    carla = Person(cast.coordinator).open(f"/orders/meetings/{meeting(cast).pk}/")
    day = f"{due.day}.{due.month}.{due.year}" if due else ""
    carla.press("Write it down", text="Call the clinic", person="Anna Orderer", due=day)
    anna = Person(cast.orderer).open("/")
    assert task in anna.sees
    for other in (cast.named, cast.coordinator, cast.stranger):
        assert task not in Person(other).open("/").sees
    decision = MeetingDecision.objects.get()
    keep.mark_decision(decision, done=True, by=cast.orderer, at=HELD)
    assert task not in anna.open("/").sees
    keep.mark_decision(decision, done=False, by=cast.orderer, at=HELD)
    assert task in anna.open("/").sees
    cast.orderer.grants.update(valid_to=HELD)
    assert todos(User.objects.get(pk=cast.orderer.pk), HELD) == []


@pytest.mark.parametrize(
    ("who", "own_unit", "all_units"),
    [
        ("coordinator", 200, 200), ("named", 200, 404), ("orderer", 200, 404), ("deputy", 200, 404),
        ("stranger", 404, 404), ("other_named", 404, 404), ("expert_user", 403, 403), ("finance", 403, 403),
    ],
)  # fmt: skip
def test_who_sees_a_meeting(cast: Cast, client_for: SignIn, who: str, own_unit: int, all_units: int) -> None:
    client = client_for(getattr(cast, who))
    pages = [reverse("assignments:meeting", args=[meeting(cast, unit=unit).pk]) for unit in (cast.unit, None)]
    assert [client.get(page).status_code for page in pages] == [own_unit, all_units]


@pytest.mark.parametrize("who", ["stranger", "expert_user", "finance"])
def test_others_tick_nothing_off(cast: Cast, client_for: SignIn, who: str) -> None:
    decision = keep.add_decision(meeting(cast), "Call", by=cast.coordinator, at=HELD)
    path = reverse("assignments:decision_done", args=[decision.pk])
    assert client_for(getattr(cast, who)).post(path, {"done": "1"}).status_code in {403, 404}
    with pytest.raises(Refused):
        keep.mark_decision(decision, done=True, by=getattr(cast, who), at=HELD)
    assert MeetingDecision.objects.get().done_at is None


def test_an_order_of_another_unit_is_not_decided_about(cast: Cast) -> None:
    """P6."""
    foreign = make_order(unit=cast.other_unit, state="looking")
    with pytest.raises(Refused):
        keep.add_decision(meeting(cast), "Call", order=foreign, by=cast.coordinator, at=HELD)


def test_story_of_a_meeting(cast: Cast, clock: Clock) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", created_at=at(2026, 9, 20, 9))
    clock(HELD)
    carla = Person(cast.coordinator).open("/orders/meetings/").follow("New meeting")
    carla.press("Make the agenda", unit=str(cast.unit.pk), day="8.10.2026", clock="9")
    assert order.task in carla.sees
    carla.press("Write it down", text="Code 131052-308T")
    assert MeetingDecision.objects.count() == 0
    carla.press("Write it down", text="Ask Porvoo", who="Carla", due="15.10.2026", order=str(order.pk))
    nora = Person(cast.named).open(carla.address)
    nora.press("Done")
    decision = MeetingDecision.objects.get()
    assert (decision.done_at, decision.order, decision.due) == (HELD, order, date(2026, 10, 15))
    nora.press("Not done after all")
    decision.refresh_from_db()
    assert decision.done_at is None
    assert "Write it down" not in nora.sees


def test_a_meeting_costs_the_same_for_thirty(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(HELD)
    found = meeting(cast)
    client, counts = client_for(cast.coordinator), []
    for number in (1, 29):
        for _n in range(number):
            make_order(unit=cast.unit, orderer=cast.orderer, state="looking", created_at=at(2026, 9, 20, 9))
            keep.add_decision(found, "Call", by=cast.coordinator, at=HELD)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("assignments:meeting", args=[found.pk])).status_code == 200
        counts.append(len(seen))
    assert (counts[0] == counts[1], counts[1] <= 10) == (True, True), counts
