"""Guides: an expert reads, the keeper writes, looks and publishes."""

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from experts.models import Expert
from induction import actions
from induction.access import KEEP, KEEP_UNIT, OVERVIEW, READ_GUIDE, SEE_UNIT
from induction.actions.common import keeps
from induction.forms import GuideForm
from induction.models import GuideRead, GuideVersion, Induction
from induction.states import GuideState
from induction.texts import shown_text
from induction.views import crumbs, guides_of
from office.access import requires
from office.choices import NAMED, Role
from office.errors import RuleError
from office.forms import number_sent, tell
from office.models import Unit
from office.requests import Request
from office.templatetags.erfa import localname


@requires(READ_GUIDE)
@require_GET
def guide(request: Request) -> HttpResponse:
    """The common guide and those of the units where the expert works, what the expert has been shown there."""
    at = timezone.now()
    expert = get_object_or_404(Expert, user=request.user)
    read = GuideRead.objects.filter(expert=expert, version=OuterRef("pk")).values("read_at")
    versions: list[Any] = list(
        GuideVersion.objects.for_expert(request.user, at)
        .annotate(read_at=Subquery(read[:1]))
        .select_related("unit")
        .order_by("unit_id")
    )
    versions.sort(key=lambda version: version.unit_id is not None)  # the common one first
    for version in versions:
        version.shown = shown_text(version, request.GET.get("text", ""))
    context = {
        "guides": versions,
        "inductions": list(Induction.objects.filter(expert=expert).select_related("unit").counted()),
    }
    return render(request, "induction/guide.html", context)


@requires(READ_GUIDE)
@require_POST
def guide_read(request: Request, pk: int) -> HttpResponse:
    """The expert tells: I have read this."""
    expert = get_object_or_404(Expert, user=request.user)
    at = timezone.now()
    version = get_object_or_404(GuideVersion.objects.for_expert(request.user, at), pk=pk)
    language = shown_text(version, request.POST.get("text", "")).language
    actions.note_read(version, expert, language=language, by=request.user, at=at)
    messages.success(request, _("Thank you. It is noted that you have read this."))
    return redirect("induction:guide")


@requires(SEE_UNIT)
@require_GET
def version(request: Request, pk: int) -> HttpResponse:
    """A version as experts read it; a draft with the button that publishes it."""
    found = GuideVersion.objects.visible_to(request.user).select_related("unit", "published_by", "changed_by")
    shown = get_object_or_404(found, pk=pk)
    context = {
        "version": shown,
        "shown": shown_text(shown, request.GET.get("text", "")),
        "keeps": keeps(request.user, shown.unit_id),
        "is_draft": shown.state == GuideState.DRAFT,
        "missing": [name for name, text in ((_("Finnish"), shown.text_fi), (_("Swedish"), shown.text_sv)) if not text],
        "title": _title(shown.unit),
        "crumbs": crumbs(request, _place(request, shown.unit), (_("Version %(n)s") % {"n": shown.number}, "")),
    }
    return render(request, "induction/version.html", context)


def _title(unit: Unit | None) -> str:
    return _("Guide of %(unit)s") % {"unit": localname(unit)} if unit else _("Common guide")


def _place(request: Request, unit: Unit | None) -> tuple[str, str]:
    """The page that the guide belongs to, for the person."""
    if unit is not None:
        return localname(unit), reverse("induction:unit_texts", args=[unit.pk])
    if request.user.has_role(Role.COORDINATOR):
        return _("Common to all units"), reverse("induction:common")
    return _("Common guide"), reverse("induction:my_units")


@requires(OVERVIEW)
@require_http_methods(["GET", "POST"])
def common_guide_edit(request: Request) -> HttpResponse:
    """Writes the draft of the common guide."""
    return _edit(request, None)


@requires(KEEP_UNIT)
@require_http_methods(["GET", "POST"])
def guide_edit(request: Request, pk: int) -> HttpResponse:
    """Writes the draft of the unit's guide."""
    return _edit(request, get_object_or_404(Unit.objects.filter(pk__in=request.user.holdings.units_as(*NAMED)), pk=pk))


def _edit(request: Request, unit: Unit | None) -> HttpResponse:
    """Begins with the draft, else with the text that is published."""
    versions, draft = guides_of(unit)
    base = draft or (versions[0] if versions else None)
    initial = {"text_fi": base.text_fi, "text_sv": base.text_sv} if base else {}
    form = GuideForm(request.POST or None, initial=initial | {"seen": draft.saves if draft else 0})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        texts = {"text_fi": data["text_fi"], "text_sv": data["text_sv"], "seen": data["seen"] or 0}
        try:
            saved = actions.save_draft(unit, **texts, by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The draft is saved. Read it and publish it."))
            return redirect("induction:version", saved.pk)
    context = {
        "form": form,
        "title": _title(unit),
        "published": versions[0] if versions else None,
        "back": _place(request, unit)[1],
        "crumbs": crumbs(request, _place(request, unit), (_("Change"), "")),
    }
    return render(request, "induction/guide_form.html", context)


@requires(KEEP)
@require_POST
def publish(request: Request, pk: int) -> HttpResponse:
    """Publishes a draft."""
    draft = get_object_or_404(GuideVersion.objects.kept_by(request.user), pk=pk)
    actions.publish(draft, seen=number_sent(request.POST.get("seen", "")) or 0, by=request.user, at=timezone.now())
    messages.success(request, _("The guide is published. Experts who work with it are asked to read it."))
    return redirect("induction:version", pk)


@requires(KEEP)
@require_POST
def drop(request: Request, pk: int) -> HttpResponse:
    """Removes a draft."""
    draft = get_object_or_404(GuideVersion.objects.kept_by(request.user).select_related("unit"), pk=pk)
    actions.drop_draft(draft, by=request.user, at=timezone.now())
    messages.success(request, _("The draft is removed."))
    return redirect(_place(request, draft.unit)[1])
