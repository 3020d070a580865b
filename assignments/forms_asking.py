"""Forms of asking several experts, and of a unit's word on who orders without confirmation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from assignments.actions.asking import ANSWER_WORKING_DAYS, MOST_ASKED
from assignments.find import Found
from assignments.models import Order

WAYS = [
    (Order.Asking.IN_TURN.value, _("In turn: the next one is asked when the one before says no or does not answer")),
    (Order.Asking.WHO_CAN.value, _("All at once: who can? You choose one of those who can")),
]


class SeveralForm(forms.Form):
    """Several of the experts who are free; ``turn_<pk>``: as which one, when they are asked in turn."""

    asking = forms.ChoiceField(label=_("How are they asked?"), choices=WAYS, widget=forms.RadioSelect)
    experts = forms.TypedMultipleChoiceField(
        label=_("Who is asked"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose whom to ask."),
            "invalid_choice": _("One of the experts cannot take the order at these times. Choose others."),
        },
    )
    answer_days = forms.IntegerField(
        label=_("Working days to answer, for each"),
        min_value=1,
        max_value=10,
        initial=ANSWER_WORKING_DAYS,
        help_text=_("Until 16:00 on that working day, at the latest when the first time begins."),
        widget=forms.TextInput(attrs={"size": 3, "inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, found: Sequence[Found], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.found = list(found)
        self.fields["experts"].choices = [(expert.pk, expert.name) for expert in self.found]  # type: ignore[attr-defined]
        for expert in self.found:
            self.fields[f"turn_{expert.pk}"] = forms.IntegerField(
                label=_("Turn"),
                required=False,
                min_value=1,
                max_value=99,
                widget=forms.TextInput(attrs={"size": 3, "inputmode": "numeric", "autocomplete": "off"}),
            )

    @property
    def rows(self) -> list[tuple[Any, Found, Any]]:
        """For the page: the box, the expert, and the field of the turn."""
        boxes = list(self["experts"].subwidgets)
        return [(box, expert, self[f"turn_{expert.pk}"]) for box, expert in zip(boxes, self.found, strict=True)]

    def clean_experts(self) -> list[int]:
        """At most as many as may be asked of one order."""
        chosen: list[int] = self.cleaned_data["experts"]
        if len(chosen) > MOST_ASKED:
            raise ValidationError(_("At most %(most)s experts are asked of one order.") % {"most": MOST_ASKED})
        if len(chosen) < 2:
            raise ValidationError(_("Choose at least two, or go back and choose one."))
        return chosen

    def in_turn(self) -> list[int]:
        """The chosen ones by their turn, those without a number after the others as listed."""
        chosen = set(self.cleaned_data["experts"])
        listed = [expert.pk for expert in self.found if expert.pk in chosen]
        return sorted(listed, key=lambda pk: self.cleaned_data.get(f"turn_{pk}") or 100)


class HabitsForm(forms.Form):
    """Whether the unit's staff order without confirmation (R1)."""

    trusts_staff = forms.BooleanField(
        label=_("The unit's staff order without confirmation"),
        required=False,
        help_text=_("Then an order leaves at once when staff send it. It stands in the order's history as such."),
    )
