"""The pages of asking: whom to ask, who can, what was asked has changed, what is over; foreign ids are not there."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assignments import actions
from assignments.models import Offer, Order, UnitHabits
from experts.models import Expert
from office.models import OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_order

pytestmark = pytest.mark.django_db

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def today(db: None, clock: Clock) -> None:
    make_fee_table()
    clock(NOW)


def drafted(cast: Cast, **fields: Any) -> Order:
    return make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED_10, WED_10 + HOUR)], **fields)


def asked(cast: Cast, asking: str, *experts: Expert) -> Order:
    order = drafted(cast, state="looking")
    return actions.ask_several(order, experts, asking=asking, by=cast.coordinator, at=NOW, answer_days=2)


def offer_to(expert: Expert) -> Offer:
    return Offer.objects.select_related("order__unit", "order__orderer", "expert__user").get(expert=expert)


def url(name: str, pk: int) -> str:
    return reverse(f"assignments:{name}", args=[pk])


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", page.content.decode()).replace("\N{NO-BREAK SPACE}", " ").replace("&#x27;", "'")
    return " ".join(text.split())


class TestSeveral:
    def test_in_the_order_that_was_written(self, cast: Cast, client_for: SignIn) -> None:
        order, page = drafted(cast), client_for(cast.orderer)
        typed = {
            "asking": "in_turn", "experts": [cast.expert.pk, cast.second_expert.pk], "answer_days": "2",
            f"turn_{cast.expert.pk}": "2", f"turn_{cast.second_expert.pk}": "1",
        }  # fmt: skip
        answer = page.post(url("order_several", order.pk), typed)
        assert answer.headers["Location"] == url("order_fee", order.pk)
        rows = Offer.objects.order_by("turn").values_list("expert", "turn", "state", "many")
        assert list(rows) == [(cast.second_expert.pk, 1, "queued", False), (cast.expert.pk, 2, "queued", False)]
        order.refresh_from_db()
        assert (order.asking, order.answer_days, order.expert) == ("in_turn", 2, cast.second_expert)
        assert OutboxMessage.objects.count() == 0
        assert "These experts are asked in turn: Otto O." in words(page.get(url("order_check", order.pk)))

    def test_sent_from_the_last_step(self, cast: Cast, client_for: SignIn) -> None:
        order, page = drafted(cast), client_for(cast.named)
        experts = [cast.expert.pk, cast.second_expert.pk]
        page.post(url("order_several", order.pk), {"asking": "who_can", "experts": experts, "answer_days": "3"})
        actions.submit(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
        seen = words(page.get(url("order", order.pk)))
        assert "Nobody has said yet that they can." in seen
        assert Offer.objects.filter(state="waiting", many=True).count() == 2

    @pytest.mark.parametrize(
        ("typed", "told"),
        [
            pytest.param({"asking": "who_can", "answer_days": "3"}, "Choose whom to ask.", id="nobody"),
            pytest.param({"one": True, "asking": "who_can", "answer_days": "3"}, "Choose at least two", id="one"),
            pytest.param({"two": True, "answer_days": "3"}, "This field is required", id="no way chosen"),
            pytest.param(
                {"two": True, "asking": "in_turn", "answer_days": "0"}, "greater than or equal to 1", id="days"
            ),
            pytest.param(
                {"two": True, "asking": "lottery", "answer_days": "3"}, "Select a valid choice", id="no such way"
            ),
            pytest.param({"busy": True, "asking": "who_can", "answer_days": "3"}, "Choose others.", id="somebody busy"),
        ],
    )
    def test_what_cannot_be_is_told_and_what_was_typed_stays(
        self, cast: Cast, client_for: SignIn, typed: dict[str, Any], told: str
    ) -> None:
        order = drafted(cast)
        two = [cast.expert.pk, cast.second_expert.pk]
        if typed.get("busy"):
            make_agreed_session(WED_10, expert=cast.expert)
        chosen = two if {"two", "busy"} & typed.keys() else two[:1] if "one" in typed else []
        page = client_for(cast.orderer).post(url("order_several", order.pk), typed | {"experts": chosen})
        assert (page.status_code, told in words(page)) == (200, True)
        assert Offer.objects.count() == 0
        if "two" in typed:
            assert page.content.decode().count("checked") >= 2

    def test_the_coordinator_asks_at_once(self, cast: Cast, client_for: SignIn) -> None:
        order = drafted(cast, state="looking")
        typed = {"asking": "who_can", "experts": [cast.expert.pk, cast.second_expert.pk], "answer_days": "1"}
        page = client_for(cast.coordinator).post(url("order_several", order.pk), typed, follow=True)
        assert "2 experts have been asked." in words(page)
        assert list(Offer.objects.values_list("state", "many")) == [("waiting", True)] * 2

    @pytest.mark.parametrize(
        ("who", "state"),
        [
            pytest.param("orderer", "looking", id="staff after it was confirmed"),
            pytest.param("orderer", "to_confirm", id="staff while it waits"),
            pytest.param("coordinator", "cancelled", id="cancelled"),
        ],
    )
    def test_not_now(self, cast: Cast, client_for: SignIn, who: str, state: str) -> None:
        order = drafted(cast, state=state)
        answer = client_for(getattr(cast, who)).get(url("order_several", order.pk))
        assert answer.headers["Location"] == url("order", order.pk)

    def test_going_back_to_one(self, cast: Cast, client_for: SignIn) -> None:
        order = drafted(cast)
        experts = [cast.expert, cast.second_expert]
        actions.choose_whom(order, by=cast.orderer, at=NOW, asking="who_can", experts=experts)
        client_for(cast.orderer).post(url("order_who", order.pk), {"expert": cast.expert.pk, "wish": ""})
        order.refresh_from_db()
        assert (order.asking, order.expert, Offer.objects.count()) == ("one", cast.expert, 0)


class TestWhoCan:
    def test_what_the_unit_sees_of_those_who_can(self, cast: Cast, client_for: SignIn) -> None:
        order = asked(cast, "who_can", cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        page = client_for(cast.orderer)
        assert "1 expert can take it: Eva E." in words(page.get(url("order", order.pk)))
        seen = words(page.get(url("order_who_can", order.pk)))
        assert "1 has not answered yet." in seen
        assert "Eva E." in seen
        assert "Eva Expert" not in seen
        assert cast.expert.email not in seen
        assert "Choose : Eva E." in seen

    def test_choosing(self, cast: Cast, client_for: SignIn) -> None:
        order = asked(cast, "who_can", cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        page = client_for(cast.orderer)
        assert page.get(url("offer_choose", offer_to(cast.expert).pk)).status_code == 405
        seen = words(page.post(url("offer_choose", offer_to(cast.expert).pk), follow=True))
        assert "Everybody who was asked has been told." in seen
        order.refresh_from_db()
        assert (order.state, order.expert) == ("agreed", cast.expert)
        again = words(page.post(url("offer_choose", offer_to(cast.expert).pk), follow=True))
        assert "This has changed meanwhile." in again

    def test_who_is_not_free_any_more_cannot_be_pressed(self, cast: Cast, client_for: SignIn) -> None:
        order = asked(cast, "who_can", cast.expert, cast.second_expert)
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        make_agreed_session(WED_10, expert=cast.expert)
        page = client_for(cast.orderer)
        seen = words(page.get(url("order_who_can", order.pk)))
        assert "Not free any more" in seen
        assert "Choose : Eva" not in seen
        told = words(page.post(url("offer_choose", offer_to(cast.expert).pk), follow=True))
        assert "has another session at that time" in told
        order.refresh_from_db()
        assert order.state == "offered"

    def test_the_experts_pages(self, cast: Cast, client_for: SignIn) -> None:
        asked(cast, "who_can", cast.expert, cast.second_expert)
        page, offer = client_for(cast.expert_user), offer_to(cast.expert)
        seen = words(page.get(url("offer", offer.pk)))
        assert "Several experts have been asked who can." in seen
        assert "I can" in seen
        seen = words(page.post(url("offer_accept", offer.pk), follow=True))
        assert "Thank you. You have said that you can." in seen
        mine = words(page.get(reverse("assignments:my_sessions")))
        assert "You have said that you can. The unit chooses." in mine
        assert "offer to answer" not in mine  # nothing is left to do
        actions.say_yes(offer_to(cast.second_expert), by=cast.second_expert_user, at=NOW)
        actions.choose(offer_to(cast.second_expert), by=cast.orderer, at=NOW)
        assert "Somebody else was chosen this time" in words(page.get(url("offer", offer.pk)))

    def test_the_first_page_asks_the_orderer_to_choose(self, cast: Cast, client_for: SignIn) -> None:
        asked(cast, "who_can", cast.expert, cast.second_expert)
        home = client_for(cast.orderer)
        assert "Somebody can take your order" not in words(home.get("/"))
        actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
        assert "Somebody can take your order: Individual work" in words(home.get("/"))

    @pytest.mark.parametrize("count", [1, 8])
    @pytest.mark.parametrize("name", ["order", "order_who_can", "order_several"])
    def test_ten_queries_however_many_can(
        self, cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any, name: str, count: int
    ) -> None:
        experts = [make_expert() for _n in range(count)]
        order = asked(cast, "who_can", *experts) if name != "order_several" else drafted(cast)
        for offer in Offer.objects.select_related("order__unit", "order__orderer", "expert__user"):
            assert offer.expert.user is not None
            actions.say_yes(offer, by=offer.expert.user, at=NOW)
        page = client_for(cast.orderer)
        with django_assert_max_num_queries(10):
            assert page.get(url(name, order.pk)).status_code == 200


class TestOver:
    def test_looking_at_a_page_ends_nothing(self, cast: Cast, client_for: SignIn, clock: Clock) -> None:
        """Without the clock's worker the pages tell that it is over; a GET never acts (decision 10)."""
        order = asked(cast, "in_turn", cast.expert, cast.second_expert)
        offer = offer_to(cast.expert)
        clock(offer.answer_by + timedelta(seconds=1))
        expert, unit = client_for(cast.expert_user), client_for(cast.orderer)
        seen = words(expert.get(url("offer", offer.pk)))
        assert "The time to answer is over." in seen
        assert "Accept" not in seen
        assert "The time to answer is over." in words(unit.get(url("order", order.pk)))
        assert "The time to answer is over." in words(expert.post(url("offer_accept", offer.pk), follow=True))
        offer.refresh_from_db()
        assert offer.state == "waiting"

    def test_the_old_link_tells_that_it_changed(self, cast: Cast) -> None:
        order = asked(cast, "in_turn", cast.expert, cast.second_expert)
        (path,) = OutboxMessage.objects.filter(kind="offer").values_list("secret", flat=True)
        actions.change_asked(order, by=cast.coordinator, at=NOW)
        assert "What you were asked has changed, so this question holds no more." in words(Client().get(path))
        answered = Client().post(path, {"answer": "yes"})
        assert "This has changed meanwhile." in words(answered)
        order.refresh_from_db()
        assert order.state == "to_confirm"


