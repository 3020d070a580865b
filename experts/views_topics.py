"""The list of topics."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from experts import actions
from experts.access import (
    CHANGE_REGISTRY,
)
from experts.forms import (
    TopicForm,
)
from experts.models import Topic
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.requests import Request


@requires(CHANGE_REGISTRY)
@require_GET
def topics(request: Request) -> HttpResponse:
    """The experience topics, with how many experts have each."""
    found = Topic.objects.annotate(experts_count=Count("expert_topics"))
    return render(request, "experts/topics.html", {"topics": found})


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def topic_edit(request: Request, pk: int | None = None) -> HttpResponse:
    """Adds or changes a topic."""
    topic = get_object_or_404(Topic, pk=pk) if pk else None
    form = TopicForm(request.POST or None, instance=topic)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_topic(form.instance, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The topic is saved."))
            return redirect("experts:topics")
    return render(request, "experts/topic_form.html", {"form": form, "adding": pk is None})
