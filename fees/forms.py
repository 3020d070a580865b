"""Forms of hours, checking and payment."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments import texts
from assignments.actions import EVENT_ROLES
from assignments.actions.people import acts_as
from assignments.models import Session
from assignments.rules import Event, possible_events
from fees.models import HourList
from office.forms import ClockField, DecimalField, PlainText, worded
from office.forms_rendering import ChoiceRow
from office.inputs import InputError, done_span
from office.kinds import TaskType
from office.models import User
from office.workdays import HELSINKI

AS_AGREED, CHANGED, NOT_HELD = "agreed", "changed", "not"

#: What an expert may say of a time that was not held as agreed.
WHY_NOT = (Event.NO_SHOW, Event.NOBODY_CAME, Event.EXPERT_ILL, Event.EXPERT_CANCELLED)


def choice_of(session: Session) -> str:
    """Which of the three choices a marked session has."""
    if not session.outcome:
        return ""
    if session.outcome != "held":
        return NOT_HELD
    agreed = (session.starts_at, session.ends_at)
    return AS_AGREED if (session.done_starts_at, session.done_ends_at) in {agreed, (None, None)} else CHANGED


class SessionForm(forms.Form):
    """How one agreed time went, by the expert: as agreed, changed (times and why), or not held (what happened)."""

    choice = forms.ChoiceField(
        label=_("How did it go?"),
        choices=[(AS_AGREED, _("As agreed")), (CHANGED, _("Changed")), (NOT_HELD, _("Did not happen"))],
        widget=ChoiceRow,
        required=False,
    )
    starts = ClockField(label=_("Began"), required=False)
    ends = ClockField(end=True, label=_("Ended"), required=False)
    reason = PlainText(label=_("Why did the times change?"), max_length=300, required=False)
    event = forms.ChoiceField(label=_("What happened?"), required=False)
    used_for = PlainText(
        label=_("What was the time used for?"),
        help_text=_("Nothing by which a client can be recognised."),
        max_length=300,
        required=False,
    )
    km = DecimalField(label=_("Travelled, km"), max_digits=6, decimal_places=1, min_value=Decimal(0), required=False)

    def __init__(self, session: Session, data: Any = None, *, by: User | None = None, typed: Any = None) -> None:
        """``typed``: what is being typed (a draft) instead of what is marked. ``by``: who writes."""
        self.session = session
        done = (session.done_starts_at or session.starts_at, session.done_ends_at or session.ends_at)
        held = session.outcome in {"", "held"}
        initial = {
            "choice": choice_of(session),
            "starts": done[0].astimezone(HELSINKI).time(),
            "ends": done[1].astimezone(HELSINKI).time(),
            "reason": session.change_reason,
            "event": "" if held else session.outcome,
            "used_for": session.time_used_for,
            "km": session.travel_km if session.done_km is None else session.done_km,
        }
        super().__init__(data, prefix=f"s{session.pk}", initial=initial | (typed or {}))
        possible = [event for event in possible_events(TaskType(session.kind)) if event in WHY_NOT]
        if by is not None:
            parts = acts_as(by, session.unit_id, session.expert)
            possible = [event for event in possible if EVENT_ROLES[event] & parts]
        words = [(event.value, texts.describe_event(event, own=True)) for event in possible]
        field = self.fields["event"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        field.choices = [("", "–"), *words]
        for name in ("choice", "starts", "ends", "reason", "event"):
            self.fields[name].mark_optional = False  # type: ignore[attr-defined]  # read by our field template
        if not session.travel_km:
            del self.fields["km"]

    def clean(self) -> dict[str, Any]:
        """What the choice needs is there."""
        found = super().clean() or self.cleaned_data
        choice = found.get("choice")
        if choice == CHANGED:
            for name in ("starts", "ends"):
                if found.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Write the time."))
            if found.get("starts") is not None and found.get("ends") is not None:
                try:
                    agreed = (self.session.starts_at, self.session.ends_at)
                    found["done"] = done_span(agreed, found["starts"], found["ends"])
                except InputError as error:
                    self.add_error("ends", worded(error))
            if not found.get("reason") and "reason" not in self.errors:
                self.add_error("reason", _("Say why the times changed."))
        elif choice == NOT_HELD and not found.get("event"):
            self.add_error("event", _("Say what happened."))
        return found

    @property
    def marks(self) -> dict[str, Any] | None:
        """The arguments of record_outcome, None while nothing is chosen."""
        found = self.cleaned_data
        choice = found.get("choice")
        if not choice:
            return None
        km = found.get("km")
        if choice == NOT_HELD:
            event = Event(found["event"])
            came = event in {Event.NO_SHOW, Event.NOBODY_CAME}
            return {"event": event, "time_used_for": found["used_for"] if came else "", "done_km": km if came else None}
        session = self.session
        agreed = (session.starts_at, session.ends_at)
        if choice == AS_AGREED:
            return {"event": Event.HELD, "done": agreed, "done_km": km}
        return {"event": Event.HELD, "done": found["done"], "change_reason": found["reason"], "done_km": km}

    @property
    def keeps_receipts(self) -> bool:
        """Whether tickets are paid by what is said now: then what the receipts came to stays."""
        came = self.cleaned_data.get("choice") in {AS_AGREED, CHANGED} or self.cleaned_data.get("event") in {
            Event.NO_SHOW,
            Event.NOBODY_CAME,
        }
        return came and self.session.travel_cap is not None

    @property
    def says_something_new(self) -> bool:
        """Whether what is said differs from what is marked."""
        marks = self.marks
        session = self.session
        if marks is None:
            return False
        if not session.outcome:
            return True
        event: Event = marks["event"]
        if event is not Event.HELD:
            km = marks["done_km"]
            return (event.value, marks["time_used_for"]) != (session.outcome, session.time_used_for) or (
                km is not None and km != session.done_km
            )
        was = (session.done_starts_at, session.done_ends_at, session.change_reason)
        now = (*marks["done"], marks.get("change_reason", ""))
        return session.outcome != "held" or was != now or (marks["done_km"] != session.done_km and "km" in self.fields)


class ReturnForm(forms.Form):
    """Returning a list: why, and which rows."""

    reason = PlainText(label=_("Why is the list returned?"), max_length=300)

    def __init__(self, hour_list: HourList, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = list(hour_list.rows.select_related("session"))
        for row in self.rows:
            self.fields[f"row-{row.pk}"] = PlainText(
                label=_("About %(time)s") % {"time": texts.span(row.session.starts_at, row.session.ends_at)},
                max_length=300,
                required=False,
            )

    @property
    def reasons(self) -> dict[int, str]:
        """HourRow id → reason."""
        return {row.pk: self.cleaned_data[f"row-{row.pk}"] for row in self.rows if self.cleaned_data[f"row-{row.pk}"]}


class CorrectionForm(forms.Form):
    """A plus or minus to a paid line."""

    amount = DecimalField(
        label=_("Plus or minus, €"), help_text=_("For example 25,00 or -25,00."), max_digits=9, decimal_places=2
    )
    reason = PlainText(label=_("Why?"), help_text=_("The expert sees this on the statement."), max_length=300)


class RejectForm(forms.Form):
    """Why the payroll house did not take the ticked lines."""

    reason = PlainText(
        label=_("Why did the payroll house reject the ticked lines?"),
        help_text=_("The expert sees this on the statement that pays them later."),
        max_length=300,
    )


class PayForm(forms.Form):
    """Marking a run as paid; before its pay day with a reason."""

    reason = PlainText(label=_("Why is it paid before the pay day?"), max_length=300)

    def __init__(self, *args: Any, early: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not early:
            del self.fields["reason"]
