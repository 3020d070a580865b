"""Forms: when somebody is away."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy

from office.choices import ORDERERS
from office.forms import DayField
from office.models import Unit, User


class AwayForm(forms.Form):
    """From a day through a last one. No reason."""

    first_day = DayField(label=gettext_lazy("First day away"), help_text=gettext_lazy("For example 2.4.2026."))
    last_day = DayField(
        label=gettext_lazy("Last day away"), required=False, help_text=gettext_lazy("Empty: one day only.")
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("last_day") and "last_day" not in self.errors:
            data["last_day"] = data.get("first_day")
        return data


class PersonAwayForm(AwayForm):
    """The coordinator writes it down for somebody of a unit."""

    person: Any = forms.ModelChoiceField(User.objects.none(), label=gettext_lazy("Who is away"))

    field_order = ("person", "first_day", "last_day")

    def __init__(self, unit: Unit, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = unit.grants.in_force(timezone.now()).filter(role__in=ORDERERS)
        self.fields["person"].queryset = User.objects.filter(is_active=True, pk__in=held.values("user"))  # type: ignore[attr-defined]
