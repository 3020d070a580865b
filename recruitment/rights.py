"""Applications in a person's data (office.rights): what they read, what an erasure does, how long they are kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat, TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from office.personal import first_moment
from office.rights import Person, Record, Rows, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from office.workdays import HELSINKI
from recruitment.actions.removal import remove_rows
from recruitment.models import Application, Arrival, Decision, Interview, Interviewer, Look
from recruitment.rules import LEFT, STILL_LEAST, STILL_MONTHS
from recruitment.states import NOWHERE
from recruitment.texts import LOOKS

TOPICS = Application.topics.through
AREAS = Application.areas.through


def _own(person: Person) -> QuerySet[Application]:
    """By the expert that it led to, or by address and name together: two people may share an address."""
    named = Application.objects.annotate(full_name=Concat("first_name", Value(" "), "last_name"))
    mine = Q(expert__isnull=False, expert=person.expert_id)
    if person.email:
        mine |= Q(email__iexact=person.email, full_name__iexact=person.name)
    return named.filter(mine)


def _rows(person: Person) -> Rows:
    own = _own(person).order_by().values("pk")
    return {
        "recruitment.Application": _own(person),
        TOPICS._meta.label: TOPICS._default_manager.filter(application_id__in=own),
        AREAS._meta.label: AREAS._default_manager.filter(application_id__in=own),
        "recruitment.Interview": Interview.objects.filter(application__in=own),
        "recruitment.Interviewer": Interviewer.objects.filter(interview__application__in=own),
        "recruitment.Decision": Decision.objects.filter(application__in=own),
        "recruitment.Look": Look.objects.filter(application__in=own),
    }


APPLICATIONS = record_class(
    "applications",
    gettext_lazy("Application, interview and decisions"),
    15,
    list(_rows(Person("", "fi"))),
    _rows,
)


@APPLICATIONS.collects
def _told(person: Person) -> Iterator[Section]:
    own = list(_own(person).prefetch_related("topics", "areas").order_by("pk"))
    yield from section("applications", _("Applications"), (_application(found) for found in own))
    views = Interviewer.objects.filter(interview__application__in=own, given_at__isnull=False)
    yield from section(
        "interviews",
        _("Interviews"),
        (_view(row) for row in views.select_related("interview", "user").order_by("pk")),
    )
    decisions = Decision.objects.filter(application__in=own).select_related("by")
    yield from section(
        "application_steps",
        _("Steps and decisions"),
        ([*read(row, "state", "at", "reason", "note"), fact("by", _("Who"), str(row.by or ""))] for row in decisions),
    )
    looks = Look.objects.filter(application__in=own).select_related("reader").order_by("pk")
    yield from section(
        "application_looks",
        _("Who has looked at the application"),
        (
            [
                fact("at", _("When"), look.at),
                fact("reader", _("Who"), str(look.reader)),
                fact("what", _("What"), look.what, LOOKS.get(look.what, look.what)),
            ]
            for look in looks
        ),
    )


def _application(found: Application) -> Record:
    fields = read(
        found, "first_name", "last_name", "email", "phone", "language", "municipality", "own_words", "training",
        "background", "wishes", "heard_from", "source", "received_on", "consent_at", "consent_version", "state",
        "end_reason", "closed_on",
    )  # fmt: skip
    return [
        *fields,
        fact("topics", _("Topics"), sorted(localname(topic) for topic in found.topics.all())),
        fact("areas", _("Could work in"), sorted(localname(area) for area in found.areas.all())),
    ]


def _view(row: Interviewer) -> Record:
    words = dict(Interviewer.Assessment.choices)
    subjects = [
        fact(code, label, told.get("notes", ""), f"{words.get(told.get('assessment', ''), '')} {told.get('notes', '')}")
        for code, label in Interviewer.Subject.choices
        if (told := row.subjects.get(code))
    ]
    when = read(row.interview, "starts_at", "place")
    return [*when, fact("interviewer", _("Interviewer"), str(row.user)), *subjects, *read(row, "overall", "summary")]


@APPLICATIONS.erases
def _erase(person: Person, _name: str, _at: datetime) -> int:
    return sum(remove_rows(list(_own(person).values_list("pk", flat=True))).values())


@APPLICATIONS.retained(months=12, since=gettext_lazy("the day on which it ended without leading to the registry"))
def _led_nowhere(border: date) -> QuerySet[Any]:
    return Application.objects.filter(state__in=NOWHERE, closed_on__lt=border).annotate(ended=F("closed_on"))


@APPLICATIONS.removes
def _remove(ids: Sequence[Any]) -> Mapping[str, int]:
    return remove_rows(ids)


LEFT_OPEN = record_class(
    LEFT,
    gettext_lazy("Applications that nobody has ended"),
    15,
    [],
    lambda _person: {},  # a person's rows are those of the class above
    why=gettext_lazy("The applicant's consent is for the assessment, and nobody assesses it any more."),
)


@LEFT_OPEN.retained(
    months=STILL_MONTHS,
    least=STILL_LEAST,
    in_work=True,
    since=gettext_lazy("the last step, interview, view or course date"),
)
def _left(border: date) -> QuerySet[Any]:
    return Application.objects.still().filter(ended__lt=border)


@LEFT_OPEN.removes
def _remove_left(ids: Sequence[Any]) -> Mapping[str, int]:
    return remove_rows(ids)


ARRIVALS = record_class(
    "form_arrivals",
    gettext_lazy("Forms counted against machines"),
    96,
    ["recruitment.Arrival"],
    lambda _person: {},
    why=gettext_lazy("A fingerprint of a network address, without a name."),
)


@ARRIVALS.retained(months=0, since=gettext_lazy("the day on which the form came"))
def _old_arrivals(border: date) -> QuerySet[Any]:
    day = TruncDate("at", tzinfo=HELSINKI)
    return Arrival.objects.annotate(ended=day).filter(at__lt=first_moment(border))


@ARRIVALS.removes
def _remove_arrivals(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(Arrival.objects.filter(pk__in=ids))
