"""When employees are away: who writes it down, and where nobody stands in for the named employee.

An absence is days and nothing else. While the named employee is away, messages go to the deputy as well (``is_away``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from office import outbox
from office.access import MANAGE_UNITS, OWN_ABSENCE, allowed
from office.actions import log
from office.choices import NAMED, ORDERERS, Role
from office.covering import DAY, Duty, Gap, gaps
from office.errors import Conflict, Refused
from office.models import Away, RoleGrant, Unit, User
from office.policies import rules_on
from office.saving import readable, save
from office.workdays import is_working_day, local_date

#: Nobody writes down more at once, and no gap further ahead is told.
LONGEST = timedelta(days=366)


def is_away(day: date, user: str = "user") -> Exists:
    """For a queryset: whether the person of the field is away on the day."""
    return Exists(Away.objects.on(day).filter(user=OuterRef(user)))


# --- writing ---------------------------------------------------------------------------------------------------------


def note(user: User, first_day: date, last_day: date, *, by: User, at: datetime) -> Away:
    """The person is away from the first day through the last. The same days once more are given back as they are.

    Where nobody stands in, the coordinator and the unit are told at once. Refused for days that are past, for more
    than a year, and over another absence of the person.
    """
    _may(user, by)
    if last_day < first_day:
        raise Refused(_("The last day is before the first one."))
    if last_day < local_date(at):
        raise Refused(_("These days are past."))
    if last_day - first_day >= LONGEST:
        raise Refused(_("Write down a year at most."))
    with readable():
        User.objects.select_for_update().get(pk=user.pk)  # a second click waits for the first
        same = Away.objects.filter(user=user, first_day=first_day, last_day=last_day).first()
        if same is not None:
            return same
        if not user.grants.in_force(at).filter(role__in=ORDERERS).exists():
            raise Refused(_("This person has no role in a unit."))
        made = Away(user=user, first_day=first_day, last_day=last_day, noted_at=at, noted_by=by)
        save(made)
        log("away.note", made, by=by, at=at)
        _tell(made, at)
    return made


def end(away: Away, *, by: User, at: datetime) -> None:
    """The person is back from today on; what has not begun is taken back. Over already: nothing happens."""
    _may(away.user, by)
    today = local_date(at)
    with transaction.atomic():
        found = Away.objects.select_for_update().filter(pk=away.pk).first()
        if found is None:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        if found.last_day < today:
            return
        log("away.end", found, by=by, at=at)
        if found.first_day >= today:
            found.delete()
        else:
            found.last_day = today - DAY
            found.save(update_fields=["last_day"])


def _may(user: User, by: User) -> None:
    own = user.pk == by.pk and allowed(by, OWN_ABSENCE)
    if not own and not allowed(by, MANAGE_UNITS):
        raise Refused(_("You may not do this."))


# --- where nobody stands in ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Uncovered:
    """A unit whose named employee is away and where no deputy is there either."""

    unit: Unit
    gap: Gap


def duties(at: datetime, units: Collection[int] | None = None) -> "QuerySet[RoleGrant, Any]":
    """Who is named in units where one of them is away today or later: rows for ``gaps_in``, for all units or some."""
    today = local_date(at)
    held = RoleGrant.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=at), role__in=NAMED, user__is_active=True, unit__is_active=True
    )
    if units is not None:
        held = held.filter(unit__in=units)
    away = held.filter(user__aways__last_day__gte=today, unit=OuterRef("unit")).order_by()
    ahead = FilteredRelation("user__aways", condition=Q(user__aways__last_day__gte=today))
    return (
        held.filter(Exists(away))
        .annotate(ahead=ahead)
        .order_by("unit", "pk")
        .values_list(
            *("unit", "pk", "user", "valid_from", "valid_to", "ahead__first_day", "ahead__last_day"),
            *("unit__name_fi", "unit__name_sv"),
        )
    )


def gaps_in(rows: Iterable[tuple[Any, ...]], at: datetime, closing_days: Collection[date] | None = None) -> list[Gap]:
    """The gaps that the rows of ``duties`` mean, from today on. Where somebody is away, the office's closing days are
    asked for, unless they are given.
    """
    found: dict[int, tuple[int, int, date, date | None]] = {}
    away: dict[int, set[tuple[date, date]]] = defaultdict(set)
    for unit, grant, user, valid_from, valid_to, first, last, *_names in rows:
        # Who has a role at the end of a day is there on it; one that ends at midnight holds through the day before.
        found[grant] = (unit, user, local_date(valid_from), local_date(valid_to) - DAY if valid_to else None)
        if first is not None:
            away[grant].add((first, last))
    if not away:
        return []
    today = local_date(at)
    if closing_days is None:
        closing_days = rules_on(today).closing_days
    people = [Duty(*found[grant], frozenset(away[grant])) for grant in found]
    off = closing_days
    return gaps(people, today, today + LONGEST, lambda day: is_working_day(day, closing_days=off))


def uncovered(at: datetime, units: Collection[int] | None = None) -> list[Uncovered]:
    """The soonest first. Two queries, and the rules of the day where somebody is away."""
    found = gaps_in(duties(at, units), at)
    named = Unit.objects.in_bulk({gap.unit for gap in found})
    return [Uncovered(named[gap.unit], gap) for gap in sorted(found, key=lambda gap: (gap.first, gap.unit))]


def who_is_told(found: Iterable[Uncovered], at: datetime) -> Iterator[tuple[User, list[Uncovered], str]]:
    """Coordinators, and everybody who has a role in the unit (the person who is away, too), with the page of each.

    One query.
    """
    rows = list(found)
    held = RoleGrant.objects.in_force(at).filter(user__is_active=True)
    there = held.filter(Q(role=Role.COORDINATOR) | Q(role__in=ORDERERS, unit__in={row.unit.pk for row in rows}))
    units: dict[User, set[int | None]] = defaultdict(set)
    for one in there.select_related("user").order_by("user_id", "pk") if rows else []:
        units[one.user].add(one.unit_id)
    for user, theirs in units.items():
        if None not in theirs:
            yield user, [row for row in rows if row.unit.pk in theirs], reverse("office:my_away")
        elif len({row.unit.pk for row in rows}) == 1:
            yield user, rows, reverse("office:unit", args=[rows[0].unit.pk])
        else:
            yield user, rows, reverse("office:units")


def touched_by(away: Away, at: datetime) -> list[Uncovered]:
    """The gaps on the days of the absence, in the units where the person is named."""
    named = set(away.user.grants.filter(role__in=NAMED).values_list("unit", flat=True))
    found = uncovered(at, {pk for pk in named if pk}) if named else []
    return [one for one in found if one.gap.first <= away.last_day and one.gap.last >= away.first_day]


def _tell(away: Away, at: datetime) -> None:
    from office.messages import AWAY_UNCOVERED  # noqa: PLC0415 - whether it still holds is asked here

    for person, found, url in who_is_told(touched_by(away, at), at):
        outbox.post(AWAY_UNCOVERED, person, about=away, at=at, once="noted", uncovered=found, url=url)
