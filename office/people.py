"""Accounts and roles: the only writers of users and grants."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from office import messages, outbox
from office.access import MANAGE_UNITS, allowed
from office.actions import log
from office.choices import UNIT_ROLES, Role
from office.errors import Refused
from office.models import RoleGrant, Unit, User
from office.saving import readable, save


def find_or_add(
    *, email: str, first_name: str, last_name: str, by: User, at: datetime, phone: str = "", language: str = "fi"
) -> User:
    """The account of the address; a new one (sign-in by a code, no password) when there is none. May be Refused."""
    address = email.strip().lower()
    known = User.objects.filter(email__iexact=address).first()
    if known is not None:
        return known
    user = User(email=address, first_name=first_name, last_name=last_name, phone=phone, language=language)
    user.set_password(None)
    with transaction.atomic():
        save(user)
        log("user.add", user, by=by, at=at)
        outbox.post(messages.ACCOUNT_MADE, user, about=user, at=at, once="made")
    return user


def change_email(user: User, email: str, *, by: User, at: datetime) -> None:
    """Moves sign-in to another address; the old one opens nothing any more. Refused when another account has it."""
    from allauth.account.models import EmailAddress  # noqa: PLC0415 - needs loaded apps

    address = email.strip().lower()
    if address == user.email:
        return
    user.email = address
    with transaction.atomic():
        save(user, update_fields=["email"])
        EmailAddress.objects.filter(user_id=user.pk).exclude(email__iexact=address).delete()
        log("user.email", user, by=by, at=at)


def grant(
    user: User,
    role: str,
    unit: Unit | None = None,
    *,
    by: User,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> RoleGrant:
    """Gives a role, in a unit where the role is a unit's, half-open [valid_from, valid_to); from now when not told.

    The same role that holds already is given back as it is. Refused when the unit has another named employee then.
    """
    _may(by)
    start = valid_from or at
    if valid_to is not None and valid_to <= start:
        raise Refused(_("The end is before the beginning."))
    place = unit if role in UNIT_ROLES else None
    with readable():
        User.objects.select_for_update().get(pk=user.pk)  # a second click waits for the first
        held = user.grants.in_force(start).filter(role=role, unit=place).first()
        if held is not None:
            return held
        made = RoleGrant(user=user, role=role, unit=place, valid_from=start, valid_to=valid_to)
        save(made)
        log("grant.add", place or user, by=by, at=at, role=role, person=str(user))
        outbox.post(messages.ROLE_GIVEN, user, about=made, at=at, once="given")
    user.__dict__.pop("holdings", None)
    return made


def end_grant(held: RoleGrant, *, by: User, at: datetime) -> None:
    """Ends a role this moment; ended already: nothing happens. The last coordinator stays."""
    _may(by)
    with readable():
        # Coordinators are locked together: two who end each other's role at once leave one.
        together = Q(role=Role.COORDINATOR) if held.role == Role.COORDINATOR else Q(pk=held.pk)
        grants = RoleGrant.objects.select_for_update(of=("self",)).select_related("user", "unit")
        locked = {found.pk: found for found in grants.filter(together).order_by("pk")}
        held = locked.pop(held.pk)
        if held.valid_to is not None and held.valid_to <= at:
            return
        if held.role == Role.COORDINATOR:
            others = [g for g in locked.values() if g.user_id != held.user_id and g.user.is_active]
            if not any(g.valid_from <= at and (g.valid_to is None or g.valid_to > at) for g in others):
                raise Refused(_("This is the last coordinator. Give the role to somebody else first."))
        held.valid_to = max(at, held.valid_from)
        held.save(update_fields=["valid_to"])
        log("grant.end", held.unit or held.user, by=by, at=at, role=held.role, person=str(held.user))


def hand_over(unit: Unit, successor: User, *, by: User, at: datetime) -> RoleGrant:
    """The named employee of the unit becomes the successor at ``at``: the old grant ends as the new begins (P16).

    Work and mail follow the role, so they move at once. A second click finds the successor in office and does nothing.
    """
    _may(by)
    with readable():
        Unit.objects.select_for_update().get(pk=unit.pk)
        old = unit.grants.in_force(at).filter(role=Role.UNIT_CONTACT).select_related("user").first()
        if old is not None and old.user == successor:
            return old
        if old is not None:
            old.valid_to = at
            old.save(update_fields=["valid_to"])
        new = RoleGrant(user=successor, role=Role.UNIT_CONTACT, unit=unit, valid_from=at)
        save(new)
        former = str(old.user) if old else ""
        log("grant.hand_over", unit, by=by, at=at, person=str(successor), former=former)
        outbox.post(messages.ROLE_GIVEN, successor, about=new, at=at, once="given")
    successor.__dict__.pop("holdings", None)
    return new


def _may(by: User) -> None:
    if not allowed(by, MANAGE_UNITS):
        raise Refused(_("You may not do this."))
