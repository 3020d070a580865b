"""Forms of contracts."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.forms import ManyChoices
from experts.models import Contract
from feetables.models import FeeTable
from office.choices import TASK_TYPES
from office.forms import CheckedByAction, DayField, PlainText


class ContractForm(CheckedByAction):
    valid_from = DayField(label=_("First day"), help_text=_("For example 1.1.2027."))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until it is ended."))
    kinds = ManyChoices(label=_("Kinds of work"), choices=TASK_TYPES)
    fee_table = forms.ModelChoiceField(
        FeeTable.objects.all(),
        label=_("Fee table"),
        required=False,
        empty_label=_("The table in force on the day of the work"),
        help_text=_("The version that the contract names."),
    )

    class Meta:
        model = Contract
        fields = ("valid_from", "valid_to", "kinds", "fee_table")


class SignForm(forms.Form):
    signed_on = DayField(label=_("Signed on"), help_text=_("The day of the last signature, for example 2.4.2026."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_signed_on(self) -> date:
        day: date = self.cleaned_data["signed_on"]
        if day > self.today:
            raise forms.ValidationError(_("The day of signing is in the future."))
        return day


class EndContractForm(forms.Form):
    last_day = DayField(label=_("Last day"), help_text=_("Work can still be done on this day."))
    reason = PlainText(label=_("Why"), required=False, max_length=200, help_text=_("Nothing about health."))
