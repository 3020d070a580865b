"""Questions about orders, offers and sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery

from office.choices import ORDERERS, Role
from office.spans import MeetsOne

if TYPE_CHECKING:
    from assignments.models import CoordinationMeeting, Offer, Order, Process, Session
    from office.models import User

Times = Sequence[tuple[datetime, datetime]]


def _own(user: "User") -> Subquery:
    """The key of the person's own record as an expert: a value, so that each side of an "or" can use its index."""
    from experts.models import Expert  # noqa: PLC0415 - models import querysets

    return Subquery(Expert.objects.filter(user=user).order_by().values("pk")[:1])


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, user: "User") -> "OrderQuerySet":
        """The coordinator all, unit people their unit's, an expert those offered to or agreed with them."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(unit__in=user.holdings.units_as(*ORDERERS))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert=_own(user), state__in=["offered", "agreed"])
        return self.filter(seen)

    def drafts_of(self, user: "User") -> "OrderQuerySet":
        """What the person has begun and may still send, the newest first."""
        return self.visible_to(user).filter(orderer=user, state="draft", lead=None).order_by("-pk")


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, user: "User") -> "OfferQuerySet":
        """The coordinator all, unit people their unit's, an expert their own."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(order__unit__in=user.holdings.units_as(*ORDERERS))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert=_own(user), answer_by__gt=F("sent_at"))  # whoever waits for a turn knows nothing of it
        return self.filter(seen)


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, user: "User") -> "SessionQuerySet":
        """The coordinator all, unit people their unit's, an expert their own agreed ones. Finance none."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(unit__in=user.holdings.units_as(*ORDERERS))
        if user.has_role(Role.EXPERT):
            seen |= Q(expert=_own(user), state__in=["agreed", "closed"])
        return self.filter(seen)

    def taking_time(self) -> "SessionQuerySet":
        """Sessions in which the expert is or was busy."""
        from assignments.states import TOOK_PLACE  # noqa: PLC0415 - states import choices only, kept beside its use

        return self.filter(Q(state="agreed") | Q(state="closed", outcome__in=[str(o) for o in TOOK_PLACE]))

    def agreed_or(self, open_orders: "models.QuerySet[Order]") -> "SessionQuerySet":
        """Sessions that were agreed, whatever became of them, and planned ones of these orders.

        The order is asked for planned ones only: the others are found, and counted, by the index of the time alone.
        """
        planned = Q(state="planned") & Q(Exists(open_orders.filter(pk=OuterRef("order"))))
        return self.filter(Q(state__in=["agreed", "closed"]) | planned)

    def at_times(self, times: Times) -> "SessionQuerySet":
        """Sessions that overlap one of the times (UTC, half-open), by the index of the beginning."""
        from assignments.models.sessions import LONGEST  # noqa: PLC0415 - models import querysets

        rows = [(starts_at - LONGEST, ends_at, starts_at) for starts_at, ends_at in times]
        return self.filter(MeetsOne("{0} > %s AND {0} < %s AND {1} > %s", ("starts_at", "ends_at"), rows))

    def overlapping(self, starts_at: datetime, ends_at: datetime) -> "SessionQuerySet":
        """Half-open: 9–10 and 10–11 do not overlap."""
        return self.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)

    def between(self, start: datetime, end: datetime) -> "SessionQuerySet":
        """Sessions that begin in the half-open interval."""
        return self.filter(starts_at__gte=start, starts_at__lt=end)


class ProcessQuerySet(models.QuerySet["Process"]):
    def visible_to(self, user: "User") -> "ProcessQuerySet":
        """The coordinator all, unit people their unit's, an expert the own ones."""
        if user.has_role(Role.COORDINATOR):
            return self
        seen = Q(order__unit__in=user.holdings.units_as(*ORDERERS))
        if user.has_role(Role.EXPERT):
            seen |= Q(order__expert__user=user)
        return self.filter(seen)


class CoordinationMeetingQuerySet(models.QuerySet["CoordinationMeeting"]):
    def visible_to(self, user: "User") -> "CoordinationMeetingQuerySet":
        """The coordinator all; unit people those about their unit, never one about all units."""
        if user.has_role(Role.COORDINATOR):
            return self
        return self.filter(unit__in=user.holdings.units_as(*ORDERERS))
