"""The form of a fee item: it asks only what the way of counting needs."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from feetables.conditions import trainings
from feetables.models import BASES, FULL_DAY, MEAL, PART_DAY, DatedAmount, FeeItem
from feetables.rules import Basis
from office.choices import TASK_TYPES
from office.forms import CheckedByAction, DecimalField, MoneyField

Purpose = FeeItem.Purpose

#: What is asked besides the amount, by the way of counting.
ASKED: dict[str, tuple[str, ...]] = {
    Basis.PER_HOUR: ("step_minutes", "minimum_minutes"),
    Basis.PER_EVENT: ("amount_max",),
    Basis.BY_DURATION: ("over_minutes", "up_to_minutes", "limit"),
    Basis.PER_MEETING: ("limit",),
}

#: What an item counted so can be for.
PURPOSES: dict[str, tuple[Purpose, ...]] = {
    Basis.PER_HOUR: (Purpose.SESSION, Purpose.PREPARATION),
    Basis.PER_MEETING: (Purpose.SESSION, Purpose.BESIDE, Purpose.TRAVEL),
    Basis.PER_EVENT: (Purpose.SESSION,),
    Basis.BY_DURATION: (Purpose.SESSION, Purpose.TRAVEL),
    Basis.PER_KM: (Purpose.TRAVEL,),
    Basis.PER_MONTH: (Purpose.SESSION, Purpose.BESIDE),
}

CONDITIONS = ("training", "company", "way")

#: What an item has that says nothing of the kind.
NOTHING: dict[str, Any] = {
    "amount_max": None, "minimum_minutes": 0, "step_minutes": 0, "over_minutes": None, "up_to_minutes": None,
    "limit": "", "training": "", "company": "", "way": "", "percent": None, "base": "", "base_amount": None,
    "whole": False,
}  # fmt: skip


def _minutes(label: Any, **kwargs: Any) -> forms.IntegerField:
    widget = forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"})
    return forms.IntegerField(label=label, min_value=0, max_value=6000, required=False, widget=widget, **kwargs)


class ItemForm(CheckedByAction):
    """``basis``: the way of counting; ``share``: the amount is a share of a base amount."""

    kinds = forms.MultipleChoiceField(
        label=_("Kinds of work"), choices=TASK_TYPES, required=False, widget=forms.CheckboxSelectMultiple
    )
    basis = forms.ChoiceField(choices=BASES, widget=forms.HiddenInput)
    amount = MoneyField(label=_("Amount, €"))
    percent = DecimalField(label=_("Per cent"), max_digits=6, decimal_places=3, min_value=Decimal("0.001"))
    base = forms.ChoiceField(label=_("Of which amount"), choices=DatedAmount.Code.choices)
    whole = forms.BooleanField(label=_("Rounded to whole euros"), required=False)
    amount_max = MoneyField(
        label=_("At most, €"), required=False, help_text=_("When the amount is agreed on the order: the highest.")
    )
    minimum_minutes = _minutes(_("At least, minutes"), help_text=_("Less is paid as this much. 0: no minimum."))
    step_minutes = _minutes(_("In steps of, minutes"), help_text=_("Each started step counts. 0: by the minute."))
    over_minutes = _minutes(_("Longer than, minutes"), help_text=_("Empty or 0: from the shortest on."))
    up_to_minutes = _minutes(_("At most, minutes"), help_text=_("Empty: no upper limit."))
    limit = forms.ChoiceField(
        label=_("Compare with"),
        required=False,
        choices=[
            ("", _("No tax-free maximum")),
            *((code, DatedAmount.Code(code).label) for code in (MEAL, PART_DAY, FULL_DAY)),
        ],
        help_text=_("For costs: you are warned when the item pays more than is free of tax."),
    )
    training = forms.ChoiceField(
        label=_("Only with the training"),
        required=False,
        help_text=_("For experts who have completed it by the day of the work. The item without it is for the others."),
    )

    class Meta:
        model = FeeItem
        fields = (
            "code", "name_fi", "name_sv", "purpose", "kinds", "basis", "amount", "percent", "base", "whole",
            "amount_max", "minimum_minutes", "step_minutes", "over_minutes", "up_to_minutes", "income_type", "posting",
            "limit", "training", "company", "way", "note",
        )  # fmt: skip
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "purpose": _("For"),
            "income_type": _("Income type"),
            "posting": _("Posting"),
            "company": _("Only when the work is done by"),
            "way": _("Only when it is done"),
            "note": _("Note"),
        }
        help_texts = {
            "income_type": _("Three digits of the incomes register, for example 336."),
            "posting": _("Account of the bookkeeping, for example 4470."),
        }
        widgets = {
            "code": forms.TextInput(attrs={"size": 10, "autocomplete": "off"}),
            "income_type": forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"}),
            "posting": forms.TextInput(attrs={"size": 10, "autocomplete": "off"}),
        }

    def __init__(self, *args: Any, basis: str, share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.share = share
        self.initial["basis"] = basis
        asked = {*ASKED.get(basis, ()), *(("percent", "base", "whole") if share else ("amount",))}
        asked -= {"amount_max"} if share else set()
        asked |= set(CONDITIONS) if Purpose.SESSION in PURPOSES[basis] else set()
        for name in [name for name in (*NOTHING, "amount") if name in self.fields and name not in asked]:
            del self.fields[name]
        purpose: Any = self.fields["purpose"]
        purpose.choices = [(one.value, one.label) for one in PURPOSES[basis]]
        if len(PURPOSES[basis]) == 1:
            purpose.widget = forms.HiddenInput()
            self.initial["purpose"] = PURPOSES[basis][0].value
        for name in ("company", "way"):
            if name in self.fields:
                field: Any = self.fields[name]
                field.choices = [("", _("Whatever")), *field.choices[1:]]
        if "training" in self.fields:
            self._known_trainings()

    def _known_trainings(self) -> None:
        known = trainings()
        own = self.instance.training
        if own and own not in known:
            known[own] = own
        field: Any = self.fields["training"]
        field.choices = [("", _("No condition")), *known.items()]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("training") and data.get("purpose") != Purpose.SESSION:
            self.add_error("training", _("Only a session's own fee can depend on a training."))
        for name, nothing in NOTHING.items():
            if name not in self.fields:  # another way of counting asked it before
                setattr(self.instance, name, nothing)
        return data

    def clean_minimum_minutes(self) -> int:
        return self.cleaned_data["minimum_minutes"] or 0

    def clean_step_minutes(self) -> int:
        return self.cleaned_data["step_minutes"] or 0
