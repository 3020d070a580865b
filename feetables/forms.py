"""Forms of fee tables."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feetables.conditions import trainings
from feetables.models import BASES, FeeItem, FeeTable
from office.choices import TASK_TYPES
from office.forms import CheckedByAction, DayField, MoneyField


def _minutes(label: Any, **kwargs: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(label=label, min_value=0, max_value=6000, required=False, widget=widget, **kwargs)


class TableForm(CheckedByAction):
    valid_from = DayField(label=_("Valid from"), help_text=_("For example 1.1.2027."))
    valid_to = DayField(label=_("Last day"), required=False, help_text=_("Empty: until the next table is approved."))
    copy_of = forms.ModelChoiceField(
        FeeTable.objects.all(), label=_("Take over the items of"), required=False, empty_label=_("No table")
    )

    class Meta:
        model = FeeTable
        fields = ("name", "valid_from", "valid_to")
        labels = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["copy_of"]


class ItemForm(CheckedByAction):
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of work"), choices=TASK_TYPES, required=False, widget=forms.CheckboxSelectMultiple
    )
    basis = forms.ChoiceField(label=_("Counted"), choices=BASES)
    amount = MoneyField(label=_("Amount, €"))
    amount_max = MoneyField(label=_("At most, €"), required=False, help_text=_("By event: the highest amount."))
    minimum_minutes = _minutes(_("At least, minutes"), help_text=_("By the hour: less is paid as this much."))
    step_minutes = _minutes(
        _("In steps of, minutes"), help_text=_("By the hour: each started step counts. 0: by the minute.")
    )
    over_minutes = _minutes(_("Longer than, minutes"), help_text=_("By duration."))
    up_to_minutes = _minutes(_("At most, minutes"), help_text=_("By duration. Empty: no upper limit."))
    training = forms.ChoiceField(
        label=_("Only with the training"),
        required=False,
        help_text=_("For experts who have completed it by the day of the work. The item without it is for the others."),
    )

    class Meta:
        model = FeeItem
        fields = (
            "code",
            "name_fi",
            "name_sv",
            "purpose",
            "kinds",
            "basis",
            "amount",
            "amount_max",
            "minimum_minutes",
            "step_minutes",
            "over_minutes",
            "up_to_minutes",
            "income_type",
            "training",
            "note",
        )
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "purpose": _("For"),
            "income_type": _("Income type"),
            "note": _("Note"),
        }
        help_texts = {"income_type": _("Three digits of the incomes register, for example 336.")}
        widgets = {
            "code": forms.TextInput(attrs={"size": 10, "autocomplete": "off"}),
            "income_type": forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = trainings()
        own = self.instance.training
        if own and own not in known:
            known[own] = own
        field: Any = self.fields["training"]
        field.choices = [("", _("No condition")), *known.items()]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("training") and data.get("purpose") != FeeItem.Purpose.SESSION:
            self.add_error("training", _("Only a session's own fee can depend on a training."))
        return data

    def clean_minimum_minutes(self) -> int:
        return self.cleaned_data["minimum_minutes"] or 0

    def clean_step_minutes(self) -> int:
        return self.cleaned_data["step_minutes"] or 0


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
