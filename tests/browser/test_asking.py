"""How experts are asked and answer, in Finnish and in Swedish: from the mail, who can?, suggested, changed, by two."""

import pytest
from playwright.sync_api import expect

from assignments import actions
from assignments.actions.tokens import new_link
from assignments.models import Offer, Order
from experts.models import Expert
from office.models import OutboxMessage
from tests.browser.hands import button
from tests.browser.stage import EARLY, NEXT, WEDNESDAY, Stage, office_of_stories, outcome, stage
from tests.factories import at, make_expert, make_offer, make_order

__all__ = ["office_of_stories", "stage"]  # fixtures

ASKED = at(2026, 9, 14, 9)
TIME = (WEDNESDAY, WEDNESDAY.replace(hour=WEDNESDAY.hour + 1))
PLAN = {"goal": "Rohkeutta", "meetings": 1, "spacing": "weekly", "contact_way": "Hoitaja soittaa"}


def other(stage: Stage) -> Expert:
    return make_expert(language=stage.language)


def looking(stage: Stage, state: str = "looking", **fields: object) -> Order:
    values = {"unit": stage.unit, "orderer": stage.staff, "state": state, "times": [TIME]} | fields
    return make_order(**values)  # type: ignore[arg-type]  # the factory checks them


@pytest.mark.parametrize(("answer", "became"), [("accept", "accepted"), ("decline", "declined")])
def test_answered_from_the_mail_without_signing_in(stage: Stage, answer: str, became: str) -> None:
    """Opening the link answers nothing; a button does, once; the page says no task and no name."""
    offer = make_offer(looking(stage), stage.expert, sent_at=ASKED)
    path = f"/orders/answer/{new_link(offer)}/"
    stage.clock(EARLY)
    stage.page = stage.visit(None, width=360, has_touch=True).open(path)
    assert stage.page.evaluate("document.documentElement.lang") == stage.language
    main = stage.page.get_by_role("main")
    for hidden in (offer.order.task, str(stage.staff), stage.expert.last_name):
        expect(main).not_to_contain_text(hidden)
    offer.refresh_from_db()
    assert offer.state == "waiting"
    stage.press(answer)
    expect(main.get_by_role("button")).to_have_count(0)
    offer.refresh_from_db()
    assert offer.state == became
    stage.page.goto(stage.page.url)
    expect(main.get_by_role("button")).to_have_count(0)


def test_please_suggest_goes_to_the_coordinator_with_the_wish(stage: Stage) -> None:
    order = actions.save_draft(
        None, by=stage.staff, at=EARLY, unit=stage.unit, kind="individual", task="Tehtävä", place="Huone 2",
        plan=PLAN, times=[TIME],
    )  # fmt: skip
    stage.opens(stage.staff, f"/orders/{order.pk}/who/", EARLY)
    stage.tick("please suggest")
    stage.write(wish="Joku joka laulaa")
    stage.press("onward")
    stage.press("onward")
    stage.press("send")
    stage.opens(stage.named, f"/orders/{order.pk}/", EARLY)
    stage.press("confirm")
    stage.opens(stage.coordinator, f"/orders/{order.pk}/", EARLY)
    stage.says("Joku joka laulaa")
    stage.link("find an expert")
    stage.page.get_by_role("radio", name=str(stage.expert)).check()
    stage.press("send the offer")
    assert Offer.objects.get(order=order).expert == stage.expert


def test_many_are_asked_who_can_and_the_orderer_chooses(stage: Stage) -> None:
    second = other(stage)
    order = actions.save_draft(
        None, by=stage.named, at=EARLY, unit=stage.unit, kind="individual", task="Tehtävä", place="Huone 2",
        plan=PLAN, times=[TIME],
    )  # fmt: skip
    stage.opens(stage.named, f"/orders/{order.pk}/several/", EARLY)
    stage.page.get_by_label(stage.word("all at once")).check()
    for expert in (stage.expert, second):
        stage.page.get_by_role("checkbox", name=expert.short_name).check()
    stage.press("onward")
    stage.press("onward")
    button(stage.page, stage.word("confirm and send")).first.click()
    for expert in (stage.expert, second):
        offer = Offer.objects.get(order=order, expert=expert)
        stage.opens(expert, f"/orders/offers/{offer.pk}/", EARLY)
        button(stage.page, stage.word("can"), exact=True).click()
    stage.opens(stage.named, f"/orders/{order.pk}/", EARLY)
    stage.link("choose one")
    stage.page.get_by_role("button").filter(has_text=second.short_name).click()
    order.refresh_from_db()
    assert (order.state, order.expert) == ("agreed", second)
    states = dict(Offer.objects.filter(order=order).values_list("expert", "state"))
    assert states == {second.pk: "accepted", stage.expert.pk: "not_chosen"}


def test_what_the_named_employee_changes_is_told_to_the_orderer(stage: Stage) -> None:
    order = actions.save_draft(
        None, by=stage.staff, at=EARLY, unit=stage.unit, kind="individual", task="Tehtävä", place="Huone 2",
        plan=PLAN, times=[TIME], expert=stage.expert,
    )  # fmt: skip
    actions.submit(order, by=stage.staff, at=EARLY)
    stage.opens(stage.named, f"/orders/{order.pk}/details/?to=check", EARLY)
    stage.write(place="Kirjasto")
    stage.press("onward")
    stage.opens(stage.named, f"/orders/{order.pk}/", EARLY)
    stage.press("confirm")
    stage.opens(stage.staff, f"/orders/{order.pk}/", EARLY)
    stage.says("Huone 2", "Kirjasto")
    [told] = OutboxMessage.objects.filter(kind="order_changed", recipient=stage.staff)
    assert "Kirjasto" in told.body


def test_two_experts_of_a_group_are_cancelled_for_both(stage: Stage) -> None:
    """The page names both and the sum of both before anything is done."""
    second = other(stage)
    mine = stage.agreed(NEXT, kind="group")
    theirs = make_order(unit=stage.unit, orderer=stage.staff, kind="group", state="agreed", expert=second)
    Order.objects.filter(pk=mine.order_id).update(companion=theirs)
    first = stage.agreed(NEXT, kind="group", order=theirs)
    stage.looks(stage.staff, mine, at(2026, 10, 13, 16))
    stage.link("cancel", "25,00")
    stage.says("for both", "50,00 €")
    stage.press("cancel both")
    assert [outcome(one) for one in (mine, first)] == [("cancelled_late", "25.00")] * 2