class TestChange:
    def test_asks_first_then_opens_it(self, cast: Cast, client_for: SignIn) -> None:
        order = asked(cast, "who_can", cast.expert, cast.second_expert)
        page = client_for(cast.named)
        assert "2 experts have been asked already" in words(page.get(url("order_change", order.pk)))
        order.refresh_from_db()
        assert order.state == "offered"
        answer = page.post(url("order_change", order.pk))
        assert answer.headers["Location"] == url("order_check", order.pk)
        seen = words(page.get(url("order", order.pk)))
        assert "These experts are asked who can: Eva E." in seen
        page.post(url("order_confirm", order.pk))
        assert Offer.objects.filter(state="waiting").count() == 2

    def test_staff_see_no_button(self, cast: Cast, client_for: SignIn) -> None:
        order = asked(cast, "who_can", cast.expert, cast.second_expert)
        assert (
            url("order_change", order.pk) not in client_for(cast.orderer).get(url("order", order.pk)).content.decode()
        )


class TestTrust:
    def test_the_named_employee_sets_it(self, cast: Cast, client_for: SignIn) -> None:
        page, path = client_for(cast.named), url("unit_habits", cast.unit.pk)
        page.post(path, {"trusts_staff": "on"})
        assert UnitHabits.objects.get(unit=cast.unit).trusts_staff is True
        assert "Nora Named: staff order without confirmation" in words(page.get(path))
        page.post(path, {})
        assert UnitHabits.objects.get(unit=cast.unit).trusts_staff is False

    def test_it_is_found_from_the_orders_and_from_the_unit(self, cast: Cast, client_for: SignIn) -> None:
        path = url("unit_habits", cast.unit.pk)
        assert path in client_for(cast.named).get("/orders/").content.decode()
        assert path not in client_for(cast.orderer).get("/orders/").content.decode()
        assert path not in client_for(cast.other_named).get("/orders/").content.decode()
        page = client_for(cast.coordinator).get(reverse("office:unit", args=[cast.unit.pk]))
        assert path in page.content.decode()
        assert "The named employee confirms what the staff order" in words(page)

    def test_other_units_and_roles(self, cast: Cast, client_for: SignIn) -> None:
        path = url("unit_habits", cast.unit.pk)
        answers = {who: client_for(getattr(cast, who)).post(path, {"trusts_staff": "on"}).status_code for who in (
            "other_named", "orderer", "expert_user", "finance"
        )}  # fmt: skip
        assert answers == {"other_named": 404, "orderer": 403, "expert_user": 403, "finance": 403}
        assert not UnitHabits.objects.filter(trusts_staff=True).exists()

    def test_the_last_step_says_so(self, cast: Cast, client_for: SignIn) -> None:
        actions.set_trust(cast.unit, trusts=True, by=cast.named, at=NOW)
        order = drafted(cast, expert=cast.expert)
        seen = words(client_for(cast.orderer).get(url("order_check", order.pk)))
        assert "Your unit trusts its staff to order" in seen


