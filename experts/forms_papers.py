"""Forms of tax cards and papers seen."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import SeenPaper, TaxCard
from office.forms import DayField, number_sent

#: One tick of the overview: the expert's id and the kind of card.
SEPARATOR = "-"


class _NotAhead(forms.Form):
    """A form with days that have come."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def _past(self, name: str) -> date:
        day: date = self.cleaned_data[name]
        if day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day


class TaxCardForm(_NotAhead):
    """Only that it was delivered (R21)."""

    kind = forms.ChoiceField(label=_("For"), choices=TaxCard.Kind.choices, initial=TaxCard.Kind.NON_WAGE)
    delivered_on = DayField(label=_("Delivered to the payroll house on"), help_text=_("For example 2.1.2027."))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        years = [(year, str(year)) for year in (today.year - 1, today.year, today.year + 1)]
        year = forms.TypedChoiceField(label=_("Year"), choices=years, coerce=int, initial=today.year)
        self.fields = {"year": year, **self.fields}

    def clean_delivered_on(self) -> date:
        return self._past("delivered_on")


class CardsFilter(forms.Form):
    """The overview's year and kind, in the address."""

    year = forms.TypedChoiceField(label=_("Year"), coerce=int, required=False)
    kind = forms.ChoiceField(label=_("For"), choices=[("", _("Both")), *TaxCard.Kind.choices], required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field: Any = self.fields["year"]
        field.choices = [(year, str(year)) for year in (today.year, today.year + 1)]

    @property
    def asked(self) -> tuple[int, str]:
        """Year and kind; what cannot be read is this year, both kinds."""
        self.full_clean()
        answers = self.cleaned_data if self.is_bound else {}
        return answers.get("year") or self.today.year, answers.get("kind") or ""


class CardsForm(_NotAhead):
    """Those whose card came."""

    delivered_on = DayField(label=_("Delivered to the payroll house on"), help_text=_("For example 2.1.2027."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ticked: list[str] = self.data.getlist("card") if self.is_bound else []  # type: ignore[attr-defined]

    def clean_delivered_on(self) -> date:
        return self._past("delivered_on")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        cards = set()
        for text in self.ticked:
            pk, _separator, kind = text.partition(SEPARATOR)
            if (expert := number_sent(pk)) is not None and kind in TaxCard.Kind.values:
                cards.add((expert, kind))
        if not cards:
            raise forms.ValidationError(_("Tick at least one card."))
        data["cards"] = cards
        return data


class PaperForm(_NotAhead):
    """A paper that was shown and given back."""

    kind = forms.ChoiceField(label=_("Paper"), choices=SeenPaper.Kind.choices, widget=forms.RadioSelect)
    shown_on = DayField(label=_("Shown on"), help_text=_("For example 2.1.2027."))
    valid_to = DayField(
        label=_("Valid to"), required=False, help_text=_("Only for a YEL certificate. Empty: no last day is known.")
    )

    def clean_shown_on(self) -> date:
        return self._past("shown_on")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if last := data.get("valid_to"):
            if data.get("kind") != SeenPaper.Kind.YEL:
                self.add_error("valid_to", _("Only a YEL certificate has a last day."))
            elif data.get("shown_on") and last < data["shown_on"]:
                self.add_error("valid_to", _("The end is before the beginning."))
        return data
