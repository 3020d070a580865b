"""Each kind of work from the order to the yes in a browser, in Finnish and in Swedish, by the words people read."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from assignments.models import Offer, Order
from tests.browser.hands import button
from tests.browser.stage import Stage, office_of_stories, stage
from tests.factories import at

__all__ = ["office_of_stories", "stage"]  # fixtures


@dataclass(frozen=True)
class Story:
    """A kind of work: its own questions by their labels with the answers, and whether its times are weekly."""

    kind: str
    answers: dict[str, str] = field(default_factory=dict)
    weekly: bool = False
    amount: str = ""


PROCESS = {"goal": "Rohkeutta", "meetings": "1", "contact": "Hoitaja soittaa"}
PERIOD = {"first day": "5.10.2026", "last day": "16.10.2026"}
LECTURE = {"theme": "Toivo", "audience": "Henkilöstö", "listeners": "30"}
STORIES = [
    Story("individual", PROCESS),
    Story("pair", PROCESS),
    Story("group", PERIOD | {"co-leader": "Nina Nurse"}, weekly=True),
    Story("lecture", LECTURE, amount="250"),
    Story("appointment", PERIOD, weekly=True),
    Story("walk_in", PERIOD, weekly=True),
    Story("development"),
    Story("meeting"),
]


def _times(stage: Stage, story: Story, hour: int) -> None:
    """One hour on a Wednesday, or two Mondays of the period."""
    page = stage.page
    begins, ends = stage.word("begins"), stage.word("ends")
    if story.weekly:
        page.get_by_label(stage.word("weekday")).first.select_option(label=stage.word("Monday"))
        page.get_by_label(begins).first.fill(str(hour))
        page.get_by_label(ends).first.fill(str(hour + 1))
        stage.press("period below")
        expect(page.locator("[name=time-1-day]")).to_have_value("12.10.2026")
    else:
        stage.write(date="7.10.2026", begins=str(hour), ends=str(hour + 1))
    button(page, stage.word("onward")).last.click()


def _ordered(stage: Stage, story: Story, hour: int) -> Order:
    """The staff answer what the kind of work asks, choose the expert and send."""
    stage.opens(stage.staff, "/orders/new/", at(2026, 9, 14, 9))
    page, task = stage.page, f"Tehtävä {story.kind}"
    page.get_by_label(stage.word("kind")).select_option(label=stage.word(story.kind))
    stage.write(task=task)
    stage.press("onward")
    for name, value in story.answers.items():
        stage.write(**{name: value})
    if "meetings" in story.answers:
        page.get_by_label(stage.word("how often")).select_option(label=stage.word("every week"))
    stage.press("onward")
    _times(stage, story, hour)
    page.get_by_role("radio", name=stage.expert.short_name).check()
    stage.press("onward")
    if story.amount:
        stage.write(amount=story.amount)
    stage.press("onward")
    stage.says(*story.answers.values())
    stage.press("send")
    expect(page.get_by_role("heading", level=1)).to_have_text(task)
    return Order.objects.get(task=task, unit=stage.unit)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.kind)
def test_a_kind_of_work_from_the_order_to_the_yes(stage: Stage, story: Story) -> None:
    order = _ordered(stage, story, 8 + STORIES.index(story))
    assert order.state == "to_confirm"
    stage.opens(stage.named, f"/orders/{order.pk}/", at(2026, 9, 14, 10))
    stage.press("confirm")
    offer = Offer.objects.get(order=order)
    stage.opens(stage.expert, "/orders/mine/", at(2026, 9, 14, 17))
    stage.link("see and answer")
    stage.says(*story.answers.values())
    button(stage.page, stage.word("accept"), exact=True).click()
    stage.says("agreed")
    offer.refresh_from_db()
    order.refresh_from_db()
    states = set(order.sessions.values_list("state", flat=True))
    assert (offer.state, order.state, states, order.sessions.count()) == (
        "accepted",
        "agreed",
        {"agreed"},
        2 if story.weekly else 1,
    )
