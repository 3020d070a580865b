"""Forms of budgets and warning levels, and the filter of the overview."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from budgets.models import WarningLevels
from budgets.texts import LEVEL_WORDS
from office.forms import CheckedByAction, DayField, MoneyField, PlainText
from office.models import ServiceArea
from office.templatetags.erfa import localname


class BudgetForm(forms.Form):
    """A new version. ``seen``: the budget that the page showed."""

    amount = MoneyField(label=_("Budget, €"), max_digits=12)
    reason = PlainText(label=_("Decision or reason"), max_length=200, required=False)
    seen = MoneyField(max_digits=12, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, changing: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = changing
        if changing:
            self.fields["reason"].help_text = _("For example: more groups in the autumn, decision 12.8.2026 § 45.")


class AgainForm(forms.Form):
    """The same as last year. ``seal``: what the page showed."""

    reason = PlainText(label=_("Decision or reason"), max_length=200, required=False)
    seal = forms.CharField(widget=forms.HiddenInput, max_length=60)


class LevelsForm(CheckedByAction):
    valid_from = DayField(label=_("From"), help_text=_("For example 1.1.2027."))

    class Meta:
        model = WarningLevels
        fields = ("valid_from", "near", "over")
        widgets = {
            name: forms.TextInput(attrs={"size": 5, "inputmode": "numeric", "autocomplete": "off"})
            for name in ("near", "over")
        }
        labels = {"near": _("Near the budget above, %"), "over": _("Over the budget above, %")}


class OverviewFilter(forms.Form):
    """Which units, of a service area and in a year."""

    year = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=2000, max_value=2100)
    area = forms.ChoiceField(label=_("Service area"), required=False)
    level = forms.ChoiceField(label=_("Forecast"), required=False)

    def __init__(self, data: Any, areas: Iterable[ServiceArea]) -> None:
        super().__init__(data)
        everything: list[tuple[str, str | Promise]] = [("", _("All"))]
        self.fields["area"].choices = everything + [(str(area.pk), localname(area)) for area in areas]  # type: ignore[attr-defined]
        words = [(str(level.value), words) for level, words in LEVEL_WORDS.items()]
        self.fields["level"].choices = everything + words[::-1]  # type: ignore[attr-defined]
