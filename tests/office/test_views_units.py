"""Units, their people, the handover, rules, permissions."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from office import people
from office.access import PERMISSIONS
from office.errors import Refused
from office.models import ClosingDay, LogEntry, OutboxMessage, Policy, RoleGrant, ServiceArea, Unit, User
from tests.conftest import Cast, Clock
from tests.factories import at, grant, make_unit, make_user

NOW = at(2026, 10, 5, 9)
SignIn = Callable[[User], Client]

PAGES = ["units", "unit_new", "people", "county_grant_new", "service_areas", "service_area_new", "rules", "permissions"]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def person(**changes: str) -> dict[str, str]:
    return {
        "email": "sara@county.example.org",
        "first_name": "Sara",
        "last_name": "Successor",
        "language": "sv",
    } | changes


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_only_the_coordinator_keeps_units(cast: Cast, client_for: SignIn, who: str, page: str) -> None:
    assert client_for(getattr(cast, who)).get(reverse(f"office:{page}")).status_code == 403


@pytest.mark.parametrize("name", ["unit", "unit_edit", "grant_new", "hand_over"])
def test_a_named_employee_does_not_keep_the_own_unit(cast: Cast, client_for: SignIn, name: str) -> None:
    client = client_for(cast.named)
    where = reverse(f"office:{name}", args=[cast.unit.pk])
    assert {client.get(where).status_code, client.post(where).status_code} == {403}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens(coordinator: Client, cast: Cast, page: str) -> None:
    assert coordinator.get(reverse(f"office:{page}")).status_code == 200


def test_adding_and_changing_a_unit(coordinator: Client, cast: Cast) -> None:
    area = ServiceArea.objects.all()[0]
    form = {
        "code": "Y09",
        "name_fi": "Äijälän työpaja",
        "name_sv": "Äijälä verkstad",
        "service_area": area.pk,
        "cost_centre": "4142",
        "is_active": "on",
    }
    answer = coordinator.post(reverse("office:unit_new"), form)
    unit = Unit.objects.get(code="Y09")
    assert answer["Location"] == reverse("office:unit", args=[unit.pk])
    coordinator.post(reverse("office:unit_edit", args=[unit.pk]), form | {"place": "Verstas 2"})
    unit.refresh_from_db()
    assert (unit.name_sv, unit.place) == ("Äijälä verkstad", "Verstas 2")
    assert [e.kind for e in LogEntry.objects.of(unit)] == ["unit.add", "unit.change"]


def test_a_code_that_is_taken_keeps_what_was_typed(coordinator: Client, cast: Cast) -> None:
    form = {"code": "Y01", "name_fi": "Uusi", "name_sv": "Ny", "cost_centre": "1"}
    page = coordinator.post(reverse("office:unit_new"), form)
    shown = page.context["form"]
    assert sorted(shown.errors) == ["code", "service_area"]
    assert (shown["code"].value(), shown["name_fi"].value()) == ("Y01", "Uusi")


# --- roles -----------------------------------------------------------------------------------------------------------


def test_the_handover_is_in_the_same_minute(coordinator: Client, client_for: SignIn, cast: Cast, clock: Clock) -> None:
    """P16: the former named employee loses the unit when the successor gets it, not at log-out."""
    before = client_for(cast.named)
    where = reverse("office:hand_over", args=[cast.unit.pk])
    coordinator.post(where, person())
    successor = User.objects.get(email="sara@county.example.org")
    old, new = RoleGrant.objects.filter(unit=cast.unit, role="unit_contact").order_by("valid_from")
    assert (old.user, old.valid_to, new.user, new.valid_from, new.valid_to) == (cast.named, NOW, successor, NOW, None)
    assert User.objects.get(pk=cast.named.pk).holdings.units == set()
    assert successor.holdings.units_as("unit_contact") == {cast.unit.pk}
    assert before.get(reverse("office:my_messages")).status_code == 403  # no role is left
    kinds = sorted(m.kind for m in OutboxMessage.objects.filter(recipient=successor))
    assert kinds == ["account_made", "role_given"]


def test_a_second_click_on_the_handover_changes_nothing(coordinator: Client, cast: Cast) -> None:
    where = reverse("office:hand_over", args=[cast.unit.pk])
    for _click in range(2):
        assert coordinator.post(where, person()).status_code == 302
    assert RoleGrant.objects.filter(unit=cast.unit, role="unit_contact").count() == 2
    assert OutboxMessage.objects.filter(kind="role_given").count() == 1


def test_a_deputy_can_become_the_named_employee(cast: Cast) -> None:
    people.hand_over(cast.unit, cast.deputy, by=cast.coordinator, at=NOW)
    assert User.objects.get(pk=cast.deputy.pk).holdings.units_as("unit_contact") == {cast.unit.pk}


def test_a_second_named_employee_is_refused_in_words(coordinator: Client, cast: Cast) -> None:
    form = person(role="unit_contact", from_day="1.11.2026")
    page = coordinator.post(reverse("office:grant_new", args=[cast.unit.pk]), form)
    shown = page.context["form"]
    assert shown.errors == {"__all__": ["The unit has a named employee at that time already."]}
    assert (shown["email"].value(), shown["from_day"].value()) == ("sara@county.example.org", "1.11.2026")


def test_a_role_from_a_day_to_a_day(coordinator: Client, cast: Cast) -> None:
    form = person(role="staff", from_day="1.11.2026", to_day="30.11.2026")
    coordinator.post(reverse("office:grant_new", args=[cast.unit.pk]), form)
    held = RoleGrant.objects.get(user__email="sara@county.example.org")
    assert (held.role, held.unit, held.valid_from, held.valid_to) == (
        "staff",
        cast.unit,
        at(2026, 11, 1, 0),
        at(2026, 12, 1, 0),
    )


def test_a_role_may_not_end_before_it_begins(coordinator: Client, cast: Cast) -> None:
    form = person(role="staff", from_day="1.11.2026", to_day="1.10.2026")
    page = coordinator.post(reverse("office:grant_new", args=[cast.unit.pk]), form)
    assert page.context["form"].errors == {"__all__": ["The end is before the beginning."]}
    assert RoleGrant.objects.filter(role="staff", unit=cast.unit).count() == 1


def test_an_unknown_address_needs_a_name_and_a_known_one_does_not(coordinator: Client, cast: Cast) -> None:
    where = reverse("office:grant_new", args=[cast.unit.pk])
    page = coordinator.post(where, {"email": "new@county.example.org", "role": "staff", "language": "fi"})
    assert sorted(page.context["form"].errors) == ["first_name", "last_name"]
    coordinator.post(where, {"email": cast.stranger.email.upper(), "role": "staff", "language": "fi"})
    assert User.objects.get(pk=cast.stranger.pk).holdings.units == {cast.unit.pk, cast.other_unit.pk}
    assert User.objects.filter(email__iexact=cast.stranger.email).count() == 1


def test_ending_a_role_ends_it_now(coordinator: Client, client_for: SignIn, cast: Cast) -> None:
    held = cast.orderer.grants.get()
    for _click in range(2):
        coordinator.post(reverse("office:grant_end", args=[held.pk]))
    held.refresh_from_db()
    assert held.valid_to == NOW
    assert User.objects.get(pk=cast.orderer.pk).holdings.pairs == frozenset()
    assert LogEntry.objects.filter(kind="grant.end").count() == 1


def test_the_last_coordinator_stays(coordinator: Client, cast: Cast) -> None:
    held = cast.coordinator.grants.get()
    with pytest.raises(Refused, match="last coordinator"):
        people.end_grant(held, by=cast.coordinator, at=NOW)
    other = make_user(roles=["coordinator"])
    people.end_grant(other.grants.get(), by=cast.coordinator, at=NOW)
    assert cast.coordinator.grants.in_force(NOW).count() == 1


def test_roles_of_the_county(coordinator: Client, cast: Cast) -> None:
    coordinator.post(reverse("office:county_grant_new"), person(role="supervisor"))
    held = RoleGrant.objects.get(user__email="sara@county.example.org")
    assert (held.role, held.unit) == ("supervisor", None)
    assert b"Sara Successor" in coordinator.get(reverse("office:people")).content


def test_nobody_else_gives_roles(cast: Cast) -> None:
    for by in (cast.named, cast.finance, cast.expert_user):
        with pytest.raises(Refused):
            people.grant(by, "coordinator", by=by, at=NOW)
        with pytest.raises(Refused):
            people.hand_over(cast.unit, by, by=by, at=NOW)
        with pytest.raises(Refused):
            people.end_grant(cast.coordinator.grants.get(), by=by, at=NOW)


# --- areas, rules, permissions -------------------------------------------------------------------------------


def test_closing_days(coordinator: Client, cast: Cast) -> None:
    where = reverse("office:rules")
    coordinator.post(where, {"adding": "closing", "closing-day": "7.12.2026", "closing-reason": "Siltapäivä"})
    closing = ClosingDay.objects.get()
    assert (closing.day, closing.reason) == (date(2026, 12, 7), "Siltapäivä")
    page = coordinator.post(where, {"adding": "closing", "closing-day": "7.12.2026", "closing-reason": "Taas"})
    assert list(page.context["closing_form"].errors) == ["day"]
    assert page.context["policy_form"].is_bound is False
    coordinator.post(reverse("office:closing_day_remove", args=[closing.pk]))
    assert ClosingDay.objects.count() == 0


def test_rules_are_dated_and_never_begin_in_the_past(coordinator: Client, cast: Cast) -> None:
    where = reverse("office:rules")
    form = {
        "adding": "policy",
        "policy-valid_from": "1.1.2027",
        "policy-cancellation_basis": "previous_calendar_day",
        "policy-cancellation_time": "14.30",
        "policy-list_due_day": "7",
    }
    coordinator.post(where, form)
    policy = Policy.objects.get(valid_from=date(2027, 1, 1))
    assert (policy.valid_from, policy.cancellation_time, policy.list_due_day, policy.pay_day_moves) == (
        date(2027, 1, 1),
        time(14, 30),
        7,
        False,
    )
    page = coordinator.post(where, form | {"policy-valid_from": "1.10.2026"})
    assert "Rules begin today or later" in page.context["policy_form"].errors["__all__"][0]
    page = coordinator.post(where, form | {"policy-valid_from": "1.2.2027", "policy-list_due_day": "30"})
    assert page.context["policy_form"]["list_due_day"].value() == "30"
    assert Policy.objects.count() == 2
    coordinator.post(reverse("office:policy_remove", args=[policy.pk]))
    assert Policy.objects.filter(pk=policy.pk).exists() is False


def test_rules_in_force_are_not_removed(coordinator: Client, cast: Cast) -> None:
    policy = Policy.objects.create(valid_from=date(2026, 1, 1))
    coordinator.post(reverse("office:policy_remove", args=[policy.pk]))
    assert Policy.objects.filter(pk=policy.pk).exists() is True


def test_the_page_of_permissions_tells_them_all(coordinator: Client, cast: Cast) -> None:
    page = coordinator.get(reverse("office:permissions"))
    told = {(role["label"], str(what)) for role in page.context["roles"] for what in role["may"]}
    assert len({what for _label, what in told}) == len({str(p.description) for p in PERMISSIONS.values()})


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    coordinator: Client, cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    for number in range(count):
        unit = make_unit()
        grant(make_user(), "unit_contact", unit)
        grant(make_user(), "staff", cast.unit)
        Policy.objects.create(valid_from=date(2027, 1, 1 + number))
        ClosingDay.objects.create(day=date(2027, 1, 1 + number), reason="x")
    for name, args in [(page, []) for page in PAGES] + [("unit", [cast.unit.pk]), ("hand_over", [cast.unit.pk])]:
        with django_assert_max_num_queries(10):
            assert coordinator.get(reverse(f"office:{name}", args=args)).status_code == 200
