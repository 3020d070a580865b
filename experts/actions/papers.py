"""Tax cards and papers seen (R21)."""

from datetime import date, datetime

from experts.actions.common import coordinator_only
from experts.models import Expert, TaxCard
from office.actions import log
from office.models import User
from office.saving import readable


def note_tax_card(
    expert: Expert, *, year: int, kind: str, delivered_on: date | None, by: User, at: datetime
) -> TaxCard:
    """Notes that the tax card of the year was delivered to the payroll house (R21); nothing of the card is kept."""
    if expert.user_id != by.pk:
        coordinator_only(by)
    with readable():
        card, _made = TaxCard.objects.update_or_create(
            expert=expert, year=year, kind=kind, defaults={"delivered_on": delivered_on, "noted_by": by}
        )
        log("expert.tax_card", expert, by=by, at=at, year=year, card=kind, delivered=delivered_on is not None)
    return card
