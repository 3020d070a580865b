"""Finding an expert: who suits, is covered and free; what staff may see; the fair order (R2, R3, R26, P4)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client

from assignments.actions.free import check_expert
from assignments.find import Wanted, find, present, ranked
from experts.models import Absence, Area, Expert, ReadLog
from office.choices import Role
from office.errors import Refused
from office.models import User
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast, Clock
from tests.factories import (
    at,
    make_agreed_session,
    make_closed_session,
    make_contract,
    make_expert,
    make_offer,
    make_order,
    make_topic,
    make_user,
)

NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))
FIND = "/orders/find/"


def in_turn(user: User, **wanted: object) -> list[str]:
    """Who is found, in the order of the page."""
    return [expert.first_name for expert in find(user, Wanted(**wanted), at=NOW)]  # type: ignore[arg-type]


def names(user: User, **wanted: object) -> list[str]:
    """Who is found, by name."""
    return sorted(in_turn(user, **wanted))


# Lesson P4.
def test_a_topic_that_is_not_published_neither_shows_nor_matches_for_staff(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    clock(NOW)
    topic = make_topic("Masennus")
    make_expert(first_name="Hidden", topics=[topic], published=False)
    make_expert(first_name="Open", topics=[topic])
    assert names(cast.orderer, topic_id=topic.pk) == ["Open"]
    assert names(cast.coordinator, topic_id=topic.pk) == ["Hidden", "Open"]
    page = client_for(cast.orderer).get(FIND, {"topic": topic.pk}).content.decode()
    assert "Open" in page
    assert "Hidden" not in page
    everybody = present(find(cast.orderer, Wanted(), at=NOW), cast.orderer, "fi")
    assert {found.name.split()[0]: len(found.topics) + len(found.unpublished) for found in everybody}["Hidden"] == 0


def test_staff_see_first_name_and_initial_and_no_contact_data(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    clock(NOW)
    make_expert(first_name="Helmi", last_name="Salainen", email="helmi@example.org", phone="040 123 4567")
    page = client_for(cast.orderer).get(FIND).content.decode()
    assert "Helmi S." in page
    assert not [word for word in ("Salainen", "helmi@example.org", "123 4567", "1234567") if word in page]
    assert "Helmi Salainen" in client_for(cast.coordinator).get(FIND).content.decode()


@pytest.mark.parametrize(
    ("language", "shown"), [("fi", "Hei"), ("sv", "Hej"), ("en", "Hei")], ids=["fi", "sv", "English reads Finnish"]
)
def test_the_introduction_is_in_the_readers_language(cast: Cast, language: str, shown: str) -> None:
    expert = make_expert(introduction_fi="Hei", introduction_sv="Hej")
    found = present(Expert.objects.findable_by(cast.orderer, NOW.date()).filter(pk=expert.pk), cast.orderer, language)
    assert [one.introduction for one in found] == [shown]


def test_an_introduction_only_in_the_other_language_says_its_language(cast: Cast) -> None:
    expert = make_expert(introduction_sv="Hej")
    [found] = present(Expert.objects.filter(pk=expert.pk), cast.orderer, "fi")
    assert (found.introduction, found.introduction_language) == ("Hej", "sv")


def test_language_kind_area_and_remote_restrict(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    sign = make_expert(first_name="Sign", work_languages=["fsl"], remote=False)
    group = make_expert(first_name="Group", kinds=["group"], on_site=False)
    loviisa, porvoo = (Area.objects.create(name_fi=name, name_sv=name) for name in ("Loviisa", "Porvoo"))
    sign.areas.add(loviisa)
    group.areas.add(porvoo)
    assert names(cast.orderer, language="fsl") == ["Sign"]
    assert names(cast.orderer, kind="lecture") == ["Sign"]
    assert names(cast.orderer, area_id=porvoo.pk) == ["Group"]
    assert names(cast.orderer, remote=True) == ["Group"]
    assert names(cast.orderer, remote=False) == ["Sign"]


def test_the_contract_covers_the_day_and_the_kind(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    make_expert(first_name="None", contract=False)
    ended = make_expert(first_name="Ended", contract=False)
    make_contract(ended, valid_to=date(2026, 10, 6))
    last_day = make_expert(first_name="Lastday", contract=False)
    make_contract(last_day, valid_to=date(2026, 10, 7))
    draft = make_expert(first_name="Draft", contract=False)
    make_contract(draft, state="draft")
    groups = make_expert(first_name="Groups", contract=False)
    make_contract(groups, kinds=["group"])
    assert names(cast.orderer, kind="individual", times=(TEN,)) == ["Lastday"]
    assert names(cast.orderer, kind="group", times=(TEN,)) == ["Groups", "Lastday"]
    assert names(cast.orderer) == ["Ended", "Groups", "Lastday"]


def test_every_day_of_a_series_must_be_covered(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    expert = make_expert(first_name="Half", contract=False)
    make_contract(expert, valid_to=date(2026, 10, 7))
    later = (TEN[0] + timedelta(days=7), TEN[1] + timedelta(days=7))
    assert names(cast.orderer, times=(TEN, later)) == []
    make_contract(expert, valid_from=date(2026, 10, 8))
    assert names(cast.orderer, times=(TEN, later)) == ["Half"]


def test_several_contracts_cover_a_series_together_when_no_day_falls_between(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    expert = make_expert(first_name="Half", contract=False)
    make_contract(expert, valid_to=date(2026, 10, 7))
    make_contract(expert, valid_from=date(2026, 10, 9), kinds=["group", "lecture"])
    eighth, ninth, far = ((at(2026, 10, day, 10), at(2026, 10, day, 11)) for day in (8, 9, 30))
    assert names(cast.orderer, times=(TEN, ninth, far)) == ["Half"]
    assert names(cast.orderer, times=(TEN, eighth, far)) == []
    assert names(cast.orderer, times=(TEN, ninth, far), kind="lecture") == ["Half"]
    assert names(cast.orderer, times=(TEN, ninth, far), kind="individual") == []


@pytest.mark.parametrize("busy", [0, 1, 2], ids=["first", "second", "last"])
def test_one_of_several_times_is_enough_to_be_busy(cast: Cast, busy: int) -> None:
    """Whatever takes it; between the times everybody is free."""
    Expert.objects.update(state=Expert.State.PAUSED)
    agreed, asked, away, led, free = (make_expert(first_name=name) for name in ("Agr", "Ask", "Away", "Led", "Free"))
    times = [(at(2026, 10, day, 10), at(2026, 10, day, 11)) for day in (7, 14, 21)]
    taken = times[busy]
    make_agreed_session(*taken, expert=agreed)
    make_offer(make_order(times=[taken]), asked)
    Absence.objects.create(expert=away, first_day=taken[0].date(), last_day=taken[0].date())
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    meeting = SupervisionMeeting.objects.create(group=group, starts_at=taken[0], ends_at=taken[1], place="Room 1")
    Attendance.objects.create(meeting=meeting, expert=led)
    make_agreed_session(at(2026, 10, 10, 10), expert=free)
    assert names(cast.orderer, times=tuple(times)) == ["Free"]
    others = tuple(time for time in times if time != taken)
    assert names(cast.orderer, times=others) == ["Agr", "Ask", "Away", "Free", "Led"]


@pytest.mark.parametrize(
    ("starts", "ends", "free"),
    [(9, 10, True), (11, 12, True), (10, 11, False), (9, 12, False), (10, 12, False)],
    ids=["before", "after", "equal", "around", "longer"],
)
def test_an_agreed_session_takes_the_time_half_open(cast: Cast, starts: int, ends: int, *, free: bool) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    make_agreed_session(*TEN, expert=make_expert(first_name="Busy"))
    asked = (at(2026, 10, 7, starts), at(2026, 10, 7, ends))
    assert names(cast.orderer, times=(asked,)) == (["Busy"] if free else [])


@pytest.mark.parametrize(("hour", "free"), [(9, False), (10, True)], ids=["its last hour", "after it"])
def test_a_session_that_began_the_day_before_takes_the_time(cast: Cast, hour: int, *, free: bool) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    make_agreed_session(at(2026, 10, 6, 10), at(2026, 10, 7, 10), expert=make_expert(first_name="Long"))
    asked = (at(2026, 10, 7, hour), at(2026, 10, 7, 11))
    assert names(cast.orderer, times=(asked,)) == (["Long"] if free else [])


# Lesson R2.
def test_an_open_offer_takes_the_time_until_it_is_declined(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    expert = make_expert(first_name="Asked")
    offer = make_offer(make_order(times=[TEN]), expert)
    assert names(cast.orderer, times=(TEN,)) == []
    offer.state, offer.answered_at = "declined", NOW
    offer.save()
    assert names(cast.orderer, times=(TEN,)) == ["Asked"]


def test_a_cancelled_session_leaves_the_time_free(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    expert = make_expert(first_name="Free")
    make_closed_session(*TEN, expert=expert, event="orderer_cancelled", received_at=NOW)
    assert names(cast.orderer, times=(TEN,)) == ["Free"]


def test_fewest_sessions_of_the_last_four_weeks_come_first_and_a_no_counts_for_nothing(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    much, once, refuser, old = (make_expert(first_name=name) for name in ("Amuch", "Bonce", "Cno", "Dold"))
    for hour in (10, 12):
        make_agreed_session(at(2026, 9, 20, hour), expert=much, agreed_at=at(2026, 9, 1))
    make_agreed_session(at(2026, 9, 20, 14), expert=once, agreed_at=at(2026, 9, 1))
    make_agreed_session(at(2026, 9, 30, 14), expert=old, agreed_at=NOW - timedelta(weeks=4))
    for _number in range(3):
        make_offer(make_order(times=[TEN]), refuser, state="declined", answered_at=at(2026, 9, 3))
    found = in_turn(cast.orderer)
    assert (sorted(found[:2]), found[2:]) == (["Cno", "Dold"], ["Bonce", "Amuch"])


def test_so_many_times_and_more_are_the_same(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who works every day and who works twice a day come in turn, after all who work less."""
    monkeypatch.setattr("assignments.find.MOST_COUNTED", 2)
    Expert.objects.update(state=Expert.State.PAUSED)
    much, more, less = (make_expert(first_name=name) for name in ("Amuch", "Bmore", "Cless"))
    for expert, times in ((much, 2), (more, 4), (less, 1)):
        for hour in range(8, 8 + times):
            make_agreed_session(at(2026, 9, 20, hour), expert=expert, agreed_at=at(2026, 9, 1))
    days = [find(cast.orderer, Wanted(), at=NOW + timedelta(hours=24 * n)) for n in range(10)]
    turns = {tuple(expert.first_name for expert in day) for day in days}
    assert turns == {("Cless", "Amuch", "Bmore"), ("Cless", "Bmore", "Amuch")}
    found = present(find(cast.orderer, Wanted(), at=NOW), cast.orderer, "fi")
    assert [(one.recent, one.or_more) for one in found] == [(1, False), (2, True), (2, True)]


