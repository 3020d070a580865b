"""Forms that change several sessions at once, and the coordinator's decision of a fee."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from assignments.actions.series import EVENTS
from assignments.actions.series_moves import Shift
from assignments.forms_sessions import ToldForm
from assignments.models import Session
from assignments.rules import Event
from assignments.texts import describe_event
from office.formats import local
from office.forms import ClockField, MoneyField, PlainText


class CancelForm(ToldForm):
    """What to say of the sessions; ``seen`` is the seal of what the page showed (T1)."""

    event = forms.ChoiceField(label=_("What has happened?"), widget=forms.RadioSelect)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)

    def __init__(self, data: Any = None, *, events: list[Event], own: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        words = {Event.ORDERER_CANCELLED: _("The unit cancels")}
        choices = [(one.value, words.get(one) or describe_event(one, own=own)) for one in EVENTS if one in events]
        self.fields["event"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["event"].initial = choices[0][0]
        if len(choices) == 1:
            self.fields["event"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        self.clean_told(found)
        return found


class ShiftForm(forms.Form):
    """A new weekday and time of day for several sessions."""

    weekday = forms.ChoiceField(label=_("Weekday"), required=False)
    start = ClockField(label=_("Begins"))
    end = ClockField(end=True, label=_("Ends"))
    days_off = forms.BooleanField(label=_("Also the times that fall on a day off"), required=False)
    reason = PlainText(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The other side reads it. Nothing by which a client can be recognised."),
    )
    cancel_if_declined = forms.BooleanField(
        label=_("If the new times do not suit, these sessions are cancelled"), required=False
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=20, required=False)

    def __init__(self, data: Any = None, *, session: Session, by_expert: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        names = [(str(number), name) for number, name in WEEKDAYS.items()]
        self.fields["weekday"].choices = [("", _("as it is")), *names]  # type: ignore[attr-defined]  # a ChoiceField
        self.initial.update({"start": local(session.starts_at).time(), "end": local(session.ends_at).time()})
        if by_expert:
            del self.fields["cancel_if_declined"]

    @property
    def shift(self) -> Shift:
        """What the valid form says."""
        found = self.cleaned_data
        day = found["weekday"]
        return Shift(int(day) if day else None, found["start"], found["end"])


class PlaceForm(forms.Form):
    """Another place."""

    place = PlainText(label=_("Place"), max_length=200, help_text=_("Nothing by which a client can be recognised."))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class FeeForm(forms.Form):
    """Another fee than the rule gives."""

    amount = MoneyField(label=_("The fee that is paid, €"), min_value=Decimal(0), max_digits=7, help_text=_("0: none."))
    reason = PlainText(
        label=_("Why?"),
        max_length=300,
        help_text=_(
            "It stands in the history and on the statement of the expert. Nothing by which a client can be recognised."
        ),
    )
