"""What waits: inductions to begin and to finish (named employee), a guide to read (expert). One query each."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from induction.board import with_state
from induction.models import GuideVersion
from office.choices import NAMED, Role
from office.models import Unit, User
from office.templatetags.erfa import localname
from office.todo import Todo, source

MOST = 10


@source
def inductions(user: User, at: datetime) -> Iterable[Todo]:
    """For named employee and deputy: who begins in the unit without an induction, and which ones are open."""
    ids = user.holdings.units_as(*NAMED)
    if not ids:
        return
    units = with_state(Unit.objects.filter(pk__in=ids, is_active=True), at)
    for unit in units.filter(Q(new_people__gt=0) | Q(open_inductions__gt=0))[:MOST]:
        where, told = reverse("induction:unit", args=[unit.pk]), {"unit": localname(unit)}
        if n := unit.new_people:
            said = ngettext(
                "%(n)s expert has agreed work in %(unit)s and no induction yet.",
                "%(n)s experts have agreed work in %(unit)s and no induction yet.",
                n,
            )
            yield Todo(said % (told | {"n": n}), f"{where}#h-people", _("Begin"), due=unit.new_from)
        if n := unit.open_inductions:
            said = ngettext("%(n)s induction is open in %(unit)s.", "%(n)s inductions are open in %(unit)s.", n)
            yield Todo(said % (told | {"n": n}), f"{where}#h-people", _("Go on"))


@source
def guides(user: User, at: datetime) -> Iterable[Todo]:
    """For an expert: current guides of the own work that the expert has not read, also again after a new version."""
    if not user.has_role(Role.EXPERT):
        return
    unread = GuideVersion.objects.for_expert(user, at, now=True).unread_by(user).select_related("unit")
    for version in unread[:MOST]:
        if version.unit is None:
            said = _("Read the guide of your work.")
        else:
            said = _("Read the guide of %(unit)s.") % {"unit": localname(version.unit)}
        yield Todo(said, f"{reverse('induction:guide')}#guide-{version.pk}", _("Read"))
