"""What the coordinator's page of an expert and the expert's own page show besides papers: one query for all of it."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from experts.choices import localname_column
from experts.models import Absence, Area, Expert, ExpertTopic, Topic, TopicGroup


def _rows(rows: "QuerySet[Any]", **columns: str) -> ArraySubquery:
    """The rows of the expert as a list of dicts."""
    return ArraySubquery(rows.filter(expert=OuterRef("pk")).values(row=JSONObject(**columns)))


def with_facts(experts: "QuerySet[Expert]", today: date) -> "QuerySet[Expert]":
    """With the account and what ``topics_of``, ``areas_of`` and ``away_of`` read."""
    named = localname_column()
    topics = ExpertTopic.objects.order_by(f"topic__{named}", "pk")
    return with_areas(experts).select_related("user").annotate(
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
        away_rows=_rows(
            Absence.objects.filter(last_day__gte=today).order_by("first_day", "pk"), first="first_day", last="last_day"
        ),
    )


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
