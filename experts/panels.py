"""Papers seen, on the registry's page and on the expert's own."""

from datetime import datetime
from typing import Any

from django.db import models

from experts.facts import papers_of
from office.models import User
from office.panels import Panel, panel
from office.workdays import local_date


def _papers(shown: Any, at: datetime) -> dict[str, Any]:
    return {"expert": shown, "papers": papers_of(shown), "today": local_date(at)}


@panel("expert", 10)
def of_expert(_user: User, shown: models.Model, at: datetime) -> Panel:
    """For the coordinator, with buttons (the page has read them)."""
    return Panel("experts/_papers.html", _papers(shown, at) | {"keeps": True})


@panel("me", 10)
def own(_user: User, shown: models.Model, at: datetime) -> Panel | None:
    """For the expert; nothing when no paper was shown (the page has read them)."""
    facts = _papers(shown, at)
    return Panel("experts/_papers.html", facts | {"keeps": False}) if facts["papers"] else None
