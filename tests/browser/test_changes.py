"""Each change of plans in a browser, in Finnish and in Swedish, by the words people read; experts on a telephone."""

import pytest

from assignments.models import Move, Session
from tests.browser.hands import button
from tests.browser.stage import (
    AFTER,
    EARLY,
    LAST_MINUTE,
    LATE,
    NEXT,
    Stage,
    office_of_stories,
    outcome,
    stage,
)
from tests.factories import at

__all__ = ["office_of_stories", "stage"]  # fixtures


def test_cancelled_in_time(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, LAST_MINUTE)
    stage.link("cancel", stage.word("nothing"))
    stage.press("cancel", stage.word("nothing"))
    assert outcome(session) == ("cancelled_in_time", "0.00")


def test_cancelled_late_with_its_sum_shown(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, LATE)
    stage.link("cancel", "50,00")
    stage.says("50,00 €")
    stage.press("cancel", "50,00")
    assert outcome(session) == ("cancelled_late", "50.00")


def test_the_limit_passes_while_the_form_is_open(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, LAST_MINUTE)
    stage.link("cancel", stage.word("nothing"))
    stage.clock(LATE)
    stage.press("cancel", stage.word("nothing"))
    stage.says("other sum", "50,00 €")
    assert outcome(session) == ("agreed", "50.00")
    stage.press("cancel", "50,00")
    assert outcome(session) == ("cancelled_late", "50.00")


def _proposed(stage: Stage, *, by_expert: bool, moment: object = EARLY, or_cancel: bool = False) -> Session:
    session = stage.agreed()
    stage.looks(stage.expert if by_expert else stage.staff, session, moment)  # type: ignore[arg-type]
    stage.link("propose")
    stage.write(day="14.10.2026")
    if or_cancel:
        stage.tick("or cancel")
    stage.press("meaning")
    stage.says("50,00 €")
    stage.press("propose this")
    assert outcome(session) == ("agreed", "50.00")
    return session


def test_moved_by_the_orderer_and_accepted(stage: Stage) -> None:
    session = _proposed(stage, by_expert=False)
    stage.looks(stage.expert, session, LATE)
    stage.press("suits")
    assert outcome(session) == ("moved", "0.00")
    assert outcome(session.moved_to) == ("agreed", "50.00")
    assert session.moved_to.starts_at == NEXT


def test_a_late_move_declined_is_a_late_cancellation(stage: Stage) -> None:
    session = _proposed(stage, by_expert=False, moment=LATE, or_cancel=True)
    stage.looks(stage.expert, session, LATE)
    stage.press("no")
    assert outcome(session) == ("cancelled_late", "50.00")


def test_a_move_declined_leaves_it_as_it_was(stage: Stage) -> None:
    session = _proposed(stage, by_expert=False)
    stage.looks(stage.expert, session, LATE)
    stage.press("no")
    stage.says("stays")
    assert (outcome(session), Move.objects.get(session=session).state) == (("agreed", "50.00"), "declined")


def test_moved_by_the_expert_and_accepted(stage: Stage) -> None:
    session = _proposed(stage, by_expert=True)
    stage.looks(stage.staff, session, EARLY)
    stage.press("suits")
    assert (outcome(session), outcome(session.moved_to)) == (("moved", "0.00"), ("agreed", "50.00"))


def test_shortened_after_the_limit(stage: Stage) -> None:
    session = stage.agreed(ends_at=at(2026, 10, 7, 13), kind="group")
    agreed = str(session.fee)
    stage.looks(stage.staff, session, at(2026, 10, 7, 14))
    stage.card("shortened", "mark", agreed.replace(".", ","))
    stage.write(ended="12")
    stage.press("mark", agreed.replace(".", ","))
    assert outcome(session) == ("shortened_late", agreed)


def test_the_client_did_not_come_and_the_time_was_used(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, AFTER)
    stage.card("no-show", "mark", "50,00")
    stage.write(used_for="Perehdytys")
    stage.press("mark", "50,00")
    stage.says("Perehdytys")
    assert outcome(session) == ("no_show", "50.00")


@pytest.mark.parametrize("kind", ["group", "walk_in"])
def test_nobody_came(stage: Stage, kind: str) -> None:
    session = stage.agreed(kind=kind)
    fee = str(session.fee)
    stage.looks(stage.expert, session, AFTER)
    stage.card("nobody", "mark", fee.replace(".", ","))
    stage.press("mark", fee.replace(".", ","))
    assert outcome(session) == ("nobody_came", fee)


@pytest.mark.parametrize(("why", "became"), [("I am ill", "expert_ill"), ("I cannot come", "expert_cancelled")])
def test_the_expert_is_ill_or_prevented(stage: Stage, why: str, became: str) -> None:
    session = stage.agreed()
    stage.looks(stage.expert, session, LATE)
    stage.card(why, "mark", stage.word("nothing"))
    stage.press("mark", stage.word("nothing"))
    assert outcome(session) == (became, "0.00")


