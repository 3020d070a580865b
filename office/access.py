"""Who may do what: permissions as data, roles in units, views that say which permission they need."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from office.choices import ORDERERS, Role

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Holdings:
    """A person's roles in force, and in which units."""

    pairs: frozenset[tuple[str, int | None]]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int | None]]) -> "Holdings":
        return cls(frozenset(rows))

    @property
    def roles(self) -> set[str]:
        return {role for role, _unit in self.pairs}

    @property
    def units(self) -> set[int]:
        return {unit for _role, unit in self.pairs if unit is not None}

    def units_as(self, *roles: str) -> set[int]:
        """The units in which one of the roles is held."""
        return {unit for role, unit in self.pairs if unit is not None and role in roles}

    def holds(self, roles: Iterable[str], unit_id: int | None = None) -> bool:
        """One of the roles, in this unit when the role is a unit's."""
        return any(role in set(roles) and unit in {None, unit_id} for role, unit in self.pairs)


@dataclass(frozen=True)
class Permission:
    """A thing that may be done, told to a human, and the roles that may do it."""

    name: str
    description: str | Promise
    roles: frozenset[str]


PERMISSIONS: dict[str, Permission] = {}


def permission(name: str, description: str | Promise, *roles: str) -> Permission:
    """Registers a permission; each app does this in its ``access.py``."""
    made = Permission(name, description, frozenset(roles))
    PERMISSIONS[name] = made
    return made


ANYBODY = permission("office.signed_in", _("Own first page, language and messages"), *Role.values)
MANAGE_UNITS = permission("office.manage_units", _("Add and change units and their people"), Role.COORDINATOR)
SEE_OUTBOX = permission("office.see_outbox", _("See every message that goes out"), Role.COORDINATOR)
EDIT_TEXTS = permission("office.edit_texts", _("Write the texts of messages otherwise"), Role.COORDINATOR)
OWN_MESSAGES = permission(
    "office.own_messages", _("See the messages sent to oneself"), *(r for r in Role.values if r != Role.COORDINATOR)
)
OWN_ABSENCE = permission("office.own_absence", _("Write down when one is away oneself"), *ORDERERS)
END_ABSENCE = permission(
    "office.end_absence",
    _("Take an absence back or end it; the coordinator everybody's"),
    *ORDERERS,
    Role.COORDINATOR,
)
SET_REMINDERS = permission("office.set_reminders", _("Set when reminders are sent"), Role.COORDINATOR)
EXPORTS = permission("office.exports", _("Have a year's lists made as files"), Role.COORDINATOR, Role.FINANCE)
SEE_PERMISSIONS = permission("office.see_permissions", _("See who may do what"), Role.COORDINATOR)


def allowed(user: Any, needed: Permission) -> bool:
    """Whether the signed-in person holds a role of the permission."""
    return bool(user.is_authenticated and user.is_active and user.holdings.roles & needed.roles)


def requires(needed: Permission) -> Callable[[View], View]:
    """Declares a view's permission. Without the role: 403. (Not signed in: the log-in page, by middleware.)"""

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not allowed(request.user, needed):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permission = needed  # type: ignore[attr-defined]  # read by office.checks and the URL matrix
        return guarded

    return declare


def public(view: View) -> View:
    """Declares a view that needs no sign-in."""
    view.is_public = True  # type: ignore[attr-defined]  # read by office.checks and the URL matrix
    return login_not_required(view)
