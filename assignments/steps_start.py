"""Step 1 of a new order: from the menu or from the search, whose expert and time it brings along.

Each page that is opened has a key of its own: a search in another tab, or one that was given up, brings nothing, and a
page that is sent again (pressed twice, gone back) writes the draft that it has begun.
"""

from datetime import datetime
from typing import Any, cast
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_http_methods, require_POST

from assignments.access import FIND, ORDER
from assignments.actions import save_draft
from assignments.forms import WhatForm
from assignments.forms_times import TYPED, span_of
from assignments.steps import habits_of, person, posted, step_page, units_of, what, what_answers
from experts.models import Expert
from experts.seen import name_for
from experts.shown import Stage
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.workdays import local_date

#: Where searches are remembered between "order with this expert" and step 1, and which draft a page has begun.
SEARCHES, BEGUN = "order_searches", "order_begun"
#: As many of each as a session keeps.
MOST_KEPT = 8


def _keep(request: HttpRequest, name: str, key: str, value: Any) -> None:
    kept = request.session.get(name) or {}
    request.session[name] = dict([*kept.items(), (key, value)][-MOST_KEPT:])


@requires(FIND)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Remembers the search and the chosen expert, if any, and opens step 1. The topic never stands in an address."""
    names = ("expert", "topic", "language", "kind", "way", "day", "start", "end")
    key = uuid4().hex
    _keep(request, SEARCHES, key, {name: request.POST.get(name, "")[:40] for name in names})
    return redirect(f"{reverse('assignments:order_new')}?search={key}")


def _started(request: HttpRequest, searched: dict[str, str], at: datetime) -> dict[str, Any]:
    """What the search brings along: the expert and the time, when they still hold."""
    brought: dict[str, Any] = {}
    if (expert := str(searched.get("expert", ""))).isascii() and expert.isdigit():
        findable = Expert.objects.findable_by(person(request), local_date(at))
        brought["expert"] = findable.filter(pk=expert).first()
    time = span_of({name: searched.get(name, "") for name in TYPED})
    if time and time[0] > at:
        brought["times"] = [time]
    brought["remote"] = searched.get("way") == "remote"
    return brought


@requires(ORDER)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Step 1 of a new order."""
    at, user = timezone.now(), person(request)
    begun = request.POST.get("begun", "")[:32]
    written = (request.session.get(BEGUN) or {}).get(begun)
    if written:
        return cast("HttpResponse", what(request, written))
    search = request.GET.get("search", "")
    searched = (request.session.get(SEARCHES) or {}).get(search) or {}
    initial = {name: searched[name] for name in ("topic", "language", "kind") if searched.get(name)}
    initial.setdefault("language", "sv" if translation.get_language() == "sv" else "fi")
    form = WhatForm(posted(request), units=units_of(user), initial=initial)
    brought = _started(request, searched, at)
    if form.is_valid():
        try:
            answers = what_answers(form) | brought
            place = "" if answers["remote"] else answers["unit"].place
            where = habits_of(answers["unit"], user) | {"place": place}
            order = save_draft(None, by=user, at=at, plan={}, **where, **answers)
        except RuleError as error:
            tell(form, error)
        else:
            if begun:
                _keep(request, BEGUN, begun, order.pk)
            return redirect("assignments:order_details", order.pk)
    expert = brought.get("expert")
    context = {
        "begun": begun or uuid4().hex,
        "searched_for": name_for(user, expert, Stage.BEFORE) if expert else "",
        "searched_times": brought.get("times", []),
    }
    return step_page(request, "what", None, form=form, **context)
