"""Pages of a session, of an offer and the expert's own: what each person sees, presses and is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments import actions
from assignments.models import Move, Offer, Session
from assignments.states import OfferState, SessionState
from office.models import LogEntry, User
from office.todo import SOURCES, Ask, Todo
from office.together import ask_together
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order

NOW = at(2026, 9, 21, 9)
WED_10 = at(2026, 10, 7, 10)
WED_11 = at(2026, 10, 7, 11)
LIMIT = at(2026, 10, 6, 15)
THU_10 = at(2026, 10, 8, 10)
HOUR = timedelta(hours=1)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def fee_table(db: None) -> None:
    make_fee_table()


@pytest.fixture
def session(cast: Cast) -> Session:
    return make_agreed_session(
        WED_10, unit=cast.unit, orderer=cast.orderer, expert=cast.expert, travel_km=Decimal("24.0")
    )


@pytest.fixture
def offer(cast: Cast) -> Offer:
    order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED_10, WED_11), (THU_10, THU_10 + HOUR)])
    return make_offer(order, cast.expert)


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"assignments:{name}", args=args))
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


def press(client: Client, name: str, *args: Any, **typed: Any) -> str:
    answer = client.post(reverse(f"assignments:{name}", args=args), typed, follow=True)
    assert answer.status_code == 200
    return answer.content.decode().replace("\u00a0", " ")


# --- the page of a session -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen", "unseen"),
    [
        ("orderer", ["Cancel the session, €50.00", "Propose a new time", "The expert is ill"], ["I cannot come"]),
        ("named", ["Cancel the session, €50.00"], ["I cannot come"]),
        ("coordinator", ["Cancel the session, €50.00", "The expert cannot come"], []),
        ("expert_user", ["I am ill", "I cannot come", "Propose a new time"], ["Cancel the session", "eva@"]),
    ],
)
def test_each_sees_their_own_buttons_with_the_consequence(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, who: str, seen: list[str], unseen: list[str]
) -> None:
    clock(LIMIT + HOUR)
    text = page(client_for(getattr(cast, who)), "session", session.pk)
    assert [words for words in seen if words not in text] == []
    assert [words for words in unseen if words in text] == []


@pytest.mark.parametrize("who", ["stranger", "other_named", "second_expert_user", "finance", "supervisor"])
def test_the_session_of_others_is_not_there(cast: Cast, client_for: SignIn, session: Session, who: str) -> None:
    client = client_for(getattr(cast, who))
    for name, *args in (["session"], ["session_mark", "held"], ["session_move"]):
        answer = client.get(reverse(f"assignments:{name}", args=[session.pk, *args]))
        assert answer.status_code in {403, 404}


def test_before_the_limit_cancelling_is_free_in_words(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    clock(LIMIT)
    text = page(client_for(cast.orderer), "session", session.pk)
    assert "Free to cancel until Tue 6 Oct 2026 at 15:00" in text
    assert "Cancel the session, nothing is paid" in text


def test_reading_changes_nothing(cast: Cast, client_for: SignIn, clock: Clock, session: Session, offer: Offer) -> None:
    """N7: mail scanners open links."""
    clock(NOW)
    client = client_for(cast.coordinator)
    move = actions.propose_move(session, THU_10 + 3 * HOUR, THU_10 + 4 * HOUR, by=cast.orderer, at=NOW)
    before = LogEntry.objects.count()
    for name, args in (
        ("session_undo", [session.pk]),
        ("move_accept", [move.pk]),
        ("move_decline", [move.pk]),
        ("move_withdraw", [move.pk]),
        ("offer_accept", [offer.pk]),
        ("offer_decline", [offer.pk]),
    ):
        assert client.get(reverse(f"assignments:{name}", args=args)).status_code == 405
    page(client, "session_mark", session.pk, "orderer_cancelled")
    assert LogEntry.objects.count() == before


def test_cancelling(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(LIMIT + HOUR)
    client = client_for(cast.orderer)
    text = page(client, "session_mark", session.pk, "orderer_cancelled")
    assert 'name="expected_total" value="50.00"' in text
    text = press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="50.00")
    assert "Cancelled Tue 6 Oct 2026 at 16:00, after the limit Tue 6 Oct 2026 at 15:00." in text
    assert "The agreed fee €50.00 is paid." in text
    assert "Anna Orderer: marked “Cancelled late”, fee €50.00" in text


def test_the_limit_passes_while_the_form_is_open(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    """T1: opened at 14:59, sent at 15:00:01; asked again with the new sum, what was typed is kept."""
    clock(LIMIT - timedelta(minutes=1))
    client = client_for(cast.orderer)
    assert 'value="0.00"' in page(client, "session_mark", session.pk, "orderer_cancelled")
    clock(LIMIT + timedelta(seconds=1))
    typed = {"expected_total": "0.00", "receipts": ""}
    text = press(client, "session_mark", session.pk, "orderer_cancelled", **typed)
    assert "This pays something else than the page showed before. Now: The agreed fee €50.00 is paid." in text
    assert "Cancel the session, €50.00" in text
    assert 'value="50.00"' in text
    session.refresh_from_db()
    assert session.state == SessionState.AGREED
    press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="50.00")
    session.refresh_from_db()
    assert (session.outcome, session.fee) == ("cancelled_late", Decimal("50.00"))


def test_a_call_before_the_limit(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    """R14: the sum changes by what is typed, so it is asked again before anything is done."""
    clock(LIMIT + HOUR)
    client = client_for(cast.orderer)
    typed = {"told_day": "6.10.2026", "told_clock": "14.30", "told_by": "Nora Named"}
    text = press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="50.00", **typed)
    assert "Now: Nothing is paid." in text
    assert 'value="6.10.2026"' in text
    text = press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="0.00", **typed)
    assert "told Tue 6 Oct 2026 at 14:30" in text
    session.refresh_from_db()
    assert session.received_at == LIMIT - HOUR / 2


def test_half_of_a_moment_is_asked_for(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(LIMIT + HOUR)
    text = press(
        client_for(cast.orderer),
        "session_mark",
        session.pk,
        "orderer_cancelled",
        told_day="6.10.2026",
        receipts="12,40",
    )
    assert "Write both the day and the time." in text
    assert 'value="12,40"' in text


def test_held_as_agreed_is_one_press(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(WED_11)
    client = client_for(cast.expert_user)
    seen = page(client, "session", session.pk)
    assert "Held as agreed, €63.20" in seen
    assert "The fee €50.00 is paid. Travel: €13.20." in seen  # a meeting's fee is no matter of hours
    text = press(client, "session_mark", session.pk, "held", expected_total="63.20")
    assert "Held as agreed. The fee is €50.00. Travel: €13.20." in text


def test_a_night_that_began_after_midnight_is_kept_on_the_right_day(
    cast: Cast, client_for: SignIn, clock: Clock
) -> None:
    session = make_agreed_session(
        at(2026, 10, 7, 22), at(2026, 10, 8, 2), kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer
    )
    clock(at(2026, 10, 8, 9))
    typed = {"start": "0.30", "end": "2.00", "change_reason": "The train was late", "expected_total": "37.50"}
    press(client_for(cast.expert_user), "session_mark", session.pk, "held", **typed)
    session.refresh_from_db()
    assert (session.done_starts_at, session.done_ends_at) == (at(2026, 10, 8, 0, 30), at(2026, 10, 8, 2))
    assert session.fee == Decimal("37.50")


def test_held_at_other_times_is_shown_before_it_is_kept(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    session = make_agreed_session(WED_10, kind="group", expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
    clock(WED_11 + HOUR)
    client = client_for(cast.expert_user)
    typed = {"start": "10.00", "end": "11.30"}
    text = press(client, "session_mark", session.pk, "held", expected_total="25.00", **typed)
    assert "Say why the times changed." in text
    typed["change_reason"] = "The talk went on"
    text = press(client, "session_mark", session.pk, "held", expected_total="25.00", **typed)
    assert "Now: The fee €37.50 is paid by the hours done." in text
    assert 'value="The talk went on"' in text
    press(client, "session_mark", session.pk, "held", expected_total="37.50", **typed)
    session.refresh_from_db()
    assert (session.fee, session.change_reason) == (Decimal("37.50"), "The talk went on")


def test_a_client_who_did_not_come(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(WED_11)
    client = client_for(cast.orderer)
    assert "What was the time used for?" in page(client, "session_mark", session.pk, "no_show")
    text = press(
        client, "session_mark", session.pk, "no_show", time_used_for="Planning", done_km="24", expected_total="63.20"
    )
    assert "The time was used for: Planning" in text


def test_an_identity_code_is_refused_where_the_time_was_used(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    clock(WED_11)
    text = press(client_for(cast.orderer), "session_mark", session.pk, "no_show", time_used_for="131052-308T")
    assert "personal identity code" in text


def test_a_second_press_is_harmless(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    """M8: double POST."""
    clock(LIMIT)
    client = client_for(cast.orderer)
    press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="0.00")
    text = press(client, "session_mark", session.pk, "orderer_cancelled", expected_total="0.00")
    assert "The session has been marked already." in text
    assert LogEntry.objects.of(session).count() == 1


def test_taking_back(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(WED_11)
    client = client_for(cast.orderer)
    press(client, "session_mark", session.pk, "no_show", done_km="24")
    text = press(client, "session_undo", session.pk)
    assert "Taken back." in text
    assert "took back “The client did not come”" in text
    assert "The session has no outcome to take back." in press(client, "session_undo", session.pk)


# --- moves -----------------------------------------------------------------------------------------------------------


# Lesson T3.
def test_a_move_shows_the_new_limit_before_it_is_proposed(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    clock(LIMIT + HOUR)
    client = client_for(cast.orderer)
    typed = {"day": "9.10.2026", "start": "10", "end": "11", "cancel_if_declined": "on"}
    text = press(client, "session_move", session.pk, do="look", **typed)
    assert "The new time would be free to cancel until Thu 8 Oct 2026 at 15:00." in text
    assert "the session is cancelled and the agreed fee €50.00 is paid." in text
    assert Move.objects.count() == 0
    text = press(client, "session_move", session.pk, do="propose", **typed)
    assert "The new time is proposed." in text
    move = Move.objects.get()
    text = page(client_for(cast.expert_user), "session", session.pk)
    assert "The new time suits" in text
    assert "The new time would be free to cancel until Thu 8 Oct 2026 at 15:00." in text
    assert "If the answer is no, the session is cancelled and the agreed fee €50.00 is paid." in text
    text = press(client_for(cast.expert_user), "move_accept", move.pk)
    assert "The new time is agreed: Fri 9 Oct 2026 at 10:00–11:00." in text
    assert "Moved from Wed 7 Oct 2026 at 10:00–11:00." in text


def test_a_time_that_is_taken_is_told_and_what_was_typed_stays(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session
) -> None:
    make_agreed_session(THU_10, expert=cast.expert)
    clock(LIMIT)
    typed = {"day": "8.10.2026", "start": "10.30", "end": "11.30", "reason": "Staff meeting"}
    text = press(client_for(cast.orderer), "session_move", session.pk, do="look", **typed)
    assert "another session at that time" in text
    assert 'value="Staff meeting"' in text


def test_a_no_to_a_move(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    clock(LIMIT)
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=LIMIT, cancel_if_declined=True)
    clock(LIMIT + HOUR)
    text = press(client_for(cast.expert_user), "move_decline", move.pk)
    assert "Cancelled Tue 6 Oct 2026 at 15:00, in time" in text


def test_a_move_of_others_is_not_there(cast: Cast, client_for: SignIn, clock: Clock, session: Session) -> None:
    move = actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=LIMIT)
    for who in (cast.stranger, cast.second_expert_user):
        for name in ("move_accept", "move_decline", "move_withdraw"):
            assert client_for(who).post(reverse(f"assignments:{name}", args=[move.pk])).status_code == 404


# --- offers ----------------------------------------------------------------------------------------------------------


def test_an_offer_tells_everything_before_the_answer(
    cast: Cast, client_for: SignIn, clock: Clock, offer: Offer
) -> None:
    """R4: task, times, fee and travel."""
    clock(NOW)
    text = page(client_for(cast.expert_user), "offer", offer.pk)
    for words in (
        "Support in everyday life",
        "Wed 7 Oct 2026 at 10:00–11:00",
        "€100.00",
        "is not paid",
        "Free to cancel until Wed 7 Oct 2026 at 15:00",
        "No reason is asked",
        "Accept",
    ):
        assert words in text
    text = press(client_for(cast.expert_user), "offer_accept", offer.pk)
    assert "Agreed. The unit has been told." in text
    assert Session.objects.filter(state=SessionState.AGREED).count() == 2


def test_declining_an_offer(cast: Cast, client_for: SignIn, clock: Clock, offer: Offer) -> None:
    clock(NOW)
    text = press(client_for(cast.expert_user), "offer_decline", offer.pk)
    assert "Somebody else is asked." in text
    assert Offer.objects.get().state == OfferState.DECLINED


def test_own_sessions_in_the_way_are_shown(cast: Cast, client_for: SignIn, clock: Clock, offer: Offer) -> None:
    make_agreed_session(THU_10 + HOUR / 2, expert=cast.expert, unit=cast.other_unit)
    clock(NOW)
    text = page(client_for(cast.expert_user), "offer", offer.pk)
    assert "You have other work at these times" in text
    assert "Porvoon päihdepoliklinikka, Thu 8 Oct 2026 at 10:30–11:30" in text
    assert "Accept</button>" not in text


def test_the_unit_sees_the_offer_but_does_not_answer(
    cast: Cast, client_for: SignIn, clock: Clock, offer: Offer
) -> None:
    clock(NOW)
    client = client_for(cast.orderer)
    assert "Accept</button>" not in page(client, "offer", offer.pk)
    assert client.post(reverse("assignments:offer_accept", args=[offer.pk])).status_code == 403
    for who in (cast.stranger, cast.second_expert_user):
        assert client_for(who).get(reverse("assignments:offer", args=[offer.pk])).status_code == 404


def test_an_offer_answered_twice(cast: Cast, client_for: SignIn, clock: Clock, offer: Offer) -> None:
    clock(NOW)
    client = client_for(cast.expert_user)
    press(client, "offer_accept", offer.pk)
    assert "This has changed meanwhile." in press(client, "offer_decline", offer.pk)
    assert Offer.objects.get().state == OfferState.ACCEPTED


# --- the expert's page and tasks -------------------------------------------------------------------------------------


def test_the_experts_page(cast: Cast, client_for: SignIn, clock: Clock, session: Session, offer: Offer) -> None:
    User.objects.filter(pk=cast.orderer.pk).update(phone="040 123 4567")
    make_agreed_session(at(2026, 9, 2, 10), expert=cast.expert, unit=cast.other_unit)
    make_agreed_session(WED_10, expert=cast.second_expert)
    clock(NOW)
    text = page(client_for(cast.expert_user), "my_sessions")
    assert "1 offer to answer" in text
    assert "How did it go?" in text
    assert 'href="tel:' in text
    assert text.count("Individual work, ") >= 3


def test_an_empty_page_is_friendly(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    assert "No agreed sessions ahead" in page(client_for(cast.expert_user), "my_sessions")


def test_what_waits_for_whom(cast: Cast, session: Session, offer: Offer) -> None:
    Offer.objects.filter(pk=offer.pk).update(answer_by=NOW + HOUR)
    offer.refresh_from_db()

    def waits(user: User, moment: datetime) -> list[str]:
        own = [tell for tell in SOURCES if tell.__module__ == "assignments.todo"]
        items = [item for tell in own for item in tell(user, moment)]
        found = [item for item in items if isinstance(item, Todo)]
        for item in items:
            if isinstance(item, Ask):
                found += item.tell(*ask_together([item.rows]))
        return [str(todo.sentence).replace("\u00a0", " ") for todo in found]

    assert waits(cast.expert_user, NOW) == ["Loviisan mielenterveystoimisto asks you: Individual work, Wed 7 Oct 2026"]
    assert waits(cast.second_expert_user, NOW) == []
    assert waits(cast.coordinator, NOW) == ["Eva Expert has not answered: Individual work, Wed 7 Oct 2026"]
    actions.propose_move(session, THU_10 + 5 * HOUR, THU_10 + 6 * HOUR, by=cast.expert_user, at=NOW)
    assert waits(cast.orderer, NOW) == ["Eva Expert proposes a new time: Thu 8 Oct 2026 at 15:00–16:00"]
    assert waits(cast.stranger, NOW) == []
    actions.decline(offer, by=cast.expert_user, at=NOW)
    assert "Loviisan mielenterveystoimisto needs an expert: Individual work" in waits(cast.coordinator, NOW)
    assert "How did it go? 1 session is not marked yet." in waits(cast.expert_user, WED_11)
    assert "How did it go with Eva Expert, Wed 7 Oct 2026 at 10:00–11:00?" in waits(cast.orderer, WED_11)
    make_order(unit=cast.unit, orderer=cast.orderer, state="to_confirm", times=[(THU_10, THU_10 + HOUR)])
    for who in (cast.named, cast.deputy):
        assert "Anna Orderer has ordered: Individual work" in waits(who, NOW)
    assert waits(cast.other_named, NOW) == []


# --- as many queries for one row as for thirty -----------------------------------------------------------------------


def queries(client: Client, path: str, counted: Any) -> int:
    client.get(path)
    with counted() as seen:
        assert client.get(path).status_code == 200
    return len(seen)


@pytest.fixture
def counted() -> Any:
    return lambda: CaptureQueriesContext(connection)


def test_the_experts_page_costs_the_same_for_thirty(cast: Cast, client_for: SignIn, clock: Clock, counted: Any) -> None:
    def more(start: int, count: int) -> None:
        for n in range(start, start + count):
            make_agreed_session(at(2026, 9, 1, 8) + n * HOUR, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
            make_agreed_session(WED_10 + n * HOUR, expert=cast.expert, unit=cast.unit, orderer=cast.orderer)
            free = at(2027, 1, 4, 8) + n * HOUR
            make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=[(free, free + HOUR)]), cast.expert)

    clock(at(2026, 9, 20, 9))
    client = client_for(cast.expert_user)
    path = reverse("assignments:my_sessions")
    more(0, 1)
    one = queries(client, path, counted)
    more(1, 29)
    assert queries(client, path, counted) == one
    assert one <= 10


def test_an_offer_costs_the_same_for_thirty_times(cast: Cast, client_for: SignIn, clock: Clock, counted: Any) -> None:
    clock(NOW)
    client = client_for(cast.expert_user)
    costs = []
    for count in (1, 30):
        times = [(WED_10 + n * timedelta(days=1), WED_11 + n * timedelta(days=1)) for n in range(count)]
        offer = make_offer(make_order(unit=cast.unit, orderer=cast.orderer, times=times), cast.expert)
        costs.append(queries(client, reverse("assignments:offer", args=[offer.pk]), counted))
    assert costs[0] == costs[1]
    assert costs[0] <= 12


def test_a_session_costs_the_same_with_a_long_history(
    cast: Cast, client_for: SignIn, clock: Clock, session: Session, counted: Any
) -> None:
    clock(NOW)
    client = client_for(cast.orderer)
    path = reverse("assignments:session", args=[session.pk])
    actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    one = queries(client, path, counted)
    for _n in range(10):
        actions.withdraw_move(Move.objects.get(state="waiting"), by=cast.orderer, at=NOW)
        actions.propose_move(session, THU_10, THU_10 + HOUR, by=cast.orderer, at=NOW)
    assert queries(client, path, counted) == one
    assert one <= 10
