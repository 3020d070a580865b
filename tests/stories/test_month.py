"""From the order to the paid month, through the pages, as the people of the cast do it."""

import shutil
import subprocess
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from assignments.models import Order, Session
from fees.actions import make_documents
from fees.models import HourList, HourRow, PaymentRun, RunLine
from fees.states import ListState, RunState
from office.models import OutboxMessage, Unit
from tests.conftest import Cast, Clock
from tests.factories import at, make_fee_table
from tests.stories.reader import Person

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class People:
    """The cast at their screens: who orders, who is named, the expert, the coordinator, finance."""

    anna: Person
    nora: Person
    eva: Person
    carla: Person
    fia: Person


def session_on(day: int) -> Session:
    return Session.objects.get(starts_at__gte=at(2026, 10, day, 0), starts_at__lt=at(2026, 10, day, 23))


def order_the_group(anna: Person) -> None:
    """Four Wednesdays in October."""
    anna.open("/orders/find/").press("Order with Eva E.")
    anna.press("Continue", kind="Group leading", task="Open group on Wednesdays", language="English")
    anna.press("Continue", first_day="1.10.2026", last_day="31.10.2026", co_leader="Nora Named")
    wednesdays = {"week-0-weekday": "Wednesday", "week-0-start": "10", "week-0-end": "12"}
    anna.press("Write the times of the period below", **wednesdays)
    assert "Wednesday 28 October 2026, 2 h. Free to cancel until Tue 27 Oct 2026 at 15:00." in anna.sees
    anna.press("Continue").press("Continue").press("Continue")
    assert "4 times in all 200.00" in anna.sees
    anna.press("Send the order")
    assert "→ To be confirmed" in anna.sees


def order_the_walks(anna: Person) -> None:
    """Two Fridays with a client, 20 km each."""
    anna.open("/orders/find/").press("Order with Eva E.")
    anna.press("Continue", kind="Individual work", task="Walks and talks", language="English")
    anna.press("Continue", goal="Courage", meetings="2", spacing="every week", contact_way="By the nurse")
    anna.press("Add another time", **{"time-0-day": "9.10.2026", "time-0-start": "9", "time-0-end": "10"})
    anna.press("Continue", **{"time-1-day": "16.10.2026", "time-1-start": "9", "time-1-end": "10"})
    anna.press("Continue").press("Continue", travel_mode="car", travel_km="20").press("Send the order")
    assert "2 times in all 122.00" in anna.sees


def text_of(pdf: bytes, folder: Path) -> str:
    (folder / "statement.pdf").write_bytes(pdf)
    read = ["pdftotext", "-layout", str(folder / "statement.pdf"), "-"]
    return subprocess.run(read, capture_output=True, check=True, text=True).stdout.replace("\u00a0", " ")


def september(people: People, clock: Clock) -> None:
    """Ordered, confirmed by the named employee, accepted by the expert."""
    anna, nora, eva = people.anna, people.nora, people.eva
    clock(at(2026, 9, 14, 9))
    order_the_group(anna)
    order_the_walks(anna)
    clock(at(2026, 9, 14, 13))
    for _order in range(2):
        nora.open("/").follow("Confirm").press("Confirm the order")
        assert "Eva E. has been asked and answers at the latest Thu 17 Sep 2026 at 16:00." in nora.sees
    clock(at(2026, 9, 15, 18))
    for _offer in range(2):
        eva.open("/").follow("Answer").press("Accept")
        assert "Agreed. The unit has been told." in eva.sees


def october(people: People, clock: Clock) -> None:
    """One went as agreed, one client did not come, two cancellations, a move, nobody came."""
    anna, eva = people.anna, people.eva
    # Wednesday the 7th went as agreed.
    clock(at(2026, 10, 7, 14))
    eva.open("/orders/mine/").follow("Mark").press("Held as agreed, €50.00")
    # Friday the 9th the client did not come; the journey was made.
    clock(at(2026, 10, 9, 10))
    anna.open("/orders/sessions/").follow("Fri 9").follow("Mark, €61.00 : The client did not come")
    anna.press("Mark, €61.00", time_used_for="We planned the next group")
    # Wednesday the 14th is cancelled in the morning: too late.
    clock(at(2026, 10, 14, 8))
    anna.open("/orders/sessions/").follow("Wed 14")
    centre = Unit.objects.get(code="Y01").cost_centre
    assert f"If you cancel now, the agreed fee €50.00 is paid from the unit's cost centre {centre}" in anna.sees
    anna.follow("Cancel the session, €50.00").press("Cancel the session, €50.00")
    assert "Cancelled late" in anna.sees
    # Friday the 16th is cancelled on Thursday at three to the second: in time.
    clock(at(2026, 10, 15, 15))
    anna.open("/orders/sessions/").follow("Fri 16")
    anna.follow("Cancel the session, nothing is paid").press("Cancel the session, nothing is paid")
    assert "Cancelled in time" in anna.sees
    # Wednesday the 21st is moved to Thursday, after the limit; Eva agrees.
    clock(at(2026, 10, 20, 16))
    anna.open("/orders/sessions/").follow("Wed 21").follow("Propose a new time")
    anna.press("See what it means", day="22.10.2026", start="10", end="12")
    assert "The new time would be free to cancel until Wed 21 Oct 2026 at 15:00. Its fee: €50.00." in anna.sees
    anna.press("Propose this time")
    eva.open("/").follow("Answer").press("The new time suits")
    # Wednesday the 28th nobody came.
    clock(at(2026, 10, 28, 13))
    eva.open(f"/orders/sessions/{session_on(28).pk}/").follow("Mark, €50.00 : Nobody came").press("Mark, €50.00")


