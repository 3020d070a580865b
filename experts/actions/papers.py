"""Tax cards and papers seen (R21)."""

from collections.abc import Collection
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from experts.actions.common import coordinator_only
from experts.models import Expert, SeenPaper, TaxCard
from office.actions import log
from office.errors import Refused
from office.models import User
from office.saving import readable, save
from office.workdays import local_date


def _not_ahead(day: date | None, at: datetime) -> None:
    if day is not None and day > local_date(at):
        raise Refused(_("This day is in the future."))


def note_tax_card(
    expert: Expert, *, year: int, kind: str, delivered_on: date | None, by: User, at: datetime
) -> TaxCard:
    """Notes that the tax card of the year was delivered to the payroll house (R21); nothing of the card is kept."""
    if expert.user_id != by.pk:
        coordinator_only(by)
    _not_ahead(delivered_on, at)
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)  # a second click waits, and finds it noted
        same = TaxCard.objects.filter(expert=expert, year=year, kind=kind, delivered_on=delivered_on).first()
        if same is not None:
            return same
        card, _made = TaxCard.objects.update_or_create(
            expert=expert, year=year, kind=kind, defaults={"delivered_on": delivered_on, "noted_by": by}
        )
        log("expert.tax_card", expert, by=by, at=at, year=year, card=kind, delivered=delivered_on is not None)
    return card


def note_tax_cards(cards: Collection[tuple[int, str]], *, year: int, delivered_on: date, by: User, at: datetime) -> int:
    """Notes many cards of a year as delivered: (id of the expert, kind). Gives how many were not noted before.

    What is noted already stays as it is, so a second click is harmless.
    """
    coordinator_only(by)
    _not_ahead(delivered_on, at)
    with readable():
        experts = Expert.objects.select_for_update().filter(pk__in={pk for pk, _kind in cards}).order_by("pk").in_bulk()
        there = TaxCard.objects.filter(expert__in=experts, year=year, delivered_on__isnull=False)
        noted = set(there.values_list("expert_id", "kind"))
        new = sorted((pk, kind) for pk, kind in set(cards) - noted if pk in experts)
        TaxCard.objects.bulk_create(
            [TaxCard(expert_id=pk, year=year, kind=kind, delivered_on=delivered_on, noted_by=by) for pk, kind in new],
            update_conflicts=True,
            unique_fields=["expert", "year", "kind"],
            update_fields=["delivered_on", "noted_by"],
        )
        for pk, kind in new:
            log("expert.tax_card", experts[pk], by=by, at=at, year=year, card=kind, delivered=True)
    return len(new)


def remove_tax_card(card: TaxCard, *, by: User, at: datetime) -> None:
    """Takes back a note that was a mistake. A second click is harmless."""
    coordinator_only(by)
    with readable():
        removed, _rows = TaxCard.objects.filter(pk=card.pk).delete()
        if removed:
            log("expert.tax_card", card.expert, by=by, at=at, year=card.year, card=card.kind, delivered=False)


def note_seen_paper(
    expert: Expert, *, kind: str, shown_on: date, valid_to: date | None, by: User, at: datetime
) -> SeenPaper:
    """Notes that a paper was shown and given back; no copy is kept. The same paper of the same day is noted once."""
    coordinator_only(by)
    _not_ahead(shown_on, at)
    if kind != SeenPaper.Kind.YEL and valid_to is not None:
        raise Refused(_("Only a YEL certificate has a last day."))
    with readable():
        Expert.objects.select_for_update().get(pk=expert.pk)
        paper = SeenPaper.objects.filter(expert=expert, kind=kind, shown_on=shown_on).first()
        if paper is not None and paper.valid_to == valid_to:
            return paper
        paper = paper or SeenPaper(expert=expert, kind=kind, shown_on=shown_on)
        paper.valid_to, paper.seen_by = valid_to, by
        save(paper)
        log("expert.paper", expert, by=by, at=at, paper=kind, shown_on=shown_on.isoformat())
    return paper


def remove_seen_paper(paper: SeenPaper, *, by: User, at: datetime) -> None:
    """Removes a note that was a mistake. A second click is harmless."""
    coordinator_only(by)
    with readable():
        removed, _rows = SeenPaper.objects.filter(pk=paper.pk).delete()
        if removed:
            log("expert.paper_removed", paper.expert, by=by, at=at, paper=paper.kind)
