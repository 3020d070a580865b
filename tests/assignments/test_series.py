"""Changing several sessions of an order at once: how many and what it costs is told first, and holds then."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments import actions
from assignments.actions.series import Scope, SeenOther, covered, preview_cancel
from assignments.actions.series_moves import Shift, preview_moves
from assignments.models import Move, Process, Session
from assignments.rules import Event
from office.errors import Conflict, Refused
from office.models import ClosingDay, LogEntry, OutboxMessage, User
from office.sms_consent import give
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)
FIRST = at(2026, 10, 7, 10)  # Wednesdays; the clock changes on 25.10.
LIMIT = at(2026, 10, 6, 15)
LATE = LIMIT + timedelta(seconds=1)
SignIn = Callable[[User], Client]


def weekly(cast: Cast, number: int, kind: str = "individual", first: datetime = FIRST) -> list[Session]:
    """A weekly series at the same time of day, agreed in September."""
    made: list[Session] = []
    for n in range(number):
        day = first.date() + n * WEEK
        hour = 10
        made.append(
            make_agreed_session(
                at(day.year, day.month, day.day, hour),
                kind=kind,
                unit=cast.unit,
                orderer=cast.orderer,
                expert=cast.expert,
                order=made[0].order if made else None,
                agreed_at=at(2026, 9, 1, 9),
            )
        )
    return made


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


def seal(sessions: list[Session], moment: datetime, event: Event = Event.ORDERER_CANCELLED) -> str:
    return preview_cancel(sessions, event, at=moment).seal


# --- which, and what it costs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "moment", "places"),
    [
        pytest.param(Scope.ONE, LIMIT, [1], id="this one"),
        pytest.param(Scope.FOLLOWING, LIMIT, [1, 2, 3], id="this and the following"),
        pytest.param(Scope.AHEAD, LIMIT, [0, 1, 2, 3], id="all ahead"),
        pytest.param(Scope.AHEAD, FIRST, [1, 2, 3], id="one has begun"),
    ],
)
def test_which_sessions_are_meant(cast: Cast, scope: Scope, moment: datetime, places: list[int]) -> None:
    made = weekly(cast, 4)
    other = make_agreed_session(FIRST + timedelta(hours=4), unit=cast.unit, expert=cast.second_expert)
    found = covered(made[1], scope, at=moment)
    assert [made.index(one) for one in found] == places
    assert other not in found


@pytest.mark.parametrize(
    ("moment", "words", "late", "total"),
    [
        pytest.param(LIMIT, "3 sessions, nothing is paid", 0, "0.00", id="on the limit of the first"),
        pytest.param(LATE, "3 sessions, 1 of them after the limit: €50.00 is paid", 1, "50.00", id="a second after it"),
    ],
)
def test_each_has_its_own_limit(cast: Cast, moment: datetime, words: str, late: int, total: str) -> None:
    """R13: the limit of the first one says nothing of the others."""
    found = preview_cancel(weekly(cast, 3), Event.ORDERER_CANCELLED, at=moment)
    assert (found.words, found.late, str(found.total)) == (words, late, total)


def test_cancelling_what_was_seen(cast: Cast) -> None:
    made = weekly(cast, 3)
    done = actions.cancel_series(made[0], Scope.AHEAD, seen=seal(made, LATE), by=cast.orderer, at=LATE)
    assert str(done.total) == "50.00"
    rows = list(Session.objects.order_by("starts_at").values_list("state", "outcome", "fee"))
    assert rows == [
        ("closed", "cancelled_late", Decimal("50.00")),
        ("closed", "cancelled_in_time", Decimal("0.00")),
        ("closed", "cancelled_in_time", Decimal("0.00")),
    ]
    mail = OutboxMessage.objects.get(kind="session_cancelled")
    assert mail.recipient == cast.expert_user
    assert "3 sessions" in mail.body


@pytest.mark.parametrize("what", ["limit", "one fewer", "one more"])
def test_something_else_meanwhile_is_asked_again(cast: Cast, what: str) -> None:
    """T1: another number or sum than the page showed changes nothing."""
    made = weekly(cast, 3)
    seen, moment = seal(made, LIMIT), LIMIT
    if what == "limit":
        moment = LATE
    elif what == "one fewer":
        actions.record_outcome(made[2], "orderer_cancelled", by=cast.named, at=LIMIT)
    else:
        make_agreed_session(at(2026, 10, 28, 10), order=made[0].order, agreed_at=at(2026, 9, 1, 9))
    before = list(Session.objects.order_by("pk").values_list("state", "fee"))
    with pytest.raises(SeenOther):
        actions.cancel_series(made[0], Scope.AHEAD, seen=seen, by=cast.orderer, at=moment)
    assert list(Session.objects.order_by("pk").values_list("state", "fee")) == before


def test_a_second_click_changes_nothing(cast: Cast) -> None:
    made = weekly(cast, 2)
    seen = seal(made, LIMIT)
    actions.cancel_series(made[0], Scope.AHEAD, seen=seen, by=cast.orderer, at=LIMIT)
    rows = LogEntry.objects.count()
    with pytest.raises(Conflict):
        actions.cancel_series(made[0], Scope.AHEAD, seen=seen, by=cast.orderer, at=LIMIT)
    assert LogEntry.objects.count() == rows


@pytest.mark.parametrize(
    ("who", "event", "may"),
    [
        ("orderer", Event.ORDERER_CANCELLED, True),
        ("coordinator", Event.EXPERT_CANCELLED, True),
        ("expert_user", Event.EXPERT_CANCELLED, True),
        ("expert_user", Event.EXPERT_ILL, True),
        ("expert_user", Event.ORDERER_CANCELLED, False),
        ("orderer", Event.EXPERT_CANCELLED, False),
        ("orderer", Event.HELD, False),
        ("stranger", Event.ORDERER_CANCELLED, False),
        ("second_expert_user", Event.EXPERT_ILL, False),
        ("finance", Event.ORDERER_CANCELLED, False),
    ],
)
def test_who_cancels_what(cast: Cast, who: str, event: Event, *, may: bool) -> None:
    made = weekly(cast, 2)
    person = getattr(cast, who)
    seen = "" if event is Event.HELD else seal(made, LIMIT, event)
    if not may:
        with pytest.raises(Refused):
            actions.cancel_series(made[0], Scope.AHEAD, event, seen=seen, by=person, at=LIMIT)
        assert set(Session.objects.values_list("state", flat=True)) == {"agreed"}
        return
    actions.cancel_series(made[0], Scope.AHEAD, event, seen=seen, by=person, at=LIMIT)
    assert set(Session.objects.values_list("state", "fee")) == {("closed", Decimal("0.00"))}


# --- moving several --------------------------------------------------------------------------------------------------

THURSDAY_AT_13 = Shift(weekday=3, start=time(13), end=time(14))


def propose(cast: Cast, made: list[Session], shift: Shift = THURSDAY_AT_13, *, cancel: bool = False) -> list[Move]:
    seen = preview_moves(made, shift, at=LIMIT, by_expert=False).seal
    return actions.move_series(
        made[0], Scope.AHEAD, shift, seen=seen, by=cast.orderer, at=LIMIT, cancel_if_declined=cancel
    )


def test_a_new_weekday_keeps_its_wall_clock_over_the_change_of_the_clock(cast: Cast) -> None:
    """T5: 13.00 in Helsinki before and after 25.10.2026."""
    moves = propose(cast, weekly(cast, 4))
    assert [one.starts_at for one in moves] == [at(2026, 10, day, 13) for day in (8, 15, 22, 29)]
    assert OutboxMessage.objects.filter(kind="moves_proposed").count() == 1
    assert Session.objects.filter(state="agreed").count() == 4


def test_yes_to_all(cast: Cast) -> None:
    """R16: the old times pay nothing, the new ones have their own limits; nothing is paid twice."""
    moves = propose(cast, weekly(cast, 3))
    new = actions.accept_moves(moves[1], expected=3, by=cast.expert_user, at=LIMIT)
    assert [one.free_until for one in new] == [at(2026, 10, day, 15) for day in (7, 14, 21)]
    old = Session.objects.filter(outcome="moved")
    assert set(old.values_list("fee", flat=True)) == {Decimal("0.00")}
    assert (old.count(), Session.objects.filter(state="agreed").count()) == (3, 3)
    assert OutboxMessage.objects.filter(kind="moves_answered", recipient=cast.orderer).count() == 1


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        pytest.param(FIRST - timedelta(hours=25), False, id="all more than a day away"),
        pytest.param(FIRST - timedelta(hours=24), True, id="one of the old times is within a day"),
    ],
)
def test_new_times_of_several_come_as_a_text_message_when_one_is_near(
    cast: Cast,
    moment: datetime,
    goes: bool,  # noqa: FBT001
    settings: Any,
) -> None:
    settings.SMS_GATEWAY = "office.sms.LogGateway"
    give(cast.orderer, "040 123 4567", at=LIMIT)
    moves = propose(cast, weekly(cast, 3))
    actions.accept_moves(moves[2], expected=3, by=cast.expert_user, at=moment)
    texts = OutboxMessage.objects.filter(kind="moves_answered", recipient=cast.orderer, channel="sms")
    assert [message.body.startswith("Experience experts: the session") for message in texts] == [True] * goes


def test_a_new_time_may_stand_where_another_one_was(cast: Cast) -> None:
    """An hour later on one day: the second old time is the first new one."""
    first = make_agreed_session(FIRST, unit=cast.unit, orderer=cast.orderer, expert=cast.expert)
    second = make_agreed_session(FIRST + timedelta(hours=1), order=first.order)
    moves = [
        actions.propose_move(first, FIRST + timedelta(hours=2), FIRST + timedelta(hours=3), by=cast.orderer, at=LIMIT)
    ]
    actions.withdraw_moves(moves[0], expected=1, by=cast.orderer, at=LIMIT)
    shift = Shift(start=time(11), end=time(12))
    seen = preview_moves([first], shift, at=LIMIT, by_expert=False)
    assert seen.stay[0].problem == "The expert has another session then."
    both = preview_moves([first, second], Shift(weekday=3), at=LIMIT, by_expert=False)
    made = actions.move_series(first, Scope.AHEAD, Shift(weekday=3), seen=both.seal, by=cast.orderer, at=LIMIT)
    new = actions.accept_moves(made[0], expected=2, by=cast.expert_user, at=LIMIT)
    assert [one.starts_at for one in new] == [at(2026, 10, 8, 10), at(2026, 10, 8, 11)]


@pytest.mark.parametrize(
    ("cancel", "outcomes"),
    [
        pytest.param(False, ["", ""], id="stay"),
        pytest.param(True, ["cancelled_in_time", "cancelled_in_time"], id="cancelled as of the proposal"),
    ],
)
def test_no_to_all(cast: Cast, *, cancel: bool, outcomes: list[str]) -> None:
    """M6: proposed in time, answered late: the moment of the proposal counts."""
    moves = propose(cast, weekly(cast, 2), cancel=cancel)
    actions.decline_moves(moves[0], expected=2, by=cast.expert_user, at=LATE)
    assert list(Session.objects.order_by("starts_at").values_list("outcome", flat=True)) == outcomes
    assert set(Session.objects.filter(state="closed").values_list("fee", flat=True)) <= {Decimal("0.00")}


def test_another_number_than_seen_is_not_answered(cast: Cast) -> None:
    moves = propose(cast, weekly(cast, 3))
    actions.withdraw_move(moves[2], by=cast.orderer, at=LIMIT)
    for act in (actions.accept_moves, actions.decline_moves):
        with pytest.raises(Conflict):
            act(moves[0], expected=3, by=cast.expert_user, at=LIMIT)
    assert Session.objects.filter(state="agreed").count() == 3


@pytest.mark.parametrize("who", ["orderer", "second_expert_user", "stranger", "finance"])
def test_only_the_other_side_answers(cast: Cast, who: str) -> None:
    moves = propose(cast, weekly(cast, 2))
    for act in (actions.accept_moves, actions.decline_moves):
        with pytest.raises(Refused):
            act(moves[0], expected=2, by=getattr(cast, who), at=LIMIT)
    assert set(Move.objects.values_list("state", flat=True)) == {"waiting"}


def test_one_that_cannot_be_makes_all_fall(cast: Cast) -> None:
    """Nothing is half done: the expert is elsewhere at one of the new times by the answer."""
    moves = propose(cast, weekly(cast, 2))
    make_agreed_session(at(2026, 10, 15, 13), unit=cast.other_unit, expert=cast.expert)
    with pytest.raises(Refused):
        actions.accept_moves(moves[0], expected=2, by=cast.expert_user, at=LIMIT)
    assert set(Move.objects.values_list("state", flat=True)) == {"waiting"}
    assert Session.objects.filter(outcome="moved").count() == 0


def test_days_off_are_asked_about(cast: Cast) -> None:
    """Tuesday 8 December is a working day, Sunday the 6th is Independence Day."""
    made = weekly(cast, 2, first=at(2026, 12, 2, 10))
    sunday = Shift(weekday=6, start=time(10), end=time(11))
    found = preview_moves(made, sunday, at=LIMIT, by_expert=False)
    assert ([one.day_off for one in found.stay], list(found.proposed)) == ([True, True], [])
    meant = preview_moves(made, sunday, at=LIMIT, by_expert=False, days_off=True)
    assert [one.starts_at for one in meant.proposed] == [at(2026, 12, 6, 10), at(2026, 12, 13, 10)]


def test_a_closing_day_of_the_office_is_a_day_off(cast: Cast) -> None:
    ClosingDay.objects.create(day=date(2026, 12, 7), reason="Moving house")
    made = weekly(cast, 2, first=at(2026, 12, 2, 10))
    monday = Shift(weekday=0, start=time(10), end=time(11))
    found = preview_moves(made, monday, at=at(2026, 11, 2, 9), by_expert=False)
    assert [one.starts_at for one in found.proposed] == [at(2026, 11, 30, 10)]
    assert [(one.starts_at, one.day_off) for one in found.stay] == [(at(2026, 12, 7, 10), True)]


# --- another place ---------------------------------------------------------------------------------------------------


def test_another_place_for_all_that_are_ahead(cast: Cast) -> None:
    made = weekly(cast, 3)
    assert actions.change_place(made[1], Scope.FOLLOWING, "Room 5", seen=2, by=cast.orderer, at=LIMIT) == 2
    assert list(Session.objects.order_by("starts_at").values_list("place", flat=True))[1:] == ["Room 5", "Room 5"]
    assert OutboxMessage.objects.filter(kind="place_changed", recipient=cast.expert_user).count() == 1
    with pytest.raises(SeenOther):
        actions.change_place(made[1], Scope.FOLLOWING, "Room 6", seen=3, by=cast.orderer, at=LIMIT)
    with pytest.raises(Refused):
        actions.change_place(made[1], Scope.ONE, "131052-308T", seen=1, by=cast.orderer, at=LIMIT)
    with pytest.raises(Refused):
        actions.change_place(made[1], Scope.ONE, "Room 7", seen=1, by=cast.expert_user, at=LIMIT)


# --- the pages -------------------------------------------------------------------------------------------------------


def test_story_cancelling_the_rest(cast: Cast, clock: Clock) -> None:
    made = weekly(cast, 4)
    clock(LIMIT)
    anna = Person(cast.orderer).open(f"/orders/sessions/{made[1].pk}/").follow("Cancel several")
    assert "3 sessions, nothing is paid" in anna.sees
    anna.press("Cancel: 3 sessions, nothing is paid")
    assert list(Session.objects.order_by("starts_at").values_list("outcome", flat=True)) == [
        "", "cancelled_in_time", "cancelled_in_time", "cancelled_in_time",
    ]  # fmt: skip


def test_story_the_limit_passes_while_the_page_is_open(cast: Cast, clock: Clock) -> None:
    """T1 for a series: told again with the new sum; only the second press cancels."""
    made = weekly(cast, 2)
    clock(LIMIT)
    anna = Person(cast.orderer).open(f"/orders/sessions/{made[0].pk}/").follow("Cancel several")
    clock(LATE)
    anna.press("Cancel: 2 sessions, nothing is paid")
    assert "something else than the page showed before" in anna.sees
    assert Session.objects.filter(state="agreed").count() == 2
    anna.press("Cancel: 2 sessions, 1 of them after the limit: €50.00 is paid")
    assert Session.objects.filter(state="closed").count() == 2


def test_story_told_by_telephone(cast: Cast, clock: Clock) -> None:
    """R14: the moment of the call counts; both names are kept."""
    made = weekly(cast, 2)
    clock(LATE)
    nora = Person(cast.named).open(f"/orders/sessions/{made[0].pk}/").follow("Cancel several")
    told = {"told_day": "6.10.2026", "told_clock": "14.30"}
    nora.press("Cancel:", **told)
    assert "both names are kept" in nora.sees
    nora.press("Cancel:", told_by="Anna Orderer")
    nora.press("Cancel: 2 sessions, nothing is paid")
    found = Session.objects.order_by("starts_at").first()
    assert found is not None
    assert (found.outcome, found.told_by, found.recorded_by) == ("cancelled_in_time", "Anna Orderer", cast.named)
    assert "Told by Anna Orderer" in Person(cast.named).open(f"/orders/sessions/{found.pk}/").sees


def test_story_moving_several(cast: Cast, clock: Clock) -> None:
    made = weekly(cast, 3)
    clock(LIMIT)
    anna = Person(cast.orderer).open(f"/orders/sessions/{made[0].pk}/").follow("Move several")
    anna.press("See what it means", weekday="Thursday", start="13", end="14")
    assert "Thu 8 Oct 2026 at 13:00–14:00" in anna.sees.replace("\u00a0", " ")
    anna.press("Propose 3 new times")
    eva = Person(cast.expert_user).open(f"/orders/sessions/{made[2].pk}/").follow("Look at all the new times")
    eva.press("All 3 new times suit")
    assert "3 new times are agreed." in eva.sees
    assert Session.objects.filter(state="agreed", starts_at=at(2026, 10, 22, 13)).count() == 1


def test_the_expert_proposes_and_the_unit_answers(cast: Cast, clock: Clock) -> None:
    made = weekly(cast, 2)
    clock(LIMIT)
    eva = Person(cast.expert_user).open(f"/orders/sessions/{made[0].pk}/").follow("Move several")
    eva.press("See what it means", weekday="Friday").press("Propose 2 new times")
    nora = Person(cast.named).open(f"/orders/moves/{Move.objects.order_by('pk')[0].pk}/all/")
    nora.press("They do not suit")
    assert set(Move.objects.values_list("state", flat=True)) == {"declined"}
    assert Session.objects.filter(state="agreed").count() == 2


@pytest.mark.parametrize("name", ["series_cancel", "series_move"])
def test_thirty_cost_as_much_as_two(cast: Cast, client_for: SignIn, clock: Clock, name: str) -> None:
    """At most ten queries, the same for 2 and for 30."""
    clock(at(2026, 9, 20, 9))
    client = client_for(cast.orderer)
    counts = []
    for number in (2, 30):
        made = weekly(cast, number, first=at(2026, 10, 7 if number == 2 else 8, 10))
        path = reverse(f"assignments:{name}", args=[made[0].pk]) + "?scope=ahead"
        answers = {"weekday": "4", "start": "15", "end": "16", "do": "look"}
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answer = client.get(path) if name == "series_cancel" else client.post(path, answers)
        assert answer.status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
    if name == "series_cancel":
        assert counts[0] <= 10


def test_the_pages_of_a_series_cost_the_same_for_twelve(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """The session, its process and the proposal: at most ten queries each, the same for 2 and for 12."""
    clock(LIMIT)
    client = client_for(cast.orderer)
    counts = []
    for number in (2, 12):
        made = weekly(cast, number, first=at(2026, 10, 7 if number == 2 else 9, 10))
        process = Process.objects.create(order=made[0].order)
        shift = Shift(start=time(15), end=time(16))
        moves = propose(cast, made, shift)
        pages = {"session": made[0].pk, "process": process.pk, "moves": moves[0].pk}
        found = {}
        for name, pk in pages.items():
            with CaptureQueriesContext(connection) as seen:
                assert client.get(reverse(f"assignments:{name}", args=[pk])).status_code == 200
            found[name] = len(seen)
        counts.append(found)
    assert counts[0] == counts[1]
    assert {name: number for name, number in counts[1].items() if number > 10} == {}


@pytest.mark.parametrize("who", ["stranger", "other_named", "second_expert_user", "finance", "supervisor"])
def test_series_of_others_are_not_there(cast: Cast, client_for: SignIn, clock: Clock, who: str) -> None:
    made = weekly(cast, 2)
    moves = propose(cast, made)
    clock(LIMIT)
    client = client_for(getattr(cast, who))
    for name, pk in (
        ("series_cancel", made[0].pk), ("series_move", made[0].pk), ("series_place", made[0].pk),
        ("moves", moves[0].pk),
    ):  # fmt: skip
        assert client.get(reverse(f"assignments:{name}", args=[pk])).status_code in {403, 404}
    for name in ("moves_accept", "moves_decline", "moves_withdraw"):
        path = reverse(f"assignments:{name}", args=[moves[0].pk])
        assert client.post(path, {"expected": "2"}).status_code in {403, 404}
    assert set(Move.objects.values_list("state", flat=True)) == {"waiting"}
