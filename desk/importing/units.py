"""units.csv: units, service areas, named employees and deputies, budgets."""

import re
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.utils.translation import gettext as _

from budgets.actions import set_budget
from budgets.models import Budget
from desk.importing.report import Change, Difference, Report, Row, differences
from desk.importing.sheets import Line
from desk.importing.words import UNIT_HEADINGS
from office import cells
from office.actions import log
from office.choices import Role
from office.models import RoleGrant, ServiceArea, Unit, User

HEADINGS = UNIT_HEADINGS
NEEDED = ("code", "name_fi", "name_sv", "area", "cost_centre", "named", "named_email")


def split_name(name: str) -> tuple[str, str]:
    """First and last name of “Päivi Koskinen”."""
    first, _space, last = name.rpartition(" ")
    return first or last, last if first else ""


def person(name: str, email: str, report: Report, row: int) -> User:
    """The user with this address, made when there is none. A name that differs is remarked on, not changed."""
    first, last = split_name(name)
    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        user = User.objects.create_user(email, first_name=first, last_name=last)
        report.differences.append(Difference(row, _("new person: %(name)s") % {"name": name}))
    return user


def hold(role: str, unit: Unit, user: User, *, by: User | None, at: datetime) -> bool:
    """Gives the role; who held it before holds it no longer from ``at`` on. True when something changed."""
    held = list(RoleGrant.objects.in_force(at).filter(unit=unit, role=role))
    if [grant.user_id for grant in held] == [user.pk]:
        return False
    for grant in held:
        if grant.user_id != user.pk:
            RoleGrant.objects.filter(pk=grant.pk).update(valid_to=at)
    if user.pk not in {grant.user_id for grant in held}:
        RoleGrant.objects.create(user=user, role=role, unit=unit, valid_from=at)
    log("unit.role", unit, by=by, at=at, role=role, user=user.pk)
    return True


class Importer:
    """Takes the lines of units.csv."""

    def __init__(self, report: Report, heads: dict[str, str], *, by: User | None, at: datetime) -> None:
        self.report, self.by, self.at = report, by, at
        year = re.search(r"(\d{4})", heads.get("budget", ""))
        self.year = int(year[1]) if year else at.year
        self.seen: dict[str, int] = {}

    def row(self, line: Line) -> Change:
        """One unit."""
        row = Row(line)
        needed = partial(cells.text, needed=True)
        code = row.get("code", partial(needed, longest=20), "")
        values = {name: row.get(name, partial(needed, longest=160), "") for name in ("name_fi", "name_sv")}
        values["cost_centre"] = row.get("cost_centre", partial(needed, longest=20), "")
        area_code = row.get("area", partial(needed, longest=20), "")
        area_names = {
            "name_fi": row.get("area_fi", cells.text, "") or area_code,
            "name_sv": row.get("area_sv", cells.text, "") or area_code,
        }
        named = row.get("named", needed, ""), row.get("named_email", cells.email, "")
        deputy = row.get("deputy", cells.text, ""), row.get("deputy_email", partial(cells.email, needed=False), "")
        budget = row.get("budget", cells.number, None)
        if code in self.seen:
            row.refuse("code", _("The same code is on row %(row)s.") % {"row": self.seen[code]})
        if bool(deputy[0]) != bool(deputy[1]):
            row.refuse("deputy_email", _("A deputy needs both a name and an e-mail address."))
        row.check()
        self.seen[code] = line.number

        area, _made = ServiceArea.objects.get_or_create(code=area_code, defaults=area_names)
        unit = Unit.objects.filter(code=code).first()
        changes: list[tuple[str, str, str]] = []
        if unit is None:
            unit = Unit.objects.create(code=code, service_area=area, **values)
            log("unit.imported", unit, by=self.by, at=self.at, file=self.report.file)
            result = Change.ADDED
        else:
            changes = differences({name: getattr(unit, name) for name in values}, values)
            if unit.service_area_id != area.pk:
                changes.append(("area", unit.service_area.code, area.code))
            if changes:
                Unit.objects.filter(pk=unit.pk).update(service_area=area, **values)
                log("unit.changed", unit, by=self.by, at=self.at, file=self.report.file)
            result = Change.CHANGED if changes else Change.SAME
        moved = [
            hold(role, unit, person(name, email, self.report, line.number), by=self.by, at=self.at)
            for role, (name, email) in ((Role.UNIT_CONTACT, named), (Role.DEPUTY, deputy))
            if email
        ]
        if any(moved) and result is not Change.ADDED:
            changes.append((_("people of the unit"), "", ""))
        if budget is not None and self._budget(unit, budget) and result is not Change.ADDED:
            changes.append((_("budget %(year)s") % {"year": self.year}, "", str(budget)))
        if changes:
            fields = [(line.heads.get(name, name), old, new) for name, old, new in changes]
            self.report.differences.append(Difference(line.number, f"{code} {values['name_fi']}", fields))
            result = Change.CHANGED
        elif result is Change.ADDED:
            self.report.differences.append(Difference(line.number, f"{code} {values['name_fi']}"))
        return result

    def _budget(self, unit: Unit, amount: Decimal) -> bool:
        before = Budget.objects.in_force(self.year).filter(unit=unit).values_list("amount", flat=True).first()
        if before == amount:
            return False
        reason = _("Imported: %(file)s") % {"file": self.report.file} if before is not None else ""
        set_budget(unit, year=self.year, amount=amount, by=self.by, at=self.at, reason=reason)
        return True

    def finish(self) -> None:
        """Nothing more."""
