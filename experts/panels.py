"""Papers seen, on the registry's page and on the expert's own."""

from datetime import datetime
from typing import Any

from django.db import models

from office.models import User
from office.panels import Panel, panel
from office.workdays import local_date


def _papers(shown: Any, at: datetime) -> dict[str, Any]:
    return {"expert": shown, "papers": list(shown.seen_papers.select_related("seen_by")), "today": local_date(at)}


@panel("expert", 10)
def of_expert(_user: User, shown: models.Model, at: datetime) -> Panel:
    """For the coordinator, with buttons (one query)."""
    return Panel("experts/_papers.html", _papers(shown, at) | {"keeps": True})


@panel("me", 10)
def own(_user: User, shown: models.Model, at: datetime) -> Panel | None:
    """For the expert; nothing when no paper was shown (one query)."""
    facts = _papers(shown, at)
    return Panel("experts/_papers.html", facts | {"keeps": False}) if facts["papers"] else None
