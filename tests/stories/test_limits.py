"""The clock goes on while somebody looks at a page: the server decides, and asks again."""

from datetime import timedelta

import pytest

from assignments.models import Session
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_fee_table
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db
LIMIT = at(2026, 10, 6, 15)
SECOND = timedelta(seconds=1)


@pytest.fixture
def session(cast: Cast) -> Session:
    make_fee_table()
    return make_agreed_session(at(2026, 10, 7, 10), unit=cast.unit, orderer=cast.orderer, expert=cast.expert)


def test_the_limit_passes_while_the_page_is_open(cast: Cast, clock: Clock, session: Session) -> None:
    """T1: free when it was opened, a second too late when it was sent: told and asked again, nothing changed."""
    anna = Person(cast.orderer)
    clock(LIMIT - timedelta(minutes=1))
    anna.open(f"/orders/sessions/{session.pk}/").follow("Cancel the session, nothing is paid")
    clock(LIMIT + SECOND)
    anna.press("Cancel the session, nothing is paid")
    assert "The agreed fee €50.00 is paid." in anna.sees
    assert Session.objects.get().state == "agreed"
    anna.press("Cancel the session, €50.00")
    found = Session.objects.get()
    assert (found.outcome, found.received_at, str(found.fee)) == ("cancelled_late", LIMIT + SECOND, "50.00")


@pytest.mark.parametrize(
    ("moment", "outcome", "fee"),
    [
        pytest.param(LIMIT - SECOND, "cancelled_in_time", "0.00", id="14:59:59"),
        pytest.param(LIMIT, "cancelled_in_time", "0.00", id="15:00:00"),
        pytest.param(LIMIT + SECOND, "cancelled_late", "50.00", id="15:00:01"),
    ],
)
def test_three_o_clock_itself_is_still_free(
    cast: Cast, clock: Clock, session: Session, moment: object, outcome: str, fee: str
) -> None:
    """R11, T4."""
    clock(moment)  # type: ignore[arg-type]
    anna = Person(cast.orderer).open(f"/orders/sessions/{session.pk}/")
    anna.follow("Cancel the session").press("Cancel the session")
    found = Session.objects.get()
    assert (found.outcome, str(found.fee)) == (outcome, fee)


def test_told_by_telephone_in_time_counts_from_then(cast: Cast, clock: Clock, session: Session) -> None:
    """R14: the moment it was received counts; both moments are kept."""
    clock(LIMIT + timedelta(hours=2))
    anna = Person(cast.orderer).open(f"/orders/sessions/{session.pk}/").follow("Cancel the session")
    anna.press("Cancel the session", told_day="6.10.2026", told_clock="14.30")
    if Session.objects.get().state == "agreed":  # the sum is another than the page told: asked again
        anna.press("Cancel the session")
    found = Session.objects.get()
    received = LIMIT - timedelta(minutes=30)
    assert (found.outcome, found.received_at, found.recorded_at) == (
        "cancelled_in_time",
        received,
        LIMIT + timedelta(hours=2),
    )


def test_two_tabs_one_outcome(cast: Cast, clock: Clock, session: Session) -> None:
    """The second click is told, and changes nothing."""
    clock(LIMIT - timedelta(hours=1))
    first, second = Person(cast.orderer), Person(cast.named)
    for person in (first, second):
        person.open(f"/orders/sessions/{session.pk}/").follow("Cancel the session")
    first.press("Cancel the session")
    clock(LIMIT + timedelta(hours=1))
    second.press("Cancel the session")
    assert "has been marked already" in second.sees
    found = Session.objects.get()
    assert (found.outcome, found.recorded_by) == ("cancelled_in_time", cast.orderer)
