"""What a session pays by other terms than those it was agreed with: the engine on the stored facts. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from assignments.rules import BY_OUTCOME, Consequence, Outcome, Pays, consequence, minutes
from feetables.rules import Terms


@dataclass(frozen=True, slots=True)
class Work:
    """The facts of a session, by the names of its fields. An agreed one without an outcome counts as held."""

    kind: str
    outcome: str
    starts_at: datetime
    ends_at: datetime
    done_starts_at: datetime | None
    done_ends_at: datetime | None
    agreed_amount: Decimal | None
    fee_declined: bool
    travel_km: Decimal | None
    done_km: Decimal | None
    receipts: Decimal | None
    travel_cap: Decimal | None


#: The fields that ``Work`` is read from.
FACTS = tuple(Work.__dataclass_fields__)


def priced(work: Work, terms: Sequence[Terms], travel: Terms | None) -> Consequence:
    """What the work pays by these terms. `travel` is the price of a kilometre, None when no travel was agreed.

    An amount agreed on the order stays when the terms have a range. Raises FeeError and RuleError.
    """
    verdict = BY_OUTCOME[Outcome(work.outcome or Outcome.HELD)]
    done = None
    if verdict.pays is Pays.DONE:
        done = minutes(work.done_starts_at or work.starts_at, work.done_ends_at or work.ends_at)
    ranged = any(item.amount_max is not None for item in terms)
    return consequence(
        verdict,
        terms=terms,
        agreed_minutes=minutes(work.starts_at, work.ends_at),
        done_minutes=done,
        agreed_amount=work.agreed_amount if ranged else None,
        fee_declined=work.fee_declined,
        travel_terms=travel,
        travel_km_agreed=work.travel_km,
        travel_km_made=work.done_km if work.outcome else work.travel_km,
        receipts=work.receipts,
        travel_cap=work.travel_cap,
    )
