"""How a form looks: label, help under it, error with its word before it, what is optional said, a summary on top.

The look itself is in ``templates/django/forms/``. ``{{ form }}`` draws everything; a page that places its
fields by hand writes ``{% error_summary form %}`` first and ``{{ form.field.as_field_group }}`` for each field.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Forms through the project's own templates."""

    form_template_name = "django/forms/div.html"
    field_template_name = "django/forms/field.html"


class ChoiceRow(forms.RadioSelect):
    """Radio buttons side by side as one row of large buttons (as agreed | changed | did not happen)."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["row"] = True
        return context


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of the summary of errors; ``id`` is the field to go to, empty when it concerns the whole form."""

    id: str
    label: str
    text: str


def problems(form: Any) -> list[Problem]:
    """The errors of a form, in the order of its fields; first those of the whole form."""
    if not getattr(form, "is_bound", False):
        return []
    found = [Problem("", "", str(error)) for error in form.non_field_errors()]
    for field in form:
        for error in field.errors:
            target = field.id_for_label or field.auto_id
            if field.use_fieldset and field.auto_id:
                target = f"{field.auto_id}_0"
            found.append(Problem("" if field.is_hidden else target, str(field.label or ""), str(error)))
    return found


def all_problems(forms_: Iterable[Any]) -> list[Problem]:
    """The errors of several forms and formsets on one page."""
    found: list[Problem] = []
    for form in forms_:
        if isinstance(form, forms.BaseFormSet):
            if form.is_bound:
                found += [Problem("", "", str(error)) for error in form.non_form_errors()]
            found += all_problems(form.forms)
        elif form is not None:
            found += problems(form)
    return found
