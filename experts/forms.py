"""Forms of the registry."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from experts.models import Expert, Topic
from office.choices import TASK_TYPES, WORK_LANGUAGES, Language
from office.forms import LocalChoiceField
from office.templatetags.erfa import localname

SHOW = "show"
KEEP = "keep"
ABOUT_PEOPLE = _("Write nothing by which a client can be recognised, and no identity codes.")


def lines_of(area: int = 4) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": area})


class ManyChoices(forms.MultipleChoiceField):
    """Several of a fixed list, as tick boxes."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.CheckboxSelectMultiple, **kwargs})


class RegistryFilter(forms.Form):
    q = forms.CharField(label=_("Name, town or payroll number"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *Expert.State.choices])
    topic = LocalChoiceField(Topic.objects.all(), label=_("Topic"), required=False, empty_label=_("All"))
    kind = forms.ChoiceField(label=_("Kind of work"), required=False, choices=[("", _("All")), *TASK_TYPES])
    language = forms.ChoiceField(label=_("Language"), required=False, choices=[("", _("All")), *WORK_LANGUAGES])
    look = forms.ChoiceField(
        label=_("Needs attention"),
        required=False,
        choices=[
            ("", _("All")),
            ("no_contract", _("No contract today")),
            ("ending", _("Contract ends within 60 days")),
            ("tax_card", _("No tax card of this year")),
            ("next_tax_card", _("No tax card of next year")),
        ],
    )


class ExpertForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    """The whole record. Topics: no · only for the coordinator · may be shown to units."""

    work_languages = ManyChoices(label=_("Working languages"), choices=WORK_LANGUAGES)
    kinds = ManyChoices(label=_("Kinds of work"), choices=TASK_TYPES, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    account = forms.BooleanField(
        label=_("Make an account: the expert signs in with the e-mail address"), required=False, initial=True
    )

    class Meta:
        model = Expert
        fields = (
            "first_name",
            "last_name",
            "email",
            "phone",
            "municipality",
            "language",
            "payroll_number",
            "work_languages",
            "kinds",
            "on_site",
            "remote",
            "training",
            "introduction_fi",
            "introduction_sv",
            "note",
        )
        labels = {
            "first_name": _("First name"),
            "last_name": _("Last name"),
            "email": _("E-mail"),
            "phone": _("Telephone"),
            "municipality": _("Municipality"),
            "language": _("Contact language"),
            "payroll_number": _("Payroll number"),
            "on_site": _("Works on site"),
            "remote": _("Works remotely"),
            "training": _("Training"),
            "introduction_fi": _("Introduction in Finnish"),
            "introduction_sv": _("Introduction in Swedish"),
            "note": _("Note"),
        }
        help_texts = {
            "payroll_number": _("The person number of the payroll house. Never the identity code."),
            "introduction_fi": _("Units read this when they look for an expert."),
            "note": _("Only the coordinator and the expert see this. No identity codes, nothing about health."),
        }
        widgets = {
            "phone": forms.TextInput(attrs={"size": 18, "autocomplete": "off", "inputmode": "tel"}),
            "email": forms.EmailInput(attrs={"autocomplete": "off"}),
            "municipality": forms.TextInput(attrs={"size": 24}),
            "payroll_number": forms.TextInput(attrs={"size": 12, "autocomplete": "off"}),
            "introduction_fi": lines_of(),
            "introduction_sv": lines_of(),
            "note": lines_of(3),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = dict(self.instance.expert_topics.values_list("topic_id", "published")) if self.instance.pk else {}
        if self.instance.pk:
            del self.fields["account"]
        self.topics = [topic for topic in Topic.objects.all() if topic.is_active or topic.pk in chosen]
        for topic in self.topics:
            initial = (SHOW if chosen[topic.pk] else KEEP) if topic.pk in chosen else ""
            self.fields[f"topic_{topic.pk}"] = forms.ChoiceField(
                label=localname(topic),
                required=False,
                initial=initial,
                choices=[("", _("Not a topic")), (KEEP, _("Only here")), (SHOW, _("Shown to units"))],
            )
            self.fields[f"topic_{topic.pk}"].mark_optional = False  # type: ignore[attr-defined]  # read by field.html

    def topic_fields(self) -> list[forms.BoundField]:
        return [self[f"topic_{topic.pk}"] for topic in self.topics]

    def chosen_topics(self) -> dict[int, bool]:
        """Topic ids and whether units may see them."""
        picked = {topic.pk: self.cleaned_data.get(f"topic_{topic.pk}") for topic in self.topics}
        return {pk: value == SHOW for pk, value in picked.items() if value}

    def record(self) -> dict[str, Any]:
        """The fields of the record itself."""
        return {name: self.cleaned_data[name] for name in self.Meta.fields}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("on_site") and not data.get("remote"):
            self.add_error("on_site", _("Choose at least one: on site or remotely."))
        return data


class OwnDetailsForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    """What an expert changes of their own record."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Expert
        fields = ("phone", "municipality", "language", "introduction_fi", "introduction_sv")
        labels = {
            "phone": _("Telephone"),
            "municipality": _("Municipality"),
            "language": _("We write to you in"),
            "introduction_fi": _("Introduction in Finnish"),
            "introduction_sv": _("Introduction in Swedish"),
        }
        help_texts = {
            "introduction_fi": _("In your own words, what you want units to know. You can leave it empty."),
        }
        widgets = {
            "phone": forms.TextInput(attrs={"size": 18, "autocomplete": "tel", "inputmode": "tel"}),
            "municipality": forms.TextInput(attrs={"size": 24, "autocomplete": "address-level2"}),
            "introduction_fi": lines_of(6),
            "introduction_sv": lines_of(6),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.own_topics = list(self.instance.expert_topics.select_related("topic"))
        for own in self.own_topics:
            field = forms.BooleanField(label=localname(own.topic), required=False, initial=own.published)
            self.fields[f"topic_{own.topic_id}"] = field

    def topic_fields(self) -> list[forms.BoundField]:
        return [self[f"topic_{own.topic_id}"] for own in self.own_topics]

    def chosen_topics(self) -> dict[int, bool]:
        return {own.topic_id: bool(self.cleaned_data[f"topic_{own.topic_id}"]) for own in self.own_topics}

    def record(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class TopicForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    class Meta:
        model = Topic
        fields = ("code", "name_fi", "name_sv", "is_active")
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "is_active": _("In use: can be chosen"),
        }
        help_texts = {"code": _("Small letters, digits and hyphens, for example “depression”.")}
        widgets = {"code": forms.TextInput(attrs={"size": 24, "autocomplete": "off"})}


LANGUAGE_WORDS = dict(WORK_LANGUAGES)
KIND_WORDS = dict(TASK_TYPES)
CONTACT_LANGUAGES = dict(Language.choices)
