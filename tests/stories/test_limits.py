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
    anna.press("Cancel the session", told_day="6.10.2026", told_clock="14.30", told_by="Nora Named")
    if Session.objects.get().state == "agreed":  # the sum is another than the page told: asked again
        anna.press("Cancel the session")
    found = Session.objects.get()
    received = LIMIT - timedelta(minutes=30)
    assert (found.outcome, found.received_at, found.recorded_at, found.told_by, found.recorded_by) == (
        "cancelled_in_time",
        received,
        LIMIT + timedelta(hours=2),
        "Nora Named",
        cast.orderer,
    )


def test_shortened_late_pays_what_was_agreed(cast: Cast, clock: Clock) -> None:
    """3 h agreed, 2 h left, told after the limit: all three are paid; until the limit it is what was done."""
    make_fee_table()
    group = make_agreed_session(
        at(2026, 10, 8, 10), at(2026, 10, 8, 13), "group", unit=cast.unit, orderer=cast.orderer, expert=cast.expert
    )
    clock(at(2026, 10, 8, 14))
    anna = Person(cast.orderer).open(f"/orders/sessions/{group.pk}/").follow("Mark, €75.00 : It was shortened")
    anna.press("Mark, €75.00", start="10", end="12")
    found = Session.objects.get(pk=group.pk)
    assert (found.outcome, str(found.fee)) == ("shortened_late", "75.00")


def test_a_client_who_does_not_come_and_the_time_is_used(cast: Cast, clock: Clock, session: Session) -> None:
    clock(at(2026, 10, 7, 12))
    anna = Person(cast.orderer).open(f"/orders/sessions/{session.pk}/")
    anna.follow("Mark, €50.00 : The client did not come").press("Mark, €50.00", time_used_for="Planned the group")
    found = Session.objects.get()
    assert (found.outcome, str(found.fee), found.time_used_for) == ("no_show", "50.00", "Planned the group")
    assert "Planned the group" in anna.sees


def test_the_expert_is_prevented(cast: Cast, clock: Clock, session: Session) -> None:
    """Nothing is paid, also after the limit; the unit hears it; taken back, all is as agreed."""
    clock(LIMIT + timedelta(hours=3))
    eva = Person(cast.expert_user).open(f"/orders/sessions/{session.pk}/")
    eva.follow("Mark, nothing is paid : I cannot come").press("Mark, nothing is paid")
    found = Session.objects.get()
    assert (found.outcome, str(found.fee)) == ("expert_cancelled", "0.00")
    eva.press("Take this back")
    found = Session.objects.get()
    assert (found.state, str(found.fee)) == ("agreed", "50.00")


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
