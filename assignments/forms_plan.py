"""Step "details": only the questions of the order's kind of work (R8, R9), the place, and whom to meet on the day."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.models import Order, OrderPlan
from assignments.plans import ASKED, USUAL_MEETINGS
from office.forms import DayField, PlainText
from office.kinds import TaskType

_NUMBER = {"size": 5, "inputmode": "numeric", "autocomplete": "off"}


class DetailsForm(forms.Form):
    """The place and the contact; kinds of work that ask more have a form of their own."""

    remote = forms.BooleanField(label=_("The work is done remotely"), required=False)
    place = PlainText(
        label=_("Place"),
        max_length=200,
        required=False,
        help_text=_("Address and room. Not needed when the work is done remotely."),
    )
    contact_name = PlainText(
        label=_("Whom the expert meets on the day"),
        max_length=120,
        required=False,
        help_text=_("An employee, never a client. The unit's next order begins with the same person."),
    )
    contact_phone = PlainText(
        label=_("Telephone of that person"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"size": 18, "inputmode": "tel", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, order: Order, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.order = order
        self.fields["place"].mark_optional = False  # type: ignore[attr-defined]  # read by the form templates

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("remote") and cleaned.get("place") == self.order.unit.place:
            cleaned["place"] = ""  # it stood there by itself
        elif not cleaned.get("place") and not cleaned.get("remote"):
            cleaned["place"] = self.order.unit.place
            if not self.order.unit.place:
                self.add_error("place", _("Write where the work is done."))
        return cleaned

    @property
    def own(self) -> list[forms.BoundField]:
        """The fields of the kind of work."""
        return [self[name] for name in ASKED[self.order.kind]]

    @property
    def common(self) -> list[forms.BoundField]:
        """The fields of all kinds."""
        return [self[name] for name in DetailsForm.base_fields]

    @property
    def plan(self) -> dict[str, Any]:
        """The answers of the kind of work of the valid form."""
        return {name: self.cleaned_data[name] for name in ASKED[self.order.kind]}


class ProcessForm(DetailsForm):
    """Individual and pair work: a process with a planned beginning and end (R8)."""

    goal = PlainText(
        label=_("Goal in one sentence"),
        max_length=200,
        help_text=_("What the meetings are for. Write nothing by which a client can be recognised."),
    )
    meetings = forms.IntegerField(
        label=_("How many meetings"),
        min_value=1,
        max_value=30,
        help_text=_("As a rule one to three."),
        widget=forms.TextInput(attrs=_NUMBER),
    )
    more_reason = PlainText(
        label=_("Why more than three meetings"),
        max_length=200,
        required=False,
        help_text=_("Only when there are more than three."),
    )
    spacing = forms.ChoiceField(label=_("How often"), choices=[("", _("Choose")), *OrderPlan.Spacing.choices])
    first_joint = forms.BooleanField(
        label=_("The first meeting is held together: the client, the expert and the employee"), required=False
    )
    contact_way = PlainText(
        label=_("How the client and the expert keep in touch through the employee"),
        max_length=200,
        help_text=_("Also how a meeting is cancelled. The expert's own contact details are not given to the client."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        meetings = cleaned.get("meetings")
        if meetings and meetings > USUAL_MEETINGS and not cleaned.get("more_reason") and "more_reason" in cleaned:
            self.add_error("more_reason", _("Write why more than three meetings are needed."))
        if meetings and meetings <= USUAL_MEETINGS:
            cleaned["more_reason"] = ""
        return cleaned


class PeriodForm(DetailsForm):
    """Receptions: the period; the weekly times come in the next step (R9)."""

    first_day = DayField(label=_("First day of the period"), help_text=_("For example 5.10.2026."))
    last_day = DayField(label=_("Last day of the period"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The end is before the beginning."))
        return cleaned


class GroupForm(PeriodForm):
    """Groups: agreed for a period in advance, the expert takes part in planning (R9)."""

    co_leader = PlainText(
        label=_("Employee who leads the group with the expert"),
        max_length=120,
        required=False,
        help_text=_("Empty: two experts lead the group."),
    )
    preparation_minutes = forms.IntegerField(
        label=_("Time for planning together, minutes"),
        required=False,
        min_value=0,
        max_value=1200,
        help_text=_("In all, besides the sessions."),
        widget=forms.TextInput(attrs=_NUMBER),
    )
    end_reasons = PlainText(
        label=_("Agreed reasons to end the group earlier"),
        max_length=200,
        required=False,
        help_text=_("For example too few participants. The times after the end are then not paid."),
    )


class LectureForm(DetailsForm):
    """Lectures and training. The amount is agreed in the step of the fee."""

    theme = PlainText(label=_("Theme"), max_length=200)
    audience = PlainText(
        label=_("Audience"), max_length=200, help_text=_("For example the staff of the unit, or relatives.")
    )
    audience_size = forms.IntegerField(
        label=_("How many listeners"),
        required=False,
        min_value=1,
        max_value=10000,
        widget=forms.TextInput(attrs=_NUMBER),
    )
    equipment = PlainText(
        label=_("Equipment"),
        max_length=200,
        required=False,
        help_text=_("For example a projector, a microphone, an induction loop."),
    )


FORMS: dict[str, type[DetailsForm]] = {
    TaskType.INDIVIDUAL: ProcessForm,
    TaskType.PAIR: ProcessForm,
    TaskType.GROUP: GroupForm,
    TaskType.LECTURE: LectureForm,
    TaskType.APPOINTMENT: PeriodForm,
    TaskType.WALK_IN: PeriodForm,
}


def details_form(order: Order) -> type[DetailsForm]:
    """The form of the order's kind of work."""
    return FORMS.get(order.kind, DetailsForm)
