"""Absences and breaks: kept by the expert, asked by the search and by saving alike (R9, R10 of the lessons)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from assignments import actions as work
from assignments.find import Wanted, find
from experts import actions
from experts.models import Absence, Expert
from office.errors import Conflict, Refused
from office.models import LogEntry, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order

SignIn = Callable[[User], Client]
NOW = at(2026, 9, 15, 9)
TODAY = date(2026, 9, 15)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
SEVENTH = date(2026, 10, 7)


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def test_the_expert_adds_and_removes_days_away(cast: Cast, client_for: SignIn) -> None:
    client, where = client_for(cast.expert_user), reverse("experts:my_absences")
    client.post(where, {"first_day": "7.10.2026", "last_day": ""})
    client.post(where, {"first_day": "1.11.2026", "last_day": "5.11.2026"})
    client.post(where, {"first_day": "1.11.2026", "last_day": "5.11.2026"})  # a second click
    assert list(Absence.objects.values_list("expert", "first_day", "last_day")) == [
        (cast.expert.pk, SEVENTH, SEVENTH),
        (cast.expert.pk, date(2026, 11, 1), date(2026, 11, 5)),
    ]
    first = Absence.objects.earliest("first_day")
    remove = reverse("experts:absence_remove", args=[first.pk])
    assert client.post(remove)["Location"] == where
    assert client.post(remove).status_code == 404
    assert Absence.objects.count() == 1
    told = client_for(cast.coordinator).get(reverse("experts:expert", args=[cast.expert.pk])).context["history"]
    assert [line.text.replace("\xa0", " ") for line in told] == [
        "Eva Expert: not away Wed 7 Oct 2026 after all",
        "Eva Expert: away Sun 1 Nov 2026 – Thu 5 Nov 2026",
        "Eva Expert: away Wed 7 Oct 2026",
    ]


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"first_day": "", "last_day": ""}, "first_day", "This field is required."),
        ({"first_day": "7.10.2026", "last_day": "6.10.2026"}, "last_day", "The end is before the beginning."),
        ({"first_day": "31.2.2026", "last_day": ""}, "first_day", "There is no such day."),
        ({"first_day": "1.9.2026", "last_day": "2.9.2026"}, "__all__", "These days are past already."),
    ],
    ids=["nothing", "backwards", "no such day", "past"],
)
def test_bad_days_are_told_and_kept(
    cast: Cast, client_for: SignIn, typed: dict[str, str], field: str, said: str
) -> None:
    page = client_for(cast.expert_user).post(reverse("experts:my_absences"), typed)
    assert page.context["form"].errors[field] == [said]
    assert {name: page.context["form"][name].value() for name in typed} == typed
    assert Absence.objects.count() == 0


def test_nobody_keeps_anothers_days(cast: Cast, client_for: SignIn) -> None:
    absence = actions.add_absence(cast.expert, SEVENTH, SEVENTH, by=cast.expert_user, at=NOW)
    other = client_for(cast.second_expert_user)
    assert other.post(reverse("experts:absence_remove", args=[absence.pk])).status_code == 404
    assert other.get(reverse("experts:absences", args=[cast.expert.pk])).status_code == 403
    assert client_for(cast.orderer).get(reverse("experts:my_absences")).status_code == 403
    for who in (cast.second_expert_user, cast.orderer):
        with pytest.raises(Refused):
            actions.add_absence(cast.expert, TODAY, TODAY, by=who, at=NOW)
        with pytest.raises(Refused):
            actions.remove_absence(absence, by=who, at=NOW)
    client_for(cast.coordinator).post(reverse("experts:absence_remove", args=[absence.pk]))
    assert Absence.objects.count() == 0


def test_offering_on_a_day_away_is_refused_like_the_search(cast: Cast) -> None:
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TEN])
    actions.add_absence(cast.expert, SEVENTH, SEVENTH, by=cast.expert_user, at=NOW)
    found = find(cast.coordinator, Wanted(times=(TEN,)), at=NOW)
    assert [expert.pk for expert in found] == [cast.second_expert.pk]
    with pytest.raises(Refused, match=r"Eva E\. is away then: Wed\W7\WOct\W2026"):
        work.make_offer(order, cast.expert, by=cast.coordinator, at=NOW)
    work.make_offer(order, cast.second_expert, by=cast.coordinator, at=NOW)


# Lesson R9.
def test_agreeing_on_a_day_away_is_warned_and_needs_a_word(cast: Cast, client_for: SignIn) -> None:
    """The absence comes after the offer: the page warns, an accept from an old page is not taken."""
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TEN])
    offer = make_offer(order, cast.expert, sent_at=at(2026, 9, 14, 9))
    client = client_for(cast.expert_user)
    page, accept = (reverse(f"assignments:{name}", args=[offer.pk]) for name in ("offer", "offer_accept"))
    assert "You have written that you are away then" not in client.get(page).content.decode()
    actions.add_absence(cast.expert, SEVENTH, SEVENTH, by=cast.expert_user, at=NOW)
    client.post(accept, headers={"referer": f"http://testserver{page}"})
    offer.refresh_from_db()
    assert offer.state == "waiting"
    shown = client.get(page).content.decode()
    assert "You have written that you are away then" in shown
    assert "Accept all the same" in shown
    client.post(accept, {"though_away": "1"})
    offer.refresh_from_db()
    assert offer.state == "accepted"


def test_the_unit_cannot_move_a_session_to_a_day_away_the_expert_can(cast: Cast) -> None:
    session = make_agreed_session(*TEN, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    actions.add_absence(cast.expert, date(2026, 10, 8), date(2026, 10, 9), by=cast.expert_user, at=NOW)
    new = (at(2026, 10, 9, 10), at(2026, 10, 9, 11))
    with pytest.raises(Refused, match="is away then"):
        work.preview_move(session, *new, at=NOW)
    with pytest.raises(Refused, match="is away then"):
        work.propose_move(session, *new, by=cast.orderer, at=NOW)
    move = work.propose_move(session, *new, by=cast.expert_user, at=NOW)
    assert work.accept_move(move, by=cast.orderer, at=NOW).starts_at == new[0]


# --- breaks ----------------------------------------------------------------------------------------------------------


def names(now: object = NOW) -> list[str]:
    coordinator = User.objects.get(first_name="Carla")
    return sorted(expert.first_name for expert in find(coordinator, Wanted(), at=now))  # type: ignore[arg-type]


# Lesson T15.
def test_a_break_ends_by_itself_on_its_day_and_again_by_resuming(cast: Cast) -> None:
    actions.pause(cast.expert, by=cast.coordinator, at=NOW, reason="own_wish", until=date(2026, 9, 20))
    eva = Expert.objects.get(pk=cast.expert.pk)
    assert (eva.state, eva.state_reason, eva.state_since, eva.pause_until) == (
        "paused", "own_wish", TODAY, date(2026, 9, 20),
    )  # fmt: skip
    assert names() == ["Otto"]
    assert names(at(2026, 9, 19, 23, 59)) == ["Otto"]
    assert names(at(2026, 9, 20, 0, 0)) == ["Eva", "Otto"]
    actions.resume(eva, by=cast.coordinator, at=NOW)
    eva.refresh_from_db()
    assert (eva.state, eva.state_reason, eva.state_since, eva.pause_until) == ("active", "", TODAY, None)
    assert names() == ["Eva", "Otto"]


def test_a_break_is_changed_and_the_same_again_is_nothing(cast: Cast) -> None:
    for until in (date(2026, 9, 20), date(2026, 9, 20), None):
        actions.pause(cast.expert, by=cast.coordinator, at=NOW, reason="own_wish", until=until)
    assert LogEntry.objects.filter(kind="expert.pause").count() == 2
    assert Expert.objects.get(pk=cast.expert.pk).pause_until is None


def test_a_new_break_after_one_that_ran_out_begins_today(cast: Cast) -> None:
    actions.pause(cast.expert, by=cast.coordinator, at=NOW, reason="own_wish", until=date(2026, 9, 20))
    later = NOW + timedelta(days=30)
    actions.pause(cast.expert, by=cast.coordinator, at=later, reason="moved", until=None)
    eva = Expert.objects.get(pk=cast.expert.pk)
    assert (eva.state_since, eva.state_reason) == (date(2026, 10, 15), "moved")


def test_orders_are_refused_during_the_break_and_taken_on_its_last_day(cast: Cast) -> None:
    make_fee_table()
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TEN])
    actions.pause(cast.expert, by=cast.coordinator, at=NOW, reason="own_wish", until=date(2026, 9, 20))
    with pytest.raises(Refused, match="does not take orders now"):
        work.make_offer(order, cast.expert, by=cast.coordinator, at=at(2026, 9, 19, 12))
    work.make_offer(order, cast.expert, by=cast.coordinator, at=at(2026, 9, 20, 12))


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"reason": "", "until": ""}, "reason"),
        ({"reason": "illness", "until": ""}, "reason"),
        ({"reason": "own_wish", "until": "15.9.2026"}, "__all__"),
        ({"reason": "own_wish", "until": "31.9.2026"}, "until"),
    ],
    ids=["no reason", "a reason about health", "back today", "no such day"],
)
def test_a_break_needs_a_known_reason_and_a_day_ahead(
    cast: Cast, client_for: SignIn, typed: dict[str, str], field: str
) -> None:
    page = client_for(cast.coordinator).post(reverse("experts:expert_pause", args=[cast.expert.pk]), typed)
    assert list(page.context["form"].errors) == [field]
    assert page.context["form"]["until"].value() == typed["until"]
    assert Expert.objects.get(pk=cast.expert.pk).state == "active"


def test_state_reason_and_days_are_told_in_words(cast: Cast, client_for: SignIn) -> None:
    client = client_for(cast.coordinator)
    client.post(reverse("experts:expert_pause", args=[cast.expert.pk]), {"reason": "own_wish", "until": "20.9.2026"})
    page = client.get(reverse("experts:expert", args=[cast.expert.pk]))
    assert "own wish · since Tue 15 Sep 2026 · back on Sun 20 Sep 2026" in page.content.decode().replace("\xa0", " ")
    told = page.context["history"][0].text.replace("\xa0", " ")
    assert told == "Carla Coordinator: on a break (own wish), back on Sun 20 Sep 2026"


def test_only_the_coordinator_pauses_and_ends(cast: Cast, client_for: SignIn) -> None:
    for to in ("pause", "end"):
        where = reverse(f"experts:expert_{to}", args=[cast.expert.pk])
        assert client_for(cast.expert_user).get(where).status_code == 403
        with pytest.raises(Refused):
            getattr(actions, to)(cast.second_expert, by=cast.expert_user, at=NOW)
    with pytest.raises(Conflict):
        actions.resume(cast.expert, by=cast.coordinator, at=NOW)


def test_what_is_agreed_on_the_days_is_shown_beside_them(cast: Cast, client_for: SignIn) -> None:
    session = make_agreed_session(*TEN, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    client, where = client_for(cast.expert_user), reverse("experts:my_absences")
    assert "Agreed on these days" not in client.get(where).content.decode()
    page = client.post(where, {"first_day": "5.10.2026", "last_day": "9.10.2026"}, follow=True).content.decode()
    assert "Agreed on these days" in page
    assert reverse("assignments:session", args=[session.pk]) in page
    session.refresh_from_db()
    assert session.state == "agreed"
