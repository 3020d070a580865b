"""Forms of tax cards and papers seen."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import TaxCard
from office.forms import DayField


class TaxCardForm(forms.Form):
    """Only that it was delivered (R21)."""

    kind = forms.ChoiceField(label=_("For"), choices=TaxCard.Kind.choices, initial=TaxCard.Kind.NON_WAGE)
    delivered_on = DayField(label=_("Delivered to the payroll house on"), help_text=_("For example 2.1.2027."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        years = [(year, str(year)) for year in (today.year - 1, today.year, today.year + 1)]
        year = forms.TypedChoiceField(label=_("Year"), choices=years, coerce=int, initial=today.year)
        self.fields = {"year": year, **self.fields}

    def clean_delivered_on(self) -> date:
        day: date = self.cleaned_data["delivered_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day
