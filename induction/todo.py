"""What waits: inductions to begin and to finish (named employee), a guide to read (expert). Asked in one query."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from induction.board import new_work
from induction.models import GuideVersion, Induction
from induction.states import InductionState
from office.choices import NAMED, Role
from office.models import User
from office.templatetags.erfa import name_of_two
from office.todo import Ask, Todo, source
from office.together import Row

MOST = 20
NAMES = ("unit__name_fi", "unit__name_sv")


@source
def induction(user: User, at: datetime) -> Iterator[Ask]:
    """For named employee and deputy: who begins in the unit without an induction, and which ones are open.

    For an expert: current guides of the own work not read yet, also again after a new version.
    """
    if units := user.holdings.units_as(*NAMED):
        yield Ask(
            _by_unit(new_work(at), units).annotate(n=Count("expert", distinct=True), first=Min("starts_at")), _new
        )
        yield Ask(_by_unit(Induction.objects.filter(state=InductionState.OPEN), units).annotate(n=Count("pk")), _open)
    if user.has_role(Role.EXPERT):
        unread = GuideVersion.objects.for_expert(user, at, now=True).unread_by(user).order_by()
        yield Ask(unread.values_list("pk", *NAMES)[:MOST], _guides)


def _by_unit(rows: "QuerySet[Any]", units: set[int]) -> "QuerySet[Any, Any]":
    return rows.filter(unit__in=units, unit__is_active=True).order_by().values_list("unit_id", *NAMES)


def _where(unit: int) -> str:
    return f"{reverse('induction:unit', args=[unit])}#h-people"


def _new(rows: list[Row]) -> Iterator[Todo]:
    for unit, fi, sv, n, first in rows[:MOST]:
        said = ngettext(
            "%(n)s expert has agreed work in %(unit)s and no induction yet.",
            "%(n)s experts have agreed work in %(unit)s and no induction yet.",
            n,
        )
        yield Todo(said % {"unit": name_of_two(fi, sv), "n": n}, _where(unit), _("Begin"), due=first)


def _open(rows: list[Row]) -> Iterator[Todo]:
    for unit, fi, sv, n in rows[:MOST]:
        said = ngettext("%(n)s induction is open in %(unit)s.", "%(n)s inductions are open in %(unit)s.", n)
        yield Todo(said % {"unit": name_of_two(fi, sv), "n": n}, _where(unit), _("Go on"))


def _guides(rows: list[Row]) -> Iterator[Todo]:
    for pk, fi, sv in rows:
        unit = name_of_two(fi, sv)
        said = _("Read the guide of %(unit)s.") % {"unit": unit} if unit else _("Read the guide of your work.")
        yield Todo(said, f"{reverse('induction:guide')}#guide-{pk}", _("Read"))
