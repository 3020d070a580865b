"""Two experts for one group, kept together (R4, R7, R9, R16): ordered in one go, changed for both or for neither."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments import actions
from assignments.actions.missing import preview_both
from assignments.actions.series import Scope, SeenOther, covered, preview_cancel
from assignments.actions.series_moves import Shift, both_covered, preview_moves
from assignments.models import Move, Offer, Order, Session
from assignments.rules import Event
from experts.models import Absence
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage
from office.outbox import KINDS
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_unit
from tests.stories.reader import Person

NOW = at(2026, 9, 14, 9)
TIMES = [(at(2026, 10, day, 10), at(2026, 10, day, 12)) for day in (7, 14, 21)]
LATE = at(2026, 10, 6, 16)  # after the limit of the first time
HOUR = timedelta(hours=1)
PLAN = {"first_day": at(2026, 10, 1).date(), "last_day": at(2026, 12, 18).date(), "end_reasons": "Too few come"}


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def written(cast: Cast, *, plan: Any = None, **fields: Any) -> Order:
    """A draft of a group for Eva (the first) and the second expert."""
    values: dict[str, Any] = {"unit": cast.unit, "kind": "group", "task": "Evening group", "place": "Room 2"}
    values |= {"times": TIMES, "expert": cast.expert, "plan": PLAN if plan is None else plan} | fields
    order = actions.save_draft(None, by=cast.orderer, at=NOW, **values)
    if values["kind"] in {"group", "lecture"}:
        actions.set_second(order, cast.second_expert, by=cast.orderer, at=NOW)
    order.refresh_from_db()
    return order


def asked(cast: Cast, **fields: Any) -> Order:
    order = written(cast, **fields)
    actions.submit(order, by=cast.named, at=NOW)
    return Order.objects.get(pk=order.pk)


def offer_to(expert: Any) -> Offer:
    return Offer.objects.select_related("order__unit", "order__orderer", "expert__user").get(
        expert=expert, state="waiting"
    )


def agreed(cast: Cast) -> tuple[list[Session], list[Session]]:
    """The agreed sessions of the first and of the second expert."""
    asked(cast)
    actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
    actions.accept(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
    return of(cast.expert), of(cast.second_expert)


def of(expert: Any) -> list[Session]:
    rows = Session.objects.filter(expert=expert).select_related("order__unit", "order__orderer", "expert__user")
    return list(rows.order_by("starts_at", "pk"))


def states(expert: Any) -> list[tuple[str, str]]:
    return [(one.state, one.outcome) for one in of(expert)]


# --- ordering --------------------------------------------------------------------------------------------------------


def test_both_are_written_sent_and_asked_in_one_go(cast: Cast) -> None:
    order = written(cast)
    actions.save_draft(
        order, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="Morning group", place="Room 3",
        expert=cast.expert, times=TIMES[:2],
    )  # fmt: skip
    actions.submit(Order.objects.get(pk=order.pk), by=cast.orderer, at=NOW)
    first, second = Order.objects.order_by("pk")
    assert (first.companion, second.lead) == (second, first)
    assert [(one.state, one.task, one.place, one.sessions.count()) for one in (first, second)] == [
        ("to_confirm", "Morning group", "Room 3", 2)
    ] * 2
    assert second.plan.end_reasons == "Too few come"
    assert OutboxMessage.objects.filter(kind="order_to_confirm").count() == 2  # the named employee and the deputy, once
    actions.confirm(second, by=cast.named, at=NOW)  # whichever of the two is opened
    assert set(Order.objects.values_list("state", "confirmed_by")) == {("offered", cast.named.pk)}
    assert {offer.expert for offer in Offer.objects.filter(state="waiting")} == {cast.expert, cast.second_expert}


def test_each_has_an_amount_and_a_journey_of_their_own(cast: Cast) -> None:
    order = written(cast, kind="lecture", plan={"theme": "Hope", "audience": "Staff"}, agreed_amount=Decimal(300))
    actions.set_second_money(order, agreed_amount=Decimal(200), mode="car", km=Decimal(12), cap=None, by=cast.orderer)
    actions.submit(order, by=cast.named, at=NOW)
    actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
    actions.accept(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
    assert {(one.agreed_fee, one.travel_km) for one in of(cast.expert)} == {(Decimal("300.00"), None)}
    assert {(one.agreed_fee, one.travel_km) for one in of(cast.second_expert)} == {(Decimal("200.00"), Decimal("12.0"))}


def test_what_is_refused_while_writing(cast: Cast) -> None:
    order = written(cast)
    with pytest.raises(Refused, match="two different experts"):
        actions.set_second(order, cast.expert, by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="two different experts"):
        actions.save_draft(
            order, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="x", expert=cast.second_expert
        )
    with pytest.raises(Conflict, match="written with that of the first"):
        actions.save_draft(order.companion, by=cast.orderer, at=NOW, unit=cast.unit, kind="group", task="x")
    with pytest.raises(Refused, match="groups and lectures only"):
        actions.set_second(written(cast, kind="meeting", plan={}), cast.second_expert, by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="You may not do this"):
        actions.set_second(order, None, by=cast.stranger, at=NOW)
    with pytest.raises(Refused, match="identity code"):
        actions.set_second(order, None, wish="131052-308T", by=cast.orderer, at=NOW)


def test_one_expert_after_all_and_another_kind_of_work(cast: Cast) -> None:
    order = written(cast, plan=PLAN | {"co_leader": "Nina Nurse"})
    for _click in range(2):
        actions.drop_second(order, by=cast.orderer, at=NOW)
    assert list(Order.objects.all()) == [order]
    actions.set_second(order, None, wish="Somebody who sings", by=cast.orderer, at=NOW)
    actions.save_draft(order, by=cast.orderer, at=NOW, unit=cast.unit, kind="meeting", task="Planning", times=TIMES)
    assert list(Order.objects.values_list("kind", "companion")) == [("meeting", None)]


def test_a_group_has_two_leaders(cast: Cast) -> None:
    order = written(cast)
    actions.drop_second(order, by=cast.orderer, at=NOW)
    order.refresh_from_db()
    with pytest.raises(Refused, match="A group has two leaders"):
        actions.submit(order, by=cast.orderer, at=NOW)


def test_ordering_the_same_again_is_for_two_experts_too(cast: Cast) -> None:
    asked(cast)
    copy = actions.copy_both(Order.objects.get(expert=cast.second_expert), by=cast.orderer, at=NOW)
    assert (copy.state, copy.expert, copy.sessions.count()) == ("draft", cast.expert, 0)
    assert copy.companion is not None
    assert (copy.companion.state, copy.companion.expert) == ("draft", cast.second_expert)
    assert actions.copy_both(Order.objects.get(expert=cast.expert, state="offered"), by=cast.orderer, at=NOW) == copy


def test_the_second_one_must_be_free_too(cast: Cast) -> None:
    order = written(cast)
    make_agreed_session(TIMES[1][0] + HOUR, unit=cast.unit, expert=cast.second_expert)
    with pytest.raises(Refused, match="another session at that time"):
        actions.submit(order, by=cast.orderer, at=NOW)
    assert set(Order.objects.filter(kind="group").values_list("state", flat=True)) == {"draft"}


def test_cancelled_together_before_it_is_agreed(cast: Cast) -> None:
    order = asked(cast)
    actions.cancel_order(order, by=cast.orderer, at=NOW, reason="No room")
    assert set(Order.objects.values_list("state", flat=True)) == {"cancelled"}
    assert set(Offer.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert set(Session.objects.values_list("state", flat=True)) == {"dropped"}


def test_opened_for_changes_together_but_not_when_one_has_answered(cast: Cast) -> None:
    order = asked(cast)
    actions.change_asked(order, by=cast.named, at=NOW)
    assert set(Order.objects.values_list("state", flat=True)) == {"to_confirm"}
    order = Order.objects.get(pk=order.pk)
    actions.drop_second(order, by=cast.named, at=NOW)  # the second one had been asked: the order stays, cancelled
    assert sorted(Order.objects.values_list("state", flat=True)) == ["cancelled", "to_confirm"]
    actions.set_second(order, cast.second_expert, by=cast.named, at=NOW)
    actions.confirm(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
    actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
    with pytest.raises(Refused, match="has answered already"):
        actions.change_asked(Order.objects.get(expert=cast.second_expert, state="offered"), by=cast.named, at=NOW)


# --- one is lacking --------------------------------------------------------------------------------------------------


def lacking(cast: Cast, **fields: Any) -> tuple[Order, Order]:
    """Eva has accepted, the second one has declined: (the order without an expert, Eva's)."""
    order = asked(cast, **fields)
    actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
    actions.decline(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
    return Order.objects.get(lead=order), Order.objects.get(pk=order.pk)


def third_one() -> Any:
    return make_expert(first_name="Greta", last_name="Guide")


def test_another_second_expert_is_asked_by_the_unit_itself(cast: Cast) -> None:
    missing, there = lacking(cast)
    third = third_one()
    with pytest.raises(Refused, match="the other one of the two experts already"):
        actions.ask_another(missing, cast.expert, by=cast.orderer, at=NOW)
    with pytest.raises(Refused, match="You may not do this"):
        actions.ask_another(missing, third, by=cast.stranger, at=NOW)
    actions.ask_another(there, third, by=cast.orderer, at=NOW)  # whichever page it is asked from
    with pytest.raises(Conflict):
        actions.ask_another(missing, third, by=cast.orderer, at=NOW)
    missing.refresh_from_db()
    assert (missing.state, missing.expert) == ("offered", third)
    actions.accept(offer_to(third), by=third.user or cast.coordinator, at=NOW)
    assert {one.state for one in of(third)} == {"agreed"}


def test_it_goes_on_with_one_expert_and_an_employee(cast: Cast) -> None:
    missing, there = lacking(cast)
    with pytest.raises(Refused, match="Name the employee"):
        actions.go_on_with_one(missing, by=cast.orderer, at=NOW)
    actions.go_on_with_one(missing, co_leader="Nina Nurse", by=cast.orderer, at=NOW)
    assert list(Order.objects.order_by("pk").values_list("state", flat=True)) == ["agreed", "cancelled"]
    there.refresh_from_db()
    assert there.plan.co_leader == "Nina Nurse"
    told = OutboxMessage.objects.get(kind="one_expert")
    assert told.recipient == cast.expert_user
    assert "With you is Nina Nurse." in told.body
    with pytest.raises(Conflict):
        actions.go_on_with_one(missing, co_leader="Nina Nurse", by=cast.orderer, at=NOW)


def test_who_has_only_been_asked_is_asked_anew_when_the_other_one_does_not_come(cast: Cast) -> None:
    """R4: doing it alone is another condition than doing it with somebody."""
    order = asked(cast)
    first = offer_to(cast.expert)
    actions.decline(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
    actions.go_on_with_one(order, co_leader="Nina Nurse", by=cast.orderer, at=NOW)
    first.refresh_from_db()
    assert (first.state, first.ended_because) == ("withdrawn", "changed")
    assert offer_to(cast.expert).pk != first.pk


def test_both_are_cancelled_for_the_sum_that_was_seen(cast: Cast) -> None:
    missing, there = lacking(cast)
    seen = preview_both(there, at=LATE)
    with pytest.raises(SeenOther):
        actions.cancel_both(missing, seen=preview_both(there, at=NOW).seal, by=cast.orderer, at=LATE)
    assert (seen.count, seen.late, seen.total) == (3, 1, Decimal("50.00"))
    actions.cancel_both(missing, seen=seen.seal, by=cast.orderer, at=LATE)
    assert states(cast.expert) == [
        ("closed", "cancelled_late"), ("closed", "cancelled_in_time"), ("closed", "cancelled_in_time"),
    ]  # fmt: skip
    missing.refresh_from_db()
    assert missing.state == "cancelled"


def test_the_orderer_has_a_task_until_it_is_decided(cast: Cast, clock: Clock) -> None:
    missing, _there = lacking(cast)
    anna = Person(cast.orderer).open("/")
    assert "A second expert is lacking: Group leading" in anna.sees
    anna.follow("Decide")
    assert "Eva Expert has accepted; the other expert does not come." in anna.sees
    assert "A second expert is lacking" in Person(cast.coordinator).open("/").sees
    anna.press("Let the coordinator look")
    assert "A second expert is lacking" not in anna.open("/").sees
    assert LogEntry.objects.of(missing).filter(kind="order.left_to_coordinator").count() == 1
    assert "A second expert is lacking" in Person(cast.coordinator).open("/").sees


def test_the_page_of_the_decision_is_nobody_elses(cast: Cast) -> None:
    missing, _there = lacking(cast)
    for person in (cast.stranger, cast.other_named):
        assert Person(person).client.get(f"/orders/{missing.pk}/missing/").status_code == 404
    anna = Person(cast.orderer).open(f"/orders/{missing.pk}/missing/")
    anna.press("Go on with one expert")
    assert "Name the employee who leads the group with the expert." in anna.sees
    anna.press("Go on with one expert", co_leader="Nina Nurse")
    assert "The second expert does not come; it goes on with one." in anna.sees


# --- changes of what is agreed ---------------------------------------------------------------------------------------


def test_one_time_is_cancelled_for_both_with_the_sum_of_both(cast: Cast) -> None:
    mine, theirs = agreed(cast)
    with pytest.raises(actions.Changed, match=r"In all €100\.00"):
        actions.record_outcome(
            mine[0], "orderer_cancelled", by=cast.orderer, at=LATE, both=True, expected_total=Decimal("50.00")
        )
    assert {*states(cast.expert), *states(cast.second_expert)} == {("agreed", "")}
    actions.record_outcome(
        mine[0], "orderer_cancelled", by=cast.orderer, at=LATE, both=True, expected_total=Decimal("100.00")
    )
    assert states(cast.expert) == states(cast.second_expert)
    assert states(cast.expert)[0] == ("closed", "cancelled_late")
    told = OutboxMessage.objects.filter(kind="session_cancelled").values_list("recipient", flat=True)
    assert set(told) == {cast.expert_user.pk, cast.second_expert_user.pk}
    with pytest.raises(Conflict):
        actions.record_outcome(theirs[0], "orderer_cancelled", by=cast.orderer, at=LATE, both=True)


def test_a_cancelling_is_taken_back_for_both(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.record_outcome(mine[0], "orderer_cancelled", by=cast.orderer, at=LATE, both=True)
    actions.undo_outcome(Session.objects.get(pk=mine[0].pk), by=cast.orderer, at=LATE + HOUR, both=True)
    assert {*states(cast.expert), *states(cast.second_expert)} == {("agreed", "")}
    with pytest.raises(Conflict):
        actions.undo_outcome(mine[0], by=cast.orderer, at=LATE + HOUR, both=True)


def test_whoever_hears_of_both_gets_one_message(cast: Cast) -> None:
    """N8: the coordinator acts; the unit hears once, each expert of the own session; so also when it is taken back."""
    mine, _theirs = agreed(cast)
    actions.record_outcome(mine[0], "orderer_cancelled", by=cast.coordinator, at=LATE, both=True)
    actions.undo_outcome(Session.objects.get(pk=mine[0].pk), by=cast.coordinator, at=LATE + HOUR, both=True)
    seen = preview_cancel(covered(mine[1], Scope.FOLLOWING, at=NOW, both=True), Event.ORDERER_CANCELLED, at=NOW).seal
    actions.cancel_series(mine[1], Scope.FOLLOWING, seen=seen, by=cast.coordinator, at=LATE + 2 * HOUR, both=True)
    for kind, times in (("session_cancelled", 2), ("session_again", 1)):
        for person in (cast.named, cast.orderer, cast.expert_user, cast.second_expert_user):
            bodies = list(OutboxMessage.objects.filter(kind=kind, recipient=person).values_list("body", flat=True))
            of_unit = person in (cast.named, cast.orderer)
            assert ["This holds for both experts." in body for body in bodies] == [of_unit] * times


def test_the_units_calendar_file_takes_off_the_times_of_both(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.record_outcome(mine[0], "orderer_cancelled", by=cast.coordinator, at=LATE, both=True)
    attach = KINDS["session_cancelled"].attach
    assert attach is not None
    entries = {
        message.recipient: attach(message)[0][1].decode().count("BEGIN:VEVENT")
        for message in OutboxMessage.objects.filter(kind="session_cancelled").select_related("recipient")
    }
    assert entries == {cast.named: 2, cast.orderer: 2, cast.expert_user: 1, cast.second_expert_user: 1}


def test_an_expert_speaks_for_no_other_one(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.record_outcome(mine[0], "expert_ill", by=cast.expert_user, at=LATE)
    assert states(cast.second_expert) == [("agreed", "")] * 3
    with pytest.raises(Refused):
        actions.record_outcome(mine[1], "nobody_came", by=cast.expert_user, at=TIMES[1][1], both=True)
    seal = preview_cancel(covered(mine[1], Scope.AHEAD, at=LATE), Event.EXPERT_CANCELLED, at=LATE).seal
    with pytest.raises(Refused, match="one expert's sessions only"):
        actions.cancel_series(
            mine[1], Scope.AHEAD, Event.EXPERT_CANCELLED, seen=seal, by=cast.expert_user, at=LATE, both=True
        )


@pytest.mark.parametrize("event", ["nobody_came", "shortened"])
def test_marked_for_both_afterwards(cast: Cast, event: str) -> None:
    mine, _theirs = agreed(cast)
    done: dict[str, Any] = {}
    if event == "shortened":
        done = {"done": (TIMES[0][0], TIMES[0][0] + HOUR), "received_at": LATE}
    actions.record_outcome(mine[0], event, by=cast.orderer, at=TIMES[0][1] + HOUR, both=True, **done)
    assert states(cast.expert) == states(cast.second_expert)
    assert {(one.fee, one.done_ends_at) for one in (of(cast.expert)[0], of(cast.second_expert)[0])} == {
        (Decimal("50.00"), done["done"][1] if done else None)
    }


def test_a_series_is_cancelled_for_both_or_for_one(cast: Cast) -> None:
    mine, theirs = agreed(cast)
    whole = covered(mine[1], Scope.FOLLOWING, at=NOW, both=True)
    assert {one.pk for one in whole} == {mine[1].pk, mine[2].pk, theirs[1].pk, theirs[2].pk}
    seen = preview_cancel(whole, Event.ORDERER_CANCELLED, at=NOW).seal
    done = actions.cancel_series(mine[1], Scope.FOLLOWING, seen=seen, by=cast.orderer, at=NOW, both=True)
    assert done.count == 4
    assert states(cast.expert) == states(cast.second_expert) == [("agreed", "")] + [("closed", "cancelled_in_time")] * 2
    seen = preview_cancel(covered(theirs[0], Scope.AHEAD, at=NOW), Event.ORDERER_CANCELLED, at=NOW).seal
    actions.cancel_series(theirs[0], Scope.AHEAD, seen=seen, by=cast.orderer, at=NOW)
    assert (states(cast.expert)[0], states(cast.second_expert)[0]) == (("agreed", ""), ("closed", "cancelled_in_time"))


def test_the_place_is_both_experts_place(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    with pytest.raises(SeenOther):
        actions.change_place(mine[0], Scope.AHEAD, "Room 9", seen=3, by=cast.orderer, at=NOW)
    assert actions.change_place(mine[0], Scope.AHEAD, "Room 9", seen=6, by=cast.orderer, at=NOW) == 6
    assert set(Session.objects.values_list("place", flat=True)) == {"Room 9"}
    assert OutboxMessage.objects.filter(kind="place_changed").count() == 2


def test_the_group_ends_for_both(cast: Cast) -> None:
    _mine, theirs = agreed(cast)
    actions.record_outcome(theirs[1], "group_ended", by=cast.orderer, at=NOW, change_reason="Too few came")
    assert states(cast.expert) == states(cast.second_expert) == [("agreed", "")] + [("closed", "group_ended")] * 2


# --- moves -----------------------------------------------------------------------------------------------------------

NEW = (at(2026, 10, 8, 13), at(2026, 10, 8, 15))


def moves(state: str = "waiting") -> list[Move]:
    rows = Move.objects.filter(state=state).select_related("session__order__unit", "session__order__orderer")
    return list(rows.select_related("session__expert__user", "proposed_by").order_by("session__expert", "starts_at"))


def move_of(expert: Any) -> Move:
    return next(one for one in moves() if one.session.expert_id == expert.pk)


def test_a_move_is_done_only_when_both_have_said_yes(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    assert len(moves()) == 2
    kept = actions.accept_move(move_of(cast.expert), by=cast.expert_user, at=NOW)
    assert kept.pk == mine[0].pk
    assert [one.state for one in moves("suits")] == ["suits"]
    assert states(cast.expert) == [("agreed", "")] * 3
    assert not OutboxMessage.objects.filter(kind="move_answered").exists()
    with pytest.raises(Conflict):
        actions.accept_move(moves("suits")[0], by=cast.expert_user, at=NOW)
    actions.accept_move(move_of(cast.second_expert), by=cast.second_expert_user, at=NOW + HOUR)
    assert set(Move.objects.values_list("state", flat=True)) == {"accepted"}
    for expert in (cast.expert, cast.second_expert):
        assert sorted(states(expert)) == [("agreed", "")] * 3 + [("closed", "moved")]
        assert NEW in [(one.starts_at, one.ends_at) for one in of(expert)]
    told = set(OutboxMessage.objects.filter(kind="move_answered").values_list("recipient", flat=True))
    assert told == {cast.orderer.pk, cast.named.pk, cast.expert_user.pk}


def test_a_no_of_one_ends_it_for_both_and_cancels_both_when_it_said_so(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=LATE, cancel_if_declined=True)
    actions.accept_move(move_of(cast.expert), by=cast.expert_user, at=LATE + HOUR)
    actions.decline_move(move_of(cast.second_expert), by=cast.second_expert_user, at=LATE + HOUR)
    assert sorted(Move.objects.values_list("state", flat=True)) == ["declined", "withdrawn"]
    assert states(cast.expert)[0] == states(cast.second_expert)[0] == ("closed", "cancelled_late")
    assert {one.received_at for one in Session.objects.filter(state="closed")} == {LATE}
    assert OutboxMessage.objects.filter(kind="session_cancelled", recipient=cast.expert_user).count() == 1


def test_a_no_that_cancels_nothing_is_told_to_the_one_who_had_said_yes(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    actions.accept_move(move_of(cast.expert), by=cast.expert_user, at=NOW)
    actions.decline_move(move_of(cast.second_expert), by=cast.second_expert_user, at=NOW)
    assert {*states(cast.expert), *states(cast.second_expert)} == {("agreed", "")}
    told = OutboxMessage.objects.get(kind="move_answered", recipient=cast.expert_user)
    assert told.subject == "The new time does not suit"


def test_an_expert_proposes_and_the_unit_and_the_other_expert_agree(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.expert_user, at=NOW)
    asked_of = OutboxMessage.objects.get(kind="move_proposed", recipient=cast.second_expert_user)
    assert "The other expert proposes a new time." in asked_of.body
    assert cast.expert.last_name not in asked_of.body
    with pytest.raises(Refused):
        actions.accept_move(move_of(cast.expert), by=cast.second_expert_user, at=NOW)
    actions.accept_move(move_of(cast.second_expert), by=cast.second_expert_user, at=NOW)
    assert states(cast.expert) == [("agreed", "")] * 3
    actions.accept_move(move_of(cast.expert), by=cast.orderer, at=NOW)
    assert ("closed", "moved") in states(cast.expert)
    assert ("closed", "moved") in states(cast.second_expert)


def test_a_move_is_refused_when_the_other_one_cannot(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    day = NEW[0].date()
    Absence.objects.create(expert=cast.second_expert, first_day=day, last_day=day)
    with pytest.raises(Refused, match="is away then"):
        actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    assert not Move.objects.exists()


def test_a_proposal_falls_for_both_when_one_session_falls_away(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    actions.record_outcome(mine[0], "expert_ill", by=cast.expert_user, at=NOW)
    assert set(Move.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_proposal_is_taken_back_from_both(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    actions.propose_move(mine[0], *NEW, by=cast.orderer, at=NOW)
    actions.accept_move(move_of(cast.expert), by=cast.expert_user, at=NOW)
    actions.withdraw_move(move_of(cast.second_expert), by=cast.orderer, at=NOW)
    assert set(Move.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_a_series_is_moved_for_both(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    shift = Shift(weekday=3)
    make_agreed_session(at(2026, 10, 15, 11), unit=make_unit(), expert=cast.second_expert)
    found = preview_moves(both_covered(mine[0], Scope.AHEAD, at=NOW), shift, at=NOW, by_expert=False)
    assert (len(found.proposed), len(found.stay)) == (4, 2)  # the second week suits one of them only: it stays for both
    made = actions.move_series(mine[0], Scope.AHEAD, shift, seen=found.seal, by=cast.orderer, at=NOW)
    assert len(made) == 4
    assert OutboxMessage.objects.filter(kind="moves_proposed").count() == 2
    actions.accept_moves(move_of(cast.expert), expected=2, by=cast.expert_user, at=NOW)
    assert Session.objects.filter(outcome="moved").count() == 0
    actions.accept_moves(move_of(cast.second_expert), expected=2, by=cast.second_expert_user, at=NOW)
    assert Session.objects.filter(outcome="moved").count() == 4


# --- pages -----------------------------------------------------------------------------------------------------------


def test_story_cancelling_one_time_for_both(cast: Cast, clock: Clock) -> None:
    mine, _theirs = agreed(cast)
    clock(LATE)
    anna = Person(cast.orderer).open(f"/orders/sessions/{mine[0].pk}/")
    assert "Together with" in anna.sees
    anna.follow("Cancel the session")
    assert "For both in all €100.00." in anna.sees.replace("\u00a0", " ")
    anna.press("Cancel for both: 2 sessions, €100.00")
    assert states(cast.second_expert)[0] == ("closed", "cancelled_late")
    anna.press("Take this back for both experts")
    assert states(cast.expert) == states(cast.second_expert) == [("agreed", "")] * 3
    anna.open(f"/orders/sessions/{mine[0].pk}/mark/orderer_cancelled/?for=one").press("Cancel the session")
    assert (states(cast.expert)[0], states(cast.second_expert)[0]) == (("closed", "cancelled_late"), ("agreed", ""))


def test_story_cancelling_several_for_both(cast: Cast) -> None:
    mine, _theirs = agreed(cast)
    anna = Person(cast.orderer).open(f"/orders/sessions/{mine[0].pk}/series/cancel/?scope=ahead")
    anna.press("Cancel: 6 sessions, nothing is paid")
    assert states(cast.expert) == states(cast.second_expert) == [("closed", "cancelled_in_time")] * 3


def test_story_ordering_two_experts(cast: Cast) -> None:
    order = written(cast)
    actions.drop_second(order, by=cast.orderer, at=NOW)
    anna = Person(cast.orderer).open(f"/orders/{order.pk}/who/")
    anna.press("Continue", expert=str(cast.expert.pk))
    assert "Eva E. is the first." in anna.sees
    assert "A group has two leaders" in anna.sees
    anna.press("Continue")
    assert "Choose a second expert, or say that one is enough." in anna.sees
    anna.press("Continue", expert=str(cast.second_expert.pk))
    assert "Second expert:" in anna.sees
    anna.press("Continue", **{"second-travel_mode": "car", "second-travel_km": "20"})
    assert "Second expert" in anna.sees
    anna.press("Send the order")
    first, second = Order.objects.order_by("pk")
    assert (first.state, second.state, first.travel_km, second.travel_km) == (
        "to_confirm", "to_confirm", None, Decimal("20.0"),
    )  # fmt: skip
    nina = Person(cast.named).open(f"/orders/{second.pk}/")
    assert nina.address == f"/orders/{first.pk}/"
    assert "€333.00 is paid from cost centre" in nina.sees.replace("\u00a0", " ")
    nina.press("Confirm the order")
    assert Offer.objects.filter(state="waiting").count() == 2


def test_story_two_experts_answer_a_new_time(cast: Cast) -> None:
    mine, theirs = agreed(cast)
    anna = Person(cast.orderer).open(f"/orders/sessions/{mine[0].pk}/move/")
    anna.press("See what it means", day="8.10.2026", start="13", end="15")
    assert "agreed fees in all €100.00" in anna.sees.replace("\u00a0", " ")
    anna.press("Propose this time")
    eva = Person(cast.expert_user).open(f"/orders/sessions/{mine[0].pk}/").press("The new time suits")
    assert "It is moved when the other one has said yes too." in eva.sees
    other = Person(cast.second_expert_user).open(f"/orders/sessions/{theirs[0].pk}/")
    assert "The other one has said yes; it is moved when you say yes too." in other.sees
    assert cast.expert.last_name not in other.sees
    other.press("The new time suits")
    assert ("closed", "moved") in states(cast.expert)
    assert cast.expert.last_name not in other.sees


@pytest.mark.parametrize("who", ["expert_user", "second_expert_user"])
def test_an_expert_reads_who_the_other_one_is_and_no_more(cast: Cast, who: str) -> None:
    mine, theirs = agreed(cast)
    own, other = (mine, cast.second_expert) if who == "expert_user" else (theirs, cast.expert)
    sees = Person(getattr(cast, who)).open(f"/orders/sessions/{own[0].pk}/").sees
    assert f"Together with {other.short_name}" in sees
    assert other.last_name not in sees
    foreign = (theirs if own is mine else mine)[0]
    assert Person(getattr(cast, who)).client.get(f"/orders/sessions/{foreign.pk}/").status_code == 404
