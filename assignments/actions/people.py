"""Who acts for whom, and whom a unit hears through."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from assignments.actions.free import check_expert as check_expert
from assignments.actions.free import check_future as check_future
from assignments.actions.free import check_present as check_present
from assignments.actions.free import check_times as check_times
from assignments.actions.free import check_trained as check_trained
from assignments.actions.free import lock_expert as lock_expert
from assignments.actions.free import planned as planned
from assignments.actions.free import spans as spans
from assignments.models import Order
from experts.models import Expert
from office.asked_once import Question
from office.away import is_away
from office.choices import NAMED, ORDERERS, Role
from office.errors import Refused
from office.models import RoleGrant, Unit, User
from office.workdays import local_date


def acts_as(user: User, unit_id: int, expert: Expert | None) -> set[Role]:
    """The parts that a person plays towards a thing of this unit and this expert: orderers, the expert, coordinator."""
    parts: set[Role] = {role for role in ORDERERS if user.holdings.holds({role}, unit_id)}
    if user.has_role(Role.COORDINATOR):
        parts.add(Role.COORDINATOR)
    if expert is not None and expert.user_id == user.pk and user.has_role(Role.EXPERT):
        parts.add(Role.EXPERT)
    return parts


def must_be(user: User, roles: Iterable[str], unit_id: int, expert: Expert | None = None) -> set[Role]:
    """Refuses who plays none of the parts; tells the parts."""
    parts = acts_as(user, unit_id, expert)
    if not parts & set(roles):
        raise Refused(_("You may not do this."))
    return parts


def in_stead_of(user: User, expert: Expert) -> User | None:
    """The expert's account when somebody else acts for the expert (by telephone), for the log."""
    return None if expert.user_id == user.pk else expert.user


def holders(roles: Iterable[str], unit: Unit | None, at: datetime) -> list[User]:
    """Active people with one of the roles (in the unit) now."""
    grants = RoleGrant.objects.in_force(at).filter(role__in=[str(role) for role in roles], unit=unit)
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("pk"))


def _named(unit: Unit, at: datetime) -> list[RoleGrant]:
    """Named employee and deputy with their people, and whether each is away (``is_away``). One query."""
    grants = RoleGrant.objects.in_force(at).filter(role__in=NAMED, unit=unit, user__is_active=True)
    return list(grants.annotate(is_away=is_away(local_date(at))).select_related("user").order_by("user_id"))


def confirmers(unit: Unit, at: datetime) -> list[User]:
    """Who confirms a unit's orders: the named employee and the deputy; without both or with both away, also the
    coordinators.
    """
    found = _named(unit, at)
    people = {one.user_id: one.user for one in found}
    if all(one.is_away for one in found):  # type: ignore[attr-defined]  # annotated
        people |= {one.pk: one for one in coordinators(at)}
    return list(people.values())


def coordinators(at: datetime) -> list[User]:
    return holders([Role.COORDINATOR], None, at)


def _side(unit: int, orderer: int, at: datetime, day: date) -> QuerySet[RoleGrant]:
    here = Q(unit=unit, role__in=NAMED)
    ordering = Q(user=orderer, role__in=ORDERERS | {Role.COORDINATOR}) & (Q(unit=None) | Q(unit=unit))
    grants = RoleGrant.objects.in_force(at).filter(here | ordering, user__is_active=True)
    return grants.annotate(is_away=is_away(day)).select_related("user").order_by("user_id", "pk")


_SIDE = Question(_side, unit=int, orderer=int, at=datetime, day=date)


def unit_side(order: Order, at: datetime) -> list[User]:
    """Whom the unit hears through: the orderer who still works there, and the named employee.

    The deputy as well while the named employee is away, and when there is none. One query; a second one when there is
    nobody, and the coordinators hear it.
    """
    found = _SIDE(unit=order.unit_id, orderer=order.orderer_id, at=at, day=local_date(at))
    named = [one for one in found if one.role in NAMED]
    first = [one for one in named if one.role == Role.UNIT_CONTACT]
    covered = any(not one.is_away for one in first)  # type: ignore[attr-defined]  # annotated
    orderer = [one for one in found if one.user_id == order.orderer_id]
    people = {one.user_id: one.user for one in [*(first if covered else named), *orderer]}
    return list(people.values()) or coordinators(at)
