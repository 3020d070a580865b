"""What to show in the calendar, and the name of an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import ORDERERS, Role
from office.forms import LocalChoiceField, PlainText
from office.models import Unit, User


class PickForm(forms.Form):
    """One unit, one expert: for who sees more than one. In the address; the day and the view stay as they are."""

    show = forms.CharField(required=False, widget=forms.HiddenInput)
    day = forms.CharField(required=False, widget=forms.HiddenInput)
    unit = LocalChoiceField(Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("All"))
    expert = forms.ModelChoiceField(Expert.objects.none(), label=_("Expert"), required=False, empty_label=_("All"))

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        units = Unit.objects.filter(is_active=True)
        if user.has_role(Role.COORDINATOR):
            names = Expert.objects.exclude(state=Expert.State.ENDED).only("first_name", "last_name")
            self.fields["expert"].queryset = names  # type: ignore[attr-defined]
        else:
            del self.fields["expert"]
            units = units.filter(pk__in=user.holdings.units_as(*ORDERERS))
        if user.has_role(Role.COORDINATOR) or len(user.holdings.units_as(*ORDERERS)) > 1:
            self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        else:
            del self.fields["unit"]

    @property
    def offers_choice(self) -> bool:
        """Whether there is anything to choose."""
        return bool({"unit", "expert"} & set(self.fields))

    def picked(self, name: str) -> int | None:
        """The id that was chosen; None when nothing, or nothing that the person may choose."""
        found = self.cleaned_data.get(name) if self.is_valid() else None
        return found.pk if found else None


class FeedForm(forms.Form):
    name = PlainText(label=_("Name"), max_length=60, help_text=_("Where you use it, for example “my telephone”."))
