"""Tax cards by year and kind (R21, R22) and papers that are shown and given back."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from experts import actions
from experts.cards import kinds_lacked, lacking, yel_ending
from experts.models import Contract, Expert, SeenPaper, TaxCard
from office.errors import Refused
from office.models import LogEntry, User
from office.todo import todos
from tests.conftest import Cast, Clock
from tests.factories import at, make_contract, make_expert, make_fee_table

NOW = at(2026, 12, 10, 9)
TODAY = date(2026, 12, 10)
SignIn = Callable[[User], Client]
WAGE, NON_WAGE = TaxCard.Kind.WAGE, TaxCard.Kind.NON_WAGE
YEL, EXTRACT = SeenPaper.Kind.YEL, SeenPaper.Kind.CRIMINAL_RECORD
OVERVIEW = "/registry/tax-cards/"


@pytest.fixture(autouse=True)
def _now(clock: Clock) -> None:
    clock(NOW)


@pytest.fixture
def coordinator(cast: Cast, client_for: SignIn) -> Client:
    return client_for(cast.coordinator)


def text(page: Any) -> str:
    return " ".join(page.content.decode().replace("\u00a0", " ").split())


def lacked(year: int, today: date = TODAY) -> dict[str, list[str]]:
    found = lacking(Expert.objects.all(), year, today)
    return {expert.first_name: [str(kind) for kind in kinds_lacked(expert)] for expert in found}


def card(expert: Expert, year: int = 2026, kind: str = NON_WAGE) -> TaxCard:
    return TaxCard.objects.create(expert=expert, year=year, kind=kind, delivered_on=date(2026, 1, 2))


# --- which cards are needed ------------------------------------------------------------------------------------------


def test_the_kinds_follow_the_income_types_of_the_contracts_work(cast: Cast) -> None:
    """Individual work is 336, lectures 214, meetings 210."""
    make_fee_table()
    Contract.objects.filter(expert=cast.expert).update(kinds=["individual", "lecture"])
    Contract.objects.filter(expert=cast.second_expert).update(kinds=["group"])
    make_contract(make_expert(first_name="Lena", contract=False), kinds=["meeting"])
    assert lacked(2026) == {"Eva": ["wage", "non_wage"], "Otto": ["non_wage"], "Lena": ["wage"]}
    card(cast.expert, kind=WAGE)
    assert lacked(2026)["Eva"] == ["non_wage"]
    card(cast.expert)
    assert "Eva" not in lacked(2026)
    assert lacked(2027)["Eva"] == ["wage", "non_wage"]


def test_while_no_table_says_which_any_card_will_do(cast: Cast) -> None:
    assert lacked(2026) == {"Eva": ["wage", "non_wage"], "Otto": ["wage", "non_wage"]}
    card(cast.expert)
    assert set(lacked(2026)) == {"Otto"}


@pytest.mark.parametrize(
    ("begins", "ends", "years"),
    [
        (date(2026, 1, 1), date(2026, 12, 9), []),
        (date(2026, 1, 1), date(2026, 12, 10), [2026]),
        (date(2026, 12, 31), date(2026, 12, 31), [2026]),
        (date(2026, 12, 31), date(2027, 1, 1), [2026, 2027]),
        (date(2027, 12, 31), None, [2027]),
    ],
    ids=["ended yesterday", "ends today", "begins on the last day", "both years", "next year only"],
)
def test_who_needs_one_by_the_contracts_days(cast: Cast, begins: date, ends: date | None, years: list[int]) -> None:
    Expert.objects.update(state=Expert.State.ENDED)
    make_contract(make_expert(first_name="Lena", contract=False), valid_from=begins, valid_to=ends)
    assert [year for year in (2026, 2027) if "Lena" in lacked(year)] == years


def test_a_draft_asks_for_no_card(cast: Cast) -> None:
    Expert.objects.update(state=Expert.State.ENDED)
    make_contract(make_expert(contract=False), state=Contract.State.DRAFT)
    assert lacked(2026) == {}


# --- the overview ----------------------------------------------------------------------------------------------------


def test_those_whose_card_came_are_ticked_together_and_a_second_click_is_harmless(
    cast: Cast, coordinator: Client
) -> None:
    make_fee_table()
    typed = {"card": [f"{cast.expert.pk}-wage", f"{cast.second_expert.pk}-non_wage"], "delivered_on": "9.12.2026"}
    address = f"{OVERVIEW}?year=2027"
    said = [text(coordinator.post(address, typed, follow=True)) for _press in range(2)]
    assert "2 tax cards are noted." in said[0]
    assert "0 tax cards are noted." in said[1]
    found = TaxCard.objects.order_by("expert__first_name").values_list(
        "expert__first_name", "year", "kind", "delivered_on", "noted_by"
    )
    assert list(found) == [
        ("Eva", 2027, "wage", date(2026, 12, 9), cast.coordinator.pk),
        ("Otto", 2027, "non_wage", date(2026, 12, 9), cast.coordinator.pk),
    ]
    assert LogEntry.objects.filter(kind="expert.tax_card").count() == 2
    assert lacked(2027) == {"Eva": ["non_wage"], "Otto": ["wage"]}


def test_what_is_noted_already_keeps_its_day(cast: Cast) -> None:
    card(cast.expert, 2027)
    cards = [(cast.expert.pk, str(NON_WAGE)), (cast.expert.pk, str(WAGE))]
    noted = actions.note_tax_cards(cards, year=2027, delivered_on=TODAY, by=cast.coordinator, at=NOW)
    assert noted == 1
    assert TaxCard.objects.get(kind=NON_WAGE).delivered_on == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"delivered_on": "9.12.2026"}, "Tick at least one card."),
        ({"card": ["1-nothing", "x-wage", "²-wage"], "delivered_on": "9.12.2026"}, "Tick at least one card."),
        ({"card": ["9" * 5000 + "-wage"], "delivered_on": "9.12.2026"}, "Tick at least one card."),
        ({"card": ["EVA-wage"], "delivered_on": "11.12.2026"}, "This day is in the future."),
        ({"card": ["EVA-wage"], "delivered_on": "soon"}, "Write the day like 2.4.2026."),
    ],
    ids=["none", "nonsense", "endless", "tomorrow", "no day"],
)
def test_bad_input_is_told_and_the_ticks_stay(
    cast: Cast, coordinator: Client, typed: dict[str, Any], says: str
) -> None:
    make_fee_table()
    pk = str(cast.expert.pk)
    typed = typed | {"card": [value.replace("EVA", pk) for value in typed.get("card", [])]}
    page = coordinator.post(f"{OVERVIEW}?year=2026", typed)
    assert says in text(page)
    assert (f'value="{pk}-wage" checked' in text(page)) is (f"{pk}-wage" in typed["card"])
    assert not TaxCard.objects.exists()


@pytest.mark.parametrize("query", ["", "?year=1999&kind=x", "?year=2027&kind=wage"], ids=["plain", "nonsense", "asked"])
def test_the_overview_says_whose_card_is_missing(cast: Cast, coordinator: Client, query: str) -> None:
    make_fee_table()
    page = text(coordinator.get(OVERVIEW + query))
    assert f"Tax cards {2027 if '2027' in query else 2026}" in page
    assert "2 experts with a contract lack a card." in page
    assert (f"{cast.expert.pk}-non_wage" in page) is ("kind=wage" not in query)


# --- the own button, mistakes ----------------------------------------------------------------------------------------


def test_one_press_from_the_task(cast: Cast, client_for: SignIn) -> None:
    """The task leads to a page with the button; the button needs nothing typed."""
    card(cast.expert)
    task = next(task for task in todos(cast.expert_user, NOW) if "tax card of 2027" in task.sentence)
    browser = client_for(cast.expert_user)
    page = text(browser.get(task.url))
    assert "I have sent it" in page
    hidden = {"year": "2027", "kind": "wage", "delivered_on": "2026-12-10"}
    assert all(f'name="{name}" value="{value}"' in page for name, value in hidden.items())
    for _press in range(2):
        browser.post(task.url, hidden)
    made = TaxCard.objects.get(year=2027)
    assert (made.kind, made.delivered_on, made.noted_by) == ("wage", TODAY, cast.expert_user)
    assert LogEntry.objects.filter(kind="expert.tax_card").count() == 1


def test_a_card_of_tomorrow_is_refused_by_the_action_too(cast: Cast) -> None:
    with pytest.raises(Refused, match="This day is in the future"):
        actions.note_tax_card(
            cast.expert, year=2026, kind=WAGE, delivered_on=TODAY + timedelta(days=1), by=cast.expert_user, at=NOW
        )


def test_a_mistaken_card_is_taken_back(cast: Cast, coordinator: Client) -> None:
    made = card(cast.expert)
    address = reverse("experts:tax_card_remove", args=[made.pk])
    assert coordinator.post(address).status_code == 302
    assert coordinator.post(address).status_code == 404
    assert not TaxCard.objects.exists()
    assert [entry.facts["delivered"] for entry in LogEntry.objects.filter(kind="expert.tax_card")] == [False]


# --- papers seen -----------------------------------------------------------------------------------------------------


def paper(expert: Expert, by: User, valid_to: date | None, shown_on: date = date(2026, 6, 1)) -> SeenPaper:
    return SeenPaper.objects.create(expert=expert, kind=YEL, shown_on=shown_on, valid_to=valid_to, seen_by=by)


def test_a_paper_is_noted_shown_and_removed(cast: Cast, coordinator: Client, client_for: SignIn) -> None:
    address = reverse("experts:paper_new", args=[cast.expert.pk])
    typed = {"kind": "yel", "shown_on": "1.12.2026", "valid_to": "30.6.2027"}
    for _press in range(2):
        assert coordinator.post(address, typed).status_code == 302
    seen = SeenPaper.objects.get()
    assert (seen.expert, seen.valid_to, seen.seen_by) == (cast.expert, date(2027, 6, 30), cast.coordinator)
    for page in (
        coordinator.get(reverse("experts:expert", args=[cast.expert.pk])),
        client_for(cast.expert_user).get(reverse("experts:me")),
    ):
        assert "shown Tue 1 Dec 2026, seen by Carla Coordinator" in text(page)
        assert "valid to Wed 30 Jun 2027" in text(page)
    coordinator.post(reverse("experts:paper_remove", args=[seen.pk]))
    assert not SeenPaper.objects.exists()
    assert list(LogEntry.objects.filter(kind__startswith="expert.paper").values_list("kind", flat=True)) == [
        "expert.paper",
        "expert.paper_removed",
    ]


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"kind": "yel", "shown_on": "11.12.2026"}, "This day is in the future."),
        ({"kind": "yel", "shown_on": "1.12.2026", "valid_to": "30.11.2026"}, "The end is before the beginning."),
        (
            {"kind": "criminal_record", "shown_on": "1.12.2026", "valid_to": "1.12.2027"},
            "Only a YEL certificate has a last day.",
        ),
        ({"shown_on": "1.12.2026"}, "This field is required."),
    ],
    ids=["tomorrow", "backwards", "an extract has no end", "no kind"],
)
def test_a_paper_that_cannot_be(cast: Cast, coordinator: Client, typed: dict[str, str], says: str) -> None:
    page = coordinator.post(reverse("experts:paper_new", args=[cast.expert.pk]), typed)
    assert says in text(page)
    assert not SeenPaper.objects.exists()


@pytest.mark.parametrize(
    ("valid_to", "told"),
    [
        (TODAY - timedelta(days=1), True),
        (TODAY + timedelta(days=60), True),
        (TODAY + timedelta(days=61), False),
        (None, False),
    ],
    ids=["has run out", "in 60 days", "in 61 days", "no last day"],
)
def test_a_yel_certificate_that_runs_out_is_a_task(cast: Cast, valid_to: date | None, *, told: bool) -> None:
    paper(cast.expert, cast.coordinator, valid_to)
    said = [task.url for task in todos(cast.coordinator, NOW) if "YEL" in task.sentence]
    assert said == ([f"{OVERVIEW}#yel"] if told else [])
    assert [expert.first_name for expert in yel_ending(Expert.objects.all(), TODAY)] == (["Eva"] if told else [])


def test_a_new_certificate_ends_the_task(cast: Cast, coordinator: Client) -> None:
    paper(cast.expert, cast.coordinator, TODAY)
    assert "YEL certificates that run out" in text(coordinator.get(OVERVIEW))
    paper(cast.expert, cast.coordinator, date(2027, 12, 31), shown_on=date(2026, 12, 9))
    assert "YEL certificates that run out" not in text(coordinator.get(OVERVIEW))


# --- rights and queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["orderer", "named", "finance", "supervisor", "expert_user"])
def test_only_the_coordinator_keeps_papers(cast: Cast, client_for: SignIn, who: str) -> None:
    user = getattr(cast, who)
    seen, held = paper(cast.expert, cast.coordinator, None), card(cast.expert)
    browser = client_for(user)
    assert browser.get(OVERVIEW).status_code == 403
    assert browser.get(reverse("experts:paper_new", args=[cast.expert.pk])).status_code == 403
    assert browser.post(reverse("experts:paper_remove", args=[seen.pk])).status_code == 403
    assert browser.post(reverse("experts:tax_card_remove", args=[held.pk])).status_code == 403
    for act in (
        lambda: actions.note_tax_cards([(cast.expert.pk, "wage")], year=2026, delivered_on=TODAY, by=user, at=NOW),
        lambda: actions.note_seen_paper(cast.expert, kind=YEL, shown_on=TODAY, valid_to=None, by=user, at=NOW),
        lambda: actions.remove_seen_paper(seen, by=user, at=NOW),
        lambda: actions.remove_tax_card(held, by=user, at=NOW),
    ):
        with pytest.raises(Refused, match="You may not do this"):
            act()


def test_an_expert_notes_only_the_own_card(cast: Cast, client_for: SignIn) -> None:
    address = reverse("experts:tax_card", args=[cast.second_expert.pk])
    assert client_for(cast.expert_user).get(address).status_code == 404
    with pytest.raises(Refused):
        actions.note_tax_card(cast.second_expert, year=2026, kind=WAGE, delivered_on=TODAY, by=cast.expert_user, at=NOW)


@pytest.mark.parametrize("how_many", [1, 30])
def test_the_overview_takes_at_most_ten_queries(
    cast: Cast, coordinator: Client, django_assert_max_num_queries: Any, how_many: int
) -> None:
    make_fee_table()
    for _n in range(how_many):
        paper(make_expert(), cast.coordinator, TODAY)
    with django_assert_max_num_queries(10):
        assert f"{how_many + 2} experts with a contract lack a card." in text(coordinator.get(OVERVIEW))
