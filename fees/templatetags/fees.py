"""Words of fees and payment in templates."""

from django import template

from fees.texts import income_word

register = template.Library()
register.filter(income_word)