def test_equal_ones_change_places_from_day_to_day_the_same_for_everybody_all_day(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    for _number in range(4):
        make_expert()
    hours = (NOW, NOW + timedelta(hours=3))
    turns = [[expert.pk for expert in find(cast.orderer, Wanted(), at=moment)] for moment in hours]
    assert turns[0] == turns[1]
    assert turns[0] == [expert.pk for expert in find(cast.coordinator, Wanted(), at=NOW)]
    days = [[expert.pk for expert in find(cast.orderer, Wanted(), at=NOW + timedelta(days=n))] for n in range(40)]
    assert {frozenset(day) for day in days} == {frozenset(turns[0])}
    assert {day[0] for day in days} == set(turns[0])  # in forty days each of the four has been the first


# Lesson R10.
def test_a_date_of_supervision_takes_the_time_in_the_search_and_in_saving(cast: Cast) -> None:
    """R10: work supervision is kept free of orders."""
    Expert.objects.update(state=Expert.State.PAUSED)
    expert = make_expert(first_name="Super")
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    meeting = SupervisionMeeting.objects.create(group=group, starts_at=TEN[0], ends_at=TEN[1], place="Room 1")
    place = Attendance.objects.create(meeting=meeting, expert=expert)
    assert names(cast.orderer, times=(TEN,)) == []
    with pytest.raises(Refused, match="not free: work supervision"):
        check_expert(expert, "individual", [TEN])
    after = (TEN[1], TEN[1] + timedelta(hours=1))
    assert names(cast.orderer, times=(after,)) == ["Super"]
    check_expert(expert, "individual", [after])
    place.state = Attendance.State.SIGNED_OFF
    place.save()
    assert names(cast.orderer, times=(TEN,)) == ["Super"]
    check_expert(expert, "individual", [TEN])
    place.state = Attendance.State.SIGNED_UP
    place.save()
    SupervisionMeeting.objects.update(cancelled_at=NOW)
    assert names(cast.orderer, times=(TEN,)) == ["Super"]


def test_the_reasons_are_said_in_words_and_hold_only_what_is_shown(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    clock(NOW)
    Expert.objects.update(state=Expert.State.PAUSED)
    topic, area = make_topic("Masennus", name_sv="Depression"), Area.objects.create(name_fi="Askola", name_sv="Askola")
    known = make_expert(first_name="Known", topics=[topic])
    known.areas.add(area)
    make_agreed_session(at(2026, 9, 1, 10), expert=known, unit=cast.unit)
    make_agreed_session(at(2026, 9, 1, 10), expert=make_expert(first_name="Elsewhere"), unit=cast.other_unit)
    wanted = Wanted(topic_id=topic.pk, language="sv", area_id=area.pk, times=(TEN,), unit_ids=(cast.unit.pk,))
    [found] = present(find(cast.orderer, wanted, at=NOW), cast.orderer, "en", wanted)
    assert found.reasons == [
        "own experience: Masennus",
        "works in Swedish",
        "works in the area Askola",
        "has worked in the unit before",
        "free at that time",
    ]
    plain = Wanted(area_id=area.pk, unit_ids=(cast.unit.pk,))
    everybody = present(find(cast.orderer, plain, at=NOW), cast.orderer, "en", plain)
    assert {one.name.split()[0]: one.reasons for one in everybody} == {
        "Known": ["works in the area Askola", "has worked in the unit before"],
        "Elsewhere": ["works in all areas"],
    }
    assert "has worked in the unit before" in client_for(cast.orderer).get(FIND).content.decode()


def test_who_has_chosen_no_areas_works_in_all_of_them(cast: Cast) -> None:
    area = Area.objects.create(name_fi="Askola", name_sv="Askola")
    assert names(cast.orderer, area_id=area.pk) == ["Eva", "Otto"]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 10, 7), date(2026, 10, 7), False),
        (date(2026, 10, 1), date(2026, 10, 31), False),
        (date(2026, 10, 8), date(2026, 10, 9), True),
        (date(2026, 10, 1), date(2026, 10, 6), True),
    ],
    ids=["that day", "around it", "from the next day", "until the day before"],
)
def test_an_absent_expert_is_not_free(cast: Cast, first: date, last: date, *, found: bool) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    Absence.objects.create(expert=make_expert(first_name="Away"), first_day=first, last_day=last)
    assert names(cast.orderer, times=(TEN,)) == (["Away"] if found else [])
    assert names(cast.orderer) == ["Away"]


