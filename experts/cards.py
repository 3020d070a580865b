"""Who needs which tax card, and who lacks one (R21, R22). One question for the overview, the tasks and the own page."""

from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from experts.models import Contract, Expert, SeenPaper, TaxCard
from feetables.models import FeeItem, FeeTable

#: Income types of the incomes register that begin so are wages (R22).
WAGES = "2"
#: What ends in this time is told to the coordinator.
SOON = timedelta(days=60)
#: From this month on the card of the next year is asked for.
DECEMBER = 12


def _flag(condition: Q | Combinable) -> Case:
    return Case(When(condition, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())


def lacks(year: int, today: date) -> dict[str, Any]:
    """Annotations of experts: ``lacks_wage`` and ``lacks_non_wage`` for the year as seen today.

    A card is needed by whoever has a signed contract on some day of the year from today on: for wages when the fee
    table pays one of the contract's kinds of work as wages, for non-wage compensation when it pays one otherwise. While
    no approved table holds, nobody knows which: then any card of the year will do.
    """
    first, last = max(today, date(year, 1, 1)), date(year, 12, 31)
    tables = FeeTable.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=first), state=FeeTable.State.APPROVED, valid_from__lte=first
    )
    contracts = Contract.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=first),
        expert=OuterRef("pk"),
        state__in=[Contract.State.IN_FORCE, Contract.State.ENDED],
        valid_from__lte=last,
    )
    paid = FeeItem.objects.filter(table__in=tables, purpose=FeeItem.Purpose.SESSION, kinds__overlap=OuterRef("kinds"))
    wages = paid.filter(income_type__startswith=WAGES)
    other = paid.exclude(income_type__startswith=WAGES)
    cards = TaxCard.objects.filter(expert=OuterRef("pk"), year=year, delivered_on__isnull=False)
    unknown = ~Exists(tables) & Exists(contracts) & ~Exists(cards)
    known = Exists(tables)
    lacks_wage = known & Exists(contracts.filter(Exists(wages))) & ~Exists(cards.filter(kind=TaxCard.Kind.WAGE))
    paid_otherwise = Exists(contracts.filter(Exists(other) | ~Exists(wages)))
    lacks_other = known & paid_otherwise & ~Exists(cards.filter(kind=TaxCard.Kind.NON_WAGE))
    return {"lacks_wage": _flag(lacks_wage | unknown), "lacks_non_wage": _flag(lacks_other | unknown)}


def lacking(experts: QuerySet[Expert], year: int, today: date, kind: str = "") -> QuerySet[Expert]:
    """Those who have not left and lack a card of the year (of the kind), with the two marks of ``lacks``."""
    marked = experts.exclude(state=Expert.State.ENDED).annotate(**lacks(year, today))
    if kind:
        return marked.filter(**{f"lacks_{kind}": True})
    return marked.filter(Q(lacks_wage=True) | Q(lacks_non_wage=True))


def kinds_lacked(expert: Any) -> list[TaxCard.Kind]:
    """The kinds of card that an expert with the marks lacks."""
    return [kind for kind in TaxCard.Kind if getattr(expert, f"lacks_{kind}")]


def yel_ending(experts: QuerySet[Expert], today: date) -> list[Expert]:
    """Experts with a contract today whose latest YEL certificate runs out within 60 days, or has run out."""
    latest = SeenPaper.objects.filter(expert=OuterRef("pk"), kind=SeenPaper.Kind.YEL).order_by("-shown_on", "-pk")
    covered = Contract.objects.covering(today)
    found = experts.exclude(state=Expert.State.ENDED).filter(contracts__in=covered)
    marked = found.annotate(yel_until=Subquery(latest.values("valid_to")[:1]))
    return list(marked.filter(yel_until__lte=today + SOON).order_by("yel_until", "last_name", "pk"))
