"""What units see of an expert: role × stage × field, on the pages and in the mails themselves (R5, GDPR Art. 7)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from assignments import actions as work
from experts import actions
from experts.models import Expert, ExpertTopic
from experts.shown import FIELDS, MAY_BE_BEFORE, Stage, shown_facts, split, stage_of
from office.errors import Refused
from office.models import OutboxMessage, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_agreed_session, make_expert, make_fee_table, make_offer, make_order, make_topic

SignIn = Callable[[User], Client]
NOW = at(2026, 9, 15, 9)
TEN = (at(2026, 10, 7, 10), at(2026, 10, 7, 11))

#: What stands in each field, so that it is known again in a page.
MARKS = {
    "introduction": "Introductionmark",
    "municipality": "Townmark",
    "training": "Trainingmark",
    "last_name": "Surnamemark",
    "phone": "0507770001",
    "email": "mailmark@example.org",
}
#: Which stage's consent is enough for a page to show it.
ENOUGH = {Stage.BEFORE: {"before"}, Stage.AFTER: {"before", "after"}}
CASES = [
    (name, stage) for name in FIELDS for stage in ("", "after", "before") if stage != "before" or name in MAY_BE_BEFORE
]


def consenting(name: str, stage: str) -> Expert:
    """An expert whose only consent is this one."""
    before, after = split({name: stage})
    return make_expert(
        first_name="Helmi",
        last_name=MARKS["last_name"],
        email=MARKS["email"],
        phone=MARKS["phone"],
        municipality=MARKS["municipality"],
        training=MARKS["training"],
        introduction_fi=MARKS["introduction"],
        shown_before=before,
        shown_after=after,
    )


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode().replace(" ", "")


@pytest.mark.parametrize(("name", "stage"), CASES, ids=[f"{name}-{stage or 'not'}" for name, stage in CASES])
def test_each_role_sees_at_each_stage_what_is_consented_to(
    cast: Cast, client_for: SignIn, clock: Clock, name: str, stage: str
) -> None:
    clock(NOW)
    make_fee_table()
    expert = consenting(name, stage)
    asked = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TEN])
    make_offer(asked, expert, sent_at=at(2026, 9, 14, 9))
    draft = make_order(unit=cast.unit, orderer=cast.orderer, times=[(at(2026, 10, 8, 10), at(2026, 10, 8, 11))])
    session = make_agreed_session(
        at(2026, 10, 9, 10), expert=expert, unit=cast.unit, orderer=cast.orderer, agreed_at=at(2026, 9, 10)
    )
    before = [
        reverse("assignments:find"),
        reverse("assignments:order_who", args=[draft.pk]),
        reverse("assignments:order", args=[asked.pk]),
    ]
    after = [
        reverse("assignments:order", args=[session.order_id]),
        reverse("assignments:session", args=[session.pk]),
        reverse("assignments:orders"),
        reverse("assignments:unit_sessions") + "?month=2026-10",
        reverse("home"),
    ]
    for who in ("orderer", "named", "deputy"):
        client = client_for(getattr(cast, who))
        seen_before = any(
            MARKS[name] in text_of(client, path) for path in before if who == "orderer" or path == before[0]
        )
        seen_after = any(MARKS[name] in text_of(client, path) for path in after)
        assert (who, seen_before) == (who, stage in ENOUGH[Stage.BEFORE])
        assert (who, seen_after) == (who, stage in ENOUGH[Stage.AFTER])
        for other in MARKS.keys() - {name}:  # nothing that nobody consented to
            assert not [path for path in (before[0], *after) if MARKS[other] in text_of(client, path)], other
    stranger = client_for(cast.stranger)
    assert [stranger.get(path).status_code for path in (before[2], after[0], after[1])] == [404, 404, 404]
    assert client_for(cast.finance).get(before[0]).status_code == 403


def test_the_coordinator_and_the_expert_see_everything(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    expert = consenting("phone", "")
    session = make_agreed_session(at(2026, 10, 9, 10), expert=expert, unit=cast.unit, orderer=cast.orderer)
    order = text_of(client_for(cast.coordinator), reverse("assignments:order", args=[session.order_id]))
    assert [mark for mark in MARKS.values() if mark not in order] == []
    assert expert.user is not None
    own = text_of(client_for(expert.user), reverse("experts:me"))
    assert [mark for mark in (MARKS["phone"], MARKS["municipality"], MARKS["email"]) if mark not in own] == []


def test_without_contact_data_the_way_goes_through_the_office(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    session = make_agreed_session(
        at(2026, 10, 9, 10), expert=consenting("introduction", ""), unit=cast.unit, orderer=cast.orderer
    )
    client = client_for(cast.orderer)
    for path in (
        reverse("assignments:order", args=[session.order_id]),
        reverse("assignments:session", args=[session.pk]),
    ):
        assert "Contact through the coordination office." in client.get(path).content.decode()


def test_who_did_it_is_named_as_consented_too(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    """The expert's account has the whole name: it stands behind "recorded by", proposals and the history."""
    clock(NOW)
    expert = consenting("introduction", "before")
    assert expert.user is not None
    session = make_agreed_session(
        at(2026, 10, 9, 10), expert=expert, unit=cast.unit, orderer=cast.orderer, agreed_at=at(2026, 9, 10)
    )
    work.propose_move(session, at(2026, 10, 12, 10), at(2026, 10, 12, 11), by=expert.user, at=NOW)
    client = client_for(cast.orderer)
    where = reverse("assignments:session", args=[session.pk])
    page = client.get(where).content.decode()
    assert "Helmi S. proposes" in client.get(reverse("home")).content.decode()
    assert "Helmi S." in page
    assert MARKS["last_name"] not in page + client.get(reverse("home")).content.decode()
    [message] = OutboxMessage.objects.filter(kind="move_proposed", recipient=cast.orderer)
    assert "Helmi S. proposes a new time." in message.body
    assert MARKS["last_name"] not in message.body