def test_a_time_until_midnight_does_not_touch_the_next_day(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED)
    late = make_expert(first_name="Late")
    Absence.objects.create(expert=late, first_day=date(2026, 10, 8), last_day=date(2026, 10, 8))
    assert names(cast.orderer, times=((at(2026, 10, 7, 22), at(2026, 10, 8, 0)),)) == ["Late"]
    assert names(cast.orderer, times=((at(2026, 10, 7, 22), at(2026, 10, 8, 0, 1)),)) == []


def test_after_a_break_with_an_end_one_is_found_again_that_very_day(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.PAUSED, pause_until=date(2026, 9, 16))
    assert names(cast.orderer) == []
    tomorrow = find(cast.orderer, Wanted(), at=NOW + timedelta(days=1))
    assert sorted(expert.first_name for expert in tomorrow) == ["Eva", "Otto"]


def test_the_coordinators_look_at_topics_without_consent_is_noted_for_each(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    clock(NOW)
    hidden = make_expert(topics=[make_topic()], published=False)
    make_expert(topics=[make_topic()])
    client_for(cast.orderer).get(FIND)
    assert ReadLog.objects.count() == 0
    client_for(cast.coordinator).get(FIND)
    assert list(ReadLog.objects.values_list("reader", "expert", "what")) == [
        (cast.coordinator.pk, hidden.pk, "topics shown")
    ]


def test_paused_experts_are_not_found_and_nobody_else_finds_anybody(cast: Cast) -> None:
    make_expert(first_name="Paused", state=Expert.State.PAUSED)
    assert "Paused" not in names(cast.coordinator)
    assert names(cast.finance) == []
    assert names(make_user(roles=[Role.EXPERT])) == []


def test_a_search_by_topic_is_noted_and_another_is_not(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock
) -> None:
    clock(NOW)
    client, topic = client_for(cast.orderer), make_topic()
    client.get(FIND, {"language": "fi"})
    assert ReadLog.objects.count() == 0
    client.get(FIND, {"topic": topic.pk})
    [note] = ReadLog.objects.all()
    assert (note.reader, note.expert, note.what, note.at) == (cast.orderer, None, f"topic search:{topic.pk}", NOW)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"day": "7.10.2026", "start": "9.5", "end": "11"}, "two digits"),
        ({"day": "7.10.2026", "start": "9"}, "both times"),
        ({"start": "9", "end": "10"}, "the date too"),
        ({"day": "31.2.2026"}, "no such day"),
        ({"topic": "999999"}, "Select a valid choice"),
        ({"day": "14.9.2026"}, "This time has passed already."),
        ({"day": "15.9.2026", "start": "8", "end": "9"}, "This time has passed already."),
    ],
    ids=["half an hour or five minutes", "no end", "no date", "no day", "unknown topic", "yesterday", "just over"],
)
def test_what_is_not_understood_is_told_and_kept(
    cast: Cast, client_for: Callable[[User], Client], clock: Clock, asked: dict[str, str], said: str
) -> None:
    clock(NOW)
    page = client_for(cast.orderer).get(FIND, asked).content.decode()
    assert said in page
    assert "Eva E." not in page
    if "start" in asked:
        assert f'value="{asked["start"]}"' in page


