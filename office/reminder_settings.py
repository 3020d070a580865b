"""When reminders go, from a day on: the only writers of their settings and of each person's own choice."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from office.access import SET_REMINDERS, allowed
from office.actions import log
from office.errors import Conflict, Refused
from office.models import ReminderSetting, User
from office.reminders import REMINDERS
from office.saving import readable, save
from office.workdays import local_date

#: Nobody is reminded longer before.
MOST_DAYS = 365


def change(
    name: str, *, valid_from: date, is_on: bool, clock: time, days: Sequence[int], by: User, at: datetime
) -> ReminderSetting:
    """From the day on (Helsinki) the reminder goes so; a second change for the same day takes the first one's place.

    Raises Refused for a day that is past, a time at night, and days that make no sense.
    """
    _may(by)
    one = REMINDERS[name]
    if valid_from < local_date(at):
        raise Refused(_("A change begins today or later."))
    kept = sorted(set(days), reverse=True) if one.default.days else []
    if one.default.days and not kept:
        raise Refused(_("Write how many days before, for example 60, 30, 7."))
    if any(not 0 <= number <= MOST_DAYS for number in kept):
        raise Refused(_("Write days from 0 to 365."))
    with readable():
        row = ReminderSetting.objects.select_for_update().filter(name=name, valid_from=valid_from).first()
        row = row or ReminderSetting(name=name, valid_from=valid_from)
        row.is_on, row.clock, row.days = is_on, clock, kept
        save(row)
        said: dict[str, Any] = {
            "reminder": name,
            "from": valid_from.isoformat(),
            "on": is_on,
            "clock": f"{clock:%H:%M}",
            "days": kept,
        }
        log("remindersetting.change", row, by=by, at=at, **said)
    return row


def remove(row: ReminderSetting, *, by: User, at: datetime) -> None:
    """Takes back a change that has not begun. Refused for one that has, Conflict when it is gone."""
    _may(by)
    with transaction.atomic():
        found = ReminderSetting.objects.select_for_update().filter(pk=row.pk).first()
        if found is None:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        if found.valid_from <= local_date(at):
            raise Refused(_("This holds already. Write a new change from a day on."))
        log("remindersetting.remove", found, by=by, at=at, reminder=found.name)
        found.delete()


def choose_daily(user: User, *, daily: bool) -> None:
    """The person's own choice: one message a day, or each reminder at once. Urgent ones always come at once."""
    user.daily_reminders = daily
    user.save(update_fields=["daily_reminders"])


def _may(by: User) -> None:
    if not allowed(by, SET_REMINDERS):
        raise Refused(_("You may not do this."))
