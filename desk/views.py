"""The first page: what waits for me, until when, and the one verb."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from office import formats
from office.access import ANYBODY, requires
from office.models import User
from office.todo import Todo, todos

#: What is due sooner than this is marked.
SOON = timedelta(days=2)


@dataclass(frozen=True)
class Task:
    """A row of the first page as components/tasks.html shows it. ``urgency`` is "", "soon" or "late"."""

    text: str
    url: str
    verb: str
    due: str
    urgency: str


def as_task(todo: Todo, at: datetime, language: str) -> Task:
    """A todo in the words of the reader; ``at`` decides what is late."""
    due = todo.due_text
    if todo.due and not due:
        due = _("By %(moment)s") % {"moment": formats.moment(todo.due, language)}
    urgency = "soon" if todo.urgent or (todo.due and todo.due - at < SOON) else ""
    if todo.due and todo.due < at:
        urgency = "late"
    return Task(str(todo.sentence), todo.url, str(todo.verb), due, urgency)


@requires(ANYBODY)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My tasks."""
    at = timezone.now()
    language = get_language() or "fi"
    tasks = [as_task(todo, at, language) for todo in todos(cast(User, request.user), at)]
    return render(request, "desk/home.html", {"tasks": tasks})
