"""Units, service areas, closing days and policies: their only writers."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from office.access import MANAGE_UNITS, allowed
from office.actions import log
from office.errors import Refused
from office.models import ClosingDay, Policy, ServiceArea, Unit, User
from office.saving import save
from office.workdays import local_date


def _may(by: User) -> None:
    if not allowed(by, MANAGE_UNITS):
        raise Refused(_("You may not do this."))


def _save(obj: models.Model, *, by: User, at: datetime, facts: Mapping[str, Any] | None = None) -> None:
    _may(by)
    kind = f"{obj._meta.model_name}.{'add' if obj.pk is None else 'change'}"
    with transaction.atomic():
        save(obj)
        log(kind, obj, by=by, at=at, **(facts or {}))


def save_unit(unit: Unit, *, by: User, at: datetime) -> None:
    """Adds or changes a unit. Refused with a sentence when the code is taken."""
    _save(unit, by=by, at=at)


def save_service_area(area: ServiceArea, *, by: User, at: datetime) -> None:
    """Adds or changes a service area (R30)."""
    _save(area, by=by, at=at)


def add_closing_day(closing: ClosingDay, *, by: User, at: datetime) -> None:
    """A day on which the office is closed. Deadlines already stored on sessions stay as they are (R13)."""
    _save(closing, by=by, at=at, facts={"day": closing.day.isoformat()})


def remove_closing_day(closing: ClosingDay, *, by: User, at: datetime) -> None:
    """The office is open after all. Stored deadlines stay."""
    _may(by)
    with transaction.atomic():
        log("closingday.remove", closing, by=by, at=at, day=closing.day.isoformat())
        closing.delete()


def add_policy(policy: Policy, *, by: User, at: datetime) -> None:
    """A new dated row of the county's rules. Refused when it would begin in the past: agreed work stays as agreed."""
    if policy.valid_from < local_date(at):
        raise Refused(_("Rules begin today or later: what was agreed by the old rules stays."))
    _save(policy, by=by, at=at, facts={"valid_from": policy.valid_from.isoformat()})


def remove_policy(policy: Policy, *, by: User, at: datetime) -> None:
    """Takes back a row that has not begun. Refused when it has."""
    _may(by)
    if _begun(policy.valid_from, at):
        raise Refused(_("These rules have begun. Add a new row instead."))
    with transaction.atomic():
        log("policy.remove", policy, by=by, at=at, valid_from=policy.valid_from.isoformat())
        policy.delete()


def _begun(day: date, at: datetime) -> bool:
    return day <= local_date(at)