def test_a_group_ends(stage: Stage) -> None:
    session = stage.agreed(kind="group")
    later = stage.agreed(NEXT, kind="group", order=session.order)
    stage.looks(stage.staff, session, LATE)
    stage.link("end the group", stage.word("nothing"))
    stage.tick("compelling")
    stage.write(few_words="Tilat suljettu")
    stage.press("end the group", stage.word("nothing"))
    assert [outcome(one) for one in (session, later)] == [("group_ended", "0.00")] * 2


def test_cancelled_by_telephone_with_the_time_received(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.coordinator, session, LATE)
    stage.link("cancel", "50,00")
    stage.page.get_by_text(stage.word("by telephone")).click()
    stage.write(day="6.10.2026", time="14.30", who_told="Nina Nurse")
    stage.press("cancel", "50,00")
    stage.says("other sum")
    stage.press("cancel", stage.word("nothing"))
    stage.says("Nina Nurse", "14.30", "15.01")
    assert outcome(session) == ("cancelled_in_time", "0.00")


def test_a_wrong_mark_is_taken_back(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, AFTER)
    stage.card("no-show", "mark", "50,00")
    stage.press("mark", "50,00")
    stage.press("take back")
    stage.says("taken back")
    assert outcome(session) == ("agreed", "50.00")


def test_the_coordinator_decides_the_fee_with_a_reason(stage: Stage) -> None:
    session = stage.agreed()
    stage.looks(stage.staff, session, LATE)
    stage.link("cancel", "50,00")
    stage.press("cancel", "50,00")
    stage.looks(stage.coordinator, session, AFTER)
    stage.link("decide")
    stage.write(fee="20", why="Myrsky")
    stage.press("decide")
    stage.says("20,00 €", "Myrsky")
    assert outcome(session) == ("cancelled_late", "20.00")


@pytest.mark.parametrize(("scope", "cancelled"), [("one", [1]), ("following", [1, 2]), ("all", [0, 1, 2])])
def test_several_of_a_series_are_cancelled(stage: Stage, scope: str, cancelled: list[int]) -> None:
    first = stage.agreed()
    days = [at(2026, 10, day, 10) for day in (14, 21)]
    series = [first, *(stage.agreed(day, order=first.order) for day in days)]
    stage.looks(stage.staff, series[1], LATE)
    stage.link("cancel several")
    stage.page.get_by_role("link", name=stage.word(scope), exact=False).filter(has_text=str(len(cancelled))).click()
    late = 0 in cancelled
    stage.says("50,00 €" if late else "0,00 €")
    stage.press("cancel them", str(len(cancelled)))
    became = [outcome(one) for one in series]
    in_time = ("cancelled_in_time", "0.00")
    expected = [("cancelled_late", "50.00"), in_time, in_time]
    assert became == [expected[n] if n in cancelled else ("agreed", "50.00") for n in range(3)]


def test_a_series_is_moved_with_one_answer(stage: Stage) -> None:
    first = stage.agreed()
    second = stage.agreed(NEXT, order=first.order)
    stage.looks(stage.staff, first, EARLY)
    stage.link("move several")
    stage.link("all")
    stage.write(begins="13", ends="14")
    stage.press("meaning")
    stage.press("propose two")
    stage.looks(stage.expert, first, EARLY)
    stage.link("all new times")
    stage.press("both suit")
    assert [outcome(one) for one in (first, second)] == [("moved", "0.00")] * 2
    new = Session.objects.filter(moved_from__in=[first, second]).order_by("starts_at")
    assert [one.starts_at for one in new] == [at(2026, 10, 7, 13), at(2026, 10, 14, 13)]


@pytest.mark.parametrize(("scope", "moved"), [("one", [1]), ("following", [1, 2]), ("all", [0, 1, 2])])
def test_so_many_of_a_series_are_moved(stage: Stage, scope: str, moved: list[int]) -> None:
    """How many is said before it is proposed; the others stay as they are."""
    first = stage.agreed()
    days = [at(2026, 10, day, 10) for day in (14, 21)]
    series = [first, *(stage.agreed(day, order=first.order) for day in days)]
    stage.looks(stage.staff, series[1], EARLY)
    stage.link("move several")
    stage.page.get_by_role("link", name=stage.word(scope), exact=False).filter(has_text=str(len(moved))).click()
    stage.write(begins="13", ends="14")
    stage.press("meaning")
    stage.says("50,00 €")
    button(stage.page, stage.word("propose several", str(len(moved)))).click()
    proposed = Move.objects.filter(session__in=series, state="waiting").values_list("session", flat=True)
    assert sorted(proposed) == sorted(series[n].pk for n in moved)


def test_the_place_of_all_that_are_ahead_is_changed(stage: Stage) -> None:
    first = stage.agreed()
    second = stage.agreed(NEXT, order=first.order)
    stage.looks(stage.staff, first, EARLY)
    stage.link("change the place")
    stage.link("all")
    stage.write(place="Kirjasto")
    stage.press("of two")
    for one in (first, second):
        one.refresh_from_db()
    assert {one.place for one in (first, second)} == {"Kirjasto"}
