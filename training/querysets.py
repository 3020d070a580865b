"""Questions about courses and trainings."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, F, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from office.choices import Role

if TYPE_CHECKING:
    from office.models import User
    from training.models import Course, CourseDate, ExternalTraining, Participant


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, user: "User") -> "CourseQuerySet":
        """The coordinator's; experts read of their own courses on their own page."""
        return self if user.has_role(Role.COORDINATOR) else self.none()

    def with_facts(self) -> "CourseQuerySet":
        """With ``first``, ``last`` (moments), ``days``, and ``taken`` seats (those who left the course give theirs)."""
        from training.models import CourseDate, Participant  # noqa: PLC0415 - models import querysets

        dates = CourseDate.objects.filter(course=OuterRef("pk")).order_by().values("course")
        places = Participant.objects.filter(course=OuterRef("pk")).taking_seat().order_by().values("course")
        return self.annotate(
            first=Subquery(dates.annotate(found=Min("starts_at")).values("found")),
            last=Subquery(dates.annotate(found=models.Max("ends_at")).values("found")),
            days=Coalesce(Subquery(dates.annotate(found=Count("pk")).values("found")), 0),
            taken=Coalesce(Subquery(places.annotate(found=Count("pk")).values("found")), 0),
        )

    def to_come(self, at: datetime) -> "CourseQuerySet":
        """Those with a date that is not over, or without dates; the next first. With the facts."""
        found = self.with_facts().filter(Q(last__isnull=True) | Q(last__gt=at))
        return found.order_by("first", "pk")  # type: ignore[misc]  # annotated

    def over(self, at: datetime) -> "CourseQuerySet":
        """Those whose last date is over, the latest first. With the facts."""
        found = self.with_facts().filter(Q(last__lte=at))
        return found.order_by("-last", "-pk")  # type: ignore[misc]  # annotated


class CourseDateQuerySet(models.QuerySet["CourseDate"]):
    def visible_to(self, user: "User") -> "CourseDateQuerySet":
        return self if user.has_role(Role.COORDINATOR) else self.none()


class ParticipantQuerySet(models.QuerySet["Participant"]):
    def visible_to(self, user: "User") -> "ParticipantQuerySet":
        """The coordinator all, an expert the own ones."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(expert__user=user)

    def taking_seat(self) -> "ParticipantQuerySet":
        return self.filter(~Q(state="interrupted"))

    def with_time(self) -> "ParticipantQuerySet":
        """With ``time``: how long the participant was there, exactly (a timedelta)."""
        there = Sum(F("attendances__date__ends_at") - F("attendances__date__starts_at"))
        return self.annotate(time=Coalesce(there, Value(timedelta())))


class ExternalQuerySet(models.QuerySet["ExternalTraining"]):
    def visible_to(self, user: "User") -> "ExternalQuerySet":
        """The coordinator all, an expert the own ones."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(expert__user=user)
