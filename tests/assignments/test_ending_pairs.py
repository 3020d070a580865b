"""A contract ends under one of two experts of a group: "look for another" keeps the pair together (R7, R26)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assignments import actions
from assignments.actions.missing import preview_both
from assignments.ending import end_with_sessions, ending_of
from assignments.models import Offer, Order, Session
from assignments.pairs import one_is_missing, other_of
from experts.models import Contract, Expert
from office.models import LogEntry
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert, make_fee_table
from tests.stories.reader import Person

NOW = at(2026, 9, 14, 9)
TIMES = [(at(2026, 10, day, 10), at(2026, 10, day, 12)) for day in (7, 14, 21)]
PLAN = {"first_day": date(2026, 10, 1), "last_day": date(2026, 12, 18), "end_reasons": "Too few come"}


@pytest.fixture(autouse=True)
def office(clock: Clock, db: None) -> None:
    clock(NOW)
    make_fee_table()


def answer(expert: Expert) -> None:
    offer = Offer.objects.select_related("order__unit", "order__orderer", "expert__user").get(
        expert=expert, state="waiting"
    )
    assert expert.user is not None
    actions.accept(offer, by=expert.user, at=NOW)


def pair(cast: Cast, *, agreed: bool = True) -> Order:
    """The first one's order: Eva with the second expert, both agreed; else the second one has not answered."""
    order = actions.save_draft(
        None, by=cast.named, at=NOW, unit=cast.unit, kind="group", task="Evening group", place="Room 2", times=TIMES,
        expert=cast.expert, plan=PLAN,
    )  # fmt: skip
    actions.set_second(order, cast.second_expert, by=cast.named, at=NOW)
    actions.submit(Order.objects.get(pk=order.pk), by=cast.named, at=NOW)
    answer(cast.expert)
    if agreed:
        answer(cast.second_expert)
    return Order.objects.get(pk=order.pk)


def ends(cast: Cast, expert: Expert, last_day: date) -> Order:
    """The contract ends, another is looked for at all the times after it; the new order."""
    contract = Contract.objects.get(expert=expert, state="in_force")
    found = ending_of(contract, last_day, at=NOW)
    fates = {left.session.pk: "look" for left in found.sessions}
    end_with_sessions(
        contract, last_day=last_day, fates=fates, seen=found.seen, end_reason="expert", by=cast.coordinator, at=NOW
    )
    return Order.objects.get(copied_from__expert=expert, state="looking")


def days(order: Order, *states: str) -> list[int]:
    return [one.starts_at.day for one in order.sessions.filter(state__in=states).order_by("starts_at")]


@pytest.mark.parametrize("who", ["expert", "second_expert"])
def test_all_times_are_after_the_end(cast: Cast, who: str) -> None:
    """The new order takes the place of the one who leaves; nothing of the other one changes."""
    leaves = getattr(cast, who)
    stays = cast.second_expert if who == "expert" else cast.expert
    pair(cast)
    new = ends(cast, leaves, date(2026, 10, 1))
    other = other_of(new)
    assert other is not None
    assert (other.expert, other.state, days(other, "agreed"), days(new, "planned")) == (
        stays, "agreed", [7, 14, 21], [7, 14, 21],
    )  # fmt: skip
    assert one_is_missing(new) == (new, other)
    assert (new.companion == other) is (who == "expert")
    old = Order.objects.get(expert=leaves, state="agreed")
    assert other_of(old) is None
    assert (new.plan.end_reasons, new.plan.first_day) == ("Too few come", date(2026, 10, 1))


@pytest.mark.parametrize("who", ["expert", "second_expert"])
def test_the_pair_goes_on_until_the_end_and_a_new_one_after_it(cast: Cast, who: str) -> None:
    leaves = getattr(cast, who)
    stays = cast.second_expert if who == "expert" else cast.expert
    first = pair(cast)
    new = ends(cast, leaves, date(2026, 10, 7))
    apart = other_of(new)
    assert apart is not None
    assert (apart.expert, apart.state, apart.task, days(apart, "agreed"), days(new, "planned")) == (
        stays, "agreed", "Evening group", [14, 21], [14, 21],
    )  # fmt: skip
    first.refresh_from_db()
    second = first.companion
    assert second is not None
    assert [days(one, "agreed") for one in (first, second)] == [[7], [7]]
    assert apart.plan.end_reasons == "Too few come"
    words = LogEntry.objects.of(apart).values_list("kind", flat=True)
    assert list(words) == ["order.apart"]


