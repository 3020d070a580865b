"""What the coordinator's page of an expert and the expert's own page show besides papers: one query for all of it."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from experts.choices import localname_column
from experts.models import Absence, Area, Expert, ExpertTopic, ReadLog, SeenPaper, TaxCard, Topic, TopicGroup
from office.models import User

#: As many of the newest looks as the pages show.
LOOKS = 5


def _rows(rows: "QuerySet[Any]", *, most: int | None = None, **columns: str) -> ArraySubquery:
    """The rows of the expert (at most so many) as a list of dicts."""
    return ArraySubquery(rows.filter(expert=OuterRef("pk")).values(row=JSONObject(**columns))[:most])


def with_facts(experts: "QuerySet[Expert]", today: date) -> "QuerySet[Expert]":
    """With the account and what ``topics_of``, ``areas_of``, ``away_of``, ``cards_of`` and ``papers_of`` read."""
    named = localname_column()
    topics = ExpertTopic.objects.order_by(f"topic__{named}", "pk")
    return (
        with_areas(experts)
        .select_related("user")
        .annotate(
            topic_rows=_rows(
                topics,
                published="published",
                pk="topic_id",
                name_fi="topic__name_fi",
                name_sv="topic__name_sv",
                group="topic__group_id",
                group_fi="topic__group__name_fi",
                group_sv="topic__group__name_sv",
                place="topic__group__place",
            ),
            card_rows=_rows(
                TaxCard.objects.order_by("-year", "pk"), pk="pk", year="year", kind="kind", delivered="delivered_on"
            ),
            paper_rows=_rows(
                SeenPaper.objects.order_by("kind", "-shown_on", "-pk"),
                pk="pk",
                kind="kind",
                shown_on="shown_on",
                valid_to="valid_to",
                first_name="seen_by__first_name",
                last_name="seen_by__last_name",
            ),
            away_rows=_rows(
                Absence.objects.filter(last_day__gte=today).order_by("first_day", "pk"),
                first="first_day",
                last="last_day",
            ),
        )
    )


def with_looks(experts: "QuerySet[Expert]") -> "QuerySet[Expert]":
    """With what ``looks_of`` reads."""
    columns = {"at": "at", "what": "what", "first_name": "reader__first_name", "last_name": "reader__last_name"}
    return experts.annotate(look_rows=_rows(ReadLog.objects.order_by("-pk"), most=LOOKS + 1, **columns))


def looks_of(shown: Expert) -> tuple[list[ReadLog], bool]:
    """The newest looks, and whether there are more."""
    rows: list[dict[str, str]] = shown.look_rows  # type: ignore[attr-defined]  # annotated by with_looks
    found = [
        ReadLog(
            at=datetime.fromisoformat(row["at"]),
            what=row["what"],
            reader=User(first_name=row["first_name"], last_name=row["last_name"]),
        )
        for row in rows
    ]
    return found[:LOOKS], len(found) > LOOKS


def cards_of(shown: Expert) -> list[TaxCard]:
    rows: Iterable[dict[str, Any]] = shown.card_rows  # type: ignore[attr-defined]  # annotated by with_facts
    return [
        TaxCard(
            pk=row["pk"],
            expert=shown,
            year=row["year"],
            kind=row["kind"],
            delivered_on=date.fromisoformat(row["delivered"]) if row["delivered"] else None,
        )
        for row in rows
    ]


def papers_of(shown: Expert) -> list[SeenPaper]:
    """The papers that were shown, with the names of those who saw them."""
    rows: Iterable[dict[str, Any]] = shown.paper_rows  # type: ignore[attr-defined]  # annotated by with_facts
    return [
        SeenPaper(
            pk=row["pk"],
            expert=shown,
            kind=row["kind"],
            shown_on=date.fromisoformat(row["shown_on"]),
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            seen_by=User(first_name=row["first_name"], last_name=row["last_name"]),
        )
        for row in rows
    ]


def with_areas(experts: "QuerySet[Expert]") -> "QuerySet[Expert]":
    """With what ``areas_of`` reads."""
    areas = Expert.areas.through.objects.order_by(f"area__{localname_column()}")
    return experts.annotate(area_rows=_rows(areas, name_fi="area__name_fi", name_sv="area__name_sv"))


def topics_of(shown: Expert) -> list[ExpertTopic]:
    """The expert's topics with their groups, in the order of the page's language."""
    found = []
    for row in shown.topic_rows:  # type: ignore[attr-defined]  # annotated by with_facts
        topic = Topic(pk=row["pk"], name_fi=row["name_fi"], name_sv=row["name_sv"])
        if row["group"]:
            topic.group = TopicGroup(
                pk=row["group"], name_fi=row["group_fi"], name_sv=row["group_sv"], place=row["place"]
            )
        found.append(ExpertTopic(expert=shown, topic=topic, published=row["published"]))
    return found


def areas_of(shown: Expert) -> list[Area]:
    rows: Iterable[dict[str, str]] = shown.area_rows  # type: ignore[attr-defined]  # annotated by with_facts
    return [Area(**row) for row in rows]


def away_of(shown: Expert) -> list[Absence]:
    """The days away that are not past."""
    rows: Iterable[dict[str, str]] = shown.away_rows  # type: ignore[attr-defined]  # annotated by with_facts
    days = ((date.fromisoformat(row["first"]), date.fromisoformat(row["last"])) for row in rows)
    return [Absence(expert=shown, first_day=first, last_day=last) for first, last in days]
