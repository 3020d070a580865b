"""Who may do what, for how long, and that nothing is open by mistake."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client

from assignments.models import Order
from office.access import ANYBODY, MANAGE_UNITS, PERMISSIONS, Holdings, allowed, public, requires
from office.choices import NAMED, ORDERERS, Role
from office.models import RoleGrant, Unit, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_order, make_unit, make_user

pytestmark = pytest.mark.django_db

NINE = at(2026, 10, 5, 9)
SECOND = timedelta(seconds=1)


def fresh(user: User) -> User:
    """As the next request loads the person."""
    return User.objects.get(pk=user.pk)


# --- roles for a time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "holds"),
    [
        pytest.param(NINE - SECOND, False, id="a second before it begins"),
        pytest.param(NINE, True, id="the moment it begins"),
        pytest.param(at(2026, 10, 6, 9) - SECOND, True, id="a second before it ends"),
        pytest.param(at(2026, 10, 6, 9), False, id="the moment it ends"),
    ],
)
def test_a_role_holds_for_its_time_only(clock: Clock, moment: object, holds: bool) -> None:  # noqa: FBT001 - a table
    user = make_user()
    grant(user, Role.COORDINATOR, since=NINE, until=at(2026, 10, 6, 9))
    clock(moment)  # type: ignore[arg-type]
    assert allowed(fresh(user), MANAGE_UNITS) is holds


def test_handover_of_the_named_employee_moves_everything_the_same_minute(cast: Cast, clock: Clock) -> None:
    """P16: the former named employee has nothing left, the successor has it all."""
    order = make_order(unit=cast.unit, orderer=cast.orderer)
    successor = make_user()
    RoleGrant.objects.filter(user=cast.named).update(valid_to=NINE)
    grant(successor, Role.UNIT_CONTACT, cast.unit, since=NINE)

    def sees(user: User) -> bool:
        return Order.objects.visible_to(fresh(user)).filter(pk=order.pk).exists()

    clock(NINE - SECOND)
    assert (sees(cast.named), sees(successor)) == (True, False)
    clock(NINE)
    assert (sees(cast.named), sees(successor)) == (False, True)


# Lesson R11.
def test_a_role_that_ends_while_signed_in_ends_at_the_next_click(
    clock: Clock, client_for: Callable[[User], Client]
) -> None:
    user = make_user()
    grant(user, Role.COORDINATOR, since=NINE - SECOND, until=NINE)
    clock(NINE - SECOND)
    browser = client_for(user)
    assert browser.get("/").status_code == 200
    clock(NINE)
    assert browser.get("/").status_code == 403


def test_a_person_made_inactive_is_signed_out_at_the_next_click(
    cast: Cast, client_for: Callable[[User], Client]
) -> None:
    browser = client_for(cast.coordinator)
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    assert browser.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_an_inactive_person_holds_nothing(cast: Cast) -> None:
    User.objects.filter(pk=cast.coordinator.pk).update(is_active=False)
    assert fresh(cast.coordinator).holdings == Holdings(frozenset())


def test_a_technical_administrator_has_no_role_of_the_office() -> None:
    admin = User.objects.create_superuser("root@county.example.org")
    assert not any(allowed(admin, permission) for permission in PERMISSIONS.values())


# Lesson R11.
def test_roles_are_read_once_for_a_request(cast: Cast, django_assert_num_queries: Callable[..., object]) -> None:
    user = fresh(cast.named)
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert user.has_role(Role.UNIT_CONTACT)
        assert user.holdings.units == {cast.unit.pk}


# --- units -----------------------------------------------------------------------------------------------------------


def test_a_role_in_one_unit_says_nothing_of_another() -> None:
    here, there = make_unit(), make_unit()
    user = make_user(roles=[(Role.UNIT_CONTACT, here), (Role.STAFF, there)])
    assert user.holdings.units == {here.pk, there.pk}
    assert user.holdings.units_as(*NAMED) == {here.pk}
    assert user.holdings.units_as(*ORDERERS) == {here.pk, there.pk}
    assert user.holdings.holds(NAMED, here.pk)
    assert not user.holdings.holds(NAMED, there.pk)
    assert not user.holdings.holds(NAMED)


def test_a_role_of_the_county_holds_in_every_unit(cast: Cast) -> None:
    assert cast.coordinator.holdings.holds({Role.COORDINATOR}, cast.unit.pk)
    assert cast.coordinator.holdings.holds({Role.COORDINATOR})


@pytest.mark.parametrize(
    ("who", "units"),
    [
        ("coordinator", {"Y01", "Y02"}),
        ("finance", {"Y01", "Y02"}),
        ("named", {"Y01"}),
        ("deputy", {"Y01"}),
        ("orderer", {"Y01"}),
        ("stranger", {"Y02"}),
        ("expert_user", set()),
        ("supervisor", set()),
    ],
)
def test_units_seen(cast: Cast, who: str, units: set[str]) -> None:
    assert {unit.code for unit in Unit.objects.visible_to(getattr(cast, who))} == units


# --- views -----------------------------------------------------------------------------------------------------------


@requires(MANAGE_UNITS)
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def test_who_holds_the_permission_comes_in(cast: Cast, http: Callable[[User], HttpRequest]) -> None:
    assert guarded(http(cast.coordinator)).status_code == 200


@pytest.mark.parametrize("who", ["finance", "named", "deputy", "orderer", "expert_user", "supervisor", "stranger"])
def test_who_does_not_is_refused(cast: Cast, http: Callable[[User], HttpRequest], who: str) -> None:
    with pytest.raises(PermissionDenied):
        guarded(http(getattr(cast, who)))


def test_nobody_signed_in_is_refused_even_without_the_middleware(http: Callable[..., HttpRequest]) -> None:
    with pytest.raises(PermissionDenied):
        guarded(http(AnonymousUser()))


def test_not_signed_in_goes_to_the_log_in_page_and_back(client: Client) -> None:
    answer = client.get("/?a=b")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/login/?next=/%3Fa%3Db")


def test_the_decorators_say_on_the_view_who_may_see_it() -> None:
    @public
    def open_to_all(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    assert guarded.permission is MANAGE_UNITS  # type: ignore[attr-defined]
    assert open_to_all.is_public is True  # type: ignore[attr-defined]
    assert open_to_all.login_required is False  # type: ignore[attr-defined]


def test_everybody_with_a_role_has_a_first_page() -> None:
    assert ANYBODY.roles == set(Role.values)


def test_every_permission_has_words_and_known_roles() -> None:
    for name, permission in PERMISSIONS.items():
        assert (name, bool(str(permission.description))) == (permission.name, True)
        assert permission.roles <= set(Role.values), name
        assert permission.roles, f"{name}: nobody may"
