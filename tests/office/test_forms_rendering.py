"""What forms have many of is written without a template: the same HTML, and everything typed or named is escaped."""

from typing import Any

import pytest
from django import forms
from django.template.loader import get_template
from django.utils import translation

EVIL = '<b title="x">&'
ESCAPED = "&lt;b title=&quot;x&quot;&gt;&amp;"


class Everything(forms.Form):
    words = forms.CharField(required=False, max_length=9)
    secret = forms.CharField(required=False, widget=forms.HiddenInput)
    ticked = forms.BooleanField(required=False)
    number = forms.IntegerField(required=False, min_value=1)
    day = forms.DateField(required=False)
    address = forms.EmailField(required=False)


@pytest.mark.parametrize(
    "data",
    [None, {}, {"words": EVIL, "secret": EVIL, "ticked": "on", "number": "7", "day": "2.4.2026", "address": EVIL}],
    ids=["empty", "sent empty", "filled"],
)
def test_an_input_is_what_the_template_would_write(data: dict[str, Any] | None) -> None:
    for field in Everything(data):
        widget = field.field.widget
        attrs = field.build_widget_attrs({"id": field.auto_id}, widget)
        context = widget.get_context(field.html_name, field.value(), attrs)
        written = widget.render(field.html_name, field.value(), attrs)
        assert written == get_template(widget.template_name).render(context).strip(), field.name


def test_a_list_marks_the_choice_and_escapes_names() -> None:
    field = forms.ChoiceField(choices=[("", "---------"), ("1", EVIL), ("Group", [("2", "Two"), (EVIL, "Three")])])
    with translation.override("en"):
        html = field.widget.render("x", "2", {"id": "id_x", "required": True, "disabled": False, "title": EVIL})
    assert html == (
        f'<select name="x" id="id_x" required title="{ESCAPED}"><option value="">Choose</option>\n'
        f'<option value="1">{ESCAPED}</option>\n<optgroup label="Group"><option value="2" selected>Two</option>\n'
        f'<option value="{ESCAPED}">Three</option>\n</optgroup></select>'
    )


@pytest.mark.parametrize("data", [{}, {"one": EVIL, "many": ["1", EVIL]}], ids=["nothing chosen", "chosen"])
def test_a_button_of_several_is_what_the_template_would_write(data: dict[str, Any]) -> None:
    choices = [("1", "One"), (EVIL, EVIL)]

    class Several(forms.Form):
        one = forms.ChoiceField(choices=choices, widget=forms.RadioSelect(attrs={"title": EVIL}))
        many = forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)

    for field in Several(data):
        for button in field.subwidgets:
            template = get_template(str(button.data["template_name"]))
            for wrap_label in (False, True):
                expected = template.render({"widget": button.data | {"wrap_label": wrap_label}})
                assert button.tag(wrap_label=wrap_label) == expected.replace("\n", "")
