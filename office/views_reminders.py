"""Every reminder: to whom, when, on or off, changed from a day on. And how often oneself wants them."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from office import reminder_settings as actions
from office.access import ANYBODY, SET_REMINDERS, requires
from office.errors import RuleError
from office.formats import clock
from office.forms import tell
from office.forms_reminders import HowOftenForm, SettingForm
from office.models import ReminderSetting
from office.reminders import REMINDERS, Reminder, Setting, is_daily, setting_on
from office.requests import Request
from office.workdays import local_date


def in_words(one: Reminder, how: Setting) -> str:
    """When it goes, in the reader's language."""
    language = translation.get_language() or "fi"
    return str(one.when) % {"days": ", ".join(str(number) for number in how.days), "clock": clock(how.clock, language)}


def _shown(one: Reminder, today: date, rows: list[ReminderSetting]) -> dict[str, Any]:
    how = setting_on(one, today, rows)
    later = [row for row in rows if row.name == one.name and row.valid_from > today]
    return {
        "reminder": one,
        "how": how,
        "when": in_words(one, how),
        "later": [{"row": row, "when": in_words(one, setting_on(one, row.valid_from, rows))} for row in later],
    }


@requires(SET_REMINDERS)
@require_GET
def reminders(request: Request) -> HttpResponse:
    """All reminders as they go today, with the changes to come."""
    today = local_date(timezone.now())
    rows = list(ReminderSetting.objects.all())
    shown = [_shown(one, today, rows) for one in REMINDERS.values()]
    return render(request, "office/reminders.html", {"reminders": shown})


@requires(SET_REMINDERS)
@require_http_methods(["GET", "POST"])
def reminder_change(request: Request, name: str) -> HttpResponse:
    """One reminder from a day on."""
    one = REMINDERS.get(name)
    if one is None:
        raise Http404
    at = timezone.now()
    today = local_date(at)
    rows = list(ReminderSetting.objects.filter(name=name))
    how = setting_on(one, today, rows)
    initial = {"valid_from": today, "is_on": how.is_on, "clock": how.clock, "days": list(how.days)}
    form = SettingForm(request.POST or None, initial=initial, reminder=one)
    if request.method == "POST" and form.is_valid():
        try:
            said: dict[str, Any] = {"days": [], "clock": how.clock} | form.cleaned_data
            actions.change(name, **said, by=request.user, at=at)
        except RuleError as error:
            tell(form, error)
        else:
            messages.success(request, _("The reminder is changed."))
            return redirect("office:reminders")
    return render(request, "office/reminder_form.html", {"form": form, **_shown(one, today, rows)})


@requires(SET_REMINDERS)
@require_POST
def reminder_remove(request: Request, pk: int) -> HttpResponse:
    """Takes back a change that has not begun."""
    actions.remove(get_object_or_404(ReminderSetting, pk=pk), by=request.user, at=timezone.now())
    messages.success(request, _("The change is taken back."))
    return redirect("office:reminders")


@requires(ANYBODY)
@require_http_methods(["GET", "POST"])
def my_reminders(request: Request) -> HttpResponse:
    """Once a day in one message, or each at once."""
    form = HowOftenForm(request.POST or None, initial={"daily": "daily" if is_daily(request.user) else "at_once"})
    if request.method == "POST" and form.is_valid():
        actions.choose_daily(request.user, daily=form.cleaned_data["daily"] == "daily")
        messages.success(request, _("Your choice is saved."))
        return redirect("office:my_reminders")
    return render(request, "office/my_reminders.html", {"form": form})
