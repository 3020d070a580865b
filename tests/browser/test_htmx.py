"""Lists that are filtered without loading the page anew."""

from playwright.sync_api import expect

from office.models import User
from tests.browser.conftest import Office, Opener
from tests.browser.hands import heading
from tests.browser.samples import PEOPLE


def test_a_filter_replaces_the_list_and_back_returns(demonstration: Office, visit: Opener) -> None:
    User.objects.filter(email=PEOPLE["coordinator"]).update(language="en")
    page = visit(User.objects.get(email=PEOPLE["coordinator"])).open("/fees/board/2026-09/")
    page.evaluate("() => { window.same = true; }")
    rows = page.locator("tbody tr")
    before = rows.count()
    assert before > 1
    page.get_by_label("Find an expert or a unit").fill("Grönvik")
    page.keyboard.press("Enter")
    expect(rows.filter(has_not_text="Grönvik")).to_have_count(0)
    expect(rows.first).to_be_visible()
    assert "q=Gr" in page.url
    assert page.evaluate("() => window.same")  # it was the same page all along
    heading(page, "September 2026")
    page.go_back()
    expect(rows).to_have_count(before)
