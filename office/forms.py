"""Form fields that read what Finns write: 2.4.2026, 9.30, 1 234,50. And the forms of units, roles and policies."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office import formats
from office.choices import UNIT_ROLES, Language, Role
from office.errors import RuleError
from office.inputs import InputError, parse_time
from office.models import ClosingDay, Policy, ServiceArea, Unit, User
from office.templatetags.erfa import localname
from office.validators import no_identity_code

#: As many digits as a key of the database has at most.
LONGEST_ID = 18
DAY = re.compile(r"(?P<d>\d{1,2})\s*[.\s]\s*(?P<m>\d{1,2})\s*[.\s]\s*(?P<y>\d{4})")
DIGITS = re.compile(r"(?P<d>\d{2})(?P<m>\d{2})(?P<y>\d{4})")
ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})")
#: Beyond these a year was typed wrong, and weeks counted on from it leave the calendar.
FIRST_YEAR, LAST_YEAR = 1900, 2199


class DayField(forms.DateField):
    """A day as people write it: 2.4.2026, 02.04.2026, 02042026 or 2026-04-02. Never guesses a century or an order."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(format="%-d.%-m.%Y", attrs={"size": 11, "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        text = str(value).strip()
        found = DAY.fullmatch(text) or DIGITS.fullmatch(text) or ISO.fullmatch(text)
        if found is None:
            raise ValidationError(_("Write the day like 2.4.2026."), code="invalid")
        try:
            day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            raise ValidationError(_("There is no such day."), code="invalid") from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValidationError(_("Check the year: %(year)s."), code="invalid", params={"year": found["y"]})
        return day


TIME_WORDS: dict[str, str | Promise] = {
    "time": _("Write the time like this: 9.00 or 14.30."),
    "time_minutes": _("Write the minutes with two digits: 9.30 is half past nine, 9.05 five past."),
    "time_24": _("The clock goes from 0.00 to 23.59. Midnight is 0.00."),
    "time_none": _("There is no such time. Write it like this: 14.30."),
    "end_same": _("The end is the same as the beginning."),
    "too_long": _("The end is before the beginning, or the time is longer than 12 hours."),
    "skipped": _("The clock is moved forward on that night: this time does not exist."),
}


def worded(error: InputError) -> ValidationError:
    """The refusal of something typed, in words."""
    return ValidationError(str(TIME_WORDS[error.code]), code=error.code)


class ClockField(forms.CharField):
    """A time typed as 9, 9.00, 9:00, 900. Cleans to a time, or None when empty and not required.

    ``end``: of a span; there 24.00 is midnight, cleaned to 0.00.
    """

    def __init__(self, *, end: bool = False, **kwargs: Any) -> None:
        self.end = end
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 6, "inputmode": "text", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return formats.clock(value, translation.get_language() or "fi") if isinstance(value, time) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_time(text, end=self.end)
        except InputError as error:
            raise worded(error) from error


class DecimalField(forms.DecimalField):
    """A number with a decimal comma or point; spaces between thousands, a dash as the minus and a sign of euro are
    allowed. Powers of ten are not: with a slip of the finger 15 would be 100 000.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"size": 9, "inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = "".join(value.split()).replace("\u2212", "-").replace("\u2013", "-").strip("€")
            if "e" in value.casefold():
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            if "," in value and "." in value:
                raise ValidationError(_("Write the number like 1234,50."), code="invalid")
            value = value.replace(",", ".")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal):
            text = f"{value:f}"
            return text if translation.get_language() == "en" else text.replace(".", ",")
        return value


class MoneyField(DecimalField):
    """Euros and cents, not negative."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": 9, "decimal_places": 2, "min_value": Decimal(0), **kwargs})


class Theirs:
    """A choice among the rows that the person may see: the id of another is not there (404), as in an address (P6)."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)  # type: ignore[misc]  # beside a field
        except ValidationError as error:
            if error.code in {"invalid_choice", "invalid_pk_value"}:
                raise Http404 from error
            raise


class TheirChoiceField(Theirs, forms.ChoiceField):
    """One of the rows that the person may see, by their ids as text."""


def number_sent(text: str) -> int | None:
    """A whole number of a page's own, an id or a count; None for whatever else was sent in its place."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else None


def ids_sent(values: Iterable[str]) -> set[int]:
    """The ids of a field of ticks. What is no id is not there: 404, as a foreign one (P6)."""
    found = {number_sent(text) for text in values}
    if None in found:
        raise Http404
    return {one for one in found if one is not None}


class LocalChoiceField(forms.ModelChoiceField):  # type: ignore[type-arg]  # the stubs' class is not generic at run time
    """One of the rows that have a name in Finnish and in Swedish."""

    def label_from_instance(self, obj: models.Model) -> str:
        return localname(obj)


