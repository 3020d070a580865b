"""How a form looks: label, help under it, error with its word before it, what is optional said, a summary on top.

The look itself is in ``templates/django/forms/``. ``{{ form }}`` draws everything; a page that places its
fields by hand writes ``{% error_summary form %}`` first and ``{{ form.field.as_field_group }}`` for each field.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _


def _attributes(attrs: Mapping[str, Any]) -> str:
    """`` name="value"`` for each; True: the name alone, False: nothing."""
    shown = ((name, value) for name, value in attrs.items() if value is not False)
    return "".join(f" {name}" if value is True else f' {name}="{conditional_escape(value)}"' for name, value in shown)


def _option(option: Mapping[str, Any]) -> str:
    label = _("Choose") if option["label"] == "---------" else option["label"]  # Django's words for nothing chosen
    attrs = f' value="{conditional_escape(option["value"])}"{_attributes(option["attrs"])}'
    return f"<option{attrs}>{conditional_escape(label)}</option>\n"


def _select(widget: Mapping[str, Any]) -> SafeString:
    """A list to choose from. As a template, one with all experts was three quarters of its page's time."""
    parts = [f'<select name="{conditional_escape(widget["name"])}"{_attributes(widget["attrs"])}>']
    for group, options, _index in widget["optgroups"]:
        inside = "".join(map(_option, options))
        parts.append(f'<optgroup label="{conditional_escape(group)}">{inside}</optgroup>' if group else inside)
    return mark_safe("".join([*parts, "</select>"]))  # noqa: S308 - every value is escaped above


def _input(widget: Mapping[str, Any]) -> SafeString:
    """One line to type in, a tick box, a hidden value."""
    value = "" if widget["value"] is None else f' value="{conditional_escape(widget["value"])}"'
    start = f'<input type="{conditional_escape(widget["type"])}" name="{conditional_escape(widget["name"])}"'
    return mark_safe(f"{start}{value}{_attributes(widget['attrs'])}>")  # noqa: S308 - as above


def _choice(widget: Mapping[str, Any]) -> SafeString:
    """A radio button or a tick box of several, with its label round it unless the page has a label of its own."""
    if not widget["wrap_label"]:
        return _input(widget)
    own = widget["attrs"].get("id")
    start = f'<label for="{conditional_escape(own)}">' if own else "<label>"
    said = conditional_escape(widget["label"])
    return mark_safe(f"{start}{_input(widget)}<span>{said}</span></label>")  # noqa: S308 - as above


#: What every form has many of is written here; everything else by its template.
WRITTEN: dict[str, Callable[[Mapping[str, Any]], SafeString]] = {
    "django/forms/widgets/select.html": _select,
    **{
        f"django/forms/widgets/{name}.html": _input
        for name in ("text", "date", "number", "email", "hidden", "checkbox")
    },
    "django/forms/widgets/radio_option.html": _choice,
    "django/forms/widgets/checkbox_option.html": _choice,
}


class Renderer(TemplatesSetting):
    """Forms through the project's own templates, but for the small parts of which there are many."""

    form_template_name = "django/forms/div.html"
    field_template_name = "django/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if template_name in WRITTEN:
            return WRITTEN[template_name](context["widget"])
        return super().render(template_name, context, request)


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
