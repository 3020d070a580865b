"""Words for sessions in templates: ``{% load sessions %}``."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template

from assignments import texts
from assignments.models import Order
from assignments.pairs import other_of, short
from experts.models import Expert
from experts.seen import facts_for
from experts.shown import Shown, Stage, shown_name
from office.models import User

register = template.Library()


@register.filter
def outcome_words(session: texts.Told) -> str:
    """What happened and what it pays."""
    return texts.describe_outcome(session)


@register.filter
def price_words(price: Mapping[str, Any] | None) -> str:
    """Why a line pays what it pays, from its stored price."""
    return texts.describe_price(price)


@register.filter
def rule_words(rule: str) -> str:
    """The rule that decided."""
    return texts.describe_rule(rule)


@register.filter
def span(starts_at: datetime, ends_at: datetime) -> str:
    """``{{ session.starts_at|span:session.ends_at }}`` → ``to 2.4.2026 klo 10.00–11.00``."""
    return texts.span(starts_at, ends_at)


@register.filter
def seen_by(expert: Expert, reader: User) -> Shown:
    """What the reader sees of an expert who has accepted: ``{% with seen=session.expert|seen_by:user %}``."""
    return facts_for(reader, expert, Stage.AFTER)


@register.filter
def name_shown(expert: Expert) -> str:
    """The name that the unit may see of an expert who has accepted, for its mails."""
    return shown_name(expert, Stage.AFTER)


@register.filter
def km(value: Decimal | None) -> str:
    """Kilometres without needless zeros: 24, 12,5."""
    return "" if value is None else texts.kilometres(value)


@register.filter
def for_two(order: Order) -> bool:
    """Whether two experts are to do this together."""
    return other_of(order) is not None


@register.filter
def beside(order: Order) -> str:
    """The other one of two experts, by first name and initial; "" while nobody is chosen."""
    other = other_of(order)
    return short(other.expert) if other else ""
