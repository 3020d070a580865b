"""What the registry keeps of a person, for the download, erasure and retention (office.rights)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experts import rights_contracts as rights_contracts  # registers contracts
from experts.models import (
    Absence,
    Contract,
    Expert,
    ExpertTopic,
    ReadLog,
    SavedView,
    SeenPaper,
    TaxCard,
)
from experts.texts import READS
from office.personal import first_moment, works_here_too
from office.rights import Obstacle, Person, Section, clear, fact, read, record_class, section
from office.templatetags.erfa import localname
from office.workdays import HELSINKI

AREAS = Expert.areas.through

RECORD = record_class(
    "registry",
    gettext_lazy("Registry: record, topics, areas and consent"),
    20,
    ["experts.Expert", "experts.ExpertTopic", AREAS._meta.label],
    lambda person: {
        "experts.Expert": Expert.objects.filter(pk=person.expert_id),
        "experts.ExpertTopic": ExpertTopic.objects.filter(expert=person.expert_id),
        AREAS._meta.label: AREAS._default_manager.filter(expert_id=person.expert_id),
    },
    why=gettext_lazy("The name is replaced by a number; contact data, topics, texts and the note are removed."),
)


@RECORD.collects
def _record(person: Person) -> Iterator[Section]:
    found = Expert.objects.filter(pk=person.expert_id).prefetch_related("areas").first()
    if found is None:
        return
    contact = read(
        found, "first_name", "last_name", "email", "phone", "municipality", "language", "work_languages", "kinds",
        "on_site", "remote", "availability", "training", "introduction_fi", "introduction_sv", "shown_before",
        "shown_after", "payroll_number", "state", "state_reason", "state_since", "pause_until", "note",
    )  # fmt: skip
    areas = sorted(localname(area) for area in found.areas.all())
    yield from section("registry", _("Record in the registry"), [[*contact, fact("areas", _("Works in"), areas)]])
    yield from section(
        "topics",
        _("Experience topics"),
        (
            [
                fact("topic", _("Topic"), own.topic.code, localname(own.topic)),
                fact("published", _("May be shown to units"), own.published),
            ]
            for own in found.expert_topics.select_related("topic").order_by("topic__name_fi")
        ),
    )


@RECORD.erases
def _strip(person: Person, name: str, at: datetime) -> int:
    """Leaves a number where the name was, so that what a law keeps still belongs together."""
    first, _space, last = name.rpartition(" ")
    rows = Expert.objects.filter(pk=person.expert_id)
    removed = sum(clear(*(found for label, found in RECORD.rows(person).items() if label != "experts.Expert")).values())
    return removed + rows.update(
        first_name=first,
        last_name=last,
        email="",
        phone="",
        municipality="",
        work_languages=[],
        kinds=[],
        availability="",
        training="",
        introduction_fi="",
        introduction_sv="",
        shown_before=[],
        shown_after=[],
        payroll_number=None,
        state_reason="",
        pause_until=None,
        note="",
        erased_at=at,
        **({"user": None} if works_here_too(person, at) else {}),  # the account stays, no longer this expert's
    )


@RECORD.blocks
def _not_ended(person: Person, _at: datetime) -> Iterable[Obstacle]:
    still = Expert.objects.filter(pk=person.expert_id).exclude(state=Expert.State.ENDED)
    yield Obstacle(still, lambda _count: _("The expert has not ended. End the expert first."))


@RECORD.retained(months=0, since=gettext_lazy("the erasure, when nothing else of the expert is kept any more"))
def _empty_records(border: date) -> QuerySet[Any]:
    """Erased experts without any record that a law keeps. (Apps above leave out those who have some of theirs.)"""
    found = Expert.objects.filter(erased_at__lt=first_moment(border))
    held = Exists(Contract.objects.filter(expert=OuterRef("pk"))) | Exists(
        ReadLog.objects.filter(expert=OuterRef("pk"))
    )
    return found.exclude(held).annotate(ended=TruncDate("erased_at", tzinfo=HELSINKI))


@RECORD.removes
def _remove_records(ids: Sequence[Any]) -> Mapping[str, int]:
    """One by one through Django, which refuses what something else still holds."""
    return Expert.objects.filter(pk__in=ids).delete()[1]


ABSENCES = record_class(
    "absences",
    gettext_lazy("Absences"),
    25,
    ["experts.Absence"],
    lambda person: {"experts.Absence": Absence.objects.filter(expert=person.expert_id)},
)


@ABSENCES.collects
def _absences(person: Person) -> Iterator[Section]:
    found = Absence.objects.filter(expert=person.expert_id).order_by("first_day", "id")
    yield from section("absences", _("Absences"), (read(away, "first_day", "last_day") for away in found))


@ABSENCES.erases
def _no_absences(person: Person, _name: str, _at: datetime) -> int:
    return sum(clear(Absence.objects.filter(expert=person.expert_id)).values())


@ABSENCES.retained(months=12, since=gettext_lazy("the last day away"))
def _old_absences(border: date) -> QuerySet[Any]:
    return Absence.objects.filter(last_day__lt=border).annotate(ended=F("last_day"))


@ABSENCES.removes
def _remove_absences(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(Absence.objects.filter(pk__in=ids))


PAPERS = record_class(
    "papers",
    gettext_lazy("Tax cards and papers seen"),
    30,
    ["experts.TaxCard", "experts.SeenPaper"],
    lambda person: {
        "experts.TaxCard": TaxCard.objects.filter(expert=person.expert_id),
        "experts.SeenPaper": SeenPaper.objects.filter(expert=person.expert_id),
    },
)


@PAPERS.collects
def _papers(person: Person) -> Iterator[Section]:
    cards = TaxCard.objects.filter(expert=person.expert_id).order_by("year", "kind")
    yield from section(
        "tax_cards",
        _("Tax cards"),
        (read(card, "year", "kind", "delivered_on") for card in cards),
        note=_("Only that a card was delivered; nothing of the card itself is kept."),
    )
    seen = SeenPaper.objects.filter(expert=person.expert_id).select_related("seen_by").order_by("shown_on", "id")
    yield from section(
        "papers_seen",
        _("Papers seen"),
        (
            [*read(paper, "kind", "shown_on", "valid_to"), fact("seen_by", _("Seen by"), str(paper.seen_by))]
            for paper in seen
        ),
    )


@PAPERS.erases
def _no_papers(person: Person, _name: str, _at: datetime) -> int:
    return sum(clear(*PAPERS.rows(person).values()).values())


VIEWS = record_class(
    "saved_views",
    gettext_lazy("Saved views of lists"),
    80,
    ["experts.SavedView"],
    lambda person: {"experts.SavedView": SavedView.objects.filter(user=person.user_id)},
)


@VIEWS.collects
def _views(person: Person) -> Iterator[Section]:
    yield from section(
        "saved_views",
        _("Saved views of lists"),
        (
            [*read(view, "name"), fact("page", _("Page"), view.page), fact("query", _("Filters"), view.query)]
            for view in SavedView.objects.filter(user=person.user_id)
        ),
    )


@VIEWS.erases
def _no_views(person: Person, _name: str, _at: datetime) -> int:
    return sum(clear(SavedView.objects.filter(user=person.user_id)).values())


READ_LOG = record_class(
    "read_log",
    gettext_lazy("Who has looked"),
    96,
    ["experts.ReadLog"],
    lambda person: {"experts.ReadLog": ReadLog.objects.filter(Q(expert__isnull=False, expert=person.expert_id))},
)


@READ_LOG.collects
def _looks(person: Person) -> Iterator[Section]:
    yield from section(
        "looks",
        _("Who has looked at your record"),
        (
            [
                fact("at", _("When"), look.at),
                fact("reader", _("Who"), str(look.reader)),
                fact("what", _("What"), look.what, READS.get(look.what, look.what)),
            ]
            for look in ReadLog.objects.filter(expert=person.expert_id).select_related("reader").order_by("id")
        ),
    )


@READ_LOG.kept_by_law(gettext_lazy("Supervision of access (GDPR Art. 5(2)). The name is replaced by a number."))
def _looks_end(person: Person) -> QuerySet[Any]:
    return ReadLog.objects.filter(expert=person.expert_id).annotate(ended=TruncDate("at", tzinfo=HELSINKI))


@READ_LOG.retained(months=60, since=gettext_lazy("the look"))
def _old_looks(border: date) -> QuerySet[Any]:
    found = ReadLog.objects.filter(at__lt=first_moment(border))
    return found.annotate(ended=TruncDate("at", tzinfo=HELSINKI))


@READ_LOG.removes
def _remove_looks(ids: Sequence[Any]) -> Mapping[str, int]:
    return clear(ReadLog.objects.filter(pk__in=ids))
