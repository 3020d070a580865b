"""Open inductions are told of once a week, to the named employee and the deputy of the unit only."""

import pytest

from office.models import RoleGrant
from office.outbox import KINDS
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session
from tests.factories.induction import make_induction, make_row
from tests.fees.test_reminders import people, told

pytestmark = pytest.mark.django_db


def test_on_the_first_working_day_of_a_week(cast: Cast, clock: Clock) -> None:
    make_induction(cast.expert, cast.unit, [make_row()], by=cast.named)
    make_agreed_session(at(2026, 10, 14, 10), expert=cast.second_expert, unit=cast.unit, orderer=cast.orderer)
    assert told("induction_open", at(2026, 10, 6, 9)) == []
    messages = told("induction_open", at(2026, 10, 12, 9))
    assert people(messages) == [cast.named, cast.deputy]
    assert "1 expert comes to work and has no checklist yet.\n1 checklist is open.\n" in messages[0].body
    clock(at(2026, 10, 12, 9))
    still_true = KINDS["remind_induction_open"].still_true
    assert still_true is not None
    assert still_true(messages[0]) is True
    RoleGrant.objects.filter(user=cast.named).update(valid_to=at(2026, 10, 12, 8))
    assert still_true(messages[0]) is False


def test_units_where_nobody_is(cast: Cast) -> None:
    assert told("unit_alone", at(2026, 10, 12, 9)) == []
    RoleGrant.objects.filter(unit=cast.unit).update(valid_to=at(2026, 10, 13, 8))
    assert told("unit_alone", at(2026, 10, 13, 9)) == []
    [message] = told("unit_alone", at(2026, 10, 19, 9))
    assert (message.recipient, message.subject) == (cast.coordinator, "1 unit has no named employee or deputy")
    assert "- Loviisan mielenterveystoimisto\n" in message.body