@pytest.mark.parametrize("who", ["stranger", "other_named"])
@pytest.mark.parametrize("name", ["order_several", "order_change", "order_withdraw", "offer_choose"])
def test_another_unit_finds_nothing(cast: Cast, client_for: SignIn, who: str, name: str) -> None:
    order = asked(cast, "who_can", cast.expert, cast.second_expert)
    actions.say_yes(offer_to(cast.expert), by=cast.expert_user, at=NOW)
    pk = offer_to(cast.expert).pk if name == "offer_choose" else order.pk
    answer = client_for(getattr(cast, who)).post(url(name, pk))
    assert answer.status_code in ({404, 403} if name == "order_change" else {404})
    order.refresh_from_db()
    assert order.state == "offered"


def test_tickets_on_the_step_of_travel(cast: Cast, client_for: SignIn) -> None:
    order, page = drafted(cast, expert=cast.expert), client_for(cast.orderer)
    path = url("order_fee", order.pk)
    wrong = page.post(path, {"travel_mode": "ticket", "travel_km": "", "travel_cap": ""})
    assert "Write what tickets may cost at most." in words(wrong)
    page.post(path, {"travel_mode": "ticket", "travel_km": "12", "travel_cap": "24,50"})
    order.refresh_from_db()
    assert (order.travel_mode, order.travel_km, str(order.travel_cap)) == ("ticket", None, "24.50")
    actions.submit(order, by=cast.named, at=NOW)
    seen = words(client_for(cast.expert_user).get(url("offer", offer_to(cast.expert).pk)))
    assert "tickets against receipts, at most €24.50 each time" in seen
    session = actions.accept(offer_to(cast.expert), by=cast.expert_user, at=NOW).sessions.get()
    assert (str(session.travel_cap), session.travel_km, str(session.travel_fee)) == ("24.50", None, "0.00")
    actions.record_outcome(session, "held", by=cast.expert_user, at=WED_10 + HOUR, receipts=Decimal("25.50"))
    session.refresh_from_db()
    assert (str(session.travel_fee), str(session.receipts)) == ("24.50", "25.50")
