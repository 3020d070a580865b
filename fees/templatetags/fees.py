"""Words of fees and payment in templates."""

from django import template

from assignments.texts import describe_price
from fees.texts import income_word

register = template.Library()
register.filter(income_word)
register.filter("why_paid", describe_price)
