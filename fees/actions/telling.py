"""Finance hears of every change to what a payment run has: nothing is mended in silence (L12)."""

from datetime import datetime
from decimal import Decimal

from fees.messages import RUN_CORRECTED
from fees.models import PaymentRun
from office import outbox
from office.choices import Role
from office.models import RoleGrant, User


def tell_finance(run: PaymentRun, lines: int, amount: Decimal, *, once: str, by: User, at: datetime) -> None:
    """That ``lines`` of runs that were made are corrected in the next one, by ``amount`` euros together."""
    grants = RoleGrant.objects.in_force(at).filter(role=Role.FINANCE, user__is_active=True).exclude(user=by)
    for grant in grants.select_related("user").order_by("user", "pk"):
        outbox.post(RUN_CORRECTED, grant.user, about=run, at=at, once=once, lines=lines, amount=amount)
