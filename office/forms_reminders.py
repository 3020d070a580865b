"""Forms of reminders: when they go, and how often oneself wants them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from office.forms import ClockField, DayField
from office.reminders import Reminder


class DaysField(forms.CharField):
    """Numbers of days: ``60, 30, 7``."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(number) for number in value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        text = str(super().clean(value))
        words = [word for word in re.split(r"[,;\s]+", text) if word]
        if not all(word.isascii() and word.isdigit() and len(word) <= 3 for word in words):
            raise ValidationError(_("Write how many days before, for example 60, 30, 7."), code="invalid")
        return [int(word) for word in words]


class SettingForm(forms.Form):
    """A change from a day on."""

    valid_from = DayField(label=_("From"), help_text=_("For example 1.1.2027. Today or later."))
    is_on = forms.BooleanField(label=_("This reminder is sent"), required=False)
    clock = ClockField(label=_("At"), help_text=_("For example 9.00. Between 7.00 and 20.00."))
    days = DaysField(
        label=_("Days before"),
        help_text=_("For example 60, 30, 7."),
        widget=forms.TextInput(attrs={"size": 16, "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, reminder: Reminder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not reminder.default.days:
            del self.fields["days"]
        if reminder.by_moment:
            del self.fields["clock"]


class HowOftenForm(forms.Form):
    """The person's own choice."""

    daily = forms.ChoiceField(
        label=_("Reminders that are not urgent"),
        choices=[("daily", _("Once a day in one message")), ("at_once", _("Each at once"))],
        widget=forms.RadioSelect,
    )
