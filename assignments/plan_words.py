"""The plan of an order in words: the same for the unit, the expert and paper."""

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assignments import texts
from assignments.actions.plans import plan_of
from assignments.models import Order, OrderPlan
from assignments.plans import ASKED
from office import formats

#: Labels on the pages, by field.
LABELS: dict[str, str | Promise] = {
    "goal": gettext_lazy("Goal"),
    "meetings": gettext_lazy("Meetings"),
    "more_reason": gettext_lazy("Why more than three meetings"),
    "spacing": gettext_lazy("How often"),
    "first_joint": gettext_lazy("First meeting"),
    "contact_way": gettext_lazy("Keeping in touch"),
    "co_leader": gettext_lazy("Leads together with"),
    "preparation_minutes": gettext_lazy("Planning together"),
    "end_reasons": gettext_lazy("Reasons to end earlier"),
    "theme": gettext_lazy("Theme"),
    "audience": gettext_lazy("Audience"),
    "audience_size": gettext_lazy("How many listeners"),
    "equipment": gettext_lazy("Equipment"),
}

WORDS: dict[str, Callable[[OrderPlan], str]] = {
    "spacing": lambda plan: plan.get_spacing_display(),
    "first_joint": lambda plan: (
        _("held together: client, expert and employee") if plan.first_joint else _("client and expert")
    ),
    "preparation_minutes": lambda plan: formats.hours(plan.preparation_minutes),
}


def plan_facts(order: Order) -> list[tuple[str, str]]:
    """Label and words of each answer of the order's kind of work; what is empty is left out."""
    plan = plan_of(order)
    if plan is None:
        return []
    facts: list[tuple[str, str]] = []
    if plan.first_day and plan.last_day and "first_day" in ASKED[order.kind]:
        facts.append((_("Period"), f"{texts.day(plan.first_day)} – {texts.day(plan.last_day)}"))
    for name in ASKED[order.kind]:
        value: Any = getattr(plan, name)
        if name in LABELS and (value or (name == "first_joint" and plan.meetings)):
            facts.append((str(LABELS[name]), WORDS[name](plan) if name in WORDS else str(value)))
    return facts
