"""Forms of induction."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from induction.models import LONGEST, ChecklistRow
from office.forms import CheckedByAction, PlainText

HOW = _(
    "A line that begins with # is a heading. Lines that begin with - are a list. An empty line begins a new paragraph."
)


def _text(label: Any, language: str, **kwargs: Any) -> PlainText:
    field = PlainText(
        label=label,
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 18, "lang": language}),
        **kwargs,
    )
    field.mark_optional = False  # type: ignore[attr-defined]  # read by the template of a field
    return field


class GuideForm(forms.Form):
    """A guide's text in both languages; one of them can wait."""

    text_fi = _text(_("In Finnish"), "fi", help_text=HOW)
    text_sv = _text(_("In Swedish"), "sv", help_text=_("A language that is missing shows the other one."))
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        both = [name for name in ("text_fi", "text_sv") if name in data]
        if len(both) == 2 and not any(data[name] for name in both):
            self.add_error("text_fi", _("Write the text in Finnish or in Swedish."))
        return data


class RowForm(CheckedByAction):
    class Meta:
        model = ChecklistRow
        fields = ("name_fi", "name_sv", "is_active")
        labels = {"name_fi": _("In Finnish"), "name_sv": _("In Swedish"), "is_active": _("In use")}
        help_texts = {
            "name_fi": _("One thing in a few words. Write nothing by which a client can be recognised."),
            "is_active": _("A row that is not in use is not on new checklists. Ticks that were made stay."),
        }


class NameForm(forms.Form):
    """Whom the induction is for."""

    q = forms.CharField(label=_("First name"), max_length=40, required=False)


class OverviewFilter(forms.Form):
    look = forms.ChoiceField(
        label=_("Show"),
        required=False,
        choices=[
            ("", _("All units")),
            ("not_ready", _("Not ready")),
            ("new", _("Somebody begins without an induction")),
            ("open", _("Inductions open")),
            ("no_guide", _("No text of their own")),
        ],
    )
