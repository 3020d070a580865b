"""Questions of the ground floor."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from office.choices import MessageState, Role

if TYPE_CHECKING:
    from office.models import Away, LogEntry, OutboxMessage, RoleGrant, Unit, User


class GrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, at: datetime) -> "GrantQuerySet":
        """Grants that hold at the moment ``at``: half-open."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at), valid_from__lte=at)


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, user: "User") -> "UnitQuerySet":
        """Coordinators and finance see all units, unit staff their own."""
        if user.has_role(Role.COORDINATOR, Role.FINANCE):
            return self
        return self.filter(id__in=user.holdings.units)


class MessageQuerySet(models.QuerySet["OutboxMessage"]):
    def visible_to(self, user: "User") -> "MessageQuerySet":
        """The coordinator sees all messages, everybody else those to themself."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(recipient=user)

    def due(self, at: datetime) -> "MessageQuerySet":
        return self.filter(state=MessageState.WAITING, due_at__lte=at)


class LogQuerySet(models.QuerySet["LogEntry"]):
    def of(self, *objects: models.Model) -> "LogQuerySet":
        """The history of the given objects, oldest first, with their actors (one query)."""
        wanted = Q(pk__in=[])
        for obj in objects:
            wanted |= Q(object_type=obj._meta.label_lower, object_id=obj.pk)
        return self.filter(wanted).select_related("actor", "on_behalf_of").order_by("id")


class AwayQuerySet(models.QuerySet["Away"]):
    def on(self, day: date) -> "AwayQuerySet":
        """Absences that hold on the day."""
        return self.filter(first_day__lte=day, last_day__gte=day)

    def visible_to(self, user: "User") -> "AwayQuerySet":
        """The coordinator sees all, everybody else the own ones."""
        return self if user.has_role(Role.COORDINATOR) else self.filter(user=user)
