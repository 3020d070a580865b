"""Forms of the search and of ordering: one for each step. Times, dates and amounts as people type them."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from assignments import texts
from assignments.find import Found, Wanted
from assignments.models import Order
from assignments.states import OrderState, Outcome, SessionState
from experts.choices import area_choices, topic_choices
from feetables.models import FeeItem
from feetables.rules import Basis, FeeError, event_amount
from feetables.texts import item_words
from office import formats
from office.choices import TASK_TYPES, WORK_LANGUAGES
from office.forms import ClockField, DayField, DecimalField, MoneyField, PlainText, Theirs, worded
from office.inputs import InputError, span
from office.models import Unit
from office.templatetags.erfa import localname
from office.workdays import DAY, at_wall_clock


class FindForm(forms.Form):
    """Search of experts: in the address, so that a search can be kept. Nothing is required."""

    WAYS = [("", _("Does not matter")), ("on_site", _("On site")), ("remote", _("Remotely"))]

    topic = forms.TypedChoiceField(label=_("Topic"), required=False, coerce=int, empty_value=None)
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("Any language")), *WORK_LANGUAGES]
    )
    kind = forms.ChoiceField(label=_("Kind of work"), required=False, choices=[("", _("Any kind")), *TASK_TYPES])
    way = forms.ChoiceField(label=_("Place"), required=False, choices=WAYS)
    area = forms.TypedChoiceField(label=_("Works in"), required=False, coerce=int, empty_value=None)
    day = DayField(label=_("Date"), required=False)
    start = ClockField(label=_("From"), required=False)
    end = ClockField(end=True, label=_("To"), required=False)

    def __init__(self, data: Any = None, *, at: datetime, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.at = at
        for bound in self.fields.values():
            bound.mark_optional = False  # type: ignore[attr-defined]  # read by the form templates
        self.fields["topic"].choices = topic_choices(empty=_("Any topic"))  # type: ignore[attr-defined]
        self.fields["area"].choices = area_choices(empty=_("Anywhere"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        day, start, end = (cleaned.get(name) for name in ("day", "start", "end"))
        cleaned["times"] = ()
        if self.errors:
            return cleaned
        if (start or end) and not day:
            self.add_error("day", _("Write the date too."))
        elif bool(start is not None) != bool(end is not None):
            self.add_error("end" if end is None else "start", _("Write both times: from and to."))
        elif day and start is not None and end is not None:
            try:
                cleaned["times"] = (span(day, start, end),)
            except InputError as error:
                self.add_error("end", worded(error))
        elif day:
            cleaned["times"] = ((at_wall_clock(day, time(0)), at_wall_clock(day + DAY, time(0))),)
        if any(ends_at <= self.at for _starts_at, ends_at in cleaned["times"]):
            self.add_error("day", _("This time has passed already."))
        return cleaned

    @property
    def wanted(self) -> Wanted:
        """What the valid form asks for."""
        found = self.cleaned_data
        return Wanted(
            topic_id=found["topic"],
            language=found["language"],
            kind=found["kind"],
            area_id=found["area"],
            remote={"": None, "on_site": False, "remote": True}[found["way"]],
            times=found["times"],
        )


class TheirChoice(Theirs, forms.TypedChoiceField):
    """One of the person's units, by its key."""


