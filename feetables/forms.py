"""Forms of fee tables."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feetables.models import DatedAmount, FeeTable
from office.forms import CheckedByAction, DayField, MoneyField


class TableForm(CheckedByAction):
    valid_from = DayField(label=_("Valid from"), help_text=_("For example 1.1.2027."))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until the next table is approved."))
    copy_of = forms.ModelChoiceField(
        FeeTable.objects.all(), label=_("Take over the items of"), required=False, empty_label=_("No table")
    )

    class Meta:
        model = FeeTable
        fields = ("name", "name_sv", "valid_from", "valid_to")
        labels = {"name": _("Name in Finnish"), "name_sv": _("Name in Swedish")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["copy_of"]


class ApproveForm(forms.Form):
    decided_by = forms.CharField(label=_("Deciding body"), max_length=120)
    decided_on = DayField(label=_("Decided on"), help_text=_("For example 15.12.2026."))
    section = forms.CharField(
        label=_("Section (§)"), max_length=40, required=False, widget=forms.TextInput(attrs={"size": 10})
    )
    diary_number = forms.CharField(
        label=_("Diary number"), max_length=60, required=False, widget=forms.TextInput(attrs={"size": 20})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_decided_on(self) -> date:
        day: date = self.cleaned_data["decided_on"]
        if day > self.today:
            raise forms.ValidationError(_("The decision is in the future."))
        return day


class AmountForm(CheckedByAction):
    """A base amount or tax-free maximum from a day on."""

    valid_from = DayField(label=_("Valid from"), help_text=_("For example 1.1.2027."))
    amount = MoneyField(label=_("Amount, €"))

    class Meta:
        model = DatedAmount
        fields = ("code", "valid_from", "amount", "source")
        labels = {"code": _("Amount of"), "source": _("Decided by")}
