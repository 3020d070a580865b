"""Asking to correct an approved time, and answering it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.texts import money
from fees.models import RunLine
from office.forms import DecimalField, PlainText, TheirChoiceField


class AskForm(forms.Form):
    """What it should be, and why."""

    wanted = PlainText(
        label=_("What should it be, and why?"),
        help_text=_("For example: it ended at 16.30, not at 16.00. Nothing by which a client can be recognised."),
        max_length=300,
        long=True,
    )


class AnswerForm(forms.Form):
    """Yes or no. Once a payment has the time: which line, and by how much."""

    line = TheirChoiceField(label=_("Which line?"), widget=forms.RadioSelect)
    amount = DecimalField(
        label=_("Plus or minus, €"),
        help_text=_("For example 25,00 or -25,00. It is paid in the next run, and names the line."),
        max_digits=9,
        decimal_places=2,
        required=False,
    )
    answer = PlainText(
        label=_("Words to the expert"), help_text=_("Needed when you decline."), max_length=300, required=False
    )

    def __init__(self, data: Any = None, *, lines: list[RunLine], instead: bool = False) -> None:
        """``instead``: the coordinator answers instead of the unit, and says why."""
        super().__init__(data)
        if instead:
            self.fields["answer"].help_text = _("Needed: you answer instead of the unit. The history keeps it.")
        self.lines = {str(line.pk): line for line in lines}
        for name in ("line", "amount", "answer"):
            self.fields[name].mark_optional = False  # type: ignore[attr-defined]  # read by our field template
        if lines:
            field = self.fields["line"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
            field.choices = [(pk, f"{one.get_kind_display()}, {money(one.amount)}") for pk, one in self.lines.items()]
            field.initial = field.choices[0][0]
            field.required = False
        else:
            del self.fields["line"], self.fields["amount"]

    @property
    def chosen(self) -> RunLine | None:
        return self.lines.get(self.cleaned_data.get("line", ""))
