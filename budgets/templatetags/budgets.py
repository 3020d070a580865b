"""What the pages of budgets say."""

from datetime import date
from decimal import Decimal

from django import template
from django.utils import translation
from django.utils.safestring import SafeString

from budgets.rules import Level
from budgets.texts import LEVEL_LOOKS, LEVEL_WORDS
from office import formats
from office.templatetags.erfa import chip

register = template.Library()


@register.simple_tag
def level_chip(level: int) -> SafeString:
    """The warning level as word, sign and colour."""
    found = Level(level)
    tone, sign = LEVEL_LOOKS[found]
    return chip(found.name.lower(), LEVEL_WORDS[found], tone=tone, sign=sign)


@register.filter
def month_alone(value: date) -> str:
    """The month without its year: ``lokakuu``."""
    return formats.month_word(value, translation.get_language() or "fi")


@register.filter
def month_short(value: date) -> str:
    """Where there is little room: ``loka``, ``okt``, ``Oct``."""
    language = formats.known(translation.get_language() or "fi")
    word = formats.month_word(value, language)
    return word.removesuffix("kuu") if language == "fi" else word[:3]


@register.filter
def percent(value: Decimal | None) -> str:
    """``96,4 %``; a dash for nothing."""
    if value is None:
        return "–"
    language = translation.get_language() or "fi"
    told = formats.number(value, language, 1)
    return f"{told}%" if formats.known(language) == "en" else f"{told}{formats.NBSP}%"
