"""A payment run through its states: looked at, made, sent, lines rejected, one corrected, paid (M12)."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from fees.models import PaymentRun
from tests.browser.conftest import Opener
from tests.browser.hands import button, told
from tests.conftest import Cast, Clock
from tests.factories import at, make_closed_session
from tests.fees.steps import approved


@pytest.fixture
def october(people: Cast) -> None:
    """Two experts with an hour each, approved by their unit."""
    for day, expert in ((7, people.expert), (8, people.second_expert)):
        make_closed_session(at(2026, 10, day, 10), expert=expert, unit=people.unit, orderer=people.orderer)
        approved(expert, people.named)


@pytest.mark.usefixtures("october")
def test_from_the_preview_to_paid_with_rejected_lines_and_a_correction(
    people: Cast, visit: Opener, clock: Clock
) -> None:
    carla, fia = visit(people.coordinator), visit(people.finance)

    # Carla looks, then makes the run.
    clock(at(2026, 11, 10, 9))
    page = carla.open("/fees/board/2026-10/close/")
    told(page, "Nothing has been made yet.")
    button(page, "Make the payment run: 2 lists, €100.00").click()
    told(page, "was made: €100.00.")

    # Fia gives the file to the payroll house; it rejects both lines, for two reasons.
    clock(at(2026, 11, 25, 9))
    page = fia.open("/fees/runs/")
    page.get_by_role("main").get_by_role("link", name="Run 1").click()
    button(page, "Sent to payroll").click()
    for name, why in (("Eva Expert", "The hours are doubtful"), ("Otto Other", "Unknown number")):
        page.get_by_role("link", name="Note lines that the payroll house rejected").click()
        page.get_by_role("row", name=name).get_by_role("checkbox").check()
        page.get_by_label("Why did the payroll house reject the ticked lines?").fill(why)
        button(page, "Note the ticked lines as rejected").click()
        told(page, "1 line is noted as rejected.")

    # What was wrong with Otto's number has been put right: his line goes again in a file of its own.
    page.get_by_role("row", name="Otto Other").get_by_role("checkbox").check()
    button(page, "Make a payroll file of the ticked lines").click()
    told(page, "Payroll file 2 of the run is made")
    clock(at(2026, 11, 30, 9))
    page.reload()
    button(page, "Mark as paid, €50.00").click()
    told(page, "is marked as paid.")
    expect(page.get_by_role("row", name="Eva Expert")).to_contain_text("Waiting for payment")

    # Carla corrects Eva's line, and the next run pays both.
    page = carla.open("/fees/runs/")
    page.get_by_role("main").get_by_role("link", name="Run 1").click()
    page.get_by_role("link", name="All lines").click()
    page.get_by_role("row", name="Eva Expert").get_by_role("link", name="Correct").click()
    page.get_by_label("Plus or minus").fill("-12,50")
    page.get_by_label("Why").fill("A quarter of an hour less")
    button(page, "Add to the next run").click()
    told(page, "The correction waits for the next payment run.")
    clock(at(2026, 12, 10, 9))
    page = carla.open("/fees/board/2026-11/close/")
    told(page, "1 correction, −€12.50, is in the sums.")
    told(page, "1 line that the payroll house rejected earlier, €50.00, is in the sums.")
    button(page, "Make the payment run: 0 lists, €37.50").click()

    # Fia pays the second run; nothing is paid twice, and Eva's list is paid with it.
    clock(at(2026, 12, 31, 9))
    page = fia.open("/fees/runs/")
    page.get_by_role("main").get_by_role("link", name="Run 2").click()
    button(page, "Sent to payroll").click()
    button(page, "Mark as paid, €37.50").click()
    told(page, "is marked as paid.")
    page = fia.open("/fees/runs/")
    page.get_by_role("main").get_by_role("link", name="Run 1").click()
    expect(page.get_by_role("row", name="Eva Expert")).to_contain_text("run 2, line 2")
    assert list(PaymentRun.objects.order_by("number").values_list("state", "total")) == [
        ("paid", Decimal("100.00")),
        ("paid", Decimal("37.50")),
    ]
