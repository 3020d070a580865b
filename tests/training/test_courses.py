"""Courses as the coordinator keeps them: dates, places, attendance, completion; and what experts see."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from experts.models import Expert
from office.errors import Conflict, Refused
from office.models import LogEntry, OutboxMessage, User
from office.todo import todos
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert
from tests.factories.training import MONDAY_9, make_course, make_external, make_place, make_training
from training import actions
from training.models import Attendance, Course, CourseDate, ExternalTraining, Participant, Training

NOW = at(2026, 9, 14, 12)
TUESDAY_9 = at(2026, 9, 15, 9)
SignIn = Callable[[User], Client]
State = Participant.State


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def url(name: str, *args: int) -> str:
    return reverse(f"training:{name}", args=args)


def text(page: Any) -> str:
    return " ".join(page.content.decode().replace("\u00a0", " ").split())


# --- trainings and courses -------------------------------------------------------------------------------------------


def test_the_coordinator_adds_a_training_and_its_code_stays(coordinator: Client) -> None:
    typed = {"code": "speaker", "name_fi": "Puhuja", "name_sv": "Talare", "sort": "further", "kinds": ["lecture"]}
    assert coordinator.post(url("training_new"), typed | {"is_active": "on"}).status_code == 302
    made = Training.objects.get()
    assert (made.code, made.kinds, made.is_active) == ("speaker", ["lecture"], True)
    coordinator.post(url("training", made.pk), typed | {"code": "other", "is_active": "on"})
    made.refresh_from_db()
    assert made.code == "speaker"
    again = coordinator.post(url("training_new"), typed)
    assert "already exists" in text(again)
    assert 'value="Talare"' in text(again)


def test_a_course_with_dates_as_people_write_them(coordinator: Client) -> None:
    training = make_training()
    typed = {"training": training.pk, "trainer": "Tina Trainer", "seats": "8", "place": "Library"}
    dates = "8.10.2026 9–15.30\n\n 1.10.2026  9.00-12"
    assert coordinator.post(url("course_new"), typed | {"dates": dates}).status_code == 302
    course = Course.objects.get()
    assert [(held.starts_at, held.ends_at) for held in course.dates.all()] == [
        (at(2026, 10, 1, 9), at(2026, 10, 1, 12)),
        (at(2026, 10, 8, 9), at(2026, 10, 8, 15, 30)),
    ]
    again = coordinator.post(url("course_new"), typed | {"dates": dates})
    assert "This course is there already." in text(again)
    assert Course.objects.count() == 1


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        ("1.10.2026 9–12\n1.10.2026 11.59–13", "Two of the dates overlap."),
        ("1.10.2026 12–9", "The end is before the beginning: “1.10.2026 12–9”."),
        ("1.10.2026", "Write “1.10.2026” like this: 2.4.2026 9.00–15.30."),
        ("31.9.2026 9–12", "There is no such day."),
        ("28.3.2027 3.30–5", "The clock is moved forward on that night: this time does not exist."),
        ("", "This field is required."),
    ],
    ids=["overlap", "backwards", "no times", "no such day", "skipped hour", "empty"],
)
def test_dates_that_cannot_be_are_told_and_kept(coordinator: Client, dates: str, says: str) -> None:
    typed = {"training": make_training().pk, "trainer": "Tina", "seats": "8", "place": "Library", "dates": dates}
    page = coordinator.post(url("course_new"), typed)
    assert says in text(page)
    assert 'value="Tina"' in text(page)
    assert dates in page.content.decode()
    assert not Course.objects.exists()


def test_dates_that_touch_do_not_overlap_and_the_database_agrees(cast: Cast) -> None:
    course = make_course()
    touching = (MONDAY_9 + timedelta(hours=3), MONDAY_9 + timedelta(hours=5))
    assert actions.add_dates(course, [touching], place="Library", by=cast.coordinator, at=NOW) == 1
    with pytest.raises(Refused, match="The course has another date at that time"):
        actions.add_dates(course, [(MONDAY_9, touching[1])], place="Library", by=cast.coordinator, at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        CourseDate.objects.create(course=course, starts_at=MONDAY_9, ends_at=touching[1], place="Library")


def test_a_trainer_is_not_named_by_an_identity_code(coordinator: Client) -> None:
    typed = {"training": make_training().pk, "trainer": "Tina 131052-308T", "seats": "8", "place": "Library"}
    page = coordinator.post(url("course_new"), typed | {"dates": "1.10.2026 9–12"})
    assert "This looks like a personal identity code." in text(page)


# --- places ----------------------------------------------------------------------------------------------------------


def test_on_a_course_once_with_one_message(cast: Cast, coordinator: Client) -> None:
    course = make_course(starts=[TUESDAY_9])
    for _press in range(2):
        assert coordinator.post(url("enrol", course.pk), {"expert": cast.expert.pk}).status_code == 302
    assert course.participants.count() == 1
    message = OutboxMessage.objects.get(recipient=cast.expert_user)
    assert message.subject == "You have a place on a course"
    assert "Tue 15 Sep 2026 at 9:00–12:00, Library" in message.body.replace("\u00a0", " ")
    assert LogEntry.objects.filter(kind="participant.enrol").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(course=course, expert=cast.expert)


def test_no_more_than_the_seats_and_who_left_gives_the_seat(cast: Cast) -> None:
    course = make_course(seats=1)
    assert actions.enrol(course, cast.expert, by=cast.coordinator, at=NOW)
    with pytest.raises(Refused, match="All seats of the course are taken"):
        actions.enrol(course, cast.second_expert, by=cast.coordinator, at=NOW)
    actions.end(course.participants.all(), "interrupt", on=date(2026, 9, 14), by=cast.coordinator, at=NOW)
    assert actions.enrol(course, cast.second_expert, by=cast.coordinator, at=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_for_the_last_seat(cast: Cast) -> None:
    course = make_course(seats=1)
    together = Barrier(2)

    def enrol(expert: Expert) -> str:
        try:
            with translation.override("en"):
                together.wait(timeout=10)
                actions.enrol(course, expert, by=cast.coordinator, at=NOW)
        except Refused as error:
            return str(error.message)
        finally:
            connection.close()
        return "enrolled"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(enrol, [cast.expert, cast.second_expert]))
    assert said == ["All seats of the course are taken.", "enrolled"]


def test_who_has_left_is_not_put_on_a_course(cast: Cast) -> None:
    gone = make_expert(contract=False, state=Expert.State.ENDED)
    with pytest.raises(Refused, match="has left"):
        actions.enrol(make_course(), gone, by=cast.coordinator, at=NOW)


def test_taken_off_only_before_being_there(cast: Cast) -> None:
    course = make_course()
    place, other = make_place(course, cast.expert), make_place(course, cast.second_expert)
    Attendance.objects.create(date=course.dates.get(), participant=other)
    actions.take_off(place, by=cast.coordinator, at=NOW)
    actions.take_off(place, by=cast.coordinator, at=NOW)
    with pytest.raises(Refused, match="Mark it as interrupted instead"):
        actions.take_off(other, by=cast.coordinator, at=NOW)
    assert list(course.participants.all()) == [other]
    assert LogEntry.objects.filter(kind="course.taken_off").count() == 1


# --- attendance and hours --------------------------------------------------------------------------------------------


def test_ticks_are_saved_corrected_and_summed_to_the_minute(cast: Cast, coordinator: Client) -> None:
    course = make_course(starts=[MONDAY_9, MONDAY_9 + timedelta(days=1)])
    first, second = course.dates.all()
    CourseDate.objects.filter(pk=second.pk).update(ends_at=second.starts_at + timedelta(minutes=50))
    eva, otto = make_place(course, cast.expert), make_place(course, cast.second_expert)
    coordinator.post(url("date", first.pk), {"there": [eva.pk, otto.pk]})
    coordinator.post(url("date", second.pk), {"there": [eva.pk]})
    coordinator.post(url("date", first.pk), {"there": [eva.pk]})  # a correction
    coordinator.post(url("date", first.pk), {"there": [eva.pk]})  # a second click
    found = dict(course.participants.with_time().values_list("expert__first_name", "time"))  # type: ignore[misc]  # annotated
    assert found == {"Eva": timedelta(hours=3, minutes=50), "Otto": timedelta()}
    told = [entry.facts for entry in LogEntry.objects.filter(kind="course.attendance").order_by("pk")]
    assert told == [{"there": 2, "of": 2}, {"there": 1, "of": 2}, {"there": 1, "of": 2}]
    assert "3 h 50 min" in text(coordinator.get(url("course", course.pk)))


@pytest.mark.parametrize(("minutes", "may"), [(-1, False), (0, True)], ids=["a minute before", "as it begins"])
def test_attendance_from_the_beginning_on(cast: Cast, minutes: int, *, may: bool) -> None:
    course = make_course(starts=[TUESDAY_9])
    place, when = make_place(course, cast.expert), TUESDAY_9 + timedelta(minutes=minutes)
    if may:
        actions.mark(course.dates.get(), [place.pk], by=cast.coordinator, at=when)
        assert course.dates.get().marked_at == when
    else:
        with pytest.raises(Refused, match="when the date has begun"):
            actions.mark(course.dates.get(), [place.pk], by=cast.coordinator, at=when)


def test_participants_of_another_course_are_not_marked(cast: Cast) -> None:
    course, stranger = make_course(), make_place(make_course(), cast.expert)
    with pytest.raises(Conflict):
        actions.mark(course.dates.get(), [stranger.pk], by=cast.coordinator, at=NOW)
    assert not Attendance.objects.exists()


def test_a_date_with_attendance_stays(cast: Cast, coordinator: Client) -> None:
    course = make_course(starts=[MONDAY_9, TUESDAY_9])
    first, second = course.dates.all()
    Attendance.objects.create(date=first, participant=make_place(course, cast.expert))
    with pytest.raises(Refused, match="so it stays"):
        actions.remove_date(first, by=cast.coordinator, at=NOW)
    coordinator.post(url("date_remove", second.pk))
    assert list(course.dates.all()) == [first]


# --- completion ------------------------------------------------------------------------------------------------------


def test_completed_once_by_whom_and_undone(cast: Cast, coordinator: Client) -> None:
    course = make_course()
    eva, otto = make_place(course, cast.expert), make_place(course, cast.second_expert)
    for _press in range(2):
        coordinator.post(url("end", course.pk), {"participants": [eva.pk], "on": "8.9.2026", "to": "complete"})
    coordinator.post(url("end", course.pk), {"participants": [eva.pk, otto.pk], "on": "9.9.2026", "to": "interrupt"})
    eva.refresh_from_db()
    otto.refresh_from_db()
    assert (eva.state, eva.ended_on, eva.ended_by) == (State.COMPLETED, date(2026, 9, 8), cast.coordinator)
    assert (otto.state, otto.ended_on) == (State.INTERRUPTED, date(2026, 9, 9))
    assert LogEntry.objects.filter(kind="participant.complete").count() == 1
    assert "Carla Coordinator: Eva Expert has completed the course" in text(coordinator.get(url("course", course.pk)))
    coordinator.post(url("undo", eva.pk))
    eva.refresh_from_db()
    assert (eva.state, eva.ended_on, eva.ended_by) == (State.ENROLLED, None, None)


@pytest.mark.parametrize(
    ("on", "says"),
    [
        ("15.9.2026", "This day is in the future."),
        ("6.9.2026", "This day is before the course began."),
        ("", "This field is required."),
    ],
    ids=["tomorrow", "before it began", "no day"],
)
def test_a_day_that_cannot_be_is_told_and_the_ticks_stay(cast: Cast, coordinator: Client, on: str, says: str) -> None:
    place = make_place(make_course(), cast.expert)
    page = coordinator.post(url("end", place.course_id), {"participants": [place.pk], "on": on, "to": "complete"})
    assert says in text(page)
    assert f'value="{place.pk}" checked' in text(page)
    place.refresh_from_db()
    assert place.state == State.ENROLLED


def test_nobody_ticked_and_strangers_ticked(cast: Cast, coordinator: Client) -> None:
    course, stranger = make_course(), make_place(make_course(), cast.expert)
    make_place(course, cast.second_expert)
    none = coordinator.post(url("end", course.pk), {"on": "8.9.2026", "to": "complete"})
    assert "Tick at least one participant." in text(none)
    other = coordinator.post(url("end", course.pk), {"participants": [stranger.pk], "on": "8.9.2026"})
    assert "This has changed meanwhile." in text(other)
    stranger.refresh_from_db()
    assert stranger.state == State.ENROLLED


def test_the_database_wants_the_day_of_a_completion(cast: Cast) -> None:
    place = make_place(make_course(), cast.expert)
    with pytest.raises(IntegrityError, match="course_end_has_its_day"), transaction.atomic():
        Participant.objects.filter(pk=place.pk).update(state=State.COMPLETED)


# --- elsewhere, panels, tasks ----------------------------------------------------------------------------------------


def test_a_training_from_elsewhere_is_noted_once(cast: Cast, coordinator: Client) -> None:
    typed = {"name": "First aid", "organiser": "Red Cross", "completed_on": "4.5.2026", "hours": "7,5"}
    assert coordinator.post(url("external_new", cast.expert.pk), typed).status_code == 302
    held = ExternalTraining.objects.get()
    assert (held.expert, held.minutes, held.noted_by) == (cast.expert, 450, cast.coordinator)
    assert "This training is noted already." in text(coordinator.post(url("external_new", cast.expert.pk), typed))
    for field, value, says in (
        ("completed_on", "15.9.2026", "This day is in the future."),
        ("hours", "0,33", "Write whole minutes"),
        ("name", "131052-308T", "personal identity code"),
    ):
        assert says in text(coordinator.post(url("external_new", cast.expert.pk), typed | {field: value})), field
    for _press in range(2):
        coordinator.post(url("external_remove", held.pk))
    assert not ExternalTraining.objects.exists()
    assert LogEntry.objects.filter(kind="externaltraining.remove").count() == 1


def test_the_registry_and_the_own_page_show_trainings_with_hours(
    cast: Cast, coordinator: Client, client_for: SignIn
) -> None:
    course = make_course(make_training(name_fi="Ryhmänohjaaja"), starts=[MONDAY_9, TUESDAY_9])
    place = make_place(course, cast.expert)
    Attendance.objects.create(date=course.dates.all()[0], participant=place)
    make_external(cast.expert, minutes=95)
    for page in (
        coordinator.get(reverse("experts:expert", args=[cast.expert.pk])),
        client_for(cast.expert_user).get(reverse("experts:me")),
    ):
        said = text(page)
        assert "Ryhmänohjaaja" in said
        assert "First aid" in said
        assert "4 h 35 min in all" in said
        assert "Dates to come" in said
        assert "9:00–12:00" in said
    assert "My trainings" not in text(client_for(cast.second_expert_user).get(reverse("experts:me")))


def test_the_coordinator_is_asked_who_was_there(cast: Cast) -> None:
    course = make_course(make_training(name_fi="Puhuja"), starts=[MONDAY_9])
    make_course(starts=[MONDAY_9])  # nobody on it: nothing to mark

    def asked(user: User, when: Any) -> list[str]:
        return [t.sentence.replace("\u00a0", " ") for t in todos(user, when) if "/training/" in t.url]

    place, over = make_place(course, cast.expert), MONDAY_9 + timedelta(hours=3)
    assert asked(cast.coordinator, over - timedelta(minutes=1)) == []
    assert asked(cast.coordinator, over) == ["Mark who was there: Puhuja, Mon 7 Sep 2026"]
    assert asked(cast.expert_user, over) == []
    actions.mark(course.dates.get(), [place.pk], by=cast.coordinator, at=over)
    assert asked(cast.coordinator, over) == []


# --- rights and queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_only_the_coordinator_keeps_trainings(cast: Cast, client_for: SignIn, who: str) -> None:
    course = make_course()
    place = make_place(course, cast.expert)
    browser, user = client_for(getattr(cast, who)), getattr(cast, who)
    assert browser.get(url("courses")).status_code == 403
    assert browser.post(url("end", course.pk), {"participants": [place.pk], "on": "8.9.2026"}).status_code == 403
    for act in (
        lambda: actions.enrol(course, cast.second_expert, by=user, at=NOW),
        lambda: actions.mark(course.dates.get(), [place.pk], by=user, at=NOW),
        lambda: actions.end([place], "complete", on=date(2026, 9, 8), by=user, at=NOW),
        lambda: actions.take_off(place, by=user, at=NOW),
        lambda: actions.save_training(make_training(), by=user, at=NOW),
        lambda: actions.note_external(ExternalTraining(expert=cast.expert), by=user, at=NOW),
    ):
        with pytest.raises(Refused, match="You may not do this"):
            act()


@pytest.mark.parametrize("how_many", [1, 30])
def test_the_pages_take_at_most_ten_queries(
    cast: Cast, coordinator: Client, django_assert_max_num_queries: Any, how_many: int
) -> None:
    course = make_course(starts=[MONDAY_9 + timedelta(days=n) for n in range(how_many)], seats=40)
    first = course.dates.all()[0]
    for _n in range(how_many):
        place = make_place(course, make_expert(contract=False))
        Attendance.objects.create(date=first, participant=place)
        make_course()
    for address in (url("courses"), url("course", course.pk), url("date", first.pk), url("trainings")):
        with django_assert_max_num_queries(10):
            assert coordinator.get(address).status_code == 200
