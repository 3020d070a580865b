"""Each kind of work asks only its own questions; contacts are remembered; an order is copied (R8, R9, M14)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from assignments.actions import accept, copy_order, save_draft, submit
from assignments.models import Order, OrderPlan, UnitHabits
from assignments.plan_words import plan_facts
from assignments.plans import ASKED, missing
from assignments.states import OrderState
from office.errors import Refused
from office.kinds import TaskType
from office.models import LogEntry, User
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order, make_unit

SignIn = Callable[[User], Client]
NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
PROCESS = {"goal": "Courage", "meetings": "2", "spacing": "weekly", "first_joint": "on", "contact_way": "By the nurse"}
GROUP = {"first_day": "1.10.2026", "last_day": "18.12.2026", "co_leader": "Nina", "end_reasons": "Too few come"}
LECTURE = {"theme": "Hope", "audience": "Staff", "audience_size": "30", "equipment": "A microphone"}
PERIOD = {"first_day": "1.10.2026", "last_day": "18.12.2026"}
ANSWERS: dict[str, dict[str, str]] = {
    "individual": PROCESS,
    "pair": PROCESS,
    "group": GROUP,
    "lecture": LECTURE,
    "appointment": PERIOD,
    "walk_in": PERIOD,
    "development": {},
    "meeting": {},
}


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def page(answer: Any) -> str:
    return str(answer.content.decode())


def fields(shown: str) -> set[str]:
    every = {name for names in ASKED.values() for name in names}
    return {name for name in every if f'name="{name}"' in shown}


@pytest.mark.parametrize("kind", [str(kind) for kind in TaskType])
def test_a_kind_of_work_asks_its_own_questions_and_no_others(cast: Cast, client_for: SignIn, kind: str) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind=kind)
    client, address = client_for(cast.orderer), f"/orders/{order.pk}/details/"
    assert fields(page(client.get(address))) == set(ASKED[kind])
    answer = client.post(address, ANSWERS[kind] | {"place": "Room 2"})
    assert answer["Location"] == f"/orders/{order.pk}/when/"
    plan = OrderPlan.objects.get(order=order)
    assert missing(kind, {name: getattr(plan, name) for name in ASKED[kind]}) == []
    order = Order.objects.get(pk=order.pk)
    told = dict(plan_facts(order))
    shown = page(client.get(f"/orders/{order.pk}/"))
    for label, words in told.items():
        assert label in shown
        assert words.replace("'", "&#x27;") in shown
    assert len(told) == {"individual": 5, "pair": 5, "group": 3, "lecture": 4, "appointment": 1, "walk_in": 1}.get(
        kind, 0
    )


@pytest.mark.parametrize(
    ("kind", "change", "field", "said"),
    [
        ("individual", {"goal": ""}, "goal", "This field is required."),
        ("individual", {"goal": "Help for 131052-308T"}, "goal", "personal identity code"),
        ("individual", {"contact_way": ""}, "contact_way", "This field is required."),
        ("individual", {"meetings": "4"}, "more_reason", "Write why more than three meetings are needed."),
        ("individual", {"meetings": "0"}, "meetings", "greater than or equal to 1"),
        ("pair", {"spacing": "daily"}, "spacing", "Select a valid choice"),
        ("group", {"last_day": "30.9.2026"}, "last_day", "The end is before the beginning."),
        ("walk_in", {"first_day": "31.9.2026"}, "first_day", "There is no such day."),
        ("lecture", {"theme": ""}, "theme", "This field is required."),
        ("lecture", {"audience_size": "many"}, "audience_size", "Enter a whole number."),
        ("meeting", {"contact_name": "131052-308T"}, "contact_name", "personal identity code"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_typed_stays(
    cast: Cast, client_for: SignIn, kind: str, change: dict[str, str], field: str, said: str
) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, kind=kind)
    typed = ANSWERS[kind] | {"place": "Room 77"} | change
    shown = page(client_for(cast.orderer).post(f"/orders/{order.pk}/details/", typed))
    assert said in shown.split(f'id="id_{field}_error"')[1][:200]
    assert 'value="Room 77"' in shown
    assert not OrderPlan.objects.exists()


def test_more_than_three_meetings_with_a_reason(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer)
    reason = {"meetings": "6", "more_reason": "A long way"}
    client = client_for(cast.orderer)
    client.post(f"/orders/{order.pk}/details/", PROCESS | reason | {"place": "Room 2"})
    plan = OrderPlan.objects.get()
    assert (plan.meetings, plan.more_reason) == (6, "A long way")
    client.post(f"/orders/{order.pk}/details/", PROCESS | {"more_reason": "A long way", "place": "Room 2"})
    plan.refresh_from_db()
    assert (plan.meetings, plan.more_reason) == (2, "")


def test_another_kind_of_work_forgets_the_answers_of_the_first_and_asks_its_own(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), make_order(unit=cast.unit, orderer=cast.orderer, times=[TEN])
    client.post(f"/orders/{order.pk}/details/", PROCESS | {"place": "Room 2"})
    what = {"unit": cast.unit.pk, "kind": "lecture", "task": "Tells", "language": "fi"}
    answer = client.post(f"/orders/{order.pk}/what/?to=check", what)
    assert answer["Location"] == f"/orders/{order.pk}/details/?to=check"
    plan = OrderPlan.objects.get()
    assert (plan.goal, plan.meetings, plan.contact_way, plan.theme) == ("", None, "", "")
    assert "Answer these questions of the plan first: theme, audience." in page(
        client.get(f"/orders/{order.pk}/check/")
    )
    assert "Answer these questions" in page(client.post(f"/orders/{order.pk}/check/", follow=True))
    order.refresh_from_db()
    assert order.state == OrderState.DRAFT


def test_an_order_outside_its_period_is_not_sent(cast: Cast) -> None:
    plan = {"first_day": date(2026, 10, 8), "last_day": date(2026, 10, 30)}
    order = save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="Group", place="Room", plan=plan, times=[TEN]
    )
    with pytest.raises(Refused, match="outside the period"):
        submit(order, by=cast.orderer, at=NOW)
    assert Order.objects.get().state == OrderState.DRAFT


def test_the_plan_is_seen_by_the_expert_who_is_asked(cast: Cast, client_for: SignIn) -> None:
    plan = {"goal": "Courage", "meetings": 1, "spacing": "weekly", "contact_way": "By the nurse", "first_joint": True}
    order = save_draft(
        None, by=cast.named, at=NOW, unit=cast.unit, kind="pair", task="Pair", place="Room", plan=plan, times=[TEN],
        expert=cast.expert, contact_name="Nina Nurse", contact_phone="040 123 4567",
    )  # fmt: skip
    submit(order, by=cast.named, at=NOW)
    shown = page(client_for(cast.expert_user).get(f"/orders/offers/{order.offers.get().pk}/"))
    for words in ("Courage", "held together: client, expert and employee", "By the nurse", "Nina Nurse"):
        assert words in shown


def test_what_the_named_employee_changes_in_the_plan_is_told_without_its_words(cast: Cast, client_for: SignIn) -> None:
    plan = {"goal": "Courage", "meetings": 1, "spacing": "weekly", "contact_way": "By the nurse", "first_joint": True}
    order = save_draft(
        None, by=cast.orderer, at=NOW, unit=cast.unit, kind="pair", task="Pair", place="Room", plan=plan, times=[TEN],
        contact_name="Nina Nurse",
    )  # fmt: skip
    submit(order, by=cast.orderer, at=NOW)
    changed = PROCESS | {"goal": "Hope", "place": "Room", "contact_name": "Lisa"}
    client_for(cast.named).post(f"/orders/{order.pk}/details/", changed)
    shown = page(client_for(cast.orderer).get(f"/orders/{order.pk}/"))
    assert "contact on the day: “Nina Nurse” → “Lisa”" in shown
    assert LogEntry.objects.get(kind="order.changed").facts["changes"]["plan"] == ["…", "…"]


# --- whom to meet ----------------------------------------------------------------------------------------------------


def test_the_contact_of_the_unit_is_remembered_when_an_order_is_sent(cast: Cast, client_for: SignIn) -> None:
    cast.orderer.phone = "040 000 1111"
    cast.orderer.save()
    client = client_for(cast.orderer)
    what = {"unit": cast.unit.pk, "kind": "meeting", "task": "Council", "language": "fi"}
    client.post("/orders/new/", what)
    first = Order.objects.get()
    assert (first.place, first.contact_name, first.contact_phone) == (cast.unit.place, "Anna Orderer", "040 000 1111")
    where = {"place": "Room 9", "contact_name": "Nina Nurse", "contact_phone": "040 123 4567"}
    client.post(f"/orders/{first.pk}/details/", where)
    assert UnitHabits.objects.count() == 0  # a draft is not yet a habit
    save_draft(
        first, by=cast.orderer, at=NOW, unit=cast.unit, kind="meeting", task="Council", place="Room 9", times=[TEN],
        contact_name="Nina Nurse", contact_phone="040 123 4567", agreed_amount=None,
    )  # fmt: skip
    client.post(f"/orders/{first.pk}/check/")
    habits = UnitHabits.objects.get()
    assert (habits.unit, habits.contact_name, habits.contact_phone) == (cast.unit, "Nina Nurse", "040 123 4567")
    client.post("/orders/new/", what)
    second = Order.objects.latest("pk")
    assert (second.contact_name, second.contact_phone) == ("Nina Nurse", "040 123 4567")


def test_remote_work_has_no_usual_place(cast: Cast, client_for: SignIn) -> None:
    client, order = client_for(cast.orderer), make_order(unit=cast.unit, orderer=cast.orderer, kind="meeting")
    address = f"/orders/{order.pk}/details/"
    for place, kept in ((cast.unit.place, ""), ("A link will be sent", "A link will be sent")):
        client.post(address, {"remote": "on", "place": place})
        order.refresh_from_db()
        assert (order.remote, order.place) == (True, kept)
    client.post(address, {"place": ""})
    order.refresh_from_db()
    assert (order.remote, order.place) == (False, cast.unit.place)


# --- drafts and copies -----------------------------------------------------------------------------------------------


def test_drafts_are_kept_and_listed_to_go_on_with(cast: Cast, client_for: SignIn) -> None:
    mine = make_order(unit=cast.unit, orderer=cast.orderer, task="Mine unfinished")
    make_order(unit=cast.unit, orderer=cast.named, task="Of a colleague")
    client = client_for(cast.orderer)
    shown = page(client.get("/orders/"))
    assert "My drafts" in shown
    assert f'href="/orders/{mine.pk}/what/"' in shown
    assert "Of a colleague" not in shown
    assert "Mine unfinished" in page(client.get("/orders/", {"state": "draft"}))
    assert "My drafts" not in page(client_for(cast.finance).get("/orders/"))


def test_a_copy_has_the_questions_and_no_state_fee_confirmation_answer_travel_or_time(
    cast: Cast, client_for: SignIn
) -> None:
    """M14: no fee, no approval, no file is copied."""
    session = make_agreed_session(
        *TEN, kind="lecture", unit=cast.unit, orderer=cast.orderer, expert=cast.expert, travel_km=Decimal(20)
    )
    order = session.order
    Order.objects.filter(pk=order.pk).update(contact_name="Nina", wish="Calm", fee_item=session.fee_item)
    OrderPlan.objects.create(order=order, theme="Hope", audience="Staff")
    client = client_for(cast.orderer)
    assert "Order the same again" in page(client.get(f"/orders/{order.pk}/"))
    answer = client.post(f"/orders/{order.pk}/copy/")
    copy = Order.objects.get(copied_from=order)
    assert answer["Location"] == f"/orders/{copy.pk}/what/"
    same = ("unit", "kind", "task", "language", "place", "remote", "topic", "contact_name", "wish", "expert")
    assert [getattr(copy, name) for name in same] == [getattr(Order.objects.get(pk=order.pk), name) for name in same]
    assert (copy.plan.theme, copy.plan.audience) == ("Hope", "Staff")
    assert (copy.state, copy.orderer, copy.created_at) == (OrderState.DRAFT, cast.orderer, NOW)
    empty = ("submitted_at", "confirmed_at", "confirmed_by", "fee_item", "agreed_amount", "travel_km", "travel_cap")
    assert [getattr(copy, name) for name in empty] == [None] * len(empty)
    assert (copy.travel_mode, copy.source, copy.fee_declined, copy.sessions.count(), copy.offers.count()) == (
        "", "", False, 0, 0,
    )  # fmt: skip
    assert LogEntry.objects.filter(kind="order.copied").count() == 1
    assert "began the order from an earlier one" in page(client.get(f"/orders/{copy.pk}/"))


def test_a_second_click_leads_to_the_same_copy(cast: Cast, client_for: SignIn) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state=OrderState.CANCELLED)
    client = client_for(cast.orderer)
    assert client.post(f"/orders/{order.pk}/copy/")["Location"] == client.post(f"/orders/{order.pk}/copy/")["Location"]
    assert Order.objects.filter(copied_from=order).count() == 1


def test_a_unit_out_of_use_and_other_people_do_not_copy(cast: Cast) -> None:
    order = make_order(unit=cast.unit, orderer=cast.orderer, state=OrderState.CANCELLED)
    for person in (cast.stranger, cast.finance, cast.expert_user):
        with pytest.raises(Refused, match="may not"):
            copy_order(order, by=person, at=NOW)
    cast.unit.is_active = False
    cast.unit.save()
    with pytest.raises(Refused, match="not in use"):
        copy_order(Order.objects.get(), by=cast.coordinator, at=NOW)
    assert Order.objects.count() == 1


def test_another_unit_brings_its_own_usual_place_and_contact(cast: Cast, client_for: SignIn) -> None:
    other = make_unit("Y09", place="Other street 1")
    UnitHabits.objects.create(unit=other, contact_name="Otto Office", contact_phone="040 1")
    client = client_for(cast.coordinator)
    what = {"unit": cast.unit.pk, "kind": "meeting", "task": "Council", "language": "fi"}
    client.post("/orders/new/", what)
    order = Order.objects.get()
    client.post(f"/orders/{order.pk}/what/", what | {"unit": other.pk})
    order.refresh_from_db()
    assert (order.unit, order.place, order.contact_name) == (other, "Other street 1", "Otto Office")
    client.post(f"/orders/{order.pk}/details/", {"place": "Library", "contact_name": "Lisa"})
    client.post(f"/orders/{order.pk}/what/", what)
    order.refresh_from_db()
    assert (order.unit, order.place, order.contact_name) == (cast.unit, "Library", "Lisa")


def test_an_offer_at_the_time_of_supervision_says_so_before_it_is_answered(cast: Cast, client_for: SignIn) -> None:
    offer = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=[TEN]), cast.expert, sent_at=NOW)
    client = client_for(cast.expert_user)
    assert "You have other work at these times" not in page(client.get(f"/orders/offers/{offer.pk}/"))
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    meeting = SupervisionMeeting.objects.create(group=group, starts_at=TEN[0], ends_at=TEN[1], place="Room 1")
    Attendance.objects.create(meeting=meeting, expert=cast.expert)
    assert "You have other work at these times" in page(client.get(f"/orders/offers/{offer.pk}/"))
    with pytest.raises(Refused, match="work supervision"):
        accept(offer, by=cast.expert_user, at=NOW)
