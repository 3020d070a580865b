"""Forms of processes and of the coordination meeting."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.forms_plan import ProcessForm as PlanQuestions
from assignments.models import Order, Process
from assignments.states import ProcessState
from office.choices import TASK_TYPES
from office.forms import ClockField, DayField, LocalChoiceField, PlainText, TheirUnitField, worded
from office.inputs import InputError
from office.kinds import TaskType
from office.models import Unit, User
from office.workdays import at_wall_clock


class EndForm(forms.Form):
    """The end of a process."""

    closing_word = PlainText(
        label=_("Closing word"),
        max_length=300,
        help_text=_("How the work went, in a sentence. Nothing about the client or about health."),
    )


class PlanForm(forms.Form):
    """The plan of a process that is going on: the questions that the order asks (R8)."""

    goal = PlanQuestions.base_fields["goal"]
    meetings = PlanQuestions.base_fields["meetings"]
    more_reason = PlanQuestions.base_fields["more_reason"]
    spacing = PlanQuestions.base_fields["spacing"]
    first_joint = PlanQuestions.base_fields["first_joint"]
    contact_way = PlanQuestions.base_fields["contact_way"]


class BoardFilter(forms.Form):
    """Filter of the board of processes."""

    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("All")), *ProcessState.choices])
    kind = forms.ChoiceField(
        label=_("Kind of work"),
        required=False,
        choices=[("", _("All")), *((k, n) for k, n in TASK_TYPES if k in {TaskType.INDIVIDUAL, TaskType.PAIR})],
    )
    unit = TheirUnitField(Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("All"))

    def __init__(self, data: Any = None, *, units: Any, several: bool = True, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]  # a ModelChoiceField
        if not several:  # there is nothing to choose
            self.fields["unit"].widget = forms.HiddenInput()

    def chosen(self, rows: Any) -> Any:
        """The processes that it lets through; what cannot be read filters nothing."""
        said = self.cleaned_data if self.is_valid() else {}
        if said.get("stage"):
            rows = rows.filter(state=said["stage"])
        if said.get("kind"):
            rows = rows.filter(order__kind=said["kind"])
        if said.get("unit"):
            rows = rows.filter(order__unit=said["unit"])
        return rows


class MeetingForm(forms.Form):
    """When the meeting is, about which unit, and since when the changes are collected."""

    unit = LocalChoiceField(
        Unit.objects.none(), label=_("Unit"), required=False, empty_label=_("All units"),
        help_text=_("A meeting about all units is seen by coordinators only."),
    )  # fmt: skip
    day = DayField(label=_("Day"))
    clock = ClockField(label=_("Time"))
    since = DayField(
        label=_("Changes since"), required=False,
        help_text=_("Empty: since the last meeting about the same unit, or for four weeks."),
    )  # fmt: skip
    note = PlainText(label=_("Note"), long=True, required=False, max_length=2000)

    def __init__(self, data: Any = None, *, changing: bool = False, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if changing:
            del self.fields["unit"], self.fields["since"]
        else:
            self.fields["unit"].queryset = Unit.objects.order_by("name_fi")  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if found.get("day") and found.get("clock"):
            try:
                found["held_at"] = at_wall_clock(found["day"], found["clock"])
            except ValueError:
                self.add_error("clock", worded(InputError("skipped")))
        return found


class DecisionForm(forms.Form):
    """What was decided."""

    text = PlainText(label=_("Decision"), max_length=300, help_text=_("Nothing by which a client can be recognised."))
    person = forms.ModelChoiceField(
        User.objects.none(), label=_("Who does it"), required=False, empty_label=_("somebody else"),
        help_text=_("It then stands among the tasks of that person."),
    )  # fmt: skip
    who = PlainText(label=_("Somebody else, who"), max_length=120, required=False)
    due = DayField(label=_("By when"), required=False)
    order = forms.ModelChoiceField(
        Order.objects.none(), label=_("About the order"), required=False, empty_label=_("none")
    )

    def __init__(self, data: Any = None, *, orders: list[Order], people: list[User], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        among = User.objects.filter(pk__in=[user.pk for user in people])
        self.fields["person"].queryset = among  # type: ignore[attr-defined]  # as above
        rows = Order.objects.filter(pk__in=[order.pk for order in orders])
        field = self.fields["order"]
        field.queryset = rows  # type: ignore[attr-defined]  # as above
        field.widget.choices = [("", _("none")), *((order.pk, order.task) for order in orders)]


def plan_initial(process: Process) -> dict[str, Any]:
    """What the plan says by now."""
    plan = getattr(process.order, "plan", None)
    return {} if plan is None else {name: getattr(plan, name) for name in PlanForm.base_fields}
