"""What the actions share: one transaction with readable refusals, and what must be true before an order is asked."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError
from django.utils.translation import gettext as _

from assignments import texts
from assignments.actions.conditions import Conditions
from assignments.actions.free import check_expert, check_future, check_present, check_times, planned, spans
from assignments.models import Order, Session
from assignments.pairs import other_of
from assignments.rules import (
    RuleError,
)
from experts.models import Expert
from feetables.rules import FeeError
from office.actions import one_log
from office.errors import Conflict, Refused
from office.saving import readable
from office.validators import has_identity_code
from office.workdays import local_date

P = ParamSpec("P")
R = TypeVar("R")

DEADLOCK = "40P01"


def act(function: Callable[P, R]) -> Callable[P, R]:
    """An action: one transaction; what the rules or the database refuse is Refused in words, and nothing is left."""

    @wraps(function)
    def acting(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with readable(), one_log():
                return function(*args, **kwargs)
        except (RuleError, FeeError) as error:
            raise Refused(texts.describe_refusal(error)) from error
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") == DEADLOCK:
                raise Conflict(_("Somebody else changed this at the same moment. Try again.")) from error
            raise

    return acting


def no_codes(*written: str) -> None:
    """No personal identity code in any free text, whoever brings it."""
    if any(has_identity_code(text) for text in written):
        raise Refused(_("This looks like a personal identity code. Write nothing by which a person can be recognised."))


def travel_agreed(mode: str, km: Decimal | None, cap: Decimal | None) -> tuple[str, Decimal | None, Decimal | None]:
    """How the expert travels, as agreed beforehand: by car so many kilometres, or by ticket up to a cap in euros."""
    if mode == Order.TravelMode.TICKET:
        if not cap or cap <= 0:
            raise Refused(_("Agree on how much tickets cost at most, in euros."))
        return mode, None, cap
    return (Order.TravelMode.CAR, km, None) if km else ("", None, None)


def allowance_agreed(allowance: str, mode: str) -> str:
    """The allowance that goes with an agreed journey. Refused without one."""
    if allowance and not mode:
        raise Refused(_("An allowance goes with a journey: agree on the travel too."))
    return allowance


def check_other(order: Order, expert: Expert) -> None:
    """Nobody is both experts of a group. Raises Refused."""
    other = other_of(order)
    if other is not None and (
        other.expert_id == expert.pk
        or other.offers.filter(expert=expert, state__in=["queued", "waiting", "can", "accepted"]).exists()
    ):
        raise Refused(_("%(expert)s is the other one of the two experts already.") % {"expert": expert.short_name})


def check_orderable(order: Order, at: datetime, expert: Expert | None) -> list[Session]:
    """What must be true of an order before it is asked of anybody; returns its times. Raises Refused.

    Times in the future and in order, a fee (and kilometre allowance) for each by the table of its day, the agreed
    amount inside its range; with an expert also contract and free time.
    """
    sessions = planned(order)
    if not sessions:
        raise Refused(_("The order has no times yet."))
    times = spans(sessions)
    check_times(times)
    check_future(times, at)
    conditions = Conditions()
    conditions.read_policies(starts_at for starts_at, _ends_at in times)
    for starts_at, ends_at in times:
        conditions.agreement(order, starts_at, ends_at, at, expert)
    if expert is not None:
        if expert.state_on(local_date(at)) != Expert.State.ACTIVE:
            raise Refused(_("%(expert)s does not take orders now.") % {"expert": expert.short_name})
        check_other(order, expert)
        check_expert(expert, order.kind, times)
        check_present(expert, times)
    return sessions
