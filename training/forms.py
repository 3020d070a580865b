"""Forms of trainings and courses."""

import re
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert
from office.choices import TASK_TYPES
from office.forms import CheckedByAction, ClockField, DayField, DecimalField, LocalChoiceField, PlainText
from office.workdays import at_wall_clock
from training.models import Course, ExternalTraining, Participant, Training

ROWS = 4
#: One row of dates as people write it: the day, from, to.
LINE = re.compile(
    r"\s*(?P<day>[\d.\s-]*\d{4}|\d{4}-\d{2}-\d{2})[\s,]+(?P<begins>[\d.:]+)\s*[-–]\s*(?P<ends>[\d.:]+)\s*"
)


class TrainingForm(CheckedByAction):
    kinds = forms.MultipleChoiceField(
        label=_("Required for these kinds of work"),
        choices=TASK_TYPES,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who has not completed it by the day of the work is not found, asked or agreed with."),
    )

    class Meta:
        model = Training
        fields = ("code", "name_fi", "name_sv", "sort", "kinds", "is_active")
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "sort": _("What it is"),
            "is_active": _("In use"),
        }
        help_texts = {"code": _("Letters, digits and hyphens. Fee tables name the training by it; it stays.")}
        widgets = {"code": forms.TextInput(attrs={"size": 16, "autocomplete": "off"}), "sort": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["code"].disabled = True


class DatesField(forms.CharField):
    """Dates one under another, ``2.4.2026 9.00–15.30``. Cleans to a sorted list of half-open times in UTC."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": ROWS, "autocomplete": "off"}))
        kwargs.setdefault(
            "help_text", _("One date on each line: the day and the time, for example 2.4.2026 9.00–15.30.")
        )
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        times = sorted(self._read(line) for line in text.splitlines() if line.strip())
        if any(after[0] < before[1] for before, after in pairwise(times)):
            raise forms.ValidationError(_("Two of the dates overlap."), code="overlap")
        return times

    @staticmethod
    def _read(line: str) -> tuple[datetime, datetime]:
        found = LINE.fullmatch(line)
        if found is None:
            raise forms.ValidationError(
                _("Write “%(line)s” like this: 2.4.2026 9.00–15.30."), code="line", params={"line": line.strip()}
            )
        clock = ClockField()
        day: date = DayField().clean(found["day"].strip())
        begins, ends = clock.clean(found["begins"]), clock.clean(found["ends"])
        if ends <= begins:
            raise forms.ValidationError(
                _("The end is before the beginning: “%(line)s”."), code="order", params={"line": line.strip()}
            )
        try:
            return at_wall_clock(day, begins), at_wall_clock(day, ends)
        except ValueError:
            raise forms.ValidationError(
                _("The clock is moved forward on that night: this time does not exist."), code="skipped"
            ) from None


class DatesForm(forms.Form):
    """More dates of a course."""

    dates = DatesField(label=_("Dates"))
    place = PlainText(label=_("Place"), max_length=200)


class CourseForm(CheckedByAction):
    training = LocalChoiceField(Training.objects.filter(is_active=True), label=_("Training"), empty_label=None)
    dates = DatesField(label=_("Dates"))
    place = PlainText(label=_("Place"), max_length=200)

    class Meta:
        model = Course
        fields = ("training", "trainer", "seats")
        labels = {"trainer": _("Trainer"), "seats": _("Seats")}
        widgets = {"seats": forms.TextInput(attrs={"size": 4, "inputmode": "numeric"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:  # dates are added and removed on the course's own page
            del self.fields["dates"], self.fields["place"]
            own: Any = self.fields["training"]
            own.queryset = Training.objects.filter(is_active=True) | Training.objects.filter(
                pk=self.instance.training_id
            )

    def clean_seats(self) -> int:
        seats: int = self.cleaned_data["seats"]
        if seats < 1:
            raise forms.ValidationError(_("A course has at least one seat."))
        return seats


class EnrolForm(forms.Form):
    """One more expert on the course."""

    expert = forms.ModelChoiceField(Expert.objects.none(), label=_("Expert"))

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        on_it = Participant.objects.filter(course=course).values("expert")
        field: Any = self.fields["expert"]
        field.queryset = Expert.objects.exclude(state=Expert.State.ENDED)
        if not self.is_bound:  # a second click chooses somebody who is on it by now: harmless
            field.queryset = field.queryset.exclude(pk__in=on_it)
        field.label_from_instance = lambda expert: f"{expert.last_name} {expert.first_name}"


class EndForm(forms.Form):
    """The day on which the ticked participants completed or left the course."""

    on = DayField(
        label=_("On"),
        help_text=_("For example 2.4.2026."),
        widget=forms.DateInput(format="%-d.%-m.%Y", attrs={"size": 11, "autocomplete": "off", "form": "ending"}),
    )
    participants = forms.ModelMultipleChoiceField(
        Participant.objects.none(),
        error_messages={
            "required": _("Tick at least one participant."),
            "invalid_choice": _("This has changed meanwhile. Look at the page again."),
        },
    )

    def __init__(self, *args: Any, course: Course, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field: Any = self.fields["participants"]
        field.queryset = Participant.objects.filter(course=course)

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day


class ExternalForm(CheckedByAction):
    completed_on = DayField(label=_("Completed on"), help_text=_("For example 2.4.2026."))
    hours = DecimalField(
        label=_("Hours"),
        min_value=Decimal(0),
        max_value=Decimal(5000),
        max_digits=7,
        decimal_places=2,
        required=False,
        help_text=_("For example 7,5. Empty when it is not known."),
    )
    training = LocalChoiceField(
        Training.objects.filter(is_active=True),
        label=_("Counts as"),
        required=False,
        empty_label=_("None of the office's trainings"),
        help_text=_("Then the conditions of work and of fees take it like the office's own training."),
    )

    class Meta:
        model = ExternalTraining
        fields = ("name", "organiser", "completed_on", "training")
        labels = {"name": _("Name of the training"), "organiser": _("Organiser")}

    field_order = ("name", "organiser", "completed_on", "hours", "training")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_completed_on(self) -> date:
        day: date = self.cleaned_data["completed_on"]
        if day > self.today:
            raise forms.ValidationError(_("This day is in the future."))
        return day

    def clean_hours(self) -> Decimal | None:
        hours: Decimal | None = self.cleaned_data["hours"]
        if hours is not None and (hours * 60) % 1:
            raise forms.ValidationError(_("Write whole minutes: 7,5 or 7,25."))
        return hours

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "hours" in data:
            self.instance.minutes = int((data["hours"] or Decimal(0)) * 60)
        return data
