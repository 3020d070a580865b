"""Forms of the office's own lists (topics, groups, areas), of breaks and absences, and filters."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.choices import area_choices, topic_choices
from experts.filters import LOOKS, STATES, WAYS
from experts.models import Absence, Area, Expert, SavedView, Topic, TopicGroup
from experts.texts import READS
from office.choices import TASK_TYPES, WORK_LANGUAGES
from office.forms import CheckedByAction, DayField, LocalChoiceField, PlainText


class RegistryFilter(forms.Form):
    """The filters of the registry. They stand in the address, so that a view can be kept."""

    q = forms.CharField(label=_("Name, town, e-mail, telephone or payroll number"), required=False, max_length=100)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *STATES])
    topic = forms.ChoiceField(label=_("Topic"), required=False)
    kind = forms.ChoiceField(label=_("Kind of work"), required=False, choices=[("", _("All")), *TASK_TYPES])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("All")), *WORK_LANGUAGES])
    area = forms.TypedChoiceField(label=_("Works in"), required=False, coerce=int, empty_value=None)
    way = forms.ChoiceField(label=_("Place"), required=False, choices=[("", _("All")), *WAYS])
    look = forms.ChoiceField(label=_("Needs attention"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = topic_choices(empty=_("All"), whole_groups=True)  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(empty=_("All"))  # type: ignore[attr-defined]
        looks = [(look.code, look.label) for look in LOOKS]
        self.fields["look"].choices = [("", _("All")), *looks]  # type: ignore[attr-defined]


class LookFilter(forms.Form):
    """Which looks at records: by whom, at whom, on which day, at what."""

    reader = forms.CharField(label=_("Who looked"), required=False, max_length=80)
    expert = forms.CharField(label=_("At whose record"), required=False, max_length=80)
    day = DayField(label=_("Day"), required=False)
    what = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("All")), *READS.items()])


class TopicForm(CheckedByAction):
    group = LocalChoiceField(TopicGroup.objects.all(), label=_("Group"), required=False, empty_label=_("No group"))

    class Meta:
        model = Topic
        fields = ("code", "name_fi", "name_sv", "group", "is_active")
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "is_active": _("In use: can be chosen"),
        }
        help_texts = {"code": _("Small letters, digits and hyphens, for example “depression”.")}
        widgets = {"code": forms.TextInput(attrs={"size": 24, "autocomplete": "off"})}


class TopicGroupForm(CheckedByAction):
    class Meta:
        model = TopicGroup
        fields = ("name_fi", "name_sv")
        labels = {"name_fi": _("Name in Finnish"), "name_sv": _("Name in Swedish")}


class AreaForm(CheckedByAction):
    class Meta:
        model = Area
        fields = ("name_fi", "name_sv", "is_active")
        labels = {
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "is_active": _("In use: can be chosen"),
        }


REASONS = [("", _("Choose")), *Expert.StateReason.choices]


class PauseForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why?"), choices=REASONS, help_text=_("Nothing about health is written here."))
    until = DayField(
        label=_("First day back"),
        required=False,
        help_text=_(
            "For example 2.4.2026. Units find the expert again from that day on. Empty: until you end the break."
        ),
    )


class EndForm(forms.Form):
    reason = forms.ChoiceField(label=_("Why?"), choices=REASONS, help_text=_("Nothing about health is written here."))


class AbsenceForm(CheckedByAction):
    """Away from–to, both days included. One day: the last day may be left empty."""

    first_day = DayField(label=_("Away from"), help_text=_("For example 2.4.2026."))
    last_day = DayField(label=_("Last day away"), required=False, help_text=_("Empty: only that day."))

    class Meta:
        model = Absence
        fields = ("first_day", "last_day")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("first_day"):
            if "last_day" in data and data["last_day"] is None:
                data["last_day"] = data["first_day"]
            if data.get("last_day") and data["last_day"] < data["first_day"]:
                self.add_error("last_day", _("The end is before the beginning."))
        return data


class SaveViewForm(forms.Form):
    name = PlainText(label=_("Name of the view"), max_length=SavedView._meta.get_field("name").max_length)
