"""The only writers of budgets, warning levels, and of how a year looked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from budgets.access import SET_BUDGETS
from budgets.figures import Year, years_of
from budgets.models import Budget, Outlook, WarningLevels
from budgets.querysets import follows
from budgets.rules import Level
from feetables.rules import ZERO
from office.access import allowed
from office.actions import log
from office.choices import NAMED, Role
from office.errors import Conflict, Refused
from office.models import Unit, User
from office.saving import save
from office.validators import no_identity_code
from office.workdays import local_date

#: How long the first page trusts what was counted.
HOUR = timedelta(hours=1)


def _may_set(by: User | None) -> None:
    """``None`` is the office's own command."""
    if by is not None and not allowed(by, SET_BUDGETS):
        raise Refused(_("You may not do this."))


def _said(reason: str) -> str:
    reason = " ".join(reason.split())[:200]
    try:
        no_identity_code(reason)
    except ValidationError as error:
        raise Refused(error.messages[0]) from None
    return reason


# --- budgets ---------------------------------------------------------------------------------------------------------


def set_budget(
    unit: Unit,
    *,
    year: int,
    amount: Decimal,
    by: User | None,
    at: datetime,
    reason: str = "",
    seen: Decimal | None = None,
) -> Budget:
    """A new version of the unit's budget of the year, in euros; the versions before it stay.

    ``seen``: the budget that the person was shown. A change needs a reason, the first budget of a year none. Refused
    without the right, without a reason, and when nothing changes; Conflict when it is another than was seen.
    """
    _may_set(by)
    reason = _said(reason)
    with transaction.atomic():
        Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two versions come one after the other
        before = Budget.objects.in_force(year).filter(unit=unit).first()
        if seen is not None and before is not None and before.amount != seen:
            raise Conflict(_("Somebody else has set the budget meanwhile. Look at the page again."))
        if before is not None and before.amount == amount:
            raise Refused(_("This is the budget already."))
        if before is not None and not reason:
            raise Refused(_("Write why the budget is changed."))
        budget = Budget(unit=unit, year=year, amount=amount, reason=reason, set_by=by, set_at=at)
        save(budget)
        log("unit.budget", unit, by=by, at=at, reason=reason, year=year, amount=f"{amount:.2f}")
        if year == local_date(at).year:
            count_outlooks([unit.pk], at=at)
    return budget


@dataclass(frozen=True)
class Again:
    """Units that had a budget last year and have none yet: what each would get again, and the sum."""

    year: int
    budgets: tuple[tuple[Unit, Decimal], ...]

    @property
    def total(self) -> Decimal:
        return sum((amount for _unit, amount in self.budgets), ZERO)

    @property
    def seal(self) -> str:
        """What was shown, to be compared when it is done."""
        return f"{len(self.budgets)}:{self.total}"


def same_again(year: int) -> Again:
    """What "the same as last year" would set: units in use with a budget last year and none in ``year`` (2 queries)."""
    there = set(Budget.objects.in_force(year).values_list("unit_id", flat=True))
    last = Budget.objects.in_force(year - 1).select_related("unit")
    found = [(row.unit, row.amount) for row in last if row.unit.is_active and row.unit_id not in there]
    return Again(year, tuple(sorted(found, key=lambda pair: pair[0].code)))


