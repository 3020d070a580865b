"""With JavaScript off: ordering and the month, by plain forms."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import Opener
from tests.browser.hands import button, heading, told
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session


def test_an_order_from_the_first_step_to_the_last(people: Cast, visit: Opener, clock: Clock) -> None:
    clock(at(2026, 10, 5, 9))
    page = visit(people.orderer, java_script_enabled=False).open("/orders/new/")
    page.get_by_label("Kind of work").select_option(label="Individual work")
    button(page, "Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("The task in one sentence")
    page.get_by_label("The task in one sentence").fill("Supports at the first visits")
    button(page, "Continue").click()
    heading(page, "Individual work")
    page.get_by_label("Goal in one sentence").fill("Courage to come")
    page.get_by_label("How many meetings").fill("1")
    page.get_by_label("How often").select_option(label="every week")
    page.get_by_label("How the client and the expert keep in touch").fill("The nurse telephones")
    button(page, "Continue").click()
    heading(page, "When?")
    page.get_by_label("Date").fill("14.10.2026")
    page.get_by_label("Begins").fill("9")
    page.get_by_label("Ends").fill("10")
    button(page, "Add another time").click()
    expect(page.get_by_label("Date")).to_have_count(2)
    expect(page.get_by_label("Date").first).to_have_value("14.10.2026")
    button(page, "Remove this time").last.click()
    expect(page.get_by_label("Date")).to_have_count(1)
    button(page, "Continue").last.click()
    heading(page, "Who?")
    page.get_by_role("radio", name="Please suggest somebody").check()
    button(page, "Continue").click()
    heading(page, "Fee and travel")
    button(page, "Continue").click()
    heading(page, "Check your answers")
    button(page, "Send the order").click()
    told(page, "The order has been sent")


def test_a_month_is_marked_and_sent(people: Cast, visit: Opener, clock: Clock) -> None:
    mine: dict[str, Any] = {"expert": people.expert, "unit": people.unit, "orderer": people.orderer}
    make_agreed_session(at(2026, 10, 7, 10), **mine)
    changed = make_agreed_session(at(2026, 10, 14, 10), **mine)
    clock(at(2026, 11, 2, 9))
    page = visit(people.expert_user, width=360, java_script_enabled=False).open("/fees/month/2026-10/")
    card = page.locator(f"#time-{changed.pk}")
    card.get_by_role("radio", name="Changed").check()
    card.get_by_label("Began").fill("10.30")
    card.get_by_label("Ended").fill("11.30")
    button(page, "Save").click()
    told(page, "Nothing was saved yet.")
    expect(card.get_by_label("Began")).to_have_value("10.30")
    card.get_by_label("Why did the times change?").fill("The client came later")
    button(page, "The rest as agreed").click()
    button(page, "Send October 2026").click()
    told(page, "Sent to 1 unit.")


def test_the_menu_of_a_small_screen(people: Cast, visit: Opener, clock: Clock) -> None:
    clock(at(2026, 11, 2, 9))
    page = visit(people.expert_user, width=360, java_script_enabled=False).open("/")
    button(page, "Menu").click()
    page.get_by_role("navigation", name="Main menu").get_by_role("link", name="Hours").click()
    heading(page, "Hours, November 2026")


def test_what_is_folded_of_the_menu_opens(people: Cast, visit: Opener, clock: Clock) -> None:
    clock(at(2026, 11, 2, 9))
    for width in (1280, 360):
        page = visit(people.coordinator, width=width, java_script_enabled=False).open("/")
        if width == 360:
            button(page, "Menu").click()
        page.locator(".more > summary").click()
        page.locator(".more").get_by_role("link", name="Imports").click()
        heading(page, "Imports")