class WhatForm(forms.Form):
    """Step 1: where and what. The units are those in which the person may order."""

    unit = TheirChoice(label=_("Unit"), coerce=int)
    kind = forms.ChoiceField(label=_("Kind of work"), choices=[("", _("Choose")), *TASK_TYPES])
    task = PlainText(
        label=_("The task in one sentence"),
        max_length=200,
        help_text=_("Tell what the expert does. Write nothing by which a client can be recognised."),
    )
    topic = forms.TypedChoiceField(
        label=_("Experience topic"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Choose one when the expert should have lived through the same."),
    )
    language = forms.ChoiceField(label=_("Language of the work"), choices=WORK_LANGUAGES)

    def __init__(self, data: Any = None, *, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.units = {unit.pk: unit for unit in units}
        choices = [(unit.pk, localname(unit)) for unit in units]
        field = self.fields["unit"]
        if len(choices) == 1:
            field.widget = forms.HiddenInput()
            field.initial = choices[0][0]
        field.choices = choices if len(choices) == 1 else [("", _("Choose")), *choices]  # type: ignore[attr-defined]
        self.fields["topic"].choices = topic_choices(empty=_("No particular topic"))  # type: ignore[attr-defined]

    @property
    def chosen_unit(self) -> Unit:
        """The chosen unit of the valid form."""
        return self.units[self.cleaned_data["unit"]]


SUGGEST = "suggest"


class AreaForm(forms.Form):
    """Step 4: the area in which the expert works, in the address."""

    area = forms.ChoiceField(label=_("Works in"), required=False)

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["area"].choices = area_choices(empty=_("Anywhere"))  # type: ignore[attr-defined]
        self.fields["area"].mark_optional = False  # type: ignore[attr-defined]  # read by the form templates


class WhoForm(forms.Form):
    """Step 4: one of the experts who can, or a wish to the coordinator. Others are refused (P6)."""

    expert = forms.ChoiceField(
        label=_("Who"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an expert, or ask the coordinator to suggest one."),
            "invalid_choice": _("This expert cannot take the order at these times. Choose another one."),
        },
    )
    wish = PlainText(
        label=_("Wish to the coordinator"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example what matters in the expert. Write nothing by which a client can be recognised."),
    )

    def __init__(self, data: Any = None, *, found: Sequence[Found], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["expert"].choices = [  # type: ignore[attr-defined]
            (SUGGEST, _("Please suggest somebody")),
            *((str(expert.pk), expert.name) for expert in found),
        ]


def _allowed(item: FeeItem) -> str:
    """What an allowance pays: one on a day, so nothing of meetings."""
    return texts.money(item.amount) if item.basis == Basis.PER_MEETING else item_words(item)


class FeeForm(forms.Form):
    """Step 5: the amount when the fee table leaves it to be agreed, and the travel that is paid."""

    agreed_amount = MoneyField(label=_("Agreed amount for each time, €"))
    travel_mode = forms.ChoiceField(
        label=_("Travel"),
        required=False,
        choices=[
            ("", _("No travel is paid")),
            (Order.TravelMode.CAR.value, _("By car, by the kilometre")),
            (Order.TravelMode.TICKET.value, _("By public transport, with receipts")),
        ],
        widget=forms.RadioSelect,
    )
    travel_km = DecimalField(
        label=_("Agreed travel for each time, km"),
        required=False,
        max_digits=6,
        decimal_places=1,
        min_value=Decimal("0.1"),
        max_value=Decimal(2000),
        help_text=_("There and back, by car."),
    )
    travel_cap = MoneyField(
        label=_("Tickets for each time at most, €"),
        required=False,
        help_text=_("By public transport: what the receipts show is paid, at most this."),
    )

    allowance = forms.ChoiceField(
        label=_("Allowance for each journey"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("Agreed with the travel. One is paid on a day, when the journey is made."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        item: FeeItem | None,
        travel: FeeItem | None,
        allowances: Sequence[FeeItem] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        if travel is None or not allowances:
            del self.fields["allowance"]
        else:
            offered = [(one.limit, f"{localname(one)}: {_allowed(one)}") for one in allowances]
            self.fields["allowance"].choices = [("", _("No allowance")), *offered]  # type: ignore[attr-defined]
        if item is None or item.amount_max is None:
            del self.fields["agreed_amount"]
        else:
            self.item = item
            bounds = {"low": texts.money(item.amount), "high": texts.money(item.amount_max)}
            self.fields["agreed_amount"].help_text = _("The fee table says %(low)s–%(high)s.") % bounds
        if travel is None:
            for name in ("travel_mode", "travel_km", "travel_cap"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """The way of travelling and its measure belong together; one without the other is asked about."""
        found: dict[str, Any] = super().clean() or {}
        if "travel_mode" not in self.fields or {"travel_mode", "travel_km", "travel_cap"} & self.errors.keys():
            return found
        mode, km, cap = (found.get(name) for name in ("travel_mode", "travel_km", "travel_cap"))
        if found.get("allowance") and not mode:
            self.add_error("allowance", _("An allowance goes with a journey: agree on the travel too."))
        if mode == Order.TravelMode.CAR and not km:
            self.add_error("travel_km", _("Write how many kilometres are agreed."))
        elif mode == Order.TravelMode.TICKET and not cap:
            self.add_error("travel_cap", _("Write what tickets may cost at most."))
        elif not mode and km and not self._was("travel_km", km):
            self.add_error("travel_mode", _("There are kilometres below: choose by car, or empty them."))
        elif not mode and cap and not self._was("travel_cap", cap):
            self.add_error("travel_mode", _("There is a sum for tickets below: choose public transport, or empty it."))
        if mode != Order.TravelMode.CAR:
            found["travel_km"] = None
        if mode != Order.TravelMode.TICKET:
            found["travel_cap"] = None
        return found

    def _was(self, name: str, value: Decimal) -> bool:
        """Whether it stood there before: then the travel was taken away by choosing none."""
        return bool(self.initial.get("travel_mode")) and self.initial.get(name) == value

    def clean_agreed_amount(self) -> Decimal:
        """Inside the range of the fee table, both ends included."""
        amount: Decimal = self.cleaned_data["agreed_amount"]
        try:
            event_amount(self.item.terms, amount)
        except FeeError as error:
            raise ValidationError(texts.describe_refusal(error), code=error.code) from error
        return amount


class CheckForm(forms.Form):
    """Step 6: sending. What cannot be cancelled free of charge is said yes to (R15)."""

    late = forms.BooleanField(
        label=_("I know that they can no longer be cancelled free of charge"),
        error_messages={"required": _("Tick this to send the order, or change the times.")},
    )

    def __init__(self, data: Any = None, *, late: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if not late:
            del self.fields["late"]


class OrderFilter(forms.Form):
    """Filter of the list of orders."""

    q = forms.CharField(label=_("Task, orderer or unit"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *OrderState.choices])


class SessionFilter(forms.Form):
    """Filter of the list of sessions: a month (2026-10) and a state or outcome."""

    month = forms.ChoiceField(label=_("Month"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("All")),
            (SessionState.AGREED.value, SessionState.AGREED.label),
            (SessionState.PLANNED.value, SessionState.PLANNED.label),
            *Outcome.choices,
        ],
    )

    def __init__(self, data: Any = None, *, months: Sequence[date], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        language = translation.get_language() or "fi"
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            ("", _("All")),
            *((f"{month:%Y-%m}", formats.month_name(month, language)) for month in months),
        ]


class SuggestForm(forms.Form):
    """The coordinator's choice of an expert for an order, and until when the answer is asked."""

    expert = forms.ChoiceField(
        label=_("Who is asked"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose an expert."),
            "invalid_choice": _("This expert cannot take the order at these times. Choose another one."),
        },
    )
    answer_by = DayField(
        label=_("Answer at the latest on"), required=False, help_text=_("Empty: the usual time to answer.")
    )

    def __init__(self, data: Any = None, *, found: Sequence[Found], at: datetime, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.at = at
        self.fields["expert"].choices = [(str(expert.pk), expert.name) for expert in found]  # type: ignore[attr-defined]

    def clean_answer_by(self) -> datetime | None:
        """The end of the day (Helsinki), still to come."""
        day = self.cleaned_data["answer_by"]
        if day is None:
            return None
        moment = at_wall_clock(day + DAY, time(0)) - timedelta(minutes=1)
        if moment <= self.at:
            raise ValidationError(_("This day has passed already."), code="past")
        return moment


def initial_what(order: Order) -> dict[str, Any]:
    """What step 1 shows of a draft."""
    return {
        "unit": order.unit_id,
        "kind": order.kind,
        "task": order.task,
        "topic": order.topic_id or "",
        "language": order.language,
    }


class CancelForm(forms.Form):
    """Why an order is cancelled, when the person wants to say it."""

    reason = PlainText(label=_("Reason"), max_length=300, required=False)
