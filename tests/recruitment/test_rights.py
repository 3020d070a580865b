"""How long applications are kept, and what a person's own data show of them."""

from datetime import date, timedelta

import pytest

from desk.periods import set_months
from desk.retention import carry_out
from office.errors import Refused
from office.models import OutboxMessage, RetentionPeriod
from office.periods import add_months, border
from office.rights import CLASSES, Person
from office.todo import todos
from recruitment.models import Application, Arrival, Decision, Interview, Interviewer, Look
from tests.conftest import Cast
from tests.factories import at, make_topic
from tests.factories.recruitment import SUBJECTS, make_application, make_interview
from tests.factories.training import make_course

pytestmark = pytest.mark.django_db
KEPT = CLASSES["applications"]
NOWHERE = {"state": "not_accepted", "end_reason": "no_need", "closed_on": date(2026, 10, 5)}


def over(today: date) -> list[int]:
    assert KEPT.over is not None
    assert KEPT.months == 12
    return [row.pk for row in KEPT.over(border(today, KEPT.months))]


def test_kept_for_a_year_to_the_day() -> None:
    old = make_application(**NOWHERE)
    withdrawn = make_application(**NOWHERE | {"state": "withdrawn", "end_reason": "own_wish"})
    make_application(**NOWHERE | {"closed_on": date(2026, 10, 6)})
    assert over(date(2027, 10, 5)) == []
    assert sorted(over(date(2027, 10, 6))) == [old.pk, withdrawn.pk]


def test_open_ones_and_accepted_ones_are_not_over_their_time(cast: Cast) -> None:
    make_application(received_on=date(2020, 1, 1))
    make_application(received_on=date(2020, 1, 1), state="accepted", expert=cast.expert)
    assert over(date(2030, 1, 1)) == []


def test_everything_goes_and_the_report_counts_without_names(cast: Cast) -> None:
    gone = make_application(topics=[make_topic()])
    make_interview(gone, cast.named, cast.deputy, given=2)
    Application.objects.filter(pk=gone.pk).update(**NOWHERE)
    stays = make_application()
    for application in (gone, stays):
        Look.objects.create(at=at(2026, 10, 5), reader=cast.coordinator, application=application, what="page")
        Decision.objects.create(application=application, state="received", at=at(2026, 10, 5))
        OutboxMessage.objects.create(
            name="Ylva Ny",
            address="ylva@example.org",
            kind="application_received",
            language="sv",
            subject="x",
            body="y",
            about_type="recruitment.application",
            about_id=application.pk,
            once=f"{application.pk}",
            created_at=at(2026, 10, 5),
            due_at=at(2026, 10, 5),
        )
    assert KEPT.remove is not None
    assert KEPT.remove([gone.pk]) == {
        "recruitment.Application": 1,
        "recruitment.Application_topics": 1,
        "recruitment.Decision": 1,
        "recruitment.Interview": 1,
        "recruitment.Interviewer": 2,
        "recruitment.Look": 1,
        "office.OutboxMessage": 1,
    }
    assert list(Application.objects.all()) == [stays]
    assert (Interview.objects.count(), Interviewer.objects.count(), OutboxMessage.objects.count()) == (0, 0, 1)


def test_the_own_data_of_a_person_by_expert_or_by_address_and_name(cast: Cast) -> None:
    accepted = make_application(email="other@example.org", state="accepted", expert=cast.expert)
    earlier = make_application(first_name="Eva", last_name="Expert", email="EVA@example.org", **NOWHERE)
    make_interview(earlier, cast.named, cast.deputy, given=1, state="not_accepted")
    make_application(first_name="Adam", last_name="Expert", email="eva@example.org")  # shares the address
    eva = Person(name="Eva Expert", language="en", expert_id=cast.expert.pk, email="eva@example.org")
    rows = KEPT.rows(eva)
    assert set(rows["recruitment.Application"]) == {accepted, earlier}
    assert KEPT.collect is not None
    sections = {section.key: section for section in KEPT.collect(eva)}
    assert len(sections["applications"].records) == 2
    [view] = sections["interviews"].records
    assert {"summary": "View 1", "interviewer": "Nora Named"}.items() <= {fact.key: fact.value for fact in view}.items()


def test_an_erasure_takes_the_accepted_application_too(cast: Cast) -> None:
    make_application(state="accepted", expert=cast.expert)
    stranger = make_application(email="b@example.org")
    assert KEPT.erase is not None
    eva = Person(name="Eva Expert", language="en", expert_id=cast.expert.pk)
    assert KEPT.erase(eva, "Poistettu 1", at(2026, 10, 5)) == 1
    assert list(Application.objects.all()) == [stranger]


