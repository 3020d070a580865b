"""What a person does at a page, and what the person looks for."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

#: What is wrong with the focus: it is not drawn, or something lies over it. ``null`` when it can be seen.
HIDDEN_FOCUS = """() => {
    const one = document.activeElement;
    const drawn = [one, one.closest("label"), one.parentElement].some((found) => {
        const how = found && getComputedStyle(found);
        return how && how.outlineStyle !== "none" && parseFloat(how.outlineWidth) >= 2;
    });
    if (!drawn) return "no outline: " + one.outerHTML.slice(0, 120);
    const label = one.matches("input[type=radio], input[type=checkbox]") && one.closest("label");
    const box = (label || one).getClientRects()[0];
    const spots = [[0.5, 0.5], [0.1, 0.5], [0.5, 0.1], [0.5, 0.9]];
    const seen = spots.some(([right, down]) => {
        const there = document.elementFromPoint(box.left + box.width * right, box.top + box.height * down);
        return there && (there.contains(one) || one.contains(there) || (label && label.contains(there)));
    });
    return seen ? null : "under something: " + one.outerHTML.slice(0, 120);
}"""


def button(page: Page | Locator, name: str, **how: Any) -> Locator:
    return page.get_by_role("button", name=name, **how)


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def told(page: Page, words: str) -> None:
    """The page says so in a message at its top."""
    expect(page.get_by_role("main").get_by_text(words).first).to_be_visible()


def tab_to(page: Page, target: Locator) -> None:
    """Goes there by the Tab key alone; the focus can be seen."""
    for _press in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("(one) => one === document.activeElement"):
            assert page.evaluate(HIDDEN_FOCUS) is None
            return
    pytest.fail(f"Tab does not reach {target}")


def menu(page: Page, name: str) -> None:
    """Chooses from the main menu, unfolded where the entry has no room in its row."""
    main = page.get_by_role("navigation", name="Main menu")
    if not main.get_by_role("link", name=name).is_visible():
        main.get_by_text("More", exact=True).click()
    main.get_by_role("link", name=name).click()
