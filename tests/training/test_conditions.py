"""A training as a condition of a kind of work and of a fee: at the limits, on every way to an agreement."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from assignments import actions
from assignments.actions.common import check_orderable
from assignments.find import Wanted, find, ranked
from assignments.models import Order, Session
from assignments.preview import Fees, read_times
from experts.models import Expert
from feetables.models import FeeTable
from office.errors import Refused
from office.kinds import TaskType
from tests.conftest import Cast
from tests.factories import at, example_items, make_fee_table, make_offer, make_order
from tests.factories.training import complete, make_course, make_external, make_place, make_training
from training.models import Participant, Training

NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
DAY = date(2026, 10, 7)
GROUP = str(TaskType.GROUP)
LIMITS = pytest.mark.parametrize(
    ("on", "enough"),
    [(DAY - timedelta(days=1), True), (DAY, True), (DAY + timedelta(days=1), False)],
    ids=["the day before", "the day of the work", "a day late"],
)


@pytest.fixture
def group(cast: Cast) -> Training:
    """Group leading requires it."""
    make_fee_table()
    return make_training("group-leader", kinds=[GROUP])


def said(error: Refused) -> str:
    return str(error.message).replace("\u00a0", " ")


def order_of(cast: Cast, expert: Expert | None = None, kind: str = GROUP, **fields: Any) -> Order:
    return make_order(unit=cast.unit, orderer=cast.orderer, expert=expert, kind=kind, times=[TEN], **fields)


def found(cast: Cast, kind: str = GROUP) -> set[str]:
    return {one.first_name for one in find(cast.orderer, Wanted(kind=kind, times=(TEN,)), at=NOW)}


# --- kinds of work ---------------------------------------------------------------------------------------------------


# Lesson R10.
@LIMITS
def test_search_order_and_acceptance_say_the_same(cast: Cast, group: Training, on: date, *, enough: bool) -> None:
    complete(cast.expert, group, on)
    assert found(cast) == ({"Eva"} if enough else set())
    draft = order_of(cast, cast.expert)
    offer = make_offer(order_of(cast, state="looking"), cast.expert, sent_at=NOW)
    if enough:
        assert actions.submit(draft, by=cast.orderer, at=NOW).state == "to_confirm"
        assert actions.accept(offer, by=cast.expert_user, at=NOW).state == "agreed"
        return
    words = (
        "This kind of work requires the training “Koulutus group-leader”."
        " Eva E. has not completed it by Wed 7 Oct 2026."
    )
    for act in (
        lambda: actions.submit(draft, by=cast.orderer, at=NOW),
        lambda: actions.accept(offer, by=cast.expert_user, at=NOW),
        lambda: actions.make_offer(order_of(cast, state="looking"), cast.expert, by=cast.coordinator, at=NOW),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert said(refused.value) == words
    assert not Session.objects.filter(state="agreed").exists()


def test_a_training_from_elsewhere_counts_only_as_what_it_is_noted_as(cast: Cast, group: Training) -> None:
    make_external(cast.expert, name=group.name_fi)
    assert found(cast) == set()
    make_external(cast.expert, training=group, completed_on=DAY)
    assert found(cast) == {"Eva"}


def test_being_on_a_course_or_leaving_it_is_not_completing_it(cast: Cast, group: Training) -> None:
    make_place(make_course(group), cast.expert)
    left = complete(cast.second_expert, group, date(2026, 9, 1))
    Participant.objects.filter(pk=left.pk).update(state=Participant.State.INTERRUPTED)
    assert found(cast) == set()


def test_every_training_that_is_required_is_needed(cast: Cast, group: Training) -> None:
    other = make_training("basic", kinds=[GROUP, str(TaskType.LECTURE)])
    complete(cast.expert, group, date(2026, 9, 1))
    assert found(cast) == set()
    complete(cast.expert, other, date(2026, 9, 1))
    assert found(cast) == {"Eva"}


def test_other_kinds_and_trainings_not_in_use_ask_for_nothing(cast: Cast, group: Training) -> None:
    assert found(cast, str(TaskType.INDIVIDUAL)) == {"Eva", "Otto"}
    Training.objects.update(is_active=False)
    assert found(cast) == {"Eva", "Otto"}


def test_a_series_asks_on_its_first_day(cast: Cast, group: Training) -> None:
    later = (TEN[0] + timedelta(days=7), TEN[1] + timedelta(days=7))
    complete(cast.expert, group, DAY + timedelta(days=1))
    order = make_order(unit=cast.unit, orderer=cast.orderer, expert=cast.expert, kind=GROUP, times=[TEN, later])
    with pytest.raises(Refused, match="by Wed\u00a07\u00a0Oct\u00a02026"):
        actions.submit(order, by=cast.orderer, at=NOW)
    assert not find(cast.orderer, Wanted(kind=GROUP, times=(later, TEN)), at=NOW).exists()
    assert find(cast.orderer, Wanted(kind=GROUP, times=(later,)), at=NOW).count() == 1


def test_only_the_coordinator_hears_whom_a_training_keeps_out(cast: Cast, group: Training) -> None:
    complete(cast.expert, group, date(2026, 9, 1))
    wanted = Wanted(kind=GROUP, times=(TEN,))
    assert [str(expert) for expert in ranked(cast.coordinator, wanted, at=NOW).kept_out] == ["Otto Other"]
    assert ranked(cast.orderer, wanted, at=NOW).kept_out == []
    assert ranked(cast.coordinator, Wanted(times=(TEN,)), at=NOW).kept_out == []


# --- fees ------------------------------------------------------------------------------------------------------------


def table_with_rates(*, untrained: bool = True) -> FeeTable:
    """25 €/h for everybody, 29 €/h for those with the training; one hour at 10 on 7 October."""
    items = [item for item in example_items() if untrained or item["code"] != "RYH"]
    group_item = next(item for item in example_items() if item["code"] == "RYH")
    items.append(group_item | {"code": "RYHK", "amount": Decimal("29.00"), "training": "group-leader"})
    return make_fee_table(items=items)


def agreed(cast: Cast, expert: Expert) -> Session:
    offer = make_offer(order_of(cast, state="looking"), expert, sent_at=NOW)
    user = cast.expert_user if expert == cast.expert else cast.second_expert_user
    return actions.accept(offer, by=user, at=NOW).sessions.get()


@LIMITS
def test_the_rate_is_that_of_the_day_of_the_work(cast: Cast, on: date, *, enough: bool) -> None:
    table_with_rates()
    complete(cast.expert, make_training("group-leader"), on)
    session = agreed(cast, cast.expert)
    assert session.fee_item is not None
    assert (session.fee_item.code, session.fee) == (("RYHK", Decimal("29.00")) if enough else ("RYH", Decimal("25.00")))
    assert session.terms is not None
    assert [terms["code"] for terms in session.terms] == [session.fee_item.code]


def test_trained_and_untrained_stand_side_by_side(cast: Cast) -> None:
    table_with_rates()
    complete(cast.expert, make_training("group-leader"), date(2026, 9, 1))
    assert agreed(cast, cast.expert).fee == Decimal("29.00")
    assert agreed(cast, cast.second_expert).fee == Decimal("25.00")


def test_what_is_agreed_keeps_its_price(cast: Cast) -> None:
    """Also after a move: the frozen terms go along (R4, R16)."""
    table_with_rates()
    session = agreed(cast, cast.expert)
    complete(cast.expert, make_training("group-leader"), date(2026, 9, 20))
    new = (at(2026, 10, 8, 10), at(2026, 10, 8, 12))
    move = actions.propose_move(session, *new, by=cast.orderer, at=NOW)
    moved = actions.accept_move(move, by=cast.expert_user, at=NOW)
    assert (moved.fee_item_id, moved.fee) == (session.fee_item_id, Decimal("50.00"))


def test_no_item_for_an_expert_is_refused_in_words(cast: Cast) -> None:
    table_with_rates(untrained=False)
    offer = make_offer(order_of(cast, state="looking"), cast.expert, sent_at=NOW)
    with pytest.raises(Refused) as refused:
        actions.accept(offer, by=cast.expert_user, at=NOW)
    assert said(refused.value) == (
        "On Wed 7 Oct 2026 this kind of work has a fee only with a training that the expert has not completed."
    )
    nobody_yet = order_of(cast)
    assert check_orderable(nobody_yet, NOW, None) == list(nobody_yet.sessions.all())


def test_two_items_for_an_expert_are_refused_in_words(cast: Cast) -> None:
    items = example_items()
    own = next(item for item in items if item["code"] == "RYH")
    rates = [own | {"code": f"RYH{n}", "training": code} for n, code in enumerate(("group-leader", "speaker"))]
    make_fee_table(items=[*items, *rates])
    for code in ("group-leader", "speaker"):
        complete(cast.expert, make_training(code), date(2026, 9, 1))
    offer = make_offer(order_of(cast, state="looking"), cast.expert, sent_at=NOW)
    with pytest.raises(Refused) as refused:
        actions.accept(offer, by=cast.expert_user, at=NOW)
    assert str(refused.value.message) == (
        "The fee table gives several fees for this work (RYH0, RYH1). Ask the coordinator."
    )
    assert not Session.objects.filter(state="agreed").exists()


def test_the_order_shows_both_rates_until_somebody_is_chosen(cast: Cast) -> None:
    table_with_rates()
    training = make_training("group-leader", name_fi="Ryhmänohjaaja")
    complete(cast.expert, training, date(2026, 9, 1))
    fees = Fees(order_of(cast), [TEN[0]])
    assert [words for _item, words in fees.words()] == [
        "€25.00 an hour, each started 15 min counts",
        "€29.00 an hour, each started 15 min counts, when the expert has the training “Ryhmänohjaaja”",
    ]
    chosen = Fees(order_of(cast, cast.expert), [TEN[0]])
    assert [words for _item, words in chosen.words()] == ["€29.00 an hour, each started 15 min counts"]
    assert [one.fee for one in chosen.sums(read_times([TEN], NOW))] == [Decimal("29.00")]


def test_without_a_condition_nobody_asks_about_trainings(cast: Cast, django_assert_num_queries: Any) -> None:
    make_fee_table()
    order = order_of(cast, cast.expert)
    fees = Fees(order, [TEN[0]])
    times = read_times([TEN], NOW)
    with django_assert_num_queries(0):
        fees.sums(times)
