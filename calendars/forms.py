"""What to show in the calendar, and the name of an address."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import ORDERERS, Role
from office.forms import PlainText, Theirs
from office.models import Unit, User
from office.templatetags.erfa import name_of_two
from office.together import ask_together


class TheirChoice(Theirs, forms.TypedChoiceField):
    """One of the units, or one of the experts, whose times the person may see."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, coerce=int, empty_value=None, **kwargs)


class PickForm(forms.Form):
    """One unit, one expert: for who sees more than one. In the address; the day and the view stay as they are."""

    show = forms.CharField(required=False, widget=forms.HiddenInput)
    day = forms.CharField(required=False, widget=forms.HiddenInput)
    unit = TheirChoice(label=_("Unit"))
    expert = TheirChoice(label=_("Expert"))

    def __init__(self, data: Any = None, *, user: User, **kwargs: Any) -> None:
        """One query where there is anything to choose, else none."""
        super().__init__(data, **kwargs)
        own, everything = user.holdings.units_as(*ORDERERS), user.has_role(Role.COORDINATOR)
        #: Whether there is anything to choose.
        self.offers_choice = everything or len(own) > 1
        if not everything:
            self.fields["expert"].widget = forms.HiddenInput()
        if not self.offers_choice:
            self._offer("unit", [(pk, "") for pk in own])
            return
        units, people = Unit.objects.filter(is_active=True), Expert.objects.exclude(state=Expert.State.ENDED)
        questions = [
            (units if everything else units.filter(pk__in=own)).values_list("pk", "name_fi", "name_sv"),
            (people if everything else people.none()).values_list("pk", "first_name", "last_name"),
        ]
        unit_rows, people_rows = ask_together(questions)
        self._offer("unit", [(pk, name_of_two(fi, sv)) for pk, fi, sv in unit_rows])
        self._offer("expert", [(pk, f"{first} {last}") for pk, first, last in people_rows])

    def _offer(self, name: str, choices: list[tuple[int, str]]) -> None:
        self.fields[name].choices = [("", _("All")), *choices]  # type: ignore[attr-defined]  # of a choice

    def picked(self, name: str) -> int | None:
        """The id that was chosen; None when nothing was. 404 for what the person may not choose."""
        if not self.data.get(name) or not self.is_valid():
            return None
        found: int | None = self.cleaned_data.get(name)
        return found


class FeedForm(forms.Form):
    name = PlainText(label=_("Name"), max_length=60, help_text=_("Where you use it, for example “my telephone”."))