def set_same_again(year: int, *, seal: str, by: User, at: datetime, reason: str = "") -> int:
    """Gives each unit without a budget of the year what it had last year, all in one act; tells how many.

    Refused without the right and when there is nothing to set; Conflict when it is not what was shown (``seal``).
    """
    _may_set(by)
    reason = _said(reason) or _("The same as in %(year)s") % {"year": year - 1}
    with transaction.atomic():
        list(Unit.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        again = same_again(year)
        if not again.budgets:
            raise Refused(_("Every unit that had a budget last year has one already."))
        if again.seal != seal:
            raise Conflict(_("This has changed meanwhile. Look at the page again."))
        for unit, amount in again.budgets:
            save(Budget(unit=unit, year=year, amount=amount, reason=reason, set_by=by, set_at=at))
            log("unit.budget", unit, by=by, at=at, reason=reason, year=year, amount=f"{amount:.2f}")
        if year == local_date(at).year:
            count_outlooks([unit.pk for unit, _amount in again.budgets], at=at)
    return len(again.budgets)


# --- warning levels --------------------------------------------------------------------------------------------------


def add_levels(levels: WarningLevels, *, by: User, at: datetime) -> None:
    """Warning levels from a day on. Refused when they would begin in the past."""
    _may_set(by)
    if levels.valid_from < local_date(at):
        raise Refused(_("Warning levels begin today or later."))
    with transaction.atomic():
        save(levels)
        day = levels.valid_from.isoformat()
        log("warninglevels.add", levels, by=by, at=at, valid_from=day, near=levels.near, over=levels.over)
        if levels.valid_from == local_date(at):
            count_outlooks(None, at=at)


def remove_levels(levels: WarningLevels, *, by: User, at: datetime) -> None:
    """Takes back levels that have not begun. Refused when they have."""
    _may_set(by)
    if levels.valid_from <= local_date(at):
        raise Refused(_("These levels have begun. Add new ones instead."))
    with transaction.atomic():
        log("warninglevels.remove", levels, by=by, at=at, valid_from=levels.valid_from.isoformat())
        levels.delete()


# --- how the year looks ----------------------------------------------------------------------------------------------


def count_outlooks(units: Collection[int] | None, *, at: datetime) -> int:
    """Counts this year of the units (ids; None: of all in use) and keeps how it looks; tells how many.

    What somebody has taken note of is forgotten when the forecast is no longer near the budget.
    """
    found = Unit.objects.filter(is_active=True) if units is None else Unit.objects.filter(pk__in=units)
    rows = years_of(found, local_date(at).year, at=at, offered=False)
    _keep(rows, at)
    return len(rows)


def count_when_due(*, at: datetime) -> int:
    """Counts all units unless each was counted in the last hour; tells how many."""
    lately = Outlook.objects.filter(year=local_date(at).year, counted_at__gt=at - HOUR)
    if not Unit.objects.filter(is_active=True).exclude(pk__in=lately.values("unit")).exists():
        return 0
    return count_outlooks(None, at=at)


def _keep(rows: Collection[Year], at: datetime) -> None:
    year = local_date(at).year
    before: Mapping[int, Outlook] = {row.unit_id: row for row in Outlook.objects.filter(year=year)}
    made = []
    for row in rows:
        old = before.get(row.unit.pk)
        warned = row.level >= Level.NEAR
        made.append(
            Outlook(
                unit=row.unit,
                year=year,
                level=row.level,
                budget=row.budget,
                forecast=row.forecast.total,
                counted_at=at,
                unit_noted=old.unit_noted if old and warned else 0,
                office_noted=old.office_noted if old and warned else 0,
            )
        )
    Outlook.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["unit", "year"],
        update_fields=["level", "budget", "forecast", "counted_at", "unit_noted", "office_noted"],
    )


def note(unit: Unit, *, level: int, by: User, at: datetime) -> None:
    """The person has taken note of the unit's warning: it waits no more for the unit's people, or for the coordinator.

    ``level``: the one that was seen; when it has risen since, the higher one waits still. A second click changes
    nothing. Refused for whoever does not follow the unit's budget.
    """
    if not follows(by, unit.pk):
        raise Refused(_("You may not do this."))
    fields = []
    if by.holdings.holds(NAMED, unit.pk):
        fields.append("unit_noted")
    if by.has_role(Role.COORDINATOR):
        fields.append("office_noted")
    with transaction.atomic():
        rows = Outlook.objects.select_for_update(no_key=True).filter(unit=unit, year=local_date(at).year)
        for field in fields:
            warned = rows.filter(level__gte=Level.NEAR, **{f"{field}__lt": level})
            if warned.filter(level__gt=F(field)).update(**{field: level}):
                log("unit.budget_noted", unit, by=by, at=at, year=local_date(at).year, level=level)
