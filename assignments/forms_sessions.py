"""Forms of one session: what happened to it, and a new time for it."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assignments.models import Session
from assignments.rules import Event
from assignments.texts import money
from office.formats import local
from office.forms import ClockField, DayField, DecimalField, MoneyField, PlainText, worded
from office.inputs import InputError, done_span, span
from office.workdays import at_wall_clock

#: What is asked for each event; kilometres and receipts only when travel was agreed.
FIELDS: dict[Event, tuple[str, ...]] = {
    Event.HELD: ("start", "end", "change_reason", "done_km"),
    Event.ORDERER_CANCELLED: ("told_day", "told_clock", "told_by", "receipts"),
    Event.NO_SHOW: ("time_used_for", "done_km"),
    Event.NOBODY_CAME: ("time_used_for", "done_km"),
    Event.GROUP_ENDED: ("why", "change_reason", "told_day", "told_clock", "told_by"),
    Event.EXPERT_ILL: ("told_day", "told_clock", "told_by"),
    Event.EXPERT_CANCELLED: ("told_day", "told_clock", "told_by"),
    Event.SHORTENED: ("start", "end", "told_day", "told_clock", "told_by", "done_km"),
}


class ToldForm(forms.Form):
    """When it was told and by whom, when not now and not by the one who writes (R14)."""

    told_day = DayField(label=_("Day"), required=False)
    told_clock = ClockField(label=_("Time"), required=False)
    told_by = PlainText(
        label=_("Who told it?"),
        max_length=120,
        required=False,
        help_text=_("The employee or the expert who telephoned. Never a client."),
    )

    def clean_told(self, found: dict[str, Any]) -> None:
        """Day, time and name belong together; gives ``received_at``."""
        if "told_day" not in self.fields:
            return
        day, clock = found.get("told_day"), found.get("told_clock")
        if (day is None) != (clock is None) and not {"told_day", "told_clock"} & self.errors.keys():
            self.add_error("told_day" if day is None else "told_clock", _("Write both the day and the time."))
        elif day is not None and clock is not None:
            if not found.get("told_by") and "told_by" not in self.errors:
                self.add_error("told_by", _("Write who told it: both names are kept."))
            try:
                found["received_at"] = at_wall_clock(day, clock)
            except ValueError:
                self.add_error("told_clock", worded(InputError("skipped")))
        elif found.get("told_by") and not {"told_day", "told_clock"} & self.errors.keys():
            self.add_error("told_day", _("Write both the day and the time."))


class OutcomeForm(ToldForm):
    """What happened. ``expected_total`` is what the person saw it would pay, in euros (T1)."""

    why = forms.ChoiceField(label=_("Why does the group end?"), widget=forms.RadioSelect)
    start = ClockField(label=_("Began"))
    end = ClockField(end=True, label=_("Ended"))
    change_reason = PlainText(
        label=_("Why did the times change?"),
        max_length=300,
        required=False,
        help_text=_("Only when they are others than agreed. Nothing by which a client can be recognised."),
    )
    time_used_for = PlainText(
        label=_("What was the time used for?"),
        max_length=300,
        required=False,
        help_text=_("For example other work of the unit. Nothing by which a client can be recognised."),
    )
    done_km = DecimalField(
        label=_("Travelled, km"), max_digits=6, decimal_places=1, min_value=Decimal(0), required=False
    )
    receipts = MoneyField(
        label=_("Travel costs that are not refunded, €"),
        required=False,
        help_text=_("Only what was paid already and is not given back, with a receipt."),
    )
    expected_total = forms.DecimalField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, session: Session, event: Event, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.session, self.event = session, event
        wanted = {*FIELDS[event], "expected_total"}
        if session.travel_cap is not None:
            wanted = self._by_ticket(wanted, session.travel_cap)
        elif not session.travel_km:
            wanted -= {"done_km", "receipts"}
        for name in self.fields.keys() - wanted:
            del self.fields[name]
        if event is Event.GROUP_ENDED:
            self._ask_why()
        if event is Event.SHORTENED:
            self.initial.update({"start": local(session.starts_at).time()})
        if "done_km" in self.fields:
            self.initial["done_km"] = session.travel_km
        if event is Event.HELD:
            for name in ("start", "end"):
                self.fields[name].required = False
            self.initial.update({"start": local(session.starts_at).time(), "end": local(session.ends_at).time()})
            for field in self.fields.values():
                field.mark_optional = False  # type: ignore[attr-defined]  # read by the form templates

    def _by_ticket(self, wanted: set[str], cap: Decimal) -> set[str]:
        """Instead of kilometres the receipts are asked for, when the expert was there."""
        if "done_km" not in wanted:
            return wanted
        field = self.fields["receipts"]
        field.label = _("Tickets by the receipts, €")
        field.help_text = _("At most %(cap)s was agreed and is paid.") % {"cap": money(cap)}
        return wanted - {"done_km"} | {"receipts"}

    def _ask_why(self) -> None:
        """The reasons agreed beforehand, if there are any, or words of one's own."""
        plan = getattr(self.session.order, "plan", None)
        agreed = plan.end_reasons if plan is not None else ""
        choices: list[tuple[str, Any]] = [("compelling", _("A compelling reason"))]
        if agreed:
            choices.insert(0, ("agreed", _("A reason agreed beforehand: %(reasons)s") % {"reasons": agreed}))
        self.agreed_reasons = agreed
        self.fields["why"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["why"].error_messages["required"] = _("Choose why the group ends.")
        words = self.fields["change_reason"]
        words.label = _("In a few words")
        words.help_text = _("Needed for a compelling reason. Nothing by which a client can be recognised.")

    @property
    def asks_when(self) -> bool:
        """Whether it asks when it was told (R14)."""
        return "told_day" in self.fields

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        self.clean_told(found)
        self._clean_done(found)
        if self.event is Event.GROUP_ENDED:
            self._clean_why(found)
        return found

    def _clean_why(self, found: dict[str, Any]) -> None:
        if found.get("why") == "agreed" and not found.get("change_reason"):
            found["change_reason"] = self.agreed_reasons
        elif found.get("why") == "compelling" and not found.get("change_reason") and not self.errors:
            self.add_error("change_reason", _("Write why the group ends."))

    def _clean_done(self, found: dict[str, Any]) -> None:
        start, end = found.get("start"), found.get("end")
        if not isinstance(start, time) or not isinstance(end, time):
            return
        try:
            found["done"] = done_span((self.session.starts_at, self.session.ends_at), start, end)
        except InputError as error:
            self.add_error("end", worded(error))

    def facts(self) -> dict[str, Any]:
        """The arguments of actions.record_outcome."""
        found = self.cleaned_data
        names = (
            "received_at", "done", "change_reason", "time_used_for", "told_by", "done_km", "receipts", "expected_total",
        )  # fmt: skip
        return {name: found[name] for name in names if found.get(name) is not None}


class MoveForm(forms.Form):
    """A new time for a session."""

    day = DayField(label=_("Day"))
    start = ClockField(label=_("Begins"))
    end = ClockField(end=True, label=_("Ends"))
    reason = PlainText(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("The other side reads it. Nothing by which a client can be recognised."),
    )
    cancel_if_declined = forms.BooleanField(
        label=_("If the new time does not suit, the session is cancelled"), required=False
    )

    def __init__(self, data: Any = None, *, session: Session, by_expert: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.update({"start": local(session.starts_at).time(), "end": local(session.ends_at).time()})
        if by_expert:
            del self.fields["cancel_if_declined"]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        if all(found.get(name) is not None for name in ("day", "start", "end")):
            try:
                found["times"] = span(found["day"], found["start"], found["end"])
            except InputError as error:
                self.add_error("day" if error.code == "skipped" else "end", worded(error))
        return found

    @property
    def times(self) -> tuple[datetime, datetime]:
        """The proposed time in UTC, of the valid form."""
        found: tuple[datetime, datetime] = self.cleaned_data["times"]
        return found
