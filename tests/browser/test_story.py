"""A month of the office through its screens, each in their own browser: from the search to the paid fee."""

import zipfile
from pathlib import Path

from django.core import mail
from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.hands import button, heading, menu, tab_to, told
from tests.conftest import Cast, Clock
from tests.factories import at


def test_a_month_of_the_office(  # noqa: PLR0915 - one story, told from its beginning to its end
    people: Cast, visit: Opener, clock: Clock, tmp_path: Path
) -> None:
    anna, nora, carla, fia = (
        visit(user) for user in (people.orderer, people.named, people.coordinator, people.finance)
    )
    eva = visit(people.expert_user, width=360, has_touch=True)

    # Anna finds Eva, who is free, and orders two weeks in a row.
    clock(at(2026, 10, 5, 9))
    page = anna.open("/")
    menu(page, "Find an expert")
    page.get_by_label("Kind of work").select_option(label="Individual work")
    page.get_by_label("Date").fill("14.10.2026")
    page.get_by_label("From").fill("13")
    page.get_by_label("To", exact=True).fill("14.30")
    button(page, "Search").click()
    button(page, "Order with Eva E.").click()
    heading(page, "What do you need an expert for?")
    page.get_by_label("The task in one sentence").fill("Tells how everyday life went on after rehabilitation")
    button(page, "Continue").click()
    heading(page, "Individual work")
    page.get_by_label("Goal in one sentence").fill("Courage to begin a hobby again")
    page.get_by_label("How many meetings").fill("2")
    page.get_by_label("How often").select_option(label="every week")
    page.get_by_label("How the client and the expert keep in touch through the employee").fill("Anna telephones")
    button(page, "Continue").click()
    heading(page, "When?")
    expect(page.get_by_label("Date")).to_have_value("14.10.2026")
    page.get_by_label("How many times").fill("2")
    button(page, "Repeat the last time").click()
    expect(page.get_by_label("Date")).to_have_count(2)
    expect(page.get_by_label("Date").nth(1)).to_have_value("21.10.2026")
    button(page, "Continue").last.click()
    heading(page, "Who?")
    expect(page.get_by_role("radio", name="Eva E.")).to_be_checked()
    button(page, "Continue").click()
    heading(page, "Fee and travel")
    button(page, "Continue").click()
    heading(page, "Check your answers")
    expect(page.get_by_role("main")).to_contain_text("100.00")
    button(page, "Send the order").click()
    told(page, "The order has been sent")

    # Nora sees it among her tasks and confirms it.
    clock(at(2026, 10, 5, 10))
    page = nora.open("/")
    page.get_by_role("main").get_by_role("link", name="Confirm").first.click()
    expect(page.get_by_role("main")).to_contain_text("€100.00")
    button(page, "Confirm the order").click()
    told(page, "The order is confirmed, and Eva E")
    assert [message.to for message in mail.outbox][-1] == ["eva@example.org"]

    # Eva answers on her telephone, by keyboard alone.
    clock(at(2026, 10, 5, 17))
    page = eva.open("/orders/mine/")
    page.get_by_role("link", name="See the fee and answer").click()
    expect(page.get_by_role("main")).to_contain_text("€100.00")
    accept = button(page, "Accept")
    tab_to(page, accept)
    page.keyboard.press("Enter")
    told(page, "Agreed. The unit has been told.")

    # The second time is cancelled on its eve, too late: Anna sees what it costs before she presses.
    clock(at(2026, 10, 20, 16))
    page = anna.open("/")
    menu(page, "Sessions")
    page.get_by_role("link", name="21 Oct").first.click()
    page.get_by_role("link", name="Cancel the session, €50.00").click()
    expect(page.get_by_role("main")).to_contain_text("€50.00")
    expect(page.get_by_role("main")).to_contain_text("20 Oct 2026")
    button(page, "Cancel the session, €50.00").click()
    told(page, "€50.00")

    # Eva's month: one time was as agreed, the other is there by itself.
    clock(at(2026, 11, 2, 9))
    page = eva.open("/fees/month/")
    heading(page, "Hours, October 2026")
    button(page, "The rest as agreed").click()
    button(page, "Send October 2026").click()
    told(page, "Sent to 1 unit.")

    # Nora asks about the cancelled time; Eva sends again; Nora approves.
    clock(at(2026, 11, 2, 12))
    page = nora.open("/fees/check/")
    page.get_by_role("link", name="Return").click()
    page.get_by_label("Why is the list returned?").fill("Was the second time told to you?")
    button(page, "Return the list").click()
    told(page, "Returned to Eva Expert.")

    clock(at(2026, 11, 2, 18))
    page = eva.open("/fees/month/2026-10/")
    told(page, "Was the second time told to you?")
    button(page, "Send October 2026").click()
    told(page, "Sent to 1 unit.")

    clock(at(2026, 11, 3, 9))
    page = nora.open("/fees/check/")
    button(page, "Approve, €100.00").click()
    told(page, "Approved: 1 list, €100.00.")

    # Carla closes the month: first she sees what it would be.
    clock(at(2026, 11, 10, 9))
    page = carla.open("/fees/board/2026-10/")
    page.get_by_role("link", name="Close the month").click()
    told(page, "Nothing has been made yet.")
    button(page, "Make the payment run: 1 list, €100.00").click()
    told(page, "was made: €100.00.")

    # Fia takes the files, and marks the run as paid on pay day.
    clock(at(2026, 11, 13, 9))
    page = fia.open("/fees/runs/")
    page.get_by_role("main").get_by_role("link", name="Run 1").click()
    with page.expect_download() as saving:
        page.get_by_role("link", name="All files as one ZIP").click()
    saving.value.save_as(tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as files:
        assert files.testzip() is None
        suffixes = sorted({Path(name).suffix for name in files.namelist()})
    assert suffixes == [".csv", ".pdf", ".xlsx"]
    clock(at(2026, 11, 30, 9))
    page.reload()
    button(page, "Sent to payroll").click()
    button(page, "Mark as paid, €100.00").click()
    told(page, "is marked as paid.")

    # Eva sees it, and has her statement.
    page = eva.open("/fees/month/2026-10/")
    told(page, "Paid Mon 30 Nov 2026.")
    told(page, "Fees in 2026, before tax")
    expect(page.get_by_role("definition").filter(has_text="€100.00").first).to_be_visible()
    with page.expect_download() as saving:
        page.get_by_role("link", name="Fee statement of payment 1 (PDF)").click()
    assert saving.value.path().read_bytes().startswith(b"%PDF-")
    assert mail.outbox[-1].to == ["eva@example.org"]
