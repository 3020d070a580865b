"""Numbers for Prometheus: counts and ages only, nothing about people. Each app adds its own in ``metrics.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from office.choices import MessageState
from office.health import ago, last_tick, oldest_unsent
from office.models import OutboxMessage

#: A value for each value of the label ("" where the gauge has none); None is left out.
Values = Iterable[tuple[str, int | float | None]]


@dataclass(frozen=True)
class Gauge:
    """A number that goes up and down."""

    name: str
    help: str
    label: str
    read: Callable[[datetime], Values]


GAUGES: dict[str, Gauge] = {}


def gauge(name: str, help_text: str, read: Callable[[datetime], Values], *, label: str = "") -> None:
    """Registers ``erfa_<name>``; one query a gauge."""
    GAUGES[name] = Gauge(f"erfa_{name}", help_text, label, read)


def by_state(rows: QuerySet, states: Iterable[str]) -> Values:  # type: ignore[type-arg]  # of any model
    """How many are in each state, those with none too (one query)."""
    count = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    return [(str(state), count.get(state, 0)) for state in states]


def text(*, at: datetime) -> str:
    """All gauges in the text format of Prometheus 0.0.4."""
    lines = []
    for one in GAUGES.values():
        values = [(label, value) for label, value in one.read(at) if value is not None]
        if values:
            lines += [f"# HELP {one.name} {one.help}", f"# TYPE {one.name} gauge"]
        for label, value in values:
            name = f'{one.name}{{{one.label}="{label}"}}' if one.label else one.name
            lines.append(f"{name} {value}")
    return "\n".join(lines) + "\n"


gauge(
    "messages",
    "Messages by state.",
    lambda _at: by_state(OutboxMessage.objects.all(), MessageState.values),
    label="state",
)
gauge(
    "messages_perhaps_sent",
    "Messages that may have arrived twice: the mail server had them and its answer never came.",
    lambda _at: [("", OutboxMessage.objects.filter(perhaps_sent=True).count())],
)
gauge(
    "oldest_unsent_message_seconds",
    "How long the oldest message that is due has waited; 0 when none does.",
    lambda at: [("", ago(oldest_unsent(at=at), at) or 0)],
)
gauge("last_tick_seconds", "How long ago the clock ticked.", lambda at: [("", ago(last_tick(), at))])
