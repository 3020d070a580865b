"""The coordinator reminds those the month waits for: experts to send, units to check. Once a day a person (N8)."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from experts.models import Expert
from fees.board import WITH_EXPERT, Line, month_lists
from fees.dates import dates_of
from fees.messages import REMIND_CHECK, REMIND_HOURS
from fees.models import HourList
from fees.rules import first_of, month_span
from fees.states import ListState
from office import outbox
from office.choices import NAMED, Role
from office.errors import Refused
from office.models import LogEntry, OutboxMessage, RoleGrant, Unit, User
from office.outbox_text import in_force
from office.workdays import local_date


def remind(
    month: date, *, by: User, at: datetime, expert_id: int | None = None, unit_id: int | None = None
) -> tuple[int, int]:
    """Reminds everybody the month waits for, or those of this expert and unit. Says how many: experts, checkers.

    Who was reminded of the month today, has no account or is not waited for gets nothing and is not counted. Raises
    Refused without the role and for a month that is not over.
    """
    if not by.has_role(Role.COORDINATOR):
        raise Refused(_("You may not do this."))
    month = first_of(month)
    if at < month_span(month)[1]:
        raise Refused(_("The month is not over yet. Nobody is late."))
    experts, units = (None if pk is None else [pk] for pk in (expert_id, unit_id))
    lines = month_lists(month, at=at, experts=experts, units=units)
    with transaction.atomic():
        to_experts, to_checkers = _new(_to_experts(month, lines, at)), _new(_to_checkers(month, lines, at))
        _log(month, lines, to_experts, to_checkers, by=by, at=at)
        return outbox.post_many(to_experts), outbox.post_many(to_checkers)


def _new(messages: Iterator[OutboxMessage]) -> list[OutboxMessage]:
    """Without those that were told today already."""
    found = {message.once: message for message in messages}
    told = set(OutboxMessage.objects.filter(once__in=found).values_list("once", flat=True))
    return [message for once, message in found.items() if once not in told]


def _log(
    month: date,
    lines: Collection[Line],
    to_experts: Collection[OutboxMessage],
    to_checkers: Collection[OutboxMessage],
    *,
    by: User,
    at: datetime,
) -> None:
    """Who reminded, in the history of each list, and of the expert whose list nobody has begun."""
    experts = {message.about_id for message in to_experts}
    units = {message.about_id for message in to_checkers}
    lists = {
        line.list_id
        for line in lines
        if line.list_id
        and (
            (line.state in WITH_EXPERT and line.expert_id in experts)
            or (line.state == ListState.AT_UNIT and line.unit_id in units)
        )
    }
    begun = {line.expert_id for line in lines if line.list_id in lists}
    rows = [("hourlist.remind", HourList._meta.label_lower, pk) for pk in sorted(lists)]
    rows += [("expert.remind_hours", Expert._meta.label_lower, pk) for pk in sorted(experts - begun)]
    LogEntry.objects.bulk_create(
        LogEntry(at=at, actor=by, kind=kind, object_type=label, object_id=pk, facts={"month": f"{month:%Y-%m}"})
        for kind, label, pk in rows
    )


def _to_experts(month: date, lines: Collection[Line], at: datetime) -> Iterator[OutboxMessage]:
    waited = {line.expert_id for line in lines if line.state in WITH_EXPERT and line.has_account}
    today = local_date(at)
    said: dict[str, Any] = {
        "month": month,
        "due": dates_of(month).due,
        "today": today,
        "texts": in_force(REMIND_HOURS.name),
    }
    for expert in Expert.objects.filter(pk__in=waited).select_related("user").order_by("pk"):
        once = f"{month:%Y-%m}/{today}"
        if message := outbox.written(REMIND_HOURS, expert.user, about=expert, at=at, once=once, **said):
            yield message


def _to_checkers(month: date, lines: Collection[Line], at: datetime) -> Iterator[OutboxMessage]:
    """Named employees and deputies of the units; nobody of the own list, or of one that they sent (R23)."""
    waiting: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.state == ListState.AT_UNIT:
            waiting[line.unit_id].append(line)
    people = [line.expert_id for own in waiting.values() for line in own]
    owners = dict(Expert.objects.filter(pk__in=people).values_list("pk", "user_id"))
    units = Unit.objects.in_bulk(list(waiting))
    grants = RoleGrant.objects.in_force(at).filter(role__in=NAMED, user__is_active=True, unit__in=waiting)
    once, texts = f"{month:%Y-%m}/{local_date(at)}", in_force(REMIND_CHECK.name)
    for grant in grants.select_related("user").order_by("unit", "user", "pk"):
        unit = units[grant.unit_id or 0]
        count = sum(grant.user_id not in {owners[line.expert_id], line.sent_by_id} for line in waiting[unit.pk])
        said: dict[str, Any] = {"month": month, "count": count, "texts": texts}
        if count and (message := outbox.written(REMIND_CHECK, grant.user, about=unit, at=at, once=once, **said)):
            yield message
