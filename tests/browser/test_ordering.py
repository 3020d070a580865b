"""Each kind of work ordered in a browser, in Finnish and in Swedish."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from assignments.models import Order
from tests.browser.conftest import Opener
from tests.browser.hands import button
from tests.conftest import Cast, Clock
from tests.factories import at


@dataclass(frozen=True)
class Story:
    """A kind of work: its answers by the name of the field, and whether its times are weekly."""

    kind: str
    answers: dict[str, str] = field(default_factory=dict)
    weekly: bool = False
    amount: str = ""


PROCESS = {"goal": "Rohkeutta", "meetings": "1", "contact_way": "Hoitaja soittaa"}
PERIOD = {"first_day": "5.10.2026", "last_day": "16.10.2026"}
LECTURE = {"theme": "Toivo", "audience": "Henkilöstö", "audience_size": "30"}
STORIES = [
    Story("individual", PROCESS),
    Story("pair", PROCESS),
    Story("group", PERIOD | {"co_leader": "Nina Nurse"}, weekly=True),
    Story("lecture", LECTURE, amount="250"),
    Story("appointment", PERIOD, weekly=True),
    Story("walk_in", PERIOD, weekly=True),
    Story("development"),
    Story("meeting"),
]
WORDS = {
    "fi": ("Jatka", "Kirjoita jakson ajat alle", "Lähetä tilaus"),
    "sv": ("Fortsätt", "Skriv periodens tider nedan", "Skicka beställningen"),
}


def fill(page: Page, answers: dict[str, str]) -> None:
    for name, value in answers.items():
        page.locator(f"[name={name}]").fill(value)


@pytest.mark.parametrize("language", ["fi", "sv"])
def test_each_kind_of_work_is_ordered(people: Cast, visit: Opener, clock: Clock, language: str) -> None:
    clock(at(2026, 9, 14, 9))
    people.orderer.language = language
    people.orderer.save()
    onward, write, send = WORDS[language]
    for story in STORIES:
        page = visit(people.orderer).open("/orders/new/")
        page.locator("[name=kind]").select_option(story.kind)
        page.locator("[name=task]").fill(f"Tehtävä {story.kind}")
        button(page, onward).click()
        fill(page, story.answers)
        if "meetings" in story.answers:
            page.locator("[name=spacing]").select_option("weekly")
        button(page, onward).click()
        if story.weekly:
            page.locator("[name=week-0-weekday]").select_option("0")
            fill(page, {"week-0-start": "9", "week-0-end": "11"})
            button(page, write).click()
            expect(page.locator("[name=time-1-day]")).to_have_value("12.10.2026")
        else:
            fill(page, {"time-0-day": "7.10.2026", "time-0-start": "10", "time-0-end": "11"})
        button(page, onward).last.click()
        page.locator("[name=expert][value=suggest]").check()
        button(page, onward).click()
        if story.amount:
            page.locator("[name=agreed_amount]").fill(story.amount)
        button(page, onward).click()
        for value in story.answers.values():
            expect(page.get_by_role("main")).to_contain_text(value)
        button(page, send).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Tehtävä {story.kind}")
        order = Order.objects.get(kind=story.kind)
        assert (order.state, order.sessions.count()) == ("to_confirm", 2 if story.weekly else 1)
