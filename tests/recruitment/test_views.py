"""Recruitment on the screen: the coordinator's pages, the interviewer's page, the first page."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from experts.models import Expert
from office import todo
from office.models import LogEntry, OutboxMessage, User
from recruitment.models import Application, Interviewer, Look
from tests.conftest import Cast, Clock
from tests.factories import at, make_topic, make_user
from tests.factories.recruitment import MONDAY, SUBJECTS, make_application, make_interview

NOW = at(2026, 10, 5, 9)
AFTER = MONDAY + timedelta(hours=2)
SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def url(name: str, application: Application, *args: str) -> str:
    return reverse(f"recruitment:{name}", args=[application.pk, *args])


def booking(cast: Cast, **changes: Any) -> dict[str, Any]:
    return {
        "day": "12.10.2026",
        "begins": "14",
        "place": "Mannerheimgatan 1",
        "user_1": cast.named.pk,
        "professional_1": "on",
        "title_1": "Nurse",
        "user_2": cast.coordinator.pk,
    } | changes


def whole_view(**changes: str) -> dict[str, str]:
    told = {f"{code}_assessment": "suits" for code in Interviewer.Subject.values}
    told |= {f"{code}_notes": f"About {code}" for code in Interviewer.Subject.values}
    return told | {"overall": "suits", "summary": "Calm and clear.", "do": "give"} | changes


class TestTheStory:
    def test_from_a_new_application_to_the_contract(
        self, cast: Cast, coordinator: Client, client_for: SignIn, clock: Clock
    ) -> None:
        application = make_application(topics=[make_topic("Masennus")])
        nurse = client_for(cast.named)
        assert b"Book an interview" in coordinator.get(url("application", application)).content
        coordinator.post(url("book", application), booking(cast))
        application.refresh_from_db()
        assert (application.state, application.interview.starts_at) == ("interview_booked", MONDAY)
        assert nurse.get(url("view", application)).status_code == 200

        clock(AFTER)
        nurse.post(url("view", application), whole_view(summary="The nurse's view"))
        page = coordinator.get(url("application", application))
        assert b"The nurse&#x27;s view" not in page.content  # the coordinator interviews, too
        assert (page.context["views"], page.context["decidable"]) == ([], False)
        refused = coordinator.post(url("decide", application, "accept"), {"note": "Good"})
        assert "Both interviewers give their view" in refused.content.decode()
        assert refused.context["form"]["note"].value() == "Good"

        coordinator.post(url("view", application), whole_view())
        page = coordinator.get(url("application", application))
        assert b"The nurse&#x27;s view" in page.content
        assert [told["row"].user for told in page.context["views"]] == [cast.named, cast.coordinator]
        answer = coordinator.post(url("decide", application, "accept"), {"note": "Good", "tell": "on"}, follow=True)
        expert = Expert.objects.get(email="ylva@example.org")
        assert reverse("experts:contract_new", args=[expert.pk]) in answer.content.decode()
        assert [row.state for row in application.decisions.all()] == ["interview_booked", "interviewed", "accepted"]

    def test_somebody_who_telephones(self, coordinator: Client, cast: Cast) -> None:
        page = coordinator.get(reverse("recruitment:enter"))
        key = page.context["form"]["form_key"].value()
        typed = {
            "source": "telephone",
            "received_on": "1.10.2026",
            "first_name": "Yrjö",
            "last_name": "Uusi",
            "phone": "040 123 4567",
            "language": "fi",
            "form_key": key,
        }
        refused = coordinator.post(reverse("recruitment:enter"), typed)
        assert list(refused.context["form"].errors) == ["consent"]
        for _click in range(2):
            answer = coordinator.post(reverse("recruitment:enter"), typed | {"consent": "on"})
        made = Application.objects.get()
        assert answer.headers["Location"] == url("application", made)
        assert (made.entered_by, made.source, str(made.received_on)) == (cast.coordinator, "telephone", "2026-10-01")
        assert OutboxMessage.objects.count() == 0

    def test_a_day_that_is_still_to_come(self, coordinator: Client) -> None:
        typed = {"received_on": "6.10.2026", "form_key": str(uuid4())}
        form = coordinator.post(reverse("recruitment:enter"), typed).context["form"]
        assert form.errors["received_on"] == ["This day is still to come."]

    def test_a_correction_tells_only_which_fields(self, coordinator: Client) -> None:
        application = make_application()
        page = coordinator.get(url("edit", application))
        typed = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
        coordinator.post(url("edit", application), typed | {"email": "ylva.ny@example.org", "wishes": "Grupper"})
        application.refresh_from_db()
        assert (application.email, application.wishes) == ("ylva.ny@example.org", "Grupper")
        assert LogEntry.objects.get().facts == {"fields": ["email", "wishes"]}


class TestBooking:
    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"professional_1": "", "title_1": ""}, "professional_1", "One of the two interviewers is"),
            ({"title_1": ""}, "title_1", "title"),
            ({"place": ""}, "place", "remotely"),
            ({"place": "010190-123A"}, "place", "identity code"),
            ({"day": "31.2.2026"}, "day", "no such day"),
            ({"user_2": "77777"}, "user_2", "valid choice"),
        ],
        ids=["no-professional", "no-title", "no-place", "identity-code", "no-such-day", "foreign-person"],
    )
    def test_errors_by_field(
        self, coordinator: Client, cast: Cast, changes: dict[str, Any], field: str, words: str
    ) -> None:
        application = make_application()
        form = coordinator.post(url("book", application), booking(cast, **changes)).context["form"]
        assert list(form.errors) == [field]
        assert words in str(form.errors[field])
        assert form["begins"].value() == "14"
        application.refresh_from_db()
        assert application.state == "received"

    def test_the_same_person_twice(self, coordinator: Client, cast: Cast) -> None:
        typed = booking(cast, user_2=cast.named.pk)
        form = coordinator.post(url("book", make_application()), typed).context["form"]
        assert form.errors == {"user_2": ["The two interviewers are different persons."]}

    def test_people_who_cannot_interview_are_not_offered(self, coordinator: Client, cast: Cast) -> None:
        form = coordinator.get(url("book", make_application())).context["form"]
        offered = {int(pk) for pk, _name in form.fields["user_1"].choices if pk}
        names = ("coordinator", "orderer", "named", "deputy", "stranger", "other_named")
        assert offered == {getattr(cast, name).pk for name in names}

    def test_changing_shows_what_is_booked(self, coordinator: Client, cast: Cast) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        form = coordinator.get(url("book", application)).context["form"]
        assert (form["begins"].value(), form["user_1"].value(), form["title_1"].value()) == (
            "14:00",
            cast.named.pk,
            "Nurse",
        )


class TestTheInterviewer:
    def test_sees_only_the_own_applicants_and_no_contact_data(
        self, cast: Cast, client_for: SignIn, coordinator: Client
    ) -> None:
        own = make_application(phone="040 765 4321", own_words="Jag har gått långt.")
        make_interview(own, cast.named, cast.deputy)
        other = make_application(email="b@example.org")
        make_interview(other, cast.deputy, cast.orderer)
        nurse = client_for(cast.named)
        page = nurse.get(url("view", own)).content.decode()
        assert "Jag har gått långt." in page
        assert "ylva@example.org" not in page
        assert "4321" not in page
        assert nurse.get(url("view", other)).status_code == 404
        assert nurse.get(url("application", own)).status_code == 403
        assert coordinator.get(url("view", own)).status_code == 404  # does not interview this one

    def test_no_longer_after_the_decision(self, cast: Cast, client_for: SignIn) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.deputy, given=2)
        nurse = client_for(cast.named)
        assert nurse.get(url("view", application)).status_code == 200
        Application.objects.filter(pk=application.pk).update(
            state="not_accepted", end_reason="no_need", closed_on=NOW.date()
        )
        assert nurse.get(url("view", application)).status_code == 404

    def test_what_is_typed_stays_when_it_is_not_whole(self, cast: Cast, client_for: SignIn, clock: Clock) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        clock(AFTER)
        typed = whole_view(bad_day_assessment="", practical_notes="Code 010190-123A")
        form = client_for(cast.named).post(url("view", application), typed).context["form"]
        assert set(form.errors) == {"bad_day_assessment", "practical_notes"}
        assert form["summary"].value() == "Calm and clear."
        assert Interviewer.objects.get(user=cast.named).given_at is None

    def test_notes_saved_for_now_are_there_again(self, cast: Cast, client_for: SignIn) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.coordinator)
        nurse = client_for(cast.named)
        nurse.post(url("view", application), {"do": "save", "bad_day_notes": "Walks in the wood."})
        assert nurse.get(url("view", application)).context["form"]["bad_day_notes"].value() == "Walks in the wood."

    def test_the_other_view_only_after_the_own_one(self, cast: Cast, client_for: SignIn, clock: Clock) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.deputy, given=1)
        clock(AFTER)
        deputy = client_for(cast.deputy)
        assert b"View 1" not in deputy.get(url("view", application)).content
        page = deputy.post(url("view", application), whole_view(), follow=True)
        assert b"View 1" in page.content


class TestLooks:
    def test_every_look_is_noted_and_shown(self, cast: Cast, coordinator: Client, client_for: SignIn) -> None:
        application = make_application()
        make_interview(application, cast.named, cast.deputy)
        coordinator.get(url("application", application))
        coordinator.get(url("edit", application))
        client_for(cast.named).get(url("view", application))
        told = Look.objects.order_by("pk").values_list("reader__first_name", "what", "at")
        assert list(told) == [("Carla", "page", NOW), ("Carla", "edit", NOW), ("Nora", "interview", NOW)]
        page = coordinator.get(url("application", application)).content.decode()
        assert "Nora Named: the page of the interview" in page

    def test_the_list_tells_no_topic_and_is_no_look(self, coordinator: Client) -> None:
        make_application(topics=[make_topic("Masennus")])
        assert b"Masennus" not in coordinator.get(reverse("recruitment:applications")).content
        assert Look.objects.count() == 0


class TestTheList:
    def test_by_step_with_counts(self, coordinator: Client) -> None:
        new = make_application()
        old = make_application(
            last_name="Öst", email="o@example.org", state="withdrawn", end_reason="own_wish", closed_on=NOW.date()
        )
        page = coordinator.get(reverse("recruitment:applications"))
        assert [row.pk for row in page.context["rows"]] == [new.pk]
        counts = {stage.url: stage.count for stage in page.context["stages"]}
        assert (counts["?state=received"], counts["?state=withdrawn"], counts["?state=training"]) == (1, 1, 0)
        page = coordinator.get(reverse("recruitment:applications"), {"state": "all", "q": "öst"})
        assert [row.pk for row in page.context["rows"]] == [old.pk]
        page = coordinator.get(reverse("recruitment:applications"), {"state": "nonsense"})
        assert page.status_code == 200

    def test_somebody_who_is_known_already(self, coordinator: Client) -> None:
        first, _second = make_application(email="Eva@example.org"), make_application(email="eva@example.org")
        page = coordinator.get(url("application", first)).content.decode()
        assert "There is an expert in the registry with this e-mail address." in page
        assert "There is another application with this e-mail address." in page


class TestRemoving:
    def test_the_consent_is_taken_back(self, coordinator: Client, cast: Cast) -> None:
        application = make_application(topics=[make_topic()])
        make_interview(application, cast.named, cast.deputy, given=1)
        coordinator.get(url("application", application))
        assert b"cannot be undone" in coordinator.get(url("remove", application)).content
        answer = coordinator.post(url("remove", application))
        assert answer.headers["Location"] == reverse("recruitment:applications")
        assert (Application.objects.count(), Interviewer.objects.count(), Look.objects.count()) == (0, 0, 0)
        assert [entry.kind for entry in LogEntry.objects.all()] == ["application.remove"]

    def test_not_what_led_to_the_registry(self, coordinator: Client, cast: Cast) -> None:
        application = make_application(state="accepted", expert=cast.expert)
        page = coordinator.post(url("remove", application), HTTP_REFERER="/", follow=True)
        assert b"has led to the registry" in page.content
        assert Application.objects.count() == 1


def said(user: User, moment: Any) -> list[str]:
    fresh = User.objects.get(pk=user.pk)
    return [row.sentence.replace("\xa0", " ") for row in todo.todos(fresh, moment) if "/recruitment/" in row.url]


def test_the_first_page_tells_what_waits(cast: Cast) -> None:
    make_application()
    asked = make_application(email="b@example.org")
    make_interview(asked, cast.named, cast.coordinator)
    ready = make_application(email="c@example.org")
    make_interview(ready, cast.deputy, cast.orderer, given=2)
    assert said(cast.coordinator, NOW) == [
        "You interview an applicant.",
        "1 new application waits for an interview.",
        "1 applicant waits for a decision.",
    ]
    assert said(cast.named, AFTER) == ["Write your view of the interview of Mon 12 Oct 2026 at 14:00."]
    assert (said(cast.deputy, AFTER), said(cast.finance, AFTER), said(cast.stranger, AFTER)) == ([], [], [])


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    coordinator: Client, client_for: SignIn, cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    topics = [make_topic() for _n in range(count)]
    for n in range(count):
        shown = make_application(email=f"a{n}@example.org", topics=topics)
        make_interview(shown, cast.named, cast.deputy)
        make_user(roles=[("staff", cast.unit)])
    for n in range(count):
        Look.objects.create(at=NOW, reader=cast.coordinator, application=shown, what="page")
        shown.decisions.create(state="received", at=NOW, by=cast.coordinator, note=f"{n}")
    nurse = client_for(cast.named)
    pages = [reverse("recruitment:applications"), reverse("recruitment:enter")]
    pages += [url(name, shown) for name in ("application", "edit", "book", "remove")]
    pages += [url("decide", shown, step) for step in ("accept", "train", "decline", "withdraw")]
    for page in pages:
        with django_assert_max_num_queries(10):
            assert coordinator.get(page).status_code == 200
    with django_assert_max_num_queries(10):
        assert nurse.get(url("view", shown)).status_code == 200


def test_an_unknown_decision_is_not_there(coordinator: Client) -> None:
    assert coordinator.get(url("decide", make_application(), "dance")).status_code == 404


def test_subjects_are_those_of_the_template() -> None:
    assert list(SUBJECTS) == [
        "introduction",
        "background",
        "experience",
        "bad_day",
        "demanding",
        "strengths",
        "practical",
    ]