def test_arrivals_go_after_the_day() -> None:
    Arrival.objects.create(at=at(2026, 10, 4, 23), sender="a")
    Arrival.objects.create(at=at(2026, 10, 5, 1), sender="b")
    kept = CLASSES["form_arrivals"]
    assert kept.over is not None
    assert kept.remove is not None
    old = [row.pk for row in kept.over(border(date(2026, 10, 5), 0))]
    assert kept.remove(old) == {"recruitment.Arrival": 1}


# --- left open -----------------------------------------------------------------------------------------------------

LEFT_OPEN = "applications_left"


def left(today: date, months: int = 12) -> list[int]:
    kept = CLASSES[LEFT_OPEN]
    assert kept.over is not None
    return sorted(row.pk for row in kept.over(border(today, months)))


def test_one_on_which_nothing_happens_goes_after_a_year_to_the_day(cast: Cast) -> None:
    old = make_application(received_on=date(2026, 10, 5))
    make_application(received_on=date(2026, 10, 6))
    make_application(**NOWHERE)  # has a class of its own
    make_application(received_on=date(2020, 1, 1), state="accepted", expert=cast.expert)
    assert CLASSES[LEFT_OPEN].months == 12
    assert left(date(2027, 10, 5)) == []
    assert left(date(2027, 10, 6)) == [old.pk]


@pytest.mark.parametrize("what", ["step", "interview", "view", "course"])
def test_whatever_happened_last_counts(cast: Cast, what: str) -> None:
    """A day of Helsinki: 1:00 in the night of the 8th is still the 7th in UTC."""
    found = make_application(received_on=date(2026, 10, 1))
    last = at(2027, 3, 8, 1)
    if what == "step":
        Decision.objects.create(application=found, state="received", at=at(2026, 10, 2))
        Decision.objects.create(application=found, state="training", at=last)
    elif what == "interview":
        make_interview(found, cast.named, cast.deputy, starts_at=last)
    elif what == "view":
        made = make_interview(found, cast.named, cast.deputy, starts_at=at(2026, 12, 1))
        Interviewer.objects.filter(interview=made, seat=1).update(
            overall="suits", summary="Calm.", subjects=SUBJECTS, given_at=last
        )
    else:
        course = make_course(starts=[at(2027, 1, 11), last - timedelta(hours=3)])
        make_interview(found, cast.named, cast.deputy, starts_at=at(2026, 12, 1), given=2, state="training")
        Application.objects.filter(pk=found.pk).update(course=course)
    assert left(date(2028, 3, 8)) == []
    assert left(date(2028, 3, 9)) == [found.pk]


def test_the_night_removes_what_was_left_and_reports_it(cast: Cast) -> None:
    gone = make_application(received_on=date(2025, 10, 4), topics=[make_topic()])
    Decision.objects.create(application=gone, state="received", at=at(2025, 10, 4))
    stays = make_application(received_on=date(2026, 10, 4))
    run = carry_out(by=None, at=at(2026, 10, 5, 4))
    assert list(Application.objects.all()) == [stays]
    told = [(one.record_class, one.removed, one.oldest, one.problem) for one in run.removals.all()]
    assert told == [(LEFT_OPEN, 1, date(2025, 10, 4), "")]


def test_what_somebody_works_on_is_kept_three_months_at_least(cast: Cast) -> None:
    with pytest.raises(Refused, match="At least 3 months: somebody may still work on these"):
        set_months(CLASSES[LEFT_OPEN], 2, by=cast.coordinator, at=at(2026, 10, 5))
    set_months(CLASSES[LEFT_OPEN], 3, by=cast.coordinator, at=at(2026, 10, 5))
    assert RetentionPeriod.objects.get().months == 3


@pytest.mark.parametrize("months", [None, 6], ids=["usual", "decided"])
def test_the_coordinator_is_asked_a_month_before(cast: Cast, months: int | None) -> None:
    make_application(received_on=date(2026, 10, 5))
    if months:
        RetentionPeriod.objects.create(record_class=LEFT_OPEN, months=months)
    goes = add_months(date(2026, 10, 5), months or 12)

    def told(day: date) -> list[str]:
        found = todos(cast.coordinator, at(day.year, day.month, day.day))
        return [todo.sentence for todo in found if "for long" in todo.sentence]

    assert told(goes - timedelta(days=30)) == []
    assert told(goes - timedelta(days=29)) == [
        "Nothing has happened on 1 open application for long: decide, or it is removed."
    ]
