"""What waits: inductions to begin and to finish (named employee), a guide to read (expert). One query for both."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, DateTimeField, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from induction.board import with_state
from induction.models import GuideVersion
from office.choices import NAMED, Role
from office.models import Unit, User
from office.todo import Ask, Todo, source
from office.together import Row

MOST = 20


class _Row(NamedTuple):
    """A unit with something to begin or to finish (``sort`` "unit"), or a guide to read ("guide")."""

    sort: str
    pk: int
    name_fi: str | None
    name_sv: str | None
    new_people: int
    new_from: datetime | None
    open_inductions: int

    @property
    def unit(self) -> str:
        names = (self.name_sv, self.name_fi) if get_language() == "sv" else (self.name_fi, self.name_sv)
        return names[0] or names[1] or ""


def _word(text: str) -> Cast:
    return Cast(Value(text), CharField())


def _units(user: User, at: datetime) -> "QuerySet[Any, Any]":
    units = Unit.objects.filter(pk__in=user.holdings.units_as(*NAMED), is_active=True)
    found = with_state(units, at).filter(Q(new_people__gt=0) | Q(open_inductions__gt=0)).order_by()
    return found.values_list(_word("unit"), "pk", "name_fi", "name_sv", "new_people", "new_from", "open_inductions")


def _guides(user: User, at: datetime) -> "QuerySet[Any, Any]":
    unread = GuideVersion.objects.for_expert(user, at, now=True).unread_by(user).order_by()
    none = Cast(Value(0), IntegerField())
    return unread.values_list(
        _word("guide"), "pk", "unit__name_fi", "unit__name_sv", none, Cast(Value(None), DateTimeField()), none
    )


@source
def induction(user: User, at: datetime) -> Iterator[Ask]:
    """For named employee and deputy: who begins in the unit without an induction, and which ones are open.

    For an expert: current guides of the own work not read yet, also again after a new version.
    """
    parts = []
    if user.holdings.units_as(*NAMED):
        parts.append(_units(user, at))
    if user.has_role(Role.EXPERT):
        parts.append(_guides(user, at))
    if not parts:
        return
    yield Ask(parts[0].union(*parts[1:], all=True)[:MOST], _told)


def _told(rows: list[Row]) -> Iterator[Todo]:
    for row in (_Row(*values) for values in rows):
        yield from _of_unit(row) if row.sort == "unit" else [_of_guide(row)]


def _of_unit(row: _Row) -> Iterator[Todo]:
    where = f"{reverse('induction:unit', args=[row.pk])}#h-people"
    if n := row.new_people:
        said = ngettext(
            "%(n)s expert has agreed work in %(unit)s and no induction yet.",
            "%(n)s experts have agreed work in %(unit)s and no induction yet.",
            n,
        )
        yield Todo(said % {"unit": row.unit, "n": n}, where, _("Begin"), due=row.new_from)
    if n := row.open_inductions:
        said = ngettext("%(n)s induction is open in %(unit)s.", "%(n)s inductions are open in %(unit)s.", n)
        yield Todo(said % {"unit": row.unit, "n": n}, where, _("Go on"))


def _of_guide(row: _Row) -> Todo:
    said = _("Read the guide of %(unit)s.") % {"unit": row.unit} if row.unit else _("Read the guide of your work.")
    return Todo(said, f"{reverse('induction:guide')}#guide-{row.pk}", _("Read"))
