"""A date of supervision is told of two days before, to those who come."""

from datetime import timedelta

import pytest

from experts.models import Expert
from office.outbox import KINDS
from supervision.models import Attendance, SupervisionGroup, SupervisionMeeting
from tests.conftest import Cast, Clock
from tests.factories import at
from tests.fees.test_reminders import people, text, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(cast: Cast) -> SupervisionMeeting:
    """Monday 12.10.2026 at 16; Eva comes, Otto has signed off."""
    group = SupervisionGroup.objects.create(name_fi="Ryhmä", name_sv="Grupp", supervisor=cast.supervisor)
    starts_at = at(2026, 10, 12, 16)
    made = SupervisionMeeting.objects.create(
        group=group, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), place="Sali 2"
    )
    Attendance.objects.create(meeting=made, expert=cast.expert)
    Attendance.objects.create(meeting=made, expert=cast.second_expert, state=Attendance.State.SIGNED_OFF)
    return made


def test_two_days_before_or_on_the_working_day_before_that(cast: Cast, meeting: SupervisionMeeting) -> None:
    assert told("supervision_date", at(2026, 10, 8, 9)) == []
    [message] = told("supervision_date", at(2026, 10, 9, 9))
    assert (message.recipient, message.subject) == (cast.expert_user, "Supervision on Mon 12 Oct 2026")
    assert "Ryhmä\nMon 12 Oct 2026 at 16:00–18:00\nSali 2" in text(message)
    assert told("supervision_date", at(2026, 10, 12, 9)) == []


def test_not_when_cancelled_signed_off_or_left(cast: Cast, meeting: SupervisionMeeting, clock: Clock) -> None:
    clock(at(2026, 10, 9, 9))
    [message] = told("supervision_date", at(2026, 10, 9, 9))
    still_true = KINDS[message.kind].still_true
    assert still_true is not None
    assert still_true(message) is True
    SupervisionMeeting.objects.update(cancelled_at=at(2026, 10, 9, 9))
    assert still_true(message) is False
    SupervisionMeeting.objects.update(cancelled_at=None)
    Expert.objects.update(state=Expert.State.ENDED)
    assert still_true(message) is False
    Expert.objects.update(state=Expert.State.ACTIVE)
    Attendance.objects.update(state=Attendance.State.SIGNED_OFF)
    assert still_true(message) is False
    assert people([message]) == [cast.expert_user]
