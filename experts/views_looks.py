"""Who has looked at what: one record's looks, and all of them."""

from datetime import time, timedelta

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from experts.access import SEE_CONTRACT, SEE_LOOKS
from experts.forms_lists import LookFilter
from experts.models import Expert, ReadLog, Topic, TopicGroup
from experts.texts import told_look
from experts.views import PAGE, told_looks
from office.access import requires
from office.requests import Request
from office.templatetags.erfa import localname
from office.workdays import at_wall_clock


@requires(SEE_CONTRACT)
@require_GET
def reads(request: Request, pk: int) -> HttpResponse:
    """Who has looked at the record, the newest first."""
    shown = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    page = Paginator(shown.reads.select_related("reader"), PAGE).get_page(request.GET.get("page"))
    context = {
        "expert": shown,
        "page_obj": page,
        "looks": told_looks(list(page.object_list)),
        "own": shown.user_id == request.user.pk,
    }
    return render(request, "experts/reads.html", context)


@requires(SEE_LOOKS)
@require_GET
def looks(request: Request) -> HttpResponse:
    """All looks at records, exports and searches by topic, the newest first. Topics searched by are told only here.

    An export is one row; who was in it is told when one asks for a name.
    """
    form = LookFilter(request.GET)
    found = ReadLog.objects.select_related("reader", "expert")
    if not request.GET.get("expert", "").strip():
        found = found.exclude(expert__isnull=False, what__startswith="export")
    if form.is_valid():
        asked = form.cleaned_data
        for side in ("reader", "expert"):
            for word in asked[side].split():
                first, last = f"{side}__first_name__icontains", f"{side}__last_name__icontains"
                found = found.filter(Q(**{first: word}) | Q(**{last: word}))
        if day := asked["day"]:
            start = at_wall_clock(day, time(0))
            found = found.filter(at__gte=start, at__lt=at_wall_clock(day + timedelta(days=1), time(0)))
        if asked["what"]:
            found = found.filter(what__startswith=asked["what"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    names = {str(topic.pk): localname(topic) for topic in Topic.objects.all()}
    names |= {f"group-{group.pk}": localname(group) for group in TopicGroup.objects.all()}
    context = {
        "form": form,
        "page_obj": page,
        "rows": [(look, told_look(look, names)) for look in page.object_list],
        "active": any(request.GET.get(name) for name in form.fields),
        "crumbs": [{"label": _("Registry"), "url": reverse("experts:registry")}, {"label": _("Who has looked")}],
    }
    return render(request, "experts/looks.html", context)
