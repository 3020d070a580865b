"""Erasure of an expert: what would go and what stays, and doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from desk.access import GIVE_DATA
from desk.models import ErasureReport
from desk.periods import months_of
from desk.rights import person_of
from experts.models import Expert
from office.access import allowed
from office.actions import log
from office.errors import Refused
from office.models import User
from office.periods import kept_until
from office.personal import works_here_too
from office.rights import ERASED, Person, RecordClass, Words, classes, tally
from office.saving import readable
from office.workdays import local_date


@dataclass(frozen=True)
class Row:
    """A record class on the page: how many rows, and either that they go or why and until when they stay."""

    found: RecordClass
    rows: int
    until: date | None

    @property
    def goes(self) -> bool:
        return not self.found.by_law


@dataclass(frozen=True)
class Preview:
    """What an erasure would do. ``obstacles``: why it cannot be done yet."""

    rows: list[Row]
    obstacles: list[Words]
    account_stays: bool

    @property
    def going(self) -> list[Row]:
        return [row for row in self.rows if row.goes and row.rows]

    @property
    def staying(self) -> list[Row]:
        return [row for row in self.rows if not row.goes and row.rows]


def preview(expert: Expert, *, at: datetime) -> Preview:
    """What would go and what stays; changes nothing. A fixed number of queries."""
    person = person_of(expert)
    asked: dict[str, Any] = {}
    for found in classes():
        asked |= {f"rows {found.code} {label}": rows for label, rows in found.rows(person).items()}
        if found.ends:
            asked[f"ends {found.code}"] = found.ends(person)
    waits = [wait for found in classes() for tell in found.waits for wait in tell(person, at)]
    asked |= {f"wait {number}": wait.rows for number, wait in enumerate(waits)}
    counted = tally(asked)
    periods = months_of()
    rows = []
    for found in classes():
        mine = [counted[key].rows for key in counted if key.startswith(f"rows {found.code} ")]
        last = counted[f"ends {found.code}"].newest if found.ends else None
        months = periods.get(found.code)
        until = kept_until(last, months) if last and months is not None else None
        rows.append(Row(found, sum(mine), until))
    said = [
        wait.said(counted[f"wait {number}"].rows) for number, wait in enumerate(waits) if counted[f"wait {number}"].rows
    ]
    return Preview(rows, list(dict.fromkeys(map(str, said))), works_here_too(person, at))


def erase(expert: Expert, *, by: User, at: datetime) -> ErasureReport:
    """Erases the expert: what a law keeps stays under a number, the rest goes. Twice is harmless.

    Refused, with all reasons at once, while there is open work, something unpaid or a contract that has not run out.
    """
    if not allowed(by, GIVE_DATA):
        raise Refused(_("You may not do this."))
    with readable():
        locked = Expert.objects.select_for_update(of=("self",)).select_related("user").get(pk=expert.pk)
        if locked.erased_at is not None:
            return ErasureReport.objects.get(expert_number=locked.pk)
        if locked.user_id == by.pk:
            raise Refused(_("Nobody erases their own record. Another coordinator does it."))
        planned = preview(locked, at=at)
        if planned.obstacles:
            raise Refused(" ".join(map(str, planned.obstacles)))
        removed = _carry_out(person_of(locked), f"{ERASED} {locked.pk}", at)
        log("expert.erase", locked, by=by, at=at)
        return ErasureReport.objects.create(
            expert_number=locked.pk,
            at=at,
            by=by,
            account_stays=planned.account_stays,
            removed=removed,
            kept={
                row.found.code: {"rows": row.rows, "until": row.until.isoformat() if row.until else None}
                for row in planned.staying
            },
        )


def _carry_out(person: Person, name: str, at: datetime) -> Mapping[str, int]:
    """From the last class to the first: messages and history are found by the records that go after them."""
    removed = {}
    for found in reversed(classes()):
        if found.erase is not None and (count := found.erase(person, name, at)):
            removed[found.code] = count
    return removed


def erased_on(expert: Expert) -> date | None:
    """The day of the erasure in Finland."""
    return local_date(expert.erased_at) if expert.erased_at else None