def test_what_is_left_of_today_can_be_asked_for(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> None:
    clock(NOW)
    client = client_for(cast.orderer)
    for asked in ({"day": "15.9.2026"}, {"day": "15.9.2026", "start": "8.30", "end": "9.30"}):
        assert "Eva E." in client.get(FIND, asked).content.decode()


def test_a_date_alone_means_the_whole_day(cast: Cast, client_for: Callable[[User], Client], clock: Clock) -> None:
    clock(NOW)
    make_agreed_session(*TEN, expert=cast.expert)
    page = client_for(cast.orderer).get(FIND, {"day": "7.10.2026"}).content.decode()
    assert "Otto O." in page
    assert "Eva E." not in page


@pytest.mark.parametrize("many", [1, 30])
def test_at_most_ten_queries_for_one_and_for_thirty(
    cast: Cast,
    client_for: Callable[[User], Client],
    clock: Clock,
    django_assert_max_num_queries: Callable[..., object],
    many: int,
) -> None:
    clock(NOW)
    topic = make_topic()
    area = Area.objects.create(name_fi="Askola", name_sv="Askola")
    for _number in range(many):
        make_expert(topics=[topic], municipality="Loviisa").areas.add(area)
    client = client_for(cast.orderer)
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        client.get(FIND, {"topic": str(topic.pk), "day": "7.10.2026", "start": "9", "end": "10"})
    assert client.get(FIND, {"topic": topic.pk}).status_code == 200


def test_a_search_is_planned_by_its_values_however_often_it_is_made(cast: Cast) -> None:
    """A general plan looks through everybody's sessions; what a connection repeats gets one, this does not."""
    make_expert()
    wanted = Wanted(kind="group", times=[TEN])
    for _time in range(12):
        ranked(cast.coordinator, wanted, at=NOW)
        list(Area.objects.filter(name_fi="Porvoo"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        prepared = [statement for (statement,) in cursor.fetchall()]
    assert [one for one in prepared if "experts_area" in one]
    assert not [one for one in prepared if "supervision_attendance" in one]


def test_finance_does_not_find(cast: Cast, client_for: Callable[[User], Client]) -> None:
    assert client_for(cast.finance).get(FIND).status_code == 403
