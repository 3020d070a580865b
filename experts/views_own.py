"""An expert's own details."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from experts import actions
from experts.access import (
    OWN_DETAILS,
)
from experts.facts import looks_of, with_facts, with_looks
from experts.forms import AddressForm, OwnDetailsForm
from experts.models import Contract, Expert
from experts.shown import Stage, shown_facts, spoken
from experts.views import facts, told_looks
from office.access import requires
from office.errors import RuleError
from office.forms import tell
from office.panels import panels
from office.requests import Request
from office.workdays import local_date


@requires(OWN_DETAILS)
@require_GET
def me(request: Request) -> HttpResponse:
    """The expert's own page: what is known, what units see, contracts, tax cards, who has looked."""
    at = timezone.now()
    shown = get_object_or_404(with_looks(with_facts(Expert.objects.all(), local_date(at))), user=request.user)
    signed = list(shown.contracts.exclude(state=Contract.State.DRAFT).select_related("fee_table"))
    looks, more_looks = looks_of(shown)
    context = facts(shown, signed, local_date(at)) | {
        "panels": panels("me", request.user, shown, at),
        "looks": told_looks(looks),
        "more_looks": more_looks,
    }
    context["published"] = [own.topic for own in context["topics"] if own.published]
    context["kept"] = [own.topic for own in context["topics"] if not own.published]
    context["before"], context["after"] = shown_facts(shown, Stage.BEFORE), shown_facts(shown, Stage.AFTER)
    language = get_language() or "fi"
    context["introduction"] = spoken(context["before"].introduction, language)[0]
    later = spoken(context["after"].introduction, language)[0]
    context["introduction_after"] = "" if context["introduction"] else later
    return render(request, "experts/me.html", context)


@requires(OWN_DETAILS)
@require_http_methods(["GET", "POST"])
def my_edit(request: Request) -> HttpResponse:
    """Contact data, introduction and consent."""
    shown = get_object_or_404(Expert, user=request.user)
    form = OwnDetailsForm(request.POST or None, instance=shown, initial={"seen": actions.version(shown)})
    if request.method == "POST" and form.is_valid():
        at = timezone.now()
        try:
            seen = form.cleaned_data["seen"] or 0
            saved = Expert.objects.get(pk=shown.pk)
            actions.change_record(
                saved,
                form.record(),
                form.chosen_topics(),
                seen=seen,
                by=request.user,
                at=at,
                areas=form.chosen_areas(),
            )
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("Your details are saved."))
            return redirect("experts:me")
    return render(request, "experts/my_edit.html", {"form": form})


@requires(OWN_DETAILS)
@require_http_methods(["GET", "POST"])
def address(request: Request) -> HttpResponse:
    """Asks for another e-mail address: the link goes there, and nothing changes before it is used."""
    shown = get_object_or_404(Expert, user=request.user)
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_for_address(shown, form.cleaned_data["email"], by=request.user, at=timezone.now())
        except RuleError as error:
            tell(form, error)
        else:
            words = _("A link has been sent to %(address)s. Open it to confirm the address.")
            messages.success(request, words % {"address": form.cleaned_data["email"]})
            return redirect("experts:me")
    return render(request, "experts/address.html", {"form": form})


@requires(OWN_DETAILS)
@require_http_methods(["GET", "POST"])
def address_confirm(request: Request, token: str) -> HttpResponse:
    """The page behind the link: a GET asks, the POST of its button changes the address."""
    at = timezone.now()
    shown = get_object_or_404(Expert, user=request.user)
    try:
        wanted = actions.address_of(token, by=request.user, at=at)
        if request.method == "POST":
            actions.change_own_address(shown, token, by=request.user, at=at)
            messages.success(request, _("Your address is now %(address)s.") % {"address": wanted})
            return redirect("experts:me")
    except RuleError as error:
        return render(request, "experts/address_confirm.html", {"problem": error.message, "address": ""})
    return render(request, "experts/address_confirm.html", {"problem": "", "address": wanted})
