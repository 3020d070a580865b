"""Whose data: from an expert to a Person; the history and the office's uploads as record classes (office.rights)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments.texts_history import WORDS as ASSIGNMENTS
from desk.models import UploadedSheet
from experts.models import Expert
from experts.texts import WORDS as EXPERTS
from experts.texts_contracts import CONTRACT_WORDS
from induction.texts import WORDS as INDUCTION
from office.history import Words
from office.models import LogEntry
from office.personal import first_moment, works_here_too
from office.rights import Person, Section, about, clear, fact, record_class, section
from office.saving import trigger_says
from office.texts import WORDS as OFFICE
from office.workdays import HELSINKI
from recruitment.texts import WORDS as RECRUITMENT
from supervision.texts import WORDS as SUPERVISION
from training.texts import WORDS as TRAINING

trigger_says(
    "erased_expert_stays_erased",
    gettext_lazy("This expert has been erased. The record cannot be filled or used again."),
)

WORDS: Words = {
    **OFFICE, **EXPERTS, **CONTRACT_WORDS, **ASSIGNMENTS, **SUPERVISION, **TRAINING, **INDUCTION, **RECRUITMENT,
}  # fmt: skip


def person_of(expert: Expert) -> Person:
    """The expert with the account, in the language of the expert."""
    user = expert.user
    said = {str(expert), expert.sort_name, expert.short_name, expert.email, expert.phone}
    if user is not None:
        said |= {str(user), user.email, user.phone}
    longest_first = sorted(said - {""}, key=lambda word: (-len(word), word))
    return Person(
        name=str(expert),
        language=expert.language,
        user=user,
        expert_id=expert.pk,
        email=expert.email,
        said=tuple(longest_first),
    )


def _history_of(person: Person) -> QuerySet[LogEntry]:
    """What was done with the person's records, by the person, or on the person's behalf."""
    mine = Q(on_behalf_of__isnull=False, on_behalf_of=person.user_id) | Q(actor__isnull=False, actor=person.user_id)
    for label, ids in about(person).items():
        mine |= Q(object_type=label, object_id__in=ids)
    return LogEntry.objects.filter(mine)


HISTORY = record_class(
    "history",
    gettext_lazy("History"),
    97,
    ["office.LogEntry"],
    lambda person: {"office.LogEntry": _history_of(person)},
)


@HISTORY.collects
def _history(person: Person) -> Iterator[Section]:
    def who(entry: LogEntry) -> str:
        if entry.actor_id is None:
            return _("the program")
        return _("you") if entry.actor_id == person.user_id else _("somebody of the county")

    def what(entry: LogEntry) -> str:
        words = WORDS.get(entry.kind, entry.kind)
        return words(entry) if callable(words) and not isinstance(words, Promise) else str(words)

    yield from section(
        "history",
        _("History"),
        (
            [
                fact("at", _("When"), entry.at),
                fact("who", _("Who"), who(entry)),
                fact("kind", _("What"), entry.kind, what(entry)),
                fact("object", _("Record"), f"{entry.object_type} {entry.object_id}"),
                fact("from_state", _("From state"), entry.from_state),
                fact("to_state", _("To state"), entry.to_state),
                fact("reason", _("Reason"), entry.reason),
            ]
            for entry in _history_of(person).order_by("id")
        ),
        note=_("Names of employees who acted for the county are left out (GDPR Art. 15(4))."),
    )


@HISTORY.kept_by_law(
    gettext_lazy("Accountability (GDPR Art. 5(2)): who did what. Rows name persons by number; names are replaced.")
)
def _ends(person: Person) -> QuerySet[Any]:
    return _history_of(person).annotate(ended=TruncDate("at", tzinfo=HELSINKI))


@HISTORY.erases
def _rename(person: Person, name: str, at: datetime) -> int:
    """Takes the name out of the facts of rows; the trigger lets nothing else be changed (docs/decisions/0014)."""
    rows = _history_of(person)
    if person.user and not works_here_too(person, at):
        units = person.user.grants.exclude(unit=None).values("unit")
        rows |= LogEntry.objects.filter(kind__startswith="grant.", object_type="office.unit", object_id__in=units)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('erfa.erasure', 'on', TRUE)")
    count = 0
    for entry in rows.exclude(facts={}).order_by("id"):
        facts = _renamed(entry.facts, person.said, name)
        if facts != entry.facts:
            LogEntry.objects.filter(pk=entry.pk).update(facts=facts)
            count += 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('erfa.erasure', '', TRUE)")
    return count


def _renamed(value: Any, said: Sequence[str], name: str) -> Any:
    """The facts with each of the person's names replaced; numbers and codes as they are."""
    if isinstance(value, dict):
        return {key: _renamed(inner, said, name) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, said, name) for inner in value]
    if isinstance(value, str):
        for word in said:
            value = value.replace(word, name)
    return value


@HISTORY.retained(months=120, least=84, since=gettext_lazy("the day of the row"))
def _old_rows(border: date) -> QuerySet[Any]:
    return LogEntry.objects.filter(at__lt=first_moment(border)).annotate(ended=TruncDate("at", tzinfo=HELSINKI))


@HISTORY.removes
def _remove_rows(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(LogEntry.objects.filter(pk__in=ids))


SHEETS = record_class(
    "sheets",
    gettext_lazy("Uploaded files"),
    98,
    ["desk.UploadedSheet"],
    lambda _person: {},
    why=gettext_lazy(
        "The content of a file goes when it has been taken; what is left here is its name and the counts."
    ),
)


@SHEETS.retained(months=12, since=gettext_lazy("the upload"))
def _old_sheets(border: date) -> QuerySet[Any]:
    found = UploadedSheet.objects.filter(uploaded_at__lt=first_moment(border))
    return found.annotate(ended=TruncDate("uploaded_at", tzinfo=HELSINKI))


@SHEETS.removes
def _remove_sheets(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(UploadedSheet.objects.filter(pk__in=ids))
