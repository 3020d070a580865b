"""An expert's trainings on the registry's page and on the expert's own; the names for the fee tables."""

from datetime import datetime, timedelta
from typing import Any

from django.db import models

from feetables import conditions
from office.models import User
from office.panels import Panel, panel
from office.templatetags.erfa import localname
from training.models import CourseDate, Training

MINUTE = timedelta(minutes=1)


@conditions.source
def names() -> dict[str, str]:
    """Code → name of the trainings."""
    return {training.code: localname(training) for training in Training.objects.all()}


def _facts(expert: Any, at: datetime) -> dict[str, Any]:
    """Courses, trainings from elsewhere, exact minutes in all, dates to come (four queries)."""
    places = list(expert.course_places.with_time().select_related("course__training", "ended_by").order_by("-pk"))
    external = list(expert.external_trainings.select_related("training", "noted_by"))
    on_course = [place.course_id for place in places if place.state == "enrolled"]
    coming = CourseDate.objects.filter(course__in=on_course, ends_at__gt=at).select_related("course__training")
    minutes = sum(place.time // MINUTE for place in places) + sum(held.minutes for held in external)
    return {
        "expert": expert,
        "places": places,
        "external": external,
        "coming": list(coming) if on_course else [],
        "minutes": minutes,
    }


@panel("expert", 20)
def of_expert(_user: User, shown: models.Model, at: datetime) -> Panel:
    """For the coordinator."""
    return Panel("training/_expert.html", _facts(shown, at))


@panel("me", 20)
def own(_user: User, shown: models.Model, at: datetime) -> Panel | None:
    """For the expert; nothing when there is nothing to tell."""
    facts = _facts(shown, at)
    return Panel("training/_me.html", facts) if facts["places"] or facts["external"] else None
