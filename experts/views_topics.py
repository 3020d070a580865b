"""The office's own lists: topics in their groups, and areas."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts import actions
from experts.access import CHANGE_REGISTRY
from experts.choices import localname_column
from experts.forms_lists import AreaForm, TopicForm, TopicGroupForm
from experts.models import Area, Topic, TopicGroup
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(CHANGE_REGISTRY)
@require_GET
def topics(request: Request) -> HttpResponse:
    """The experience topics by group, with how many experts have each; the groups in order; the areas."""
    found: list[Topic] = list(
        Topic.objects.annotate(experts_count=Count("expert_topics")).order_by(localname_column(), "pk")
    )
    groups: list[TopicGroup] = list(TopicGroup.objects.all())
    blocks: list[tuple[TopicGroup | None, list[Topic]]] = [
        (group, [topic for topic in found if topic.group_id == group.pk]) for group in groups
    ]
    loose = [topic for topic in found if topic.group_id is None]
    if loose or not groups:
        blocks.append((None, loose))
    areas = Area.objects.annotate(experts_count=Count("experts")).order_by(localname_column(), "pk")
    context = {"blocks": blocks, "areas": list(areas), "first": groups[:1], "last": groups[-1:]}
    return render(request, "experts/topics.html", context)


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def topic_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a topic."""
    topic = get_object_or_404(Topic, pk=pk) if pk else None
    form = TopicForm(request.POST or None, instance=topic)
    titles = _("Add a topic"), _("Change the topic")
    return _edited(request, form, actions.save_topic, titles[bool(pk)], _("The topic is saved."))


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def group_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds a group of topics (at the end) or changes its names."""
    group = get_object_or_404(TopicGroup, pk=pk) if pk else TopicGroup(place=10 * TopicGroup.objects.count() + 10)
    form = TopicGroupForm(request.POST or None, instance=group)
    titles = _("Add a group of topics"), _("Change the group of topics")
    return _edited(request, form, actions.save_topic_group, titles[bool(pk)], _("The group is saved."))


@requires(CHANGE_REGISTRY)
@require_POST
def group_move(request: Request, pk: int) -> HttpResponse:
    """One place up or down."""
    group = get_object_or_404(TopicGroup, pk=pk)
    step = {"up": -1, "down": 1}.get(request.POST.get("to", ""), 0)
    if step:
        actions.move_topic_group(group, step, by=request.user, at=timezone.now())
    return redirect("experts:topics")


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def area_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes an area."""
    area = get_object_or_404(Area, pk=pk) if pk else None
    form = AreaForm(request.POST or None, instance=area)
    titles = _("Add an area"), _("Change the area")
    return _edited(request, form, actions.save_area, titles[bool(pk)], _("The area is saved."))


def _edited(request: Request, form: Any, act: Any, title: str, done: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            act(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, done)
            return redirect("experts:topics")
    return render(request, "experts/topic_form.html", {"form": form, "title": title})
