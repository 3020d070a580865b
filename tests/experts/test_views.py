"""The registry as the coordinator and the expert meet it."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from experts import actions
from experts.models import Contract, Expert, ExpertTopic, ReadLog, TaxCard
from office.models import OutboxMessage, Policy, User
from tests.conftest import Cast, Clock
from tests.factories import at, make_contract, make_expert, make_topic

SignIn = Callable[[User], Client]
NOW = at(2026, 10, 5, 9)

COORDINATORS_PAGES = ["registry", "registry_export", "registry_file", "expert_new", "topics", "topic_new"]


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


@pytest.fixture
def eva(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.expert_user)


def filled(**changes: Any) -> dict[str, Any]:
    """What the form of a new expert holds."""
    return {
        "first_name": "Åke",
        "last_name": "Öberg",
        "email": "ake@example.org",
        "account": "on",
        "language": "sv",
        "municipality": "Lovisa",
        "payroll_number": "777",
        "work_languages": ["sv", "fi"],
        "kinds": ["individual", "group"],
        "on_site": "on",
    } | changes


@pytest.mark.parametrize("page", COORDINATORS_PAGES)
@pytest.mark.parametrize("who", ["orderer", "named", "deputy", "finance", "supervisor", "expert_user"])
def test_only_the_coordinator_sees_the_registry(cast: Cast, client_for: SignIn, who: str, page: str) -> None:
    assert client_for(getattr(cast, who)).get(reverse(f"experts:{page}")).status_code == 403


def test_an_expert_cannot_open_anybodys_record_contract_or_reads(cast: Cast, eva: Client) -> None:
    other = cast.second_expert
    contract = other.contracts.get()
    assert eva.get(reverse("experts:expert", args=[other.pk])).status_code == 403
    assert eva.get(reverse("experts:contract", args=[contract.pk])).status_code == 404
    assert eva.get(reverse("experts:reads", args=[other.pk])).status_code == 404
    assert eva.get(reverse("experts:tax_card", args=[other.pk])).status_code == 404
    assert eva.post(reverse("assignments:contract_ending", args=[contract.pk])).status_code == 403


def test_names_are_in_finnish_order(coordinator: Client, cast: Cast) -> None:
    for last in ["Österman", "Zetterberg", "Äijälä", "Ahlström", "Åström"]:
        make_expert(first_name="Zed", last_name=last, email=f"{last.lower()}@example.org", user=False)
    page = coordinator.get(reverse("experts:registry"), {"q": "Zed"})
    shown = [row.last_name for row in page.context["page_obj"]]
    assert shown == ["Ahlström", "Zetterberg", "Åström", "Äijälä", "Österman"]


def test_search_finds_with_and_without_capitals_of_a_umlaut(coordinator: Client, cast: Cast) -> None:
    make_expert(first_name="Äijö", last_name="Öhman", user=False)
    page = coordinator.get(reverse("experts:registry"), {"q": "äijö ÖH"})
    assert [str(row) for row in page.context["page_obj"]] == ["Äijö Öhman"]


@pytest.mark.parametrize("asked", ["porvoo", "Borgå"])
def test_a_municipality_is_found_by_either_of_its_names(coordinator: Client, cast: Cast, asked: str) -> None:
    for number, town in enumerate(["Porvoo", "Borgå", "Askola"]):
        make_expert(first_name="Zed", last_name=f"Z{number}", municipality=town, user=False)
    page = coordinator.get(reverse("experts:registry"), {"q": f"Zed {asked}"})
    assert [row.last_name for row in page.context["page_obj"]] == ["Z0", "Z1"]


def test_filters_are_in_the_address_and_a_search_by_topic_is_noted(coordinator: Client, cast: Cast) -> None:
    topic = make_topic("Masennus")
    found = make_expert(topics=[topic], kinds=["group"], user=False)
    make_expert(kinds=["group"], user=False)
    asked: dict[str, Any] = {"topic": topic.pk, "kind": "group", "language": "sv", "state": "active"}
    page = coordinator.get(reverse("experts:registry"), asked)
    assert [row.pk for row in page.context["page_obj"]] == [found.pk]
    assert [(r.reader, r.expert, r.what) for r in ReadLog.objects.all()] == [
        (cast.coordinator, None, f"topic search:{topic.pk}")
    ]


@pytest.mark.parametrize(
    ("look", "names"),
    [
        ("no_contract", ["None"]),
        ("ending", ["Ending"]),
        ("tax_card", ["Ending", "Expert", "Fine", "None", "Other"]),
        ("next_tax_card", ["Carded", "Ending", "Expert", "Fine", "None", "Other"]),
    ],
)
def test_what_needs_attention(coordinator: Client, cast: Cast, look: str, names: list[str]) -> None:
    make_expert(last_name="None", contract=False, user=False)
    make_contract(make_expert(last_name="Ending", contract=False, user=False), valid_to=date(2026, 11, 30))
    make_contract(make_expert(last_name="Fine", contract=False, user=False), valid_to=None)
    carded = make_expert(last_name="Carded", user=False)
    TaxCard.objects.create(expert=carded, year=2026, delivered_on=date(2026, 1, 5))
    make_contract(make_expert(last_name="Gone", contract=False, user=False, state="ended"))
    page = coordinator.get(reverse("experts:registry"), {"look": look})
    assert [row.last_name for row in page.context["page_obj"]] == names


def test_a_page_has_fifty_and_the_rest_are_on_the_next(coordinator: Client, cast: Cast) -> None:
    for _ in range(52):
        make_expert(user=False, contract=False)
    first = coordinator.get(reverse("experts:registry"))
    second = coordinator.get(reverse("experts:registry"), {"page": 2})
    assert [len(p.context["page_obj"]) for p in (first, second)] == [50, 4]


def test_a_new_expert_with_account_consent_and_message(coordinator: Client, cast: Cast) -> None:
    depression, debts = make_topic("Masennus"), make_topic("Velat")
    make_topic("Muu")
    form = filled() | {f"topic_{depression.pk}": "show", f"topic_{debts.pk}": "keep"}
    answer = coordinator.post(reverse("experts:expert_new"), form)
    made = Expert.objects.get(payroll_number="777")
    assert answer["Location"] == reverse("experts:expert", args=[made.pk])
    assert dict(made.expert_topics.values_list("topic__name_fi", "published")) == {"Masennus": True, "Velat": False}
    assert made.user is not None
    assert (made.user.email, made.user.has_role("expert"), made.user.language) == ("ake@example.org", True, "sv")
    assert [m.kind for m in OutboxMessage.objects.filter(recipient=made.user)] == ["role_given", "account_made"]


def test_without_an_address_there_is_no_account(coordinator: Client, cast: Cast) -> None:
    coordinator.post(reverse("experts:expert_new"), filled(email=""))
    assert Expert.objects.get(payroll_number="777").user is None


def test_an_error_keeps_what_was_typed(coordinator: Client, cast: Cast) -> None:
    topic = make_topic()
    typed = filled(email="EVA@example.org", note="010190-123A") | {f"topic_{topic.pk}": "show"}
    page = coordinator.post(reverse("experts:expert_new"), typed)
    form = page.context["form"]
    assert Expert.objects.filter(payroll_number="777").exists() is False
    assert form.errors["__all__"] == ["Another expert has this e-mail address."]
    assert form.errors["note"][0].startswith("This looks like a personal identity code.")
    shown = {name: form[name].value() for name in ("first_name", "kinds", "work_languages", f"topic_{topic.pk}")}
    assert shown == {
        "first_name": "Åke",
        "kinds": ["individual", "group"],
        "work_languages": ["sv", "fi"],
        f"topic_{topic.pk}": "show",
    }


def test_every_look_at_the_full_record_is_noted_and_shown(coordinator: Client, cast: Cast) -> None:
    page = coordinator.get(reverse("experts:expert", args=[cast.expert.pk]))
    assert page.status_code == 200
    assert [(r.reader, r.expert, r.what, r.at) for r in ReadLog.objects.all()] == [
        (cast.coordinator, cast.expert, "page", NOW)
    ]
    assert b"Carla Coordinator: the whole record" in page.content


def test_the_expert_sees_who_has_looked_and_own_look_is_not_noted(coordinator: Client, eva: Client, cast: Cast) -> None:
    coordinator.get(reverse("experts:expert", args=[cast.expert.pk]))
    page = eva.get(reverse("experts:me"))
    assert [look["text"] for look in page.context["looks"]] == ["Carla Coordinator: the whole record"]
    assert ReadLog.objects.count() == 1
    assert eva.get(reverse("experts:reads", args=[cast.expert.pk])).status_code == 200


def test_sign_in_moves_with_the_address(coordinator: Client, cast: Cast) -> None:
    eva = cast.expert
    form = {f.name: f.value() for f in coordinator.get(reverse("experts:expert_edit", args=[eva.pk])).context["form"]}
    form = {k: v for k, v in form.items() if v not in (None, False)} | {"email": "new@example.org"}
    answer = coordinator.post(reverse("experts:expert_edit", args=[eva.pk]), form)
    assert answer.status_code == 302
    assert User.objects.get(pk=cast.expert_user.pk).email == "new@example.org"


def test_an_old_form_does_not_bring_back_a_consent(coordinator: Client, cast: Cast) -> None:
    topic = make_topic()
    ExpertTopic.objects.create(expert=cast.expert, topic=topic, published=True)
    where = reverse("experts:expert_edit", args=[cast.expert.pk])
    form = {f.name: f.value() for f in coordinator.get(where).context["form"]}
    form = {k: v for k, v in form.items() if v not in (None, False)} | {"municipality": "Askola"}
    actions.set_topics(cast.expert, {topic.pk: False}, by=cast.expert_user, at=NOW)
    page = coordinator.post(where, form)
    assert page.context["form"].errors["__all__"][0].startswith("Somebody has changed this record")
    assert page.context["form"]["municipality"].value() == "Askola"
    assert cast.expert.expert_topics.get().published is False


def test_an_address_of_another_account_is_refused_in_words(coordinator: Client, cast: Cast) -> None:
    eva = cast.expert
    form = {f.name: f.value() for f in coordinator.get(reverse("experts:expert_edit", args=[eva.pk])).context["form"]}
    form = {k: v for k, v in form.items() if v not in (None, False)} | {"email": cast.finance.email}
    page = coordinator.post(reverse("experts:expert_edit", args=[eva.pk]), form)
    assert "This e-mail address is in use." in page.context["form"].errors["__all__"][0]
    assert Expert.objects.get(pk=eva.pk).email == "eva@example.org"


def test_the_expert_changes_contact_and_consent_only(eva: Client, cast: Cast) -> None:
    topic = make_topic("Masennus")
    ExpertTopic.objects.create(expert=cast.expert, topic=topic, published=True)
    answer = eva.post(
        reverse("experts:my_edit"),
        {"phone": "040 1", "municipality": "Askola", "language": "sv", "introduction_fi": "Hei", "payroll_number": "1"},
    )
    assert answer["Location"] == reverse("experts:me")
    saved = Expert.objects.get(pk=cast.expert.pk)
    assert (saved.phone, saved.municipality, saved.language, saved.introduction_fi) == ("040 1", "Askola", "sv", "Hei")
    assert saved.payroll_number == cast.expert.payroll_number
    assert saved.expert_topics.get().published is False
    assert saved.user is not None
    assert saved.user.language == "sv"


def test_own_introduction_refuses_identity_codes_and_keeps_the_text(eva: Client, cast: Cast) -> None:
    text = "Minun tunnukseni on 131052-308T"
    page = eva.post(reverse("experts:my_edit"), {"phone": "1", "language": "fi", "introduction_fi": text})
    assert page.context["form"]["introduction_fi"].value() == text
    assert "introduction_fi" in page.context["form"].errors


def test_break_end_and_back(coordinator: Client, cast: Cast) -> None:
    pause, end, resume = (reverse(f"experts:expert_{to}", args=[cast.expert.pk]) for to in ("pause", "end", "resume"))

    def state() -> str:
        return Expert.objects.get(pk=cast.expert.pk).state

    coordinator.post(pause, {"reason": "own_wish"})
    assert state() == "paused"
    page = coordinator.post(end, {"reason": "moved"})
    assert state() == "paused"
    assert page.context["form"].errors["__all__"] == ["A contract is still in force. End it first."]
    Contract.objects.update(valid_to=date(2026, 10, 4))
    coordinator.post(end, {"reason": "moved"})
    assert state() == "ended"
    coordinator.post(resume)
    assert state() == "active"


def test_the_tax_card_is_only_noted(eva: Client, coordinator: Client, cast: Cast) -> None:
    where = reverse("experts:tax_card", args=[cast.expert.pk])
    eva.post(where, {"year": "2026", "kind": "non_wage", "delivered_on": "2.1.2026"})
    coordinator.post(where, {"year": "2026", "kind": "non_wage", "delivered_on": "3.1.2026"})
    cards = TaxCard.objects.values_list("year", "kind", "delivered_on")
    assert list(cards) == [(2026, "non_wage", date(2026, 1, 3))]


def test_a_day_in_the_future_is_no_delivery(eva: Client, cast: Cast) -> None:
    where = reverse("experts:tax_card", args=[cast.expert.pk])
    page = eva.post(where, {"year": "2026", "kind": "non_wage", "delivered_on": "2.12.2026"})
    assert page.context["form"].errors["delivered_on"] == ["This day is in the future."]
    assert page.context["form"]["delivered_on"].value() == "2.12.2026"


def test_drafting_signing_and_reading_a_contract(coordinator: Client, eva: Client, cast: Cast) -> None:
    Contract.objects.filter(expert=cast.expert).update(valid_to=date(2026, 10, 31))
    new = reverse("experts:contract_new", args=[cast.expert.pk])
    form = {"valid_from": "1.11.2026", "valid_to": "31.12.2027", "kinds": ["individual"]}
    answer = coordinator.post(new, form)
    draft = Contract.objects.get(expert=cast.expert, valid_from=date(2026, 11, 1))
    assert (answer["Location"], draft.state) == (reverse("experts:contract", args=[draft.pk]), "draft")
    assert eva.get(reverse("experts:contract", args=[draft.pk])).status_code == 404
    coordinator.post(reverse("experts:contract_sign", args=[draft.pk]), {"sign-signed_on": "1.10.2026"})
    draft.refresh_from_db()
    assert (draft.state, draft.signed_on) == ("in_force", date(2026, 10, 1))
    assert [m.kind for m in OutboxMessage.objects.all()] == ["contract_in_force"]
    assert eva.get(reverse("experts:contract", args=[draft.pk])).status_code == 200


def test_the_contract_tells_the_rules_of_its_first_day(eva: Client, cast: Cast) -> None:
    where = reverse("experts:contract", args=[cast.expert.contracts.get().pk])
    assert "until 15:00 on the working day before" in eva.get(where).content.decode()
    Policy.objects.create(
        valid_from=date(2026, 1, 1),
        cancellation_basis="previous_calendar_day",
        cancellation_time=time(14, 30),
        list_due_day=7,
    )
    page = eva.get(where).content.decode()
    assert "until 14:30 on the day before" in page
    assert "at the latest on day 7 of the next month" in page


def test_a_contract_without_kinds_is_refused_and_kept_as_typed(coordinator: Client, cast: Cast) -> None:
    new = reverse("experts:contract_new", args=[cast.expert.pk])
    page = coordinator.post(new, {"valid_from": "1.11.2026", "valid_to": "1.10.2026"})
    form = page.context["form"]
    assert list(form.errors) == ["kinds"]
    assert form["valid_from"].value() == "1.11.2026"
    typed = {"valid_from": "1.11.2026", "valid_to": "1.10.2026", "kinds": ["group"]}
    page = coordinator.post(new, typed)
    assert page.context["form"].errors == {"__all__": ["The end is before the beginning."]}


def test_overlapping_contracts_are_refused_in_words(coordinator: Client, cast: Cast) -> None:
    draft = make_contract(cast.expert, valid_from=date(2027, 1, 1), valid_to=None, state="draft")
    page = coordinator.post(reverse("experts:contract_sign", args=[draft.pk]), {"sign-signed_on": "1.10.2026"})
    assert page.context["sign"].errors["__all__"] == ["The expert has another contract on some of these days."]
    draft.refresh_from_db()
    assert draft.state == "draft"


@pytest.mark.parametrize("count", [1, 30])
def test_few_questions_to_the_database(
    coordinator: Client, cast: Cast, django_assert_max_num_queries: Any, count: int
) -> None:
    topics = [make_topic() for _ in range(count)]
    expert = make_expert(topics=topics, contract=False)
    for _ in range(count):
        make_expert(user=False)
    for year in range(1997, 1997 + count):
        ReadLog.objects.create(at=NOW, reader=cast.finance, expert=expert, what="page")
        TaxCard.objects.create(expert=expert, year=year)
        make_contract(expert, valid_from=date(year, 1, 1), valid_to=date(year, 12, 31))
    for name, args in [("registry", []), ("expert", [expert.pk]), ("reads", [expert.pk]), ("topics", [])]:
        with django_assert_max_num_queries(10):
            assert coordinator.get(reverse(f"experts:{name}", args=args)).status_code == 200
