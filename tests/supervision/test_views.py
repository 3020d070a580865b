"""Supervision as experts, the supervisor and the coordinator meet it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from experts.models import Expert
from office import todo
from office.errors import Refused
from office.models import LogEntry, OutboxMessage, User
from supervision import actions
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast, Clock
from tests.factories import at, make_expert, make_user

NOW = at(2026, 10, 5, 9)
TUESDAY = at(2026, 10, 6, 14)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


def make_group(supervisor: User, *, seats: int = 8, **fields: Any) -> SupervisionGroup:
    names = {"name_fi": "Itäinen ryhmä", "name_sv": "Östra gruppen"}
    return SupervisionGroup.objects.create(supervisor=supervisor, seats=seats, **(names | fields))


def make_meeting(group: SupervisionGroup, starts_at: datetime = TUESDAY) -> SupervisionMeeting:
    ends_at = starts_at + timedelta(hours=2)
    return SupervisionMeeting.objects.create(group=group, starts_at=starts_at, ends_at=ends_at, place="Porvoo")


@pytest.fixture
def meeting(cast: Cast) -> SupervisionMeeting:
    return make_meeting(make_group(cast.supervisor))


@pytest.fixture
def eva(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.expert_user)


@pytest.fixture
def sue(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.supervisor)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def states(meeting: SupervisionMeeting) -> list[tuple[str, str]]:
    places = meeting.attendances.select_related("expert").order_by("id")
    return [(place.expert.first_name, place.state) for place in places]


@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance"])
def test_units_and_finance_have_no_supervision(cast: Cast, client_for: SignIn, who: str) -> None:
    assert client_for(getattr(cast, who)).get(reverse("supervision:groups")).status_code == 403


def test_an_expert_does_not_see_who_else_comes(eva: Client, meeting: SupervisionMeeting, cast: Cast) -> None:
    actions.sign_up(meeting, cast.second_expert, by=cast.second_expert_user, at=NOW)
    page = eva.get(reverse("supervision:groups"))
    assert b"1 of 8 seats taken" in page.content
    assert b"Other" not in page.content
    assert eva.get(reverse("supervision:meeting", args=[meeting.pk])).status_code == 403


def test_another_supervisor_sees_nothing_of_the_group(
    cast: Cast, client_for: SignIn, meeting: SupervisionMeeting
) -> None:
    other = client_for(make_user(roles=["supervisor"]))
    Attendance.objects.create(meeting=meeting, expert=cast.expert)
    place = meeting.attendances.get()
    assert other.get(reverse("supervision:group", args=[meeting.group_id])).status_code == 404
    assert other.get(reverse("supervision:meeting", args=[meeting.pk])).status_code == 404
    assert other.post(reverse("supervision:dates", args=[meeting.group_id])).status_code == 404
    assert other.post(reverse("supervision:cancel", args=[meeting.pk])).status_code == 404
    assert other.post(reverse("supervision:attendance", args=[place.pk]), {"to": "present"}).status_code == 404


def test_signing_up_and_off_also_twice(eva: Client, meeting: SupervisionMeeting) -> None:
    where = reverse("supervision:place", args=[meeting.pk])
    for _click in range(2):
        assert eva.post(where, {"to": "up"}).status_code == 302
    assert states(meeting) == [("Eva", "signed_up")]
    for _click in range(2):
        assert eva.post(where, {"to": "off"}).status_code == 302
    assert states(meeting) == [("Eva", "signed_off")]
    eva.post(where, {"to": "up"})
    assert states(meeting) == [("Eva", "signed_up")]
    assert [e.kind for e in LogEntry.objects.all()] == ["meeting.sign_up", "meeting.sign_off", "meeting.sign_up"]
    assert OutboxMessage.objects.count() == 0


def test_a_full_group_has_no_button_and_refuses(eva: Client, cast: Cast) -> None:
    meeting = make_meeting(make_group(cast.supervisor, seats=1))
    actions.sign_up(meeting, cast.second_expert, by=cast.second_expert_user, at=NOW)
    assert b"Sign up" not in eva.get(reverse("supervision:groups")).content
    with pytest.raises(Refused, match="All seats are taken"):
        actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)
    actions.sign_off(meeting, cast.second_expert, by=cast.second_expert_user, at=NOW)
    actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)
    assert states(meeting) == [("Otto", "signed_off"), ("Eva", "signed_up")]


@pytest.mark.django_db(transaction=True)
def test_the_last_seat_is_given_once(transactional_db: None) -> None:
    supervisor = make_user(roles=["supervisor"])
    meeting = make_meeting(make_group(supervisor, seats=1))
    experts = [make_expert(contract=False) for _ in range(4)]
    start = Barrier(len(experts))

    def one(expert: Expert) -> str:
        try:
            user = User.objects.get(expert=expert)
            start.wait(timeout=10)
            with translation.override("en"):  # a thread has no language of its own
                actions.sign_up(meeting, expert, by=user, at=NOW)
        except Refused as refusal:
            with translation.override("en"):
                return str(refusal.message)
        else:
            return "in"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(experts)) as pool:
        answers = list(pool.map(one, experts))
    assert sorted(answers) == ["All seats are taken. Choose another date."] * 3 + ["in"]
    assert meeting.attendances.count() == 1


def test_nobody_signs_up_for_what_has_begun_or_is_cancelled(cast: Cast, meeting: SupervisionMeeting) -> None:
    with pytest.raises(Refused, match="begun already"):
        actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=TUESDAY)
    actions.cancel(meeting, by=cast.supervisor, at=NOW)
    with pytest.raises(Refused, match="is cancelled"):
        actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)


def test_an_expert_signs_up_nobody_else(cast: Cast, meeting: SupervisionMeeting) -> None:
    with pytest.raises(Refused, match="You may not do this"):
        actions.sign_up(meeting, cast.second_expert, by=cast.expert_user, at=NOW)


def test_the_coordinator_signs_up_who_called(coordinator: Client, cast: Cast, meeting: SupervisionMeeting) -> None:
    where = reverse("supervision:sign_up_for", args=[meeting.pk])
    coordinator.post(where, {"expert": cast.expert.pk})
    assert states(meeting) == [("Eva", "signed_up")]
    entry = LogEntry.objects.get()
    assert (entry.actor, entry.on_behalf_of) == (cast.coordinator, cast.expert_user)


def test_attendance_from_the_beginning_on(sue: Client, cast: Cast, meeting: SupervisionMeeting, clock: Clock) -> None:
    actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)
    place = meeting.attendances.get()
    where = reverse("supervision:attendance", args=[place.pk])
    sue.post(where, {"to": "present"})
    assert states(meeting) == [("Eva", "signed_up")]
    clock(TUESDAY)
    sue.post(where, {"to": "present"})
    assert states(meeting) == [("Eva", "present")]
    sue.post(where, {"to": "absent"})
    assert states(meeting) == [("Eva", "absent")]


def test_the_supervisor_is_asked_to_mark(cast: Cast, meeting: SupervisionMeeting) -> None:
    actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)
    assert todo.todos(cast.supervisor, NOW) == []
    said = [task.sentence for task in todo.todos(cast.supervisor, TUESDAY)]
    assert said == ["Mark who came: Itäinen ryhmä, Tue\u00a06\u00a0Oct\u00a02026 at\u00a014:00"]
    actions.mark(meeting.attendances.get(), present=True, by=cast.supervisor, at=TUESDAY)
    assert todo.todos(cast.supervisor, TUESDAY) == []


def test_cancelling_tells_those_who_had_a_place_once(sue: Client, cast: Cast, meeting: SupervisionMeeting) -> None:
    actions.sign_up(meeting, cast.expert, by=cast.expert_user, at=NOW)
    actions.sign_up(meeting, cast.second_expert, by=cast.second_expert_user, at=NOW)
    actions.sign_off(meeting, cast.second_expert, by=cast.second_expert_user, at=NOW)
    for _click in range(2):
        sue.post(reverse("supervision:cancel", args=[meeting.pk]))
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.kind) == (cast.expert_user, "supervision_cancelled")
    assert message.subject == "A date of supervision is cancelled"
    assert "“Itäinen ryhmä” on Tue\u00a06\u00a0Oct\u00a02026 at\u00a014:00" in message.body


def test_who_has_no_account_is_to_be_called(coordinator: Client, cast: Cast, meeting: SupervisionMeeting) -> None:
    by_phone = make_expert(first_name="Pia", last_name="Phone", user=False, phone="040 1", contract=False)
    actions.sign_up(meeting, by_phone, by=cast.coordinator, at=NOW)
    page = coordinator.post(reverse("supervision:cancel", args=[meeting.pk]), follow=True)
    said = [str(message) for message in page.context["messages"]]
    assert said == [
        "The date is cancelled. 0 persons get a message.",
        "Call those who have no account: Pia Phone 040 1.",
    ]


def test_weekly_dates_keep_the_clock_over_the_change_to_winter_time(coordinator: Client, cast: Cast) -> None:
    group = make_group(cast.supervisor)
    form = {"day": "20.10.2026", "begins": "14", "ends": "15.30", "place": "Porvoo", "weeks": "2"}
    coordinator.post(reverse("supervision:dates", args=[group.pk]), form)
    assert list(group.meetings.values_list("starts_at", flat=True)) == [at(2026, 10, 20, 14), at(2026, 10, 27, 14)]


def test_a_date_that_is_there_already_adds_none(coordinator: Client, meeting: SupervisionMeeting) -> None:
    form = {"day": "29.9.2026", "begins": "14", "ends": "15.30", "place": "Porvoo", "weeks": "1"}
    where = reverse("supervision:dates", args=[meeting.group_id])
    page = coordinator.post(where, form)
    assert page.context["form"].errors == {"__all__": ["A date has passed already."]}
    page = coordinator.post(where, form | {"day": "6.10.2026", "weeks": "3"})
    assert list(page.context["form"].errors) == ["__all__"]
    assert page.context["form"]["place"].value() == "Porvoo"
    assert SupervisionMeeting.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"day": "31.2.2026"}, "day"),
        ({"begins": "25"}, "begins"),
        ({"ends": "9"}, "ends"),
        ({"weeks": "27"}, "weeks"),
        ({"day": "28.3.2027", "begins": "3.30", "ends": "5"}, "begins"),
    ],
)
def test_a_wrong_date_keeps_what_was_typed(
    coordinator: Client, meeting: SupervisionMeeting, wrong: dict[str, str], name: str
) -> None:
    form = {"day": "20.10.2026", "begins": "14", "ends": "15.30", "place": "Porvoo", "weeks": "1"} | wrong
    page = coordinator.post(reverse("supervision:dates", args=[meeting.group_id]), form)
    shown = page.context["form"]
    assert list(shown.errors) == [name]
    assert {field: shown[field].value() for field in form} == form


def test_the_coordinator_adds_and_changes_a_group(coordinator: Client, cast: Cast) -> None:
    form = {"name_fi": "Uusi", "name_sv": "Ny", "supervisor": cast.supervisor.pk, "language": "sv", "seats": "6"}
    coordinator.post(reverse("supervision:group_new"), form)
    group = SupervisionGroup.objects.get()
    assert (group.name_fi, group.supervisor, group.seats, group.is_active) == ("Uusi", cast.supervisor, 6, False)
    coordinator.post(reverse("supervision:group_edit", args=[group.pk]), form | {"seats": "9", "is_active": "on"})
    group.refresh_from_db()
    assert (group.seats, group.is_active) == (9, True)


def test_only_work_supervisors_lead_groups(coordinator: Client, cast: Cast) -> None:
    form = {"name_fi": "Uusi", "name_sv": "Ny", "supervisor": cast.finance.pk, "language": "sv", "seats": "0"}
    page = coordinator.post(reverse("supervision:group_new"), form)
    assert sorted(page.context["form"].errors) == ["seats", "supervisor"]


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    cast: Cast, client_for: SignIn, django_assert_max_num_queries: Any, count: int
) -> None:
    group = make_group(cast.supervisor, seats=50)
    experts = [make_expert(contract=False) for _ in range(count)]
    for number in range(count):
        held = make_meeting(group, TUESDAY + timedelta(days=number))
        make_meeting(group, TUESDAY - timedelta(days=7 + number))
        for expert in experts[:5]:
            Attendance.objects.create(meeting=held, expert=expert)
    for expert in experts[5:]:
        Attendance.objects.create(meeting=held, expert=expert)
    pages = [
        (cast.expert_user, "groups", []),
        (cast.expert_user, "group", [group.pk]),
        (cast.coordinator, "groups", []),
        (cast.coordinator, "group", [group.pk]),
        (cast.coordinator, "meeting", [held.pk]),
        (cast.supervisor, "meeting", [held.pk]),
    ]
    for user, name, args in pages:
        client = client_for(user)
        with django_assert_max_num_queries(10):
            assert client.get(reverse(f"supervision:{name}", args=args)).status_code == 200