class TheirUnitField(Theirs, LocalChoiceField):
    """One of the person's units."""


class LocalChoicesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # as above
    """Several of them, as tick boxes."""

    def __init__(self, queryset: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.CheckboxSelectMultiple)
        super().__init__(queryset, **kwargs)

    def label_from_instance(self, obj: models.Model) -> str:
        return localname(obj)


class PlainText(forms.CharField):
    """Free text that refuses personal identity codes."""

    def __init__(self, *, long: bool = False, **kwargs: Any) -> None:
        if long:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)
        self.validators.append(no_identity_code)


class CheckedByAction(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    """For models whose constraints the action checks: Django fails when a field of a constraint is not on the form."""

    def _post_clean(self) -> None:
        self.instance.validate_constraints = lambda **_: None  # ``office.saving.save`` tells the same sentences
        try:
            super()._post_clean()  # type: ignore[misc]  # Django's own hook, unknown to the stubs
        finally:
            del self.instance.validate_constraints


def tell(form: forms.BaseForm, error: RuleError) -> None:
    """Shows a refusal on the form, which keeps what was typed."""
    form.add_error(None, str(error.message))


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    service_area = LocalChoiceField(ServiceArea.objects.all(), label=_("Service area"))

    class Meta:
        model = Unit
        fields = ("code", "name_fi", "name_sv", "service_area", "cost_centre", "place", "is_active")
        widgets = {
            "code": forms.TextInput(attrs={"size": 12, "autocomplete": "off"}),
            "cost_centre": forms.TextInput(attrs={"size": 12, "autocomplete": "off"}),
        }
        labels = {
            "code": _("Code"),
            "name_fi": _("Name in Finnish"),
            "name_sv": _("Name in Swedish"),
            "cost_centre": _("Cost centre"),
            "place": _("Usual place"),
            "is_active": _("In use: the unit can order"),
        }


class PersonForm(forms.Form):
    """A person by e-mail: an account that exists, or a new one."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The person signs in with this address. An account that exists is used."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    first_name = forms.CharField(label=_("First name"), max_length=80, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=80, required=False)
    phone = forms.CharField(
        label=_("Telephone"), max_length=40, required=False, widget=forms.TextInput(attrs={"size": 18})
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices, initial=Language.FI)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        email = data.get("email", "").strip().lower()
        known = User.objects.filter(email__iexact=email).first() if email else None
        if email and known is None:
            for name in ("first_name", "last_name"):
                if not data.get(name):
                    self.add_error(name, _("Nobody has this address yet, so the name is needed."))
        data["known"] = known
        return data


class GrantForm(PersonForm):
    """A role in a unit for a person, from a day to a day (both included)."""

    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, role.label) for role in Role if role in UNIT_ROLES])
    from_day = DayField(label=_("From"), required=False, help_text=_("For example 2.4.2026. Empty: from now on."))
    to_day = DayField(label=_("Last day"), required=False, help_text=_("Empty: until it is ended."))

    field_order = ("role", "email", "first_name", "last_name", "phone", "language", "from_day", "to_day")


class CountyGrantForm(GrantForm):
    """A role of the county."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, role.label) for role in Role if role not in UNIT_ROLES and role != Role.EXPERT],
    )


class HandOverForm(PersonForm):
    """The successor of the named employee."""

    field_order = ("email", "first_name", "last_name", "phone", "language")


class ServiceAreaForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    class Meta:
        model = ServiceArea
        fields = ("code", "name_fi", "name_sv")
        widgets = {"code": forms.TextInput(attrs={"size": 12, "autocomplete": "off"})}
        labels = {"code": _("Code"), "name_fi": _("Name in Finnish"), "name_sv": _("Name in Swedish")}


class ClosingDayForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    day = DayField(label=_("Day"), help_text=_("For example 2.4.2026."))

    class Meta:
        model = ClosingDay
        fields = ("day", "reason")
        labels = {"reason": _("Why")}


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for the checker only
    valid_from = DayField(
        label=_("From"), help_text=_("For example 1.1.2027. Sessions agreed before stay as they are.")
    )
    cancellation_time = ClockField(label=_("At"), initial=time(15), help_text=_("For example 15.00."))

    class Meta:
        model = Policy
        fields = (
            "valid_from",
            "cancellation_basis",
            "cancellation_time",
            "list_due_day",
            "pay_day_moves",
            "decision",
        )
        widgets = {
            "cancellation_basis": forms.RadioSelect,
            "list_due_day": forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
        }
        labels = {
            "cancellation_basis": _("Free cancellation until"),
            "list_due_day": _("Hour lists are due on this day of the next month"),
            "pay_day_moves": _("When the last day of the month is no banking day, pay on the banking day before"),
            "decision": _("Decision"),
        }
