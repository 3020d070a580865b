"""The calendar and its private addresses, as people use them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assignments import actions
from assignments.models import Move, Offer, Order, Session
from assignments.rules import Event
from calendars.models import Feed
from calendars.views import MOST
from office.models import User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table, make_offer, make_order

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
WED = at(2026, 10, 7, 10)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def now(clock: Clock) -> None:
    clock(NOW)


def shown(client: Client, **asked: Any) -> list[tuple[str, str]]:
    """Day and sentence of everything that the page shows."""
    days = client.get(reverse("calendars:calendar"), asked).context["days"]
    return [(f"{one.day:%d.%m.}", f"{time.title}|{time.who}|{time.word}") for one in days for time in one.times]


class TestThePage:
    def test_an_expert_sees_where_and_the_unit_sees_who(self, cast: Cast, client_for: Any) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        own = ("07.10.", "Individual work|Loviisan mielenterveystoimisto|Agreed")
        assert shown(client_for(cast.expert_user)) == [own]
        assert shown(client_for(cast.orderer)) == [("07.10.", "Individual work|Eva E.|Agreed")]
        coordinators = "Individual work|Loviisan mielenterveystoimisto · Eva Expert|Agreed"
        assert shown(client_for(cast.coordinator)) == [("07.10.", coordinators)]

    def test_the_coordinator_reads_which_unit_has_asked_while_nobody_is_chosen(
        self, cast: Cast, client_for: Any
    ) -> None:
        make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[(WED, WED + HOUR)])
        asked = "Individual work|Loviisan mielenterveystoimisto|Not agreed yet"
        assert shown(client_for(cast.coordinator)) == [("07.10.", asked)]

    @pytest.mark.parametrize("who", ["stranger", "other_named", "second_expert_user", "supervisor"])
    def test_others_see_nothing(self, cast: Cast, client_for: Any, who: str) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        client = client_for(getattr(cast, who))
        for show in ("day", "week", "month", "list"):
            assert shown(client, show=show, day="2026-10-07") == []
        for asked in ({"unit": cast.unit.pk}, {"expert": cast.expert.pk}):
            assert client.get(reverse("calendars:calendar"), asked).status_code == 404

    def test_finance_has_no_calendar(self, cast: Cast, client_for: Any) -> None:
        assert client_for(cast.finance).get(reverse("calendars:calendar")).status_code == 403

    @pytest.mark.parametrize("state", ["waiting", "can"])
    def test_an_offer_stands_there_as_not_agreed(self, cast: Cast, client_for: Any, state: str) -> None:
        order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + timedelta(hours=1))])
        make_offer(order, cast.expert, state=state, answered_at=NOW if state == "can" else None)
        assert shown(client_for(cast.expert_user)) == [
            ("07.10.", "Individual work|Loviisan mielenterveystoimisto|Not agreed yet")
        ]
        assert shown(client_for(cast.second_expert_user)) == []

    def test_a_draft_and_a_declined_offer_do_not(self, cast: Cast, client_for: Any) -> None:
        make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + timedelta(hours=1))])
        declined = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + timedelta(hours=2))])
        offer = make_offer(declined, cast.expert)
        actions.decline(offer, by=cast.expert_user, at=NOW)
        assert shown(client_for(cast.expert_user)) == []

    def test_the_night_between_two_days_is_helsinkis(self, cast: Cast, client_for: Any) -> None:
        make_agreed_session(at(2026, 10, 8, 0, 30), expert=cast.expert, unit=cast.unit)
        client = client_for(cast.expert_user)
        assert [day for day, _text in shown(client, show="week", day="2026-10-07")] == ["08.10."]
        assert shown(client, show="day", day="2026-10-07") == []

    @pytest.mark.parametrize(
        ("show", "day", "found"),
        [
            pytest.param("day", "2026-10-07", 1, id="its day"),
            pytest.param("day", "2026-10-08", 0, id="the day after"),
            pytest.param("week", "2026-10-11", 1, id="the Sunday of its week"),
            pytest.param("week", "2026-10-12", 0, id="the Monday after"),
            pytest.param("month", "2026-10-31", 1, id="its month"),
            pytest.param("month", "2026-11-01", 0, id="the next month"),
            pytest.param("list", "2026-10-07", 1, id="a list from its day"),
            pytest.param("list", "2026-08-09", 1, id="a list of sixty days"),
            pytest.param("list", "2026-08-08", 0, id="a day before that"),
            pytest.param("rubbish", "rubbish", 1, id="rubbish shows this week"),
        ],
    )
    def test_what_is_shown(self, cast: Cast, client_for: Any, show: str, day: str, found: int) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        assert len(shown(client_for(cast.expert_user), show=show, day=day)) == found

    def test_a_month_is_shown_in_whole_weeks(self, cast: Cast, client_for: Any) -> None:
        page = client_for(cast.expert_user).get(reverse("calendars:calendar"), {"show": "month", "day": "2026-11-15"})
        days = [one.day.isoformat() for one in page.context["days"]]
        assert (days[0], days[-1], len(days)) == ("2026-10-26", "2026-12-06", 42)

    def test_a_county_month_tells_numbers(self, cast: Cast, client_for: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        assert MOST == 150
        monkeypatch.setattr("calendars.views.MOST", 2)
        for hour in (8, 10, 12):
            make_agreed_session(WED.replace(hour=hour), expert=cast.expert, unit=cast.unit)
        client = client_for(cast.coordinator)
        page = client.get(reverse("calendars:calendar"), {"show": "month"})
        assert [(one.day.day, one.number) for one in page.context["days"] if one.number] == [(7, 3)]
        assert len(shown(client, show="day", day="2026-10-07")) == 2
        assert len(shown(client, show="day", day="2026-10-07", page="2")) == 1
        later = client.get(reverse("calendars:calendar"), {"show": "day", "day": "2026-10-07", "page": "2"})
        assert re.findall(r'rel="next" href="([^"]+)"', later.content.decode()) == ["?show=day&amp;day=2026-10-08"]

    def test_the_coordinator_picks_a_unit_or_an_expert(self, cast: Cast, client_for: Any) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        make_agreed_session(WED, expert=cast.second_expert, unit=cast.other_unit)
        client = client_for(cast.coordinator)
        assert len(shown(client)) == 2
        assert len(shown(client, unit=cast.other_unit.pk)) == 1
        assert len(shown(client, expert=cast.expert.pk)) == 1
        assert shown(client, unit=cast.unit.pk, expert=cast.second_expert.pk) == []

    def test_numbers_are_of_helsinkis_days_over_the_change_of_the_clock(
        self, cast: Cast, client_for: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Sunday 25 October 2026 has 25 hours; its first and its last half hour are its own."""
        monkeypatch.setattr("calendars.views.MOST", 1)
        for day, hour in ((24, 22), (25, 0), (25, 22), (26, 0)):
            start = at(2026, 10, day, hour) + timedelta(minutes=30)
            make_agreed_session(start, start + timedelta(minutes=30), expert=cast.expert, unit=cast.unit)
        for show in ("month", "list"):
            days = (
                client_for(cast.coordinator)
                .get(reverse("calendars:calendar"), {"show": show, "day": "2026-10-20"})
                .context["days"]
            )
            numbers = {f"{one.day:%d.%m.}": one.number for one in days if one.number}
            assert numbers == {"24.10.": 1, "25.10.": 2, "26.10.": 1}, show

    def test_numbers_are_counted_from_the_index_of_the_time(
        self, cast: Cast, client_for: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is only asked for counts too, and the order of what is agreed is not read for it."""
        monkeypatch.setattr("calendars.views.MOST", 1)
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        make_offer(make_order(unit=cast.unit, times=[(WED, WED + HOUR)]), cast.second_expert)
        client = client_for(cast.coordinator)
        with CaptureQueriesContext(connection) as asked:
            days = client.get(reverse("calendars:calendar"), {"show": "month"}).context["days"]
        assert {one.day.day: one.number for one in days if one.number} == {7: 2}
        (counting,) = [query["sql"] for query in asked if "width_bucket" in query["sql"]]
        assert "JOIN" not in counting

    @pytest.mark.parametrize(("who", "most"), [("coordinator", 9), ("orderer", 8)])
    def test_what_can_be_chosen_is_one_question_or_none(
        self, cast: Cast, client_for: Any, django_assert_max_num_queries: Any, who: str, most: int
    ) -> None:
        client = client_for(getattr(cast, who))
        with django_assert_max_num_queries(most):
            client.get(reverse("calendars:calendar"))

    def test_it_costs_the_same_for_thirty(
        self, cast: Cast, client_for: Any, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(30):
            start = at(2026, 10, 7, 6) + timedelta(minutes=30 * number)
            make_agreed_session(start, start + timedelta(minutes=20), expert=cast.expert, unit=cast.unit)
        for user in (cast.coordinator, cast.orderer, cast.expert_user):
            client = client_for(user)
            with django_assert_max_num_queries(10):
                assert len(shown(client)) == 30


def made_address(client: Client, name: str = "telephone") -> str:
    """The path of a new address, as the page shows it once."""
    client.post(reverse("calendars:feeds"), {"name": name})
    told = client.get(reverse("calendars:feeds"))
    (path,) = re.findall(r'value="[^"]*(/calendar/[\w-]+\.ics)"', told.content.decode())
    return str(path)


def read(content: bytes) -> list[tuple[str, str, int, datetime]]:
    events = icalendar.Calendar.from_ical(content).events
    return [
        (str(event["UID"]), str(event["STATUS"]), int(str(event["SEQUENCE"])), event.decoded("DTSTART"))
        for event in events
    ]


class TestAddresses:
    def test_anybody_with_the_address_reads_it_without_signing_in(self, cast: Cast, client_for: Any) -> None:
        session = make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        path = made_address(client_for(cast.expert_user))
        answer = Client().get(path)
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert read(answer.content) == [(f"session-{session.pk}@localhost", "CONFIRMED", 0, WED)]
        text = answer.content.decode()
        assert session.order.task not in text.replace("\r\n ", "")
        assert "Eva" not in text
        assert "Expert" not in re.sub("Experience experts", "", text)

    @pytest.mark.parametrize("number", [1, 30])
    def test_reading_it_costs_the_same_for_thirty(
        self, cast: Cast, client_for: Any, django_assert_num_queries: Any, number: int
    ) -> None:
        for n in range(number):
            start = at(2026, 10, 7, 6) + timedelta(minutes=30 * n)
            make_agreed_session(start, start + timedelta(minutes=20), expert=cast.expert, unit=cast.unit)
        path = made_address(client_for(cast.expert_user))
        with django_assert_num_queries(8):
            assert len(read(Client().get(path).content)) == number

    def test_it_is_shown_once_and_only_its_hash_is_kept(self, cast: Cast, client_for: Any) -> None:
        client = client_for(cast.expert_user)
        path = made_address(client)
        token = path.split("/")[-1].removesuffix(".ics")
        assert token not in client.get(reverse("calendars:feeds")).content.decode()
        assert token not in str(list(Feed.objects.values()))

    def test_closed_it_is_gone_at_once(self, cast: Cast, client_for: Any) -> None:
        client = client_for(cast.expert_user)
        path = made_address(client)
        feed = Feed.objects.get()
        for _twice in range(2):
            client.post(reverse("calendars:feed_close", args=[feed.pk]))
        assert Client().get(path).status_code == 404
        assert client.get(reverse("calendars:feeds")).context["feeds"] == []

    def test_nobody_closes_anothers(self, cast: Cast, client_for: Any) -> None:
        path = made_address(client_for(cast.expert_user))
        answer = client_for(cast.coordinator).post(reverse("calendars:feed_close", args=[Feed.objects.get().pk]))
        assert answer.status_code == 404
        assert Client().get(path).status_code == 200

    def test_who_has_left_has_no_calendar(self, cast: Cast, client_for: Any) -> None:
        path = made_address(client_for(cast.orderer))
        cast.orderer.grants.update(valid_to=NOW)
        assert Client().get(path).status_code == 404

    def test_an_unknown_address_tells_nothing(self) -> None:
        assert Client().get("/calendar/rubbish.ics").status_code == 404

    def test_five_are_enough(self, cast: Cast, client_for: Any) -> None:
        client = client_for(cast.expert_user)
        for number in range(5):
            made_address(client, f"device {number}")
        page = client.post(reverse("calendars:feeds"), {"name": "a sixth"})
        assert "You have five addresses already. Close one that you do not use." in page.content.decode()
        assert 'value="a sixth"' in page.content.decode()
        assert Feed.objects.count() == 5

    def test_an_unchanged_calendar_is_not_sent_again(self, cast: Cast, client_for: Any) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        path = made_address(client_for(cast.expert_user))
        first = Client().get(path)
        again = Client().get(path, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")

    def test_reading_is_noted_once_an_hour_and_changes_nothing_else(
        self, cast: Cast, client_for: Any, clock: Clock
    ) -> None:
        path = made_address(client_for(cast.expert_user))
        seen = []
        for moment in (NOW, NOW + timedelta(minutes=59), NOW + timedelta(minutes=61)):
            clock(moment)
            Client().get(path)
            seen.append(Feed.objects.get().read_at)
        assert seen == [NOW, NOW, NOW + timedelta(minutes=61)]

    def test_the_owners_language(self, cast: Cast, client_for: Any) -> None:
        make_agreed_session(WED, expert=cast.expert, unit=cast.unit)
        path = made_address(client_for(cast.expert_user))
        User.objects.filter(pk=cast.expert_user.pk).update(language="sv")
        assert "SUMMARY:Individuellt arbete" in Client().get(path).content.decode()


class TestChanges:
    """One entry for one piece of work, whatever becomes of it."""

    @pytest.fixture
    def session(self, cast: Cast) -> Session:
        make_fee_table()
        order = make_order(
            unit=cast.unit, orderer=cast.orderer, state="to_confirm", expert=cast.expert,
            times=[(WED, WED + timedelta(hours=1))],
        )  # fmt: skip
        actions.confirm(order, by=cast.named, at=NOW)
        actions.accept(Offer.objects.get(), by=cast.expert_user, at=NOW)
        return Session.objects.get()

    def feed_of(self, cast: Cast, client_for: Callable[[User], Client]) -> list[tuple[str, str, int, datetime]]:
        if not hasattr(self, "path"):
            self.path = made_address(client_for(cast.expert_user))
        return read(Client().get(self.path).content)

    def test_cancelled_it_stays_as_cancelled(self, cast: Cast, client_for: Any, session: Session) -> None:
        uid = f"session-{session.pk}@localhost"
        assert self.feed_of(cast, client_for) == [(uid, "CONFIRMED", 0, WED)]
        actions.record_outcome(session, Event.ORDERER_CANCELLED, by=cast.orderer, at=NOW)
        assert self.feed_of(cast, client_for) == [(uid, "CANCELLED", 1, WED)]
        actions.undo_outcome(session, by=cast.orderer, at=NOW + timedelta(minutes=1))
        assert self.feed_of(cast, client_for) == [(uid, "CONFIRMED", 2, WED)]

    def test_moved_twice_it_is_the_same_entry_at_the_new_time(
        self, cast: Cast, client_for: Any, session: Session
    ) -> None:
        uid = f"session-{session.pk}@localhost"
        seen = [self.feed_of(cast, client_for)]
        current = session
        for days in (7, 14):
            moved = WED + timedelta(days=days)
            actions.propose_move(current, moved, moved + timedelta(hours=1), by=cast.orderer, at=NOW)
            move = Move.objects.get(session=current)
            current = actions.accept_move(move, by=cast.expert_user, at=NOW + timedelta(minutes=days))
            seen.append(self.feed_of(cast, client_for))
        starts = [WED, WED + timedelta(days=7), WED + timedelta(days=14)]
        assert [[(row[0], row[1], row[3]) for row in rows] for rows in seen] == [
            [(uid, "CONFIRMED", start)] for start in starts
        ]
        numbers = [rows[0][2] for rows in seen]
        assert numbers == sorted(set(numbers))

    def test_an_offer_is_never_in_it(self, cast: Cast, client_for: Any) -> None:
        order = make_order(unit=cast.unit, orderer=cast.orderer, times=[(WED, WED + timedelta(hours=1))])
        make_offer(order, cast.expert)
        assert self.feed_of(cast, client_for) == []
        assert Order.objects.get().state == "offered"

    def test_one_session_as_a_file(self, cast: Cast, client_for: Any, session: Session) -> None:
        path = reverse("calendars:session_file", args=[session.pk])
        assert read(client_for(cast.orderer).get(path).content) == [
            (f"session-{session.pk}@localhost", "CONFIRMED", 0, WED)
        ]
        assert client_for(cast.stranger).get(path).status_code == 404
        assert client_for(cast.second_expert_user).get(path).status_code == 404
