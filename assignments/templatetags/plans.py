"""The plan of an order in templates: ``{% load plans %}``."""

from django import template

from assignments.models import Order
from assignments.plan_words import plan_facts

register = template.Library()


@register.filter
def plan_words(order: Order) -> list[tuple[str, str]]:
    """Label and words of each answer: ``{% for label, words in order|plan_words %}``."""
    return plan_facts(order)