def test_the_mail_of_a_yes_names_as_consented(cast: Cast, clock: Clock) -> None:
    clock(NOW)
    make_fee_table()
    shy = consenting("phone", "")
    order = make_order(unit=cast.unit, orderer=cast.orderer, state="looking", times=[TEN])
    offer = make_offer(order, shy, sent_at=at(2026, 9, 14, 9))
    work.accept(offer, by=shy.user, at=NOW)  # type: ignore[arg-type]
    bodies = [message.body for message in OutboxMessage.objects.filter(kind="offer_accepted")]
    assert bodies
    assert all("Helmi S. takes the order" in body and MARKS["last_name"] not in body for body in bodies)


def test_withdrawing_holds_at_once(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    topic = make_topic("Topicmark")
    expert = consenting("introduction", "before")
    ExpertTopic.objects.create(expert=expert, topic=topic, published=True)
    assert expert.user is not None
    own, unit = client_for(expert.user), client_for(cast.orderer)
    find = reverse("assignments:find")
    assert {MARKS["introduction"], "Topicmark"} <= set(text_of(unit, find).replace("<", ">").split(">"))
    form = {f.name: f.value() for f in own.get(reverse("experts:my_edit")).context["form"]}
    kept = {k: v for k, v in form.items() if v not in (None, False) and k != f"topic_{topic.pk}"}
    own.post(reverse("experts:my_edit"), kept | {"shown_introduction": ""})
    page = text_of(unit, find)
    assert MARKS["introduction"] not in page
    assert page.count("Topicmark") == 1  # in the select of topics, not on the expert
    told = Expert.objects.get(pk=expert.pk)
    assert (told.shown_before, told.shown_after) == ([], [])


@pytest.mark.parametrize("name", sorted(set(FIELDS) - MAY_BE_BEFORE))
def test_surname_and_contact_data_are_never_shown_before(cast: Cast, client_for: SignIn, name: str) -> None:
    with pytest.raises(ValueError, match=name):
        split({name: "before"})
    with pytest.raises(Refused, match="only after the expert has accepted"):
        actions.change_expert(cast.expert, {"shown_before": [name]}, by=cast.expert_user, at=NOW)
    with pytest.raises(IntegrityError, match="no_surname_or_contact_before_acceptance"), transaction.atomic():
        Expert.objects.filter(pk=cast.expert.pk).update(shown_before=[name])
    where = reverse("experts:my_edit")
    client = client_for(cast.expert_user)
    form = {f.name: f.value() for f in client.get(where).context["form"]}
    form = {k: v for k, v in form.items() if v not in (None, False)} | {f"shown_{name}": "before"}
    page = client.post(where, form)
    assert f"shown_{name}" in page.context["form"].errors
    smuggled = Expert(shown_before=[name], shown_after=[], first_name="A", last_name="Bcd")
    assert shown_facts(smuggled, Stage.BEFORE).name == "A B."


def test_what_is_shown_before_is_shown_after() -> None:
    before, after = split({"introduction": "before", "phone": "after", "email": ""})
    assert (before, after) == (["introduction"], ["introduction", "phone"])
    assert [stage_of(name, before, after) for name in ("introduction", "phone", "email")] == ["before", "after", ""]


def test_an_unknown_field_is_no_consent(cast: Cast) -> None:
    cast.expert.shown_after = ["note"]
    with pytest.raises(ValidationError):
        cast.expert.full_clean()


def test_the_history_tells_consent_from_and_to(cast: Cast, client_for: SignIn, clock: Clock) -> None:
    clock(NOW)
    actions.change_expert(
        cast.expert,
        {"shown_before": [], "shown_after": ["phone"], "introduction_fi": "Salaisuus"},
        by=cast.expert_user,
        at=NOW,
    )
    page: Any = client_for(cast.coordinator).get(reverse("experts:expert", args=[cast.expert.pk]))
    assert page.context["history"][0].text == (
        "Eva Expert: changed: introduction in Finnish; shown after the expert has accepted: introduction, last name, "
        "telephone → telephone; shown when an expert is looked for: introduction → nothing"
    )
