"""Ending a contract early: what stands after the last day, and each choice with its money and its messages (R26)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments.ending import Fate, end_with_sessions, ending_of
from assignments.models import Offer, Order, Session
from experts.models import Contract
from office.choices import Role
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_offer,
    make_order,
    make_user,
)
from tests.factories.contracts import make_signed

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
LAST = date(2026, 10, 31)


@pytest.fixture
def contract(cast: Cast) -> Contract:
    return cast.expert.contracts.get()


def session(cast: Cast, *when: int, **more: Any) -> Session:
    fields: dict[str, Any] = {
        "expert": cast.expert,
        "unit": cast.unit,
        "orderer": cast.orderer,
        "agreed_at": at(2026, 9, 1, 9),
    }
    return make_agreed_session(at(*when), **fields | more)


def end(contract: Contract, fates: dict[int, str], by: User, *, last_day: date = LAST, seen: str = "") -> None:
    shown = seen or ending_of(contract, last_day, at=NOW).seen
    end_with_sessions(contract, last_day=last_day, fates=fates, seen=shown, end_reason="expert", by=by, at=NOW)


def told() -> list[tuple[str, str]]:
    return [
        (m.kind, m.recipient.first_name if m.recipient else "")
        for m in OutboxMessage.objects.select_related("recipient").order_by("pk")
    ]


def test_each_session_goes_the_way_that_was_chosen(cast: Cast, contract: Contract) -> None:
    kept = session(cast, 2026, 10, 31, 10)
    first, second, third = (session(cast, 2026, 11, day, 10) for day in (3, 4, 5))
    found = ending_of(contract, LAST, at=NOW)
    assert [left.session for left in found.sessions] == [first, second, third]
    assert {way.fate: (way.total, way.words) for way in found.sessions[0].ways} == {
        Fate.LOOK: (Decimal(0), "Nothing is paid."),
        Fate.EXPERT: (Decimal(0), "Nothing is paid."),
        Fate.OFFICE: (Decimal(0), "Nothing is paid."),
    }
    end(contract, {first.pk: "expert", second.pk: "office", third.pk: "look"}, cast.coordinator)
    assert list(Session.objects.filter(expert=cast.expert).values_list("state", "outcome", "fee")) == [
        ("agreed", "", kept.fee),
        ("closed", "expert_cancelled", Decimal("0.00")),
        ("closed", "cancelled_in_time", Decimal("0.00")),
        ("closed", "expert_cancelled", Decimal("0.00")),
    ]
    new = Order.objects.get(copied_from=third.order)
    assert (new.state, new.expert, new.unit, new.kind, new.task) == (
        "looking", None, cast.unit, third.kind, third.order.task,
    )  # fmt: skip
    assert [(s.starts_at, s.state, s.expert) for s in new.sessions.all()] == [(third.starts_at, "planned", None)]
    contract.refresh_from_db()
    assert (contract.state, contract.valid_to, contract.end_reason) == ("ended", LAST, "expert")
    kinds = [kind for kind, _who in told()]
    assert (kinds.count("session_cancelled"), kinds.count("order_looking"), kinds.count("contract_ended")) == (9, 1, 1)


def test_the_county_pays_what_it_cancels_late(cast: Cast, contract: Contract) -> None:
    tomorrow = session(cast, 2026, 10, 5, 14)
    found = ending_of(contract, date(2026, 10, 4), at=NOW)
    ways = {way.fate: way.total for way in found.sessions[0].ways}
    assert ways == {Fate.LOOK: Decimal(0), Fate.EXPERT: Decimal(0), Fate.OFFICE: tomorrow.agreed_fee}
    end(contract, {tomorrow.pk: "office"}, cast.coordinator, last_day=date(2026, 10, 4))
    tomorrow.refresh_from_db()
    assert (tomorrow.outcome, tomorrow.fee) == ("cancelled_late", tomorrow.agreed_fee)


def test_open_offers_are_taken_back(cast: Cast, contract: Contract) -> None:
    times = [(at(2026, 11, 9, 10), at(2026, 11, 9, 11))]
    after = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=times), cast.expert, sent_at=NOW)
    times = [(at(2026, 10, 20, 10), at(2026, 10, 20, 11))]
    before = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=times), cast.expert, sent_at=NOW)
    assert ending_of(contract, LAST, at=NOW).offers == (after,)
    end(contract, {}, cast.coordinator)
    states = dict(Offer.objects.values_list("pk", "state"))
    assert (states[after.pk], states[before.pk]) == ("withdrawn", "waiting")
    assert Order.objects.get(pk=after.order_id).state == "looking"
    assert ("offer_withdrawn", "Eva") in told()


def test_a_session_agreed_meanwhile_is_asked_about(cast: Cast, contract: Contract) -> None:
    seen = ending_of(contract, LAST, at=NOW).seen
    session(cast, 2026, 11, 3, 10)
    with pytest.raises(Conflict, match="has changed since you opened the page"):
        end(contract, {}, cast.coordinator, seen=seen)
    with pytest.raises(Refused, match="Say of each session"):
        end(contract, {}, cast.coordinator)
    with pytest.raises(Refused, match="Say of each session"):
        end(contract, {Session.objects.get().pk: "forget"}, cast.coordinator)
    contract.refresh_from_db()
    assert (contract.state, Session.objects.get().state, told()) == ("in_force", "agreed", [])


def test_what_becomes_late_while_the_page_is_open_is_asked_about(cast: Cast, contract: Contract) -> None:
    """T1: the limit passes between looking and pressing."""
    late = session(cast, 2026, 10, 6, 10)  # free until Monday 5.10. at 15:00
    seen = ending_of(contract, date(2026, 10, 5), at=at(2026, 10, 5, 14, 59)).seen
    with pytest.raises(Conflict):
        end_with_sessions(
            contract, last_day=date(2026, 10, 5), fates={late.pk: "office"}, seen=seen, by=cast.coordinator,
            at=at(2026, 10, 5, 15, 1),
        )  # fmt: skip
    late.refresh_from_db()
    assert late.state == "agreed"


def test_work_that_was_done_stays_inside_the_contract(cast: Cast, contract: Contract) -> None:
    make_closed_session(at(2026, 9, 30, 10), expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    found = ending_of(contract, date(2026, 9, 29), at=NOW)
    said = found.hindrance.replace("\xa0", " ")
    assert said == "Work was done on Wed 30 Sep 2026. The last day cannot be before that."
    with pytest.raises(Refused, match="Work was done"):
        end(contract, {}, cast.coordinator, last_day=date(2026, 9, 29))
    end(contract, {}, cast.coordinator, last_day=date(2026, 9, 30))


def test_a_session_that_has_begun_is_marked_first(cast: Cast, contract: Contract) -> None:
    session(cast, 2026, 10, 5, 8)
    assert "Mark first what happened" in ending_of(contract, date(2026, 10, 4), at=NOW).hindrance


def test_what_another_contract_covers_stays(cast: Cast) -> None:
    expert = make_expert(contract=False)
    first = make_contract(expert, valid_to=date(2026, 12, 31))
    make_contract(expert, valid_from=date(2027, 1, 1), valid_to=None)
    inside, later = (
        make_agreed_session(at(*when), expert=expert, unit=cast.unit, orderer=cast.orderer)
        for when in ((2026, 12, 30, 10), (2027, 1, 2, 10))
    )
    assert [left.session for left in ending_of(first, LAST, at=NOW).sessions] == [inside]
    end(first, {inside.pk: "expert"}, cast.coordinator)
    later.refresh_from_db()
    assert later.state == "agreed"


def test_only_a_coordinator_and_never_the_own(cast: Cast, contract: Contract) -> None:
    for by in (cast.expert_user, cast.named, cast.finance):
        with pytest.raises(Refused, match="You may not do this"):
            end(contract, {}, by)
    both = make_user(roles=[Role.COORDINATOR, Role.EXPERT])
    own = make_expert(user=both).contracts.get()
    with pytest.raises(Refused, match="your own contract"):
        end(own, {}, both)
    assert LogEntry.objects.filter(kind="contract.end").count() == 0


def test_ending_twice_ends_once(cast: Cast, contract: Contract) -> None:
    seen = ending_of(contract, LAST, at=NOW).seen
    end(contract, {}, cast.coordinator, seen=seen)
    with pytest.raises(Conflict):
        end(contract, {}, cast.coordinator, seen=seen)
    assert LogEntry.objects.filter(kind="contract.end").count() == 1


# --- the page --------------------------------------------------------------------------------------------------------


@pytest.fixture
def coordinator(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> Client:
    clock(NOW)
    return client_for(cast.coordinator)


def test_the_page_asks_the_day_then_each_session(cast: Cast, contract: Contract, coordinator: Client) -> None:
    one, other = session(cast, 2026, 11, 3, 10), session(cast, 2026, 11, 4, 10)
    url = reverse("assignments:contract_ending", args=[contract.pk])
    assert coordinator.get(url).context["found"] is None
    assert coordinator.get(url, {"last_day": "1.1.2030", "end_reason": "expert"}).context["form"].errors["__all__"] == [
        "The contract ends before that already. To go on, make a new contract."
    ]
    asked = {"last_day": "31.10.2026", "end_reason": "expert", "notice_on": "", "reason": "Moves away"}
    page = coordinator.get(url, asked)
    assert "After it 2 sessions are agreed." in page.content.decode()
    said = asked | {"seen": page.context["found"].seen, f"session-{one.pk}": "look"}
    page = coordinator.post(url, said)
    assert page.context["fates"].errors == {f"session-{other.pk}": ["Say what happens to this session."]}
    assert page.context["fates"][f"session-{one.pk}"].value() == "look"
    session(cast, 2026, 11, 5, 10)
    page = coordinator.post(url, said | {f"session-{other.pk}": "expert"})
    assert "Say what happens to this session." in page.content.decode()
    assert Contract.objects.get(pk=contract.pk).state == "in_force"
    third = Session.objects.latest("pk")
    answers = {f"session-{s.pk}": "expert" for s in (one, other, third)}
    again = coordinator.post(url, said | answers)
    assert "has changed since you opened the page" in again.context["again"]
    answer = coordinator.post(url, said | answers | {"seen": again.context["found"].seen})
    assert answer["Location"] == reverse("experts:contract", args=[contract.pk])
    ended = Contract.objects.get(pk=contract.pk)
    assert (ended.state, ended.valid_to, ended.end_reason) == ("ended", LAST, "expert")


def test_a_short_notice_is_told(cast: Cast, coordinator: Client) -> None:
    signed = make_signed(cast.expert, cast.coordinator)
    url = reverse("assignments:contract_ending", args=[signed.pk])
    asked = {"last_day": "14.1.2028", "end_reason": "expert", "notice_on": "1.1.2028"}
    assert "The notice is shorter than the 14 days" in coordinator.get(url, asked).content.decode()
    asked["last_day"] = "15.1.2028"
    assert "The notice is shorter" not in coordinator.get(url, asked).content.decode()


def test_the_page_takes_the_same_queries_for_one_and_for_thirty(
    cast: Cast, contract: Contract, coordinator: Client
) -> None:
    url = reverse("assignments:contract_ending", args=[contract.pk])
    asked = {"last_day": "31.10.2026", "end_reason": "expert"}

    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert coordinator.get(url, asked).status_code == 200
        return len(caught)

    session(cast, 2026, 11, 1, 10)
    few = count()
    for day in range(2, 30):
        session(cast, 2026, 11, day, 10)
    assert (count(), few <= 10) == (few, True)


def test_others_do_not_get_the_page(cast: Cast, contract: Contract, client_for: Callable[[User], Client]) -> None:
    url = reverse("assignments:contract_ending", args=[contract.pk])
    for person in (cast.expert_user, cast.named, cast.orderer, cast.finance):
        assert client_for(person).get(url).status_code == 403
