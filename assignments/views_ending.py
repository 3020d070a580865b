"""The page on which a contract is ended early: first the day, then what happens to each session after it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from assignments import texts
from assignments.ending import Ending, Way, end_with_sessions, ending_of
from experts.access import CHANGE_REGISTRY
from experts.actions import is_own
from experts.models import Contract, Expert
from office.access import requires
from office.errors import RuleError
from office.forms import DayField, PlainText, tell
from office.requests import Request
from office.templatetags.erfa import localname


class EndForm(forms.Form):
    """When and why."""

    last_day = DayField(label=gettext_lazy("Last day"), help_text=gettext_lazy("Work can still be done on this day."))
    end_reason = forms.ChoiceField(
        label=gettext_lazy("Why"), choices=[("", gettext_lazy("Choose")), *Contract.EndReason.choices]
    )
    notice_on = DayField(
        label=gettext_lazy("Notice given on"), required=False, help_text=gettext_lazy("For example 2.4.2026.")
    )
    reason = PlainText(
        label=gettext_lazy("In a few words"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Nothing about health. It stands in the history."),
    )


class FatesForm(forms.Form):
    """A choice for each session after the last day; ``seen`` is what the page showed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, found: Ending, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for left in found.sessions:
            session = left.session
            when = texts.span(session.starts_at, session.ends_at)
            self.fields[f"session-{session.pk}"] = forms.ChoiceField(
                label=f"{when}: {session.get_kind_display()}, {localname(session.unit)}",
                choices=[(way.fate.value, _said(way)) for way in left.ways],
                widget=forms.RadioSelect,
                error_messages={"required": _("Say what happens to this session.")},
            )

    def fates(self) -> dict[int, str]:
        return {
            int(name.removeprefix("session-")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("session-")
        }


def _said(way: Way) -> str:
    return f"{way.label}. {way.words}"


@requires(CHANGE_REGISTRY)
@require_http_methods(["GET", "POST"])
def contract_ending(request: Request, pk: int) -> HttpResponse:
    """GET without a day asks for it; with one it shows what is touched; POST ends the contract as chosen."""
    seen = Contract.objects.filter(expert__in=Expert.objects.visible_to(request.user))
    held = get_object_or_404(seen.select_related("expert__user", "text_version"), pk=pk)
    back = reverse("experts:contract", args=[pk])
    if held.state != Contract.State.IN_FORCE or is_own(held, request.user):
        messages.error(
            request,
            _("This is your own contract. Another coordinator makes, signs and ends it.")
            if is_own(held, request.user)
            else _("Only a contract in force is ended."),
        )
        return redirect(back)
    at = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    form = EndForm(asked if "last_day" in asked else None)
    found: Ending | None = None
    fates: FatesForm | None = None
    again = ""
    if form.is_bound and form.is_valid():
        try:
            found = ending_of(held, form.cleaned_data["last_day"], at=at)
        except RuleError as error:
            tell(form, error)
    if found is not None:
        fates = FatesForm(found, request.POST or None, initial={"seen": found.seen})
        if request.method == "POST" and fates.is_valid():
            try:
                end_with_sessions(
                    held, fates=fates.fates(), seen=fates.cleaned_data["seen"], by=request.user, at=at,
                    **form.cleaned_data,
                )  # fmt: skip
            except RuleError as error:
                again = str(error.message)
            else:
                messages.success(request, _("The contract has a new last day."))
                return redirect(back)
        if request.method == "POST":  # what is there now, with the choices that still fit
            data = request.POST.copy()
            data["seen"] = found.seen
            fates.data = data
    context = {
        "contract": held,
        "form": form,
        "found": found,
        "fates": fates,
        "again": again,
        "short": bool(found) and _short_notice(held, form),
        "crumbs": [{"label": _("Commission contract"), "url": back}, {"label": _("End early"), "url": ""}],
    }
    return render(request, "assignments/contract_ending.html", context)


def _short_notice(held: Contract, form: EndForm) -> bool:
    """Whether the notice that was given is shorter than the contract says."""
    said = form.cleaned_data
    if held.text_version is None or not said["notice_on"] or said["end_reason"] == Contract.EndReason.TOGETHER:
        return False
    days: int = (said["last_day"] - said["notice_on"]).days
    return days < held.text_version.notice_days
