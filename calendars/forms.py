"""What to show in the calendar, and the name of an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import ORDERERS, Role
from office.forms import PlainText, Theirs, TheirUnitField
from office.models import Unit, User


class TheirExpertField(Theirs, forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """One of the experts whose times the person may see."""


class PickForm(forms.Form):
    """One unit, one expert: for who sees more than one. In the address; the day and the view stay as they are."""

    show = forms.CharField(required=False, widget=forms.HiddenInput)
    day = forms.CharField(required=False, widget=forms.HiddenInput)
    unit = TheirUnitField(Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("All"))
    expert = TheirExpertField(Expert.objects.none(), label=_("Expert"), required=False, empty_label=_("All"))

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        units, own = Unit.objects.filter(is_active=True), user.holdings.units_as(*ORDERERS)
        self.everything = user.has_role(Role.COORDINATOR)
        #: Whether there is anything to choose.
        self.offers_choice = self.everything or len(own) > 1
        if self.everything:
            names = Expert.objects.exclude(state=Expert.State.ENDED).only("first_name", "last_name")
            self.fields["expert"].queryset = names  # type: ignore[attr-defined]  # a ModelChoiceField
        else:
            units = units.filter(pk__in=own)
            self.fields["expert"].widget = forms.HiddenInput()
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]  # as above

    def picked(self, name: str) -> int | None:
        """The id that was chosen; None when nothing was. 404 for what the person may not choose."""
        if not self.data.get(name) or not self.is_valid():
            return None
        found = self.cleaned_data.get(name)
        return found.pk if found else None


class FeedForm(forms.Form):
    name = PlainText(label=_("Name"), max_length=60, help_text=_("Where you use it, for example “my telephone”."))
