"""Forms of supervision."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import Role
from office.forms import ClockField, DayField
from office.models import User
from office.workdays import at_wall_clock
from supervision.models import SupervisionGroup

WEEK = timedelta(days=7)
MOST = 26


class GroupForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    class Meta:
        model = SupervisionGroup
        fields = ("name_fi", "name_sv", "supervisor", "language", "seats", "is_active")
        labels = {
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "supervisor": _("Supervisor"),
            "language": _("Language"),
            "seats": _("Seats"),
            "is_active": _("In use: experts can sign up"),
        }
        help_texts = {"supervisor": _("Persons with the role of a work supervisor.")}
        widgets = {"seats": forms.TextInput(attrs={"size": 4, "inputmode": "numeric"})}

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        supervisors = User.objects.filter(grants__role=Role.SUPERVISOR, grants__valid_from__lte=at)
        running = supervisors.exclude(grants__role=Role.SUPERVISOR, grants__valid_to__lte=at)
        own = User.objects.filter(pk=self.instance.supervisor_id or 0)
        field: Any = self.fields["supervisor"]
        field.queryset = User.objects.filter(pk__in=running.values("pk")) | own

    def clean_seats(self) -> int:
        seats: int = self.cleaned_data["seats"]
        if seats < 1:
            raise forms.ValidationError(_("A group has at least one seat."))
        return seats


class DatesForm(forms.Form):
    """One date, or the same time for several weeks."""

    day = DayField(label=_("Day"), help_text=_("For example 2.4.2026."))
    begins = ClockField(label=_("Begins"), help_text=_("For example 9.30."))
    ends = ClockField(label=_("Ends"))
    place = forms.CharField(label=_("Place"), max_length=200)
    weeks = forms.IntegerField(
        label=_("How many weeks"),
        min_value=1,
        max_value=MOST,
        initial=1,
        help_text=_("1: this day only. 4: four weeks, same day and time."),
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        if data["ends"] <= data["begins"]:
            self.add_error("ends", _("The end is before the beginning."))
            return data
        days = [data["day"] + number * WEEK for number in range(data["weeks"])]
        try:
            data["times"] = [(at_wall_clock(day, data["begins"]), at_wall_clock(day, data["ends"])) for day in days]
        except ValueError:
            self.add_error("begins", _("The clock is moved on one of the days, and this time does not exist then."))
        return data


class ForExpertForm(forms.Form):
    """The coordinator signs somebody up who cannot do it alone."""

    expert = forms.ModelChoiceField(Expert.objects.exclude(state=Expert.State.ENDED), label=_("Expert"))