def test_another_one_is_asked_and_the_two_are_a_pair(cast: Cast) -> None:
    """Cancelling one time is for both again."""
    pair(cast)
    new = ends(cast, cast.expert, date(2026, 10, 7))
    greta = make_expert(first_name="Greta", last_name="Guide")
    actions.ask_another(new, greta, by=cast.named, at=NOW)
    answer(greta)
    session = Session.objects.select_related("order").get(expert=greta, starts_at=TIMES[1][0])
    actions.record_outcome(session, "orderer_cancelled", by=cast.named, at=NOW, both=True, expected_total=Decimal(0))
    states = Session.objects.filter(starts_at=TIMES[1][0]).values_list("expert__first_name", "outcome")
    assert sorted(states) == [
        ("Eva", "expert_cancelled"),
        ("Greta", "cancelled_in_time"),
        ("Otto", "cancelled_in_time"),
    ]


def test_cancelling_both_leaves_the_time_before_the_end(cast: Cast) -> None:
    """The evening that the old pair still holds is no part of what is decided about the new one."""
    pair(cast)
    new = ends(cast, cast.expert, date(2026, 10, 7))
    there = other_of(new)
    assert there is not None
    seen = preview_both(there, at=NOW)
    assert seen.count == 2
    actions.cancel_both(new, seen=seen.seal, by=cast.named, at=NOW)
    kept = Session.objects.filter(state="agreed").values_list("expert__first_name", "starts_at")
    assert sorted(kept) == [("Eva", TIMES[0][0]), ("Otto", TIMES[0][0])]


def test_the_other_one_has_not_answered_yet(cast: Cast) -> None:
    pair(cast, agreed=False)
    new = ends(cast, cast.expert, date(2026, 10, 1))
    other = other_of(new)
    assert other is not None
    assert (other.expert, other.state, one_is_missing(new)) == (cast.second_expert, "offered", (new, other))
    answer(cast.second_expert)
    assert days(Order.objects.get(pk=other.pk), "agreed") == [7, 14, 21]


def test_both_contracts_end(cast: Cast) -> None:
    """Then for both another one is looked for, still as a pair."""
    pair(cast)
    ends(cast, cast.expert, date(2026, 10, 7))
    ends(cast, cast.second_expert, date(2026, 10, 7))
    looking = Order.objects.filter(state="looking").order_by("pk")
    assert [days(one, "planned") for one in looking] == [[14, 21], [14, 21]]
    assert other_of(looking[0]) == looking[1]


def test_only_one_of_the_later_times_is_looked_for(cast: Cast) -> None:
    """The other expert's time of the day that is not looked for stays where it is."""
    first = pair(cast)
    contract = Contract.objects.get(expert=cast.expert, state="in_force")
    last_day = date(2026, 10, 7)
    found = ending_of(contract, last_day, at=NOW)
    fates = {left.session.pk: way for left, way in zip(found.sessions, ("office", "look"), strict=True)}
    end_with_sessions(
        contract, last_day=last_day, fates=fates, seen=found.seen, end_reason="expert", by=cast.coordinator, at=NOW
    )
    new = Order.objects.get(state="looking")
    other = other_of(new)
    first.refresh_from_db()
    assert other is not None
    assert first.companion is not None
    assert [days(one, "agreed", "planned") for one in (new, other, first.companion)] == [[21], [21], [7, 14]]


def test_the_unit_reads_what_to_decide(cast: Cast) -> None:
    pair(cast)
    new = ends(cast, cast.expert, date(2026, 10, 7))
    apart = other_of(new)
    assert apart is not None
    nora = Person(cast.named).open("/")
    assert "A second expert is lacking: Group leading" in nora.sees
    nora.open(f"/orders/{new.pk}/missing/")
    assert "Otto Other has accepted; the other expert does not come." in nora.sees
    nora.open(f"/orders/{apart.pk}/")
    assert "the times after the end of the other expert's contract are an order of their own" in nora.sees
    later = NOW + timedelta(days=1)
    assert Session.objects.filter(order=apart, agreed_at__lt=later).count() == 2
