"""What the named employee changed in an order before confirming it: shown to whoever ordered (R1, R4)."""

from typing import Any

from assignments.actions.plans import plan_values
from assignments.models import Order
from assignments.states import SessionState
from office.models import LogEntry

#: Told with old and new value. The topic is told as changed only: the log holds nothing sensitive.
TOLD = (
    "kind", "task", "language", "place", "remote", "wish", "agreed_amount", "fee_declined", "travel_km", "travel_mode",
    "travel_cap", "allowance", "contact_name", "contact_phone",
)  # fmt: skip
ONLY_THAT = ("unit", "topic", "expert", "plan")
HIDDEN = "…"

Conditions = dict[str, Any]


def conditions_of(order: Order) -> Conditions:
    """The answers of an order as plain values."""
    found: Conditions = {name: getattr(order, name) for name in TOLD}
    found = {
        name: value if isinstance(value, bool) else "" if value is None else str(value) for name, value in found.items()
    }
    found |= {name: getattr(order, f"{name}_id") for name in ONLY_THAT if name != "plan"}
    found["plan"] = plan_values(order)
    times = order.sessions.filter(state=SessionState.PLANNED).order_by("starts_at").values_list("starts_at", "ends_at")
    found["times"] = [[start.isoformat(), end.isoformat()] for start, end in times]
    return found


def difference(before: Conditions, after: Conditions) -> dict[str, list[Any]]:
    """What is another by now: name → [old, new]."""
    changed = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    return {name: [HIDDEN, HIDDEN] if name in ONLY_THAT else values for name, values in changed.items()}


def edits_of(order: Order) -> dict[str, list[Any]]:
    """What was changed since the order was last sent to be confirmed: name → [as it was sent, as it is now]."""
    edits: dict[str, list[Any]] = {}
    for entry in LogEntry.objects.of(order):
        if entry.kind in {"order.submit", "order.change"}:
            edits = {}
        elif entry.kind == "order.changed":
            for name, (old, new) in entry.facts.get("changes", {}).items():
                edits[name] = [edits[name][0] if name in edits else old, new]
    return {name: values for name, values in edits.items() if name in ONLY_THAT or values[0] != values[1]}
