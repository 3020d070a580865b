"""Units with the state of their induction, and the people of a unit: questions of a fixed number of queries."""

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from experts.models import Expert
from experts.seen import name_for
from experts.shown import Stage
from induction.models import ChecklistRow, GuideRead, GuideVersion, Induction, ReadinessTick
from induction.states import GuideState, InductionState
from induction.work import LATELY, agreed_work
from office.models import Unit, User
from office.workdays import DAY


def _count(rows: "QuerySet[Any]", by: str = "unit") -> Coalesce:
    """How many of the rows belong to the unit of the outer query."""
    return Coalesce(
        Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0
    )


def new_work(at: datetime) -> "QuerySet[Any]":
    """Work ahead of experts who have no checklist in the unit."""
    begun = Induction.objects.filter(expert=OuterRef("expert"), unit=OuterRef("unit"))
    # nothing lasts longer than a day: the beginning has the index
    return agreed_work().filter(~Exists(begun), ends_at__gt=at, starts_at__gt=at - DAY)


def with_state(units: "QuerySet[Unit]", at: datetime) -> "QuerySet[Any]":
    """Units with ``ready_rows`` and ``ready_ticks``, ``open_inductions``, ``new_people`` (and ``new_from``: the first
    session of theirs), ``guide_number`` and ``guide_at`` of their own text. One query.
    """
    rows = ChecklistRow.objects.filter(sort=ChecklistRow.Sort.READINESS, is_active=True)
    common = rows.filter(unit__isnull=True).order_by().values("sort").annotate(n=Count("pk")).values("n")
    ticks = ReadinessTick.objects.filter(unit=OuterRef("pk"), ticked_at__isnull=False, row__is_active=True)
    own = GuideVersion.objects.filter(unit=OuterRef("pk"), state=GuideState.PUBLISHED).order_by("-number")
    new = new_work(at).filter(unit=OuterRef("pk")).order_by().values("unit")
    return units.annotate(
        ready_rows=_count(rows.filter(unit=OuterRef("pk")))
        + Coalesce(Subquery(common, output_field=IntegerField()), 0),
        ready_ticks=_count(ticks),
        open_inductions=_count(Induction.objects.filter(unit=OuterRef("pk"), state=InductionState.OPEN)),
        new_people=Coalesce(
            Subquery(new.annotate(n=Count("expert", distinct=True)).values("n"), output_field=IntegerField()), 0
        ),
        new_from=Subquery(new.annotate(first=Min("starts_at")).values("first")),
        guide_number=Subquery(own.values("number")[:1]),
        guide_at=Subquery(own.values("published_at")[:1]),
    )


def people_of(unit: Unit, reader: User, at: datetime) -> list[Any]:
    """Who works in the unit (work ahead or lately) or has a checklist there: the next first. Three queries at most.

    Each has ``shown`` (the name that the reader may see), ``next_at``, ``last_at``, ``works``, ``unread`` (versions of
    the current guides not read) and ``induction`` or None with ``rows`` and ``ticks``.
    """
    work = agreed_work().filter(expert=OuterRef("pk"), unit=unit)
    guides = GuideVersion.objects.current().filter(Q(unit__isnull=True) | Q(unit=unit))
    read = GuideRead.objects.filter(expert=OuterRef("pk"), version__in=guides.values("pk"))
    begun = Induction.objects.filter(expert=OuterRef("pk"), unit=unit)
    found = (
        Expert.objects.annotate(
            works=Exists(work.filter(ends_at__gt=at - LATELY)),
            begun=Exists(begun),
            next_at=Subquery(work.filter(ends_at__gt=at).order_by("starts_at").values("starts_at")[:1]),
            last_at=Subquery(work.filter(ends_at__lte=at).order_by("-starts_at").values("starts_at")[:1]),
            read=_count(read, "expert"),
        )
        .filter(Q(works=True) | Q(begun=True))
        .prefetch_related(Prefetch("inductions", Induction.objects.filter(unit=unit).counted(), to_attr="here"))
        .order_by(F("next_at").asc(nulls_last=True), "last_name", "first_name", "pk")
    )
    asked = guides.count()
    people: list[Any] = list(found)
    for person in people:
        person.shown = name_in_unit(reader, person, works=person.next_at is not None or person.last_at is not None)
        person.unread = asked - person.read
        person.induction = person.here[0] if person.here else None
    return people


def name_in_unit(reader: User, expert: Expert, *, works: bool) -> str:
    """The name as the reader may see it: for the unit whole when work was agreed and the expert shows it (R5)."""
    return name_for(reader, expert, Stage.AFTER if works else Stage.BEFORE)
