"""Forms of the registry."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from experts.choices import grouped_topics, localname_column
from experts.models import Area, Expert, Topic
from experts.shown import FIELDS, MAY_BE_BEFORE, Stage, split, stage_of
from office.choices import TASK_TYPES, WORK_LANGUAGES, Language
from office.forms import LocalChoicesField
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


class Consented(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    """Areas, and for each field that units could see: not, once the expert has accepted, or from the search on."""

    def add_shared(self) -> None:
        """Puts the fields on the form; called once the instance is known."""
        held = self.instance
        chosen = set(held.areas.values_list("pk", flat=True)) if held.pk else set()
        areas = Area.objects.filter(Q(is_active=True) | Q(pk__in=chosen)).order_by(localname_column(), "pk")
        self.fields["areas"] = LocalChoicesField(
            areas, label=_("Works in"), required=False, initial=sorted(chosen), help_text=_("None: everywhere.")
        )
        for name in FIELDS:
            choices: list[tuple[str, Any]] = [("", _("Not shown")), (Stage.AFTER, _("After a task is accepted"))]
            if name in MAY_BE_BEFORE:
                choices.append((Stage.BEFORE, _("When an expert is looked for")))
            field = forms.ChoiceField(
                label=Expert.Showable(name).label.capitalize(),
                required=False,
                choices=choices,
                initial=stage_of(name, held.shown_before, held.shown_after),
            )
            field.mark_optional = False  # type: ignore[attr-defined]  # read by field.html
            self.fields[f"shown_{name}"] = field

    def shown_fields(self) -> list[forms.BoundField]:
        return [self[f"shown_{name}"] for name in FIELDS]

    def chosen_areas(self) -> list[int]:
        return [area.pk for area in self.cleaned_data["areas"]]

    def record(self) -> dict[str, Any]:
        """The fields of the record itself, with the consent."""
        before, after = split({name: self.cleaned_data[f"shown_{name}"] for name in FIELDS})
        fields = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        return fields | {"shown_before": before, "shown_after": after}


class ExpertForm(Consented):
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
            "availability",
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
            "availability": _("When it suits"),
            "note": _("Note"),
        }
        help_texts = {
            "payroll_number": _("The person number of the payroll house. Never the identity code."),
            "introduction_fi": _("Units read this as far as the expert has agreed to it below."),
            "availability": _("For example: weekday mornings. Units read this when they look for an expert."),
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
        self.add_shared()
        known = Topic.objects.filter(Q(is_active=True) | Q(pk__in=chosen))
        self.groups = grouped_topics(known)
        self.topics = [topic for _group, topics in self.groups for topic in topics]
        for topic in self.topics:
            initial = (SHOW if chosen[topic.pk] else KEEP) if topic.pk in chosen else ""
            self.fields[f"topic_{topic.pk}"] = forms.ChoiceField(
                label=localname(topic),
                required=False,
                initial=initial,
                choices=[("", _("Not a topic")), (KEEP, _("Only here")), (SHOW, _("Shown to units"))],
            )
            self.fields[f"topic_{topic.pk}"].mark_optional = False  # type: ignore[attr-defined]  # read by field.html

    def topic_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of the topics under the names of their groups."""
        return [(name, [self[f"topic_{topic.pk}"] for topic in topics]) for name, topics in self.groups]

    def chosen_topics(self) -> dict[int, bool]:
        """Topic ids and whether units may see them."""
        picked = {topic.pk: self.cleaned_data.get(f"topic_{topic.pk}") for topic in self.topics}
        return {pk: value == SHOW for pk, value in picked.items() if value}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not data.get("on_site") and not data.get("remote"):
            self.add_error("on_site", _("Choose at least one: on site or remotely."))
        return data


class OwnDetailsForm(Consented):
    """What an expert changes of their own record."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Expert
        fields = ("phone", "municipality", "language", "introduction_fi", "introduction_sv", "availability")
        labels = {
            "phone": _("Telephone"),
            "municipality": _("Municipality"),
            "language": _("We write to you in"),
            "introduction_fi": _("Introduction in Finnish"),
            "introduction_sv": _("Introduction in Swedish"),
            "availability": _("When it suits you"),
        }
        help_texts = {
            "introduction_fi": _("In your own words, what you want units to know. You can leave it empty."),
            "availability": _("For example: weekday mornings. Units read this when they look for an expert."),
        }
        widgets = {
            "phone": forms.TextInput(attrs={"size": 18, "autocomplete": "tel", "inputmode": "tel"}),
            "municipality": forms.TextInput(attrs={"size": 24, "autocomplete": "address-level2"}),
            "introduction_fi": lines_of(6),
            "introduction_sv": lines_of(6),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_shared()
        self.own_topics = list(self.instance.expert_topics.select_related("topic"))
        for own in self.own_topics:
            field = forms.BooleanField(label=localname(own.topic), required=False, initial=own.published)
            self.fields[f"topic_{own.topic_id}"] = field

    def topic_fields(self) -> list[forms.BoundField]:
        return [self[f"topic_{own.topic_id}"] for own in self.own_topics]

    def chosen_topics(self) -> dict[int, bool]:
        return {own.topic_id: bool(self.cleaned_data[f"topic_{own.topic_id}"]) for own in self.own_topics}


class AddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}), max_length=254
    )


LANGUAGE_WORDS = dict(WORK_LANGUAGES)
KIND_WORDS = dict(TASK_TYPES)
CONTACT_LANGUAGES = dict(Language.choices)