def sent(people: People, clock: Clock) -> None:
    """Eva tells that the moved time went on for a quarter of an hour, and sends."""
    eva = people.eva
    clock(at(2026, 11, 2, 17))
    eva.open("/").follow("Check")
    assert "6 times, 1 to check" in eva.sees
    moved = f"s{session_on(22).pk}"
    later = {f"{moved}-choice": "Changed", f"{moved}-ends": "12.15", f"{moved}-reason": "The talk went on"}
    eva.press("Save", **later)
    assert "€256.25 + travel €11.00 Save Send October 2026" in eva.sees
    eva.press("Send October 2026")
    assert "Sent to 1 unit. Altogether €267.25." in eva.sees


def returned_and_approved(people: People, clock: Clock) -> None:
    """Nora looks at what differs, returns the list for one row, and approves it when it is mended."""
    nora, eva = people.nora, people.eva
    clock(at(2026, 11, 3, 9))
    nora.open("/").follow("Check")
    assert "1 list, €267.25" in nora.sees
    nora.follow("Eva Expert")
    row = HourRow.objects.get(session=session_on(22))
    moved = f"s{session_on(22).pk}"
    nora.press("Return the list", reason="Please look at the 22nd", **{f"row-{row.pk}": "We ended at noon"})
    eva.open("/").follow("Mend and send")
    assert "We ended at noon" in eva.sees
    eva.press("Save", **{f"{moved}-choice": "As agreed"}).press("Send October 2026")
    clock(at(2026, 11, 5, 9))
    nora.open("/").follow("Check").press("Approve, €261.00")
    assert "Approved: 1 list, €261.00." in nora.sees


def closed_and_paid(people: People, clock: Clock) -> None:
    """Carla closes the month, Fia pays."""
    carla, fia = people.carla, people.fia
    clock(at(2026, 11, 12, 9))
    carla.open("/").follow("Look at the payment run")
    assert "Fees €250.00 Travel €11.00 Altogether €261.00" in carla.sees
    carla.press("Make the payment run: 1 list, €261.00")
    assert "Payment run 1 was made: €261.00." in carla.sees
    make_documents(PaymentRun.objects.get())
    clock(at(2026, 11, 30, 9))
    fia.open("/").follow("Open")
    assert "Control total €261.00" in fia.sees
    fia.press("Sent to payroll")
    fia.press("Mark as paid, €261.00")
    assert "✓ Paid" in fia.sees


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) reads the statement")
def test_from_the_order_to_the_paid_month(cast: Cast, clock: Clock, tmp_path: Path) -> None:
    make_fee_table()
    anna, nora, eva = Person(cast.orderer), Person(cast.named), Person(cast.expert_user)
    people = People(anna, nora, eva, Person(cast.coordinator), Person(cast.finance))
    september(people, clock)
    october(people, clock)
    sent(people, clock)
    returned_and_approved(people, clock)
    closed_and_paid(people, clock)

    # Eva's statement tells every euro.
    eva.open("/fees/month/2026-10/")
    assert "✓ Paid Paid Mon 30 Nov 2026." in eva.sees
    eva.follow("Fee statement of payment 1")
    assert eva.content_type == "application/pdf"
    told = text_of(eva.answer.getvalue(), tmp_path)
    amounts = ["50.00", "50.00", "11.00", "50.00", "50.00", "50.00"]
    assert [line.amount for line in RunLine.objects.order_by("position") if line.amount] == list(map(Decimal, amounts))
    for words in ("Wed 7 Oct", "Fri 9 Oct", "Wed 14 Oct", "Thu 22 Oct", "Wed 28 Oct", "€261.00", "20 km"):
        assert words in told

    # Nothing of it is there for a stranger, and nothing of it can be done again.
    stan = Client()
    stan.force_login(cast.stranger)
    order, list_ = Order.objects.earliest("pk"), HourList.objects.get()
    assert [stan.get(address).status_code for address in (f"/orders/{order.pk}/", f"/fees/lists/{list_.pk}/")] == [
        404,
        403,
    ]
    again = Client()
    again.force_login(cast.finance)
    again.post(f"/fees/runs/{PaymentRun.objects.get().pk}/pay/")
    assert (list_.state, PaymentRun.objects.get().state) == (ListState.PAID, RunState.PAID)
    paid = OutboxMessage.objects.filter(about_type="fees.paymentrun", recipient=cast.expert_user)
    assert [message.about_id for message in paid] == [PaymentRun.objects.get().pk]
