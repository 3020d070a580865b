"""What was changed in an order before it was confirmed, in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from assignments import texts
from assignments.models import Order
from office.choices import TASK_TYPES, WORK_LANGUAGES
from office.models import LogEntry

CHOICES: dict[str, Any] = {
    "kind": TASK_TYPES,
    "language": WORK_LANGUAGES,
    "travel_mode": Order.TravelMode.choices,
    "allowance": Order.Allowance.choices,
    "asking": Order.Asking.choices,
}


def _name_of(field: str) -> str:
    return {
        "kind": _("kind of work"), "task": _("task"), "language": _("language"), "place": _("place"),
        "remote": _("remotely"), "wish": _("wish"), "agreed_amount": _("agreed amount"),
        "fee_declined": _("without a fee"), "travel_km": _("kilometres"), "travel_mode": _("travel"),
        "travel_cap": _("tickets at most"), "allowance": _("allowance"), "unit": _("unit"),
        "topic": _("experience topic"), "expert": _("expert"),
        "contact_name": _("contact on the day"), "contact_phone": _("telephone of the contact"), "plan": _("plan"),
        "times": _("times"), "asking": _("how experts are asked"),
    }.get(field, field)  # fmt: skip


def _value_of(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in ("", None, []):
        return "–"
    if field == "times":
        return ", ".join(texts.span(*(datetime.fromisoformat(moment) for moment in pair)) for pair in value)
    if field in {"agreed_amount", "travel_cap"}:
        return texts.money(value)
    if field == "travel_km":
        return f"{texts.kilometres(value)} km"
    return str(dict(CHOICES[field]).get(value, value)) if field in CHOICES else f"“{value}”"


def describe_edits(edits: Mapping[str, Sequence[Any]]) -> list[str]:
    """What was changed in an order, a line for each answer: "place: “A” → “B”"."""
    return [
        f"{_name_of(name)}: {_value_of(name, old)} → {_value_of(name, new)}"
        if old != new or old is True
        else _name_of(name)
        for name, (old, new) in edits.items()
    ]


def changed(entry: LogEntry) -> str:
    """The row of the history: what was changed before it was confirmed."""
    words = _("changed the order before it was confirmed")
    edits = describe_edits(entry.facts.get("changes", {}))
    return f"{words}: {'; '.join(edits)}" if edits else words
