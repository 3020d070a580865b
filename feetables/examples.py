"""What an item would pay for some work, beside its form: counted by the engine."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from feetables.rules import Basis, FeeError, Price, Terms, price, travel
from office.formats import hours, number

#: Lengths that show a step and a minimum (minutes).
LENGTHS = (45, 110, 181)
JOURNEY = Decimal("38.5")


@dataclass(frozen=True, slots=True)
class Example:
    """Some work in words, and what it pays in euros."""

    work: str
    amount: Decimal


def examples(terms: Terms) -> list[Example]:
    """Two or three pieces of work that the item prices."""
    if terms.basis is Basis.PER_KM:
        km = number(JOURNEY, translation.get_language() or "fi")
        return [Example(_("%(km)s km") % {"km": km}, travel(terms, JOURNEY).amount)]
    if terms.basis is Basis.PER_MONTH:
        return [Example(_("the month, however many sessions"), terms.amount)]
    if terms.basis is Basis.PER_EVENT and terms.amount_max is not None:
        priced = [price(terms, 60, agreed) for agreed in (terms.amount, terms.amount_max)]
        return [
            Example(_("the lowest that can be agreed"), priced[0].amount),
            Example(_("the highest"), priced[1].amount),
        ]
    return [Example(hours(line.minutes_done), line.amount) for line in _lengths(terms)]


def _lengths(terms: Terms) -> list[Price]:
    lengths: tuple[int, ...] = LENGTHS
    if terms.basis is Basis.BY_DURATION:
        lengths = ((terms.over_minutes or 0) + 1, terms.up_to_minutes or (terms.over_minutes or 0) + 240)
    found = []
    for minutes in lengths:
        try:
            found.append(price(terms, minutes))
        except FeeError:
            continue
    return found
