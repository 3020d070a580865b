"""A constraint with a range is checked before saving as the database checks it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from office.choices import Role
from office.models import RoleGrant
from tests.conftest import Cast
from tests.factories import at, make_unit, make_user

pytestmark = pytest.mark.django_db
NOW = at(2026, 10, 5, 9)


def test_another_unit_may_have_its_own_named_employee_at_the_same_time(cast: Cast) -> None:
    RoleGrant(user=make_user(), role=Role.UNIT_CONTACT, unit=make_unit(), valid_from=NOW).full_clean()


def test_a_second_named_employee_of_the_unit_is_told_before_saving(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        RoleGrant(user=make_user(), role=Role.UNIT_CONTACT, unit=cast.unit, valid_from=NOW).full_clean()
    assert refusal.value.messages == ["The unit has a named employee at that time already."]


def test_one_after_the_other_is_no_second() -> None:
    unit = make_unit()
    RoleGrant.objects.create(
        user=make_user(), role=Role.UNIT_CONTACT, unit=unit, valid_from=NOW, valid_to=NOW + timedelta(days=1)
    )
    RoleGrant(user=make_user(), role=Role.UNIT_CONTACT, unit=unit, valid_from=NOW + timedelta(days=1)).full_clean()
