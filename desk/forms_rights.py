"""Forms of erasure and of retention."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.periods import LONGEST, too_short
from office.rights import RecordClass


class EraseForm(forms.Form):
    """The last question before an erasure."""

    sure = forms.BooleanField(
        label=_("I have read what goes and what stays. The expert has asked for it, or the office has decided so."),
        error_messages={"required": _("Tick this first: an erasure cannot be undone.")},
    )


class PeriodForm(forms.Form):
    """How long a record class is kept."""

    months = forms.IntegerField(
        label=_("Months"),
        min_value=0,
        max_value=LONGEST,
        widget=forms.TextInput(attrs={"size": 5, "inputmode": "numeric"}),
        help_text=_("12 months are a year."),
        error_messages={"invalid": _("Write a whole number of months.")},
    )

    def __init__(self, *args: Any, found: RecordClass, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found

    def clean_months(self) -> int:
        """Not shorter than the class may be kept."""
        months: int = self.cleaned_data["months"]
        if months < self.found.least:
            raise forms.ValidationError(too_short(self.found))
        return months
