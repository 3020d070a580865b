"""Without a mouse: the focus goes through the page in order, is drawn, and is never under something."""

import pytest
from playwright.sync_api import Page, expect

from office.models import User
from tests.browser.conftest import Office, Opener
from tests.browser.hands import HIDDEN_FOCUS, button
from tests.browser.samples import PEOPLE, SAMPLES

MOST_STOPS = 150

#: The button or link for which the page is there.
MAIN_ACTION = {
    "home-coordinator": ".tasks a.button",
    "assignments:find-staff": "form[role=search] .button",
    "assignments:order_new-staff": "main .button[value=next]",
    "assignments:order_when-staff": "main .row:last-child > .button[value=next]",
    "assignments:session_mark-staff-cancel": "main form .button",
    "assignments:offer-expert-waiting": ".bar form .button",
    "fees:my_month-expert": ".bar .button",
    "fees:check-named": "main form .button",
    "fees:close-coordinator-half-way": "main form .button",
    "fees:run-finance-sent": "main form .button",
    "experts:expert_new-coordinator": "main form .button",
    "supervision:group-expert": "main .button",
}


def walk(page: Page, action: str) -> int:
    """Presses Tab through the whole page; the stop (from 1) at which the main action had the focus."""
    reached = 0
    page.evaluate("() => { document.activeElement.blur(); window.scrollTo(0, 0); }")
    for stop in range(1, MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement === document.body"):
            break
        assert page.evaluate(HIDDEN_FOCUS) is None
        if not reached and page.evaluate("(action) => document.activeElement.matches(action)", action):
            reached = stop
    return reached


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", MAIN_ACTION)
def test_tab_reaches_the_main_action(name: str, width: int, demonstration: Office, visit: Opener) -> None:
    (sample,) = (sample for sample in SAMPLES if sample.id == name)
    user, path = sample.look()
    page = visit(user, width=width).open(path)
    assert page.locator(MAIN_ACTION[name]).count()
    assert walk(page, MAIN_ACTION[name])


def test_the_first_stop_leads_to_the_content(demonstration: Office, visit: Opener) -> None:
    page = visit(User.objects.get(email=PEOPLE["coordinator"])).open("/fees/board/")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    expect(page.locator("a.skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_menu_of_a_small_screen_opens_and_closes(demonstration: Office, visit: Opener) -> None:
    page = visit(User.objects.get(email=PEOPLE["coordinator"]), width=360).open("/")
    first = page.locator(".mainnav a").first
    expect(first).to_be_hidden()
    page.locator(".menubutton").focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(page.locator(".menubutton")).to_be_focused()


@pytest.mark.parametrize("person", ["coordinator", "named_expert"])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_menu_takes_one_row(person: str, language: str, demonstration: Office, visit: Opener) -> None:
    user = User.objects.get(email=PEOPLE[person])
    User.objects.filter(pk=user.pk).update(language=language)
    page = visit(user).open("/")
    tops = page.locator(".mainnav > ul > li").evaluate_all("(all) => [...new Set(all.map((one) => one.offsetTop))]")
    assert len(tops) == 1


def test_what_is_folded_opens_by_keyboard_and_folds_again(demonstration: Office, visit: Opener) -> None:
    page = visit(User.objects.get(email=PEOPLE["coordinator"])).open("/")
    more, first = page.locator(".more > summary"), page.locator(".more a").first
    expect(first).to_be_hidden()
    more.focus()
    page.keyboard.press("Enter")
    expect(first).to_be_visible()
    page.keyboard.press("Tab")
    expect(first).to_be_focused()
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("h1").click()
    expect(first).to_be_hidden()


def test_a_refused_form_takes_the_focus_to_what_is_wrong(demonstration: Office, visit: Opener) -> None:
    user = User.objects.get(email=PEOPLE["staff"])
    page = visit(user).open("/orders/new/")
    page.locator("main .button[value=next]").click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    assert page.evaluate("() => document.activeElement.getAttribute('aria-invalid')") == "true"
    assert button(page, page.locator("main .button[value=next]").inner_text()).count() == 1
