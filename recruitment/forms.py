"""Forms of an application: the public one and the coordinator's, and the filter of the list."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experts.models import Area, Topic
from office.forms import CheckedByAction, DayField, LocalChoicesField
from office.templatetags.erfa import localname
from office.workdays import local_date
from recruitment.guard import Stamp
from recruitment.models import Application
from recruitment.rules import pace
from recruitment.states import ApplicationState

Choices = list[tuple[Any, Any]]
NO_CODES = _("Do not write personal identity codes here, and not the names of other people.")


def lines_of(rows: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def grouped(topics: list[Topic]) -> Choices:
    """Topics under their groups, in the order of the groups; those without one under a heading of their own."""
    by_group: dict[int, tuple[int, str, Choices]] = {}
    alone: Choices = []
    for topic in sorted(topics, key=lambda topic: localname(topic).casefold()):
        choice = (topic.pk, localname(topic))
        if topic.group is None:
            alone.append(choice)
        else:
            empty: tuple[int, str, Choices] = (topic.group.place, localname(topic.group), [])
            by_group.setdefault(topic.group.pk, empty)[2].append(choice)
    if not by_group:
        return alone
    found: Choices = [(name, choices) for _place, name, choices in sorted(by_group.values(), key=lambda row: row[:2])]
    return [*found, (gettext("Other topics"), alone)] if alone else found


class ApplicationFields(CheckedByAction):
    """What is asked of an applicant."""

    topics = LocalChoicesField(
        Topic.objects.none(), label=_("What do you have experience of?"), required=False, help_text=_("Choose any.")
    )
    areas = LocalChoicesField(Area.objects.none(), label=_("Where could you work?"), required=False)

    class Meta:
        model = Application
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "language",
            "municipality",
            "areas",
            "topics",
            "own_words",
            "training",
            "background",
            "wishes",
            "heard_from",
        )
        labels = {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "email": _("E-mail"),
            "phone": _("Telephone"),
            "language": _("In which language may we contact you?"),
            "municipality": _("Where do you live?"),
            "own_words": _("Your experience in your own words"),
            "training": _("Training or studies"),
            "background": _("Earlier experience"),
            "wishes": _("Wishes"),
            "heard_from": _("How did you hear of us?"),
        }
        help_texts = {
            "email": _("An e-mail address or a telephone number is enough."),
            "phone": _("For example 040 123 4567."),
            "municipality": _("The municipality is enough."),
            "own_words": _("A few sentences are enough. Tell only what you want to tell."),
            "training": _("For example a training for experience experts, and when."),
            "background": _("For example peer support, groups, voluntary work. It is fine to have none."),
            "wishes": _("What would you like to do, and what not? When does it suit you?"),
        }
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "email": forms.EmailInput(attrs={"autocomplete": "email"}),
            "phone": forms.TextInput(attrs={"size": 18, "autocomplete": "tel", "inputmode": "tel"}),
            "municipality": forms.TextInput(attrs={"size": 24, "autocomplete": "address-level2"}),
            "own_words": lines_of(6),
            "background": lines_of(),
            "wishes": lines_of(),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: tuple[Any, Any] = ([], [])
        if self.instance.pk:
            chosen = (self.instance.topics.values("pk"), self.instance.areas.values("pk"))
        self._offer("topics", Topic.objects.filter(Q(is_active=True) | Q(pk__in=chosen[0])).select_related("group"))
        self._offer("areas", Area.objects.filter(Q(is_active=True) | Q(pk__in=chosen[1])))
        for name in ("email", "phone"):  # one of the two is needed, and the help says so
            self.fields[name].mark_optional = False  # type: ignore[attr-defined]  # read by field.html
        heard: Any = self.fields["heard_from"]
        heard.choices = [("", _("Choose, if you like")), *Application.HeardFrom.choices]

    def _offer(self, name: str, rows: Any) -> None:
        """The list is read once: for the boxes; a sent form is checked against the same rows."""
        field: Any = self.fields[name]
        field.queryset = rows
        found = list(rows)
        field.choices = grouped(found) if name == "topics" else [(area.pk, localname(area)) for area in found]
        if not found:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("email") and not data.get("phone") and not {"email", "phone"} & set(self.errors):
            self.add_error("email", _("Write an e-mail address or a telephone number, so that we can reach you."))
        return data

    def record(self) -> dict[str, Any]:
        """The fields of the row itself."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields if name not in {"topics", "areas"}}

    def ids(self, name: str) -> list[int]:
        return [row.pk for row in self.cleaned_data.get(name, [])]


class PublicForm(ApplicationFields):
    """The public form with its guards: a signed stamp, and a field that people leave empty."""

    consent = forms.BooleanField(
        label=_("I agree that the coordination office keeps and uses what I have written, to handle my application."),
        error_messages={"required": _("We need your consent to handle the application.")},
    )
    website = forms.CharField(label=_("Leave this field empty"), required=False)
    stamp = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.read: Stamp | None = None
        website: Any = self.fields["website"]
        website.mark_optional = False
        website.widget.attrs |= {"autocomplete": "off", "tabindex": "-1"}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self.read = Stamp.read(data.get("stamp", ""))
        if self.errors:
            return data  # it is sent once more anyhow
        if data.get("website"):
            self.add_error(None, _("A field that people leave empty was filled. It is empty now: please send again."))
        how = pace(self.read.opened_at, self.at) if self.read else "old"
        if how == "quick":
            self.add_error(None, _("That was very quick. Please look your answers through and send again."))
        elif how == "old":
            self.add_error(None, _("The page has been open for long. Nothing is lost: please send again."))
        return data

    def again(self) -> None:
        """For showing the form once more: what was typed stays, the guards begin anew. The form stays the same one."""
        sent: Any = self.data
        again = sent.copy()
        again["website"] = ""
        if self.read is None or pace(self.read.opened_at, self.at) == "old":
            again["stamp"] = str(Stamp.new(self.at, self.read.key if self.read else None))
        self.data = again


class EntryForm(ApplicationFields):
    """The coordinator writes an application down, or corrects one."""

    source = forms.ChoiceField(
        label=_("How did it come?"),
        choices=[choice for choice in Application.Source.choices if choice[0] != "web"],
        widget=forms.RadioSelect,
        initial=Application.Source.TELEPHONE,
    )
    received_on = DayField(label=_("On which day?"), help_text=_("For example 2.4.2026."))
    consent = forms.BooleanField(
        label=_("The applicant has heard or read the privacy notice and agrees to it."),
        error_messages={"required": _("Without consent the application cannot be kept.")},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        labels = {
            "topics": _("Experience of"),
            "areas": _("Could work in"),
            "language": _("Contact language"),
            "municipality": _("Municipality"),
            "own_words": _("Experience in own words"),
            "heard_from": _("Heard of us"),
        }
        for name, field in self.fields.items():
            field.label = labels.get(name, field.label)
            if name not in {"phone", "received_on"}:
                field.help_text = ""
            field.widget.attrs["autocomplete"] = "off"
        if self.instance.pk:
            for name in ("source", "received_on", "consent", "form_key"):
                del self.fields[name]

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > local_date(self.at):
            raise forms.ValidationError(_("This day is still to come."))
        return day


class ApplicationFilter(forms.Form):
    q = forms.CharField(label=_("Name, e-mail or municipality"), required=False)
    state = forms.ChoiceField(
        label=_("Step"),
        required=False,
        choices=[("", _("All that are open")), *ApplicationState.choices, ("all", _("All"))],
    )
