"""What hangs on an expert, read for many at once: as the cells of the registry's sheet need it."""

from collections import defaultdict
from datetime import date
from typing import Any

from experts.models import Contract, Expert, ExpertTopic, TaxCard


def equip(experts: list[Expert], today: date) -> list[Expert]:
    """Sets ``sheet_…`` on each: topics (codes), areas (ids), contract of today (else the last one), tax card.

    Four queries for all of them.
    """
    pks = [expert.pk for expert in experts if expert.pk is not None]
    topics = (
        _by_expert(ExpertTopic.objects.filter(expert__in=pks).order_by("topic__name_fi"), "topic__code") if pks else {}
    )
    areas = (
        _by_expert(Expert.areas.through._default_manager.filter(expert__in=pks).order_by("area__name_fi"), "area_id")
        if pks
        else {}
    )
    cards = TaxCard.objects.filter(expert__in=pks, kind=TaxCard.Kind.NON_WAGE, delivered_on__isnull=False)
    years = _by_expert(cards, "year") if pks else {}
    contracts: dict[int, list[tuple[date, date | None]]] = defaultdict(list)
    if pks:
        signed = Contract.objects.filter(expert__in=pks, state__in=Contract.HOLDING).order_by("valid_from")
        for expert, begins, ends in signed.values_list("expert_id", "valid_from", "valid_to"):
            contracts[expert].append((begins, ends))
    made: Any
    for made in experts:
        made.sheet_topics = list(topics.get(made.pk, ()))
        made.sheet_areas = list(areas.get(made.pk, ()))
        made.sheet_years = years.get(made.pk, [])
        made.sheet_year = max(made.sheet_years, default=None)
        made.sheet_state = made.state_on(today)
        made.sheet_contracts = contracts.get(made.pk, [])
        made.sheet_from, made.sheet_to = _shown(made.sheet_contracts, today)
    return experts


def _by_expert(rows: Any, column: str) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for expert, value in rows.values_list("expert_id", column):
        found[expert].append(value)
    return found


def _shown(contracts: list[tuple[date, date | None]], today: date) -> tuple[date | None, date | None]:
    """The contract of today, else the one that begins last."""
    now = [(begins, ends) for begins, ends in contracts if begins <= today and (ends is None or ends >= today)]
    shown = now or contracts[-1:]
    return shown[0] if shown else (None, None)
