"""Asking several in turn, and who can?: whose turn it is, who is told what, and that the clock acts to the second."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command

from assignments import actions
from assignments.actions.links import answer_by_link
from assignments.models import Offer, Order, Session, UnitHabits
from assignments.tasks import tick_offers
from experts.models import Contract, Expert
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_order

pytestmark = pytest.mark.django_db

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
IN_TURN, WHO_CAN = "in_turn", "who_can"


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


@pytest.fixture
def third() -> Expert:
    return make_expert(first_name="Tea", last_name="Third", email="tea@example.org")


def told(kind: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(kind=kind).values_list("recipient__email", flat=True))


def drafted(cast: Cast, **fields: Any) -> Order:
    return make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED_10, WED_10 + HOUR)], **fields)


def asked(cast: Cast, asking: str, *experts: Expert, days: int = 2) -> Order:
    """An order of staff that the named employee has confirmed: the experts are asked."""
    order = drafted(cast)
    actions.choose_whom(order, by=cast.orderer, at=NOW, asking=asking, experts=experts, answer_days=days)
    actions.submit(order, by=cast.orderer, at=NOW)
    return actions.confirm(order, by=cast.named, at=NOW)


def offer_to(expert: Expert) -> Offer:
    rows = Offer.objects.select_related("order__unit", "order__orderer", "expert__user")
    return rows.filter(expert=expert).latest("pk")


def states(order: Order) -> tuple[str, list[str]]:
    order.refresh_from_db()
    return order.state, list(order.offers.order_by("turn", "pk").values_list("state", flat=True))


class TestInTurn:
    def test_one_at_a_time_with_its_own_time_to_answer(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        assert states(order) == ("offered", ["waiting", "queued"])
        assert (order.expert, told("offer")) == (cast.expert, [cast.expert.email])
        assert offer_to(cast.expert).answer_by == at(2026, 9, 23, 16)
        later = at(2026, 9, 22, 12)
        actions.decline(offer_to(cast.expert), by=cast.expert_user, at=later)
        assert states(order) == ("offered", ["declined", "waiting"])
        second = offer_to(cast.second_expert)
        assert (order.expert, second.sent_at, second.answer_by) == (cast.second_expert, later, at(2026, 9, 24, 16))
        assert told("offer_declined") == sorted([cast.orderer.email, cast.named.email])
        words = OutboxMessage.objects.filter(kind="offer_declined").latest("pk").body
        assert "the next in turn, has been asked" in words
        assert "coordinator now looks" not in words

    def test_the_yes_ends_the_row_and_nobody_else_hears_of_it(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        assert states(order) == ("agreed", ["accepted", "not_chosen"])
        assert OutboxMessage.objects.filter(recipient=cast.second_expert_user).count() == 0
        assert Offer.objects.visible_to(cast.second_expert_user).count() == 0

    def test_who_waits_for_a_turn_does_not_see_it(self, cast: Cast) -> None:
        asked(cast, IN_TURN, cast.expert, cast.second_expert)
        assert Offer.objects.visible_to(cast.expert_user).count() == 1
        assert Offer.objects.visible_to(cast.second_expert_user).count() == 0

    def test_the_last_no_sends_the_order_to_the_coordinator(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.decline(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        actions.decline(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
        assert states(order) == ("looking", ["declined", "declined"])
        assert (order.expert, told("order_looking")) == (None, [cast.coordinator.email])

    def test_who_is_busy_when_the_turn_comes_is_passed_over(self, cast: Cast, third: Expert) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert, third)
        make_agreed_session(WED_10, expert=cast.second_expert)
        actions.decline(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        assert states(order) == ("offered", ["declined", "withdrawn", "waiting"])
        assert offer_to(cast.second_expert).ended_because == "not_free"
        assert told("offer") == sorted([cast.expert.email, third.email])
        assert told("offer_withdrawn") == []

    def test_taking_all_back_tells_only_who_was_asked(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.withdraw_asking(order, by=cast.orderer, at=NOW)
        assert states(order) == ("looking", ["withdrawn", "withdrawn"])
        assert told("offer_withdrawn") == [cast.expert.email]
        with pytest.raises(Conflict):
            actions.withdraw_asking(order, by=cast.orderer, at=NOW)

    def test_taking_one_back_asks_the_next(self, cast: Cast) -> None:
        """The contract of the one asked ends: the row goes on."""
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.withdraw_offer(offer_to(cast.expert), by=cast.coordinator, at=NOW)
        assert states(order) == ("offered", ["withdrawn", "waiting"])

    def test_taking_back_one_who_waits_for_a_turn_changes_nothing_else(self, cast: Cast, third: Expert) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert, third)
        actions.withdraw_offer(offer_to(cast.second_expert), by=cast.coordinator, at=NOW)
        assert states(order) == ("offered", ["waiting", "withdrawn", "queued"])
        assert told("offer_withdrawn") == []

    def test_cancelling_the_order_ends_the_row(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.cancel_order(order, by=cast.orderer, at=NOW)
        assert states(order) == ("cancelled", ["withdrawn", "withdrawn"])
        assert told("offer_withdrawn") == [cast.expert.email]

    def test_the_coordinator_asks_several_for_an_order_that_looks(self, cast: Cast) -> None:
        order = drafted(cast, state="looking")
        experts = [cast.second_expert, cast.expert]
        actions.ask_several(order, experts, asking=IN_TURN, by=cast.coordinator, at=NOW)
        assert states(order) == ("offered", ["waiting", "queued"])
        assert order.expert == cast.second_expert
        with pytest.raises(Conflict):
            actions.ask_several(order, experts, asking=WHO_CAN, by=cast.coordinator, at=NOW)


class TestTheClock:
    def test_the_moment_itself_still_counts(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        until = offer_to(cast.expert).answer_by
        assert actions.expire_due(at=until) == 0
        with pytest.raises(Refused, match="still time"):
            actions.expire(offer_to(cast.expert), at=until)
        actions.accept(offer_to(cast.expert), by=cast.expert_user, at=until)
        assert states(order) == ("agreed", ["accepted", "not_chosen"])

    def test_a_second_later_it_is_over(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        late = offer_to(cast.expert).answer_by + SECOND
        with pytest.raises(Refused, match="The time to answer is over"):
            actions.accept(offer_to(cast.expert), by=cast.expert_user, at=late)
        assert actions.expire_due(at=late) == 1
        assert states(order) == ("offered", ["expired", "waiting"])
        assert (order.expert, told("offer_expired")) == (cast.second_expert, [cast.expert.email])
        assert told("offer_unanswered") == sorted([cast.orderer.email, cast.named.email])
        with pytest.raises(Conflict):
            actions.accept(offer_to(cast.expert), by=cast.expert_user, at=late)

    def test_ticking_twice_tells_once(self, cast: Cast, clock: Clock) -> None:
        order = asked(cast, "in_turn", cast.expert, cast.second_expert)
        clock(offer_to(cast.expert).answer_by + SECOND)
        tick_offers()
        tick_offers()
        call_command("tick")
        assert states(order) == ("offered", ["expired", "waiting"])
        assert (told("offer_expired"), len(told("offer"))) == ([cast.expert.email], 2)

    def test_nobody_answers_and_the_coordinator_looks(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        for expert in (cast.expert, cast.second_expert):
            actions.expire_due(at=offer_to(expert).answer_by + SECOND)
        assert states(order) == ("looking", ["expired", "expired"])
        assert told("order_looking") == [cast.coordinator.email]

    def test_one_expert_alone_expires_too(self, cast: Cast) -> None:
        order = drafted(cast, expert=cast.expert)
        actions.submit(order, by=cast.named, at=NOW)
        actions.expire_due(at=offer_to(cast.expert).answer_by + SECOND)
        assert states(order) == ("looking", ["expired"])
        assert OutboxMessage.objects.filter(kind="offer_unanswered", body__contains="now looks for somebody").exists()

    def test_the_history_says_that_the_program_did_it(self, cast: Cast) -> None:
        asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.expire_due(at=offer_to(cast.expert).answer_by + SECOND)
        assert LogEntry.objects.get(kind="offer.expire").actor is None

    @pytest.mark.parametrize(
        ("before", "reminded"),
        [
            pytest.param(timedelta(hours=24, seconds=1), 0, id="more than a day"),
            pytest.param(timedelta(hours=24), 1, id="a day to the second"),
            pytest.param(SECOND, 1, id="in the last second"),
            pytest.param(timedelta(0), 0, id="when it is over"),
        ],
    )
    def test_a_reminder_a_day_before(self, cast: Cast, before: timedelta, reminded: int) -> None:
        asked(cast, IN_TURN, cast.expert, cast.second_expert)
        moment = offer_to(cast.expert).answer_by - before
        actions.remind_due(at=moment)
        actions.remind_due(at=moment)
        assert told("offer_reminder") == [cast.expert.email] * reminded

    def test_no_reminder_of_a_question_asked_on_its_last_day(self, cast: Cast) -> None:
        order = drafted(cast, expert=cast.expert)
        late = WED_10 - timedelta(hours=20)
        actions.submit(order, by=cast.named, at=late)
        assert actions.remind_due(at=late + HOUR) == 0


class TestWhoCan:
    def test_all_are_asked_at_once_and_the_order_names_nobody(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        assert states(order) == ("offered", ["waiting", "waiting"])
        assert (order.expert, told("offer")) == (None, sorted([cast.expert.email, cast.second_expert.email]))

    def test_i_can_agrees_nothing_yet(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        assert states(order) == ("offered", ["can", "waiting"])
        assert (Session.objects.get().state, order.expert) == ("planned", None)
        assert told("offer_can") == sorted([cast.orderer.email, cast.named.email])
        with pytest.raises(Conflict):
            actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)

    def test_nobody_takes_it_past_the_unit(self, cast: Cast) -> None:
        asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        with pytest.raises(Refused, match="the unit chooses"):
            actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)

    @pytest.mark.parametrize("who", ["orderer", "named", "deputy", "coordinator"])
    def test_who_is_chosen_is_agreed_at_once(self, cast: Cast, third: Expert, who: str) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert, third)
        for expert in (cast.expert, cast.second_expert):
            assert expert.user is not None
            actions.say_yes(offer_to(expert), by=expert.user, at=NOW)
        actions.choose(offer_to(cast.second_expert), by=getattr(cast, who), at=NOW + HOUR)
        assert states(order) == ("agreed", ["not_chosen", "accepted", "not_chosen"])
        session = Session.objects.get()
        assert (session.state, session.expert, order.expert) == ("agreed", cast.second_expert, cast.second_expert)
        assert (session.agreed_fee, session.fee_item and session.fee_item.code) == (session.fee, "YKS")
        assert told("offer_chosen") == [cast.second_expert.email]
        assert told("offer_not_chosen") == sorted([cast.expert.email, third.email])

    @pytest.mark.parametrize("who", ["stranger", "other_named", "expert_user", "second_expert_user", "finance"])
    def test_others_do_not_choose(self, cast: Cast, who: str) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        with pytest.raises(Refused, match="may not"):
            actions.choose(offer_to(cast.expert), by=getattr(cast, who), at=NOW)
        assert states(order) == ("offered", ["can", "waiting"])

    def test_who_has_not_said_yes_is_not_chosen(self, cast: Cast) -> None:
        asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        with pytest.raises(Conflict):
            actions.choose(offer_to(cast.expert), by=cast.orderer, at=NOW)

    def test_a_clash_is_told_and_another_is_chosen(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        actions.say_yes(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
        make_agreed_session(WED_10, expert=cast.expert)
        with pytest.raises(Refused, match=r"Eva E.* has another session at that time"):
            actions.choose(offer_to(cast.expert), by=cast.orderer, at=NOW)
        assert states(order) == ("offered", ["can", "can"])
        actions.choose(offer_to(cast.second_expert), by=cast.orderer, at=NOW)
        assert states(order) == ("agreed", ["not_chosen", "accepted"])

    def test_the_contract_must_still_hold_when_chosen(self, cast: Cast) -> None:
        asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        Contract.objects.filter(expert=cast.expert).update(valid_to=WED_10.date() - timedelta(days=1))
        with pytest.raises(Refused, match="no contract"):
            actions.choose(offer_to(cast.expert), by=cast.orderer, at=NOW)

    def test_a_no_of_many_does_not_disturb_the_unit_until_the_last(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.decline(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        assert (states(order)[0], told("offer_declined")) == ("offered", [])
        actions.decline(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
        assert states(order) == ("looking", ["declined", "declined"])
        assert told("offer_declined") == sorted([cast.orderer.email, cast.named.email])

    def test_when_time_is_over_those_who_can_are_still_chosen(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        late = offer_to(cast.second_expert).answer_by + SECOND
        actions.expire_due(at=late)
        assert states(order) == ("offered", ["can", "expired"])
        assert OutboxMessage.objects.filter(kind="offer_unanswered", body__contains="1 expert can take it").count() == 2
        actions.choose(offer_to(cast.expert), by=cast.orderer, at=late)
        assert states(order) == ("agreed", ["accepted", "expired"])

    def test_choosing_twice_is_one_agreement(self, cast: Cast) -> None:
        asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        offer = offer_to(cast.expert)
        actions.choose(offer, by=cast.orderer, at=NOW)
        with pytest.raises(Conflict):
            actions.choose(offer_to(cast.expert), by=cast.named, at=NOW)
        assert LogEntry.objects.filter(kind="session.agree").count() == 1

    def test_by_the_link_yes_is_i_can(self, cast: Cast) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        answer_by_link(offer_to(cast.expert), yes=True, at=NOW)
        assert states(order) == ("offered", ["can", "waiting"])


class TestWhom:
    @pytest.mark.parametrize(
        ("count", "days", "words"),
        [
            pytest.param(0, 3, "Choose whom to ask", id="nobody"),
            pytest.param(9, 3, "At most 8", id="too many"),
            pytest.param(2, 11, "from 1 to 10", id="too long to answer"),
        ],
    )
    def test_limits(self, cast: Cast, count: int, days: int, words: str) -> None:
        experts = [make_expert() for _n in range(count)]
        order = drafted(cast)
        with pytest.raises(Refused, match=words):
            actions.choose_whom(order, by=cast.orderer, at=NOW, asking=WHO_CAN, experts=experts, answer_days=days)
        assert states(order) == ("draft", [])

    def test_the_same_expert_twice_is_refused_by_the_database(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="asked already"):
            actions.choose_whom(
                drafted(cast), by=cast.orderer, at=NOW, asking=WHO_CAN, experts=[cast.expert, cast.expert]
            )

    def test_going_back_to_one_empties_the_row(self, cast: Cast) -> None:
        order = drafted(cast)
        actions.choose_whom(order, by=cast.orderer, at=NOW, asking=IN_TURN, experts=[cast.expert, cast.second_expert])
        actions.choose_whom(order, by=cast.orderer, at=NOW, asking="one")
        assert states(order) == ("draft", [])

    def test_nobody_of_another_unit_writes_it(self, cast: Cast) -> None:
        with pytest.raises(Refused, match="may not"):
            actions.choose_whom(drafted(cast), by=cast.stranger, at=NOW, asking=IN_TURN, experts=[cast.expert])

    def test_one_who_cannot_is_named_before_it_is_sent(self, cast: Cast) -> None:
        order = drafted(cast)
        actions.choose_whom(order, by=cast.orderer, at=NOW, asking=WHO_CAN, experts=[cast.expert, cast.second_expert])
        make_agreed_session(WED_10, expert=cast.second_expert)
        with pytest.raises(Refused, match=r"Otto O.* has another session"):
            actions.submit(order, by=cast.orderer, at=NOW)

    def test_sent_already(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        with pytest.raises(Conflict, match="sent already"):
            actions.choose_whom(order, by=cast.named, at=NOW, asking="one")


class TestChangedAfterwards:
    """What was asked has changed: a new acceptance is needed (R4)."""

    @pytest.mark.parametrize("asking", [IN_TURN, WHO_CAN])
    def test_the_questions_are_taken_back_and_asked_anew(self, cast: Cast, asking: str) -> None:
        order = asked(cast, asking, cast.expert, cast.second_expert)
        old = offer_to(cast.expert)
        actions.change_asked(order, by=cast.named, at=NOW + HOUR)
        assert states(order)[0] == "to_confirm"
        (words,) = OutboxMessage.objects.filter(kind="offer_withdrawn", recipient=cast.expert_user).values_list(
            "body", flat=True
        )
        assert "you get a new question" in words
        with pytest.raises(Conflict):
            actions.say_yes(old, by=cast.expert_user, at=NOW + HOUR)
        order = Order.objects.get(pk=order.pk)
        actions.confirm(order, by=cast.named, at=NOW + 2 * HOUR)
        new = offer_to(cast.expert)
        assert (new.state, new.pk != old.pk) == ("waiting", True)
        assert new.token_hash != old.token_hash

    def test_the_one_expert_is_asked_anew(self, cast: Cast) -> None:
        order = drafted(cast, expert=cast.expert)
        actions.submit(order, by=cast.named, at=NOW)
        actions.change_asked(order, by=cast.named, at=NOW + HOUR)
        old = offer_to(cast.expert)
        assert (old.state, old.ended_because) == ("withdrawn", "changed")
        actions.confirm(Order.objects.get(pk=order.pk), by=cast.named, at=NOW + 2 * HOUR)
        assert states(order) == ("offered", ["withdrawn", "waiting"])

    @pytest.mark.parametrize("who", ["orderer", "stranger", "other_named", "expert_user"])
    def test_only_who_confirms_opens_it(self, cast: Cast, who: str) -> None:
        order = asked(cast, WHO_CAN, cast.expert, cast.second_expert)
        with pytest.raises(Refused, match="may not"):
            actions.change_asked(order, by=getattr(cast, who), at=NOW)

    def test_an_agreed_order_is_not_opened(self, cast: Cast) -> None:
        order = asked(cast, IN_TURN, cast.expert, cast.second_expert)
        actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        with pytest.raises(Conflict):
            actions.change_asked(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)


class TestConfirming:
    def test_trusted_staff_order_at_once(self, cast: Cast) -> None:
        actions.set_trust(cast.unit, trusts=True, by=cast.named, at=NOW)
        order = actions.submit(drafted(cast, expert=cast.expert), by=cast.orderer, at=NOW)
        assert (order.state, order.confirmed_by, told("order_to_confirm")) == ("offered", cast.orderer, [])
        kinds = list(LogEntry.objects.of(order).values_list("kind", flat=True))
        assert kinds == ["order.submit", "order.trust_and_offer"]

    def test_trusted_staff_without_an_expert(self, cast: Cast) -> None:
        actions.set_trust(cast.unit, trusts=True, by=cast.coordinator, at=NOW)
        order = actions.submit(drafted(cast), by=cast.orderer, at=NOW)
        assert (order.state, told("order_looking")) == ("looking", [cast.coordinator.email])

    def test_trust_is_of_one_unit_and_can_be_taken_back(self, cast: Cast) -> None:
        actions.set_trust(cast.other_unit, trusts=True, by=cast.other_named, at=NOW)
        assert actions.submit(drafted(cast), by=cast.orderer, at=NOW).state == "to_confirm"
        actions.set_trust(cast.unit, trusts=True, by=cast.named, at=NOW)
        actions.set_trust(cast.unit, trusts=False, by=cast.named, at=NOW)
        actions.set_trust(cast.unit, trusts=False, by=cast.named, at=NOW)
        assert actions.submit(drafted(cast), by=cast.orderer, at=NOW).state == "to_confirm"
        kinds = LogEntry.objects.of(UnitHabits.objects.get(unit=cast.unit)).values_list("kind", flat=True)
        assert list(kinds) == ["unithabits.trust", "unithabits.confirm"]

    @pytest.mark.parametrize("who", ["orderer", "other_named", "stranger", "expert_user", "finance"])
    def test_nobody_else_trusts_for_the_unit(self, cast: Cast, who: str) -> None:
        with pytest.raises(Refused, match="may not"):
            actions.set_trust(cast.unit, trusts=True, by=getattr(cast, who), at=NOW)

    def test_the_orderer_is_told_what_was_changed(self, cast: Cast) -> None:
        order = actions.submit(drafted(cast, expert=cast.expert, place="Room 1"), by=cast.orderer, at=NOW)
        change(order, cast, NOW, place="Room 2")
        change(order, cast, NOW, place="Room 3", times=[(WED_10 + HOUR, WED_10 + 2 * HOUR)])
        actions.confirm(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
        assert told("order_changed") == [cast.orderer.email]
        body = OutboxMessage.objects.get(kind="order_changed").body.replace("\N{NO-BREAK SPACE}", " ")
        assert "place: “Room 1” → “Room 3”" in body
        assert "times: Wed 7 Oct 2026 at 10:00–11:00 → Wed 7 Oct 2026 at 11:00–12:00" in body

    def test_nothing_changed_nothing_told(self, cast: Cast) -> None:
        order = actions.submit(drafted(cast, expert=cast.expert, place="Room 1"), by=cast.orderer, at=NOW)
        change(order, cast, NOW, place="Room 2")
        change(order, cast, NOW, place="Room 1")
        actions.confirm(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
        assert told("order_changed") == []


def change(order: Order, cast: Cast, moment: datetime, **changes: Any) -> None:
    """The named employee writes something else into the order before confirming it."""
    names = ("unit", "kind", "task", "language", "place", "topic", "expert")
    order = Order.objects.get(pk=order.pk)
    values = {name: getattr(order, name) for name in names} | {"times": [(WED_10, WED_10 + HOUR)]}
    actions.save_draft(order, by=cast.named, at=moment, **(values | changes))
