"""From the application to the registry, and the ways that end before it (R25)."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction

from experts.models import Area, Expert
from office.choices import Role
from office.errors import Conflict, Refused, RuleError
from office.models import LogEntry, OutboxMessage, User
from office.sending import send as send_message
from recruitment import actions
from recruitment.actions import Asked
from recruitment.models import Application, Decision, Interview, Interviewer, Look
from tests.conftest import Cast
from tests.factories import at, make_expert, make_topic, make_user
from tests.factories.recruitment import MONDAY, SUBJECTS, make_application, make_interview
from training.models import Course, Participant, Training

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)
AFTER = MONDAY + timedelta(hours=2)


def booked(application: Application, cast: Cast, asked: Sequence[Asked] | None = None, **changes: Any) -> Interview:
    asked = asked or [Asked(cast.coordinator, is_professional=False), Asked(cast.named, True, "Nurse")]
    values: dict[str, Any] = {
        "starts_at": MONDAY,
        "place": "Mannerheimgatan 1",
        "remote": False,
        "by": cast.coordinator,
        "at": NOW,
    }
    return actions.book(application, asked, **(values | changes))


def seat_of(application: Application, user: User) -> Interviewer:
    return Interviewer.objects.get(interview__application=application, user=user)


def give(application: Application, user: User, *, at: Any = AFTER) -> None:
    row = seat_of(application, user)
    actions.write_view(row, SUBJECTS, overall="suits", summary="Calm and clear.", give=True, by=user, at=at)


def state(application: Application) -> str:
    return Application.objects.values_list("state", flat=True).get(pk=application.pk)


class TestFromApplicationToRegistry:
    def test_the_whole_way(self, cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
        topics = [make_topic("Masennus"), make_topic("Päihteet")]
        application = make_application(topics=topics, municipality="Lovisa", training="Kurs 2024", phone="040 12345")
        application.areas.add(Area.objects.create(name_fi="Loviisa", name_sv="Lovisa"))
        with django_capture_on_commit_callbacks(execute=True):
            booked(application, cast)
        give(application, cast.named)
        assert state(application) == "interviewed"
        give(application, cast.coordinator)
        with django_capture_on_commit_callbacks(execute=True):
            expert = actions.accept(application, tell=True, words="Vi hörs!", by=cast.coordinator, at=AFTER)

        expert = Expert.objects.get(pk=expert.pk)
        assert (str(expert), expert.email, expert.phone) == ("Ylva Ny", "ylva@example.org", "040 12345")
        assert (expert.language, expert.work_languages, expert.training) == ("sv", ["sv"], "Kurs 2024")
        assert [area.name_sv for area in expert.areas.all()] == ["Lovisa"]
        assert {(row.topic, row.published) for row in expert.expert_topics.all()} == {(t, False) for t in topics}
        assert expert.user is not None
        assert expert.user.has_role(Role.EXPERT)
        application.refresh_from_db()
        assert (application.state, application.expert) == ("accepted", expert)
        steps = [(row.state, row.by) for row in application.decisions.all()]
        assert steps == [
            ("interview_booked", cast.coordinator),
            ("interviewed", None),
            ("accepted", cast.coordinator),
        ]
        to_applicant = [sent for sent in mail.outbox if sent.to == ["ylva@example.org"]]
        assert "Mannerheimgatan 1" in to_applicant[0].body
        assert len(to_applicant) == 4  # besides: the account, its role, the welcome
        assert "Vi hörs!" in to_applicant[-1].body
        assert not [sent for sent in mail.outbox if "Masennus" in f"{sent.subject}{sent.body}"]

    def test_who_is_asked_gets_the_time_once(
        self, cast: Cast, django_capture_on_commit_callbacks: Callable[..., Any]
    ) -> None:
        application = make_application()
        with django_capture_on_commit_callbacks(execute=True):
            booked(application, cast)
            booked(application, cast)
        assert sorted(sent.to[0] for sent in mail.outbox) == [
            "carla@county.example.org",
            "nora@county.example.org",
            "ylva@example.org",
        ]
        assert not [sent for sent in mail.outbox if "Ylva" in f"{sent.subject}{sent.body}"]
        with django_capture_on_commit_callbacks(execute=True):
            booked(application, cast, starts_at=MONDAY + timedelta(days=1))
        assert len(mail.outbox) == 6

    def test_an_old_time_is_not_told_any_more(self, cast: Cast) -> None:
        """N9: what waits in the outbox is asked again when it leaves."""
        application = make_application()
        booked(application, cast)
        old = OutboxMessage.objects.get(recipient=None)
        booked(application, cast, starts_at=MONDAY + timedelta(days=1))
        assert send_message(old.pk, at=NOW) is False
        new = OutboxMessage.objects.filter(recipient=None).latest("pk")
        assert send_message(new.pk, at=NOW) is True

    def test_without_an_e_mail_address_there_is_no_account_and_the_message_is_told_by_hand(self, cast: Cast) -> None:
        application = make_application(email="", phone="040 12345")
        make_interview(application, cast.named, cast.coordinator, given=2)
        expert = actions.accept(application, tell=True, by=cast.coordinator, at=AFTER)
        message = OutboxMessage.objects.get()
        assert (expert.user, message.state, message.to_name, message.to_address) == (None, "by_hand", "Ylva Ny", "")

    def test_an_address_of_another_expert_is_refused_and_nothing_happens(self, cast: Cast) -> None:
        application = make_application(email="eva@example.org")
        make_interview(application, cast.named, cast.coordinator, given=2)
        with pytest.raises(Refused, match="Another expert has this e-mail address"):
            actions.accept(application, by=cast.coordinator, at=AFTER)
        assert (state(application), Expert.objects.count()) == ("interviewed", 2)

    def test_by_way_of_a_training_and_onto_its_course(self, cast: Cast) -> None:
        training = Training.objects.create(code="basics", name_fi="Perusteet", name_sv="Grunder")
        course = Course.objects.create(training=training, trainer="Tia", created_at=NOW)
        application = make_application()
        make_interview(application, cast.named, cast.coordinator, given=2)
        actions.to_training(application, course=course, note="Starts in November", by=cast.coordinator, at=AFTER)
        actions.to_training(application, by=cast.coordinator, at=AFTER)
        assert state(application) == "training"
        expert = actions.accept(application, enrolled=True, by=cast.coordinator, at=AFTER)
        assert Participant.objects.get(course=course).expert == expert
        assert [row.note for row in Decision.objects.filter(state="training")] == ["Starts in November"]

    def test_accepting_twice_gives_the_same_expert(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator, given=2)
        first = actions.accept(application, tell=True, by=cast.coordinator, at=AFTER)
        again = actions.accept(application, tell=True, by=cast.coordinator, at=AFTER)
        assert first == again
        assert OutboxMessage.objects.filter(kind="application_accepted").count() == 1


class TestTheInterviewers:
    @pytest.mark.parametrize("case", ["none-a-professional", "same-twice", "only-one", "three"])
    def test_two_different_persons_one_a_professional(self, cast: Cast, case: str) -> None:
        carla = Asked(cast.coordinator, is_professional=False)
        nora = Asked(cast.named, is_professional=True, title="Nurse")
        asked = {
            "none-a-professional": [carla, Asked(cast.named, is_professional=False)],
            "same-twice": [nora, nora],
            "only-one": [nora],
            "three": [carla, nora, Asked(cast.deputy, is_professional=False)],
        }[case]
        application = make_application()
        with pytest.raises(Refused):
            booked(application, cast, asked)
        assert (state(application), Interview.objects.count()) == ("received", 0)

    @pytest.mark.parametrize("who", ["expert_user", "finance", "supervisor"])
    def test_only_people_of_units_and_the_coordinator(self, cast: Cast, who: str) -> None:
        nora = Asked(cast.named, is_professional=True, title="Nurse")
        with pytest.raises(Refused, match="cannot interview"):
            booked(make_application(), cast, [nora, Asked(getattr(cast, who), is_professional=False)])

    def test_a_professional_has_a_title(self, cast: Cast) -> None:
        asked = [Asked(cast.named, is_professional=True), Asked(cast.deputy, is_professional=False)]
        with pytest.raises(Refused, match="title"):
            booked(make_application(), cast, asked)
        assert Interview.objects.count() == 0

    def test_an_interviewer_is_replaced_until_the_view_is_given(self, cast: Cast) -> None:
        application = make_application()
        booked(application, cast)
        give(application, cast.named)
        nora = Asked(cast.named, is_professional=True, title="Nurse")
        booked(application, cast, [nora, Asked(cast.deputy, is_professional=False)], at=AFTER)
        seats = Interviewer.objects.order_by("seat").values_list("user__first_name", "summary")
        assert sorted(seats) == [("Dan", ""), ("Nora", "Calm and clear.")]
        other = [Asked(cast.deputy, is_professional=True, title="Nurse"), Asked(cast.orderer, is_professional=False)]
        with pytest.raises(Refused, match="has given a view"):
            booked(application, cast, other, at=AFTER)

    def test_the_database_refuses_a_third_seat_and_the_same_person_twice(self, cast: Cast) -> None:
        interview = make_interview(make_application(), cast.named, cast.coordinator)
        for values in ({"user": cast.deputy, "seat": 3}, {"user": cast.named, "seat": 2}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Interviewer.objects.create(interview=interview, **values)


class TestTheViews:
    def test_notes_are_kept_before_the_view_is_given(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        row = seat_of(application, cast.named)
        half = {"bad_day": {"assessment": "", "notes": "Walks."}}
        actions.write_view(row, half, overall="", summary="", give=False, by=cast.named, at=NOW)
        row.refresh_from_db()
        assert (row.subjects, row.given_at, state(application)) == (half, None, "interview_booked")

    def test_not_before_the_interview_and_not_half(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        with pytest.raises(Refused, match="has not begun"):
            give(application, cast.named, at=MONDAY - timedelta(minutes=1))
        row = seat_of(application, cast.named)
        with pytest.raises(Refused, match="as a whole"):
            actions.write_view(row, SUBJECTS, overall="suits", summary=" ", give=True, by=cast.named, at=AFTER)
        assert seat_of(application, cast.named).given_at is None

    def test_never_somebody_elses(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        row = seat_of(application, cast.named)
        with pytest.raises(Refused, match="may not"):
            actions.write_view(row, {}, overall="", summary="", give=False, by=cast.coordinator, at=AFTER)

    def test_a_view_that_is_given_stays(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        give(application, cast.named)
        give(application, cast.named, at=AFTER + timedelta(hours=1))  # a second click
        row = seat_of(application, cast.named)
        assert row.given_at == AFTER
        with pytest.raises(Refused, match="not changed any more"):
            actions.write_view(row, {}, overall="think", summary="No", give=False, by=cast.named, at=AFTER)
        with pytest.raises(IntegrityError, match="given_view_is_never_changed"), transaction.atomic():
            Interviewer.objects.filter(pk=row.pk).update(overall="think")

    def test_none_after_the_decision(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        row = seat_of(application, cast.named)
        actions.withdraw(application, reason="own_wish", by=cast.coordinator, at=NOW)
        with pytest.raises(Conflict, match="decision already"):
            actions.write_view(row, {}, overall="", summary="", give=False, by=cast.named, at=AFTER)


class TestTheDecision:
    @pytest.mark.parametrize("given", [0, 1])
    @pytest.mark.parametrize("step", ["accept", "train", "decline"])
    def test_not_before_both_views(self, cast: Cast, given: int, step: str) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator, given=given, state="interviewed")
        act: dict[str, Callable[[], Any]] = {
            "accept": lambda: actions.accept(application, by=cast.coordinator, at=AFTER),
            "train": lambda: actions.to_training(application, by=cast.coordinator, at=AFTER),
            "decline": lambda: actions.decline(application, reason="no_need", by=cast.coordinator, at=AFTER),
        }
        with pytest.raises(Refused, match="Both interviewers give their view before the decision"):
            act[step]()
        assert (state(application), Expert.objects.filter(email="ylva@example.org").count()) == ("interviewed", 0)

    def test_the_database_refuses_it_too(self, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator, given=1)
        expert = make_expert()
        for changes in ({"state": "training"}, {"state": "accepted", "expert": expert}):
            with pytest.raises(IntegrityError, match="decision_has_both_views"), transaction.atomic():
                Application.objects.filter(pk=application.pk).update(**changes)

    def test_the_database_refuses_two_views_without_a_professional(self, cast: Cast) -> None:
        application = make_application()
        interview = make_interview(application, state="interviewed")
        whole = {"overall": "suits", "summary": "Calm.", "given_at": AFTER}
        for seat, user in enumerate((cast.named, cast.coordinator), 1):
            Interviewer.objects.create(interview=interview, seat=seat, user=user, **whole)
        with pytest.raises(IntegrityError, match="decision_has_both_views"), transaction.atomic():
            Application.objects.filter(pk=application.pk).update(state="training")

    def test_not_accepted_without_an_interview_has_its_reason(self, cast: Cast) -> None:
        application = make_application()
        with pytest.raises(Refused, match="Choose a reason"):
            actions.decline(application, reason="", by=cast.coordinator, at=NOW)
        actions.decline(
            application, reason="no_need", note="Later", tell=True, words="Tack!", by=cast.coordinator, at=NOW
        )
        actions.decline(application, reason="no_need", tell=True, by=cast.coordinator, at=NOW)
        application.refresh_from_db()
        assert (application.state, application.end_reason, application.closed_on) == (
            "not_accepted",
            "no_need",
            NOW.date(),
        )
        message = OutboxMessage.objects.get()
        assert (message.kind, message.language, message.to_address) == (
            "application_not_accepted",
            "sv",
            "ylva@example.org",
        )
        assert "Tack!" in message.body
        assert "Later" not in message.body

    def test_the_note_stays_out_of_the_log(self, cast: Cast) -> None:
        application = make_application()
        actions.withdraw(application, reason="own_wish", note="Moves abroad", by=cast.coordinator, at=NOW)
        [entry] = LogEntry.objects.all()
        assert (entry.kind, entry.reason, entry.facts) == ("application.withdraw", "", {})

    @pytest.mark.parametrize("name", ["application", "interview"])
    def test_a_message_about_an_ended_application_that_went_on_is_dropped(self, cast: Cast, name: str) -> None:
        application = make_application()
        booked(application, cast)
        message = OutboxMessage.objects.filter(recipient=None if name == "application" else cast.named).get()
        actions.withdraw(application, reason="own_wish", by=cast.coordinator, at=NOW)
        assert send_message(message.pk, at=NOW) is False

    def test_two_decisions_at_once_are_one(self, cast: Cast) -> None:
        application = make_application()
        actions.withdraw(application, reason="own_wish", by=cast.coordinator, at=NOW)
        with pytest.raises(Conflict):
            actions.decline(application, reason="no_need", by=cast.coordinator, at=NOW)
        assert state(application) == "withdrawn"


@pytest.mark.parametrize("who", ["named", "orderer", "expert_user", "finance", "supervisor", "stranger"])
def test_only_the_coordinator_moves_an_application(cast: Cast, who: str) -> None:
    by = getattr(cast, who)
    application = make_application()
    common: dict[str, Any] = {"by": by, "at": NOW}
    for act in (
        lambda: booked(application, cast, by=by),
        lambda: actions.hold(application, **common),
        lambda: actions.to_training(application, **common),
        lambda: actions.accept(application, **common),
        lambda: actions.decline(application, reason="other", **common),
        lambda: actions.withdraw(application, reason="other", **common),
        lambda: actions.change(application, {}, [], [], **common),
        lambda: actions.remove(application, **common),
    ):
        with pytest.raises(RuleError, match="You may not do this"):
            act()
    assert (state(application), LogEntry.objects.count()) == ("received", 0)


def test_looks_and_decisions_stand(cast: Cast) -> None:
    application = make_application()
    actions.noted_look(application, "page", by=cast.coordinator, at=NOW)
    actions.decline(application, reason="other", by=cast.coordinator, at=NOW)
    for rows, name in (
        (Look.objects.all(), "look_is_never_changed"),
        (Decision.objects.all(), "decision_is_never_changed"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(at=AFTER)


# Lesson R6.
@pytest.mark.django_db(transaction=True)
def test_two_coordinators_accept_at_once_and_there_is_one_expert() -> None:
    users = [make_user(roles=[Role.COORDINATOR]) for _n in range(2)]
    application = make_application(email="", phone="040 12345")
    make_interview(application, *users, given=2)
    start = Barrier(2)

    def click(user: User) -> int:
        try:
            start.wait()
            return actions.accept(application, by=User.objects.get(pk=user.pk), at=AFTER).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(click, users))
    assert made == [Expert.objects.get().pk] * 2
